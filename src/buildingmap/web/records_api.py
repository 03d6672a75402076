"""The registry's rows over HTTP: read, changed with If-Match, taken back."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import orjson
import shapely
from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import BadRequest

from buildingmap.model import Fault, Site
from buildingmap.registry import Change, ConflictError, RecordFaultsError
from buildingmap.registry.rows import SHAPED, TABLES
from buildingmap.sites import free_numbers, parcel_of
from buildingmap.web.languages import language
from buildingmap.web.refusals_api import refusal_json
from buildingmap.web.state import snapshot, store
from buildingmap.web.tags import version_seen
from buildingmap.web.visitors import visitor

if TYPE_CHECKING:
    from buildingmap.registry import Registry, Revision, RowChange, StoredRow

records_api = Blueprint("records_api", __name__)
_JSON: Final = "application/json"
_MOST_REVISIONS: Final = 200


@records_api.get("/api/records/<table>/<row_id>")
def read(table: str, row_id: str) -> Response:
    """Answer with one row in force."""
    return _answer(store().row(_known(table), row_id))


@records_api.post("/api/records/<table>")
def add(table: str) -> Response:
    """Add a row; without an ``id`` among its values it gets one, a parcel the next free number."""
    values = _values(_known(table))
    row_id = values.pop("id", None)
    if not isinstance(row_id, str | None):
        abort(400, f"id: found {row_id!r}, expected text")
    kept = store()
    if table == "site" and not row_id:
        return _answer(kept.row(table, _numbered(kept, values)), 201)
    row_id = row_id or f"{table}-{secrets.token_hex(8)}"
    kept.apply([Change(table, row_id, values, 0)], actor=visitor().name, action="add")
    return _answer(kept.row(table, row_id), 201)


def _numbered(kept: Registry, values: dict[str, Any]) -> str:
    """Add a parcel under the next free number and return that; one of a parcel that was deleted is not free."""
    numbers = free_numbers(site.id for site in kept.snapshot().holdings.all(Site))
    while True:
        row_id = next(number for number in numbers if not kept.history_of("site", number))
        # another editor's parcel may have got the number meanwhile
        with suppress(ConflictError):
            kept.apply([Change("site", row_id, values, 0)], actor=visitor().name, action="add")
            return row_id


@records_api.patch("/api/records/<table>/<row_id>")
def change(table: str, row_id: str) -> Response:
    """Change the named fields of a row that is still at the version of If-Match."""
    values, seen, kept = _values(_known(table)), version_seen(), store()
    kept.apply([Change(table, row_id, values, seen)], actor=visitor().name)
    return _answer(kept.row(table, row_id))


@records_api.delete("/api/records/<table>/<row_id>")
def remove(table: str, row_id: str) -> Response:
    """Delete a row that is still at the version of If-Match."""
    store().apply(
        [Change(_known(table), row_id, None, version_seen())], actor=visitor().name, action="delete"
    )
    return Response(status=204)


@records_api.get("/api/revisions")
def revisions() -> Response:
    """Answer with the registry's revisions, newest first; ``before`` and ``limit`` page through them."""
    before = request.args.get("before", type=int)
    limit = max(1, min(request.args.get("limit", 50, type=int), _MOST_REVISIONS))
    found = store().revisions(before=before, limit=limit)
    return _json({"revisions": [revision_json(entry) for entry in found]})


@records_api.get("/api/revisions/<int:version>")
def changes(version: int) -> Response:
    """Answer with one revision and every cell it changed."""
    kept = store()
    found = revision_json(kept.revision(version))
    changed = [change_json(entry) for entry in kept.changes_of(version)]
    page = kept.refusals_page(version)
    refused = [refusal_json(entry) for entry in page.rows]
    return _json(found | {"changes": changed, "refused": refused, "refused_count": page.count})


@records_api.post("/api/revisions/<int:version>/undo")
def undo(version: int) -> Response:
    """Take one revision back, as a new one."""
    return _made(store().undo(version, actor=visitor().name))


@records_api.post("/api/revisions/<int:version>/restore")
def restore(version: int) -> Response:
    """Make the layer what it was at a version, as a new one."""
    return _made(store().restore(version, actor=visitor().name))


def revision_json(revision: Revision) -> dict[str, Any]:
    """Return a revision as JSON values."""
    names = ("version", "at", "actor", "action", "note", "row_count", "hash")
    return {name: getattr(revision, name) for name in names}


def change_json(change: RowChange) -> dict[str, Any]:
    """Return what a revision did to a row: ``kind``, and each field with its old and new value."""
    kind = "added" if change.before is None else "deleted" if change.after is None else "changed"
    fields = {name: {"old": old, "new": new} for name, (old, new) in change.fields.items()}
    return {"table": change.table, "id": change.row_id, "kind": kind, "fields": fields}


def row_json(row: StoredRow) -> dict[str, Any]:
    """Return a row as JSON values, its shape as GeoJSON."""
    return {
        "table": row.table,
        "id": row.row_id,
        "version": row.version,
        "changed_at": row.changed_at,
        "changed_by": row.changed_by,
        "values": shown_values(row.values),
    }


def shown_values(values: dict[str, Any] | Any) -> dict[str, Any]:
    """Return a row's values with its shape as GeoJSON."""
    shape = values.get("geometry")
    if shape is None:
        return dict(values)
    return {**values, "geometry": orjson.loads(shapely.to_geojson(shapely.from_wkb(shape)))}


def _known(table: str) -> str:
    if table not in TABLES:
        abort(404, f"found table {table!r}, expected one of {', '.join(TABLES)}")
    return table


def _values(table: str) -> dict[str, Any]:
    try:
        document = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise BadRequest(f'the body: found no JSON ({error}), expected {{"values": {{…}}}}') from error
    values = document.get("values") if isinstance(document, dict) else None
    if not isinstance(values, dict):
        raise BadRequest('the body: expected {"values": {…}}')
    if values.get("geometry") is not None:
        values["geometry"] = _shape(table, values["geometry"])
    return values


def _shape(table: str, document: object) -> str:
    if table not in SHAPED:
        raise BadRequest(f"geometry: found one, expected none in {table}")
    try:
        shape = shapely.from_geojson(orjson.dumps(document))
    except (shapely.errors.GEOSException, orjson.JSONEncodeError) as error:
        raise BadRequest("geometry: expected a GeoJSON Point, Polygon or MultiPolygon") from error
    if table == "site":
        found = parcel_of(shape, snapshot().district)
        if isinstance(found, Fault):
            raise RecordFaultsError([found])
        return str(shapely.to_wkb(found, hex=True, byte_order=1))
    kinds = {"Point", "Polygon", "MultiPolygon"}
    west, south, east, north = shapely.bounds(shape).tolist()
    if shape.geom_type not in kinds or not shapely.is_valid(shape) or shapely.has_z(shape):
        raise BadRequest(
            f"geometry: found {shape.geom_type}, expected a valid flat {' or '.join(sorted(kinds))}"
        )
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004 - degrees
        raise BadRequest("geometry: expected longitude and latitude in degrees")
    return str(shapely.to_wkb(shape, hex=True, byte_order=1))


def _answer(row: StoredRow, status: int = 200) -> Response:
    response = _json(row_json(row), status)
    response.headers["ETag"] = f'"{row.version}"'
    return response


def _made(revision: Revision | None) -> Response:
    return _json({"revision": None if revision is None else revision_json(revision)})


def _json(document: object, status: int = 200) -> Response:
    response = Response(orjson.dumps(document), status=status, content_type=_JSON)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = language()
    return response
