"""The best plans under many weights at once, each learning from the others.

The score of a plan is linear in the shares of weight, so the best score is convex in them. A plan that is known
bounds the best score from below everywhere; best scores that are proved bound it from above between them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np
from scipy import sparse

from buildingmap.placement.solver.programme import model_of, solver
from buildingmap.placement.solver.proving import allowance, good_plan, prove

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from buildingmap.placement.questions.crew import Crew
    from buildingmap.placement.questions.weighing import Weighing
    from buildingmap.placement.solver.solving import Solved

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Plan = tuple[Rows, Rows]

# plans of the pool that a search or a proof starts from
_STARTS: Final = 1
# what a question may take in any case
_LEAST_S: Final = 0.05


@dataclass(frozen=True, eq=False)
class Found:
    """A plan under some weights: which of the choices it is of, its totals by criterion, points that none exceeds."""

    choice: int
    plan: Plan
    totals: Floats
    bound: float


class Pool:
    """Every plan that is known, and every bound that is proved."""

    def __init__(self, weighings: Sequence[Weighing]) -> None:
        """Start from nothing; ``weighings``: one for each number of towers there can be."""
        self.weighings = tuple(weighings)
        self.plans: list[tuple[int, Plan]] = []
        self._keys: dict[tuple[int, bytes, bytes], int] = {}
        self._totals: list[Floats] = []
        self._proved: dict[bytes, tuple[Floats, float]] = {}

    @property
    def totals(self) -> Floats:
        """float64[plans, criteria]."""
        return np.array(self._totals)

    def add(self, choice: int, plan: Plan) -> int:
        """Keep a plan and return its number."""
        order = np.argsort(plan[0])
        sites, sectors = plan[0][order], plan[1][order]
        key = (choice, sites.tobytes(), sectors.tobytes())
        if key not in self._keys:
            self._keys[key] = len(self.plans)
            self.plans.append((choice, (sites, sectors)))
            self._totals.append(self.weighings[choice].totals(sites, sectors))
        return self._keys[key]

    def learn(self, shares: Floats, found: Found | None) -> None:
        """Keep what was found under float64[criteria] ``shares``."""
        if found is None:
            return
        self.add(found.choice, found.plan)
        if np.isfinite(found.bound):
            self.learn_bound(shares, found.bound)

    def learn_bound(self, shares: Floats, bound: float) -> None:
        """Keep that no plan exceeds ``bound`` points under float64[criteria] ``shares``."""
        known = self._proved.get(shares.tobytes(), (shares, np.inf))[1]
        self._proved[shares.tobytes()] = (shares, min(known, bound))

    def starts(self, shares: Floats) -> list[tuple[int, Plan]]:
        """Return the plans that come to most under ``shares``."""
        if not self.plans:
            return []
        order = np.argsort(-(self.totals @ shares), kind="stable")[:_STARTS]
        return [self.plans[each] for each in order]

    def best(self, shares: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Return int64[n], which plan comes to most under each of float64[n, criteria], and float64[n], to what."""
        scores = shares @ self.totals.T
        return scores.argmax(axis=1), scores.max(axis=1)

    def bounds(self, shares: Floats, deadline: float = np.inf) -> Floats:
        """Return float64[n]: points that no plan exceeds under each of float64[n, criteria].

        The least that a mixture of weights with proved bounds comes to; inf where there is none.
        """
        bounds = np.full(len(shares), np.inf)
        if not self._proved:
            return bounds
        known = np.array([each for each, _ in self._proved.values()])
        values = np.array([value for _, value in self._proved.values()])
        mixture = _Mixture(known, values)
        for place, each in enumerate(shares):
            own = self._proved.get(each.tobytes())
            bounds[place] = np.inf if own is None else own[1]
            if time.monotonic() < deadline:
                bounds[place] = min(bounds[place], mixture.least(each))
        return bounds


class _Mixture:
    """The least Σ λ value over λ ≥ 0 with Σ λ shares as asked: a linear programme with few rows."""

    def __init__(self, shares: Floats, values: Floats) -> None:
        columns = sparse.csr_matrix(shares.T)
        zero = np.zeros(shares.shape[1])
        unbounded = np.full(len(values), highspy.kHighsInf)
        self._highs = solver(
            model_of(-values, [(columns, zero, zero)], unbounded, np.empty(0, dtype=np.int64))
        )

    def least(self, shares: Floats) -> float:
        for row, share in enumerate(shares):
            self._highs.changeRowBounds(row, float(share), float(share))
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return np.inf
        return -float(self._highs.getInfo().objective_function_value)


def search_at(
    weighings: Sequence[Weighing], shares: Floats, starts: Sequence[tuple[int, Plan]]
) -> Found | None:
    """Return a good plan under ``shares``, with nothing proved."""
    best: Found | None = None
    for at, weighed in enumerate(weighings):
        plan = good_plan(weighed.under(shares), [plan for choice, plan in starts if choice == at])
        if plan is not None:
            found = Found(at, plan, weighed.totals(*plan), np.inf)
            if best is None or found.totals @ shares > best.totals @ shares:
                best = found
    return best


def best_of_all(
    weighings: Sequence[Weighing],
    shares: Floats,
    starts: Sequence[tuple[int, Plan]],
    seconds: float,
    solved: Callable[[Weighing, Sequence[Plan], float], Solved],
) -> tuple[Found | None, float]:
    """Return the best plan under ``shares`` that ``solved`` finds of any number of towers, and what none exceeds.

    ``solved`` is given plans to start from and its part of the ``seconds``. -inf: there is no plan.
    """
    deadline = time.monotonic() + seconds
    best: Found | None = None
    # a number of towers whose plans were not all looked at may hide a better one
    bound = -np.inf
    for at, weighed in enumerate(weighings):
        known = [plan for choice, plan in starts if choice == at]
        one = solved(weighed, known, max(_LEAST_S, deadline - time.monotonic()))
        bound = max(bound, one.bound)
        if one.plan is not None:
            found = Found(at, one.plan, weighed.totals(*one.plan), np.inf)
            if best is None or found.totals @ shares > best.totals @ shares:
                best = found
    return (None if best is None else replace(best, bound=bound)), bound


def prove_at(
    weighings: Sequence[Weighing], shares: Floats, starts: Sequence[tuple[int, Plan]], seconds: float
) -> Found | None:
    """Return the best plan under ``shares`` with the bound that ``seconds`` lead to."""

    def proved(weighed: Weighing, known: Sequence[Plan], left: float) -> Solved:
        return prove(weighed.under(shares), starts=known, seconds=left)

    best, bound = best_of_all(weighings, shares, starts, seconds, proved)
    if best is None:
        return None
    score = float(best.totals @ shares)
    return replace(best, bound=score if bound <= score + allowance(score) else bound)


def prove_all(
    crew: Crew, pool: Pool, shares: Floats, seconds: float, goes_on: Callable[[], bool]
) -> Iterator[tuple[int, Found | None]]:
    """Yield the place and the proof of each of float64[n, criteria], in order, while ``goes_on``.

    All start from what the pool knows now, so the answers depend on no order of the processes. ``seconds`` is for each
    of them.
    """
    asked = [(each, pool.starts(each), seconds) for each in shares]
    yield from enumerate(crew.answers(prove_at, asked, goes_on))
