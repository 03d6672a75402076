"""What bounds have left of a p-median, as one mixed-integer programme for HiGHS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
from scipy import sparse

from buildingmap.placement.solver.programme import model_of, solver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Numbers = NDArray[Any]
    Rows = NDArray[np.int64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Remaining:
    """What came of it: whether everything is decided, and int64[count] rows that may be better, or None."""

    decided: bool
    taken: Rows | None


def pair_costs(
    costs: Numbers, base: Numbers | None, *, duals: Numbers, multipliers: Numbers, count: int
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
    costs: Numbers, base: Numbers | None, possible: Mask, count: int, *, limit: float, seconds: float
) -> Remaining:
    """Choose ``count`` of the sites so that all demands cost least, each served where ``possible``.

    A variable for each site, and one for each set of nearest sites that is all closed, with what that costs more
    (the radius formulation of Elloumi 2010); demands with equal sets share it.
    """
    laid_out = _sets(costs, base, possible)
    if laid_out is None or laid_out[2] > limit:
        return Remaining(decided=True, taken=None)
    gains, needed, _ = laid_out
    sites = len(costs)
    cover = _members([*gains, *needed], sites)
    slack = sparse.eye(cover.shape[0], len(gains), format="csr")
    blocks = [
        (sparse.hstack([cover, slack]).tocsr(), np.ones(cover.shape[0]), np.full(cover.shape[0], np.inf)),
        (
            sparse.csr_matrix(np.concatenate([np.ones(sites), np.zeros(len(gains))])[None]),
            np.array([float(count)]),
            np.array([float(count)]),
        ),
    ]
    profits = -np.concatenate([np.zeros(sites), np.array(list(gains.values()))])
    model = model_of(profits, blocks, np.ones(len(profits)), np.arange(sites))
    highs = solver(model, time_limit=max(seconds, 0.01), mip_rel_gap=0.0, mip_abs_gap=1e-6)
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Remaining(decided=True, taken=None)
    taken = np.flatnonzero(np.array(highs.getSolution().col_value)[:sites] > 1 / 2)
    decided = status == highspy.HighsModelStatus.kOptimal and len(taken) == count
    return Remaining(decided, taken if len(taken) == count else None)


def _sets(
    costs: Numbers, base: Numbers | None, possible: Mask
) -> tuple[dict[tuple[int, ...], float], list[tuple[int, ...]], float] | None:
    """Return what each set of closed sites costs, the sets of which one site must open, and the least cost of all.

    None: a demand cannot be served.
    """
    gains: dict[tuple[int, ...], float] = {}
    needed: dict[tuple[int, ...], None] = {}
    least = 0.0
    for demand in range(costs.shape[1]):
        near = np.flatnonzero(possible[:, demand])
        near = near[np.argsort(costs[near, demand], kind="stable")]
        away = costs[near, demand].astype(np.float64)
        if base is not None:
            away = np.append(away, float(base[demand]))
        if not len(away):
            return None
        least += float(away[0])
        for cut in (np.flatnonzero(away[1:] > away[:-1]) + 1).tolist():
            key = tuple(sorted(near[:cut].tolist()))
            gains[key] = gains.get(key, 0.0) + float(away[cut] - away[cut - 1])
        if base is None:
            needed[tuple(sorted(near.tolist()))] = None
    return gains, list(needed), least


def _members(sets: Sequence[tuple[int, ...]], sites: int) -> sparse.csr_matrix:
    lengths = [len(each) for each in sets]
    column = np.fromiter((site for each in sets for site in each), dtype=np.int64, count=sum(lengths))
    row = np.repeat(np.arange(len(sets)), lengths)
    return sparse.csr_matrix((np.ones(len(column)), (row, column)), shape=(len(sets), sites))
