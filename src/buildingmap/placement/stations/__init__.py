"""Service stations for towers: p-median, maximal covering and p-centre, each with a proof."""

from buildingmap.placement.stations.demand import WEIGHTS, WHERE, Weight, Where
from buildingmap.placement.stations.locating import (
    MEASURES,
    MOST_RADIUS_M,
    MOST_STATIONS,
    HiddenStationsError,
    LeftOutParcel,
    Measure,
    ServiceStation,
    StationsAnswer,
    StationsAsked,
    StationsError,
    asked_stations,
    service_stations,
)
from buildingmap.placement.stations.words import (
    MEASURE_NAMES,
    WEIGHT_NAMES,
    WHERE_NAMES,
    left_out_text,
    parcels_left_out_text,
    result_texts,
)

__all__ = [
    "MEASURES",
    "MEASURE_NAMES",
    "MOST_RADIUS_M",
    "MOST_STATIONS",
    "WEIGHTS",
    "WEIGHT_NAMES",
    "WHERE",
    "WHERE_NAMES",
    "HiddenStationsError",
    "LeftOutParcel",
    "Measure",
    "ServiceStation",
    "StationsAnswer",
    "StationsAsked",
    "StationsError",
    "Weight",
    "Where",
    "asked_stations",
    "left_out_text",
    "parcels_left_out_text",
    "result_texts",
    "service_stations",
]
