"""Shapes in a column: GeoPackage binary on SQLite, PostGIS geometry on PostgreSQL; WGS84 both."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

import shapely
from sqlalchemy import type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import UserDefinedType

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.sql.elements import BindParameter

SRS_ID: Final = 4326
# what the reading of a cell raises that another program typed
UNREADABLE: Final = (ValueError, TypeError, NotImplementedError, shapely.errors.ShapelyError)
_MAGIC: Final = b"GP\x00"
# OGC 12-128r19, 2.1.3: bit 0 little-endian, bits 1-3 the kind of envelope, of which 1 is minx, maxx, miny, maxy
_LITTLE_ENDIAN: Final = 0x01
_XY_ENVELOPE: Final = 0x02
_EMPTY: Final = 0x10
_ENVELOPE_BYTES: Final = (0, 32, 48, 48, 64)
_FIXED_BYTES: Final = 8


def geopackage_binary(shape: shapely.Geometry) -> bytes:
    """Return ``shape`` as a GeoPackage blob: header with envelope, then WKB (OGC 12-128r19, 2.1.3)."""
    wkb = shapely.to_wkb(shape, byte_order=1)
    if shapely.is_empty(shape):
        return bytes(_MAGIC + struct.pack("<Bi", _LITTLE_ENDIAN | _EMPTY, SRS_ID) + wkb)
    west, south, east, north = shapely.bounds(shape).tolist()
    header = struct.pack("<Bi4d", _LITTLE_ENDIAN | _XY_ENVELOPE, SRS_ID, west, east, south, north)
    return bytes(_MAGIC + header + wkb)


def shape_of_binary(blob: bytes) -> shapely.Geometry:
    """Return the shape in a GeoPackage blob. Raises ValueError where it is none, ShapelyError where it is damaged."""
    kind = (
        (blob[3] >> 1) & 0x07 if len(blob) > _FIXED_BYTES and blob[:2] == _MAGIC[:2] else len(_ENVELOPE_BYTES)
    )
    if kind >= len(_ENVELOPE_BYTES):
        raise ValueError("not a GeoPackage geometry")
    return shapely.from_wkb(blob[_FIXED_BYTES + _ENVELOPE_BYTES[kind] :])


class Shape(UserDefinedType[shapely.Geometry]):
    """A column of shapely shapes in WGS84 degrees."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Return what writes a shape."""
        write = geopackage_binary if dialect.name == "sqlite" else shapely.to_wkb
        return lambda shape: None if shape is None else write(shape)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:  # noqa: ARG002
        """Return what reads a shape."""
        read = shape_of_binary if dialect.name == "sqlite" else shapely.from_wkb
        # another program may have typed a number there: as many bytes nobody has
        return lambda value: None if value is None else read(memoryview(value).tobytes())

    def bind_expression(self, bindvalue: BindParameter[Any]) -> ColumnElement[Any]:
        """Let PostGIS read WKB."""
        return _FromWkb(bindvalue)

    def column_expression(self, colexpr: ColumnElement[Any]) -> ColumnElement[Any]:
        """Let PostGIS write WKB."""
        return type_coerce(_AsWkb(colexpr), self)


class _FromWkb(FunctionElement[Any]):
    inherit_cache = True


class _AsWkb(FunctionElement[Any]):
    inherit_cache = True


@compiles(Shape, "sqlite")
def _sqlite_type(_type: Shape, _compiler: object, **_options: object) -> str:
    return "GEOMETRY"


@compiles(Shape, "postgresql")
def _postgis_type(_type: Shape, _compiler: object, **_options: object) -> str:
    return f"geometry(Geometry,{SRS_ID})"


@compiles(_FromWkb, "sqlite")
@compiles(_AsWkb, "sqlite")
def _plain(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(_FromWkb, "postgresql")
def _from_wkb(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    return f"ST_GeomFromWKB({compiler.process(element.clauses, **options)}, {SRS_ID})"


@compiles(_AsWkb, "postgresql")
def _as_wkb(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    return f"ST_AsBinary({compiler.process(element.clauses, **options)})"
