"""The bound of a choice among some hundred sites with a sector; see ``relaxing``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from buildingmap.placement.solver.programme import items_of
from buildingmap.placement.solver.relaxing import (
    LIFT,
    NEVER,
    TAKEN,
    TERM_SCALE,
    Multipliers,
    Steps,
    Terms,
    best_sum,
    laid_out,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.placement.solver.choice import Choice

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Rows = NDArray[np.int64]


class ItemRelaxation:
    """Multipliers for items, for pairs of items and for conditions: tighter, for some hundred items."""

    def __init__(self, choice: Choice, start: Multipliers | None = None) -> None:
        """Start from the multipliers of sites ``start``, or from nothing."""
        self.choice, self.items, self._steps = choice, items_of(choice), Steps()
        start = start or Multipliers.none(choice)
        site, sector = self.items.site, self.items.sector
        across = np.ix_(site, site)
        self._terms = Terms(choice, self.items)
        self._barred = choice.apart[across] | (site[:, None] == site[None])
        self._worth = choice.nearness[across] * choice.between[np.ix_(sector, sector)]
        # what a pair is worth to either side, with the multiplier of the pair
        self._pair = self._worth / 2
        if start.pairs is not None:
            self._pair += start.pairs[across]
        self._pair[self._barred] = NEVER
        self._of_items = start.items[site, sector]
        self._prices = self._terms.clipped(start.terms[:, site, sector])
        owners, self._first = np.unique(site, return_index=True)
        self._owners = owners
        self._place = np.searchsorted(owners, site)
        width = int(np.diff(self._first, append=len(site)).max(initial=1))
        inside = np.minimum(self._first[:, None] + np.arange(width), len(site) - 1) if len(site) else None
        self._inside = np.zeros((0, width), dtype=np.int64) if inside is None else inside
        self._outside = self._place[self._inside] != np.arange(len(owners))[:, None]
        self._fixed = np.isin(owners, choice.fixed)

    def narrowed(self, choice: Choice, among: Rows) -> ItemRelaxation:
        """Return the same multipliers for int64[k] ``among`` the items, which make up ``choice``."""
        fewer = ItemRelaxation(choice)
        fewer._of_items, fewer._prices = self._of_items[among], self._prices[:, among]
        fewer._pair = self._pair[np.ix_(among, among)]
        return fewer

    def _scores(self, rows: Rows | slice) -> Floats:
        scores: Floats = self._pair[rows] + self._of_items
        if len(self._prices):
            scores -= self._prices[:, rows].T @ self._terms.held
        return scores

    def profits(self) -> Floats:
        """Return float64[items], see ``Relaxation``."""
        choice, site, sector = self.choice, self.items.site, self.items.sector
        by_site = np.maximum.reduceat(self._scores(slice(None)), self._first, axis=1)
        worth = best_sum(by_site, choice.towers - 1, self._fixed, self._fixed[self._place])
        worth += (
            choice.own[site, sector] - (choice.towers - 1) * self._of_items + self._terms.room(self._prices)
        )
        return np.maximum(worth, NEVER)

    def _picks(self, chosen: Rows, scores: Floats) -> Rows:
        """Return int64[k, towers - 1]: the partners that k chosen items pick, as items."""
        by_site = np.maximum.reduceat(scores, self._first, axis=1)
        by_site[:, self._fixed] += LIFT
        by_site[np.arange(len(chosen)), self._place[chosen]] = NEVER - LIFT
        count = min(self.choice.towers - 1, by_site.shape[1])
        sites = np.argpartition(by_site, by_site.shape[1] - count, axis=1)[:, by_site.shape[1] - count :]
        there = self._inside[sites]
        worth = scores[np.arange(len(chosen))[:, None, None], there]
        worth[self._outside[sites]] = -np.inf
        best = worth.argmax(axis=2)
        picks: Rows = np.take_along_axis(there, best[:, :, None], axis=2)[:, :, 0]
        return picks

    def move(self, taken: Floats, length: float) -> None:
        """See ``Relaxation``."""
        count = self.choice.towers - 1
        chosen = np.flatnonzero(taken > TAKEN)
        if not count or not len(chosen):
            return
        share = taken[chosen]
        picks = self._picks(chosen, self._scores(chosen))
        of_pairs = np.zeros(self._pair.shape)
        of_pairs[chosen[:, None], picks] = share[:, None]
        of_items = of_pairs.sum(axis=0)
        of_items[chosen] -= count * share
        of_pairs -= of_pairs.T.copy()
        of_terms = np.zeros(self._prices.shape)
        picked = self._terms.held[:, picks].sum(axis=2)
        excess = self._terms.excess(chosen, picked, self._prices[:, chosen])
        of_terms[:, chosen] = -TERM_SCALE * share * excess
        mean, norm = self._steps.directions((of_items, of_pairs, of_terms))
        if norm > 0:
            self._of_items = self._of_items - length / norm * mean[0]
            self._pair -= length / norm * mean[1]
            self._prices = self._terms.clipped(self._prices - length * TERM_SCALE / norm * mean[2])

    def spend(self, slack: Floats) -> None:
        """See ``Relaxation``."""
        if self.choice.towers > 1:
            self._of_items = self._of_items - slack / (self.choice.towers - 1)

    def multipliers(self) -> Multipliers:
        """See ``Relaxation``; those of pairs belong to items and are not handed on."""
        items = np.zeros(self.choice.own.shape)
        items[self.items.site, self.items.sector] = self._of_items
        return Multipliers(items, laid_out(self.choice, self.items, self._prices), None)
