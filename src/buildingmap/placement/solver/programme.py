"""Linear and mixed-integer programmes, handed to HiGHS.

HiGHS and not CP-SAT: the bound of a plan comes from linear relaxations, which HiGHS re-solves from the last basis in
milliseconds; docs/plan.md compares the two on the whole model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import highspy
import numpy as np
from scipy import sparse

from buildingmap.errors import BuildingmapError
from buildingmap.placement.solver.choice import cliques

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.placement.solver.choice import Choice

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    # rows of a programme: a sparse matrix, and the float64[rows] that its product stays between
    Block = tuple[sparse.csr_matrix, Floats, Floats]

_INFINITE: Final = highspy.kHighsInf
_SEED: Final = 1
_ANSWERED: Final = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)


class ProgrammeError(BuildingmapError):
    """HiGHS ended without an answer that can be used."""

    def __init__(self, highs: highspy.Highs) -> None:
        """Say how it ended."""
        said = highs.modelStatusToString(highs.getModelStatus())
        super().__init__(f"the solver ended with {said!r}, expected a plan or a proof that there is none")


@dataclass(frozen=True, eq=False)
class Items:
    """The allowed pairs of site and sector of a choice, int64[items] each, ordered by site."""

    site: Rows
    sector: Rows

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.site)


def items_of(choice: Choice) -> Items:
    """Return what can be chosen."""
    site, sector = np.nonzero(choice.allowed)
    return Items(site.astype(np.int64), sector.astype(np.int64))


def rows_of(choice: Choice, items: Items) -> list[Block]:
    """Return the conditions on the items: the number of towers, one sector a site, no two too near, all others."""
    count = len(items)
    blocks = [_block(np.ones((1, count)), [choice.towers], [choice.towers])]
    owner = sparse.csr_matrix((np.ones(count), (items.site, np.arange(count))), shape=(choice.sites, count))
    blocks.append((owner, np.full(choice.sites, -np.inf), np.ones(choice.sites)))
    groups = cliques(choice.apart)
    if groups:
        members = sparse.csr_matrix(
            (
                np.ones(sum(map(len, groups))),
                (np.repeat(np.arange(len(groups)), [len(g) for g in groups]), np.concatenate(groups)),
            ),
            shape=(len(groups), choice.sites),
        )
        blocks.append((members @ owner, np.full(len(groups), -np.inf), np.ones(len(groups))))
    if choice.conditions:
        rows = np.array([each.coefficients[items.site, items.sector] for each in choice.conditions])
        lows, highs = ([getattr(each, end) for each in choice.conditions] for end in ("low", "high"))
        blocks.append(_block(rows, lows, highs))
    return blocks


def _block(matrix: Any, low: Sequence[float], high: Sequence[float]) -> Block:
    return sparse.csr_matrix(matrix), np.array(low, dtype=np.float64), np.array(high, dtype=np.float64)


def model_of(profits: Floats, blocks: Sequence[Block], upper: Floats, whole: Rows) -> highspy.HighsLp:
    """Return the programme: maximise ``profits · x``, 0 ≤ x ≤ ``upper``; the columns ``whole`` are integer.

    ``profits`` and ``upper``: float64[columns]; ``whole``: int64[k].
    """
    matrix = sparse.vstack([block[0] for block in blocks]).tocsc()
    programme = highspy.HighsLp()
    programme.num_row_, programme.num_col_ = matrix.shape
    programme.sense_ = highspy.ObjSense.kMaximize
    programme.col_cost_ = profits
    programme.col_lower_ = np.zeros(len(profits))
    programme.col_upper_ = _bounded(upper)
    programme.row_lower_ = _bounded(np.concatenate([block[1] for block in blocks]))
    programme.row_upper_ = _bounded(np.concatenate([block[2] for block in blocks]))
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_ = matrix.indptr
    programme.a_matrix_.index_ = matrix.indices
    programme.a_matrix_.value_ = matrix.data
    if len(whole):
        kinds = np.full(len(profits), highspy.HighsVarType.kContinuous, dtype=object)
        kinds[whole] = highspy.HighsVarType.kInteger
        programme.integrality_ = list(kinds)
    return programme


def _bounded(values: Floats) -> Floats:
    return np.clip(values, -_INFINITE, _INFINITE)


def solver(model: highspy.HighsLp, **options: Any) -> highspy.Highs:
    """Return a silent HiGHS that holds ``model``; one thread and one seed, so that equal questions end alike."""
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in {"output_flag": False, "random_seed": _SEED, "threads": 1, **options}.items():
        highs.setOptionValue(name, value)
    highs.passModel(model)
    return highs


class Master:
    """The linear relaxation of a choice by profits of its items alone; asked again and again with other profits."""

    def __init__(self, choice: Choice, items: Items) -> None:
        """Hand the conditions of ``choice`` to HiGHS, once."""
        self._count = len(items)
        model = model_of(
            np.zeros(self._count), rows_of(choice, items), np.ones(self._count), np.empty(0, dtype=np.int64)
        )
        self._highs = solver(model)
        self._columns = np.arange(self._count, dtype=np.int32)

    def solve(self, profits: Floats) -> tuple[float, Floats, Floats] | None:
        """Return the greatest Σ profits · x, its x, and how far each item's being taken would lower it; or None.

        float64[items] each. None: no plan meets the conditions.
        """
        self._highs.changeColsCost(self._count, self._columns, profits)
        self._highs.run()
        status = self._highs.getModelStatus()
        if status not in _ANSWERED:
            # the last basis can mislead the simplex method; from nothing it finds its way
            self._highs.clearSolver()
            self._highs.run()
            status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise ProgrammeError(self._highs)
        solution = self._highs.getSolution()
        value = float(self._highs.getInfo().objective_function_value)
        duals = np.array(solution.col_dual)
        return value, np.array(solution.col_value), np.maximum(0.0, -duals)
