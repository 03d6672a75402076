"""Rows as whatever program typed them: what no column's type would let through is read as text, never an error."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from sqlalchemy import Boolean, Date, Text, case, cast, func, literal_column, select, type_coerce
from sqlalchemy.types import LargeBinary, NullType

from buildingmap.registry.changes import written
from buildingmap.registry.geometry import UNREADABLE, Shape, shape_of_binary
from buildingmap.registry.rows import STAMP, fields_of, table_of
from buildingmap.registry.schema import OUTSIDE_WRITE, REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Column, ColumnElement, Connection


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A row of a table: its number there, its id, and its values and stamp, JSON-ready whatever they are."""

    fid: int
    row_id: str
    values: dict[str, Any]
    stamp: dict[str, Any]


def typed_rows(connection: Connection, table: str) -> Iterator[TypedRow]:
    """Yield every row of a table as it stands there."""
    columns = table_of(table)
    names = [*fields_of(table), *STAMP]
    raw = _raw_of_sqlite if connection.dialect.name == "sqlite" else _raw_of_postgresql
    asked = select(columns.c.fid, *(raw(columns.c[name]).label(name) for name in names))
    for fid, *found in connection.execute(asked.order_by(columns.c.fid)):
        values = {name: _read(columns.c[name], value) for name, value in zip(names, found, strict=True)}
        stamp = {name: values.pop(name) for name in STAMP}
        if table == "building":
            sectors = values["sectors"]
            values["sectors"] = str(sectors).split(",") if sectors else []
        yield TypedRow(fid, str(values["id"]), values, stamp)


def typed_state(connection: Connection) -> dict[str, Any] | None:
    """Return the registry's own row as it stands there, locked against other writers of ours; None where it is gone."""
    if connection.dialect.name != "sqlite":
        found = connection.execute(select(REGISTRY).with_for_update()).mappings().first()
        return None if found is None else dict(found)
    row = connection.execute(select(*(_raw_of_sqlite(column) for column in REGISTRY.columns))).first()
    if row is None:
        return None
    return {column.name: _read(column, value) for column, value in zip(REGISTRY.columns, row, strict=True)}


def typed_notes(connection: Connection) -> list[dict[str, Any]]:
    """Return what the triggers noted of other programs' writes, in that order; an id may be no text either."""
    raw = connection.dialect.name == "sqlite"
    asked = select(*((_raw_of_sqlite(column) if raw else column) for column in OUTSIDE_WRITE.columns))
    return [
        {column.name: _read(column, value) for column, value in zip(OUTSIDE_WRITE.columns, row, strict=True)}
        for row in connection.execute(asked.order_by(OUTSIDE_WRITE.c.fid))
    ]


def written_typed(values: dict[str, Any]) -> str | None:
    """Return typed values as the trail writes them; None for what it never wrote, bytes that are no text."""
    try:
        return written(values)
    except TypeError:
        return None


def _raw_of_sqlite(column: Column[Any]) -> ColumnElement[Any]:
    """Return a column as it lies in the file; text as bytes, because bytes that are no text stop the reading."""
    if isinstance(column.type, Text | Date):
        return cast(column, LargeBinary)
    lies: ColumnElement[Any] = literal_column(f'"{column.name}"')  # a column of numbers may hold text as well
    return type_coerce(case((func.typeof(lies) == "text", cast(lies, LargeBinary)), else_=lies), NullType())


def _raw_of_postgresql(column: Column[Any]) -> ColumnElement[Any]:
    """Return a column as text or bytes where its type lets through what Python cannot hold: infinite days, arcs."""
    if isinstance(column.type, Date):
        return case((func.isfinite(column), func.to_char(column, "YYYY-MM-DD")), else_=cast(column, Text))
    if isinstance(column.type, Shape):
        return func.ST_AsBinary(type_coerce(literal_column(f'"{column.name}"'), NullType()), type_=NullType())
    return column


def _read(column: Column[Any], value: Any) -> Any:
    if isinstance(column.type, Shape):
        return None if value is None else _shape(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="surrogateescape")
    if isinstance(column.type, Boolean) and value in (0, 1):
        return bool(value)
    return value


def _shape(value: Any) -> str:
    with suppress(*UNREADABLE):
        blob = memoryview(value).tobytes()
        # WKB begins with its byte order, 0 or 1; GeoPackage's own header with GP
        shape = shape_of_binary(blob) if blob[:2] == b"GP" else shapely.from_wkb(blob)
        return str(shapely.to_wkb(shape, hex=True, byte_order=1))
    return repr(value)
