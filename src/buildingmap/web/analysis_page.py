"""The analysis of a filter's towers as tables, from the very answer that ``/api/summary`` gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Blueprint, render_template

from buildingmap.amounts import share_at_most
from buildingmap.filters import query_string
from buildingmap.web.api import summary_of
from buildingmap.web.caching import kept
from buildingmap.web.choosing import of_day
from buildingmap.web.coverage_words import coverage_notes, year_basis
from buildingmap.web.frame import chip_links, page_filter
from buildingmap.web.languages import text
from buildingmap.web.map_page import legend_bands
from buildingmap.web.state import answers, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

analysis_page = Blueprint("analysis_page", __name__)
_MOST_SPOTS: Final = 20
_MOST_NAMED: Final = 30


@analysis_page.get("/analysis")
def tables() -> str:
    """Show the summary of the address's filter."""
    criteria = page_filter().criteria()
    towers = snapshot()
    body = kept(
        answers(),
        lambda: summary_of(towers, criteria),
        version=towers.version,
        name=f"summary{of_day(criteria)}",
        canonical=query_string(criteria),
    )
    found: dict[str, Any] = orjson.loads(body)
    return render_template(
        "analysis.html",
        found=found,
        chips=chip_links("/analysis", criteria),
        year_basis=year_basis(towers),
        coverage=coverage_notes(towers),
        bands=legend_bands(towers.district),
        note_of_district=towers.district.note,
        metric=towers.metric,
        metric_off=share_at_most(towers.metric.off, 3),
        sectors=_by_sector(found["official_clusters"]),
        spots=_foremost(found["hot_spots"]["towers"]),
        counts=_kinds(found["hot_spots"]["towers"]),
        most_named=_MOST_NAMED,
        says=_sentences(found),
    )


def _by_sector(clusters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turn the clusters' sector mix and quotients round: one line per sector, one cell per cluster."""
    shares = [{share["sector"]: share for share in cluster["sectors"]} for cluster in clusters]
    quotients = [{entry["sector"]: entry for entry in cluster["location_quotients"]} for cluster in clusters]
    order = dict.fromkeys(sector for mix in shares for sector in mix)
    sectors = [sector.id for sector in snapshot().district.sectors]
    ordered = sorted(order, key=lambda sector: sectors.index(sector) if sector in sectors else len(sectors))
    return [
        {
            "sector": sector,
            "cells": [
                {"share": mix.get(sector), "quotient": quotient.get(sector)}
                for mix, quotient in zip(shares, quotients, strict=True)
            ],
        }
        for sector in ordered
    ]


def _foremost(spots: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the towers to show: significant ones first, then the nearest to it."""
    return sorted(
        spots, key=lambda spot: (spot["kind"] == "not_significant", spot["q"], -abs(spot["z"]), spot["id"])
    )[:_MOST_SPOTS]


def _kinds(spots: Iterable[dict[str, Any]]) -> dict[str, int]:
    counts = {"hot": 0, "cold": 0, "not_significant": 0}
    for spot in spots:
        counts[spot["kind"]] += 1
    return counts


def _sentences(found: dict[str, Any]) -> dict[str, str]:
    """Return what the codes of the summary say to a reader."""
    natural, hot = found["natural_clusters"]["parameters"], found["hot_spots"]["parameters"]
    return {
        "no_year_before": text("no figure of the year before"),
        "not_growing": text("not growing"),
        "beyond_horizon": text("more than 10 years away"),
        "hot": text("hot"),
        "cold": text("cold"),
        "not_significant": text("not significant"),
        "many_tests": text(
            "Every tower is tested, so some would look special by chance alone; the adjusted p allows for that."
        ),
        "pseudo_p": text(
            "p is a pseudo-p: the share of random rearrangements of the same taxes that look at least as extreme."
        ),
        "where_not_why": text("The test says where high or low taxes stand together, not why."),
        "natural_too_few_towers": text("Too few towers for it: %(towers)s.", towers=natural["towers"]),
        "natural_too_many_towers": text("Too many towers for it: %(towers)s.", towers=natural["towers"]),
        "natural_no_dense_group": text("No dense group among %(towers)s towers.", towers=natural["towers"]),
        "hot_too_few_towers": text("Too few towers for it: %(towers)s.", towers=hot["towers"]),
        "hot_too_many_towers": text("Too many towers for it: %(towers)s.", towers=hot["towers"]),
        "hot_no_variation": text("All %(towers)s towers pay the same tax.", towers=hot["towers"]),
        "density_no_tax": text("No area to show: no tower with a known tax."),
        "density_too_wide": text("No area to show: the towers lie too far apart."),
    }
