"""Towers to come: the milestones of each, how far they slip, and what is handed over in which year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date  # noqa: TC003 - the schema of the API is made from these classes
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np

from buildingmap.analysis.measures import EXISTING, known_sum
from buildingmap.model import Milestone, Project, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildingmap.filters import Selection
    from buildingmap.model import Building
    from buildingmap.snapshot import Holdings

StepKind = Literal["land", "permit", "start", "topping_out", "hand_over"]
STEP_KINDS: Final[tuple[StepKind, ...]] = get_args(StepKind)
StepState = Literal["done", "overdue", "expected", "planned", "unknown"]
YearBasis = Literal["done", "expected", "planned", "completion_year"]


@dataclass(frozen=True, slots=True)
class Step:
    """One milestone of a tower to come.

    ``state``: ``done``; ``overdue``, its planned day is past and it is not done; ``expected`` or ``planned``,
    the newest day known of it; ``unknown`` without any. ``slippage_days``: done minus planned; while not done
    the expected day minus planned, and never less than today minus planned, because what is not done did not
    happen before today; None without a plan, or while nothing but the plan is known and its day is not past.
    Negative is early.
    """

    kind: StepKind
    planned_on: date | None
    expected_on: date | None
    done_on: date | None
    state: StepState
    slippage_days: int | None

    @property
    def day(self) -> date | None:
        """The day it was done, else is expected, else was planned."""
        return self.done_on or self.expected_on or self.planned_on


@dataclass(frozen=True, slots=True)
class ComingTower:
    """A tower to come; area in m² gross, ``investment_yuan`` in yuan; None is unknown.

    ``steps`` stand in the order of building, those without a record left out. ``next_step``: the first that is
    not done, after the last one done; ``worst_slippage_days``: the largest of its steps. ``hand_over_year``
    and what it was read from: the hand-over's day, else the completion year of the tower's own file.
    """

    id: str
    name: str
    name_en: str | None
    cluster: str | None
    sector: str | None
    status: Status
    floor_area_m2: float | None
    investment_yuan: float | None
    responsible: str | None
    note: str | None
    steps: tuple[Step, ...]
    next_step: StepKind | None
    worst_slippage_days: int | None
    overdue_steps: int
    hand_over_year: int | None
    hand_over_basis: YearBasis | None


@dataclass(frozen=True, slots=True)
class YearOfHandOver:
    """What is handed over in one year; ``year`` None gathers what has none.

    Gross floor area in m² and investment in yuan are sums of what is known, of ``with_area`` and
    ``with_investment`` towers. ``overdue``: towers of it whose hand-over should have happened and has not.
    """

    year: int | None
    towers: int
    overdue: int
    floor_area_m2: float | None
    with_area: int
    investment_yuan: float | None
    with_investment: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The towers to come of a selection as of ``today``: next handed over first, without a year last.

    ``slipping``: how many have a step later than planned; ``overdue``: how many have an overdue step;
    ``without_milestones``: how many have no milestone on record. ``total`` sums all of them.
    """

    today: date
    towers: tuple[ComingTower, ...]
    by_year: tuple[YearOfHandOver, ...]
    total: YearOfHandOver
    slipping: int
    overdue: int
    without_milestones: int


def pipeline(selection: Selection, *, today: date) -> Pipeline:
    """Return the towers of a selection that do not stand yet, whatever its order, with their milestones."""
    snapshot = selection.snapshot
    rows = selection.rows[snapshot.status[selection.rows] != EXISTING]
    towers = sorted(
        (_coming(snapshot.buildings[row], snapshot.holdings, today) for row in rows.tolist()), key=_order
    )
    years = sorted({tower.hand_over_year for tower in towers if tower.hand_over_year is not None})
    groups: list[int | None] = [*years]
    if any(tower.hand_over_year is None for tower in towers):
        groups.append(None)
    return Pipeline(
        today=today,
        towers=tuple(towers),
        by_year=tuple(_sum(year, (t for t in towers if t.hand_over_year == year)) for year in groups),
        total=_sum(None, towers),
        slipping=sum((tower.worst_slippage_days or 0) > 0 for tower in towers),
        overdue=sum(tower.overdue_steps > 0 for tower in towers),
        without_milestones=sum(not tower.steps for tower in towers),
    )


def steps_of(holdings: Holdings, building_id: str, *, today: date) -> tuple[Step, ...]:
    """Return the milestones of one tower in the order of building; of two of a kind the newer record counts."""
    newest: dict[str, Milestone] = {}
    for record in sorted(holdings.of(Milestone, building_id), key=_age):
        newest[record.kind] = record
    return tuple(_step(newest[kind], kind, today) for kind in STEP_KINDS if kind in newest)


def hand_over_day(holdings: Holdings, building_id: str) -> date | None:
    """Return the day a tower was, is expected or is planned to be handed over; None where unknown."""
    newest = _hand_over_record(holdings, building_id)
    return None if newest is None else newest.done_on or newest.expected_on or newest.planned_on


def hand_over_done(holdings: Holdings, building_id: str) -> date | None:
    """Return the day a tower was handed over; None where it was not, or the day is unknown."""
    newest = _hand_over_record(holdings, building_id)
    return None if newest is None else newest.done_on


def _hand_over_record(holdings: Holdings, building_id: str) -> Milestone | None:
    records = sorted((r for r in holdings.of(Milestone, building_id) if r.kind == "hand_over"), key=_age)
    return records[-1] if records else None


def _age(record: Milestone) -> tuple[str, str]:
    return ("" if record.as_of is None else record.as_of.isoformat(), record.id)


def _step(record: Milestone, kind: StepKind, today: date) -> Step:
    planned, expected, done = record.planned_on, record.expected_on, record.done_on
    if done is not None:
        state: StepState = "done"
    elif planned is not None and planned < today:
        state = "overdue"
    else:
        state = "unknown" if planned is None else "planned"
        state = state if expected is None else "expected"
    return Step(kind, planned, expected, done, state, _slippage(record, today))


def _slippage(record: Milestone, today: date) -> int | None:
    planned, day = record.planned_on, record.done_on
    if planned is None:
        return None
    if day is None:
        if record.expected_on is None and planned >= today:
            return None
        day = max(record.expected_on or today, today)
    return (day - planned).days


def _coming(building: Building, holdings: Holdings, today: date) -> ComingTower:
    steps = steps_of(holdings, building.id, today=today)
    projects = holdings.of(Project, building.id)
    project = projects[-1] if projects else None
    slippage = [step.slippage_days for step in steps if step.slippage_days is not None]
    year, basis = _hand_over(steps, building)
    return ComingTower(
        id=building.id,
        name=building.name,
        name_en=building.name_en,
        cluster=building.cluster,
        sector=building.sector,
        status=building.status,
        floor_area_m2=building.floor_area_m2,
        investment_yuan=None if project is None else project.investment_yuan,
        responsible=None if project is None else project.responsible,
        note=None if project is None else project.note,
        steps=steps,
        next_step=_next(steps),
        worst_slippage_days=max(slippage, default=None),
        overdue_steps=sum(step.state == "overdue" for step in steps),
        hand_over_year=year,
        hand_over_basis=basis,
    )


def _next(steps: tuple[Step, ...]) -> StepKind | None:
    done = [place for place, step in enumerate(steps) if step.state == "done"]
    after = steps[done[-1] + 1 :] if done else steps
    return after[0].kind if after else None


def _hand_over(steps: tuple[Step, ...], building: Building) -> tuple[int | None, YearBasis | None]:
    last = next((step for step in steps if step.kind == "hand_over"), None)
    if last is not None:
        days: tuple[tuple[date | None, YearBasis], ...] = (
            (last.done_on, "done"), (last.expected_on, "expected"), (last.planned_on, "planned"),
        )  # fmt: skip
        for day, basis in days:
            if day is not None:
                return day.year, basis
    year = building.completion_year
    return year, None if year is None else "completion_year"


def _order(tower: ComingTower) -> tuple[bool, int, str, str]:
    last = next((step.day for step in tower.steps if step.kind == "hand_over"), None)
    year = tower.hand_over_year
    return (year is None, year or 0, "9" if last is None else last.isoformat(), tower.id)


def _sum(year: int | None, towers: Iterable[ComingTower]) -> YearOfHandOver:
    group = list(towers)
    area, investment = _column(t.floor_area_m2 for t in group), _column(t.investment_yuan for t in group)
    return YearOfHandOver(
        year=year,
        towers=len(group),
        overdue=sum(s.kind == "hand_over" and s.state == "overdue" for tower in group for s in tower.steps),
        floor_area_m2=known_sum(area),
        with_area=int(np.count_nonzero(~np.isnan(area))),
        investment_yuan=known_sum(investment),
        with_investment=int(np.count_nonzero(~np.isnan(investment))),
    )


def _column(values: Iterable[float | None]) -> Any:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
