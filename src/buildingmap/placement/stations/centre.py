"""The p-centre (Hakimi 1964): the sites from which the farthest demand is nearest."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from buildingmap.placement.stations.covering import cover_all
from buildingmap.placement.stations.located import Located, infeasible

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]


def solve_centre(distances: Floats, count: int, *, seconds: float = 60.0) -> Located:
    """Choose ``count`` sites so that the greatest distance of a demand to its nearest chosen site is least.

    ``distances``: float64[sites, demands]. The answer is one of the distances that there are: halving them between one
    that is too short and one that is long enough, HiGHS decides for each whether ``count`` sites reach everybody
    (Minieka 1970). The bound is the least distance that is not yet ruled out.
    """
    began = time.monotonic()
    if count < 1 or not len(distances):
        return infeasible(time.monotonic() - began)
    count = min(count, len(distances))
    best = _first(distances, count)
    # nobody can be served from nearer than the nearest site of all
    least = float(distances.min(axis=0).max(initial=0.0))
    levels = np.unique(distances[(distances >= least) & (distances <= _radius(distances, best))])
    low, high = 0, max(len(levels) - 1, 0)
    certain, branches = True, 1
    while low < high:
        left = seconds - (time.monotonic() - began)
        middle = (low + high) // 2
        found, certain = cover_all(distances <= levels[middle], count, seconds=left)
        branches += 1
        if not certain:
            break
        if found is None:
            low = middle + 1
        else:
            best = found
            high = min(middle, int(np.searchsorted(levels, _radius(distances, found))))
    best = _filled(distances, best, count)
    value = _radius(distances, best)
    bound = value if low >= high else float(levels[low])
    return Located(
        best, value, bound, "optimal" if low >= high else "time_limit", time.monotonic() - began, branches
    )


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
