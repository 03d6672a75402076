"""The JSON API: the same filter as every page, answered from bytes that were written once per version."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
from flask import Blueprint, Response, request

from buildingmap import analysis
from buildingmap.filters import parse_filter, query_string
from buildingmap.model import STATUSES
from buildingmap.web.caching import answer
from buildingmap.web.choosing import chosen, of_day
from buildingmap.web.operations import GEOJSON, JSON
from buildingmap.web.queries import asked_filter, one_of, only, read_query
from buildingmap.web.state import answers, snapshot

if TYPE_CHECKING:
    from buildingmap.filters import Filter
    from buildingmap.model import Band, Bilingual, Cluster, Sector
    from buildingmap.snapshot import Snapshot

api = Blueprint("api", __name__)


@api.get("/api/buildings")
def buildings() -> Response:
    """Answer with the towers of a filter, as GeoJSON."""
    towers = snapshot()
    flt, canonical = asked_filter()
    return answer(
        answers(),
        lambda: feature_collection(towers, flt, canonical),
        version=towers.version,
        name=f"buildings{of_day(flt)}",
        canonical=canonical,
        content_type=GEOJSON,
    )


@api.get("/api/buildings/<building_id>")
def building(building_id: str) -> Response:
    """Answer with one tower and its card."""
    towers = snapshot()
    words = read_query(request.query_string)
    only(words, "year", "lang")
    one_of(words, "lang", ("zh", "en"))  # the answer holds both languages
    flt = parse_filter({name: given for name, given in words.items() if name == "year"}, towers.district)
    row = towers.row(building_id)
    return answer(
        answers(),
        lambda: tower(towers, row, flt),
        version=towers.version,
        name="building",
        canonical=f"{building_id}?{query_string(flt)}",
        content_type=GEOJSON,
    )


def tower(towers: Snapshot, row: int, flt: Filter) -> bytes:
    """Return the tower in ``row`` as a GeoJSON Feature in UTF-8, its card a foreign member."""
    address = f"/api/buildings/{quote(towers.ids[row], safe='')}"
    query = query_string(flt)
    more = about(towers) | {
        "card": analysis.tower_card(towers, row, flt.year),
        "links": [
            {"rel": "self", "type": GEOJSON, "href": f"{address}?{query}" if query else address},
            _link("collection", query),
        ],
    }
    return b"%b,%b" % (towers.features(flt.year)[row][:-1], orjson.dumps(more)[1:])


@api.get("/api/summary")
def summary() -> Response:
    """Answer with the analysis of the towers that a filter chooses; order and page do not matter."""
    towers = snapshot()
    flt, _ = asked_filter()
    criteria = flt.criteria()
    return answer(
        answers(),
        lambda: summary_of(towers, criteria),
        version=towers.version,
        name=f"summary{of_day(criteria)}",
        canonical=query_string(criteria),
        content_type=JSON,
    )


def summary_of(towers: Snapshot, criteria: Filter) -> bytes:
    """Return the analysis of the towers that ``criteria`` choose, as JSON in UTF-8."""
    return orjson.dumps(analysis.summary(chosen(towers, criteria)))


@api.get("/api/district")
def district() -> Response:
    """Answer with the district's own words: bands, sectors, clusters, in both languages."""
    towers = snapshot()
    only(read_query(request.query_string))
    return answer(
        answers(),
        lambda: district_words(towers),
        version=towers.version,
        name="district",
        canonical="",
        content_type=JSON,
    )


def district_words(towers: Snapshot) -> bytes:
    """Return what the ids of the other answers mean, as JSON in UTF-8."""
    words = towers.district
    document = {
        "name": _both(words.name),
        "envelope": words.envelope,
        "mark_yuan": words.mark_yuan,
        "note": None if words.note is None else _both(words.note),
        "bands": [{"id": band.id, **_both(band), "min_yuan": band.min_yuan} for band in words.bands],
        "sectors": [{"id": sector.id, **_both(sector)} for sector in words.sectors],
        "clusters": [{"id": cluster.id, **_both(cluster)} for cluster in words.clusters],
        "statuses": STATUSES,
        "years": towers.years,
        "year_in_force": towers.year_in_force,
        "coverage": towers.coverage,
        "version": towers.version,
    }
    return orjson.dumps(document)


def _both(named: Bilingual | Band | Sector | Cluster) -> dict[str, str]:
    return {"zh": named.zh, "en": named.en}


def about(towers: Snapshot) -> dict[str, Any]:
    """Return what must be said beside any figure of a layer."""
    note = towers.note
    return {
        "title": note.title,
        "synthetic": note.synthetic,
        "source": note.source,
        "as_of": note.as_of,
        "version": towers.version,
    }


def feature_collection(towers: Snapshot, flt: Filter, canonical: str) -> bytes:
    """Return one page of the towers that ``flt`` chooses as a GeoJSON FeatureCollection in UTF-8.

    ``canonical`` is the filter written as a query.
    """
    selection = chosen(towers, flt)
    features = towers.features(flt.year)
    page = selection.page.tolist()
    head = {
        "type": "FeatureCollection",
        **about(towers),
        "filter": canonical,
        "year": flt.year,
        "numberMatched": selection.matched,
        "numberReturned": len(page),
        "links": _links(flt, canonical, selection.matched),
    }
    return b'%b,"features":[%b]}' % (orjson.dumps(head)[:-1], b",".join([features[row] for row in page]))


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
