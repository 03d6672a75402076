"""How a tower is drawn: colour by band, and shape and size as the second cue beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from buildingmap.model import Band, District

_SMALLEST: Final = 4.0
_LARGEST_CIRCLE: Final = 6.5
_DIAMOND: Final = 8.5
_STAR: Final = 11.0


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol: ``path`` is an SVG path around (0, 0) in pixels, ``css`` the class that colours it."""

    id: str
    css: str
    path: str
    radius: float


def circle(radius: float) -> str:
    """Return the SVG path of a circle around (0, 0)."""
    arc = f"a{radius:g} {radius:g} 0 1 0"
    return f"M{-radius:g} 0{arc} {2 * radius:g} 0{arc} {-2 * radius:g} 0Z"


def polygon(corners: list[tuple[float, float]]) -> str:
    """Return the SVG path of a closed polygon."""
    return "M" + " ".join(f"{x:.2f} {y:.2f}" for x, y in corners) + "Z"


def _star(radius: float) -> str:
    corners = []
    for step in range(10):
        reach = radius if step % 2 == 0 else radius * 0.5
        angle = math.pi * step / 5
        corners.append((reach * math.sin(angle), -reach * math.cos(angle)))
    return polygon(corners)


def diamond(radius: float) -> str:
    """Return the SVG path of a square on its corner, around (0, 0)."""
    return polygon([(0, -radius), (radius, 0), (0, radius), (-radius, 0)])


def band_symbols(district: District) -> tuple[Symbol, ...]:
    """Return one symbol per band: growing circles below the mark, a diamond past it, then stars."""
    below = [band for band in district.bands if band.min_yuan < district.mark_yuan]
    return tuple(_band_symbol(band, place, len(below)) for place, band in enumerate(district.bands))


def _band_symbol(band: Band, place: int, below: int) -> Symbol:
    if place < below:
        radius = _SMALLEST + (_LARGEST_CIRCLE - _SMALLEST) * place / max(below - 1, 1)
        # the palette has four steps of blue; a district with more bands shares them out
        step = 1 + round(3 * place / max(below - 1, 1))
        return Symbol(band.id, f"low-{step}", circle(radius), radius)
    if place == below:
        return Symbol(band.id, "high-1", diamond(_DIAMOND), _DIAMOND)
    return Symbol(band.id, "high-2", _star(_STAR), _STAR)


def other_symbols() -> tuple[Symbol, ...]:
    """Return the symbols of towers without a band: unknown tax, under construction, planned; all hollow."""
    square = polygon([(-5, -5), (5, -5), (5, 5), (-5, 5)])
    triangle = polygon([(0, -6.5), (6, 5), (-6, 5)])
    return (
        Symbol("unknown", "hollow unknown", circle(_SMALLEST), _SMALLEST),
        Symbol("under_construction", "hollow under_construction", triangle, 6.5),
        Symbol("planned", "hollow planned", square, 6.5),
    )
