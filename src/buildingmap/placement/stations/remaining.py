"""What bounds have left of a p-median, as one mixed-integer programme for HiGHS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import highspy
import numpy as np
from scipy import sparse

from buildingmap.placement.solver.programme import model_of, solver

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Remaining:
    """What came of it: whether everything is decided, and int64[count] rows that may be better, or None."""

    decided: bool
    taken: Rows | None


def pair_costs(
    costs: Floats, base: Floats | None, *, duals: Floats, multipliers: Floats, count: int
) -> Floats:
    """Return by how much a bound rises at least where a site serves a demand, float64[sites, demands].

    It is what its cost exceeds the multiplier by, and what the site's dual is behind the last chosen one's. ``base``:
    what each demand costs at the sites that are open already, [demands], None where none is; a site that is no nearer
    serves nobody, which is infinite.
    """
    last = np.partition(duals, count - 1)[count - 1]
    behind = np.maximum(duals - last, 0).astype(np.float64)
    rises: Floats = np.maximum(costs - multipliers, 0) + behind[:, None]
    return rises if base is None else np.where(costs < base, rises, np.inf)


def solve_remaining(
    costs: Floats, base: Floats | None, possible: Mask, count: int, *, limit: float, seconds: float
) -> Remaining:
    """Choose ``count`` of the sites so that all demands cost least, each served where ``possible``.

    A variable for each site, and one for each set of nearest sites that is all closed, with what that costs more
    (the radius formulation of Elloumi 2010); demands with equal sets share it.
    """
    laid_out = _laid_out(costs, base, possible)
    if laid_out is None or laid_out.least > limit:
        return Remaining(decided=True, taken=None)
    sites, gains = len(costs), laid_out.gains
    cover = sparse.csr_matrix(np.concatenate([laid_out.closed, laid_out.needed]).astype(np.float64))
    slack = sparse.eye(cover.shape[0], len(gains), format="csr")
    blocks = [
        (sparse.hstack([cover, slack]).tocsr(), np.ones(cover.shape[0]), np.full(cover.shape[0], np.inf)),
        (
            sparse.csr_matrix(np.concatenate([np.ones(sites), np.zeros(len(gains))])[None]),
            np.array([float(count)]),
            np.array([float(count)]),
        ),
    ]
    profits = -np.concatenate([np.zeros(sites), gains])
    model = model_of(profits, blocks, np.ones(len(profits)), np.arange(sites))
    highs = solver(model, time_limit=max(seconds, 0.01), mip_rel_gap=0.0, mip_abs_gap=1e-6)
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Remaining(decided=True, taken=None)
    taken = np.flatnonzero(np.array(highs.getSolution().col_value)[:sites] > 1 / 2)
    decided = status == highspy.HighsModelStatus.kOptimal and len(taken) == count
    return Remaining(decided, taken if len(taken) == count else None)


@dataclass(frozen=True, eq=False)
class _LaidOut:
    """bool[sets, sites] of sites that are ``closed`` together, float64[sets] what each costs more, ``gains``.

    ``needed``: bool[k, sites], sets of which one site must open. ``least``: what all demands cost where none is closed.
    """

    closed: Mask
    gains: Floats
    needed: Mask
    least: float


def _laid_out(costs: Floats, base: Floats | None, possible: Mask) -> _LaidOut | None:
    """Return the sets of nearest sites of all demands; None where a demand cannot be served."""
    sites = len(costs)
    away = np.where(possible, costs, np.inf)
    if base is not None:
        away = np.concatenate([away, base[None]])
    order = np.argsort(away, axis=0, kind="stable")
    rising = np.take_along_axis(away, order, axis=0).astype(np.float64)
    if not np.isfinite(rising[0]).all():
        return None
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(len(order))[:, None], axis=0)
    last, demand = np.nonzero((rising[1:] > rising[:-1]) & np.isfinite(rising[1:]))
    more = rising[last + 1, demand] - rising[last, demand]
    closed, which = _distinct((rank[:sites, demand] <= last).T)
    needed = possible.T if base is None else np.zeros((0, sites), dtype=bool)
    gains: Floats = np.bincount(which, weights=more, minlength=len(closed)).astype(np.float64)
    return _LaidOut(closed, gains, _distinct(needed)[0], float(rising[0].sum()))


def _distinct(sets: Mask) -> tuple[Mask, Rows]:
    """Return the different rows of bool[n, sites], and int64[n] which of them each is."""
    packed = np.ascontiguousarray(np.packbits(sets, axis=1))
    _, first, which = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    return sets[first], which.ravel()
