"""The choice of a plan under other weights: the score of a plan is linear in the shares of weight."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from buildingmap.placement.plan_file import CRITERIA, Weights
from buildingmap.placement.terms import FULL_POINTS, pair_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.placement.planning import Planning
    from buildingmap.placement.solver.choice import Choice

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Weighing:
    """One choice by criterion, each as if it alone counted.

    ``own``: float64[criteria, sites, sectors], points of a tower by itself; ``between``: float64[criteria, sectors,
    sectors], points of a pair at no distance; both in the order of ``CRITERIA``. ``choice``: under the plan's weights.
    """

    choice: Choice
    own: Floats
    between: Floats

    def under(self, shares: Floats) -> Choice:
        """Return the choice under float64[criteria] ``shares`` of weight."""
        return replace(
            self.choice,
            own=np.tensordot(shares, self.own, axes=1),
            between=np.tensordot(shares, self.between, axes=1),
        )

    def totals(self, sites: Rows, sectors: Rows) -> Floats:
        """Return float64[criteria]: what a plan of int64[k] sites and sectors comes to by each criterion alone."""
        near = self.choice.nearness[np.ix_(sites, sites)]
        pairs = self.between[:, sectors[:, None], sectors[None]] * near
        totals: Floats = self.own[:, sites, sectors].sum(axis=1) + pairs.sum(axis=(1, 2)) / 2
        return totals

    def has_pairs(self, criterion: int) -> bool:
        """Whether two new towers add to each other by the criterion at this place in ``CRITERIA``."""
        return bool(self.between[criterion].any())


def weighing(laid_out: Planning, towers: int) -> Weighing:
    """Return the choice of ``towers`` of a plan, by criterion."""
    assessment, plan = laid_out.assessment, laid_out.plan
    count = len(assessment.sectors)
    between = np.zeros((len(CRITERIA), count, count))
    for place, criterion in enumerate(CRITERIA):
        alone = Weights(**{each: float(each == criterion) for each in CRITERIA})
        pairs = pair_points(assessment, plan.model_copy(update={"weights": alone}))
        between[place] = pairs.get(criterion, 0.0)
    return Weighing(laid_out.choice(towers), FULL_POINTS * assessment.values, between)


def shares_of(laid_out: Planning) -> Floats:
    """Return float64[criteria]: the plan's shares of weight, in the order of ``CRITERIA``."""
    shares = laid_out.plan.weights.shares
    return np.array([shares[criterion] for criterion in CRITERIA])
