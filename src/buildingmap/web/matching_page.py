"""Space matching: a form, what meets it and why, and a shortlist to print for the visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Blueprint, Response, render_template, request

from buildingmap import analysis
from buildingmap.amounts import area, metres
from buildingmap.filters import FilterError, ParameterFault, parse_wishes
from buildingmap.model.faults import shown
from buildingmap.web.api import about
from buildingmap.web.caching import answer
from buildingmap.web.choosing import local_day
from buildingmap.web.frame import tower_url
from buildingmap.web.languages import language, text
from buildingmap.web.matching_words import floors_text, miss, part_names, reasons, station_name
from buildingmap.web.operations import JSON
from buildingmap.web.queries import read_query
from buildingmap.web.spots import map_of_towers
from buildingmap.web.state import answers, snapshot
from buildingmap.web.words import money, named, number

if TYPE_CHECKING:
    from datetime import date

    from buildingmap.analysis import SpaceFound
    from buildingmap.filters import Wishes
    from buildingmap.snapshot import Snapshot

matching_page = Blueprint("matching_page", __name__)
MOST_PICKED: Final = 10
_MOST_TO_ASK: Final = 20


@matching_page.get("/matching")
def page() -> str:
    """Show the form, and what meets it."""
    words = read_query(request.query_string)
    words.pop("lang", None)
    towers, today = snapshot(), local_day()
    wishes = parse_wishes(words, towers.district)
    found = analysis.matching(towers, wishes, today=today)
    return render_template(
        "matching.html",
        wishes=wishes,
        asked=asked_texts(wishes),
        found=found,
        matches=[_said(space, wishes, today) for space in found.matches],
        near=[_said(space, wishes, today) | {"miss": miss(space, wishes)} for space in found.near],
        to_ask=found.to_ask[:_MOST_TO_ASK],
        most_picked=MOST_PICKED,
        part_names=part_names(),
        station_name=station_name,
        choices=_choices(towers),
        **map_of_towers(
            towers, ((space.building_id, tower_url(space.building_id)) for space in found.matches)
        ),
    )


@matching_page.get("/matching/print")
def shortlist() -> str:
    """Show the picked spaces as a sheet for the visitor: no tax, no tenant."""
    words = read_query(request.query_string)
    words.pop("lang", None)
    towers, today = snapshot(), local_day()
    keys = _picked(words.pop("pick", []))
    wishes = parse_wishes(words, towers.district)
    found = analysis.chosen_spaces(towers, wishes, keys, today=today)
    chosen = [_said(found[key], wishes, today) for key in keys if key in found]
    return render_template(
        "shortlist.html",
        asked=asked_texts(wishes),
        chosen=chosen,
        gone=len(keys) - len(chosen),
        printed_on=today,
        station_name=station_name,
        back=_back(wishes),
        **map_of_towers(towers, ((entry["space"].building_id, "") for entry in chosen)),
    )


def _picked(given: list[str]) -> tuple[str, ...]:
    keys = tuple(dict.fromkeys(key for key in given if key))
    if not 1 <= len(keys) <= MOST_PICKED:
        expected = f"1 to {MOST_PICKED} spaces, as in ?pick=U-1~2&pick=U-7~1"
        expected_zh = f" 1 至 {MOST_PICKED} 处，例如 ?pick=U-1~2&pick=U-7~1"
        raise FilterError((ParameterFault("pick", shown(str(len(keys))), expected, expected_zh),))
    return keys


@matching_page.get("/api/matching")
def as_json() -> Response:
    """Answer with what meets the wishes, as of today."""
    towers, today = snapshot(), local_day()
    wishes = parse_wishes(read_query(request.query_string), towers.district)
    return answer(
        answers(),
        lambda: _document(towers, wishes, today),
        version=towers.version,
        name=f"matching {today}",
        canonical=wishes.query(),
        content_type=JSON,
    )


def _document(towers: Snapshot, wishes: Wishes, today: date) -> bytes:
    found = analysis.matching(towers, wishes, today=today)
    return orjson.dumps(about(towers) | {"wishes": wishes.query(), "matching": found})


def _said(space: SpaceFound, wishes: Wishes, today: date) -> dict[str, Any]:
    return {"space": space, "floors": floors_text(space.floors), "reasons": reasons(space, wishes, today)}


def asked_texts(wishes: Wishes) -> list[str]:
    """Return what is wished for, in words."""
    found = []
    for sign, bound in (("≥", wishes.area_min), ("≤", wishes.area_max)):
        if bound is not None:
            found.append(text("area %(sign)s %(area)s", sign=sign, area=area(bound)))
    if wishes.sector:
        found.append(" / ".join(named(sector, "sector") for sector in wishes.sector))
    if wishes.rent_max is not None:
        found.append(text("rent ≤ %(rent)s yuan per m² a day", rent=number(wishes.rent_max, 2)))
    if wishes.budget_max is not None:
        found.append(text("rent of a year ≤ %(money)s", money=money(wishes.budget_max)))
    if wishes.station_max is not None:
        found.append(text("metro within %(distance)s", distance=metres(wishes.station_max)))
    if wishes.cluster:
        found.append(" / ".join(named(cluster, "cluster") for cluster in wishes.cluster))
    if wishes.available_by is not None:
        found.append(text("free by %(date)s", date=wishes.available_by))
    return found


def _choices(towers: Snapshot) -> dict[str, list[tuple[str, str]]]:
    lang, district = language(), towers.district
    return {
        "sector": [(sector.id, sector.label(lang)) for sector in district.sectors],
        "cluster": [(cluster.id, cluster.label(lang)) for cluster in district.clusters],
    }


def _back(wishes: Wishes) -> str:
    query = "&".join(filter(None, (wishes.query(), f"lang={language()}" if "lang" in request.args else "")))
    return f"/matching?{query}" if query else "/matching"
