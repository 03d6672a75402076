"""The best plan found so far, with what is known about all others, while the proof goes on."""

from __future__ import annotations

import time
from math import comb
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np

from buildingmap.placement.solver.exact import solve_exactly, try_all
from buildingmap.placement.solver.programme import ProgrammeError, items_of, model_of, rows_of, solver
from buildingmap.placement.solver.searching import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from buildingmap.placement.solver.choice import Choice
    from buildingmap.placement.solver.programme import Items

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

# points: what rounding in HiGHS may cost a bound
TOLERANCE: Final = 1e-6
_MOST_SLACK: Final = 5e-4
_SPARE: Final = 3
# so many plans are tried in less time than HiGHS needs to begin
_MOST_TRIED: Final = 5_000
_KICKS: Final = 12
# a choice of no more items than this is kicked: it takes milliseconds
_MOST_KICKED: Final = 1_000


def slack_of(score: float) -> float:
    """Return the points by which the bound of a plan of ``score`` points may be off: what it loses is told to 1e-3."""
    return min(_MOST_SLACK, TOLERANCE * max(1.0, abs(score)))


class Incumbent:
    """A plan, its score, and points that no plan exceeds; it hears of time running out and tells who listens."""

    def __init__(
        self,
        choice: Choice,
        *,
        gap: float,
        seconds: float,
        told: Callable[[float, float], bool] | None,
        start: tuple[Rows, Rows] | None = None,
    ) -> None:
        """Begin with nothing; see ``solve``."""
        self.choice, self.gap, self.told, self.start = choice, gap, told, start
        self.began = time.monotonic()
        self.deadline = self.began + seconds
        self.exchange = Exchange(choice)
        self.plan: tuple[Rows, Rows] | None = None
        self.score = -np.inf
        self.bound = np.inf
        self.stopped = False

    @property
    def spare(self) -> int:
        """How many items more than towers HiGHS decides faster than further bounds would."""
        return _SPARE

    def proved(self, gap: float) -> bool:
        """Whether no plan exceeds the score by more than a relative ``gap``."""
        return self.bound <= self.limit(gap)

    @property
    def slack(self) -> float:
        """The points by which a bound may be off."""
        return slack_of(self.score)

    def limit(self, gap: float) -> float:
        """Return the points of a plan that exceeds the score by a relative ``gap``."""
        return self.score + max(gap * abs(self.score), self.slack)

    def left(self) -> float:
        """Return the seconds that are left."""
        return self.deadline - time.monotonic()

    def over(self, needed: float = 0.0) -> bool:
        """Whether no more can be done that takes ``needed`` seconds."""
        return self.stopped or self.left() < needed

    def tell(self) -> None:
        """Tell who listens, who may end the work."""
        if self.told is not None and not self.told(self.score, self.bound):
            self.stopped = True

    def _try(self, profits: Floats) -> None:
        plan = self.exchange.start(profits)
        if plan is not None:
            self.take(*self.exchange.improve(*plan))

    def kick(self) -> None:
        """Look for a better plan near the one at hand."""
        if self.plan is not None and self.choice.allowed.sum() <= _MOST_KICKED and not self.over():
            self.take(*self.exchange.kicked(*self.plan, kicks=_KICKS))

    def take(self, sites: Rows, sectors: Rows) -> None:
        """Keep a plan that is better than the one at hand."""
        score = self.choice.score(sites, sectors)
        if score > self.score + 1e-9 and not self.choice.broken(sites, sectors):
            self.plan, self.score = (sites, sectors), score
            self.tell()

    def first_plan(self) -> bool:
        """Find any plan; where greed finds none, HiGHS finds one or proves that there is none."""
        if self.start is not None and not self.choice.broken(*self.start):
            self.take(*self.exchange.improve(*self.start))
        self._try(self.choice.own)
        if self.plan is not None:
            return True
        items = items_of(self.choice)
        own = self.choice.own[items.site, items.sector]
        model = model_of(own, rows_of(self.choice, items), np.ones(len(items)), np.arange(len(items)))
        highs = solver(model, time_limit=max(0.1, self.left()), mip_rel_gap=0.05)
        highs.run()
        status = highs.getModelStatus()
        if not len(items) or status == highspy.HighsModelStatus.kInfeasible:
            self.bound = -np.inf
            return False
        taken = np.flatnonzero(np.array(highs.getSolution().col_value) > 1 / 2)
        if len(taken) == self.choice.towers:
            self.take(*self.exchange.improve(items.site[taken], items.sector[taken]))
        if self.plan is None and status != highspy.HighsModelStatus.kTimeLimit:
            raise ProgrammeError(highs)
        return self.plan is not None

    def search_near(self, rows: Rows, items: Items, profits: Floats, taken: Floats) -> None:
        """Look for a plan among ``items`` by float64[items] profits, those ``taken`` in a relaxation first."""
        self._try(self.wanted(rows, items, profits, taken))

    def wanted(self, rows: Rows, items: Items, profits: Floats, taken: Floats) -> Floats:
        """Return float64[sites, sectors]: how much each is wanted, what is not among ``items`` not at all."""
        wanted = np.full(self.choice.own.shape, -np.inf)
        scale = max(1.0, float(np.abs(profits).max()))
        wanted[rows[items.site], items.sector] = profits + 2 * scale * taken
        return wanted

    def decided(self, choice: Choice, rows: Rows) -> float:
        """Decide ``choice`` among the sites ``rows``: by trying all plans where they are few, else by HiGHS.

        Return points that no plan of it exceeds.
        """
        few = comb(int(choice.allowed.sum()), choice.towers) <= _MOST_TRIED
        answer = try_all(choice) if few else solve_exactly(choice, seconds=self.left())
        if answer.plan is not None:
            self.take(rows[answer.plan[0]], answer.plan[1])
        return answer.bound


def simple_bound(choice: Choice) -> float:
    """Return points that no plan exceeds, at once: each tower has the best partners that any could have."""
    most = np.maximum(0, choice.between).max(axis=1, initial=0) * choice.nearness.max(initial=0)
    worth = np.where(choice.allowed, choice.own + (choice.towers - 1) / 2 * most, -np.inf).max(axis=1)
    return float(np.sort(worth)[len(worth) - choice.towers :].sum())
