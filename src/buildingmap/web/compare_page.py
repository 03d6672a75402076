"""Two to six towers side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from flask import Blueprint, render_template, request

from buildingmap import analysis
from buildingmap.amounts import UNKNOWN, area, metres
from buildingmap.filters import FilterError, ParameterFault, parse_filter
from buildingmap.map import symbol_codes
from buildingmap.model.faults import shown
from buildingmap.web.coverage_words import coverage_notes, year_basis
from buildingmap.web.languages import language, text
from buildingmap.web.map_page import legend_bands, legend_others
from buildingmap.web.queries import only, read_query
from buildingmap.web.state import snapshot
from buildingmap.web.words import exact_money, money, named, number, per_m2, percent, tower_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from buildingmap.analysis import Card
    from buildingmap.model import Building

    Pair = tuple[Building, Card]

compare_page = Blueprint("compare_page", __name__)
FEWEST: Final = 2
MOST: Final = 6


@compare_page.get("/compare")
def compare() -> str:
    """Show the towers of the address, in its order, with the tax figures of ``year``."""
    words = read_query(request.query_string)
    only(words, "id", "year", "lang")
    ids = _asked(words.get("id", []))
    towers = snapshot()
    flt = parse_filter({name: given for name, given in words.items() if name == "year"}, towers.district)
    rows = [towers.row(building_id) for building_id in ids]
    cards = [analysis.tower_card(towers, row, flt.year) for row in rows]
    pairs = [(towers.buildings[row], card) for row, card in zip(rows, cards, strict=True)]
    symbols = [*legend_bands(towers.district), *legend_others()]
    codes = symbol_codes(towers, towers.figures(flt.year))
    return render_template(
        "compare.html",
        heads=[_head(building, ids, flt.year) for building, _ in pairs],
        symbols=[symbols[codes[row]] for row in rows],
        year=flt.year,
        year_basis=year_basis(towers),
        coverage=coverage_notes(towers),
        facts=_facts(pairs, [] if towers.is_public else _amounts(pairs)),
        taxes=[] if towers.is_public else _taxes(pairs),
        back=_back(ids, flt.year),
    )


def _back(ids: list[str], year: int | None) -> str:
    """Return the address of the map with the same towers ticked."""
    ticked = "compare=" + ",".join(quote(building_id) for building_id in ids)
    return "/?" + "&".join([*([f"year={year}"] if year else []), ticked, *_lang()])


def _asked(given: list[str]) -> list[str]:
    ids = [building_id for building_id in given if building_id]
    twice = next((building_id for building_id in ids if ids.count(building_id) > 1), None)
    if twice is not None:
        raise FilterError(
            (ParameterFault("id", f"{shown(twice)} more than once", "each tower once", "每座楼宇只出现一次"),)
        )
    if not FEWEST <= len(ids) <= MOST:
        expected = f"{FEWEST} to {MOST}, as in ?id=A&id=B"
        expected_zh = f" {FEWEST} 至 {MOST} 座，例如 ?id=A&id=B"
        raise FilterError((ParameterFault("id", str(len(ids)), expected, expected_zh),))
    return ids


def _head(building: Building, ids: list[str], year: int | None) -> dict[str, Any]:
    left = [f"id={quote(other)}" for other in ids if other != building.id]
    query = "&".join([*left, *([f"year={year}"] if year else []), *_lang()])
    return {
        "id": building.id,
        "name": tower_name(building.id),
        "without": f"/compare?{query}" if len(left) >= FEWEST else "",
    }


def _lang() -> list[str]:
    return [f"lang={language()}"] if "lang" in request.args else []


def _line(
    label: str, values: Sequence[float | None], write: Callable[[float | None], str], best: str = ""
) -> dict[str, Any]:
    """Return one row of numbers; ``best`` ``most`` or ``least`` marks the one that stands out."""
    known = [value for value in values if value is not None]
    top = (max(known) if best == "most" else min(known)) if best and len(set(known)) > 1 else None
    note = text("highest") if best == "most" else text("lowest")
    return {
        "label": label,
        "number": True,
        "cells": [
            {"text": write(value), "note": note if top is not None and value == top else ""}
            for value in values
        ],
    }


def _plain(label: str, values: Sequence[str]) -> dict[str, Any]:
    cells = [{"text": value or UNKNOWN, "note": ""} for value in values]
    return {"label": label, "number": False, "cells": cells}


def _facts(pairs: list[Pair], amounts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    def plain(label: str, write: Callable[[Building, Card], str | None]) -> dict[str, Any]:
        return _plain(label, [write(building, card) or "" for building, card in pairs])

    def figures(label: str, of: Callable[[Building, Card], float | None], *how: Any) -> dict[str, Any]:
        return _line(label, [of(building, card) for building, card in pairs], *how)

    return [
        plain(text("Cluster"), lambda b, _: named(b.cluster, "cluster")),
        plain(text("Address"), lambda b, _: b.address),
        plain(text("Status"), lambda b, _: _joined(named(b.status, "status"), b.completion_year)),
        plain(text("Leading sector"), lambda b, _: named(b.sector, "sector")),
        plain(text("Sector tags"), lambda b, _: _joined(*(named(tag, "sector") for tag in b.sectors))),
        *amounts,
        figures(text("Gross floor area"), lambda b, _: b.floor_area_m2, area, "most"),
        figures(text("Leasable area"), lambda b, _: b.leasable_area_m2, area, "most"),
        figures(text("Vacancy rate"), lambda b, _: b.vacancy_rate, percent, "least"),
        figures(text("Floors"), lambda b, _: b.floors, number),
        figures(text("Height"), lambda b, _: b.height_m, _height),
        plain(text("Nearest station"), _station),
        plain(text("Grade"), lambda b, _: _joined(b.grade, b.grade_standard, b.grade_date)),
        plain(text("Source"), lambda b, _: _joined(b.source, b.as_of)),
    ]


def _amounts(pairs: list[Pair]) -> list[dict[str, Any]]:
    """Return the rows that only those may see who may see taxes."""

    def figures(label: str, of: Callable[[Card], float | None], *how: Any) -> dict[str, Any]:
        return _line(label, [of(card) for _, card in pairs], *how)

    return [
        figures(text("Total tax"), lambda c: c.tax_yuan, exact_money, "most"),
        _plain(text("Tax year"), [_joined(card.tax_year) for _, card in pairs]),
        figures(text("District revenue"), lambda c: c.district_revenue_yuan, money, "most"),
        figures(text("Gap to the 100-million-yuan mark"), lambda c: c.gap_yuan, _gap),
        _plain(text("Rank"), [_rank(building, card) for building, card in pairs]),
        figures(text("Tax per m² of gross floor area"), lambda c: c.tax_per_floor_m2, per_m2, "most"),
        figures(text("Tax per m² of leasable area"), lambda c: c.tax_per_leasable_m2, per_m2, "most"),
    ]


def _joined(*parts: object) -> str:
    return " · ".join(str(part) for part in parts if part is not None and part != "")


def _gap(yuan: float | None) -> str:
    return text("past the mark") if yuan == 0 else money(yuan)


def _height(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.10g} m"


def _rank(building: Building, card: Card) -> str:
    place = card.rank_in_cluster
    if place is None:
        return ""
    cluster = named(building.cluster, "cluster")
    return text("%(rank)s of %(of)s in %(cluster)s by tax", rank=place.rank, of=place.of, cluster=cluster)


def _station(_: Building, card: Card) -> str:
    station = card.nearest_station
    if station is None:
        return ""
    return f"{station.en if language() == 'en' else station.zh} {metres(station.distance_m)}"


def _taxes(pairs: list[Pair]) -> list[dict[str, Any]]:
    """Return one row of total tax per year that any of the towers has, newest first."""
    by_year = [{record.year: record.tax_yuan for record in card.taxes} for _, card in pairs]
    years = sorted(set().union(*by_year), reverse=True)
    return [_line(str(year), [taxes.get(year) for taxes in by_year], money, "most") for year in years]
