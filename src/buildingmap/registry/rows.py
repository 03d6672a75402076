"""A row of the store as plain values, JSON-ready, and back; a shape is hexadecimal WKB under ``geometry``."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import shapely
from sqlalchemy import Date, select

from buildingmap.model import RECORDS, Building, Expected, Fault, building_from_row, record_from_row
from buildingmap.model.faults import shown
from buildingmap.registry.schema import METADATA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Table
    from sqlalchemy.engine import RowMapping

    from buildingmap.model import District, Record

_TAX_FIELDS: Final = frozenset({"tax_yuan", "district_revenue_yuan", "tax_year", "tax_history"})
BUILDING_FIELDS: Final = tuple(name for name in Building.model_fields if name not in _TAX_FIELDS)
# what a change may name, parents before those that refer to them
TABLES: Final[tuple[str, ...]] = ("building", *RECORDS)
SHAPED: Final = frozenset({"building", "site"})
_SHAPES_OF: Final = {
    "building": frozenset({"Point", "Polygon", "MultiPolygon"}),
    "site": frozenset({"Polygon", "MultiPolygon"}),
}
STAMP: Final = ("version", "changed_at", "changed_by")
_MOST_IN_ONE_QUESTION: Final = 500


def table_of(name: str) -> Table:
    """Return the table ``name`` of the schema."""
    return METADATA.tables[name]


def fields_of(table: str) -> tuple[str, ...]:
    """Return the fields that a row of ``table`` has for its users, ``geometry`` last where it has a shape."""
    names = BUILDING_FIELDS if table == "building" else tuple(RECORDS[table].model_fields)
    return (*names, "geometry") if table in SHAPED else names


def values_of(table: str, row: RowMapping) -> dict[str, Any]:
    """Return a stored row as JSON-ready values."""
    values: dict[str, Any] = {name: row[name] for name in fields_of(table)}
    for name, value in values.items():
        if isinstance(value, date):
            values[name] = value.isoformat()
        elif isinstance(value, shapely.Geometry):
            values[name] = str(shapely.to_wkb(value, hex=True, byte_order=1))
    if table == "building":
        values["sectors"] = values["sectors"].split(",") if values["sectors"] else []
    return values


def stored(table: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return JSON-ready values as the columns take them."""
    days = {column.name for column in table_of(table).columns if isinstance(column.type, Date)}
    row: dict[str, Any] = {
        name: date.fromisoformat(value) if name in days and value is not None else value
        for name, value in values.items()
    }
    if table == "building":
        row["sectors"] = ",".join(values["sectors"]) or None
    if row.get("geometry") is not None:
        row["geometry"] = shapely.from_wkb(row["geometry"])
    return row


def checked(table: str, values: Mapping[str, Any], district: District) -> dict[str, Any] | list[Fault]:
    """Return ``values`` as the model writes them, JSON-ready, or every fault of the row.

    A tower must have a place: a registry with one that has none could not be read any more.
    """
    own = {name: value for name, value in values.items() if name != "geometry"}
    if table == "building":
        if own.get("sectors") is None:
            own["sectors"] = ()  # none, as the model writes it; anything else is held against the model
        found: Building | Record | list[Fault] = building_from_row(own, district)
    else:
        found = record_from_row(table, own, district)
    wrong = _shape_faults(table, values) if table in SHAPED else []
    if isinstance(found, list) or wrong:
        return [*(found if isinstance(found, list) else ()), *wrong]
    known = found.model_dump(mode="json")
    result = {name: known[name] for name in fields_of(table) if name != "geometry"}
    if table in SHAPED:
        result["geometry"] = values.get("geometry")
    return result


def _shape_faults(table: str, values: Mapping[str, Any]) -> list[Fault]:
    """Return what is wrong with a row's shape, hexadecimal WKB in WGS84; a site may have none."""
    written = values.get("geometry")
    if written is None:
        wrong = ("shape_missing", "nothing") if table == "building" else None
    else:
        wrong = _wrong_shape(table, written)
    if wrong is None:
        return []
    code, found = wrong
    return [Fault(Expected.of(code), "geometry", found, building_id=str(values.get("id") or ""))]


@lru_cache(maxsize=4)  # an import checks a row twice, one after the other
def _wrong_shape(table: str, written: str) -> tuple[str, str] | None:
    """Return the code of a fault and what was found; None where the shape may be kept."""
    code = "site_shape" if table == "site" else "geometry"
    try:
        shape = shapely.from_wkb(bytes.fromhex(written))
    except (shapely.errors.GEOSException, TypeError, ValueError):
        return code, shown(written)
    west, south, east, north = shapely.bounds(shape).tolist()
    # an empty shape has no bounds, and no bound is nowhere
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004 - degrees
        return code, shown(shapely.to_wkt(shape, rounding_precision=4))
    if shape.geom_type not in _SHAPES_OF[table]:
        return code, shape.geom_type
    if shapely.has_z(shape):
        return code, f"{shape.geom_type} Z"
    return None if shapely.is_valid(shape) else (code, shown(shapely.is_valid_reason(shape)))


def stamp_of(row: RowMapping) -> dict[str, Any]:
    """Return a stored row's own version, and who changed it last and when."""
    return {name: row[name] for name in STAMP}


def rows_by_id(connection: Connection, table: str, ids: Sequence[str]) -> dict[str, RowMapping]:
    """Return the stored rows of ``table`` with these ids, by id."""
    columns = table_of(table)
    if len(ids) > 20 * _MOST_IN_ONE_QUESTION:
        wanted = set(ids)
        found = connection.execute(select(columns)).mappings()
        return {row["id"]: row for row in found if row["id"] in wanted}
    rows: dict[str, RowMapping] = {}
    for start in range(0, len(ids), _MOST_IN_ONE_QUESTION):
        part = list(ids[start : start + _MOST_IN_ONE_QUESTION])
        rows |= {
            row["id"]: row
            for row in connection.execute(select(columns).where(columns.c.id.in_(part))).mappings()
        }
    return rows
