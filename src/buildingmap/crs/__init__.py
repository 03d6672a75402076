"""The one place that moves coordinates between systems, and the only one that makes metres.

Axis order is always longitude, latitude (easting, northing). WGS84 (EPSG:4326) is the system of every
layer inside buildingmap. Metres are those of a plane that fits the district at hand, ``metric_system``: one zone's
plane is wrong by per cents a few zones away.
"""

from __future__ import annotations

from buildingmap.crs.datums import (
    DATUMS,
    WGS84,
    Datum,
    UnknownDatumError,
    code_of,
    datum_beneath,
    datum_name,
    datums_named_in,
    from_wgs84,
    geometries_between,
    geometries_from_wgs84,
    geometries_to_wgs84,
    in_degrees,
    read_datum,
    to_wgs84,
    transform_lonlat,
)
from buildingmap.crs.metric import MOST_OFF, MetricSystem, metric_system
from buildingmap.crs.offsets import (
    Coordinates,
    bd09_from_gcj02,
    gcj02_from_bd09,
    gcj02_from_wgs84,
    wgs84_from_gcj02,
)

__all__ = [
    "DATUMS", "MOST_OFF", "WGS84", "Coordinates", "Datum", "MetricSystem", "UnknownDatumError", "bd09_from_gcj02",
    "code_of", "datum_beneath", "datum_name", "datums_named_in", "from_wgs84", "gcj02_from_bd09", "gcj02_from_wgs84",
    "geometries_between", "geometries_from_wgs84", "geometries_to_wgs84", "in_degrees", "metric_system", "read_datum",
    "to_wgs84", "transform_lonlat", "wgs84_from_gcj02",
]  # fmt: skip
