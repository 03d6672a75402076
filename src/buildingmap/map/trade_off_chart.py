"""The trade-off between two criteria drawn: a point for each plan that no other beats in both, and the best plan."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildingmap.map.symbols import circle, diamond

if TYPE_CHECKING:
    from buildingmap.placement import TradeOff, TradePoint

WIDTH_PX: Final = 620.0
HEIGHT_PX: Final = 380.0
_LEFT_PX: Final = 58.0
_RIGHT_PX: Final = 18.0
_TOP_PX: Final = 18.0
_FOOT_PX: Final = 44.0
# the drawing reaches so far beyond the outermost points, as a share of what they span
_MARGIN: Final = 0.06
_TICKS: Final = 5
# a shape for each, so that none is told by colour alone
POINT_PATHS: Final = {"proved": circle(5.0), "unproved": circle(3.5), "best": diamond(8.0)}


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid: where, in pixels, and which figure it stands for, points."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class PlacedPoint:
    """A plan in the drawing, pixels; ``number`` counts along the curve from 1, as the table beside it does."""

    number: int
    x: float
    y: float
    path: str
    point: TradePoint


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the plane in which further plans may lie, pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class TradeOffChart:
    """The drawing, pixels: ``one`` to the right, ``other`` upwards.

    ``stairs``: the edge of what plans can reach, as an SVG path through the points; ``best``: where the best plan
    under the weights lies, None without one. ``left``, ``right``, ``top``, ``base``: the frame of the plane.
    """

    width: float
    height: float
    left: float
    right: float
    top: float
    base: float
    across: tuple[Tick, ...]
    upwards: tuple[Tick, ...]
    points: tuple[PlacedPoint, ...]
    stairs: str
    unsearched: tuple[Area, ...]
    best: tuple[float, float] | None
    best_path: str


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    first: float
    last: float

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.first + share * (self.last - self.first), 1)

    def within(self, value: float) -> float:
        """Return the place of a value, or the edge of the frame beyond which it lies."""
        return self.at(min(max(value, self.low), self.high))

    def ticks(self) -> tuple[Tick, ...]:
        step = _round_step((self.high - self.low) / _TICKS)
        first = math.ceil(self.low / step)
        last = math.floor(self.high / step)
        return tuple(Tick(self.at(step * each), round(step * each, 6)) for each in range(first, last + 1))


def trade_off_chart(found: TradeOff) -> TradeOffChart | None:
    """Draw a trade-off; None where it has no point."""
    if not found.points:
        return None
    ones = [point.one for point in found.points]
    others = [point.other for point in found.points]
    if found.best_one is not None and found.best_other is not None:
        ones.append(found.best_one)
        others.append(found.best_other)
    across = _scale(ones, _LEFT_PX, WIDTH_PX - _RIGHT_PX)
    upwards = _scale(others, HEIGHT_PX - _FOOT_PX, _TOP_PX)
    points = tuple(
        PlacedPoint(
            number=number,
            x=across.at(point.one),
            y=upwards.at(point.other),
            path=POINT_PATHS["proved" if point.proved else "unproved"],
            point=point,
        )
        for number, point in enumerate(found.points, start=1)
    )
    best = None
    if found.best_one is not None and found.best_other is not None:
        best = across.at(found.best_one), upwards.at(found.best_other)
    return TradeOffChart(
        width=WIDTH_PX,
        height=HEIGHT_PX,
        left=_LEFT_PX,
        right=WIDTH_PX - _RIGHT_PX,
        top=_TOP_PX,
        base=HEIGHT_PX - _FOOT_PX,
        across=across.ticks(),
        upwards=upwards.ticks(),
        points=points,
        stairs=_stairs(points),
        unsearched=tuple(
            Area(
                x=across.within(each.one_from),
                y=upwards.within(each.other_to),
                width=round(across.within(each.one_to) - across.within(each.one_from), 1),
                height=round(upwards.within(each.other_from) - upwards.within(each.other_to), 1),
            )
            for each in found.unsearched
        ),
        best=best,
        best_path=POINT_PATHS["best"],
    )


def _scale(values: list[float], first: float, last: float) -> _Scale:
    low, high = min(values), max(values)
    margin = _MARGIN * (high - low) or 1.0
    return _Scale(low - margin, high + margin, first, last)


def _round_step(rough: float) -> float:
    """Return the next of 1, 2, 5 × a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= rough * (1 - 1e-9))


def _stairs(points: tuple[PlacedPoint, ...]) -> str:
    """Return the path from the first point to the last: a plan reaches what lies left of and below it."""
    first, *rest = points
    steps = "".join(f"H{point.x}V{point.y}" for point in rest)
    return f"M{first.x} {first.y}{steps}"
