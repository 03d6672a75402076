"""The pipeline drawn: one line per tower, a symbol per milestone, on an axis of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from buildingmap.analysis import STEP_KINDS
from buildingmap.map.symbols import circle, diamond, polygon

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from buildingmap.analysis import ComingTower, Step, StepKind, StepState

_LABEL_PX: Final = 132.0
_RIGHT_PX: Final = 22.0
_TOP_PX: Final = 34.0
_ROW_PX: Final = 30.0
_FOOT_PX: Final = 6.0
WIDTH_PX: Final = 1100.0
# beyond this many years a year is too narrow to be read: only every so many are named
_MOST_YEARS_NAMED: Final = 14

# a shape per kind of milestone, so that none is told by colour alone
STEP_PATHS: Final[dict[StepKind, str]] = {
    "land": polygon([(-5, -5), (5, -5), (5, 5), (-5, 5)]),
    "permit": diamond(6.5),
    "start": polygon([(-5, -6), (6.5, 0), (-5, 6)]),
    "topping_out": polygon([(0, -6.5), (6, 5), (-6, 5)]),
    "hand_over": circle(5.5),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One milestone in the drawing: where, which shape, and how it is coloured; pixels.

    ``planned_x``: where its plan stands, None where that is unknown or the same place.
    """

    step: Step
    x: float
    planned_x: float | None
    path: str
    state: StepState


@dataclass(frozen=True, slots=True)
class Line:
    """One tower: ``y`` of its middle, the extent of its bar, and its marks; pixels."""

    tower: ComingTower
    y: float
    first_x: float
    last_x: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole drawing: its size, the years on its axis as (x, year), where today is; pixels."""

    width: float
    height: float
    label_width: float
    top: float
    row_height: float
    years: tuple[tuple[float, int], ...]
    today_x: float
    lines: tuple[Line, ...]


def timeline(towers: Sequence[ComingTower], *, today: date) -> Timeline | None:
    """Lay out the towers that have a dated milestone, in their order; None where none has."""
    dated = [tower for tower in towers if any(step.day for step in tower.steps)]
    if not dated:
        return None
    days = [day for tower in dated for step in tower.steps for day in (step.planned_on, step.day) if day]
    first = date(min([*days, today]).year, 1, 1)
    last = max([*days, today]).year
    end = date(min(last + 1, date.max.year), 1, 1)
    scale = (WIDTH_PX - _LABEL_PX - _RIGHT_PX) / max((end - first).days, 1)

    def place(day: date) -> float:
        return round(_LABEL_PX + (day - first).days * scale, 1)

    every = -(-(last - first.year + 1) // _MOST_YEARS_NAMED)
    return Timeline(
        width=WIDTH_PX,
        height=_TOP_PX + _ROW_PX * len(dated) + _FOOT_PX,
        label_width=_LABEL_PX,
        top=_TOP_PX,
        row_height=_ROW_PX,
        years=tuple((place(date(year, 1, 1)), year) for year in range(first.year, last + 1, every)),
        today_x=place(today),
        lines=tuple(
            _line(tower, _TOP_PX + _ROW_PX * (at + 0.5), [_mark(s, place) for s in tower.steps if s.day])
            for at, tower in enumerate(dated)
        ),
    )


def _mark(step: Step, place: Callable[[date], float]) -> Mark:
    assert step.day is not None
    x = place(step.day)
    planned = None if step.planned_on is None else place(step.planned_on)
    return Mark(step, x, None if planned == x else planned, STEP_PATHS[step.kind], step.state)


def _line(tower: ComingTower, y: float, marks: list[Mark]) -> Line:
    ends = [mark.x for mark in marks] + [mark.planned_x for mark in marks if mark.planned_x is not None]
    return Line(tower, y, min(ends), max(ends), tuple(marks))


def step_symbols() -> tuple[tuple[StepKind, str], ...]:
    """Return each kind of milestone with its shape, for the legend."""
    return tuple((kind, STEP_PATHS[kind]) for kind in STEP_KINDS)
