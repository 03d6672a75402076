"""The print view: the filtered towers as A4 landscape sheets, map and legend first, then a table."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from flask import Blueprint, render_template, url_for

from buildingmap import analysis
from buildingmap.filters import query_string
from buildingmap.map import LEAFLET_VERSION, symbol_codes
from buildingmap.web.chips import chips
from buildingmap.web.choosing import chosen
from buildingmap.web.coverage_words import coverage_notes
from buildingmap.web.frame import page_filter
from buildingmap.web.languages import language
from buildingmap.web.map_page import legend_bands, legend_others, script_words
from buildingmap.web.pages import figure_of
from buildingmap.web.state import snapshot

if TYPE_CHECKING:
    from buildingmap.filters import Selection

print_page = Blueprint("print_page", __name__)


@print_page.get("/print")
def sheets() -> str:
    """Show the towers of the filter as sheets of paper; the table holds the filter's page of them."""
    flt = page_filter()
    towers = snapshot()
    selection = chosen(towers, flt)
    figure = figure_of(towers)
    return render_template(
        "print.html",
        map_html=figure.html,
        map_version=figure.version,
        leaflet_version=LEAFLET_VERSION,
        towers_url=url_for("pages.map_towers", v=towers.version, year=flt.year),
        view_url=f"/map/view?{query_string(flt, lang=language())}",
        words=script_words(towers.district),
        criteria=[chip.text for chip in chips(flt, towers.district)],
        printed_on=datetime.now().astimezone().date().isoformat(),
        totals=analysis.totals(selection),
        coverage=coverage_notes(towers),
        bands=legend_bands(towers.district),
        other_symbols=legend_others(),
        schematic=any(boundary.schematic for boundary in towers.surroundings.boundaries),
        first=flt.offset,
        matched=selection.matched,
        rows=_rows(selection),
    )


def _rows(selection: Selection) -> list[dict[str, Any]]:
    towers, figures = selection.snapshot, selection.figures
    symbols = [*legend_bands(towers.district), *legend_others()]
    codes = symbol_codes(towers, figures)
    tax = figures.tax_yuan
    return [
        {
            "tower": towers.buildings[row],
            "symbol": symbols[codes[row]],
            "tax_yuan": None if np.isnan(tax[row]) else float(tax[row]),
        }
        for row in selection.page.tolist()
    ]
