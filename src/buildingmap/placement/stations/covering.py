"""Maximal covering (Church and ReVelle 1974) and set covering, decided by HiGHS."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np
from scipy import sparse

from buildingmap.placement.solver.programme import model_of, solver
from buildingmap.placement.stations.located import Located, infeasible

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.placement.solver.programme import Block

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Mask = NDArray[np.bool_]

_TOLERANCE: Final = 1e-6


def solve_covering(covers: Mask, weights: Floats, count: int, *, seconds: float = 60.0) -> Located:
    """Choose ``count`` sites so that the demands within reach of one of them weigh most.

    ``covers``: bool[sites, demands], who is within whose reach; ``weights``: float64[demands], at least 0. The value
    is the weight covered, the bound is above it. Demands that the same sites reach are taken together, and sites that
    reach nothing that another does not are left out: the programme's relaxation is seldom far from whole numbers.
    """
    began = time.monotonic()
    if count < 1 or not len(covers):
        return infeasible(time.monotonic() - began)
    count = min(count, len(covers))
    asked = np.flatnonzero((weights > 0) & covers.any(axis=0))
    reach, owner = np.unique(np.packbits(covers[:, asked], axis=0), axis=1, return_inverse=True)
    groups = np.unpackbits(reach, axis=0, count=len(covers)).astype(bool)
    weight: Floats = np.zeros(groups.shape[1])
    np.add.at(weight, owner.ravel(), weights[asked])
    sites = np.flatnonzero(undominated(groups))
    chosen, bound = _chosen(groups[sites], weight, count, seconds - (time.monotonic() - began))
    stations = _filled(sites[chosen], count, len(covers))
    value = float(weights[covers[stations].any(axis=0)].sum())
    proved = bound <= value + 1e-9 * max(1.0, value)
    return Located(
        stations,
        value,
        value if proved else min(bound, float(weight.sum())),
        "optimal" if proved else "time_limit",
        time.monotonic() - began,
    )


def undominated(covers: Mask) -> Mask:
    """Return bool[sites]: which sites reach something that no other single site does; the first of equal ones."""
    reach = covers.astype(np.float32)
    shared = reach @ reach.T
    size = np.diagonal(shared)
    order = np.arange(len(covers))
    larger = (size[None] > size[:, None]) | ((size[None] == size[:, None]) & (order[None] < order[:, None]))
    kept: Mask = (size > 0) & ~((shared >= size[:, None]) & larger).any(axis=1)
    return kept


def cover_all(covers: Mask, count: int, *, seconds: float) -> tuple[Rows | None, bool]:
    """Return at most ``count`` int64 rows of bool[sites, demands] that reach every demand, or None where none do.

    The second value is False where time ended before either was certain. HiGHS looks for the fewest sites and stops
    at ``count`` of them, or where it has proved that more are needed: to ask whether ``count`` are enough, with no
    fewest to steer by, takes it several times as long.
    """
    if not covers.any(axis=0).all():
        return None, True
    needed, sites = _needed(covers)
    highs = _solved(
        -np.ones(len(sites)),
        [_reached(needed, sites)],
        np.arange(len(sites)),
        seconds,
        objective_target=-float(count),
        # a number of sites is whole: from less than one above the bound it is proved
        mip_abs_gap=0.99,
    )
    value = np.array(highs.getSolution().col_value)
    found = sites[value > 1 / 2] if len(value) else sites[:0]
    if len(found) and len(found) <= count and covers[found].any(axis=0).all():
        return found, True
    more = -float(highs.getInfo().mip_dual_bound) > count + _TOLERANCE
    return None, more or highs.getModelStatus() == highspy.HighsModelStatus.kOptimal


def fewest_in_part(covers: Mask, *, seconds: float) -> float:
    """Return how many rows of bool[sites, demands] reach every demand where parts count; inf where none do.

    No choice of whole sites is smaller (Elloumi, Labbé and Pochet 2004). The number is worth no more than the prices
    of demands that it is the sum of: they are scaled until no site reaches more than a price of 1, so that neither
    rounding nor the end of the time makes it too great.
    """
    if not covers.any(axis=0).all():
        return float("inf")
    needed, sites = _needed(covers)
    rows = _reached(needed, sites)
    highs = _solved(-np.ones(len(sites)), [rows], np.empty(0, dtype=np.int64), seconds)
    prices = np.maximum(0.0, np.abs(np.array(highs.getSolution().row_dual)))
    dearest = float((needed[sites] @ prices).max(initial=0.0)) if len(prices) == needed.shape[1] else 0.0
    return float(prices.sum()) / max(dearest, 1.0) if dearest else 1.0


def _needed(covers: Mask) -> tuple[Mask, Rows]:
    """Return bool[sites, demands] of the demands that ask for something of their own, and the sites worth choosing."""
    # a demand that is reached wherever another one is needs no condition of its own
    needed = np.unique(covers, axis=1)
    needed = needed[:, undominated(~needed.T)] if needed.shape[1] > 1 else needed
    return needed, np.flatnonzero(undominated(needed))


def _reached(needed: Mask, sites: Rows) -> Block:
    """Return the condition that each demand is reached from one of ``sites`` at least."""
    demands = needed.shape[1]
    return sparse.csr_matrix(needed[sites].T.astype(np.float64)), np.ones(demands), _open(demands)


def _chosen(groups: Mask, weight: Floats, count: int, seconds: float) -> tuple[Rows, float]:
    """Return rows of bool[sites, groups], and a weight that no choice of ``count`` rows exceeds."""
    greedy = _greedy(groups, weight, count)
    if len(groups) <= count or not len(weight):
        return np.arange(min(len(groups), count), dtype=np.int64), float(weight.sum())
    sites, many = groups.shape
    open_to = sparse.csr_matrix(groups.T.astype(np.float64))
    rows = [
        (sparse.hstack([open_to, -sparse.eye(many)]).tocsr(), np.zeros(many), _open(many)),
        (
            sparse.csr_matrix(np.concatenate([np.ones(sites), np.zeros(many)])[None]),
            np.array([0.0]),
            np.array([float(count)]),
        ),
    ]
    profits = np.concatenate([np.zeros(sites), weight])
    highs = _solved(profits, rows, np.arange(sites), seconds)
    found = np.flatnonzero(np.array(highs.getSolution().col_value)[:sites] > 1 / 2)
    status = highs.getModelStatus()
    known = {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kTimeLimit}
    bound = float(highs.getInfo().mip_dual_bound) if status in known else float(weight.sum())
    better = len(found) <= count and _covered(groups, weight, found) >= _covered(groups, weight, greedy)
    return found if better else greedy, bound


def _greedy(groups: Mask, weight: Floats, count: int) -> Rows:
    left, chosen = weight.copy(), []
    for _ in range(min(count, len(groups))):
        chosen.append(int((groups @ left).argmax()))
        left[groups[chosen[-1]]] = 0
    return np.array(sorted(set(chosen)), dtype=np.int64)


def _covered(groups: Mask, weight: Floats, chosen: Rows) -> float:
    return float(weight[groups[chosen].any(axis=0)].sum())


def _filled(chosen: Rows, count: int, sites: int) -> Rows:
    """Return ``count`` rows: the chosen ones, and the first of the others where those are fewer."""
    others = np.setdiff1d(np.arange(sites), chosen)
    return np.sort(np.concatenate([chosen, others[: count - len(chosen)]])).astype(np.int64)


def _open(count: int) -> Floats:
    return np.full(count, np.inf)


def _solved(
    profits: Floats, rows: list[Block], whole: Rows, seconds: float, **options: float
) -> highspy.Highs:
    model = model_of(profits, rows, np.ones(len(profits)), whole)
    given = {"time_limit": max(seconds, 0.01), "mip_rel_gap": 0.0, "mip_abs_gap": 1e-9} | options
    highs = solver(model, **given)
    highs.run()
    return highs
