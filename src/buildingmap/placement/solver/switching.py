"""For each tower of the best plan, the best plan in which it has another sector: solved again, side by side.

Such plans lie near the best one, so they share one bound. The matrix of products (``moments``) is neared once for the
items that a plan not far below the best can hold; for each tower the linear programme by its profits leaves a few of
them, and branching goes on from the same matrix. What lies further off is solved by itself.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from buildingmap.placement.solver.branching import Branching
from buildingmap.placement.solver.choice import Condition, cliques
from buildingmap.placement.solver.incumbent import Incumbent, slack_of
from buildingmap.placement.solver.moments import Moments, one_thread
from buildingmap.placement.solver.programme import Items, Master, ProgrammeError
from buildingmap.placement.solver.relaxing_sites import SiteRelaxation
from buildingmap.placement.solver.searching import Exchange
from buildingmap.placement.solver.solving import Solved, only_fixed, solve

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from buildingmap.placement.solver.choice import Choice

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Plan = tuple[Rows, Rows]

# items that are bounded together: more of them make a step dear, fewer leave more plans to be solved by themselves
_MOST_NEAR: Final = 72
# steps towards the matrix that all share; a tower's own steps go on from there
_STEPS: Final = 50
_ROUNDS: Final = 5


@dataclass(frozen=True, eq=False)
class _Near:
    """The items that a plan of more than ``floor`` points can hold, with their ``moments`` and ``profits``."""

    choice: Choice
    moments: Moments
    profits: Floats
    floor: float


def without(choice: Choice, site: int, sector: int) -> Choice:
    """Return the choice of plans that hold ``site`` with any sector but ``sector``."""
    allowed, wish = choice.allowed.copy(), np.zeros(choice.own.shape)
    allowed[site, sector] = False
    wish[site] = 1
    held = Condition("fixed", wish, str(site), low=1)
    return replace(choice, allowed=allowed).with_conditions([held])


class Switching:
    """Asks of one proved plan, tower by tower, what the best plan is in which that tower has another sector."""

    def __init__(
        self, choice: Choice, plan: Plan, *, deadline: float, goes_on: Callable[[], bool] | None = None
    ) -> None:
        """``plan``: the best of ``choice``, proved. ``deadline``: of the monotonic clock; ``goes_on`` may end it."""
        self._choice = only_fixed(choice)
        self._plan = plan
        self._score = choice.score(*plan)
        self._deadline = deadline
        self._goes_on = goes_on
        self._known: list[Plan] = []

    def best(self, place: int) -> Solved:
        """Return the best plan in which tower ``place`` has another sector; see ``solve`` for what comes back."""
        sites, sectors = self._plan
        choice = without(self._choice, int(sites[place]), int(sectors[place]))
        with one_thread():
            start = self._start(choice, place)
            try:
                solved = self._near_best(choice, place, start)
            except ProgrammeError:
                solved = None
            if solved is None:
                left = max(0.0, self._deadline - time.monotonic())
                solved = solve(choice, seconds=left, start=start, told=self._hear)
        if solved.plan is not None:
            self._known.append(solved.plan)
        return solved

    def _hear(self, _score: float, _bound: float) -> bool:
        return self._goes_on is None or self._goes_on()

    def _start(self, choice: Choice, place: int) -> Plan | None:
        """Return a plan to begin with: one that is known, or the best one around another sector there."""
        sites, sectors = self._plan
        exchange = Exchange(choice)
        lift = 10 * (1 + float(np.abs(choice.own).max(initial=0)))
        wanted = choice.own.copy()
        wanted[sites, sectors] += lift
        wanted[sites[place]] += 10 * lift
        made = exchange.start(wanted)
        known = [each for each in self._known if not choice.broken(*each)]
        known += [] if made is None else [exchange.improve(*made)]
        return max(known, key=lambda plan: choice.score(*plan), default=None)

    @cached_property
    def _near(self) -> _Near | None:
        """What all plans near the best share; None where there are too many items to bound together."""
        choice, relaxation = self._choice, SiteRelaxation(self._choice, pairs=False)
        items = relaxation.items
        answer = Master(choice, items).solve(relaxation.profits())
        if answer is None:
            return None
        bounds = answer[0] - answer[2]
        order = np.argsort(-bounds, kind="stable")
        floor = float(bounds[order[_MOST_NEAR]]) if len(order) > _MOST_NEAR else -np.inf
        if floor >= self._score:
            return None
        among = np.flatnonzero(bounds > floor)
        near = choice.only(items.site[among], items.sector[among])
        moments = Moments(near, cliques(choice.apart))
        master = Master(near, moments.items)
        for _ in range(_ROUNDS):
            moments.run(_STEPS)
            profits = moments.profits()
            reached = master.solve(profits)
            if reached is None or reached[0] <= self._score + slack_of(self._score):
                break
        return _Near(near, moments, profits, floor)

    def _near_best(self, choice: Choice, place: int, start: Plan | None) -> Solved | None:
        """Return the best plan where the items near the best plan decide it, else None."""
        began = time.monotonic()
        if start is None or choice.towers < 2 or began >= self._deadline:  # noqa: PLR2004 - a pair
            return None
        near = self._near
        if near is None or choice.score(*start) < near.floor:
            return None
        search = Incumbent(choice, gap=0.0, seconds=self._deadline - began, told=self._hear)
        search.take(*start)
        search.bound = self._bound(near, search, place)
        if search.plan is None or search.stopped or not search.proved(0.0):
            return None
        return Solved(search.plan, search.score, search.score, "optimal", time.monotonic() - began)

    def _bound(self, near: _Near, search: Incumbent, place: int) -> float:
        """Return points that no plan of the search exceeds; better plans are kept by it."""
        sites, sectors = self._plan
        items, wish = near.moments.items, search.choice.conditions[-1]
        others = np.flatnonzero((items.site != sites[place]) | (items.sector != sectors[place]))
        part = _only(near.choice, items, others).with_conditions([wish])
        answer = Master(part, Items(items.site[others], items.sector[others])).solve(near.profits[others])
        limit = search.limit(0.0)
        if answer is None or answer[0] <= limit:
            return limit
        left = others[answer[0] - answer[2] > limit]
        if len(np.unique(items.site[left])) < part.towers:
            return limit
        part = _only(near.choice, items, left).with_conditions([wish])
        rows = np.arange(part.sites)
        moments = near.moments.narrowed(part, left)
        reached = Branching(search, part, rows, 0.0, moments=moments).run(answer[0])
        return max(reached, search.limit(0.0))


def _only(choice: Choice, items: Items, among: Rows) -> Choice:
    return choice.only(items.site[among], items.sector[among])
