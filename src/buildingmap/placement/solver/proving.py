"""Proofs that are asked for many times over: from plans that are known, without pairs, or with another score held."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np

from buildingmap.placement.solver.exact import pair_count, solve_exactly
from buildingmap.placement.solver.programme import Master, ProgrammeError, items_of, model_of, rows_of, solver
from buildingmap.placement.solver.relaxing import NEVER
from buildingmap.placement.solver.relaxing_items import ItemRelaxation
from buildingmap.placement.solver.searching import Exchange
from buildingmap.placement.solver.solving import Solved, Status, solve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.placement.solver.choice import Choice
    from buildingmap.placement.solver.programme import Items

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Plan = tuple[Rows, Rows]

# what rounding may cost: a share of the score, and points in any case
TOLERANCE: Final = 1e-6
_LEAST_TOLERANCE: Final = 1e-4
_MOST_ITEMS: Final = 900
# with so few pairs HiGHS is faster than further rounds of the relaxation
_FEW_PAIRS: Final = 4_000
_MOST_PAIRS: Final = 30_000
_MOST_ROUNDS: Final = 160
_LOOKED_AT: Final = 8
_FEWER: Final = 0.85
# a bound that falls by less of its distance to the floor does not count as falling
_PROGRESS: Final = 1e-4
_FIRST_STEP, _PATIENCE, _SHRINK, _LAST_STEP = 1.0, 6, 0.7, 0.05


def prove(choice: Choice, *, starts: Sequence[Plan] = (), seconds: float = 60.0) -> Solved:
    """Return the best plan of ``choice``, proved as far as ``seconds`` allow; see ``solve`` for what comes back.

    ``starts``: plans that may be good; those that break a condition are passed over.
    """
    began = time.monotonic()
    if not choice.between.any() or choice.towers < 2:  # noqa: PLR2004 - a pair
        return _without_pairs(choice, began, began + seconds)
    plan = good_plan(choice, starts)
    try:
        return solve(choice, seconds=max(0.0, began + seconds - time.monotonic()), start=plan)
    except ProgrammeError:
        score = -np.inf if plan is None else choice.score(*plan)
        return Solved(plan, score, np.inf, "time_limit", time.monotonic() - began)


def prove_held(
    choice: Choice,
    other: Choice,
    low: float,
    *,
    slope: float,
    starts: Sequence[Plan] = (),
    seconds: float = 60.0,
) -> Solved:
    """Return the best plan of ``choice`` whose score in ``other`` is at least ``low`` points.

    Both have points of pairs, and the same sites, sectors and conditions. What a plan better than the best of
    ``starts`` can hold is found by bounds on score + ``slope`` × score in ``other``; HiGHS decides the rest.
    """
    began = time.monotonic()
    deadline = began + seconds
    fitting = [plan for plan in starts if not choice.broken(*plan) and other.score(*plan) >= low]
    plan = max(fitting, key=lambda each: choice.score(*each), default=None)
    score = -np.inf if plan is None else choice.score(*plan)
    both = replace(choice, own=choice.own + slope * other.own, between=choice.between + slope * other.between)
    sieve = Sieve(both, score + slope * low if plan is not None else NEVER, deadline)
    kept = sieve.run() if both.allowed.sum() <= _MOST_ITEMS else both.allowed
    bound = max(score, sieve.bound - slope * low)
    if kept.any():
        rows = np.flatnonzero(kept.any(axis=1))
        left = choice.of_sites(rows, kept)
        if pair_count(left) <= _MOST_PAIRS and time.monotonic() < deadline:
            held = (other.of_sites(rows, kept), low)
            answer = solve_exactly(left, seconds=deadline - time.monotonic(), held=held)
            bound = max(score, min(bound, answer.bound))
            if answer.plan is not None:
                found = rows[answer.plan[0]], answer.plan[1]
                if choice.score(*found) > score and not choice.broken(*found):
                    plan, score = found, choice.score(*found)
    else:
        bound = score
    if plan is None:
        status: Status = "infeasible" if bound == -np.inf else "time_limit"
        return Solved(None, -np.inf, bound, status, time.monotonic() - began)
    proved = bound <= score + allowance(score)
    status = "optimal" if proved else "time_limit"
    return Solved(plan, score, score if proved else bound, status, time.monotonic() - began)


def allowance(score: float) -> float:
    """Return by how many points a bound may exceed ``score`` and still prove it: rounding in HiGHS."""
    return max(_LEAST_TOLERANCE, TOLERANCE * abs(score))


def good_plan(choice: Choice, starts: Sequence[Plan] = ()) -> Plan | None:
    """Return the best of what exchanges make of ``starts`` and of a greedy plan, or None."""
    exchange = Exchange(choice)
    greedy = exchange.start(choice.own)
    known = [*starts, *([] if greedy is None else [greedy])]
    better = [exchange.improve(*plan) for plan in known if not choice.broken(*plan)]
    return max(better, key=lambda plan: choice.score(*plan), default=None)


class Sieve:
    """Rules out what plans of more than ``floor`` points cannot hold."""

    def __init__(self, choice: Choice, floor: float, deadline: float) -> None:
        """Begin with everything allowed."""
        self.choice, self.floor, self.deadline = choice, floor, deadline
        self.bound = np.inf
        self._worth = np.where(choice.allowed, np.inf, -np.inf)

    @property
    def kept(self) -> NDArray[np.bool_]:
        """bool[sites, sectors]: what a plan of more than the floor could hold."""
        return self.choice.allowed & (self._worth > self._limit)

    @property
    def _limit(self) -> float:
        return self.floor + allowance(self.floor)

    def run(self, *, few: int = _FEW_PAIRS) -> NDArray[np.bool_]:
        """Tighten until so ``few`` pairs are left, the bound no longer falls or time is up; return what is left."""
        items, relaxation = items_of(self.choice), ItemRelaxation(self.choice)
        master, best, step, waited = Master(self.choice, items), np.inf, _FIRST_STEP, 0
        for done in range(1, _MOST_ROUNDS):
            answer = master.solve(relaxation.profits())
            if answer is None:
                return self._nothing()
            value, taken, lowered = answer
            self._learn(items, value, lowered)
            if value <= self._limit:
                return self._nothing()
            waited = 0 if value < best - _PROGRESS * (best - self.floor) else waited + 1
            best = min(best, value)
            if waited >= _PATIENCE:
                step, waited = step * _SHRINK, 0
            length = step * (value - self.floor)
            if done % _LOOKED_AT == 0:
                kept = self.kept
                if int(kept.any(axis=1).sum()) < self.choice.towers:
                    return self._nothing()
                narrowed = _narrowed(self.choice, kept)
                if pair_count(narrowed) <= few or step < _LAST_STEP or time.monotonic() > self.deadline:
                    break
                if kept.sum() < _FEWER * len(items):
                    relaxation.move(taken, length)
                    among = np.flatnonzero(kept[items.site, items.sector])
                    items, relaxation = items_of(narrowed), relaxation.narrowed(narrowed, among)
                    master, best = Master(narrowed, items), np.inf
                    continue
            relaxation.move(taken, length)
        return self.kept

    def _nothing(self) -> NDArray[np.bool_]:
        self.bound = self.floor
        return np.zeros_like(self.choice.allowed)

    def _learn(self, items: Items, value: float, lowered: Floats) -> None:
        at = items.site, items.sector
        self._worth[at] = np.minimum(self._worth[at], value - lowered)
        # a plan that holds what was ruled out does not exceed the floor
        self.bound = min(self.bound, max(value, self.floor))


def _narrowed(choice: Choice, kept: NDArray[np.bool_]) -> Choice:
    """Return ``choice`` with the same sites, of which only bool[sites, sectors] may be taken."""
    return choice.of_sites(np.arange(choice.sites), kept)


def _without_pairs(choice: Choice, began: float, deadline: float) -> Solved:
    """Return the best plan where towers add nothing to each other: a plain mixed-integer programme."""
    items = items_of(choice)
    nothing = Solved(None, -np.inf, -np.inf, "infeasible", time.monotonic() - began)
    if len(items) < choice.towers:
        return nothing
    own = choice.own[items.site, items.sector]
    model = model_of(own, rows_of(choice, items), np.ones(len(items)), np.arange(len(items)))
    left = max(0.01, deadline - time.monotonic())
    highs = solver(model, time_limit=left, mip_rel_gap=0.0, mip_abs_gap=TOLERANCE)
    highs.run()
    status, info = highs.getModelStatus(), highs.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return nothing
    bound = float(info.mip_dual_bound)
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Solved(None, -np.inf, bound, "time_limit", time.monotonic() - began)
    taken = np.flatnonzero(np.array(highs.getSolution().col_value) > 1 / 2)
    plan = items.site[taken], items.sector[taken]
    score = choice.score(*plan)
    proved = bound <= score + allowance(score)
    return Solved(
        plan,
        score,
        score if proved else bound,
        "optimal" if proved else "time_limit",
        time.monotonic() - began,
    )
