"""Upper bounds on a choice with pairwise terms, by Lagrangian relaxation.

Every pair's points are halved between its two towers, and each tower then picks the partners that suit it best. That
is an upper bound, since in a plan two towers pick each other. Multipliers charge for where they do not: one for each
item (how often it is picked against how often it picks), one for each pair of sites or items, antisymmetric, and one
for each item with each condition: what a tower picks must leave room for itself. Any multipliers bound; subgradient
steps look for good ones. Source: Caprara, Pisinger and Toth, Exact solution of the quadratic knapsack problem, INFORMS
Journal on Computing 11 (1999), whose bound for one knapsack this carries over to a number of towers with one sector
each; the multipliers of items are those of Σ_i z_ij = (n - 1) y_j, those of conditions of
low y_i ≤ Σ_j a_j z_ij + a_i y_i ≤ high y_i.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from buildingmap.placement.solver.exact import term_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.placement.solver.choice import Choice
    from buildingmap.placement.solver.programme import Items

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Rows = NDArray[np.int64]

# stands for "never": far below any sum of points, and small enough to be added up without losing digits
NEVER: Final = -1e6
# more sites have no multipliers of pairs: they would fill the memory
MOST_SITES_WITH_PAIRS: Final = 1500
# what is taken of an item, below which it is rounding
TAKEN: Final = 1e-7
# lifts the sites that every plan takes above all others, and is taken off again
LIFT: Final = 1e5
# a price of a condition moves all partners at once, so its steps are shorter
TERM_SCALE: Final = 0.25


@dataclass(frozen=True, eq=False)
class Multipliers:
    """float64[sites, sectors] of items; float64[conditions, sites, sectors] of conditions with items.

    ``pairs``: float64[sites, sites] of pairs of sites, antisymmetric, None being 0.
    """

    items: Floats
    terms: Floats
    pairs: Floats | None

    @classmethod
    def none(cls, choice: Choice) -> Multipliers:
        """Return those that charge nothing."""
        return cls(np.zeros(choice.own.shape), np.zeros((len(choice.conditions), *choice.own.shape)), None)

    def of(self, rows: Rows) -> Multipliers:
        """Return those of int64[k] sites only."""
        pairs = None if self.pairs is None else self.pairs[np.ix_(rows, rows)]
        return Multipliers(self.items[rows], self.terms[:, rows], pairs)

    def within(self, rows: Rows, sites: int) -> Multipliers:
        """Return them as those of the sites ``rows`` among ``sites``; the rest is 0."""
        items = np.zeros((sites, self.items.shape[1]))
        items[rows] = self.items
        terms = np.zeros((len(self.terms), *items.shape))
        terms[:, rows] = self.terms
        if self.pairs is None or sites > MOST_SITES_WITH_PAIRS:
            return Multipliers(items, terms, None)
        pairs = np.zeros((sites, sites))
        pairs[np.ix_(rows, rows)] = self.pairs
        return Multipliers(items, terms, pairs)


class Relaxation(Protocol):
    """A bound that depends on multipliers and can be moved along a subgradient."""

    choice: Choice
    items: Items

    def profits(self) -> Floats:
        """Return float64[items]: what each item is worth at most if it is taken."""

    def move(self, taken: Floats, length: float) -> None:
        """Change the multipliers against the disagreement of float64[items] ``taken``, by ``length`` points."""

    def multipliers(self) -> Multipliers:
        """Return the multipliers, to start another relaxation from."""

    def spend(self, slack: Floats) -> None:
        """Make items dearer as partners by float64[items] ``slack``, by which taking each would lower the bound.

        Each is worth that much more by itself then, which costs the bound nothing, and less to all others.
        """


class Steps:
    """A subgradient step with memory: the direction is a running mean, its length set by the newest disagreement."""

    MEMORY: Final = 0.7

    def __init__(self) -> None:
        """Begin without memory."""
        self._mean: tuple[Floats, ...] | None = None

    def directions(self, newest: tuple[Floats, ...]) -> tuple[tuple[Floats, ...], float]:
        """Return the running mean of disagreements and the squared length of the ``newest``, which is overwritten."""
        norm = float(sum(np.vdot(each, each) for each in newest))
        if self._mean is None:
            self._mean = newest
        else:
            for mean, new in zip(self._mean, newest, strict=True):
                np.multiply(mean, self.MEMORY, out=mean)
                np.multiply(new, 1 - self.MEMORY, out=new)
                np.add(mean, new, out=mean)
        return self._mean, norm


class Terms:
    """The conditions of a choice on its items, each divided by its greatest coefficient, with what they allow."""

    def __init__(self, choice: Choice, items: Items) -> None:
        """Lay the conditions of ``choice`` out."""
        self.held, self._low, self._high = term_rows(choice, items)
        # a site that is fixed is picked in any case
        free = np.array([each.kind != "fixed" for each in choice.conditions], dtype=bool)
        self._least = np.where(np.isfinite(self._low) & free, -np.inf, 0)[:, None]
        self._most = np.where(np.isfinite(self._high) & free, np.inf, 0)[:, None]

    def clipped(self, prices: Floats) -> Floats:
        """Return float64[conditions, items] ``prices`` with the sign that each condition allows."""
        return np.clip(prices, self._least, self._most)

    def room(self, prices: Floats) -> Floats:
        """Return float64[items]: what the prices pay back to an item, for the room that conditions leave beside it."""
        low, high = (np.where(np.isfinite(each), each, 0)[:, None] for each in (self._low, self._high))
        paid: Floats = (prices * (np.where(prices > 0, high, low) - self.held)).sum(axis=0)
        return paid

    def excess(self, chosen: Rows, picked: Floats, prices: Floats) -> Floats:
        """Return float64[conditions, k]: how far what k chosen items picked is beyond what each condition leaves."""
        beyond = picked + self.held[:, chosen]
        over, under = beyond - self._high[:, None], beyond - self._low[:, None]
        over = np.where(np.isfinite(over), over, 0)
        under = np.where(np.isfinite(under), under, 0)
        inside = np.maximum(over, 0) + np.minimum(under, 0)
        return np.where(prices > 0, over, np.where(prices < 0, under, inside))


def laid_out(choice: Choice, items: Items, prices: Floats) -> Floats:
    """Return float64[conditions, items] prices as float64[conditions, sites, sectors]."""
    terms = np.zeros((len(choice.conditions), *choice.own.shape))
    terms[:, items.site, items.sector] = prices
    return terms


def best_sum(scores: Floats, count: int, fixed: Mask, own: Mask) -> Floats:
    """Return float64[k]: the sum of the ``count`` best partners in float64[k, owners], the ``fixed`` among them.

    ``own``: bool[k], whether the row's own site is fixed: a site is no partner of its own.
    """
    if count <= 0:
        return np.zeros(len(scores))
    if count > scores.shape[1]:
        return np.full(len(scores), NEVER)
    if fixed.any():
        scores[:, fixed] += LIFT
    first = scores.shape[1] - count
    scores.partition(first, axis=1)
    best: Floats = scores[:, first:].sum(axis=1)
    if fixed.any():
        best -= LIFT * (fixed.sum() - own)
    return best
