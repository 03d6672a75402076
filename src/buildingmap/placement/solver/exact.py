"""The whole choice as one programme, for what is left of it once bounds have ruled the rest out."""

from __future__ import annotations

from dataclasses import dataclass
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

# the relaxation takes some 0.15 s for 1,000 pairs, and branching on it many times that
MOST_PAIRS_RELAXED: Final = 50_000
MOST_PAIRS: Final = 16_000
# up to so many pairs the simplex method is faster than the interior point method
_SIMPLEX: Final = 900
# times the greatest points of an item or a pair
_HIGH: Final = 0.5
# bounds are made from the prices and hold whatever they are, so the interior point need not be exact
_INTERIOR: Final = {"solver": "ipm", "run_crossover": "off", "ipm_optimality_tolerance": 1e-6}


@dataclass(frozen=True, eq=False)
class Answer:
    """What HiGHS found and proved: int64[k] sites and sectors, or None; no plan is better than ``bound`` points."""

    plan: tuple[Rows, Rows] | None
    bound: float


@dataclass(frozen=True, eq=False)
class Prices:
    """Dual prices of the relaxed programme, and its float64[items] ``taken``.

    ``partner``: float64[items], what one more partner is worth to an item. ``place``: float64[items, sites], what a
    partner at that site is worth beyond. ``terms``: float64[conditions, items], what an item pays for the room that
    its partners take of a condition, whose coefficients are divided by their greatest.
    """

    taken: Floats
    partner: Floats
    place: Floats
    terms: Floats


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
        self._first_tie = sum(block[0].shape[0] for block in self._blocks)
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
        self._named, row = np.unique(keys, return_inverse=True)
        own = self._items_matrix(np.ones(count))
        at_most = self._matrix(ones, row, len(self._named)) - own[self._named // choice.sites]
        everywhere = np.isin(self._named % choice.sites, choice.fixed)
        self._blocks.append((exactly, np.zeros(count), np.zeros(count)))
        least = np.where(everywhere, 0.0, -np.inf)
        self._blocks.append((at_most, least, np.zeros(len(self._named))))

    def _tie_terms(self) -> None:
        count = len(self.items)
        held, low, high = term_rows(self.choice, self.items)
        self._of_terms: list[int] = []
        for row, each in enumerate(self.choice.conditions):
            if each.kind == "fixed":
                continue
            picked = self._matrix(held[row][self._others], self._ends, count)
            for bound, lowest, highest in ((high[row], -np.inf, 0.0), (low[row], 0.0, np.inf)):
                if np.isfinite(bound):
                    block = (picked + self._items_matrix(held[row] - bound)).tocsr()
                    self._blocks.append((block, np.full(count, lowest), np.full(count, highest)))
                    self._of_terms.append(row)

    def relaxed(self, *, seconds: float) -> Prices | None:
        """Return prices from the linear relaxation, None where HiGHS has none within ``seconds``."""
        # without bounds of their own on products, all that they are worth is in the prices of rows
        costs, blocks = self._with_slack(_HIGH * max(1.0, float(np.abs(self._profits).max(initial=0))))
        upper = np.full(len(costs), np.inf)
        upper[: len(self.items)] = 1
        model = model_of(costs, blocks, upper, np.empty(0, dtype=np.int64))
        # the interior point method alone returns prices with the wrong sign where it maximises (HiGHS 1.15)
        model.sense_ = highspy.ObjSense.kMinimize
        method = {"solver": "simplex"} if len(self._pairs) <= _SIMPLEX else _INTERIOR
        highs = solver(model, time_limit=max(seconds, 0.01), presolve="off", **method)
        highs.run()
        solution = highs.getSolution()
        if not solution.dual_valid or len(solution.row_dual) == 0:
            return None
        count, choice = len(self.items), self.choice
        duals = -np.array(solution.row_dual)[self._first_tie :]
        if not np.isfinite(duals).all():
            return None
        partner, duals = duals[:count], duals[count:]
        place = np.zeros((count, choice.sites))
        place[self._named // choice.sites, self._named % choice.sites] = duals[: len(self._named)]
        terms = np.zeros((len(choice.conditions), count))
        np.add.at(terms, self._of_terms, duals[len(self._named) :].reshape(len(self._of_terms), count))
        return Prices(np.array(solution.col_value)[:count], partner, place, terms)

    def _with_slack(self, most: float) -> tuple[Floats, list[Block]]:
        """Return costs and rows with columns that break a tie for ``most`` points, so that no price exceeds that.

        An item that no plan can hold would be shut out by prices without end.
        """
        rows = sum(block[0].shape[0] for block in self._blocks)
        count = len(self.items)
        priced = np.concatenate(
            [
                np.arange(count) + self._first_tie,
                np.arange(count * len(self._of_terms)) + self._first_tie + count + len(self._named),
            ]
        )
        unit = sparse.csr_matrix(
            (np.ones(len(priced)), (priced, np.arange(len(priced)))), shape=(rows, len(priced))
        )
        matrix = sparse.hstack([sparse.vstack([block[0] for block in self._blocks]), unit, -unit]).tocsr()
        low, high = (np.concatenate([block[side] for block in self._blocks]) for side in (1, 2))
        costs = np.concatenate([-self._profits, np.full(2 * len(priced), most)])
        return costs, [(matrix, low, high)]

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
