"""The invented ground that the demo towers stand on: grids of streets, boundaries, stations and a basemap.

Everything is schematic. Coordinates are WGS84 degrees; offsets (u, v) are metres east and north of a grid's own
centre, turned by its angle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

SEED: Final = 20240135
STREET_M: Final = 22.0
# metres in a degree at 36.11° N on the WGS84 ellipsoid
LON_M: Final = 90_038.7
LAT_M: Final = 110_961.0
SCHEMATIC: Final = "示意，非测绘成果 / schematic, not surveyed"

Offsets = tuple[tuple[float, float], ...]
Place = list[float]


@dataclass(frozen=True)
class Grid:
    """Streets at right angles around a centre: ``us`` run along v and ``vs`` along u, the outermost are its edge.

    ``peak`` is where towers crowd, ``spread_m`` how fast they thin out; ``edge`` bounds them where it is given.
    """

    lon: float
    lat: float
    degrees: float
    us: tuple[float, ...]
    vs: tuple[float, ...]
    existing: int
    new: int
    mix: str
    peak: tuple[float, float] = (0.0, 0.0)
    spread_m: float = 420.0
    edge: Offsets = ()
    parks: Offsets = ()

    def lonlat(self, u: float, v: float) -> Place:
        """Return longitude and latitude of an offset, to a centimetre."""
        turn = math.radians(self.degrees)
        east = u * math.cos(turn) - v * math.sin(turn)
        north = u * math.sin(turn) + v * math.cos(turn)
        return [round(self.lon + east / LON_M, 7), round(self.lat + north / LAT_M, 7)]

    def core(self, u: float, v: float) -> float:
        """Return how near an offset is to where towers crowd, 1 to 0."""
        return math.exp(-((u - self.peak[0]) ** 2 + (v - self.peak[1]) ** 2) / (2 * self.spread_m**2))

    def is_park(self, west: float, south: float) -> bool:
        """Whether the block with this south-western corner is kept free."""
        return (west, south) in self.parks

    def contains(self, u: float, v: float, *, margin_m: float) -> bool:
        """Whether an offset lies inside the (convex) edge by a margin in metres."""
        return all(
            (u2 - u1) * (v - v1) - (v2 - v1) * (u - u1) > margin_m * math.hypot(u2 - u1, v2 - v1)
            for (u1, v1), (u2, v2) in zip(self.edge, self.edge[1:] + self.edge[:1], strict=True)
        )


# the official boundaries, corner by corner from the south-west: about 2.46 km² and 3.98 km²
CBD_EDGE: Final[Offsets] = (
    (-754, -746),
    (40, -799),
    (805, -742),
    (799, 59),
    (764, 773),
    (20, 805),
    (-789, 758),
    (-805, 10),
)
XINDUXIN_EDGE: Final[Offsets] = (
    (-861, -1084),
    (60, -1118),
    (905, -1058),
    (931, 40),
    (889, 1064),
    (-20, 1116),
    (-903, 1078),
    (-929, -20),
)

CBD: Final = Grid(
    120.3750,
    36.0957,
    7.0,
    us=(-790, -640, -470, -290, -130, 40, 215, 380, 560, 700, 800),
    vs=(-790, -610, -450, -270, -120, 50, 210, 385, 560, 680, 800),
    existing=51,
    new=6,
    mix="cbd",
    peak=(150, 60),
    spread_m=380,
    edge=CBD_EDGE,
    parks=((-130, -120), (-640, 385), (215, -610)),
)
# a strip across the eastern boundary road whose towers the CBD counts as its own
CBD_MARGIN: Final = Grid(
    120.3750, 36.0957, 7.0, us=(838, 930), vs=(-60, 120, 290), existing=3, new=0, mix="cbd", peak=(880, 700)
)
XINDUXIN: Final = Grid(
    120.3966,
    36.1184,
    -14.0,
    us=(-900, -700, -480, -250, -60, 150, 360, 590, 780, 910),
    vs=(-1090, -880, -640, -430, -210, 20, 240, 460, 700, 900, 1090),
    existing=24,
    new=6,
    mix="xinduxin",
    peak=(90, 80),
    spread_m=360,
    edge=XINDUXIN_EDGE,
    parks=((-250, -210), (360, 460)),
)
# the first, at the water, is a natural cluster that no official one names
OTHERS: Final = (
    Grid(
        120.3225,
        36.0865,
        70.0,
        us=(-260, -90, 80, 250),
        vs=(-330, -160, 10, 180, 340),
        existing=14,
        new=1,
        mix="port",
        spread_m=220,
    ),
    Grid(
        120.3520,
        36.0835,
        -4.0,
        us=(-240, -90, 70, 240),
        vs=(-200, -40, 120, 260),
        existing=6,
        new=1,
        mix="town",
        spread_m=200,
    ),
    Grid(
        120.3900,
        36.1045,
        -20.0,
        us=(-170, -10, 150),
        vs=(-250, -90, 80, 240),
        existing=2,
        new=0,
        mix="town",
        spread_m=220,
    ),
    Grid(
        120.3690,
        36.1180,
        12.0,
        us=(-170, -10, 160),
        vs=(-170, 0, 160),
        existing=4,
        new=1,
        mix="science",
        spread_m=200,
    ),
    Grid(
        120.3900,
        36.1430,
        -9.0,
        us=(-180, -20, 150),
        vs=(-160, 0, 170),
        existing=4,
        new=0,
        mix="science",
        spread_m=220,
    ),
)
GRIDS: Final = {"cbd": (CBD, CBD_MARGIN), "xinduxin": (XINDUXIN,), "other": OTHERS}

CODES: Final = {"cbd": "CBD", "xinduxin": "XDX", "other": "OTH"}
NAMES_EN: Final = {"CBD": "CBD", "XDX": "Xinduxin", "OTH": "Other", "NEW": "New"}
FLOORS: Final = {"cbd": (11, 56), "xinduxin": (9, 34), "other": (5, 24)}
SLACK: Final = {"cbd": 0.03, "xinduxin": 0.14, "other": 0.08}
POINTS_ONLY: Final = (83, 101, 118)
VACANCY_UNKNOWN: Final = (38, 90, 104)
SECTORS: Final[dict[str, dict[str, float]]] = {
    "cbd": {
        "headquarters": 24,
        "finance": 29,
        "trade": 21,
        "shipping": 7,
        "digital": 6,
        "technology": 5,
        "talent": 3,
        "life_science": 2,
        "other": 3,
    },
    "xinduxin": {
        "digital": 31,
        "technology": 25,
        "talent": 18,
        "trade": 9,
        "life_science": 7,
        "headquarters": 4,
        "finance": 4,
        "other": 2,
    },
    "port": {"shipping": 58, "trade": 24, "finance": 8, "headquarters": 6, "other": 4},
    "town": {"trade": 48, "talent": 14, "finance": 10, "technology": 10, "other": 18},
    "science": {"life_science": 38, "technology": 32, "digital": 16, "other": 14},
}
YUAN_PER_M2: Final = {
    "headquarters": 3600,
    "finance": 3300,
    "shipping": 2700,
    "digital": 2900,
    "trade": 2000,
    "technology": 2000,
    "life_science": 1600,
    "talent": 1700,
    "other": 1100,
}

STATIONS: Final = (
    ("dunhua-road", "敦化路", "Dunhua Road", ("3",), 120.3802, 36.0885),
    ("cuobuling", "错埠岭", "Cuobuling", ("3", "4"), 120.3803, 36.0956),
    ("xiwujia-village", "西吴家村", "Xiwujia Village", ("4",), 120.3667, 36.0949),
    ("ningxia-road", "宁夏路", "Ningxia Road", ("3",), 120.3806, 36.0815),
    ("changsha-road", "长沙路", "Changsha Road", ("3",), 120.3981, 36.1205),
    ("shuangshan", "双山", "Shuangshan", ("3",), 120.3923, 36.1140),
)

# generalised to 120 m and rounded from OpenStreetMap: © OpenStreetMap contributors, ODbL
OUTLINE_CREDIT: Final = "© OpenStreetMap contributors (ODbL, openstreetmap.org/copyright)"
# from the south-west corner up the coast with the port's piers, then inland along the neighbouring districts
COAST: Final = (
    (120.314, 36.070),
    (120.314, 36.074),
    (120.310, 36.074),
    (120.308, 36.078),
    (120.303, 36.077),
    (120.310, 36.080),
    (120.311, 36.082),
    (120.314, 36.082),
    (120.314, 36.084),
    (120.308, 36.084),
    (120.309, 36.086),
    (120.317, 36.086),
    (120.312, 36.088),
    (120.318, 36.088),
    (120.317, 36.091),
    (120.324, 36.090),
    (120.320, 36.092),
    (120.327, 36.091),
    (120.327, 36.093),
    (120.322, 36.093),
    (120.328, 36.096),
    (120.327, 36.098),
    (120.321, 36.095),
    (120.319, 36.097),
    (120.325, 36.100),
    (120.324, 36.101),
    (120.314, 36.097),
    (120.312, 36.099),
    (120.320, 36.103),
    (120.318, 36.108),
    (120.320, 36.111),
    (120.326, 36.112),
    (120.334, 36.135),
    (120.349, 36.157),
)
INLAND: Final = (
    (120.354, 36.155),
    (120.356, 36.157),
    (120.367, 36.151),
    (120.374, 36.151),
    (120.379, 36.154),
    (120.392, 36.154),
    (120.397, 36.149),
    (120.401, 36.138),
    (120.406, 36.135),
    (120.415, 36.134),
    (120.406, 36.128),
    (120.412, 36.124),
    (120.420, 36.112),
    (120.425, 36.103),
    (120.427, 36.097),
    (120.415, 36.095),
    (120.414, 36.091),
    (120.406, 36.092),
    (120.400, 36.088),
    (120.389, 36.090),
    (120.380, 36.089),
    (120.380, 36.087),
    (120.369, 36.087),
    (120.367, 36.084),
    (120.368, 36.080),
    (120.365, 36.079),
    (120.365, 36.074),
    (120.357, 36.067),
    (120.355, 36.067),
    (120.353, 36.071),
    (120.334, 36.070),
    (120.328, 36.074),
    (120.319, 36.070),
)


def collection(title: str, features: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a FeatureCollection that says it is schematic."""
    about = {"title": title, "schematic": True, "source": SCHEMATIC, "as_of": "2024-01-31"}
    return {"type": "FeatureCollection", **about, "features": features}


def feature(kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    """Return one GeoJSON feature."""
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }


def ring(grid: Grid, edge: Offsets) -> list[Place]:
    """Return a closed ring in degrees."""
    return [grid.lonlat(u, v) for u, v in (*edge, edge[0])]


def clusters() -> dict[str, Any]:
    """Return the schematic boundaries of both clusters."""
    rules = (
        ("cbd", "中央商务区", "CBD", CBD, "山东路、福州路、延吉路、辽源路围合，约 2.46 平方公里"),
        (
            "xinduxin",
            "新都心",
            "Xinduxin",
            XINDUXIN,
            "长沙路、清江路、南昌路、黑龙江路围合，约 3.98 平方公里",
        ),
    )
    found = []
    for cluster, name, name_en, grid, rule in rules:
        about = {"source": f"公开资料所述四至；{SCHEMATIC}", "as_of": "2024-01-31", "schematic": True}
        properties = {"cluster": cluster, "name": name, "name_en": name_en, "rule": rule, **about}
        found.append(feature("Polygon", [ring(grid, grid.edge)], properties))
    return collection("片区边界示意 / cluster boundaries, schematic", found)


def stations() -> dict[str, Any]:
    """Return the metro stations, good to tens of metres."""
    found = [
        feature("Point", [lon, lat], {"id": code, "name": name, "name_en": name_en, "lines": list(lines)})
        for code, name, name_en, lines, lon, lat in STATIONS
    ]
    return collection("地铁站示意 / metro stations, schematic", found)
