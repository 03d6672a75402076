"""A stacking plan drawn: a bar of boxes per floor, as wide as their area, the top floor at the top."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from buildingmap.analysis import PlanFloor, PlanPart, StackingPlan

StackColour = Literal["expiry", "vacancy", "sector"]
STACK_COLOURS: Final[tuple[StackColour, ...]] = ("expiry", "vacancy", "sector")
WIDTH_PX: Final = 1160.0
_LABEL_PX: Final = 46.0
_AREA_PX: Final = 78.0
_ROW_PX: Final = 26.0
_GAP_PX: Final = 2.0
_LEAST_PX: Final = 5.0
_LETTER_PX: Final = 6.6
_WIDE_LETTER_PX: Final = 12.0
_PADDING_PX: Final = 5.0
# more sectors than these are one colour: nobody tells eight colours apart
MOST_SECTORS: Final = 6


@dataclass(frozen=True, slots=True)
class Box:
    """One part in the drawing, pixels: ``css`` names its colour, ``text`` is as much of its words as fits.

    ``number`` counts the plan's parts from 0 in the order of the drawing, top floor first.
    """

    part: PlanPart
    number: int
    x: float
    width: float
    css: str
    text: str


@dataclass(frozen=True, slots=True)
class FloorBar:
    """One floor: ``y`` of its upper edge; ``untold_x``, ``untold_width``: leasable area that nothing accounts for."""

    floor: PlanFloor
    y: float
    boxes: tuple[Box, ...]
    untold_x: float
    untold_width: float


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One line of the legend: the colour's name, the id of a sector where it is one, and m² in that colour."""

    css: str
    sector: str | None
    area_m2: float


@dataclass(frozen=True, slots=True)
class Stack:
    """The whole drawing; pixels."""

    width: float
    height: float
    row_height: float
    label_width: float
    area_x: float
    floors: tuple[FloorBar, ...]
    key: tuple[KeyEntry, ...]


def stack(plan: StackingPlan, colour: StackColour, words: Callable[[PlanPart], str]) -> Stack | None:
    """Draw a plan; None where it has no floors. ``words``: what to write into a box, as far as it fits."""
    widest = max((_extent(floor) for floor in plan.floors), default=0.0)
    if not plan.floors:
        return None
    room = WIDTH_PX - _LABEL_PX - _AREA_PX
    scale = room / widest if widest > 0 else 0.0
    css = _colours(plan, colour)
    bars, number = [], 0
    for place, floor in enumerate(plan.floors):
        bars.append(
            _bar(floor, y=place * (_ROW_PX + _GAP_PX), number=number, scale=scale, css=css, words=words)
        )
        number += len(floor.parts)
    return Stack(
        width=WIDTH_PX,
        height=len(bars) * (_ROW_PX + _GAP_PX),
        row_height=_ROW_PX,
        label_width=_LABEL_PX,
        area_x=WIDTH_PX,
        floors=tuple(bars),
        key=_key(plan, css),
    )


def _extent(floor: PlanFloor) -> float:
    return max(floor.leasable_m2 or 0.0, floor.let_m2 + floor.vacant_m2 + floor.untold_m2)


def _bar(
    floor: PlanFloor,
    *,
    y: float,
    number: int,
    scale: float,
    css: Callable[[PlanPart], tuple[str, str | None]],
    words: Callable[[PlanPart], str],
) -> FloorBar:
    x, boxes = _LABEL_PX, []
    for place, part in enumerate(floor.parts):
        width = max((part.area_m2 or 0.0) * scale, _LEAST_PX)
        boxes.append(
            Box(part, number + place, round(x, 1), round(width, 1), css(part)[0], fitting(words(part), width))
        )
        x += width
    untold = floor.untold_m2 * scale
    return FloorBar(floor, y, tuple(boxes), round(x, 1), round(untold if untold >= 1 else 0.0, 1))


def fitting(text: str, width: float) -> str:
    """Return as much of ``text`` as ``width`` pixels hold, with an ellipsis where it is cut; empty for too little."""
    left, found = width - 2 * _PADDING_PX, ""
    for letter in text:
        wide = unicodedata.east_asian_width(letter) in {"W", "F"}
        left -= _WIDE_LETTER_PX if wide else _LETTER_PX
        if left < 0:
            # an ellipsis after two letters or fewer says nothing
            return f"{found[:-1]}…" if len(found) > 2 else ""  # noqa: PLR2004
        found += letter
    return found


def _colours(plan: StackingPlan, colour: StackColour) -> Callable[[PlanPart], tuple[str, str | None]]:
    """Return how a part is coloured: the name of its colour, and the sector where the colour is of one."""
    ranked = _sectors(plan) if colour == "sector" else []

    def of(part: PlanPart) -> tuple[str, str | None]:
        if part.kind == "vacant":
            return "vacant", None
        if colour == "vacancy":
            return "let", None
        if colour == "expiry":
            return f"lease-{part.lease_class}", None
        sector = None if part.tenant is None else part.tenant.sector
        if sector is None:
            return "sector-unknown", None
        place = ranked.index(sector)
        return (f"sector-{place + 1}", sector) if place < MOST_SECTORS else ("sector-others", None)

    return of


def _sectors(plan: StackingPlan) -> list[str]:
    areas: dict[str, float] = {}
    for floor in plan.floors:
        for part in floor.parts:
            if part.tenant is not None and part.tenant.sector is not None:
                areas[part.tenant.sector] = areas.get(part.tenant.sector, 0.0) + (part.area_m2 or 0.0)
    return sorted(areas, key=lambda sector: (-areas[sector], sector))


_KEY_ORDER: Final = (
    "vacant",
    "let",
    "lease-ended",
    "lease-d90",
    "lease-y1",
    "lease-y3",
    "lease-later",
    "lease-unknown",
    *(f"sector-{place + 1}" for place in range(MOST_SECTORS)),
    "sector-others",
    "sector-unknown",
)


def _key(plan: StackingPlan, css: Callable[[PlanPart], tuple[str, str | None]]) -> tuple[KeyEntry, ...]:
    areas: dict[tuple[str, str | None], float] = {}
    for floor in plan.floors:
        for part in floor.parts:
            areas[css(part)] = areas.get(css(part), 0.0) + (part.area_m2 or 0.0)
    entries = [KeyEntry(name, sector, area) for (name, sector), area in areas.items()]
    if plan.untold_m2 > 0:
        entries.append(KeyEntry("untold", None, plan.untold_m2))
    order: Sequence[str] = (*_KEY_ORDER, "untold")
    return tuple(sorted(entries, key=lambda entry: order.index(entry.css)))
