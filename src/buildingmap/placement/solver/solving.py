"""The best plan of a choice, with a proof: a plan, and a number of points that no plan exceeds."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from buildingmap.placement.solver.branching import MOST_ITEMS, Branching
from buildingmap.placement.solver.incumbent import TOLERANCE, Incumbent, simple_bound
from buildingmap.placement.solver.moments import one_thread
from buildingmap.placement.solver.programme import Master, ProgrammeError
from buildingmap.placement.solver.relaxing import MOST_SITES_WITH_PAIRS, Multipliers, Relaxation
from buildingmap.placement.solver.relaxing_items import ItemRelaxation
from buildingmap.placement.solver.relaxing_sites import SiteRelaxation

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from buildingmap.placement.solver.choice import Choice

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

Status = Literal["optimal", "within_gap", "time_limit", "infeasible"]

# the plan is first proved good to within a part in twenty, then ever closer: each proof leaves fewer items
_TARGETS: Final = (0.05, 0.02, 0.01, 0.005, 0.002)
_FIRST_STEP, _LAST_STEP, _PATIENCE = 1.0, 0.03, 10
# after so many rounds, with less than this share of the items left, the rest goes on by itself
_RENEWED: Final = 40
# of what an item's being taken would lower the bound, so much makes it dearer as a partner in each round
_SPENT: Final = 0.5
_FEWER: Final = 0.7
# multipliers are moved so often between two takings of dual prices, which are first those of so few items
_ROUNDS: Final = 20
_FEW_ITEMS: Final = 64
_SEARCHED: Final = 10


@dataclass(frozen=True, eq=False)
class Solved:
    """The best plan that was found: int64[towers] ``sites``, ascending, and ``sectors``; None where there is none.

    ``score``: its points; ``bound``: points that no plan exceeds; ``gap``: (bound - score) ÷ |score|. ``status``:
    ``optimal`` (the gap is 0 but for rounding), ``within_gap`` (the gap asked for is proved), ``time_limit``,
    ``infeasible``. ``seconds``: how long it took.
    """

    plan: tuple[Rows, Rows] | None
    score: float
    bound: float
    status: Status
    seconds: float

    @property
    def gap(self) -> float:
        """The share of the score by which a better plan could at most exceed it; 0 where that is proved."""
        return max(0.0, self.bound - self.score) / max(abs(self.score), 1e-9)


def solve(
    choice: Choice,
    *,
    gap: float = 0.0,
    seconds: float = 60.0,
    told: Callable[[float, float], bool] | None = None,
    start: tuple[Rows, Rows] | None = None,
) -> Solved:
    """Return the best plan of ``choice``, proved to a relative ``gap`` or as far as ``seconds`` allow.

    Bounds rule items out first (Lagrangian relaxation, ``relaxing``), HiGHS decides what is left (``exact``).
    ``told`` hears score and bound as they improve and ends the work by returning False. ``start``: a plan to begin
    with, int64[towers] sites and sectors; one that breaks a condition is passed over. Equal questions end in equal
    answers unless the time limit ends them. Raises ProgrammeError where HiGHS fails before any plan is found.
    """
    with one_thread():
        return _Search(only_fixed(choice), gap=gap, seconds=seconds, told=told, start=start).run()


def only_fixed(choice: Choice) -> Choice:
    """Return the choice without the sectors that a site fixed with another cannot have."""
    allowed = choice.allowed.copy()
    for each in choice.conditions:
        if each.kind == "fixed":
            rows = each.coefficients.any(axis=1)
            allowed[rows] &= each.coefficients[rows] > 0
    return replace(choice, allowed=allowed)


class _Search(Incumbent):
    def __init__(
        self,
        choice: Choice,
        *,
        gap: float,
        seconds: float,
        told: Callable[[float, float], bool] | None,
        start: tuple[Rows, Rows] | None = None,
    ) -> None:
        super().__init__(choice, gap=gap, seconds=seconds, told=told, start=start)
        # no plan with this site and sector exceeds so many points, or the score with its gap
        self.item_bounds = np.where(choice.allowed, np.inf, -np.inf)
        # the same for plans that exceed the target of the stage
        self.bounds = self.item_bounds

    def run(self) -> Solved:
        if not self.first_plan():
            return self._solved("infeasible" if self.bound == -np.inf else "time_limit")
        self.kick()
        self.bound = simple_bound(self.choice)
        # where HiGHS fails, what is found and proved so far holds
        with contextlib.suppress(ProgrammeError):
            self._prove()
        return self._solved("time_limit")

    def _prove(self) -> None:
        multipliers = Multipliers.none(self.choice)
        if not self.over():
            self._learn_all(multipliers)
        for target in [*(each for each in _TARGETS if each > self.gap), self.gap]:
            if self.over() or self.proved(self.gap):
                break
            if (self.item_bounds > self.limit(self.gap)).sum() <= MOST_ITEMS:
                self._stage(self.gap, multipliers)
                break
            if target == self.gap or not self.proved(target):
                multipliers = self._stage(target, multipliers)
                if target > self.gap and not self.over():
                    self._learn_all(multipliers)

    def _solved(self, otherwise: Status) -> Solved:
        status = otherwise
        if self.plan is not None and self.proved(0.0):
            status, self.bound = "optimal", self.score
        elif self.plan is not None and self.proved(self.gap):
            status = "within_gap"
        plan = self.plan
        if plan is not None:
            order = np.argsort(plan[0])
            plan = plan[0][order], plan[1][order]
        return Solved(plan, self.score, self.bound, status, time.monotonic() - self.began)

    def _kept(self, bounds: Floats, limit: float) -> tuple[Choice, Rows] | None:
        """Return the choice among what could exceed ``limit`` and the rows of its sites; None: no plan does."""
        mask = self.choice.allowed & (bounds > limit)
        rows = np.flatnonzero(mask.any(axis=1))
        if len(rows) < self.choice.towers:
            return None
        return self.choice.of_sites(rows, mask), rows

    def _learn_all(self, multipliers: Multipliers) -> None:
        """Bound every item of the whole choice by given multipliers."""
        relaxation = SiteRelaxation(self.choice, multipliers, pairs=multipliers.pairs is not None)
        rows = np.arange(self.choice.sites)
        value = self._bounded(
            Master(self.choice, relaxation.items), rows, relaxation, self.item_bounds, -np.inf
        )
        self.bound = min(self.bound, value)
        self.tell()

    def _bounded(
        self, master: Master, rows: Rows, relaxation: Relaxation, bounds: Floats, limit: float
    ) -> float:
        """Lower ``bounds`` of the relaxation's items; return what no plan of them exceeds, at least ``limit``.

        ``rows``: the sites of the relaxation among all. What is not among its items is in no plan above ``limit``.
        """
        items, profits = relaxation.items, relaxation.profits()
        answer = master.solve(profits)
        if answer is None:
            bounds[rows[items.site], items.sector] = limit
            return limit
        value, taken, lowered = answer
        at = (rows[items.site], items.sector)
        bounds[at] = np.minimum(bounds[at], np.maximum(value - lowered, limit))
        self.search_near(rows, items, profits, taken)
        return max(value, limit)

    def _stage(self, target: float, start: Multipliers) -> Multipliers:
        """Try to prove that no plan exceeds the target; return the multipliers found."""
        self.bounds = self.item_bounds.copy()
        while not self.over():
            kept = self._kept(self.bounds, self.limit(target))
            if kept is None:
                self.bound = min(self.bound, self.limit(target))
                break
            choice, rows = kept
            if choice.allowed.sum() <= MOST_ITEMS:
                self._narrow(ItemRelaxation(choice, start.of(rows)), rows, target)
                break
            pairs = choice.sites <= MOST_SITES_WITH_PAIRS
            relaxation = SiteRelaxation(choice, start.of(rows), pairs=pairs)
            reached, fewer = self._tighten(relaxation, rows, target)
            start = relaxation.multipliers().within(rows, self.choice.sites)
            self.bound = min(self.bound, max(self.limit(target), reached))
            if reached <= self.limit(target) or not fewer:
                break
        self.tell()
        return start

    def _narrow(self, relaxation: ItemRelaxation, rows: Rows, target: float) -> None:
        """Try to prove that no plan of the items left exceeds the target: by multipliers, then by branching."""
        reached = self.bound
        while not self.over():
            reached, _ = self._tighten(relaxation, rows, target, rounds=_ROUNDS)
            self.bound = min(self.bound, max(self.limit(target), reached))
            if reached <= self.limit(target) or self.over():
                return
            before = len(relaxation.items)
            relaxation, rows = self._fewer(relaxation, rows, target)
            if len(rows) < self.choice.towers:
                self.bound = min(self.bound, self.limit(target))
                return
            if len(relaxation.items) > _FEWER * before:
                break
        reached = Branching(self, relaxation.choice, rows, target).run(reached)
        self.bound = min(self.bound, max(self.limit(target), reached))

    def _fewer(self, relaxation: ItemRelaxation, rows: Rows, target: float) -> tuple[ItemRelaxation, Rows]:
        """Return the relaxation of what could exceed the target still, and its sites among all."""
        items = relaxation.items
        among = np.flatnonzero(self.bounds[rows[items.site], items.sector] > self.limit(target))
        if len(among) == len(items):
            return relaxation, rows
        sites = np.unique(items.site[among])
        fewer = relaxation.choice.only(items.site[among], items.sector[among]).of_sites(sites)
        return relaxation.narrowed(fewer, among), rows[sites]

    def _tighten(
        self, relaxation: Relaxation, rows: Rows, target: float, *, rounds: int = 10_000
    ) -> tuple[float, bool]:
        """Move multipliers until the bound meets the target, no longer falls, or rules many items out.

        Return the best bound in points, and whether it is worth to begin again with fewer items.
        """
        items = relaxation.items
        master, at = Master(relaxation.choice, items), (rows[items.site], items.sector)
        best, step, waited = np.inf, _FIRST_STEP, 0
        for number in range(1, rounds + 1):
            limit, began = self.limit(target), time.monotonic()
            profits = relaxation.profits()
            answer = master.solve(profits)
            if answer is None:
                return -np.inf, False
            value, taken, lowered = answer
            # a plan that holds what was left out comes to the target at most
            self.bounds[at] = np.minimum(self.bounds[at], np.maximum(value - lowered, limit))
            if number % _SEARCHED == 0:
                self.search_near(rows, items, profits, taken)
                self.tell()
            waited = 0 if value < best - 1e-4 * max(0.0, best - self.score) else waited + 1
            best = min(best, value)
            if waited >= _PATIENCE:
                step, waited = step * 0.7, 0
            if best <= limit or step < _LAST_STEP or self.over(time.monotonic() - began):
                break
            if number % _RENEWED == 0 and (self.bounds[at] > limit).mean() < _FEWER:
                return best, True
            relaxation.move(taken, step * max(value - self.score, TOLERANCE))
            if relaxation.choice.sites > MOST_SITES_WITH_PAIRS:
                relaxation.spend(_SPENT * lowered)
        return best, False
