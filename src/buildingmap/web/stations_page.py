"""Service stations for towers: a form, where they go with the proof, which towers each serves, and the same as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Blueprint, Response, render_template, request
from pydantic import TypeAdapter

from buildingmap.filters import FilterError, ParameterFault
from buildingmap.filters.parse import read_values
from buildingmap.map import LEAFLET_VERSION
from buildingmap.placement.stations import (
    MEASURE_NAMES,
    MOST_RADIUS_M,
    MOST_STATIONS,
    WEIGHT_NAMES,
    WHERE_NAMES,
    StationsAnswer,
    StationsError,
    asked_stations,
    left_out_text,
    parcels_left_out_text,
    result_texts,
    service_stations,
)
from buildingmap.web.api import about
from buildingmap.web.caching import answer, kept
from buildingmap.web.choosing import local_day
from buildingmap.web.frame import tower_url
from buildingmap.web.languages import language
from buildingmap.web.map_page import place_words
from buildingmap.web.operations import JSON
from buildingmap.web.pages import figure_of
from buildingmap.web.queries import one_of, read_query
from buildingmap.web.state import answers, snapshot
from buildingmap.web.stations_operations import STATION_CHOICES, STATION_NUMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from buildingmap.placement.stations import StationsAsked
    from buildingmap.snapshot import Snapshot

stations_page = Blueprint("stations_page", __name__)
# a request waits no longer; the terminal gives the proof more time
_SECONDS: Final = 10.0
_NUMBERS: Final = {parameter.name: parameter for parameter in STATION_NUMBERS}
_FEW_TOWERS: Final = 12
_ANSWER: Final = TypeAdapter(StationsAnswer)


@stations_page.get("/service-stations")
def page() -> str:
    """Show the form, and where the stations go."""
    towers, today = snapshot(), local_day()
    asked = _asked(towers)
    found, refused = None, ""
    try:
        found = _found(towers, asked, today)
    except StationsError as error:
        refused = error.zh if language() == "zh" else str(error)
    figure = figure_of(towers)
    return render_template(
        "stations.html",
        asked=asked,
        found=found,
        refused=refused,
        texts=() if found is None else result_texts(found, language()),
        left_out="" if found is None else left_out_text(found, language()),
        parcels_left_out="" if found is None else parcels_left_out_text(found, language()),
        few=_FEW_TOWERS,
        names={
            "measure": _in_language(MEASURE_NAMES),
            "weight": _in_language(WEIGHT_NAMES),
            "where": _in_language(WHERE_NAMES),
        },
        most_stations=MOST_STATIONS,
        most_radius_m=MOST_RADIUS_M,
        query=_query(asked),
        map_html=figure.html,
        map_version=figure.version,
        leaflet_version=LEAFLET_VERSION,
        words=place_words(towers.district),
        spots=[] if found is None else _spots(towers, found),
    )


@stations_page.get("/api/service-stations")
def as_json() -> Response:
    """Answer with where the stations go."""
    towers, today = snapshot(), local_day()
    asked = _asked(towers)
    return answer(
        answers(),
        lambda: _document(towers, asked, today),
        version=towers.version,
        name=f"service stations {today}",
        canonical=_query(asked),
        content_type=JSON,
    )


def _asked(towers: Snapshot) -> StationsAsked:
    words = read_query(request.query_string)
    words.pop("lang", None)
    choices = {name: one_of(words, name, allowed) for name, allowed in STATION_CHOICES.items()}
    numbers = {name: given for name, given in words.items() if name not in STATION_CHOICES}
    values, faults = read_values(numbers, _NUMBERS, towers.district)
    if faults:
        raise FilterError(tuple(faults))
    return asked_stations(
        **choices, stations=values.get("stations", 6), radius_m=values.get("radius", 500.0), seconds=_SECONDS
    )


def _query(asked: StationsAsked) -> str:
    return (
        f"measure={asked.measure}&stations={asked.stations}&weight={asked.weight}&where={asked.where}"
        f"&radius={asked.radius_m:g}"
    )


def _found(towers: Snapshot, asked: StationsAsked, today: date) -> StationsAnswer:
    """Return the answer, solved once per version, question and day."""
    body = kept(
        answers(),
        lambda: orjson.dumps(service_stations(towers, asked, today=today)),
        version=towers.version,
        name=f"stations found {today}",
        canonical=_query(asked),
    )
    return _ANSWER.validate_json(body)


def _document(towers: Snapshot, asked: StationsAsked, today: date) -> bytes:
    try:
        found = _found(towers, asked, today)
    except StationsError as error:
        found_words, _, expected = str(error).removeprefix("found ").partition(", expected ")
        fault = ParameterFault("stations", found_words, expected, error.zh)
        raise FilterError((fault,)) from error
    return orjson.dumps(about(towers) | {"found": found})


def _in_language(names: Mapping[Any, tuple[str, str]]) -> dict[str, str]:
    at = language() == "zh"
    return {str(key): pair[at] for key, pair in names.items()}


def _spots(towers: Snapshot, found: StationsAnswer) -> list[dict[str, Any]]:
    """Return the numbered places, each with the places of the towers that it serves, [lat, lon] WGS84."""
    return [
        {
            "lat": station.lat,
            "lon": station.lon,
            "number": str(number),
            "name": station.name,
            "href": tower_url(station.id) if found.where == "towers" else "",
            "css": "found",
            "serves": [
                [round(float(towers.lat[row]), 6), round(float(towers.lon[row]), 6)]
                for row in map(towers.row, station.towers)
            ],
        }
        for number, station in enumerate(found.stations, 1)
    ]
