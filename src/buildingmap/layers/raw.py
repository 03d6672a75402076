"""A file as its reader found it, before its words become the contract's fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from buildingmap.layers.checked import LayerAbout

if TYPE_CHECKING:
    from shapely import Geometry

    from buildingmap.model import Fault, Place

Format = Literal["geojson", "shapefile", "geopackage", "csv", "excel"]


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row or feature: cells by the file's own header; ``shape`` as the file has it, in the file's own CRS."""

    place: Place
    cells: dict[str, Any]
    shape: Geometry | None = None


@dataclass(frozen=True, slots=True)
class RawLayer:
    """All rows of a file. ``crs`` is the file's own definition (authority code or WKT), None where it has none.

    ``statements``: what a file says beside its rows: titles, notes, members of a collection.
    Shapes of formats without geometry (CSV, Excel) come from 经度/纬度 (lon/lat) or WKT cells, not from here.
    """

    format: Format
    headers: tuple[str, ...]
    rows: tuple[RawRow, ...] = ()
    crs: str | None = None
    about: LayerAbout = field(default_factory=LayerAbout)
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    statements: tuple[str, ...] = ()
