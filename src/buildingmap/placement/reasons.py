"""Why a plan is what it is: each tower's points by criterion, and what else could have been taken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from buildingmap.placement.plan_file import CRITERIA, Criterion
from buildingmap.placement.solver.searching import Exchange
from buildingmap.placement.terms import FULL_POINTS, Term, pair_points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.placement.criteria import Assessment
    from buildingmap.placement.plan_file import PlanFile
    from buildingmap.placement.solver.choice import Choice
    from buildingmap.placement.terms import TermKind

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

_REASONS: Final = 2
_QUOTAS: Final[dict[str, TermKind]] = {"sector": "sector_min", "cluster": "cluster_min"}
# what an exchange gains at least to count as one
_GAIN_POINTS: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Part:
    """One criterion's share in a tower's points: by itself, and through the other new towers.

    ``value`` is the criterion from 0 to 1; ``of`` the points that a 1 would give; ``alone`` = value × of.
    """

    criterion: Criterion
    value: float
    of: float
    alone: float
    with_others: float

    @property
    def points(self) -> float:
        """Both together."""
        return self.alone + self.with_others


@dataclass(frozen=True, slots=True)
class Instead:
    """Another site: ``gives_up`` is what the best exchange of one tower for it costs, in points: the most it can cost.

    ``replaces`` is the tower that it would take the place of. ``gives_up`` None: no single exchange meets the terms.
    """

    site: str
    sector: str
    gives_up: float | None
    replaces: str | None


def parts_of(
    assessment: Assessment, plan: PlanFile, choice: Choice, sites: Rows, sectors: Rows
) -> list[tuple[Part, ...]]:
    """Return the parts of every chosen tower's points; all of them come to the score of the plan."""
    shares = plan.weights.shares
    near = choice.nearness[np.ix_(sites, sites)]
    together = {
        criterion: (near * between[np.ix_(sectors, sectors)]).sum(axis=1) / 2
        for criterion, between in pair_points(assessment, plan).items()
    }
    parts = []
    for place, (site, sector) in enumerate(zip(sites, sectors, strict=True)):
        own = assessment.values[:, site, sector]
        parts.append(
            tuple(
                Part(
                    criterion=criterion,
                    value=float(own[row]),
                    of=FULL_POINTS * shares[criterion],
                    alone=FULL_POINTS * shares[criterion] * float(own[row]),
                    with_others=float(together[criterion][place]) if criterion in together else 0.0,
                )
                for row, criterion in enumerate(CRITERIA)
            )
        )
    return parts


def standing_out(
    assessment: Assessment, plan: PlanFile, choice: Choice, parts: tuple[Part, ...]
) -> tuple[Criterion, ...]:
    """Return the criteria by which a tower is furthest above the mean of all that was allowed, best first."""
    mean = (
        assessment.values[:, choice.allowed].mean(axis=1) if choice.allowed.any() else np.zeros(len(CRITERIA))
    )
    shares = plan.weights.shares
    above = [
        (part.points - FULL_POINTS * shares[part.criterion] * float(mean[row]), part.criterion)
        for row, part in enumerate(parts)
    ]
    ranked = sorted(above, key=lambda pair: -pair[0])[:_REASONS]
    return tuple(criterion for points, criterion in ranked if points > 0)


def held_by(
    assessment: Assessment, choice: Choice, terms: Sequence[Term], sites: Rows, sectors: Rows
) -> list[tuple[Term, ...]]:
    """Return for every chosen tower the terms that put it there: what fixes it, and what it makes up the least of.

    A quota's least holds a tower where the plan would score more by exchanging that tower if the quota were gone.
    """
    fixed = [term for term in terms if term.kind in {"fixed", "registry_fixed"}]
    held = [[term for term in fixed if term.subject[0] == assessment.candidates.ids[site]] for site in sites]
    for condition in choice.conditions:
        counted = condition.coefficients[sites, sectors]
        if condition.kind not in _QUOTAS or counted.sum() != condition.low:
            continue
        others = tuple(each for each in choice.conditions if each is not condition)
        members = np.flatnonzero(counted)
        costs = Exchange(replace(choice, conditions=others)).exchanges(sites, sectors, members)
        for place in members[costs.min(axis=(1, 2)) < -_GAIN_POINTS]:
            held[place].append(Term(_QUOTAS[condition.kind], (condition.subject or "",), condition.low))
    return [tuple(each) for each in held]


def instead_of(assessment: Assessment, choice: Choice, sites: Rows, sectors: Rows) -> list[Instead]:
    """Return every site that was left out, with its best sector, by what taking it would give up; fewest first."""
    costs, replaced = Exchange(choice).costs(sites, sectors)
    left = np.setdiff1d(np.arange(choice.sites), sites)
    ids = assessment.candidates.ids
    found = []
    for site in left:
        sector = int(costs[site].argmin())
        cost = float(costs[site, sector])
        reachable = bool(np.isfinite(cost))
        if not reachable:
            sector = int(np.where(choice.allowed[site], choice.own[site], -np.inf).argmax())
        found.append(
            Instead(
                site=ids[site],
                sector=assessment.sectors[sector],
                gives_up=cost if reachable else None,
                replaces=ids[sites[replaced[site, sector]]] if reachable else None,
            )
        )
    return sorted(found, key=lambda each: (each.gives_up is None, each.gives_up or 0.0, each.site))
