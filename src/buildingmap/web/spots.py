"""A map of a few numbered towers on a page: a shortlist, what meets a visitor's wishes, a tower and its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from buildingmap.map import LEAFLET_VERSION
from buildingmap.web.map_page import place_words
from buildingmap.web.pages import figure_of
from buildingmap.web.words import tower_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildingmap.snapshot import Snapshot


def map_of_towers(towers: Snapshot, places: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return what a template needs for a map of numbered towers, ``places`` being (tower, address) in their order.

    Without an address it is for paper: a tower that is named several times has all its numbers, else the first.
    """
    figure = figure_of(towers)
    numbers: dict[str, list[int]] = {}
    links: dict[str, str] = {}
    for place, (building_id, href) in enumerate(places, 1):
        numbers.setdefault(building_id, []).append(place)
        links[building_id] = href
    spots = []
    for building_id, ranks in numbers.items():
        row = towers.row(building_id)
        spots.append(
            {
                "lat": round(float(towers.lat[row]), 6),
                "lon": round(float(towers.lon[row]), 6),
                "number": ",".join(map(str, ranks if not links[building_id] else ranks[:1])),
                "name": tower_name(building_id),
                "href": links[building_id],
                "css": "found",
            }
        )
    return {
        "map_html": figure.html,
        "map_version": figure.version,
        "leaflet_version": LEAFLET_VERSION,
        "words": place_words(towers.district),
        "spots": spots,
    }
