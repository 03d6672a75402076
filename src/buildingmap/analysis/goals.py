"""The goals of a year (年度目标) beside what is reached: computed where it can be, else as an office typed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

from buildingmap.analysis.pipeline import hand_over_done
from buildingmap.analysis.totals import totals
from buildingmap.filters import Filter, select
from buildingmap.model import Goal

if TYPE_CHECKING:
    from datetime import date

    from buildingmap.analysis.totals import Totals
    from buildingmap.model import TaxMeasure
    from buildingmap.snapshot import Snapshot

GoalMeasure = Literal[
    "towers_past_mark", "total_tax_yuan", "district_revenue_yuan", "tax_per_m2",
    "existing_towers", "floor_area_m2", "leasable_area_m2", "occupancy_rate", "vacancy_rate",
    "handed_over_towers", "handed_over_area_m2",
]  # fmt: skip
GOAL_MEASURES: Final[tuple[GoalMeasure, ...]] = get_args(GoalMeasure)
GoalBasis = Literal["figures", "milestones", "now", "typed"]
_OF_TAX: Final = GOAL_MEASURES[:4]
_OF_HAND_OVER: Final = GOAL_MEASURES[-2:]
# of these less is better
AT_MOST: Final[frozenset[str]] = frozenset({"vacancy_rate"})


@dataclass(frozen=True, slots=True)
class GoalProgress:
    """One goal of the registry and how far it is reached.

    ``reached`` in the measure's own unit (yuan, m², share of 0 to 1, towers; an office's own otherwise), None where
    nothing is known. ``basis``: ``figures``, the tax of ``reached_year``, which is the goal's year or else the newest
    before it that counts, by how many towers have reported; ``milestones``, hand-overs done in the goal's year;
    ``now``, what stands today, for a goal of this year or later; ``typed``, as an office entered it. ``share``:
    reached ÷ value, for a measure of which less is better value ÷ reached; None where that has no meaning. ``met``:
    whether the goal is reached. ``version``: the record's own, None where it has none.
    """

    id: str
    version: int | None
    year: int
    measure: str
    label: str | None
    unit: str | None
    value: float
    typed: float | None
    source: str | None
    computed: bool
    reached: float | None
    reached_year: int | None
    basis: GoalBasis | None
    at_most: bool
    share: float | None
    met: bool | None


def goals(snapshot: Snapshot, *, today: date) -> tuple[GoalProgress, ...]:
    """Return the registry's goals over the whole layer, newest year first, computed measures before an office's own."""
    reach = _Reach(snapshot, today)
    found = [_progress(goal, reach) for goal in snapshot.holdings.all(Goal)]
    return tuple(sorted(found, key=_order))


def _order(goal: GoalProgress) -> tuple[int, int, str, str]:
    names: tuple[str, ...] = GOAL_MEASURES
    place = names.index(goal.measure) if goal.computed else len(names)
    return -goal.year, place, goal.measure, goal.id


def _progress(goal: Goal, reach: _Reach) -> GoalProgress:
    computed = goal.measure in GOAL_MEASURES
    value, year, basis = reach.of(goal)
    at_most = goal.measure in AT_MOST
    stamp = reach.snapshot.holdings.stamps.get(("goal", goal.id))
    met = None if value is None else (value <= goal.value if at_most else value >= goal.value)
    return GoalProgress(
        id=goal.id,
        version=None if stamp is None else stamp.version,
        year=goal.year,
        measure=goal.measure,
        label=goal.label,
        unit=goal.unit,
        value=goal.value,
        typed=goal.reached,
        source=goal.source,
        computed=computed,
        reached=value,
        reached_year=year,
        basis=basis,
        at_most=at_most,
        share=_share(value, goal.value, at_most=at_most),
        met=met,
    )


def _share(reached: float | None, value: float, *, at_most: bool) -> float | None:
    if reached is None or value <= 0 or reached < 0:
        return None
    if at_most:
        return 1.0 if reached <= value else value / reached
    return reached / value


class _Reach:
    """What is reached of a measure in a year; each year's totals are added up once."""

    def __init__(self, snapshot: Snapshot, today: date) -> None:
        self.snapshot, self.today = snapshot, today
        self._totals: dict[int | None, Totals] = {}

    def of(self, goal: Goal) -> tuple[float | None, int | None, GoalBasis | None]:
        measure = goal.measure
        if measure in _OF_TAX:
            return self._of_tax(measure, goal.year)
        if measure in _OF_HAND_OVER:
            return self._handed_over(measure, goal.year), goal.year, "milestones"
        # how many stood in a year gone by is not on record: only what was typed in then can say
        if measure in GOAL_MEASURES and goal.year >= self.today.year:
            return self._now(measure), None, "now"
        return goal.reached, None, None if goal.reached is None else "typed"

    def totals(self, year: int | None) -> Totals:
        found = self._totals.get(year)
        if found is None:
            standing = Filter(status=("existing",), year=year)
            found = self._totals[year] = totals(select(self.snapshot, standing))
        return found

    def _of_tax(self, measure: str, year: int) -> tuple[float | None, int | None, GoalBasis | None]:
        of: TaxMeasure = "district_revenue_yuan" if measure == "district_revenue_yuan" else "tax_yuan"
        for coverage in reversed(self.snapshot.coverage_of(of)):
            candidate = coverage.year
            if candidate > year or not coverage.counts:
                continue
            found = self.totals(candidate)
            reached = {
                "towers_past_mark": float(found.past_mark) if found.with_tax else None,
                "total_tax_yuan": found.tax_yuan,
                "district_revenue_yuan": found.district_revenue_yuan,
                "tax_per_m2": found.tax_per_m2,
            }[measure]
            if reached is not None:
                return reached, candidate, "figures"
        return None, None, None

    def _now(self, measure: str) -> float | None:
        found = self.totals(None)
        vacancy = found.vacancy_rate
        return {
            "existing_towers": float(found.existing),
            "floor_area_m2": found.floor_area_m2,
            "leasable_area_m2": found.leasable_area_m2,
            "occupancy_rate": None if vacancy is None else 1 - vacancy,
            "vacancy_rate": vacancy,
        }[measure]

    def _handed_over(self, measure: str, year: int) -> float:
        done = [
            building
            for building in self.snapshot.buildings
            if (day := hand_over_done(self.snapshot.holdings, building.id)) is not None and day.year == year
        ]
        if measure == "handed_over_towers":
            return float(len(done))
        return sum(building.floor_area_m2 or 0.0 for building in done)
