"""The whole choice as one programme, for what is left of it once bounds have ruled the rest out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np
from scipy import sparse

from buildingmap.placement.solver.programme import ProgrammeError, items_of, model_of, rows_of, solver

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.placement.solver.choice import Choice
    from buildingmap.placement.solver.programme import Block, Items

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]


# of the greatest coefficient of a condition, by so much a plan may miss its bound: rounding
_BROKEN: Final = 1e-6


@dataclass(frozen=True, eq=False)
class Answer:
    """What HiGHS found and proved: int64[k] sites and sectors, or None; no plan is better than ``bound`` points."""

    plan: tuple[Rows, Rows] | None
    bound: float


@dataclass(frozen=True, eq=False)
class _Pairs:
    first: Rows
    second: Rows

    def __len__(self) -> int:
        return len(self.first)


def pair_count(choice: Choice) -> int:
    """Return how many pairs of items can be taken together."""
    each = choice.allowed.sum(axis=1).astype(np.float64)
    return round(float(each.sum() ** 2 - each @ each - each @ (choice.apart @ each)) / 2)


def term_rows(choice: Choice, items: Items) -> tuple[Floats, Floats, Floats]:
    """Return float64[conditions, items] coefficients and float64[conditions] lows and highs, each over the greatest."""
    held = np.array([each.coefficients[items.site, items.sector] for each in choice.conditions])
    held = held.reshape(len(choice.conditions), len(items))
    scale = np.maximum(np.abs(held).max(axis=1, initial=0), 1e-9)
    low = np.array([each.low for each in choice.conditions]) / scale
    high = np.array([each.high for each in choice.conditions]) / scale
    return held / scale[:, None], low, high


class Programme:
    """Variables: y, one per item, and z_ij, one per pair of items that can be taken together.

    Products are tied to items by multiplying the conditions with each item (Adams and Sherali's reformulation, first
    level): an item that is taken has towers - 1 partners, at most one on a site, and what they take of each condition
    leaves room for the item.
    """

    def __init__(self, choice: Choice, held: tuple[Choice, float] | None = None) -> None:
        """Write the programme of ``choice`` down.

        ``held``: a plan's score in another choice of the same items is at least so many points.
        """
        self.choice, self.items = choice, items_of(choice)
        pairs = self._pairs = _pairs(choice, self.items)
        count, many = len(self.items), len(pairs)
        own = choice.own[self.items.site, self.items.sector]
        self._profits = np.concatenate([own, _worth(choice, self.items, self._pairs)])
        self._ends = np.concatenate([self._pairs.first, self._pairs.second])
        self._others = np.concatenate([self._pairs.second, self._pairs.first])
        self._column = count + np.tile(np.arange(many), 2)
        self._blocks = [_widened(block, many) for block in rows_of(choice, self.items)]
        self._tie_partners()
        self._tie_terms()
        if held is not None:
            self._hold(*held)

    def _hold(self, other: Choice, low: float) -> None:
        own = other.own[self.items.site, self.items.sector]
        row = np.concatenate([own, _worth(other, self.items, self._pairs)])
        self._blocks.append((sparse.csr_matrix(row[None]), np.array([low]), np.array([np.inf])))

    def _matrix(self, values: Floats, row: Rows, rows: int) -> sparse.csr_matrix:
        matrix = sparse.csr_matrix((values, (row, self._column)), shape=(rows, len(self._profits)))
        matrix.eliminate_zeros()
        return matrix

    def _items_matrix(self, row_of_item: Floats) -> sparse.csr_matrix:
        count = len(self.items)
        return sparse.diags(row_of_item, shape=(count, len(self._profits)), format="csr")

    def _tie_partners(self) -> None:
        count, choice = len(self.items), self.choice
        ones = np.ones(len(self._ends))
        partners = self._matrix(ones, self._ends, count)
        exactly = partners - self._items_matrix(np.full(count, choice.towers - 1.0))
        # one row for each item and each other site: the partners there come to no more than the item itself
        keys = self._ends * choice.sites + self.items.site[self._others]
        named, row = np.unique(keys, return_inverse=True)
        own = self._items_matrix(np.ones(count))
        at_most = self._matrix(ones, row, len(named)) - own[named // choice.sites]
        everywhere = np.isin(named % choice.sites, choice.fixed)
        self._blocks.append((exactly, np.zeros(count), np.zeros(count)))
        least = np.where(everywhere, 0.0, -np.inf)
        self._blocks.append((at_most, least, np.zeros(len(named))))

    def _tie_terms(self) -> None:
        count = len(self.items)
        held, low, high = term_rows(self.choice, self.items)
        for row, each in enumerate(self.choice.conditions):
            if each.kind == "fixed":
                continue
            picked = self._matrix(held[row][self._others], self._ends, count)
            for bound, lowest, highest in ((high[row], -np.inf, 0.0), (low[row], 0.0, np.inf)):
                if np.isfinite(bound):
                    block = (picked + self._items_matrix(held[row] - bound)).tocsr()
                    self._blocks.append((block, np.full(count, lowest), np.full(count, highest)))

    def model(self) -> highspy.HighsLp:
        """Return the mixed-integer programme: items first, then pairs."""
        whole = np.arange(len(self.items))
        return model_of(self._profits, self._blocks, np.ones(len(self._profits)), whole)

    def solve(self, *, seconds: float, gap: float = 0.0) -> Answer:
        """Maximise the score by HiGHS within ``seconds``, to a relative ``gap``. Raises ProgrammeError."""
        highs = solver(self.model(), time_limit=max(seconds, 0.01), mip_rel_gap=gap, mip_abs_gap=1e-7)
        highs.run()
        return _answer(highs, self.items)


def solve_exactly(
    choice: Choice, *, seconds: float, gap: float = 0.0, held: tuple[Choice, float] | None = None
) -> Answer:
    """Maximise the score of ``choice`` as one programme; see ``Programme``. Raises ProgrammeError."""
    return Programme(choice, held).solve(seconds=seconds, gap=gap)


def try_all(choice: Choice) -> Answer:
    """Return the best plan by trying every one: for a choice of hardly more items than towers."""
    items = items_of(choice)
    count = len(items)
    if count < choice.towers:
        return Answer(None, -np.inf)
    left = list(combinations(range(count), count - choice.towers))
    taken = np.ones((len(left), count))
    taken[np.arange(len(left))[:, None], np.array(left, dtype=np.int64).reshape(len(left), -1)] = 0
    across = np.ix_(items.site, items.site)
    barred = (choice.apart[across] | (items.site[:, None] == items.site)) & ~np.eye(count, dtype=bool)
    taken = taken[np.einsum("pi,ij,pj->p", taken, barred.astype(np.float64), taken, optimize=True) == 0]
    held, low, high = term_rows(choice, items)
    sums = taken @ held.T
    slack = _BROKEN * np.maximum(1, np.abs(np.where(np.isfinite([low, high]), [low, high], 0)))
    taken = taken[((sums >= low - slack[0]) & (sums <= high + slack[1])).all(axis=1)]
    if not len(taken):
        return Answer(None, -np.inf)
    worth = choice.nearness[across] * choice.between[np.ix_(items.sector, items.sector)]
    scores = taken @ choice.own[items.site, items.sector]
    scores += np.einsum("pi,ij,pj->p", taken, worth, taken, optimize=True) / 2
    best = np.flatnonzero(taken[int(scores.argmax())])
    return Answer((items.site[best], items.sector[best]), float(scores.max()))


def _answer(highs: highspy.Highs, items: Items) -> Answer:
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Answer(None, -np.inf)
    if status not in {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kTimeLimit}:
        raise ProgrammeError(highs)
    info = highs.getInfo()
    bound = float(info.mip_dual_bound)
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Answer(None, bound)
    taken = np.flatnonzero(np.array(highs.getSolution().col_value)[: len(items)] > 1 / 2)
    return Answer((items.site[taken], items.sector[taken]), bound)


def _pairs(choice: Choice, items: Items) -> _Pairs:
    first, second = np.triu_indices(len(items), 1)
    one, other = items.site[first], items.site[second]
    together = (one != other) & ~choice.apart[one, other]
    return _Pairs(first[together], second[together])


def _worth(choice: Choice, items: Items, pairs: _Pairs) -> Floats:
    nearness = choice.nearness[items.site[pairs.first], items.site[pairs.second]]
    worth: Floats = nearness * choice.between[items.sector[pairs.first], items.sector[pairs.second]]
    return worth


def _widened(block: Block, more: int) -> Block:
    matrix, low, high = block
    return sparse.hstack([matrix, sparse.csr_matrix((matrix.shape[0], more))]).tocsr(), low, high
