"""The tightest bound of a choice among some hundred items: their products as one matrix, which is no arbitrary one.

Of a plan let u hold 1, its items y (0 or 1) and the room s ≥ 0 that it leaves of every condition. Then U = u uᵀ is
positive semidefinite, no entry is negative, its diagonal is its first row where items are concerned, items that exclude
each other have the product 0, and u lies where Σ y is the number of towers. The greatest ⟨C, U⟩ over all such matrices
bounds every plan (Burer, Optimizing a polyhedral-semidefinite relaxation of completely positive programs, Mathematical
Programming Computation 2, 2010). The products of s with y are what ``relaxing`` charges for; that the matrix has no
negative eigenvalue is what no charge expresses, and what towers that repel each other are bounded by.

It is sought by alternating directions (Oliveira, Wolkowicz and Xu, ADMM for the SDP relaxation of the QAP, Mathematical
Programming Computation 10, 2018): a step among semidefinite matrices, a step among those with the right entries, and
the disagreement Z carried on. Any Z gives a bound, however far the steps have come: see ``Moments.majorant``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.linalg import null_space
from threadpoolctl import ThreadpoolController

from buildingmap.placement.solver.choice import cliques
from buildingmap.placement.solver.programme import items_of
from buildingmap.placement.solver.relaxing import NEVER, best_sum

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from buildingmap.placement.solver.choice import Choice, Condition
    from buildingmap.placement.solver.programme import Items

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Rows = NDArray[np.int64]

# how much the 1 and the rooms of u weigh beside items: found by trial on the demo's choices, any values bound
_UNIT: Final = 2.0
_ROOM: Final = 0.4
_STEP: Final = 1.6
_FIRST_PENALTY: Final = 0.4
# the penalty follows whichever disagreement is so many times the other
_UNEVEN: Final = 3.0
_PENALTY_BY: Final = 1.25
_ADJUSTED: Final = 10
# of the price of what is held: steps towards it, what counts as the same, and the most there is where nothing holds it
_NEWTON: Final = 4
_SAME_PRICE: Final = 1e-3
_MOST_PRICE: Final = 1e4


@cache
def _threads() -> ThreadpoolController:
    # looking for the libraries takes longer than many a proof
    return ThreadpoolController()


def one_thread() -> AbstractContextManager[object]:
    """Keep numpy to one thread: more gain little on matrices this small, and on a busy machine wait for each other."""
    found: AbstractContextManager[object] = _threads().limit(limits=1, user_api="blas")
    return found


@dataclass(frozen=True, eq=False)
class Majorant:
    """A score that no plan's own score exceeds: float64[items] ``own``, float64[items, items] half ``pairs``."""

    own: Floats
    pairs: Floats


@dataclass(frozen=True, eq=False)
class _Span:
    """Where u lies: ``names`` of its rooms, ``rows`` float64[u, 1 + items] that make u of (1, y), a ``basis`` of it.

    ``zero``: bool[u, u], the products that are 0 in every plan.
    """

    names: list[Hashable]
    rows: Floats
    basis: Floats
    zero: Mask


class Moments:
    """The matrix of products of one choice, step by step nearer to the best one."""

    def __init__(
        self, choice: Choice, groups: Sequence[Rows] | None = None, held: tuple[Choice, float] | None = None
    ) -> None:
        """Begin with every item taken alike.

        ``groups``: sites of which at most one can be taken, int64[k] each, that cover ``choice.apart``. ``held``: only
        plans whose score in another choice of the same sites and sectors comes to so many points.
        """
        self.choice, self.items, self._held = choice, items_of(choice), held
        self._groups = cliques(choice.apart) if groups is None else groups
        site = self.items.site
        across = np.ix_(site, site)
        self._barred = choice.apart[across] | (site[:, None] == site[None])
        self._span = _span(choice, self.items, self._groups, self._barred)
        count = len(site)
        self._gain, self._scale, self._level = self._laid_out(choice)
        if held is not None:
            other, low = held
            self._held_gain, scale, level = self._laid_out(other)
            self._held_low = (low - choice.towers * level) / scale
        # what a point that is held is worth, both by their scales
        self._held_price = 0.0
        level = self._span.rows @ np.concatenate([[1.0], np.full(count, choice.towers / max(1, count))])
        self._matrix = self._with_entries(np.outer(level, level))
        self._prices = np.zeros_like(self._gain)
        self._penalty = _FIRST_PENALTY
        self._steps = 0

    def _laid_out(self, choice: Choice) -> tuple[Floats, float, float]:
        """Return float64[u, u] gains, by what they are divided, and what was taken off each item.

        As many items as towers are taken, so a constant may be taken off each and given back.
        """
        site, sector = self.items.site, self.items.sector
        own = choice.own[site, sector]
        level = float(own.mean()) if len(own) else 0.0
        worth = choice.nearness[np.ix_(site, site)] * choice.between[np.ix_(sector, sector)]
        worth = np.where(self._barred, 0, worth)
        scale = max(1e-6, float(np.abs(own - level).max(initial=0)), float(np.abs(worth).max(initial=0)))
        gain = np.zeros((len(self._span.rows),) * 2)
        among = slice(1, len(site) + 1)
        gain[among, among] = (worth / 2 + np.diag(own - level)) / scale
        return gain, scale, level

    @property
    def taken(self) -> Floats:
        """float64[items]: how far each is taken, 0 to 1."""
        return np.diag(self._matrix)[1 : len(self.items) + 1].copy()

    def narrowed(self, choice: Choice, among: Rows) -> Moments:
        """Return the same for int64[k] ``among`` the items, which make up ``choice`` on the same sites."""
        fewer = Moments(choice, self._groups, self._held)
        count = len(self.items)
        place = {name: number for number, name in enumerate(self._span.names, start=count + 1)}
        known = np.array([place.get(name, -1) for name in fewer._span.names], dtype=np.int64)
        rows = np.concatenate([[0], among + 1, known])
        old = (rows < 0)[:, None] | (rows < 0)
        across = np.ix_(rows, rows)
        fewer._matrix = np.where(old, fewer._matrix, self._matrix[across])
        fewer._prices = np.where(old, 0, self._prices[across]) * (self._scale / fewer._scale)
        fewer._penalty, fewer._held_price = self._penalty, self._held_price
        return fewer

    def run(self, steps: int) -> None:
        """Go so many steps."""
        basis, gain = self._span.basis, self._gain
        for _ in range(steps):
            inside = basis.T @ (self._matrix + self._prices / self._penalty) @ basis
            values, vectors = np.linalg.eigh((inside + inside.T) / 2)
            positive = values > 0
            wide = basis @ vectors[:, positive]
            semidefinite = (wide * values[positive]) @ wide.T
            before = self._matrix
            wanted = semidefinite - (self._prices - gain) / self._penalty
            if self._held is not None:
                wanted += self._price_held(wanted) * self._held_gain
            self._matrix = self._with_entries(wanted)
            apart = self._matrix - semidefinite
            self._prices = self._prices + _STEP * self._penalty * apart
            self._steps += 1
            if self._steps % _ADJUSTED == 0:
                self._adjust(apart, self._matrix - before, semidefinite)

    def _price_held(self, matrix: Floats) -> float:
        """Return how much of what is held must be added to ``matrix`` that its nearest entries hold it.

        Newton's method: what they come to is piecewise linear in it.
        """
        gain, unit = self._held_gain, 1 + 2 * _UNIT**2
        price = self._held_price / self._penalty
        for _ in range(_NEWTON):
            entries = self._with_entries(matrix + price * gain)
            short = self._held_low - float(np.vdot(gain, entries))
            free = entries > 0
            free[0] = free[:, 0] = False
            active = np.square(gain, where=free, out=np.zeros_like(gain))
            slope = float(active.sum() - (1 - 1 / unit) * np.diag(active).sum())
            if slope <= 0:
                break
            moved = max(0.0, price + short / slope)
            if abs(moved - price) <= _SAME_PRICE * max(price, moved):
                break
            price = min(moved, _MOST_PRICE / self._penalty)
        self._held_price = price * self._penalty
        return price

    def _adjust(self, apart: Floats, moved: Floats, semidefinite: Floats) -> None:
        primal = float(np.linalg.norm(apart)) / max(1e-12, float(np.linalg.norm(semidefinite)))
        dual = self._penalty * float(np.linalg.norm(moved)) / max(1.0, float(np.linalg.norm(self._prices)))
        if primal > _UNEVEN * dual:
            self._penalty *= _PENALTY_BY
        elif dual > _UNEVEN * primal:
            self._penalty /= _PENALTY_BY

    def _with_entries(self, matrix: Floats) -> Floats:
        """Return the nearest matrix whose entries are as those of a plan can be."""
        places = np.arange(1, len(self.items) + 1)
        first = (matrix[0, places] + matrix[places, 0]) / 2
        taken = np.clip((matrix[places, places] + 2 * _UNIT * first) / (1 + 2 * _UNIT**2), 0, 1)
        nearest = np.maximum(matrix, 0)
        nearest[self._span.zero] = 0
        nearest[places, places] = taken
        nearest[0, places] = nearest[places, 0] = _UNIT * taken
        nearest[0, 0] = _UNIT**2
        return nearest

    def majorant(self) -> Majorant:
        """Return a score that no plan's own exceeds, from the prices Z; of plans that hold what is held.

        Take Z without what makes ⟨Z, u uᵀ⟩ positive for any u of the span. Then ⟨C, u uᵀ⟩ ≤ ⟨C - Z, u uᵀ⟩; products
        of rooms are never negative, so that those with a negative factor may be left out; the rest is written in
        items. What is held beyond the least adds to the score by its price.
        """
        basis, count = self._span.basis, len(self.items)
        prices = (self._prices + self._prices.T) / 2
        inside = basis.T @ prices @ basis
        values, vectors = np.linalg.eigh((inside + inside.T) / 2)
        positive = values > 0
        wide = basis @ vectors[:, positive]
        gain, floor = self._gain, 0.0
        if self._held is not None:
            gain = gain + self._held_price * self._held_gain
            floor = self._held_price * self._held_low * self._scale
        factor = (gain - prices + (wide * values[positive]) @ wide.T) * self._scale
        factor[count + 1 :] = np.maximum(factor[count + 1 :], 0)
        factor[:, count + 1 :] = np.maximum(factor[:, count + 1 :], 0)
        square = self._span.rows.T @ factor @ self._span.rows
        own = (
            np.diag(square)[1:]
            + 2 * square[0, 1:]
            + (square[0, 0] - floor) / self.choice.towers
            + self._level
        )
        return Majorant(own, np.where(self._barred, NEVER, square[1:, 1:]))

    def profits(self) -> Floats:
        """Return float64[items]: what each is worth at most if it is taken, with the partners that suit it best."""
        if not len(self.items):
            return np.empty(0)
        majorant = self.majorant()
        owners, first = np.unique(self.items.site, return_index=True)
        fixed = np.isin(owners, self.choice.fixed)
        by_site = np.maximum.reduceat(majorant.pairs, first, axis=1)
        own_fixed = fixed[np.searchsorted(owners, self.items.site)]
        worth = majorant.own + best_sum(by_site, self.choice.towers - 1, fixed, own_fixed)
        return np.maximum(worth, NEVER)


class _Rooms:
    """The room that every condition leaves, and what leaves none: rows float64[1 + items] of (1, y)."""

    def __init__(self, choice: Choice, items: Items) -> None:
        self._choice, self._items = choice, items
        self.equal = [np.concatenate([[-float(choice.towers)], np.ones(len(items))])]
        self.names: list[Hashable] = []
        self.rows: list[Floats] = []
        # the items beside which none of a room is left
        self.fill: list[Mask] = []

    def add_sites(self, groups: Sequence[Rows]) -> None:
        """Add that of a site, and of each group of sites, at most one item is taken."""
        owners = np.unique(self._items.site)
        sure = owners if len(owners) == self._choice.towers else self._choice.fixed
        for site in owners:
            among = self._items.site == site
            if site in sure:
                self.equal.append(np.concatenate([[-1.0], among.astype(np.float64)]))
            else:
                self._at_most_one(("site", int(site)), among)
        for number, group in enumerate(groups):
            among = np.isin(self._items.site, group)
            if among.any():
                self._at_most_one(("group", number), among)

    def _at_most_one(self, name: Hashable, among: Mask) -> None:
        self.names.append(name)
        self.rows.append(np.concatenate([[1.0], -among.astype(np.float64)]))
        self.fill.append(among)

    def add_condition(self, number: int, condition: Condition) -> None:
        """Add both sides of a condition that is about any item."""
        held = condition.coefficients[self._items.site, self._items.sector]
        if condition.kind == "fixed" or not held.any():
            return
        scale = float(np.abs(held).max()) * max(1.0, self._choice.towers / 4)
        for side, bound in ((1, condition.high), (-1, condition.low)):
            if np.isfinite(bound):
                self.names.append((number, side))
                self.rows.append(side * np.concatenate([[bound], -held]) / scale)
                self.fill.append(np.zeros(len(self._items), dtype=bool))


def _span(choice: Choice, items: Items, groups: Sequence[Rows], barred: Mask) -> _Span:
    count, rooms = len(items), _Rooms(choice, items)
    rooms.add_sites(groups)
    for number, each in enumerate(choice.conditions):
        rooms.add_condition(number, each)
    unit = np.eye(count + 1)
    unit[0, 0] = _UNIT
    rows = np.vstack([unit, _ROOM * np.array(rooms.rows).reshape(len(rooms.rows), count + 1)])
    basis, _ = np.linalg.qr(rows @ null_space(np.array(rooms.equal)))
    zero = np.zeros((len(rows),) * 2, dtype=bool)
    zero[1 : count + 1, 1 : count + 1] = barred & ~np.eye(count, dtype=bool)
    zero[count + 1 :, 1 : count + 1] = np.array(rooms.fill, dtype=bool).reshape(len(rooms.fill), count)
    zero |= zero.T
    return _Span(rooms.names, rows, basis, zero)
