"""What bounds have left of a choice, decided by branching: with a site or without it, with a sector there or not."""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Final

import numpy as np

from buildingmap.placement.solver.choice import Condition, cliques
from buildingmap.placement.solver.moments import Moments, one_thread
from buildingmap.placement.solver.programme import Master, ProgrammeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from buildingmap.placement.solver.choice import Choice
    from buildingmap.placement.solver.incumbent import Incumbent

    Rows = NDArray[np.int64]

# with more items a step takes seconds, and their products fill the memory
MOST_ITEMS: Final = 900
# between two looks at the bound; fewer look too early, and branch too much
_STEPS: Final = 40
# steps of a thousand items take a second each: whether to go on is asked in between
_AT_ONCE: Final = 5
_QUIET_S: Final = 0.2
# items are dropped when less than this share of them is left
_FEWER: Final = 0.8
# a bound that falls by less than this share of its distance to the limit in so many turns has stalled
_PROGRESS: Final = 0.2
_PATIENCE: Final = 2
# a site is open where it is taken by more than this and less than all but this
_OPEN: Final = 0.02


@dataclass(order=True)
class _Node:
    """Part of a choice: no plan of it exceeds ``bound`` points."""

    order: tuple[float, int]
    choice: Choice = field(compare=False)
    moments: Moments = field(compare=False)
    bound: float = field(compare=False)


class Branching:
    """Decides one choice among some hundred items, the most promising part first."""

    def __init__(
        self,
        search: Incumbent,
        choice: Choice,
        rows: Rows,
        target: float,
        *,
        held: tuple[Choice, float] | None = None,
        moments: Moments | None = None,
    ) -> None:
        """``rows``: the sites of ``choice`` among those of the search; ``target``: the gap to be proved.

        ``held``: only plans whose score in another choice of the same sites comes to so many points. ``moments``: of
        the same items, to go on from.
        """
        self._held, self._moments = held, moments
        self._search, self._rows, self._target = search, rows, target
        self._root, self._number = choice, count()
        self._groups = cliques(choice.apart)
        self._told = time.monotonic()
        # what no plan exceeds of parts that HiGHS could not decide
        self._undecided = -np.inf

    @property
    def _limit(self) -> float:
        return self._search.limit(self._target)

    def run(self, bound: float) -> float:
        """Return points that no plan of the choice exceeds, or the limit; ``bound``: points known to be such."""
        if self._search.over():
            return bound
        with one_thread():
            return self._run(bound)

    def _run(self, bound: float) -> float:
        moments = self._moments or Moments(self._root, self._groups, self._held)
        waiting = [self._node(self._root, moments, bound)]
        while waiting and not self._search.over():
            node = heapq.heappop(waiting)
            if node.bound <= self._limit:
                break
            for part in self._parts(node):
                heapq.heappush(waiting, part)
            self._hear([each.bound for each in waiting])
        return max([self._undecided, *(each.bound for each in waiting)])

    def _hear(self, bounds: list[float]) -> None:
        self._search.bound = min(self._search.bound, max([self._limit, self._undecided, *bounds]))
        self._search.tell()

    def _node(self, choice: Choice, moments: Moments, bound: float) -> _Node:
        return _Node((-bound, next(self._number)), choice, moments, bound)

    def _parts(self, node: _Node) -> Iterator[_Node]:
        """Yield what is still to be looked at of a part: nothing where it is decided."""
        try:
            yield from self._smaller(node)
        except ProgrammeError:
            self._undecided = max(self._undecided, node.bound)

    def _smaller(self, node: _Node) -> Iterator[_Node]:
        waited, left = 0, node.bound - self._limit
        master = Master(node.choice, node.moments.items)
        while not self._search.over():
            items = node.moments.items
            self._go(node.moments)
            profits = node.moments.profits()
            answer = master.solve(profits)
            if answer is None:
                return
            value, _, lowered = answer
            node.bound = min(node.bound, value)
            self._search.search_near(self._rows, items, profits, node.moments.taken)
            if node.bound <= self._limit:
                return
            if self._search.over():
                break
            among = np.flatnonzero(value - lowered > self._limit)
            if len(among) < _FEWER * len(items):
                if len(np.unique(items.site[among])) < node.choice.towers:
                    return
                node.choice = node.choice.only(items.site[among], items.sector[among])
                node.moments = node.moments.narrowed(node.choice, among)
                master = Master(node.choice, node.moments.items)
            if len(node.moments.items) <= node.choice.towers + self._search.spare:
                self._decide(node)
                return
            waited = 0 if node.bound - self._limit < (1 - _PROGRESS) * left else waited + 1
            left = min(left, node.bound - self._limit)
            if waited >= _PATIENCE:
                yield from self._halves(node)
                return
        yield node

    def _go(self, moments: Moments) -> None:
        """Go some steps; who listens may end them."""
        for _ in range(_STEPS // _AT_ONCE):
            moments.run(_AT_ONCE)
            if time.monotonic() - self._told > _QUIET_S:
                self._told = time.monotonic()
                self._search.tell()
            if self._search.over():
                return

    def _decide(self, node: _Node) -> None:
        """Have a part of few items decided."""
        sites = np.flatnonzero(node.choice.allowed.any(axis=1))
        bound = self._search.decided(node.choice.of_sites(sites), self._rows[sites])
        node.bound = min(node.bound, bound + self._search.slack / 2)
        if node.bound > self._limit:
            self._undecided = max(self._undecided, node.bound)

    def _halves(self, node: _Node) -> Iterator[_Node]:
        """Yield the part with a site and the part without it, or those of a sector at a site that is sure."""
        items, taken = node.moments.items, node.moments.taken
        by_site = np.bincount(items.site, weights=taken, minlength=node.choice.sites)
        openness = np.minimum(by_site, 1 - by_site)
        openness[node.choice.fixed] = 0
        if openness.max() > _OPEN:
            here = items.site == int(openness.argmax())
        else:
            sure = np.isin(items.site, node.choice.fixed) & (np.bincount(items.site)[items.site] == 1)
            if sure.all():
                self._decide(node)
                return
            here = np.arange(len(items)) == int(np.where(sure, -1, np.minimum(taken, 1 - taken)).argmax())
        site = int(items.site[here][0])
        with_it = here | (items.site != site)
        wish = np.zeros(node.choice.own.shape)
        wish[site] = 1
        held = Condition("fixed", wish, str(site), low=1)
        for kept, more in ((with_it, [held]), (~here, [])):
            among = np.flatnonzero(kept)
            if not len(among):
                continue
            part = node.choice.only(items.site[among], items.sector[among]).with_conditions(more)
            yield self._node(part, node.moments.narrowed(part, among), node.bound)
