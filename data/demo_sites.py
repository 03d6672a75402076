"""Candidate parcels of the demo: invented blocks and parts of blocks that no tower stands on and no street crosses.

Two more are wrong on purpose, so that there is something to find: one holds a tower, one is road.

Sizes in m², heights in metres, offsets in the frame of a grid; what must stay free is measured in a flat local frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, Final

import demo_places as places
import shapely
import shapely.ops
from demo_places import Grid

COUNTS: Final[dict[str, tuple[int, ...]]] = {"cbd": (12, 0), "xinduxin": (14,), "other": (5, 3, 2, 2, 2)}
AREA_M2: Final = (4_000.0, 20_000.0)
# lowest and highest, the lowest at the rim of a grid
FLOOR_AREA_RATIO: Final = {"cbd": (4.0, 7.0), "xinduxin": (3.0, 5.5), "other": (2.5, 4.0)}
HEIGHT_LIMIT_M: Final = {"cbd": (80, 180), "xinduxin": (60, 140), "other": (60, 100)}
YEARS: Final = (2024, 2025, 2025, 2026, 2026, 2027, 2028)
# a street with a name is a main road; half its width and the pavement are kept free, and the ground around towers
HALF_ROAD_M: Final = {True: 24.0, False: 15.0}
TOWER_M: Final = 10.0
POINT_TOWER_M: Final = 45.0
SETBACK_M: Final = 16.0
APART_M: Final = 12.0
EDGE_M: Final = 28.0
# by number: what is settled already, and what must not be built on, with the reason that an office would note
RULES: Final = {
    4: ("fixed", "示例：已供地，必须开发"),
    16: ("forbidden", "示例：规划绿地，不得建设"),
    31: ("forbidden", "示例：学校预留用地，不得建设楼宇"),
}

# around the tower that stands on a parcel; half the width of the one that is road, and how far it runs
YARD_M: Final = 6.0
STRIP_M: Final = (12.0, 200.0)

Row = dict[str, Any]
Block = tuple[float, float, float, float]


@dataclass(frozen=True)
class Parcel:
    """A parcel while it is made up: its shape in offsets of its grid; ``core`` falls from 1 to 0 outward."""

    cluster: str
    grid: Grid
    shape: shapely.Polygon
    core: float


def flat(shape: Any) -> Any:
    """Return a WGS84 shape (shapely) in metres of a flat frame, good to a part in a thousand within the district."""
    return shapely.transform(shape, lambda lonlat: lonlat * (places.LON_M, places.LAT_M))


def taken(features: list[Row], basemap: list[Row]) -> Any:
    """Return the ground that no parcel may touch: towers, streets, parks and all outside the district, in metres."""
    kept: list[Any] = []
    for feature in features:
        shape = flat(shapely.geometry.shape(feature["geometry"]))
        kept.append(shapely.buffer(shape, POINT_TOWER_M if shape.geom_type == "Point" else TOWER_M))
    for feature in basemap:
        about = feature["properties"]
        shape = flat(shapely.geometry.shape(feature["geometry"]))
        if about["kind"] == "street":
            kept.append(shapely.buffer(shape, HALF_ROAD_M[bool(about["name"])]))
        elif about["kind"] in {"park", "water"}:
            kept.append(shapely.buffer(shape, APART_M))
        elif about["kind"] == "district":
            kept.append(shapely.buffer(shape.envelope, 1000).difference(shapely.buffer(shape, -EDGE_M)))
    return shapely.union_all(kept)


def blocks(grid: Grid) -> list[Block]:
    """Return the ground between a grid's streets as west, south, east, north: whole blocks, halves and quarters."""
    found = []
    for west, east in zip(grid.us, grid.us[1:], strict=False):
        for south, north in zip(grid.vs, grid.vs[1:], strict=False):
            w, s, e, n = west + SETBACK_M, south + SETBACK_M, east - SETBACK_M, north - SETBACK_M
            u, v, half = (w + e) / 2, (s + n) / 2, APART_M / 2
            found += [(w, s, e, n), (w, s, u - half, n), (u + half, s, e, n)]
            found += [(w, s, e, v - half), (w, v + half, e, n), (w, s, u - half, v - half)]
            found += [(u + half, s, e, v - half), (w, v + half, u - half, n), (u + half, v + half, e, n)]
    return found


def outline(rng: Random, block: Block) -> shapely.Polygon:
    """Return the shape of a parcel in a block: four sides that are not quite parallel, a corner cut off, an L."""
    west, south, east, north = block
    slack = [rng.uniform(0, 7) for _ in range(8)]
    corners = [
        (west + slack[0], south + slack[1]),
        (east - slack[2], south + slack[3]),
        (east - slack[4], north - slack[5]),
        (west + slack[6], north - slack[7]),
    ]
    kind, corner = rng.random(), rng.randrange(4)
    if kind < 0.5:
        return shapely.Polygon(corners)
    cut_off = kind < 0.8
    back, on = (rng.uniform(0.1, 0.2) if cut_off else rng.uniform(0.35, 0.5) for _ in range(2))
    (u, v), before, after = corners[corner], corners[corner - 1], corners[(corner + 1) % 4]
    inward = ((before[0] - u) * back, (before[1] - v) * back), ((after[0] - u) * on, (after[1] - v) * on)
    first, last = ((u + du, v + dv) for du, dv in inward)
    inner = [] if cut_off else [(first[0] + inward[1][0], first[1] + inward[1][1])]
    return shapely.Polygon([*corners[:corner], first, *inner, last, *corners[corner + 1 :]])


def ground(parcel: Parcel) -> Any:
    """Return a parcel's shape in metres of the flat frame."""
    return flat(shapely.Polygon(lonlat(parcel)))


def lonlat(parcel: Parcel) -> list[places.Place]:
    """Return a parcel's ring in degrees, counter-clockwise and closed."""
    return [parcel.grid.lonlat(u, v) for u, v in parcel.shape.exterior.coords]


def parcels(rng: Random, cluster: str, grid: Grid, count: int, free: Any) -> list[Parcel]:
    """Draw ``count`` parcels of a grid that stay within ``free``, large and near its core ones first."""
    ranked = []
    for block in blocks(grid):
        shape = outline(rng, block)
        if not AREA_M2[0] * 1.01 <= shape.area <= AREA_M2[1] * 0.99:
            continue
        core = grid.core(shape.centroid.x, shape.centroid.y)
        weight = (0.15 + core) * shape.area
        ranked.append((rng.random() ** (1e4 / weight), Parcel(cluster, grid, shape, core)))
    found: list[Parcel] = []
    for _, parcel in sorted(ranked, key=lambda entry: -entry[0]):
        apart = all(shapely.distance(parcel.shape, other.shape) >= APART_M - 1 for other in found)
        if len(found) < count and apart and shapely.covers(free, ground(parcel)):
            found.append(parcel)
    return sorted(found, key=lambda parcel: (-round(parcel.shape.centroid.y / 120), parcel.shape.centroid.x))


def sites(features: list[Row], basemap: list[Row]) -> list[Row]:
    """Return the demo's candidate parcels as rows of the registry, each with its shape as GeoJSON (WGS84)."""
    rng = Random(places.SEED + 2)
    outside = taken(features, basemap)
    free = shapely.difference(outside.envelope, outside)
    found: list[Row] = []
    for cluster, grids in places.GRIDS.items():
        for grid, count in zip(grids, COUNTS[cluster], strict=True):
            for parcel in parcels(rng, cluster, grid, count, free):
                found.append(row(rng, parcel, len(found) + 1))
    return [*found, built_over(features, basemap, len(found) + 1), road(basemap, len(found) + 2)]


def built_over(features: list[Row], basemap: list[Row], number: int) -> Row:
    """Return a parcel that the largest standing tower elsewhere, away from streets, takes most of."""
    streets = shapely.union_all(
        [
            flat(shapely.geometry.shape(feature["geometry"]))
            for feature in basemap
            if feature["properties"]["kind"] == "street"
        ]
    )
    grounds = []
    for feature in features:
        if feature["properties"]["cluster"] == "other" and feature["properties"]["status"] == "existing":
            footprint = flat(shapely.geometry.shape(feature["geometry"]))
            yard = shapely.oriented_envelope(footprint).buffer(YARD_M, join_style="mitre")
            if shapely.distance(yard, streets) > HALF_ROAD_M[False]:
                grounds.append((footprint.area, yard))
    return wrong_row(max(grounds, key=lambda entry: entry[0])[1], number, "示例：地块内已有楼宇")


def road(basemap: list[Row], number: int) -> Row:
    """Return a parcel along the first street without a name that is long and straight enough, away from clusters."""
    half_m, long_m = STRIP_M
    for feature in basemap:
        about = feature["properties"]
        if about["kind"] != "street" or about["name"]:
            continue
        line = flat(shapely.geometry.shape(feature["geometry"]))
        for start, end in zip(line.coords[1:], line.coords[2:], strict=False):
            piece = shapely.LineString([start, end])
            if piece.length > 2 * long_m:
                middle = shapely.ops.substring(
                    piece, piece.length / 2 - long_m / 2, piece.length / 2 + long_m / 2
                )
                return wrong_row(middle.buffer(half_m, cap_style="flat"), number, "示例：现状道路")
    raise ValueError("no street is long enough")


def wrong_row(ground: shapely.Polygon, number: int, reason: str) -> Row:
    """Return a parcel that nobody should build on as a row; its name says why."""
    whole = shapely.orient_polygons(ground)
    corners = [(round(x / places.LON_M, 7), round(y / places.LAT_M, 7)) for x, y in whole.exterior.coords]
    return {
        "id": f"DK-{number:02d}",
        "name": f"DK-{number:02d}号地块（{reason}）",
        "cluster": "other",
        "area_m2": int(round(whole.area, -1)),
        "floor_area_ratio": 3.0,
        "height_limit_m": 80,
        "earliest_year": 2026,
        "rule": "open",
        "geometry": {"type": "Polygon", "coordinates": [corners]},
    }


def row(rng: Random, parcel: Parcel, number: int) -> Row:
    """Return one parcel as a row: denser and higher towards the core of its grid."""
    rule, reason = RULES.get(number, ("open", ""))
    dense = min(1.0, max(0.0, 0.75 * parcel.core + rng.uniform(0.0, 0.25)))
    high = min(1.0, dense * rng.uniform(0.9, 1.1))
    ratio, limit = FLOOR_AREA_RATIO[parcel.cluster], HEIGHT_LIMIT_M[parcel.cluster]
    return {
        "id": f"DK-{number:02d}",
        "name": f"DK-{number:02d}号地块" + (f"（{reason}）" if reason else ""),
        "cluster": parcel.cluster,
        "area_m2": int(round(ground(parcel).area, -1)),
        "floor_area_ratio": round(ratio[0] + (ratio[1] - ratio[0]) * dense, 1),
        "height_limit_m": round((limit[0] + (limit[1] - limit[0]) * high) / 10) * 10,
        "earliest_year": rng.choice(YEARS),
        "rule": rule,
        "geometry": {"type": "Polygon", "coordinates": [lonlat(parcel)]},
    }
