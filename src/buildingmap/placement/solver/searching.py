"""A good plan, quickly: greedy starts and exchanges. It says nothing about how much better another could be."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.placement.solver.choice import Choice

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Rows = NDArray[np.int64]

_GAIN: Final = 1e-9
_SEED: Final = 1
# towers that a kick replaces at random before the exchanges begin again
_KICKED: Final = 3


class Exchange:
    """Improves plans of one choice: another site or sector for one tower, or two towers that change sectors."""

    def __init__(self, choice: Choice) -> None:
        """Lay the conditions of ``choice`` out as float64[conditions, sites, sectors]."""
        self.choice = choice
        shape = (0, choice.sites, choice.sectors)
        held = [each.coefficients for each in choice.conditions]
        self._held = np.stack(held) if held else np.empty(shape)
        self._low = np.array([each.low for each in choice.conditions])
        self._high = np.array([each.high for each in choice.conditions])
        self._slack = 1e-9 * (1 + np.where(np.isfinite(self._high), np.abs(self._high), 0))
        self._swaps = np.array(list(combinations(range(choice.towers), 2)), dtype=np.int64).reshape(-1, 2)

    def start(self, profits: Floats) -> tuple[Rows, Rows] | None:
        """Return a plan that takes the greatest of float64[sites, sectors] ``profits`` one by one, or None.

        Lower bounds come first: a tower is preferred that a condition still waits for.
        """
        choice = self.choice
        order = np.where(choice.allowed, profits, -np.inf)
        free = choice.allowed.copy()
        sites: list[int] = []
        sectors: list[int] = []
        sums = np.zeros(len(self._low))
        while len(sites) < choice.towers:
            fits = free & (sums[:, None, None] + self._held <= (self._high + self._slack)[:, None, None]).all(
                axis=0
            )
            if not fits.any():
                return None
            waiting = (sums < self._low)[:, None, None] & (self._held > 0)
            wanted = fits & waiting.any(axis=0)
            at = int(np.argmax(np.where(wanted if wanted.any() else fits, order, -np.inf)))
            site, sector = divmod(at, choice.sectors)
            sites.append(site)
            sectors.append(sector)
            sums += self._held[:, site, sector]
            free[site] = False
            free[choice.apart[site]] = False
        plan = np.array(sites, dtype=np.int64), np.array(sectors, dtype=np.int64)
        return None if choice.broken(*plan) else plan

    def improve(self, sites: Rows, sectors: Rows) -> tuple[Rows, Rows]:
        """Return int64[k] sites and sectors after the best exchanges, until none gains."""
        sites, sectors = sites.copy(), sectors.copy()
        while True:
            move = self._best(sites, sectors)
            if move is not None:
                out, site, sector = move
                sites[out], sectors[out] = site, sector
                continue
            swap = self._best_swap(sites, sectors)
            if swap is None:
                return sites, sectors
            sectors[swap] = sectors[swap[::-1]]

    def kicked(self, sites: Rows, sectors: Rows, *, kicks: int) -> tuple[Rows, Rows]:
        """Return the best plan after ``kicks`` restarts, some towers exchanged at random; always the same."""
        rng = np.random.default_rng(_SEED)
        best, score = (sites, sectors), self.choice.score(sites, sectors)
        for _ in range(kicks):
            tried = self.improve(*self.shaken(*best, rng))
            reached = self.choice.score(*tried)
            if reached > score + _GAIN:
                best, score = tried, reached
        return best

    def shaken(self, sites: Rows, sectors: Rows, rng: np.random.Generator) -> tuple[Rows, Rows]:
        """Return int64[k] sites and sectors, some towers exchanged at random for what may be in their place."""
        sites, sectors = sites.copy(), sectors.copy()
        for out in rng.choice(len(sites), min(_KICKED, len(sites)), replace=False):
            free = np.flatnonzero(np.isfinite(self.costs_of(sites, sectors, int(out))))
            if len(free):
                sites[out], sectors[out] = divmod(int(rng.choice(free)), self.choice.sectors)
        return sites, sectors

    def costs_of(self, sites: Rows, sectors: Rows, out: int) -> Floats:
        """Return float64[sites, sectors]: what each costs in the place of tower ``out``; inf where it may not."""
        costs: Floats = self.exchanges(sites, sectors, np.array([out]))[0]
        return costs

    def costs(self, sites: Rows, sectors: Rows) -> tuple[Floats, Rows]:
        """Return the least of ``costs_of`` over all towers, float64[sites, sectors], and for which, int64."""
        every = self.exchanges(sites, sectors, np.arange(len(sites)))
        return every.min(axis=0), every.argmin(axis=0)

    def exchanges(self, sites: Rows, sectors: Rows, outs: Rows) -> Floats:
        """Return float64[outs, sites, sectors], see ``costs_of``."""
        choice = self.choice
        near, with_each = choice.nearness[:, sites], choice.between[:, sectors]
        mine = near.T[outs][:, :, None] * with_each.T[outs][:, None]
        worth = choice.own + near @ with_each.T - mine
        costs = worth[np.arange(len(outs)), sites[outs], sectors[outs]][:, None, None] - worth
        barred = choice.apart[:, sites].astype(np.int64)
        barred[sites, np.arange(len(sites))] = 1
        costs[barred.sum(axis=1) - barred.T[outs] > 0] = np.inf
        costs[:, ~choice.allowed] = np.inf
        sums = self._held[:, sites, sectors].sum(axis=1)
        for held, total, low, high, slack in zip(
            self._held, sums, self._low, self._high, self._slack, strict=True
        ):
            after = (total - held[sites[outs], sectors[outs]])[:, None, None] + held
            costs[(after < low - slack) | (after > high + slack)] = np.inf
        return costs

    def _best(self, sites: Rows, sectors: Rows) -> tuple[int, int, int] | None:
        costs, replaced = self.costs(sites, sectors)
        at = int(np.argmin(costs))
        if costs.flat[at] > -_GAIN:
            return None
        return int(replaced.flat[at]), *divmod(at, self.choice.sectors)

    def _best_swap(self, sites: Rows, sectors: Rows) -> Rows | None:
        """Return the two towers that gain most by changing sectors, int64[2], None where none do."""
        choice, one, other = self.choice, *self._swaps.T
        swapped = np.repeat(sectors[None], len(one), axis=0)
        pairs = np.arange(len(one))
        swapped[pairs, one], swapped[pairs, other] = sectors[other], sectors[one]
        near = choice.nearness[np.ix_(sites, sites)]
        together = (near * choice.between[swapped[:, :, None], swapped[:, None]]).sum(axis=(1, 2)) / 2
        gains = choice.own[sites, swapped].sum(axis=1) + together - choice.score(sites, sectors)
        gains[~choice.allowed[sites, swapped].all(axis=1)] = -np.inf
        sums = self._held[:, sites, swapped].sum(axis=2)
        low, high = (self._low - self._slack)[:, None], (self._high + self._slack)[:, None]
        gains[((sums < low) | (sums > high)).any(axis=0)] = -np.inf
        if not len(gains) or gains.max() <= _GAIN:
            return None
        best: Rows = self._swaps[int(gains.argmax())]
        return best
