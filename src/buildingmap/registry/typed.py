"""Rows as whatever program typed them: what no column's type would let through is read as text, never an error."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from sqlalchemy import Boolean, Date, Text, cast, literal_column, select, type_coerce
from sqlalchemy.types import LargeBinary, NullType

from buildingmap.registry.changes import written
from buildingmap.registry.geometry import Shape, shape_of_binary
from buildingmap.registry.rows import STAMP, fields_of, table_of, values_of

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
    if connection.dialect.name != "sqlite":  # PostgreSQL keeps nothing that its types do not let through
        for row in connection.execute(select(columns).order_by(columns.c.fid)).mappings():
            yield TypedRow(row["fid"], row["id"], values_of(table, row), {name: row[name] for name in STAMP})
        return
    names = [*fields_of(table), *STAMP]
    asked = select(columns.c.fid, *(_raw(columns.c[name]) for name in names)).order_by(columns.c.fid)
    for fid, *found in connection.execute(asked):
        values = {name: _read(columns.c[name], value) for name, value in zip(names, found, strict=True)}
        stamp = {name: values.pop(name) for name in STAMP}
        if table == "building":
            sectors = values["sectors"]
            values["sectors"] = str(sectors).split(",") if sectors else []
        yield TypedRow(fid, str(values["id"]), values, stamp)


def written_typed(values: dict[str, Any]) -> str | None:
    """Return typed values as the trail writes them; None for what it never wrote, bytes that are no text."""
    try:
        return written(values)
    except TypeError:
        return None


def _raw(column: Column[Any]) -> ColumnElement[Any]:
    """Return a column as it lies in the file; text as bytes, because bytes that are no text stop the reading."""
    if isinstance(column.type, Text | Date):
        return cast(column, LargeBinary).label(column.name)
    return type_coerce(literal_column(f'"{column.name}"'), NullType()).label(column.name)


def _read(column: Column[Any], value: Any) -> Any:
    if isinstance(column.type, Shape):
        return None if value is None else _shape(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="surrogateescape")
    if isinstance(column.type, Boolean) and value in (0, 1):
        return bool(value)
    return value


def _shape(value: Any) -> str:
    with suppress(ValueError, TypeError, shapely.errors.GEOSException):
        return str(shapely.to_wkb(shape_of_binary(bytes(value)), hex=True, byte_order=1))
    return repr(value)
