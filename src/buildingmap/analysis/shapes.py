"""Shapes that an analysis draws, from metres back to WGS84, ready for GeoJSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildingmap.crs import MetricSystem

Position = tuple[float, float]
Ring = tuple[Position, ...]
PolygonCoordinates = tuple[Ring, ...]
MultiPolygonCoordinates = tuple[PolygonCoordinates, ...]

# a millionth of a degree is 11 cm, finer than any of these shapes
_DECIMALS: Final = 6
_FEWEST_POSITIONS: Final = 4
_M2_PER_KM2: Final = 1_000_000.0


@dataclass(frozen=True, slots=True)
class PolygonGeometry:
    """A GeoJSON Polygon geometry in WGS84, the outer ring first and anticlockwise."""

    coordinates: PolygonCoordinates
    type: Literal["Polygon"] = "Polygon"


def area_km2(shape_m: shapely.Geometry) -> float:
    """Return the area in km² of a shape in metres."""
    return float(shapely.area(shape_m)) / _M2_PER_KM2


def lon_lat(x_m: float, y_m: float, metric: MetricSystem) -> Position:
    """Return WGS84 longitude and latitude, rounded, of a point in ``metric``."""
    lon, lat = metric.lonlat(np.array([x_m]), np.array([y_m]))
    return round(float(lon[0]), _DECIMALS), round(float(lat[0]), _DECIMALS)


def polygon_coordinates(polygon_m: shapely.Polygon, metric: MetricSystem) -> PolygonCoordinates:
    """Return a polygon in ``metric`` as GeoJSON coordinates in WGS84, the outer ring anticlockwise."""
    polygon = shapely.orient_polygons(polygon_m)
    outer, *holes = (_positions(ring, metric) for ring in (polygon.exterior, *polygon.interiors))
    return (outer, *filter(None, holes)) if outer else ()


def multipolygon_coordinates(
    polygons_m: Iterable[shapely.Polygon], metric: MetricSystem
) -> MultiPolygonCoordinates:
    """Return polygons in ``metric`` as the coordinates of one GeoJSON MultiPolygon in WGS84.

    A ring that rounding leaves with fewer than four positions is dropped, and a polygon with its outer ring.
    """
    polygons = (polygon_coordinates(polygon, metric) for polygon in polygons_m)
    return tuple(rings for rings in polygons if rings)


def _positions(ring_m: shapely.LinearRing, metric: MetricSystem) -> Ring:
    xy_m = shapely.get_coordinates(ring_m)
    degrees = np.column_stack(metric.lonlat(xy_m[:, 0], xy_m[:, 1])).round(_DECIMALS)
    moved = np.ones(len(degrees), dtype=np.bool_)
    moved[1:] = (degrees[1:] != degrees[:-1]).any(axis=1)
    positions: list[list[float]] = degrees[moved].tolist()
    if len(positions) < _FEWEST_POSITIONS:
        return ()
    return tuple((lon, lat) for lon, lat in positions)
