"""Bounds of a p-median by Lagrangian relaxation (Cornuéjols, Fisher and Nemhauser 1977)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from buildingmap.placement.stations import kernels

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Numbers = NDArray[Any]
    Rows = NDArray[np.int64]
    Mask = NDArray[np.bool_]

# a share of the value: what rounding may hide where costs are not whole numbers
TOLERANCE: Final = 1e-7
# 24 bits: what a float32 holds without rounding
_EXACT: Final = 2.0**24
_LEAST_GRID: Final = 16
_CHUNK: Final = 20


@dataclass(frozen=True)
class Effort:
    """How long a relaxation is worked on: most ``rounds``; the step, halved after ``patience`` rounds without gain.

    ``enough``: the share of the gap that counts as a gain.
    """

    rounds: int
    step: float = 0.5
    patience: int = 5
    enough: float = 0.02


@dataclass(frozen=True, eq=False)
class Bounded:
    """What a relaxation of k rows has shown.

    No choice among them costs less than ``bound``. ``multipliers`` [demands] and ``duals`` [k] made it; ``fraction``
    float64[k]: how often each row was chosen of late, 0 to 1. A cheaper choice than the best one at hand holds only
    rows of ``keep`` and all of ``must``, bool[k] each.
    """

    bound: float
    multipliers: Numbers
    duals: Numbers
    fraction: Floats
    keep: Mask
    must: Mask


class Bounding:
    """The relaxation of one matrix of costs, float64[sites, demands], all at least 0.

    Each demand must be served by one open site; a multiplier is what it pays for being served, and the condition is
    left out. Then a site is worth Σ min(0, cost - multiplier) by itself, and the best choice is the ``p`` best sites.
    The multipliers climb along the subgradient. Where costs are whole numbers the multipliers stay on a grid of powers
    of two on which float32 does not round, so that every bound is exact.
    """

    def __init__(self, costs: Floats) -> None:
        """Lay the costs out in the precision that they need."""
        demands = costs.shape[1]
        most = max(float(costs.max()), 1.0)
        room = _EXACT / (demands * most)
        self.whole = bool((costs == np.rint(costs)).all())
        exact = self.whole and room >= _LEAST_GRID
        self.grid = 2.0 ** math.floor(math.log2(room)) if exact else 0.0
        self.costs: Numbers = np.ascontiguousarray(costs, dtype=np.float32 if exact else np.float64)
        self.ceiling: Numbers = np.full(demands, most, dtype=self.costs.dtype)

    def start(self, stations: Rows) -> Numbers:
        """Return multipliers to begin with: half way from the nearest of int64[k] ``stations`` to the second."""
        near = np.sort(self.costs[stations], axis=0)
        start = (near[0] + near[1]) / 2 if len(stations) > 1 else near[0]
        if self.grid:
            start = np.rint(start * self.grid) / self.grid
        found: Numbers = np.minimum(start.astype(self.costs.dtype), self.ceiling)
        return found

    def limit(self, best: float) -> float:
        """Return the bound past which nothing is cheaper than ``best``."""
        # between two whole numbers there is none
        return best - 1 if self.whole else best - TOLERANCE * max(1e-12, abs(best))

    def relax(
        self,
        rows: Rows,
        count: int,
        multipliers: Numbers,
        cap: Numbers,
        *,
        best: Callable[[], float],
        effort: Effort,
        told: Callable[[Numbers, Floats], None] | None = None,
    ) -> Bounded:
        """Bound the choices of ``count`` of int64[k] ``rows``, at least so many, from ``multipliers`` on.

        ``cap``: what each demand costs at the sites that are open already, [demands]; no multiplier need exceed it.
        ``best``: the value at hand, asked for again as ``told`` may better it; it hears duals and fractions.
        """
        state = np.array([-np.inf, effort.step, 0, -1e300, 0])
        now, kept = np.minimum(multipliers, cap), np.minimum(multipliers, cap)
        duals = np.zeros(len(rows), dtype=self.costs.dtype)
        fraction = np.zeros(len(rows))
        keep, must = np.ones(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
        ended, chunk = False, effort.rounds if told is None else _CHUNK
        while not ended and state[kernels.ROUNDS] < effort.rounds:
            value = best()
            rounds = min(chunk, effort.rounds - int(state[kernels.ROUNDS]))
            ended = kernels.relax(
                self.costs, rows, count, now, cap, self.grid, value, self.limit(value), rounds,
                effort.patience, effort.enough, state, kept, duals, fraction, keep, must,
            )  # fmt: skip
            if told is not None:
                told(duals, fraction)
        return Bounded(float(state[kernels.BOUND]), kept, duals, fraction, keep, must)
