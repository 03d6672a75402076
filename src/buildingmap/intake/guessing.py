"""The first reading of a table: from its headers, its title, and the figures that the registry knows already."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from buildingmap import crs
from buildingmap.intake.mapping import Column, Mapping
from buildingmap.intake.vocabulary import TARGETS
from buildingmap.layers.headers import read_header, units_of, usual_unit
from buildingmap.layers.rows import shape_of_wkt
from buildingmap.layers.values import UnreadableError, is_empty, number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from buildingmap.intake.identity import Parcels, Towers
    from buildingmap.intake.looking import Table
    from buildingmap.intake.mapping import Basis
    from buildingmap.layers import Sheet
    from buildingmap.registry import StoredRow

_UNIT_OF_TITLE: Final = re.compile(
    r"单位\s*[:：]?\s*(?:人民币)?\s*(千元|百万元|万元|亿元|元)|[(（](万元|亿元|千元|元)[)）]"
)
_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*(?:年|度|$|\D)")
_FEWEST_WITNESSES: Final = 3
_NEAR_M: Final = 60.0
_LOOKED_AT: Final = 500
# the figures of a unit agree with the known ones when their ratio is that of the units, give or take a third
_AGREES: Final = 0.12


def guess(
    sheet: Sheet,
    table: Table,
    towers: Towers,
    parcels: Parcels,
    *,
    metric: crs.MetricSystem,
    as_table: str | None = None,
) -> Mapping:
    """Return the likeliest reading of a table; what is not likely stays open, for a person to say.

    ``metric``: the plane of the district. ``as_table``: what it is a table of, where a person has said so.
    """
    name = as_table or table.guess or "building"
    mapping = Mapping(name, tuple(_columns(table, name)))
    mapping = _with_title(mapping, table, sheet.name or "")
    there = parcels if mapping.target.of_sites else towers
    mapping = _with_figures(mapping, sheet, table, there, metric)
    return _with_datum(mapping, sheet, table, there, metric)


def _columns(table: Table, name: str) -> list[Column]:
    vocabulary = TARGETS[name].vocabulary
    columns = []
    for position, text in enumerate(table.headers):
        header = read_header(text, vocabulary) if text else None
        if header is None:
            columns.append(Column(position, text))
            continue
        unit = usual_unit(header.kind, header.unit)
        columns.append(
            Column(position, text, header.field, unit, header.year, "header", "header" if unit else "nothing")
        )
    return columns


def _with_title(mapping: Mapping, table: Table, sheet_name: str) -> Mapping:
    title = table.title
    unit = _UNIT_OF_TITLE.search(title)
    if unit is not None:
        kinds = mapping.target.vocabulary.fields
        mapping = replace(
            mapping,
            columns=tuple(
                replace(column, unit=unit[1] or unit[2], unit_basis="title")
                if column.field is not None
                and kinds[column.field][0] == "money"
                and mapping.needs_unit(column)
                else column
                for column in mapping.columns
            ),
        )
    year = _YEAR.search(title) or _YEAR.search(sheet_name)
    if year is not None:
        mapping = replace(mapping, year=int(year[1]), year_basis="title")
    return mapping


def _with_figures(
    mapping: Mapping, sheet: Sheet, table: Table, there: Towers | Parcels, metric: crs.MetricSystem
) -> Mapping:
    """Give a column without a unit the one in which its figures are those of the same rows in the registry.

    The area of a parcel is held against its shape, too.
    """
    columns = list(mapping.columns)
    for place, column in enumerate(columns):
        if not mapping.needs_unit(column):
            continue
        assert column.field is not None
        basis: Basis = "figures"
        unit = _unit(mapping, column, sheet, table, _known(mapping, sheet, table, there, column.field))
        if unit is None and mapping.target.of_sites and column.field == "area_m2":
            basis = "shapes"
            unit = _unit(mapping, column, sheet, table, _areas(mapping, sheet, table, metric))
        if unit is not None:
            columns[place] = replace(column, unit=unit, unit_basis=basis)
    return replace(mapping, columns=tuple(columns))


def _unit(
    mapping: Mapping, column: Column, sheet: Sheet, table: Table, known: dict[int, float]
) -> str | None:
    """Return the unit in which a column's figures are the ``known`` ones, by row; None where none is."""
    assert column.field is not None
    found = [
        (value, known[row]) for row in table.rows[:_LOOKED_AT]
        if known.get(row) and (value := _figure(sheet.rows[row], column.position))
    ]  # fmt: skip
    if len(found) < _FEWEST_WITNESSES:
        return None
    ratio = float(np.median([np.log10(there / here) for here, there in found]))
    for unit in units_of(mapping.target.vocabulary.fields[column.field][0]):
        factor = mapping.target.vocabulary.header(column.field, unit=unit).factor
        if factor and abs(ratio - float(np.log10(float(factor)))) < _AGREES:
            return unit
    return None


def _known(
    mapping: Mapping, sheet: Sheet, table: Table, there: Towers | Parcels, field: str
) -> dict[int, float]:
    row_of = _row_of(mapping)
    known: dict[int, float] = {}
    for row in table.rows[:_LOOKED_AT]:
        found = row_of(sheet.rows[row], there)
        value = None if found is None else there.by_id[found].values.get(field, there.figure(found, field))
        if value:
            known[row] = float(value)
    return known


def _areas(mapping: Mapping, sheet: Sheet, table: Table, metric: crs.MetricSystem) -> dict[int, float]:
    """Return the area of each row's own shape, m². One of degrees is taken as WGS84, whose areas are near enough."""
    columns = mapping.of("wkt")
    shapes: dict[int, shapely.Geometry] = {}
    for row in table.rows[:_LOOKED_AT]:
        cells = sheet.rows[row]
        own = None if sheet.shapes is None else sheet.shapes[row]
        text = cells[columns[0].position] if columns and columns[0].position < len(cells) else None
        shape = shapely.from_wkb(own) if own else shape_of_wkt(text) if isinstance(text, str) else None
        if shape is not None:
            shapes[row] = shape
    placed = np.array(list(shapes.values()), dtype=object)
    if not len(placed):
        return {}
    degrees = np.abs(shapely.bounds(placed)).max(axis=1) <= 180  # noqa: PLR2004 - degrees
    placed[degrees] = metric.shapes(placed[degrees])
    return {row: area for row, area in zip(shapes, shapely.area(placed).tolist(), strict=True) if area > 0}


def _row_of(mapping: Mapping) -> Callable[[Sequence[Any], Towers | Parcels], str | None]:
    own = mapping.target.of_places
    ids = [column.position for column in mapping.of("id" if own else "building_id")]
    names = [column.position for column in mapping.of("name" if own else "building_name")]

    def row_of(cells: Sequence[Any], there: Towers | Parcels) -> str | None:
        for place in ids:
            text = str(cells[place]).strip() if place < len(cells) else ""
            if text in there.by_id:
                return text
        for place in names:
            named = there.named(str(cells[place])) if place < len(cells) and cells[place] is not None else []
            if len(named) == 1:
                return named[0]
        return None

    return row_of


def _figure(cells: Sequence[Any], position: int) -> float | None:
    if position >= len(cells) or is_empty(cells[position]) or isinstance(cells[position], bool):
        return None
    try:
        value = float(number(cells[position]))
    except UnreadableError:
        return None
    return value if value > 0 else None


def _with_datum(
    mapping: Mapping, sheet: Sheet, table: Table, there: Towers | Parcels, metric: crs.MetricSystem
) -> Mapping:
    """Take the datum in which the towers or parcels that the registry knows lie where it has them."""
    columns = [mapping.of(field) for field in ("lon", "lat", "wkt")]
    lon, lat, wkt = (found[0].position if found else -1 for found in columns)
    if (
        mapping.datum is not None
        or not mapping.target.of_places
        or (sheet.shapes is None and min(lon, lat) < 0 and not (mapping.target.of_sites and wkt >= 0))
    ):
        return mapping
    row_of = _row_of(mapping)
    pairs = []
    for row in table.rows[:_LOOKED_AT]:
        known = row_of(sheet.rows[row], there)
        point = _point(sheet, row, lon, lat, wkt if mapping.target.of_sites else -1)
        shape = None if known is None else _stored(there.by_id[known])
        if point is not None and shape is not None:
            centre = shapely.point_on_surface(shapely.from_wkb(shape))
            pairs.append((*point, shapely.get_x(centre), shapely.get_y(centre)))
    if len(pairs) < _FEWEST_WITNESSES:
        return mapping
    x, y, known_lon, known_lat = np.array(pairs, dtype=np.float64).T
    there_x, there_y = metric.metres(known_lon, known_lat)
    off: dict[str, float] = {}
    for datum in metric.datums:
        degrees = crs.in_degrees(datum)
        if datum == "cgcs2000":  # as near as WGS84, within centimetres
            continue
        if degrees != bool((np.abs(x) <= 180).all()):  # noqa: PLR2004 - degrees
            continue
        here_x, here_y = metric.metres(*crs.to_wgs84(datum, x, y))
        metres = np.hypot(here_x - there_x, here_y - there_y)
        off[datum] = float(np.median(metres)) if np.isfinite(metres).all() else float("inf")
    nearest = min(off, key=lambda datum: off[datum], default=None)
    if nearest is None or off[nearest] > _NEAR_M:
        return mapping
    return replace(mapping, datum=nearest, datum_basis="figures")


def _stored(row: StoredRow) -> str | None:
    shape: str | None = row.values.get("geometry")
    return shape


def _point(sheet: Sheet, row: int, lon: int, lat: int, wkt: int) -> tuple[float, float] | None:
    own = None if sheet.shapes is None else sheet.shapes[row]
    cells = sheet.rows[row]
    text = cells[wkt] if 0 <= wkt < len(cells) else None
    shape = shapely.from_wkb(own) if own else shape_of_wkt(text) if isinstance(text, str) else None
    if shape is not None:
        centre = shapely.centroid(shape)
        return centre.x, centre.y
    x, y = _figure(cells, lon), _figure(cells, lat)
    return None if x is None or y is None or min(lon, lat) < 0 else (x, y)
