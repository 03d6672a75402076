"""The positions of GeoJSON geometries, checked one by one and made into shapes all at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from buildingmap.layers.findings import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.layers.findings import Findings
    from buildingmap.layers.limits import Limits
    from buildingmap.model.faults import Place

_SHORTEST_RING: Final = 4
_NUMBERS: Final = frozenset({int, float})
_DEPTHS: Final = {"Point": 0, "Polygon": 2, "MultiPolygon": 3}


class _RefusedError(Exception):
    """One geometry cannot be used: the code of what was expected, and what was found."""

    def __init__(self, code: str, found: str, chinese: str = "", **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.found = Shown(found, chinese)
        self.values = values


@dataclass(slots=True)
class _Rings:
    """The rings of all polygons, end to end, as shapely's bulk constructors take them."""

    numbers: list[float] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    polygon_of_ring: list[int] = field(default_factory=list)
    row_of_polygon: list[int] = field(default_factory=list)
    has_heights: bool = False


def shapes_from_geojson(
    geometries: Sequence[tuple[Place, str, Any]], *, limits: Limits, findings: Findings
) -> NDArray[np.object_]:
    """Make shapes, object[n], of GeoJSON geometries, each given with its place and id; None where refused.

    Coordinates stay in the file's own system. Heights are left out with one warning. Validity of the rings
    against each other is not looked at here.
    """
    shapes = np.full(len(geometries), None, dtype=object)
    rings = _Rings()
    points: list[tuple[int, float, float]] = []
    multiple = np.zeros(len(geometries), dtype=bool)
    total = 0
    for row, (place, building_id, geometry) in enumerate(geometries):
        try:
            kind, polygons, count = _checked(geometry, limits)
            total += count
            if total > limits.vertices:
                findings.fault("vertices_limit", place=place, building_id=building_id, limit=limits.vertices)
                return shapes
            if kind == "Point":
                points.append((row, *_position(polygons, rings)))
                continue
            multiple[row] = kind == "MultiPolygon"
            _take(polygons, row, rings)
        except _RefusedError as refused:
            findings.fault(
                refused.code,
                place=place,
                building_id=building_id,
                name="geometry",
                found=refused.found,
                **refused.values,
            )
    _build_points(points, shapes)
    _build_polygons(rings, multiple, shapes)
    for bad in np.flatnonzero(_not_finite(rings, points, len(geometries))).tolist():
        place, building_id, _ = geometries[bad]
        findings.fault(
            "positions", place=place, building_id=building_id, name="geometry", found=Shown("nan or inf")
        )
        shapes[bad] = None
    if rings.has_heights:
        findings.warn("height_dropped")
    return shapes


def _checked(geometry: Any, limits: Limits) -> tuple[str, Any, int]:
    if geometry is None:
        raise _RefusedError("shape_missing", "null")
    if not isinstance(geometry, dict):
        raise _RefusedError("geometry", type(geometry).__name__)
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if not (isinstance(kind, str) and kind in _DEPTHS):
        raise _RefusedError("geometry", repr(str(kind)[:40]))
    if not (isinstance(coordinates, list) and coordinates):
        raise _RefusedError("positions", "none", "没有坐标")
    if kind == "Point":
        return kind, coordinates, 1
    polygons = coordinates if kind == "MultiPolygon" else [coordinates]
    count = 0
    for polygon in polygons:
        if not (isinstance(polygon, list) and polygon and set(map(type, polygon)) == {list}):
            raise _RefusedError("ring", "none", "没有坐标")
        count += sum(map(len, polygon))
    if count > limits.vertices_of_shape:
        limit = limits.vertices_of_shape
        raise _RefusedError("shape_vertices_limit", f"{count} positions", f"{count} 个坐标点", limit=limit)
    return kind, polygons, count


def _position(coordinates: list[Any], rings: _Rings) -> tuple[float, float]:
    numbers = _flat([coordinates], rings)
    return numbers[0], numbers[1]


def _take(polygons: list[list[Any]], row: int, rings: _Rings) -> None:
    flat = [[_ring(ring, rings) for ring in polygon] for polygon in polygons]
    for polygon in flat:
        number = len(rings.row_of_polygon)
        rings.row_of_polygon.append(row)
        for numbers in polygon:
            rings.numbers.extend(numbers)
            rings.lengths.append(len(numbers) // 2)
            rings.polygon_of_ring.append(number)


def _ring(ring: list[Any], rings: _Rings) -> list[float]:
    if len(ring) < _SHORTEST_RING:
        raise _RefusedError("ring", f"{len(ring)} positions", f"{len(ring)} 个坐标点")
    numbers = _flat(ring, rings)
    if numbers[:2] != numbers[-2:] and numbers[0] == numbers[0]:
        raise _RefusedError(
            "ring", f"{numbers[:2]} first, {numbers[-2:]} last", f"首点 {numbers[:2]}，末点 {numbers[-2:]}"
        )
    return numbers


def _flat(positions: list[Any], rings: _Rings) -> list[float]:
    if set(map(type, positions)) != {list}:
        raise _RefusedError("positions", repr(next(p for p in positions if type(p) is not list))[:60])
    sizes = set(map(len, positions))
    if not sizes <= {2, 3}:
        raise _RefusedError(
            "positions",
            f"{max(sizes - {2, 3})} numbers in one position",
            f"一个坐标点有 {max(sizes - {2, 3})} 个数字",
        )
    numbers = list(chain.from_iterable(positions))
    if not set(map(type, numbers)) <= _NUMBERS:
        raise _RefusedError("positions", repr(next(n for n in numbers if type(n) not in _NUMBERS))[:60])
    if sizes == {2}:
        return numbers
    rings.has_heights = True
    return [number for position in positions for number in position[:2]]


def _build_points(points: list[tuple[int, float, float]], shapes: NDArray[np.object_]) -> None:
    if points:
        table = np.array(points, dtype=np.float64)
        shapes[table[:, 0].astype(np.int64)] = shapely.points(table[:, 1], table[:, 2])


def _build_polygons(rings: _Rings, multiple: NDArray[np.bool_], shapes: NDArray[np.object_]) -> None:
    if not rings.lengths:
        return
    positions = np.array(rings.numbers, dtype=np.float64).reshape(-1, 2)
    # rows with these are refused below; here they must only not stop the bulk constructors
    positions = np.where(np.isfinite(positions), positions, 0.0)
    lines = shapely.linearrings(positions, indices=np.repeat(np.arange(len(rings.lengths)), rings.lengths))
    polygons = np.asarray(shapely.polygons(np.asarray(lines), indices=np.array(rings.polygon_of_ring)))
    row_of_polygon = np.array(rings.row_of_polygon)
    single = ~multiple[row_of_polygon]
    shapes[row_of_polygon[single]] = polygons[single]
    if not single.all():
        rows, numbers = np.unique(row_of_polygon[~single], return_inverse=True)
        shapes[rows] = shapely.multipolygons(polygons[~single], indices=numbers)


def _not_finite(rings: _Rings, points: list[tuple[int, float, float]], rows: int) -> NDArray[np.bool_]:
    bad = np.zeros(rows, dtype=bool)
    for row, x, y in points:
        bad[row] = not np.isfinite((x, y)).all()
    if rings.lengths:
        positions = np.array(rings.numbers, dtype=np.float64).reshape(-1, 2)
        ring_of_position = np.repeat(np.arange(len(rings.lengths)), rings.lengths)
        bad_rings = ring_of_position[~np.isfinite(positions).all(axis=1)]
        bad[np.array(rings.row_of_polygon)[np.array(rings.polygon_of_ring)[bad_rings]]] = True
    return bad
