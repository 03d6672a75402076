"""A shape for each sector, so that no tower's sector is told by colour alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from buildingmap.map.symbols import Symbol, polygon

if TYPE_CHECKING:
    from buildingmap.model import District, Lang

Corners = list[tuple[float, float]]
RADIUS_PX: Final = 11.0
# how many colours the style sheet has: sector-1, sector-2, …
COLOURS: Final = 8
UNKNOWN_SECTOR: Final = "unknown"


def _regular(corners: int, *, turned: float = 0.0, reach: float = RADIUS_PX) -> Corners:
    angles = (2 * math.pi * (step + turned) / corners for step in range(corners))
    return [(reach * math.sin(angle), -reach * math.cos(angle)) for angle in angles]


def _starred(points: int, inner: float, reach: float = RADIUS_PX * 1.2) -> Corners:
    return [
        (
            reach * (1 if step % 2 == 0 else inner) * math.sin(math.pi * step / points),
            -reach * (1 if step % 2 == 0 else inner) * math.cos(math.pi * step / points),
        )
        for step in range(2 * points)
    ]


def _cross(arm: float = RADIUS_PX * 1.05, half: float = RADIUS_PX * 0.55) -> Corners:
    quarter = [(-half, -arm), (half, -arm), (half, -half)]
    return [
        (x * cos - y * sin, x * sin + y * cos)
        for cos, sin in ((1, 0), (0, 1), (-1, 0), (0, -1))
        for x, y in quarter
    ]


# in the order of the district's sectors; a district with more begins again, in the next colour but one
_SHAPES: Final[tuple[Corners, ...]] = (
    _regular(24, reach=RADIUS_PX * 0.95),
    _regular(4, turned=0.5, reach=RADIUS_PX * 1.2),
    _regular(3, reach=RADIUS_PX * 1.3),
    _regular(4, reach=RADIUS_PX * 1.15),
    _regular(6, turned=0.5),
    _regular(3, turned=0.5, reach=RADIUS_PX * 1.3),
    _starred(5, 0.6),
    _cross(),
    _regular(5, turned=0.5),
)
_OTHER: Final = _starred(4, 0.5)
# what each is called: English, Chinese
_SHAPE_NAMES: Final = (
    ("circle", "圆"), ("square", "方块"), ("triangle", "三角"), ("diamond", "菱形"), ("hexagon", "六边形"),
    ("triangle on its point", "倒三角"), ("star", "五角星"), ("cross", "十字"), ("pentagon", "五边形"),
)  # fmt: skip
_OTHER_NAME: Final = ("star of four points", "四角星")


def sector_symbols(district: District) -> dict[str, Symbol]:
    """Return a symbol by sector id, and one for an id that the district does not have, under UNKNOWN_SECTOR."""
    found = {
        sector.id: _symbol(sector.id, place, _SHAPES[place % len(_SHAPES)])
        for place, sector in enumerate(district.sectors)
    }
    return found | {UNKNOWN_SECTOR: _symbol(UNKNOWN_SECTOR, COLOURS - 1, _OTHER)}


def symbol_corners(district: District, sector: str) -> tuple[Corners, int]:
    """Return the corners of a sector's symbol around (0, 0), pixels, and the number of its colour, from 0."""
    place = next((place for place, each in enumerate(district.sectors) if each.id == sector), None)
    if place is None:
        return _OTHER, COLOURS - 1
    return _SHAPES[place % len(_SHAPES)], _colour(place)


def shape_name(district: District, sector: str, lang: Lang) -> str:
    """Return what the shape of a sector's symbol is called."""
    place = next((place for place, each in enumerate(district.sectors) if each.id == sector), None)
    names = _OTHER_NAME if place is None else _SHAPE_NAMES[place % len(_SHAPES)]
    return names[lang == "zh"]


def _colour(place: int) -> int:
    return (place + place // len(_SHAPES) * 2) % COLOURS


def _symbol(sector: str, place: int, corners: Corners) -> Symbol:
    return Symbol(sector, f"sector-{_colour(place) + 1}", polygon(corners), RADIUS_PX)
