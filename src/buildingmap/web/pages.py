"""The map page, and the answers that it draws itself from."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson
import shapely
from flask import Blueprint, Response, abort, render_template, request, url_for

from buildingmap import analysis
from buildingmap.filters import Filter, query_string
from buildingmap.map import LEAFLET_VERSION, MAP_ASSETS, MapFigure, asset_bytes, map_figure, towers_payload
from buildingmap.web.caching import answer
from buildingmap.web.chips import chips
from buildingmap.web.choosing import chosen, of_day
from buildingmap.web.frame import page_filter
from buildingmap.web.languages import language
from buildingmap.web.map_page import form_choices, script_words, target_progress
from buildingmap.web.queries import one_of, only, read_query
from buildingmap.web.state import answers, snapshot
from buildingmap.web.static_files import FOREVER

if TYPE_CHECKING:
    from buildingmap.snapshot import Snapshot

pages = Blueprint("pages", __name__)
JSON: Final = "application/json"
_ASSET_TYPES: Final = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_LANGUAGES: Final = ("zh", "en")


@lru_cache(maxsize=2)
def figure_of(towers: Snapshot) -> MapFigure:
    """Return the Folium map of a version, rendered once."""
    return map_figure(towers)


@pages.get("/")
def map_page() -> str:
    """Show the map with the filter of the address."""
    flt = page_filter("tower", "compare")
    towers = snapshot()
    figure = figure_of(towers)
    progress_text, progress_label = target_progress(towers)
    return render_template(
        "map.html",
        map_html=figure.html,
        map_version=figure.version,
        leaflet_version=LEAFLET_VERSION,
        towers_url=url_for("pages.map_towers", v=towers.version, year=flt.year),
        words=script_words(towers.district),
        progress_text=progress_text,
        progress_label=progress_label,
        **form_choices(towers, flt),
    )


@pages.get("/map/asset/<name>")
def map_asset(name: str) -> Response:
    """Answer with Leaflet's script or style, from the installed package."""
    if name not in MAP_ASSETS:
        abort(404)
    only(read_query(request.query_string), "v")
    kind = _ASSET_TYPES[name[name.rindex(".") :]]
    return answer(
        answers(),
        lambda: asset_bytes(name),
        version=LEAFLET_VERSION,
        name=name,
        canonical="",
        content_type=kind,
        cache_control=FOREVER if "v" in request.args else "no-cache",
    )


@pages.get("/map/folium.js")
def folium_script() -> Response:
    """Answer with the script that Folium wrote for the map."""
    only(read_query(request.query_string), "v")
    figure = figure_of(snapshot())
    return answer(
        answers(),
        figure.script.encode,
        version=figure.version,
        name="folium.js",
        canonical="",
        content_type=_ASSET_TYPES[".js"],
        cache_control=FOREVER if request.args.get("v") == figure.version else "no-cache",
    )


@pages.get("/map/towers")
def map_towers() -> Response:
    """Answer with every tower in columns, with the figures of ``year``."""
    flt = page_filter("v")
    only(read_query(request.query_string), "v", "year")
    towers = snapshot()
    return answer(
        answers(),
        lambda: towers_payload(towers, flt.year),
        version=towers.version,
        name="towers",
        canonical=str(flt.year),
        content_type=JSON,
        cache_control=FOREVER if request.args.get("v") == towers.version else "no-cache",
    )


@pages.get("/map/view")
def map_view() -> Response:
    """Answer with what the page shows for a filter: matching rows in order, totals, charts, chips."""
    flt = page_filter()
    lang = one_of(read_query(request.query_string), "lang", (language(), *_LANGUAGES))
    towers = snapshot()
    return answer(
        answers(),
        lambda: orjson.dumps(_view(towers, flt)),
        version=towers.version,
        name=f"view {lang}{of_day(flt)}",
        canonical=query_string(flt),
        content_type=JSON,
    )


def _view(towers: Snapshot, flt: Filter) -> dict[str, Any]:
    selection = chosen(towers, flt)
    return {
        "version": towers.version,
        "query": query_string(flt),
        # order and page do not change which towers a download holds
        "download_query": query_string(dataclasses.replace(flt.criteria(), sort=flt.sort)),
        "filter": {**dataclasses.asdict(flt), "year": flt.year},
        "year": flt.year,
        "matched": selection.matched,
        "rows": selection.rows.tolist(),
        "totals": analysis.totals(selection),
        "bands": analysis.bands_by_cluster(selection),
        "sectors": analysis.sector_mix(selection),
        "chips": chips(flt, towers.district),
    }


@pages.get("/map/density")
def map_density() -> Response:
    """Answer with the tax density of a filter's towers: areas of at least so many yuan per km², as GeoJSON."""
    flt = page_filter()
    towers = snapshot()
    return answer(
        answers(),
        lambda: _density(towers, flt),
        version=towers.version,
        name=f"density{of_day(flt)}",
        canonical=query_string(flt.criteria()),
        content_type=JSON,
    )


def _density(towers: Snapshot, flt: Filter) -> bytes:
    surface = analysis.tax_density(chosen(towers, flt))
    features = [
        {
            "type": "Feature",
            "properties": {"step": step + 1, "low": band.low_yuan_per_km2, "high": band.high_yuan_per_km2},
            "geometry": {"type": "MultiPolygon", "coordinates": band.coordinates},
        }
        for step, band in enumerate(surface.bands)
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


@pages.get("/map/hulls")
def map_hulls() -> Response:
    """Answer with the hulls of the natural clusters of all existing towers, as GeoJSON."""
    only(read_query(request.query_string))
    towers = snapshot()
    return answer(
        answers(),
        lambda: _hulls(towers),
        version=towers.version,
        name="hulls",
        canonical="",
        content_type=JSON,
    )


def _hulls(towers: Snapshot) -> bytes:
    found = analysis.natural_clusters(chosen(towers, Filter()))
    features = [
        {
            "type": "Feature",
            "properties": {"number": cluster.number, "towers": len(cluster.members)},
            "geometry": cluster.hull,
        }
        for cluster in found.clusters
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


@pages.get("/map/places")
def map_places() -> Response:
    """Answer with the names that stand on the map: stations, and where each cluster's name is set."""
    only(read_query(request.query_string))
    towers = snapshot()
    return answer(
        answers(),
        lambda: orjson.dumps(_places(towers)),
        version=towers.version,
        name="places",
        canonical="",
        content_type=JSON,
    )


def _places(towers: Snapshot) -> dict[str, Any]:
    around = towers.surroundings
    middles = [boundary.shape.centroid for boundary in around.boundaries]
    tops = shapely.bounds(np.array([boundary.shape for boundary in around.boundaries], dtype=object))
    return {
        "stations": [
            {"zh": station.zh, "en": station.en, "lon": station.point.x, "lat": station.point.y}
            for station in around.stations
        ],
        "boundaries": [
            {"cluster": boundary.cluster, "lon": middle.x, "north": top[3]}
            for boundary, middle, top in zip(
                around.boundaries, middles, tops.reshape(-1, 4).tolist(), strict=True
            )
        ],
    }
