"""The JSON API: the same filter as every page, answered from bytes that were written once per version."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import orjson
from flask import Blueprint, Response

from buildingmap.filters import query_string, select
from buildingmap.web.caching import answer
from buildingmap.web.queries import asked_filter
from buildingmap.web.state import answers, snapshot

if TYPE_CHECKING:
    from buildingmap.filters import Filter
    from buildingmap.snapshot import Snapshot

api = Blueprint("api", __name__)
GEOJSON: Final = "application/geo+json"
JSON: Final = "application/json"


@api.get("/api/buildings")
def buildings() -> Response:
    """Answer with the towers of a filter, as GeoJSON."""
    towers = snapshot()
    flt, canonical = asked_filter()
    return answer(
        answers(),
        lambda: feature_collection(towers, flt, canonical),
        version=towers.version,
        name="buildings",
        canonical=canonical,
        content_type=GEOJSON,
    )


def feature_collection(towers: Snapshot, flt: Filter, canonical: str) -> bytes:
    """Return one page of the towers that ``flt`` chooses as a GeoJSON FeatureCollection in UTF-8.

    ``canonical`` is the filter written as a query.
    """
    selection = select(towers, flt)
    features = towers.features(flt.year)
    page = selection.page.tolist()
    note = towers.note
    about = {
        "type": "FeatureCollection",
        "title": note.title,
        "synthetic": note.synthetic,
        "source": note.source,
        "as_of": note.as_of,
        "version": towers.version,
        "filter": canonical,
        "year": flt.year,
        "numberMatched": selection.matched,
        "numberReturned": len(page),
        "links": _links(flt, canonical, selection.matched),
    }
    return b'%b,"features":[%b]}' % (orjson.dumps(about)[:-1], b",".join([features[row] for row in page]))


def _links(flt: Filter, canonical: str, matched: int) -> list[dict[str, str]]:
    links = [_link("self", canonical)]
    if flt.offset + flt.limit < matched:
        links.append(_link("next", query_string(replace(flt, offset=flt.offset + flt.limit))))
    if flt.offset:
        before = max(0, min(flt.offset, matched) - flt.limit)
        links.append(_link("prev", query_string(replace(flt, offset=before))))
    return links


def _link(rel: str, query: str) -> dict[str, str]:
    return {"rel": rel, "type": GEOJSON, "href": f"/api/buildings?{query}" if query else "/api/buildings"}
