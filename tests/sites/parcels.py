"""Parcels and towers as rectangles in metres around a place in the CBD, so that a test can count square metres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from buildingmap import crs
from buildingmap.model import BasemapFeature, Site, Surroundings
from buildingmap.snapshot import Holdings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut

EAST, NORTH = (
    float(each[0]) for each in crs.from_wgs84("epsg:4549", np.array([120.3745]), np.array([36.0895]))
)
Box = tuple[float, float, float, float]


def ground(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """A rectangle in WGS84, its sides in metres east and north of the place."""
    return lonlat(shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north))


def lonlat(shape: shapely.Geometry) -> shapely.Polygon:
    """A shape of EPSG:4549 in WGS84."""
    return crs.geometries_to_wgs84("epsg:4549", np.array([shape], dtype=object))[0]  # type: ignore[no-any-return]


def street(west: float, south: float, east: float, north: float, name: str = "") -> BasemapFeature:
    """A street as a straight line."""
    line = shapely.LineString([(EAST + west, NORTH + south), (EAST + east, NORTH + north)])
    return BasemapFeature("street", name, lonlat(line))


def site(number: int, **facts: object) -> Site:
    """A parcel of which nothing is said but its number."""
    return Site.model_validate({"id": f"DK-{number:02d}", "name": f"{number}号地块"} | facts)


def town(
    lay_out: LayOut,
    parcels: Sequence[tuple[Site, shapely.Geometry | None]],
    *,
    towers: Sequence[tuple[dict[str, object], shapely.Geometry]] = (),
    surroundings: Surroundings | None = None,
) -> Snapshot:
    """A snapshot of parcels and towers; one tower far away where there is none."""
    there = towers or [({}, ground(5000, 0, 5030, 30))]
    shapes = {parcel.id: shape for parcel, shape in parcels if shape is not None}
    return lay_out(
        [facts for facts, _ in there],
        shapes=[shape for _, shape in there],
        surroundings=surroundings or Surroundings(),
        holdings=Holdings({"site": tuple(parcel for parcel, _ in parcels)}, shapes),
    )
