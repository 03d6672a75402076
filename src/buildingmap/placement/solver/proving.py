"""Proofs that are asked for many times over: from plans that are known, without pairs, or with another score held."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np

from buildingmap.placement.solver.holding import best_that_holds
from buildingmap.placement.solver.programme import ProgrammeError, items_of, model_of, rows_of, solver
from buildingmap.placement.solver.searching import Exchange
from buildingmap.placement.solver.solving import Solved, solve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.placement.solver.choice import Choice

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Plan = tuple[Rows, Rows]

# what rounding may cost: a share of the score, and points in any case
TOLERANCE: Final = 1e-6
_LEAST_TOLERANCE: Final = 1e-4


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
    starts: Sequence[Plan] = (),
    seconds: float = 60.0,
) -> Solved:
    """Return the best plan of ``choice`` whose score in ``other`` is at least ``low`` points.

    Both have points of pairs, and the same sites, sectors and conditions. ``starts``: plans to begin with; see
    ``solve`` for what comes back.
    """
    began = time.monotonic()
    fitting = [plan for plan in starts if not choice.broken(*plan) and other.score(*plan) >= low]
    known = max((choice.score(*each) for each in fitting), default=0.0)
    plan, bound = best_that_holds(
        choice, other, low, allowance=allowance(known) / 2, starts=starts, seconds=seconds
    )
    took = time.monotonic() - began
    if plan is None:
        return Solved(None, -np.inf, bound, "infeasible" if bound == -np.inf else "time_limit", took)
    score = choice.score(*plan)
    proved = bound <= score + allowance(score)
    return Solved(plan, score, score if proved else bound, "optimal" if proved else "time_limit", took)


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
