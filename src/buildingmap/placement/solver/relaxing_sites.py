"""The bound of a choice among many sites; see ``relaxing``."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

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
    # sites, None being all; what a partner there gains by nearness, and what it is worth far away
    _Layer = tuple[Rows | None, Floats, Floats]

# below this nearness a pair of sites has no multiplier of its own: its points are too few to disagree about
_NEAR: Final = 0.02
# items at once, so that what is computed of them stays near the processor
_BLOCK: Final = 32


class SiteRelaxation:
    """Multipliers for items, for pairs of sites and for conditions of sites or of sectors alone: for many sites."""

    def __init__(self, choice: Choice, start: Multipliers | None = None, *, pairs: bool = True) -> None:
        """Start from ``start`` or from nothing; without ``pairs``, to save memory, pairs have no multipliers."""
        self.choice, self.items, self._steps = choice, items_of(choice), Steps()
        start = start or Multipliers.none(choice)
        site, sector = self.items.site, self.items.sector
        self._terms = Terms(choice, self.items)
        self._of_items = np.where(choice.allowed, start.items, 0)
        self._of_pairs: Floats | None = None
        if pairs:
            self._of_pairs = np.zeros(choice.nearness.shape) if start.pairs is None else start.pairs.copy()
        self._near = choice.nearness > _NEAR if pairs else None
        self._nearest = float(choice.nearness.max(initial=0))
        self._by_sector, self._by_site = _kinds(choice)
        # a condition about both sites and sectors has no multipliers here
        self._usable = (np.abs(self._by_sector).sum(axis=1) + np.abs(self._by_site).sum(axis=1))[:, None] > 0
        self._prices = self._terms.clipped(start.terms[:, site, sector]) * self._usable

    @property
    def _partner(self) -> Floats:
        level: Floats = np.where(self.choice.allowed, self._of_items, NEVER)
        return level

    def profits(self) -> Floats:
        """Return float64[items], see ``Relaxation``."""
        choice, site, sector = self.choice, self.items.site, self.items.sector
        worth = choice.own[site, sector] - (choice.towers - 1) * self._of_items[site, sector]
        worth += self._terms.room(self._prices)
        layers = [self._layers(lead) for lead in range(choice.sectors)]
        priced = self._prices.any(axis=0)
        parts = [
            mine[first : first + _BLOCK]
            for lead in range(choice.sectors)
            for charged in (False, True)
            for mine in [np.flatnonzero((sector == lead) & (priced == charged))]
            for first in range(0, len(mine), _BLOCK)
        ]

        def add(part: Rows) -> None:
            lead = int(sector[part[0]])
            scores = self._priced_scores(part, lead) if priced[part[0]] else self._scores(part, layers[lead])
            worth[part] += _of_the_best(choice, self._barred(scores, site[part]), site[part])

        # array operations let other threads run; each part is its own, so the result does not depend on them
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            list(threads.map(add, parts))
        profits: Floats = np.maximum(worth, NEVER)
        return profits

    def _layers(self, lead: int) -> list[_Layer]:
        """Return which sectors a partner can be best with for ``lead``: by layer int64[k] sites, slopes and levels.

        What a partner is worth is linear in nearness; a sector no better than another at either end is left out.
        """
        slope, level = self.choice.between[lead], self._partner
        order = np.argsort(-level, axis=1, kind="stable")
        level = np.take_along_axis(level, order, axis=1)
        slopes = slope[order] / 2
        ends = level + slopes * self._nearest
        useful = np.ones(level.shape, dtype=bool)
        useful[:, 1:] = ends[:, 1:] > np.maximum.accumulate(ends, axis=1)[:, :-1]
        depth = np.where(useful, useful.cumsum(axis=1) - 1, -1)
        layers: list[_Layer] = []
        for number in range(int(depth.max(initial=0)) + 1):
            sites, place = np.nonzero(depth == number)
            if 2 * len(sites) < self.choice.sites:
                layers.append((sites, slopes[sites, place], level[sites, place]))
                continue
            # without picking columns it is faster where most sites have one
            every, flat = np.full(self.choice.sites, NEVER), np.zeros(self.choice.sites)
            every[sites], flat[sites] = level[sites, place], slopes[sites, place]
            layers.append((None, flat, every))
        return layers

    def _scores(self, part: Rows, layers: list[_Layer]) -> Floats:
        """Return float64[k, sites]: what each partner, with the sector that suits best, is worth to k items."""
        near = self.choice.nearness[self.items.site[part]]
        (_, slopes, level), *others = layers
        best: Floats = near * slopes
        best += level
        score = np.empty(near.shape)
        for sites, slopes, level in others:
            if sites is None:
                np.multiply(near, slopes, out=score)
                score += level
                np.maximum(best, score, out=best)
            else:
                best[:, sites] = np.maximum(best[:, sites], near[:, sites] * slopes + level)
        return best

    def _priced_scores(self, part: Rows, lead: int) -> Floats:
        """Return the same for items that pay for what their partners take of conditions."""
        choice, partner = self.choice, self._partner
        half = choice.nearness[self.items.site[part]] / 2
        to_sector = self._prices[:, part].T @ self._by_sector
        best = np.full(half.shape, NEVER)
        score = np.empty(half.shape)
        for other in range(choice.sectors):
            np.multiply(half, choice.between[lead, other], out=score)
            score += partner[:, other]
            score -= to_sector[:, other, None]
            np.maximum(best, score, out=best)
        best -= self._prices[:, part].T @ self._by_site
        return best

    def _barred(self, scores: Floats, rows: Rows) -> Floats:
        """Add the multipliers of pairs to float64[k, sites] and shut out what cannot be a partner, in place."""
        if self._of_pairs is not None:
            scores += self._of_pairs[rows]
        scores[self.choice.apart[rows]] = NEVER
        scores[np.arange(len(rows)), rows] = NEVER
        return scores

    def _scores_of(self, item: int, partner: Floats) -> Floats:
        """Return float64[sites, sectors]: what each partner is worth to one item."""
        choice, site, sector = self.choice, self.items.site[item], self.items.sector[item]
        scores: Floats = np.multiply.outer(choice.nearness[site] / 2, choice.between[sector]) + partner
        scores -= self._prices[:, item] @ self._by_sector
        scores -= (self._prices[:, item] @ self._by_site)[:, None]
        if self._of_pairs is not None:
            scores += self._of_pairs[site][:, None]
        scores[choice.apart[site]] = NEVER
        scores[site] = NEVER
        return scores

    def move(self, taken: Floats, length: float) -> None:
        """See ``Relaxation``."""
        choice, partner = self.choice, self._partner
        of_items = np.zeros(choice.own.shape)
        of_pairs = np.zeros(choice.nearness.shape if self._of_pairs is not None else (0, 0))
        of_terms = np.zeros(self._prices.shape)
        for item in np.flatnonzero(taken > TAKEN):
            site, share = self.items.site[item], taken[item]
            scores = self._scores_of(int(item), partner)
            partners = _best_partners(choice, scores.max(axis=1), int(site))
            sectors = scores[partners].argmax(axis=1)
            np.add.at(of_items, (partners, sectors), share)
            of_items[site, self.items.sector[item]] -= share * (choice.towers - 1)
            picked = self._by_sector[:, sectors].sum(axis=1) + self._by_site[:, partners].sum(axis=1)
            price = self._prices[:, [item]]
            excess = self._terms.excess(np.array([item]), picked[:, None], price)[:, 0]
            of_terms[:, item] = -share * excess * self._usable[:, 0] * TERM_SCALE
            if self._of_pairs is not None:
                of_pairs[site, partners] += share
        if self._near is not None:
            of_pairs = (of_pairs - of_pairs.T) * self._near
        mean, norm = self._steps.directions((of_items, of_pairs, of_terms))
        if norm <= 0:
            return
        self._of_items -= length / norm * mean[0]
        if self._of_pairs is not None:
            self._of_pairs -= length / norm * mean[1]
        self._prices = self._terms.clipped(self._prices - length * TERM_SCALE / norm * mean[2])

    def spend(self, slack: Floats) -> None:
        """See ``Relaxation``."""
        if self.choice.towers > 1:
            self._of_items[self.items.site, self.items.sector] -= slack / (self.choice.towers - 1)

    def multipliers(self) -> Multipliers:
        """See ``Relaxation``."""
        return Multipliers(self._of_items, laid_out(self.choice, self.items, self._prices), self._of_pairs)


def _kinds(choice: Choice) -> tuple[Floats, Floats]:
    """Return conditions by what alone they are about: float64[conditions, sectors], float64[conditions, sites].

    Coefficients are divided by the greatest, as in ``_Terms``; a row is 0 where a condition is about both.
    """
    by_sector = np.zeros((len(choice.conditions), choice.sectors))
    by_site = np.zeros((len(choice.conditions), choice.sites))
    for row, each in enumerate(choice.conditions):
        held = np.where(choice.allowed, each.coefficients, np.nan)
        scale = max(float(np.nanmax(np.abs(held), initial=0)), 1e-9)
        if each.kind == "fixed":
            continue
        if (each.coefficients == each.coefficients[:1]).all():
            by_sector[row] = each.coefficients[0] / scale
        elif (each.coefficients == each.coefficients[:, :1]).all():
            by_site[row] = each.coefficients[:, 0] / scale
    return by_sector, by_site


def _of_the_best(choice: Choice, scores: Floats, sites: Rows) -> Floats:
    """Return float64[k]: the sum of the best partners in float64[k, sites] of k items at ``sites``."""
    fixed = np.zeros(choice.sites, dtype=bool)
    fixed[choice.fixed] = True
    return best_sum(scores, choice.towers - 1, fixed, fixed[sites])


def _best_partners(choice: Choice, scores: Floats, site: int) -> Rows:
    count = choice.towers - 1
    if count <= 0:
        return np.empty(0, dtype=np.int64)
    lifted = scores.copy()
    lifted[choice.fixed] += LIFT
    lifted[site] = NEVER - LIFT
    return np.argpartition(lifted, len(lifted) - count)[len(lifted) - count :]
