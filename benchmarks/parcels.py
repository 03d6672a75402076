"""Candidate parcels for large plans: squares at random in the demo's district, or real parcels moved into it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pyogrio
import shapely

from buildingmap import crs
from buildingmap.layers import read_district, read_surroundings
from buildingmap.model import Site
from buildingmap.registry import LayerRegistry, read_holdings
from buildingmap.resources import data_folder
from buildingmap.snapshot import Holdings, LayerNote

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from buildingmap.snapshot import Snapshot

    Shapes = NDArray[np.object_]

# m², in the district: smaller parcels take no tower, larger ones are parks, campuses and water
SMALLEST_M2: Final = 500.0
LARGEST_M2: Final = 100_000.0
HALF_SIDE_M: Final = (20.0, 70.0)


@cache
def demo() -> Snapshot:
    """Return the demo's towers, stations and clusters, without its candidate parcels."""
    district = read_district(None)
    surroundings = read_surroundings(district, data_folder())
    layer = data_folder() / "buildings.geojson"
    return LayerRegistry(layer, district=district, surroundings=surroundings).snapshot()


def with_demo_parcels() -> Snapshot:
    """Return the demo with its own 40 candidate parcels."""
    snapshot = demo()
    return replace(snapshot, holdings=read_holdings(data_folder() / "holdings.json", snapshot.district))


def random_parcels(count: int, seed: int) -> Shapes:
    """Return ``count`` squares in EPSG:4549 metres, their middles at random in the district."""
    rng = np.random.default_rng(seed)
    outline = _district_m()
    west, south, east, north = outline.bounds
    middles: list[tuple[float, float]] = []
    while len(middles) < count:
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        if shapely.contains_xy(outline, x, y):
            middles.append((x, y))
    half = rng.uniform(*HALF_SIDE_M, count)
    x_m, y_m = np.array(middles).T
    boxes: Shapes = shapely.box(x_m - half, y_m - half, x_m + half, y_m + half)
    return boxes


def real_parcels(path: Path, count: int, seed: int) -> Shapes:
    """Return ``count`` of the polygons of a file in EPSG:4549 metres, moved and scaled as one to fill the district.

    Any vector file that GDAL reads; coordinates without a reference system are taken for WGS84. All are enlarged by
    one factor, so each keeps its shape and its neighbours. Raises ValueError where too few have a size for a tower.
    """
    shapes = _moved_in(path)
    area_m2 = shapely.area(shapes)
    fit = np.flatnonzero((area_m2 >= SMALLEST_M2) & (area_m2 <= LARGEST_M2) & shapely.is_valid(shapes))
    if len(fit) < count:
        raise ValueError(f"{path.name}: found {len(fit)} polygons of a size for a tower, expected {count}")
    rng = np.random.default_rng(seed)
    chosen: Shapes = shapes[np.sort(rng.choice(fit, count, replace=False))]
    return chosen


@cache
def _moved_in(path: Path) -> Shapes:
    frame = pyogrio.read_dataframe(path, columns=[])
    frame = frame.set_crs(4326) if frame.crs is None else frame.to_crs(4326)
    flat = frame.to_crs(frame.estimate_utm_crs())
    shapes: Shapes = flat.geometry.explode(index_parts=False).to_numpy()
    shapes = shapes[shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON]
    west, south, east, north = shapely.total_bounds(shapes)
    here = _district_m().bounds
    factor = min((here[2] - here[0]) / (east - west), (here[3] - here[1]) / (north - south))
    there = np.array([(west + east) / 2, (south + north) / 2])
    middle = np.array([(here[0] + here[2]) / 2, (here[1] + here[3]) / 2])
    moved: Shapes = shapely.transform(shapes, lambda xy: (xy - there) * factor + middle)
    return moved


def with_parcels(shapes: Shapes, seed: int) -> Snapshot:
    """Return the demo with ``shapes``, EPSG:4549 metres, as its candidate parcels; the rules of each are made up."""
    rng = np.random.default_rng(seed)
    snapshot = demo()
    placed = crs.geometries_to_wgs84("epsg:4549", shapes)
    clusters = _clusters_of(snapshot, placed)
    sites = tuple(
        Site(
            id=f"P-{number:05}",
            name=f"Parcel {number}",
            cluster=clusters[number],
            floor_area_ratio=round(float(rng.uniform(2, 7)), 1),
            height_limit_m=float(rng.integers(40, 180)),
            earliest_year=int(rng.integers(2024, 2030)),
        )
        for number in range(len(shapes))
    )
    held = {site.id: shape for site, shape in zip(sites, placed, strict=True)}
    note = LayerNote(title="Synthetic plan for a benchmark", synthetic=True)
    return replace(snapshot, note=note, holdings=Holdings({"site": sites}, held))


def _clusters_of(snapshot: Snapshot, placed: Shapes) -> list[str]:
    inside = shapely.point_on_surface(placed)
    found = np.full(len(placed), "other", dtype=object)
    for boundary in snapshot.surroundings.boundaries:
        found[shapely.contains(boundary.shape, inside)] = boundary.cluster
    return [str(each) for each in found]


def _district_m() -> shapely.Polygon:
    outline = next(each.shape for each in demo().surroundings.basemap if each.kind == "district")
    placed: shapely.Polygon = crs.geometries_from_wgs84("epsg:4549", np.array([outline], dtype=object))[0]
    return placed
