"""The best plan by one score that comes to so much by another, where new towers add to each other by both."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from buildingmap.placement.solver.branching import MOST_ITEMS, Branching
from buildingmap.placement.solver.exact import pair_count, solve_exactly
from buildingmap.placement.solver.incumbent import Incumbent, simple_bound
from buildingmap.placement.solver.programme import ProgrammeError
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
# with so few pairs HiGHS is fastest from the beginning
_FEW_PAIRS: Final = 400
_SEED: Final = 1
# how often some towers are exchanged at random
_KICKS: Final = 30


class _HeldExchange:
    """Improves plans by one score whose other score must not fall below ``low`` points."""

    def __init__(self, choice: Choice, other: Choice, low: float) -> None:
        self._other, self._low = other, low
        self._exchange, self._others = Exchange(choice), Exchange(other)

    def improved(self, sites: Rows, sectors: Rows) -> Plan | None:
        """Return int64[k] sites and sectors after the best exchanges; None where the other score stays too low."""
        plan = self._lifted(sites.copy(), sectors.copy())
        if plan is None:
            return None
        sites, sectors = plan
        outs, reached = np.arange(len(sites)), self._other.score(sites, sectors)
        while True:
            costs = self._exchange.exchanges(sites, sectors, outs)
            costs[reached - self._others.exchanges(sites, sectors, outs) < self._low] = np.inf
            at = int(costs.argmin())
            if costs.flat[at] > -_GAIN:
                return sites, sectors
            out, site, sector = np.unravel_index(at, costs.shape)
            sites[out], sectors[out] = site, sector
            reached = self._other.score(sites, sectors)

    def _lifted(self, sites: Rows, sectors: Rows) -> Plan | None:
        """Exchange until the other score is held, each time for the fewest points a point of it."""
        outs, reached = np.arange(len(sites)), self._other.score(sites, sectors)
        while reached < self._low:
            gains = -self._others.exchanges(sites, sectors, outs)
            costs = self._exchange.exchanges(sites, sectors, outs)
            useful = (gains > _GAIN) & np.isfinite(costs)
            if not useful.any():
                return None
            worth = np.minimum(gains, self._low - reached, where=useful, out=np.ones_like(gains))
            at = int(np.where(useful, costs / worth, np.inf).argmin())
            out, site, sector = np.unravel_index(at, costs.shape)
            sites[out], sectors[out] = site, sector
            reached = self._other.score(sites, sectors)
        return sites, sectors

    def kicked(self, sites: Rows, sectors: Rows, rng: np.random.Generator) -> Plan | None:
        """Return a plan near int64[k] sites and sectors, some towers exchanged at random, after the best exchanges."""
        return self.improved(*self._exchange.shaken(sites, sectors, rng))


class _HeldSearch(Incumbent):
    """Looks for a plan of ``choice`` that holds the other score."""

    def __init__(
        self, choice: Choice, other: Choice, low: float, *, allowance: float, seconds: float
    ) -> None:
        super().__init__(choice, gap=0.0, seconds=seconds, told=None)
        self._other, self._low, self._allowance = other, low, allowance
        self._held = _HeldExchange(choice, other, low)
        # no plan comes to less, so where no plan is known a part that is bounded lower has none
        self._least = -simple_bound(replace(choice, own=-choice.own, between=-choice.between))

    @property
    def slack(self) -> float:
        return self._allowance

    def limit(self, gap: float) -> float:  # noqa: ARG002 - what is held is proved to no gap
        return self._least - 1.0 if self.plan is None else self.score + self._allowance

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

    def prove(self) -> None:
        """Bound what no plan that holds the other score exceeds; -inf where there is none."""
        every = np.arange(self.choice.sites)
        if pair_count(self.choice) <= _FEW_PAIRS:
            self.bound = min(self.bound, self.decided(self.choice, every))
        elif self.choice.allowed.sum() <= MOST_ITEMS:
            self.kick()
            held = (self._other, self._low)
            reached = Branching(self, self.choice, every, 0.0, held=held).run(self.bound)
            decided = -np.inf if self.plan is None else self.limit(0.0)
            self.bound = min(self.bound, decided if reached <= self.limit(0.0) else reached)

    def kick(self) -> None:
        """Look for better plans near the one at hand."""
        rng = np.random.default_rng(_SEED)
        for _ in range(_KICKS):
            if self.plan is None or self.over():
                return
            near = self._held.kicked(*self.plan, rng)
            if near is not None:
                self.take(*near)

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

    Both have the same sites, sectors and conditions. ``allowance``: how far the bound may exceed the score of a plan
    that is proved. ``starts``: plans to begin with.
    """
    search = _HeldSearch(choice, other, low, allowance=allowance, seconds=seconds)
    for plan in starts:
        if not choice.broken(*plan):
            search.improve(*plan)
    greedy = search.exchange.start(search.choice.own)
    if greedy is not None:
        search.improve(*search.exchange.improve(*greedy))
    search.bound = simple_bound(choice)
    # where HiGHS fails, what is found and proved so far holds
    with contextlib.suppress(ProgrammeError):
        search.prove()
    return search.plan, max(search.score, search.bound)
