"""The best plan by one criterion that comes to so much by another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

import numpy as np

from buildingmap.placement.plan_file import CRITERIA
from buildingmap.placement.questions.weightings import best_of_all
from buildingmap.placement.solver.choice import Condition
from buildingmap.placement.solver.incumbent import simple_bound
from buildingmap.placement.solver.proving import prove, prove_held

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.placement.questions.weighing import Weighing
    from buildingmap.placement.questions.weightings import Found
    from buildingmap.placement.solver.solving import Solved

    Rows = NDArray[np.int64]
    Plan = tuple[Rows, Rows]


@dataclass(frozen=True, slots=True)
class Held:
    """The best plan by ``criterion`` that comes to ``at_least`` points by ``held``: places in CRITERIA."""

    criterion: int
    held: int
    at_least: float


class Nothing(Enum):
    """Why no plan is found: there is none, or time was up."""

    INFEASIBLE = auto()
    TIME_OVER = auto()


def best_held(
    weighings: Sequence[Weighing], asked: Held, starts: Sequence[tuple[int, Plan]], seconds: float
) -> Found | Nothing:
    """Return the plan that is asked for, with points by its criterion that none exceeds, or why there is none.

    ``weighings``: one for each number of towers there can be; ``starts``: plans that may be good, and of which of them;
    ``seconds``: for all together.
    """
    alone = np.eye(len(CRITERIA))[asked.criterion]

    def solved(weighed: Weighing, known: Sequence[Plan], left: float) -> Solved:
        return _solved(weighed, asked, known, left)

    best, bound = best_of_all(weighings, alone, starts, seconds, solved)
    if best is None:
        return Nothing.INFEASIBLE if bound == -np.inf else Nothing.TIME_OVER
    if not np.isfinite(bound):
        bound = max(simple_bound(weighed.under(alone)) for weighed in weighings)
    return replace(best, bound=bound)


def _solved(weighed: Weighing, asked: Held, starts: Sequence[Plan], seconds: float) -> Solved:
    alone, held = np.eye(len(CRITERIA)), asked.held
    choice = weighed.under(alone[asked.criterion])
    if not np.isfinite(asked.at_least):
        return prove(choice, starts=starts, seconds=seconds)
    # rounding: the plan that this figure comes from must stay allowed
    low = asked.at_least - 1e-7 * max(1.0, abs(asked.at_least))
    if weighed.has_pairs(held):
        return prove_held(choice, weighed.under(alone[held]), low, starts=starts, seconds=seconds)
    condition = Condition("criterion", weighed.own[held], CRITERIA[held], low=low)
    return prove(choice.with_conditions([condition]), starts=starts, seconds=seconds)
