"""The best plan by one score that comes to so much by another, where new towers add to each other by both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from buildingmap.placement.solver.branching import Branching
from buildingmap.placement.solver.exact import solve_exactly
from buildingmap.placement.solver.incumbent import Incumbent
from buildingmap.placement.solver.searching import Exchange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.placement.solver.choice import Choice
    from buildingmap.placement.solver.programme import Items

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Plan = tuple[Rows, Rows]

_GAIN: Final = 1e-9
_SPARE: Final = 6
_MOST_ITEMS: Final = 900


class _HeldExchange:
    """Improves plans by one score whose other score must not fall below ``low`` points."""

    def __init__(self, choice: Choice, other: Choice, low: float) -> None:
        self._choice, self._other, self._low = choice, other, low
        self._exchange, self._others = Exchange(choice), Exchange(other)

    def improved(self, sites: Rows, sectors: Rows) -> Plan | None:
        """Return int64[k] sites and sectors after the best exchanges; None where the other score stays too low."""
        if self._other.score(sites, sectors) < self._low:
            sites, sectors = self._others.improve(sites, sectors)
        sites, sectors = sites.copy(), sectors.copy()
        outs = np.arange(len(sites))
        reached = self._other.score(sites, sectors)
        while reached >= self._low:
            costs = self._exchange.exchanges(sites, sectors, outs)
            costs[reached - self._others.exchanges(sites, sectors, outs) < self._low] = np.inf
            at = int(costs.argmin())
            if costs.flat[at] > -_GAIN:
                return sites, sectors
            out, site, sector = np.unravel_index(at, costs.shape)
            sites[out], sectors[out] = site, sector
            reached = self._other.score(sites, sectors)
        return None


class _HeldSearch(Incumbent):
    """Looks for a plan of ``choice`` that holds the other score."""

    def __init__(
        self, choice: Choice, other: Choice, low: float, *, allowance: float, seconds: float
    ) -> None:
        super().__init__(choice, gap=0.0, seconds=seconds, told=None)
        self._other, self._low, self._allowance = other, low, allowance
        self._held = _HeldExchange(choice, other, low)

    @property
    def slack(self) -> float:
        return self._allowance

    def limit(self, gap: float) -> float:  # noqa: ARG002 - what is held is proved to no gap
        return self.score + self._allowance

    @property
    def spare(self) -> int:
        """How many items more than towers HiGHS decides faster than further bounds would."""
        return _SPARE

    def decided(self, choice: Choice, rows: Rows) -> float:
        """Let HiGHS decide ``choice`` among the sites ``rows``; return points that no plan of it exceeds."""
        mask = np.zeros(self.choice.allowed.shape, dtype=bool)
        mask[rows] = choice.allowed
        one, other = self.choice.of_sites(rows, mask), self._other.of_sites(rows, mask)
        answer = solve_exactly(one, seconds=self.left(), held=(other, self._low))
        if answer.plan is not None:
            self.take(rows[answer.plan[0]], answer.plan[1])
        return answer.bound

    def take(self, sites: Rows, sectors: Rows) -> None:
        """Keep a plan that holds the other score and is better than the one at hand."""
        score = self.choice.score(sites, sectors)
        if score <= self.score + _GAIN or self._other.score(sites, sectors) < self._low:
            return
        if not self.choice.broken(sites, sectors):
            self.plan, self.score = (sites, sectors), score

    def improve(self, sites: Rows, sectors: Rows) -> None:
        """Keep what exchanges make of a plan, and the plan itself, where they are better."""
        self.take(sites, sectors)
        better = self._held.improved(sites, sectors)
        if better is not None:
            self.take(*better)

    def search_near(self, rows: Rows, items: Items, profits: Floats, taken: Floats) -> None:
        """Look for a plan among ``items``, those ``taken`` in a relaxation first."""
        wanted = self.wanted(rows, items, profits, taken)
        plan = self.exchange.start(wanted)
        if plan is not None:
            self.improve(*plan)


def best_that_holds(
    choice: Choice,
    other: Choice,
    low: float,
    *,
    allowance: float,
    starts: Sequence[Plan] = (),
    seconds: float = 60.0,
) -> tuple[Plan | None, float]:
    """Return the best plan of ``choice`` that comes to ``low`` points in ``other``, and points that no such exceeds.

    Both have the same sites, sectors and conditions. ``allowance``: how far the bound may exceed the score of a plan that is proved. ``starts``: plans to begin with.
    Raises ProgrammeError where HiGHS fails.
    """
    search = _HeldSearch(choice, other, low, allowance=allowance, seconds=seconds)
    for plan in starts:
        if not choice.broken(*plan):
            search.improve(*plan)
    greedy = search.exchange.start(search.choice.own)
    if greedy is not None:
        search.improve(*search.exchange.improve(*greedy))
    if choice.allowed.sum() <= _MOST_ITEMS:
        reached = Branching(search, choice, np.arange(choice.sites), 0.0, (other, low)).run(np.inf)
        search.bound = min(search.bound, max(reached, search.limit(0.0)))
    return search.plan, max(search.score, search.bound)
