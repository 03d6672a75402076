"""The p-centre (Hakimi 1964): the sites from which the farthest demand is nearest."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import numpy as np

from buildingmap.placement.stations.covering import cover_all, fewest_in_part
from buildingmap.placement.stations.located import Located, infeasible

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

_TOLERANCE: Final = 1e-6
# how many distances an exchange looks at together: 32 MB
_MOST_CELLS: Final = 4_000_000


def solve_centre(distances: Floats, count: int, *, seconds: float = 60.0) -> Located:
    """Choose ``count`` sites so that the greatest distance of a demand to its nearest chosen site is least.

    ``distances``: float64[sites, demands]. The answer is one of the distances that there are. Exchanges of one site
    for another make the first answer. Then distances are ruled out in two steps: first those at which even parts of
    ``count`` sites cannot reach everybody, by linear programmes (Elloumi, Labbé and Pochet 2004), then from the least
    that is left upwards those at which whole sites cannot, by HiGHS. The bound is the least distance that is not yet
    ruled out.
    """
    began = time.monotonic()

    def left() -> float:
        return seconds - (time.monotonic() - began)

    if count < 1 or not len(distances):
        return infeasible(time.monotonic() - began)
    count = min(count, len(distances))
    best = _exchanged(distances, _first(distances, count), left)
    # nobody can be served from nearer than the nearest site of all
    least = float(distances.min(axis=0).max(initial=0.0))
    levels = np.unique(distances[(distances >= least) & (distances <= _radius(distances, best))])
    high = max(len(levels) - 1, 0)
    low = _not_in_part(distances, levels, count, left)
    step, branches = 0, 1
    while low < high:
        # the answer is seldom far above: one step, then twice as far, then four times
        middle = min(low + step, (low + high) // 2)
        found, certain = cover_all(distances <= levels[middle], count, seconds=left())
        branches += 1
        if not certain:
            break
        if found is None:
            low, step = middle + 1, 2 * step + 1
        else:
            best = found
            high = min(middle, int(np.searchsorted(levels, _radius(distances, found))))
            step = len(levels)
    best = _filled(distances, best, count)
    value = _radius(distances, best)
    bound = value if low >= high else float(levels[low])
    return Located(
        best, value, bound, "optimal" if low >= high else "time_limit", time.monotonic() - began, branches
    )


def _not_in_part(distances: Floats, levels: Floats, count: int, left: Callable[[], float]) -> int:
    """Return the first of ``levels`` at which parts of ``count`` sites reach everybody, as far as time allows."""
    low, high = 0, max(len(levels) - 1, 0)
    while low < high and left() > 0:
        middle = (low + high) // 2
        if fewest_in_part(distances <= levels[middle], seconds=left()) > count + _TOLERANCE:
            low = middle + 1
        else:
            high = middle
    return low


def _exchanged(distances: Floats, stations: Rows, left: Callable[[], float]) -> Rows:
    """Exchange one of ``stations`` for another site as long as that brings the farthest demand nearer."""
    best, radius = stations, _radius(distances, stations)
    while distances.shape[1] and left() > 0:
        nearest = distances[best]
        farthest = int(nearest.min(axis=0).argmax())
        # only a site that is nearer to the farthest demand can help it
        others = np.flatnonzero(distances[:, farthest] < radius)
        exchange = _best_exchange(distances, nearest, others)
        if exchange is None or exchange[2] >= radius:
            break
        radius = exchange[2]
        best = np.sort(np.append(np.delete(best, exchange[0]), exchange[1]))
    return best


def _best_exchange(distances: Floats, nearest: Floats, others: Rows) -> tuple[int, int, float] | None:
    """Return which row of ``nearest`` to close, which of ``others`` to open, and the radius then; None without others.

    ``nearest``: float64[stations, demands], from each station to each demand.
    """
    count, demands = nearest.shape
    owner = nearest.argmin(axis=0)
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(count))
    owning = np.bincount(owner, minlength=count) > 0
    first = nearest.min(axis=0)
    second = np.partition(nearest, 1, axis=0)[1] if count > 1 else np.full(demands, np.inf)
    found: tuple[int, int, float] | None = None
    size = max(_MOST_CELLS // demands, 1)
    for begin in range(0, len(others), size):
        part = others[begin : begin + size]
        to = distances[part][:, order]
        # the farthest demand of each station, if it stays and if it closes, float64[others, stations]
        stays, closes = np.zeros((2, len(part), count))
        stays[:, owning] = np.maximum.reduceat(np.minimum(to, first[order]), starts[owning], axis=1)
        closes[:, owning] = np.maximum.reduceat(np.minimum(to, second[order]), starts[owning], axis=1)
        ranked = np.sort(stays, axis=1)
        greatest, next_one = ranked[:, -1:], ranked[:, -2:-1] if count > 1 else np.zeros((len(part), 1))
        others_stay = np.where(stays == greatest, next_one, greatest)
        radius = np.maximum(closes, others_stay)
        row, station = np.unravel_index(int(radius.argmin()), radius.shape)
        if found is None or radius[row, station] < found[2]:
            found = int(station), int(part[row]), float(radius[row, station])
    return found


def _radius(distances: Floats, stations: Rows) -> float:
    return float(distances[stations].min(axis=0).max(initial=0.0))


def _first(distances: Floats, count: int) -> Rows:
    """Return sites one by one, each nearest to the demand that is farthest from those before it."""
    chosen: list[int] = [int(distances.max(axis=1, initial=0.0).argmin())]
    return _filled(distances, np.array(chosen, dtype=np.int64), count)


def _filled(distances: Floats, chosen: Rows, count: int) -> Rows:
    stations = chosen.tolist()
    while len(stations) < count:
        free = np.setdiff1d(np.arange(len(distances)), stations)
        if distances.shape[1]:
            farthest = int(distances[stations].min(axis=0).argmax())
            stations.append(int(free[distances[free, farthest].argmin()]))
        else:
            stations.append(int(free[0]))
    return np.sort(np.array(stations, dtype=np.int64))
