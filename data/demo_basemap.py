"""The schematic basemap of the demo: streets, metro lines and parks drawn by hand, outline and coast generalised.

Coordinates are WGS84 degrees, rounded to about a metre.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import shapely
from demo_places import (
    CBD,
    COAST,
    INLAND,
    OTHERS,
    OUTLINE_CREDIT,
    XINDUXIN,
    Grid,
    collection,
    feature,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

Line = list[tuple[float, float]]

SEA_EDGE: Final[Line] = [
    (120.352, 36.168),
    (120.282, 36.168),
    (120.282, 36.070),
]
# the four roads around each cluster as the clusters' published extents name them: south, east, north, west
ROADS: Final = (
    (CBD, ("延吉路", "福州路", "辽源路", "山东路"), (520.0, 900.0, 620.0, 900.0)),
    (XINDUXIN, ("清江路", "黑龙江路", "长沙路", "南昌路"), (420.0, 900.0, 420.0, 700.0)),
)
ARTERIES: Final[tuple[Line, ...]] = (
    [
        (120.3175, 36.0690),
        (120.3215, 36.0780),
        (120.3272, 36.0850),
        (120.3290, 36.0930),
        (120.3300, 36.1000),
        (120.3285, 36.1060),
        (120.3310, 36.1120),
        (120.3375, 36.1250),
        (120.3400, 36.1350),
        (120.3490, 36.1480),
        (120.3530, 36.1580),
    ],
    [(120.3040, 36.0770), (120.3180, 36.0790), (120.3350, 36.0782), (120.3520, 36.0797), (120.3613, 36.0814)],
    [(120.3190, 36.0885), (120.3350, 36.0880), (120.3520, 36.0888), (120.3657, 36.0886)],
    [(120.3470, 36.0950), (120.3582, 36.0943)],
    [
        (120.3372, 36.1020),
        (120.3500, 36.1012),
        (120.3640, 36.1030),
        (120.3760, 36.1048),
        (120.3890, 36.1060),
        (120.4010, 36.1052),
        (120.4160, 36.1040),
    ],
    [(120.3470, 36.1170), (120.3600, 36.1160), (120.3740, 36.1188), (120.3869, 36.1208)],
    [
        (120.3505, 36.1250),
        (120.3640, 36.1285),
        (120.3780, 36.1330),
        (120.3920, 36.1345),
        (120.4080, 36.1335),
        (120.4240, 36.1330),
    ],
    [(120.3565, 36.1330), (120.3700, 36.1420), (120.3850, 36.1465), (120.4010, 36.1470), (120.4160, 36.1440)],
    [(120.3260, 36.0670), (120.3280, 36.0780), (120.3272, 36.0885), (120.3280, 36.0950)],
    [
        (120.3430, 36.0675),
        (120.3440, 36.0785),
        (120.3432, 36.0884),
        (120.3470, 36.0950),
        (120.3500, 36.1012),
        (120.3545, 36.1100),
        (120.3600, 36.1160),
        (120.3640, 36.1285),
        (120.3700, 36.1420),
        (120.3730, 36.1560),
    ],
    [
        (120.3590, 36.0715),
        (120.3600, 36.0800),
        (120.3594, 36.0885),
        (120.3620, 36.0960),
        (120.3640, 36.1030),
        (120.3690, 36.1110),
        (120.3740, 36.1188),
        (120.3780, 36.1330),
        (120.3850, 36.1465),
        (120.3870, 36.1580),
    ],
    [(120.3890, 36.0760), (120.3905, 36.0850), (120.3935, 36.0950), (120.4010, 36.1052)],
    [(120.4010, 36.1470), (120.4040, 36.1380), (120.4080, 36.1335)],
)
METRO: Final[dict[str, Line]] = {
    "地铁3号线": [
        (120.3765, 36.0745),
        (120.3806, 36.0815),
        (120.3802, 36.0885),
        (120.3803, 36.0956),
        (120.3845, 36.1050),
        (120.3923, 36.1140),
        (120.3981, 36.1205),
        (120.4010, 36.1290),
        (120.4030, 36.1400),
        (120.4075, 36.1545),
    ],
    "地铁4号线": [
        (120.3440, 36.0785),
        (120.3530, 36.0860),
        (120.3667, 36.0949),
        (120.3803, 36.0956),
        (120.3935, 36.0985),
        (120.4110, 36.0978),
    ],
}
# centre and half-axes in degrees of hill parks
HILLS: Final = (
    (120.3388, 36.0832, 0.0034, 0.0021),
    (120.3560, 36.0955, 0.0026, 0.0024),
    (120.3790, 36.1265, 0.0036, 0.0030),
    (120.4125, 36.1115, 0.0030, 0.0026),
    (120.3765, 36.1500, 0.0040, 0.0022),
)


def basemap() -> dict[str, Any]:
    """Return the basemap; the order is the order of painting."""
    outline = [*COAST, *INLAND, COAST[0]]
    district = shapely.Polygon(outline)
    found = [
        _generalised(_round(reversed(outline)), "district", "市北区"),
        _generalised(_round([*COAST, *SEA_EDGE, COAST[0]]), "water", "胶州湾"),
        *(_entry("Polygon", [park], "park", "") for park in _parks()),
        *(_entry("LineString", line, "street", name) for name, line in _streets(district)),
        *(_entry("LineString", _round(line), "metro", name) for name, line in METRO.items()),
    ]
    return collection("底图示意 / basemap, schematic", found)


def _entry(shape: str, coordinates: Any, kind: str, name: str) -> dict[str, Any]:
    return feature(shape, coordinates, {"kind": kind, "name": name})


def _generalised(ring: list[list[float]], kind: str, name: str) -> dict[str, Any]:
    about = {"kind": kind, "name": name, "attribution": OUTLINE_CREDIT}
    return feature("Polygon", [ring], about)


def _round(line: Any) -> list[list[float]]:
    return [[round(lon, 5), round(lat, 5)] for lon, lat in line]


def _parks() -> Iterator[list[list[float]]]:
    for grid in (CBD, XINDUXIN):
        for west, south in grid.parks:
            east = grid.us[grid.us.index(west) + 1]
            north = grid.vs[grid.vs.index(south) + 1]
            w, e, s, n = west + 14, east - 14, south + 14, north - 14
            yield _round(grid.lonlat(u, v) for u, v in ((w, s), (e, s), (e, n), (w, n), (w, s)))
    for number, (lon, lat, wide, high) in enumerate(HILLS):
        angles = [2 * math.pi * step / 14 for step in range(14)]
        rim = [
            1 + 0.16 * math.sin(3 * angle + number) + 0.08 * math.sin(5 * angle + 2 * number)
            for angle in angles
        ]
        points = [
            (lon + wide * r * math.cos(a), lat + high * r * math.sin(a))
            for a, r in zip(angles, rim, strict=True)
        ]
        yield _round([*points, points[0]])


def _streets(district: shapely.Polygon) -> Iterator[tuple[str, list[list[float]]]]:
    for line in ARTERIES:
        yield from (("", part) for part in _within(district, line))
    for grid, names, reach_m in ROADS:
        for side, (name, reach) in enumerate(zip(names, reach_m, strict=True)):
            corners = [grid.edge[(2 * side + step) % 8] for step in range(3)]
            yield from ((name, part) for part in _within(district, _lengthened(grid, corners, reach)))
    for grid in (CBD, XINDUXIN):
        shape = shapely.Polygon([grid.lonlat(u, v) for u, v in grid.edge])
        yield from (("", part) for line in _lanes(grid, 300) for part in _within(shape, line))
    for grid in OTHERS:
        yield from (("", part) for line in _lanes(grid, 140) for part in _within(district, line))


def _lengthened(grid: Grid, corners: list[tuple[float, float]], reach_m: float) -> Line:
    def past(inner: tuple[float, float], outer: tuple[float, float]) -> tuple[float, float]:
        length = math.hypot(outer[0] - inner[0], outer[1] - inner[1])
        return tuple(o + (o - i) * reach_m / length for i, o in zip(inner, outer, strict=True))  # type: ignore[return-value]

    stretched = [past(corners[1], corners[0]), *corners, past(corners[1], corners[2])]
    return [(lon, lat) for lon, lat in (grid.lonlat(u, v) for u, v in stretched)]


def _lanes(grid: Grid, past_m: float) -> Iterator[Line]:
    south, north = grid.vs[0] - past_m, grid.vs[-1] + past_m
    west, east = grid.us[0] - past_m, grid.us[-1] + past_m
    inner = slice(1, -1) if grid.edge else slice(None)
    ends = [((u, south), (u, north)) for u in grid.us[inner]] + [
        ((west, v), (east, v)) for v in grid.vs[inner]
    ]
    for start, end in ends:
        yield [(lon, lat) for lon, lat in (grid.lonlat(*start), grid.lonlat(*end))]


def _within(shape: shapely.Polygon, line: Line) -> list[list[list[float]]]:
    cut = shapely.intersection(shapely.LineString(line), shape)
    parts = [_round(part.coords) for part in shapely.get_parts(cut) if part.geom_type == "LineString"]
    return sorted(parts)
