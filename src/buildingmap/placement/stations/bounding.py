"""Bounds of a p-median by Lagrangian relaxation (Cornuéjols, Fisher and Nemhauser 1977)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from buildingmap.placement.stations import kernels

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Mask = NDArray[np.bool_]

# a share of the value: what rounding may hide where costs are not whole numbers
TOLERANCE: Final = 1e-7
# of a total of whole numbers: what rounding may add to a bound
_ROUNDING: Final = 1e-9
_HALF: Final = 0.5
_CHUNK: Final = 20


@dataclass(frozen=True)
class Effort:
    """How long a relaxation is worked on: most ``rounds``; the step, halved after ``patience`` rounds without gain.

    ``enough``: the share of the gap that counts as a gain. ``momentum``: the share of the last direction that is kept:
    much of it comes near the best multipliers, in hundreds of rounds.
    """

    rounds: int
    step: float = 0.5
    patience: int = 5
    enough: float = 0.02
    momentum: float = 0.5


@dataclass(frozen=True, eq=False)
class Bounded:
    """What a relaxation of k rows has shown.

    No choice among them costs less than ``bound``. ``multipliers`` [demands] and ``duals`` [k] made it; ``fraction``
    float64[k]: how often each row was chosen of late, 0 to 1. A cheaper choice than the best one at hand holds only
    rows of ``keep`` and all of ``must``, bool[k] each.
    """

    bound: float
    multipliers: Floats
    duals: Floats
    fraction: Floats
    keep: Mask
    must: Mask


class Bounding:
    """The relaxation of one matrix of costs, float64[sites, demands], all at least 0.

    Each demand must be served by one open site; a multiplier is what it pays for being served, and the condition is
    left out. Then a site is worth Σ min(0, cost - multiplier) by itself, and the best choice is the ``p`` best sites.
    The multipliers climb along the subgradient.
    """

    def __init__(self, costs: Floats) -> None:
        """Lay the costs out row by row."""
        self.whole = bool((costs == np.rint(costs)).all())
        self.costs: Floats = np.ascontiguousarray(costs, dtype=np.float64)
        self.ceiling: Floats = np.full(costs.shape[1], max(float(costs.max()), 1.0))

    def start(self, stations: Rows) -> Floats:
        """Return multipliers to begin with: half way from the nearest of int64[k] ``stations`` to the second."""
        near = np.sort(self.costs[stations], axis=0)
        start: Floats = (near[0] + near[1]) / 2 if len(stations) > 1 else near[0]
        return start

    def limit(self, best: float) -> float:
        """Return the bound past which nothing is cheaper than ``best``."""
        if self.whole:
            # between two whole numbers there is none
            return best - 1 + min(_HALF, _ROUNDING * best)
        return best - TOLERANCE * max(1e-12, abs(best))

    def relax(
        self,
        rows: Rows,
        count: int,
        multipliers: Floats,
        cap: Floats,
        *,
        best: Callable[[], float],
        effort: Effort,
        told: Callable[[Floats, Floats], None] | None = None,
    ) -> Bounded:
        """Bound the choices of ``count`` of int64[k] ``rows``, at least so many, from ``multipliers`` on.

        ``cap``: what each demand costs at the sites that are open already, [demands]; no multiplier need exceed it.
        ``best``: the value at hand, asked for again as ``told`` may better it; it hears duals and fractions.
        """
        state = np.array([-np.inf, effort.step, 0, -1e300, 0])
        now, kept = np.minimum(multipliers, cap), np.minimum(multipliers, cap)
        slope = np.zeros(len(now))
        duals = np.zeros(len(rows))
        fraction = np.zeros(len(rows))
        keep, must = np.ones(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
        ended, chunk = False, effort.rounds if told is None else _CHUNK
        while not ended and state[kernels.ROUNDS] < effort.rounds:
            value = best()
            rounds = min(chunk, effort.rounds - int(state[kernels.ROUNDS]))
            ended = kernels.relax(
                self.costs, rows, count, now, cap, value, self.limit(value), rounds,
                effort.patience, effort.enough, effort.momentum, state, slope, kept, duals, fraction, keep, must,
            )  # fmt: skip
            if told is not None:
                told(duals, fraction)
        return Bounded(float(state[kernels.BOUND]), kept, duals, fraction, keep, must)
