"""The candidate parcels: a page with map and table, the same as GeoJSON, an outline looked at, and files to keep."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

import orjson
import shapely
from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import BadRequest

from buildingmap import placement
from buildingmap.crs import UnknownDatumError, datum_name, read_datum
from buildingmap.filters import Filter
from buildingmap.layers.writers import (
    write_sites_csv,
    write_sites_excel,
    write_sites_geojson,
    write_sites_geopackage,
)
from buildingmap.map import LEAFLET_VERSION
from buildingmap.model import Expected, Fault, Site, record_from_row
from buildingmap.registry import RecordFaultsError
from buildingmap.registry import Registry as Store
from buildingmap.sites import areas_m2, find, finding_text, outline_of_corners
from buildingmap.web.api import about
from buildingmap.web.caching import answer
from buildingmap.web.downloads import CODED_FORMS, content_disposition, export_note
from buildingmap.web.languages import language
from buildingmap.web.map_page import place_words
from buildingmap.web.operations import CSV, EXCEL, GEOJSON, GEOPACKAGE, JSON
from buildingmap.web.pages import figure_of
from buildingmap.web.queries import datum_of, one_of, only, read_query
from buildingmap.web.site_words import basis_words, page_words, rule_name, site_form
from buildingmap.web.state import answers, snapshot, state
from buildingmap.web.tower_forms import row_words
from buildingmap.web.visitors import may

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.crs import Datum
    from buildingmap.model import Lang
    from buildingmap.placement import Parcel
    from buildingmap.sites import Finding
    from buildingmap.snapshot import Snapshot
    from buildingmap.web.downloads import Format

sites_page = Blueprint("sites_page", __name__)
_WHAT: Final = ("sites", "可建地块", "sites")
_NEW: Final = "new"
_MOST_RINGS: Final = 100


@sites_page.get("/sites")
def page() -> str:
    """Show the candidate parcels; ``show=doubt`` those in doubt alone, ``site`` marks one."""
    words = read_query(request.query_string)
    only(words, "show", "site", "lang")
    show = one_of(words, "show", ("all", "doubt"))
    towers = snapshot()
    figure = figure_of(towers)
    found = placement.parcels(towers)
    edits = may("editor") and isinstance(state().registry, Store)
    return render_template(
        "sites.html",
        listed=[
            (number, parcel) for number, parcel in enumerate(found, 1) if show == "all" or parcel.findings
        ],
        show=show,
        marked=(words.get("site") or [""])[0],
        total=len(found),
        doubtful=sum(bool(parcel.findings) for parcel in found),
        left_out=sum(parcel.occupied is not None for parcel in found),
        street_width_m=towers.district.street_width_m,
        metric=towers.district.metric,
        rule_name=rule_name,
        basis_words=basis_words,
        finding_text=finding_text,
        towers_url=f"/map/towers?v={towers.version}",
        edits=edits,
        forms=(site_form(towers.district),) if edits else (),
        row_words=row_words() if edits else {},
        site_words=page_words(),
        datums=[(datum, datum_name(datum, language())) for datum in towers.district.metric.datums],
        map_html=figure.html,
        map_version=figure.version,
        leaflet_version=LEAFLET_VERSION,
        words=place_words(towers.district),
    )


@sites_page.get("/api/sites")
def as_json() -> Response:
    """Answer with every candidate parcel as a GeoJSON feature, with what can be built and what is in doubt."""
    only(read_query(request.query_string))
    towers = snapshot()
    return answer(
        answers(),
        lambda: _collection(towers),
        version=towers.version,
        name="sites",
        canonical="",
        content_type=GEOJSON,
    )


def _collection(towers: Snapshot) -> bytes:
    features = [_feature(parcel) for parcel in placement.parcels(towers)]
    return orjson.dumps({"type": "FeatureCollection", **about(towers), "features": features})


def _feature(parcel: Parcel) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": parcel.site.id,
        "geometry": None if parcel.shape is None else orjson.loads(shapely.to_geojson(parcel.shape)),
        "properties": {
            **parcel.site.values(),
            "shape_m2": parcel.shape_m2,
            "buildable_m2": parcel.buildable_m2,
            "area_basis": parcel.area_basis,
            "left_out": parcel.occupied is not None,
            "findings": [finding_json(finding) for finding in parcel.findings],
        },
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON values, in both languages."""
    return {
        "kind": finding.kind,
        "other": finding.other or None,
        "m2": finding.m2,
        "share": finding.share,
        "zh": finding_text(finding, "zh"),
        "en": finding_text(finding, "en"),
    }


@sites_page.post("/api/sites/check")
def check() -> Response:
    """Answer what an outline would be and what speaks against it; nothing is written.

    The body: ``rings`` of corners in ``datum`` (WGS84 when absent), ``id`` of the parcel that it is for, and its
    ``values`` where they are to be looked at too.
    """
    asked = _asked()
    towers = snapshot()
    row_id = asked.get("id") or _NEW
    outline = outline_of_corners(_rings(asked), _datum(asked), towers.district)
    if isinstance(outline, Fault):
        raise RecordFaultsError([outline])
    site = _site(towers, row_id, asked.get("values") or {})
    others = [other for other in towers.holdings.all(Site) if other.id != row_id]
    shapes = {key: shape for key, shape in towers.holdings.site_shapes.items() if key != row_id}
    found = find(towers, [site, *others], {**shapes, row_id: outline})
    document = {
        "geometry": orjson.loads(shapely.to_geojson(outline)),
        "area_m2": areas_m2({row_id: outline}, towers.district.metric)[row_id],
        "findings": [finding_json(finding) for finding in found if finding.site == row_id],
    }
    response = Response(orjson.dumps(document), content_type=JSON)
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked() -> dict[str, Any]:
    try:
        document = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise BadRequest(f'the body: found no JSON ({error}), expected {{"rings": [[[x, y], …]]}}') from error
    if not isinstance(document, dict) or not document.keys() <= {"rings", "datum", "id", "values"}:
        raise BadRequest("the body: expected rings, and datum, id and values if wanted")
    if not isinstance(document.get("id", ""), str) or not isinstance(document.get("values", {}), dict):
        raise BadRequest("the body: expected id as text and values as an object")
    return document


def _datum(asked: dict[str, Any]) -> Datum:
    datum = asked.get("datum", "wgs84")
    try:
        return read_datum(str(datum))
    except UnknownDatumError as error:
        raise BadRequest(str(error)) from None


def _rings(asked: dict[str, Any]) -> list[list[tuple[float, float]]]:
    rings = asked.get("rings")
    if not isinstance(rings, list) or not 0 < len(rings) <= _MOST_RINGS:
        raise BadRequest(f"rings: expected a list of 1 to {_MOST_RINGS} rings")
    return [[_corner(corner) for corner in ring] if isinstance(ring, list) else [] for ring in rings]


def _corner(corner: Any) -> tuple[float, float]:
    numbers = [part for part in corner if type(part) in (int, float)] if isinstance(corner, list) else []
    if len(numbers) != 2 or len(corner) != 2:  # noqa: PLR2004 - x and y
        fault = Fault(Expected.of("site_corner"), "geometry", repr(corner)[:60])
        raise RecordFaultsError([fault])
    return float(numbers[0]), float(numbers[1])


def _site(towers: Snapshot, row_id: str, values: dict[str, Any]) -> Site:
    """Return the parcel as it is in force with ``values`` over it; a new one where there is none."""
    known = next((site for site in towers.holdings.all(Site) if site.id == row_id), None)
    row = {"name": row_id, **(known.values() if known else {}), **values, "id": row_id}
    found = record_from_row("site", row, towers.district)
    if isinstance(found, list):
        raise RecordFaultsError(found)
    assert isinstance(found, Site)
    return found


@sites_page.get("/download/sites.geojson")
def geojson() -> Response:
    """Answer with the parcels as GeoJSON."""
    return _download("geojson", write_sites_geojson, GEOJSON)


@sites_page.get("/download/sites.gpkg")
def gpkg() -> Response:
    """Answer with the parcels as a GeoPackage."""
    return _download("gpkg", write_sites_geopackage, GEOPACKAGE)


@sites_page.get("/download/sites.csv")
def csv() -> Response:
    """Answer with the parcels as CSV, their outlines as WKT."""
    return _download("csv", write_sites_csv, CSV)


@sites_page.get("/download/sites.xlsx")
def xlsx() -> Response:
    """Answer with the parcels as an Excel workbook, their outlines as WKT."""
    return _download("xlsx", write_sites_excel, EXCEL)


def _download(form: Format, write: Callable[..., bytes], content_type: str) -> Response:
    words = read_query(request.query_string)
    only(words, "lang", "datum")
    lang = cast("Lang", one_of(words, "lang", (language(), "zh", "en")))
    datum = datum_of(words, coded=form in CODED_FORMS)
    towers = snapshot()
    now = datetime.now(UTC).astimezone()
    shapes = towers.holdings.site_shapes
    listed = [(site, shapes.get(site.id)) for site in towers.holdings.all(Site)]
    more = {"district": towers.district} if form in {"csv", "xlsx"} else {}
    body = write(listed, export_note(towers, Filter(), lang, now), lang=lang, datum=datum, **more)
    response = Response(body, content_type=content_type)
    response.headers["Content-Disposition"] = content_disposition(towers, lang, now, form, what=_WHAT)
    response.headers["Cache-Control"] = "no-store"  # the moment of the export is inside
    return response
