"""The inner loops of the p-median, compiled by numba: each reads a matrix of costs once, without a copy of it.

NumPy needs three passes and a buffer for what one compiled pass does, which is ten times slower here; the search for a
proof is made of little else. The compiled code is kept beside this file, or in the user's cache folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Mask = NDArray[np.bool_]

# rows of the state of a relaxation, float64[5]
BOUND, STEP, SINCE, REFERENCE, ROUNDS = range(5)
# sums may be reordered for vector instructions; infinities and NaN keep their meaning
_MATH: Final = {"reassoc", "nsz", "contract"}
_compiled: Final[Any] = numba.njit(nogil=True, cache=True, fastmath=_MATH)
_LEAST_STEP: Final = 0.002
_MEMORY: Final = 0.9


def _ranked(values: Floats, rank: int, room: Floats) -> Any:
    """Return the value of ``rank``, from 0, among ``values`` in ascending order; ``room`` is overwritten."""
    for a in range(len(values)):
        room[a] = values[a]
    low, high = 0, len(values) - 1
    while low < high:
        middle = room[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while room[left] < middle:
                left += 1
            while room[right] > middle:
                right -= 1
            if left <= right:
                room[left], room[right] = room[right], room[left]
                left += 1
                right -= 1
        if rank <= right:
            high = right
        elif rank >= left:
            low = left
        else:
            break
    return room[rank]


ranked: Final[Any] = _compiled(_ranked)


def _sums(costs: Floats, rows: Rows, multipliers: Floats, sums: Floats) -> None:
    """Write into ``sums`` what each row saves: Σ min(0, cost - multiplier)."""
    for a in range(len(rows)):
        row = rows[a]
        total = 0.0
        for i in range(costs.shape[1]):
            total += min(costs[row, i] - multipliers[i], 0.0)
        sums[a] = total


sums_of: Final[Any] = _compiled(_sums)


def _choose(sums: Floats, stations: int, room: Floats, chosen: Rows) -> tuple[Any, Any]:
    """Write the places of the least ``stations`` of ``sums`` into ``chosen``, the first of equal ones.

    Returns the greatest of them and the least of the rest, infinite where there is none.
    """
    last = ranked(sums, stations - 1, room)
    found, after = 0, np.inf
    for a in range(len(sums)):
        if sums[a] < last:
            chosen[found] = a
            found += 1
    for a in range(len(sums)):
        if sums[a] == last and found < stations:
            chosen[found] = a
            found += 1
        elif sums[a] >= last and sums[a] < after:
            after = sums[a]
    return last, after


choose: Final[Any] = _compiled(_choose)


def _climb(  # noqa: PLR0917 - compiled functions are called by position
    costs: Floats,
    rows: Rows,
    chosen: Rows,
    multipliers: Floats,
    slope: Floats,
    cap: Floats,
    momentum: float,
    size: float,
) -> bool:
    """Move ``multipliers`` along the deflected subgradient by ``size``; returns whether there was a slope."""
    demands = costs.shape[1]
    served = np.zeros(demands, np.int64)
    for a in range(len(chosen)):
        row = rows[chosen[a]]
        for i in range(demands):
            if costs[row, i] < multipliers[i]:
                served[i] += 1
    length = 0.0
    for i in range(demands):
        slope[i] = 1 - served[i] + momentum * slope[i]
        length += slope[i] * slope[i]
    if length < 1e-9:  # noqa: PLR2004 - nothing is left to change
        return False
    for i in range(demands):
        value = multipliers[i] + size / length * slope[i]
        if value < 0:
            value = 0.0
        multipliers[i] = min(value, cap[i])
    return True


climb: Final[Any] = _compiled(_climb)


def _copy(these: Floats, into: Floats) -> None:
    for a in range(len(these)):
        into[a] = these[a]


copy: Final[Any] = _compiled(_copy)


def _rule_out(sums: Floats, most: float, least: float, keep: Mask, must: Mask) -> None:
    """Note rows whose opening, or whose closing, would cost more than the best choice at hand."""
    for a in range(len(sums)):
        if sums[a] > most:
            keep[a] = False
        if sums[a] < least:
            must[a] = True


rule_out: Final[Any] = _compiled(_rule_out)


def _relax(  # noqa: C901, PLR0917 - compiled functions are called by position
    costs: Floats,
    rows: Rows,
    stations: int,
    multipliers: Floats,
    cap: Floats,
    best: float,
    limit: float,
    rounds: int,
    patience: int,
    enough: float,
    momentum: float,
    state: Floats,
    slope: Floats,
    kept: Floats,
    duals: Floats,
    fraction: Floats,
    keep: Mask,
    must: Mask,
) -> bool:
    """See ``bounding.Bounding``, the only caller. Returns whether the limit is passed or no step is left."""
    count, demands = len(rows), costs.shape[1]
    sums = np.empty(count)
    room = np.empty(count)
    chosen = np.empty(stations, np.int64)
    for _ in range(rounds):
        state[ROUNDS] += 1
        sums_of(costs, rows, multipliers, sums)
        last, after = choose(sums, stations, room, chosen)
        bound = 0.0
        for i in range(demands):
            bound += multipliers[i]
        for a in range(count):
            fraction[a] *= _MEMORY
        for a in range(stations):
            bound += sums[chosen[a]]
            fraction[chosen[a]] += 1 - _MEMORY
        if bound > state[BOUND]:
            state[BOUND] = bound
            copy(multipliers, kept)
            copy(sums, duals)
        if state[BOUND] > limit:
            return True
        rule_out(sums, limit - bound + last, bound + after - limit, keep, must)
        state[SINCE] += 1
        if state[BOUND] > state[REFERENCE] + enough * (best - state[BOUND]):
            state[REFERENCE] = state[BOUND]
            state[SINCE] = 0
        if state[SINCE] >= patience:
            state[STEP] /= 2
            state[SINCE] = 0
            copy(kept, multipliers)
            if state[STEP] < _LEAST_STEP:
                return True
        elif not climb(costs, rows, chosen, multipliers, slope, cap, momentum, state[STEP] * (best - bound)):
            return True
    return False


relax: Final[Any] = _compiled(_relax)


def _pair(costs: Floats, rows: Rows, base: Floats) -> tuple[int, int, float]:
    """Return the positions of the two ``rows`` that together with ``base`` cost least, and what they cost."""
    best, first, second = np.inf, 0, 1
    for a in range(len(rows) - 1):
        for b in range(a + 1, len(rows)):
            total = 0.0
            for i in range(costs.shape[1]):
                total += min(costs[rows[a], i], costs[rows[b], i], base[i])
            if total < best:
                best, first, second = total, a, b
    return first, second, best


def _greedy(costs: Floats, stations: int) -> Rows:
    """Return int64[stations] rows, each the one that lowers the cost of those before it most."""
    chosen = np.empty(stations, np.int64)
    taken = np.zeros(len(costs), np.bool_)
    nearest = np.full(costs.shape[1], np.inf)
    for place in range(stations):
        least, at = np.inf, -1
        for row in range(len(costs)):
            if not taken[row]:
                total = 0.0
                for i in range(costs.shape[1]):
                    total += min(costs[row, i], nearest[i])
                if total < least:
                    least, at = total, row
        chosen[place] = at
        taken[at] = True
        for i in range(costs.shape[1]):
            nearest[i] = min(nearest[i], costs[at, i])
    return chosen


def _two_nearest(costs: Floats, chosen: Rows, owner: Rows, nearest: Floats, second: Floats) -> None:
    nearest[:] = np.inf
    second[:] = np.inf
    for place in range(len(chosen)):
        row = chosen[place]
        for i in range(costs.shape[1]):
            cost = costs[row, i]
            if cost < nearest[i]:
                second[i] = nearest[i]
                nearest[i] = cost
                owner[i] = place
            elif cost < second[i]:
                second[i] = cost


two_nearest: Final[Any] = _compiled(_two_nearest)


def _interchange(costs: Floats, chosen: Rows, least: float) -> Rows:
    """Exchange one of ``chosen`` for another row while that gains more than ``least``; changes ``chosen``.

    Whitaker's fast interchange: what a row would gain, and what each chosen one would cost to leave, in one pass.
    """
    sites, demands = costs.shape
    owner = np.zeros(demands, np.int64)
    nearest, second = np.empty(demands), np.empty(demands)
    two_nearest(costs, chosen, owner, nearest, second)
    taken = np.zeros(sites, np.bool_)
    taken[chosen] = True
    leaving = np.empty(len(chosen))
    idle, row = 0, 0
    while idle < sites:
        if not taken[row]:
            gain = 0.0
            leaving[:] = 0
            for i in range(demands):
                cost = costs[row, i]
                if cost < nearest[i]:
                    gain += nearest[i] - cost
                else:
                    leaving[owner[i]] += min(second[i], cost) - nearest[i]
            out = int(np.argmin(leaving))
            if gain - leaving[out] > least:
                taken[chosen[out]] = False
                taken[row] = True
                chosen[out] = row
                two_nearest(costs, chosen, owner, nearest, second)
                idle = 0
        idle += 1
        row = (row + 1) % sites
    return chosen


pair: Final[Any] = _compiled(_pair)
greedy: Final[Any] = _compiled(_greedy)
interchange: Final[Any] = _compiled(_interchange)


def warm(costs: Floats) -> None:
    """Call each of the loops once on a few costs, so that all are compiled."""
    sites, demands = costs.shape
    rows, marks = np.arange(sites), np.ones(sites, dtype=bool)
    chosen = greedy(costs, min(2, sites))
    interchange(costs, chosen, 0.0)
    ceiling = np.full(demands, costs.max())
    pair(costs, rows, ceiling)
    state = np.array([-np.inf, 1.0, 0, -1e300, 0])
    relax(
        costs, rows, len(chosen), ceiling / 2, ceiling, np.inf, np.inf, 2, 1, 0.0, 0.5, state,
        np.zeros(demands), ceiling.copy(), costs[:, 0].copy(), np.zeros(sites), marks, ~marks,
    )  # fmt: skip
