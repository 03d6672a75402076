"""Stations that were chosen, and what is proved of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.placement.solver.solving import Status

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Located:
    """The best stations that were found: int64[p] ``stations``, rows of the candidates, ascending; none if infeasible.

    ``value``: what they come to, in the unit of the question; ``bound``: what no choice betters, below the value where
    less is better, above it where more is. ``status``: ``optimal`` (the two are equal but for rounding), ``time_limit``
    or ``infeasible``. ``seconds``: how long it took; ``branches``: how many parts the search was split into.
    """

    stations: Rows
    value: float
    bound: float
    status: Status
    seconds: float
    branches: int = 1

    @property
    def gap(self) -> float:
        """By which share of the value a better choice could at most differ; 0 where none is better."""
        return abs(self.value - self.bound) / max(abs(self.value), 1e-9)


def infeasible(seconds: float) -> Located:
    """Return the answer to a question that no choice meets."""
    return Located(np.empty(0, dtype=np.int64), float("nan"), float("nan"), "infeasible", seconds)
