"""The terms of a plan as a choice: what each condition is called, and what it means for sites and sectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from buildingmap.placement.criteria import OTHER_SECTOR, distances_m, linkage_between
from buildingmap.placement.plan_file import CRITERIA
from buildingmap.placement.solver.choice import Choice, Condition, ConditionKind
from buildingmap.sites import occupied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.placement.criteria import Assessment
    from buildingmap.placement.plan_file import PlanFile, Quota
    from buildingmap.sites import OccupiedBy
    from buildingmap.snapshot import Snapshot

    Floats = NDArray[np.float64]

TermKind = Literal[
    "sector_min", "sector_max", "cluster_min", "cluster_max", "floor_area_min", "floor_area_max",
    "fixed", "forbidden", "registry_fixed", "registry_forbidden", "year", "spacing", "apart",
    "occupied_towers", "occupied_road", "occupied_outside",
]  # fmt: skip
_OCCUPIED_BY: Final[dict[OccupiedBy, TermKind]] = {
    "towers": "occupied_towers",
    "road": "occupied_road",
    "outside": "occupied_outside",
}
# the terms that leave a parcel out because it is not free
OCCUPIED_KINDS: Final = frozenset(_OCCUPIED_BY.values())
# the score of a tower is out of so many points
FULL_POINTS: Final = 100.0


@dataclass(frozen=True, slots=True)
class Term:
    """One condition in the planner's words: ``subject``, ids it is about; ``value``, its bound in its own unit.

    Towers for quotas, m² for floor areas, metres for the spacing, a year for the year, percent of its shape for a
    parcel that is not free (under the towers that follow it in ``subject``, road, or outside the district); None for
    the rest.
    """

    kind: TermKind
    subject: tuple[str, ...] = ()
    value: float | None = None


def terms_of(plan: PlanFile, assessment: Assessment) -> tuple[Term, ...]:
    """Return every condition of ``plan`` and of the registry's own rules for its sites."""
    listed = assessment.candidates
    terms: list[Term] = []
    terms += _quotas("sector_min", "sector_max", plan.sectors)
    terms += _quotas("cluster_min", "cluster_max", plan.clusters)
    terms += _areas(plan)
    terms += [Term("fixed", _ids(wish.site, wish.sector)) for wish in plan.fixed]
    terms += [Term("forbidden", _ids(wish.site, wish.sector)) for wish in plan.forbidden]
    terms += [Term("registry_forbidden", (site,)) for site in _ruled(assessment, "forbidden")]
    terms += [Term("registry_fixed", (site,)) for site in _ruled(assessment, "fixed")]
    if plan.occupied == "exclude":
        terms += _occupied(assessment)
    if plan.candidates == "sites":
        if plan.year is not None and any((year or 0) > plan.year for year in listed.earliest_year):
            terms.append(Term("year", value=plan.year))
        if plan.spacing_m > 0:
            terms.append(Term("spacing", value=plan.spacing_m))
    terms += [Term("apart", pair) for pair in plan.apart]
    return tuple(terms)


def _quotas(low: TermKind, high: TermKind, quotas: dict[str, Quota]) -> list[Term]:
    terms = [Term(low, (key,), quota.min) for key, quota in quotas.items() if quota.min > 0]
    return terms + [Term(high, (key,), quota.max) for key, quota in quotas.items() if quota.max is not None]


def _areas(plan: PlanFile) -> list[Term]:
    bounds: tuple[tuple[TermKind, float | None], ...] = (
        ("floor_area_min", plan.floor_area_min_m2),
        ("floor_area_max", plan.floor_area_max_m2),
    )
    return [Term(kind, (), value) for kind, value in bounds if value is not None]


def _ids(site: str, sector: str | None) -> tuple[str, ...]:
    return (site,) if sector is None else (site, sector)


def _ruled(assessment: Assessment, rule: str) -> list[str]:
    listed = assessment.candidates
    return [site for site, said in zip(listed.ids, listed.rule, strict=True) if said == rule]


def _occupied(assessment: Assessment) -> list[Term]:
    """Return a term for each parcel that is not free; one that the registry fixes is somebody's decision."""
    listed, terms = assessment.candidates, []
    for site, rule, findings in zip(listed.ids, listed.rule, listed.findings, strict=False):
        why = None if rule == "fixed" else occupied(findings)
        if why is not None:
            terms.append(Term(_OCCUPIED_BY[why.by], (site, *why.towers), 100 * why.share))
    return terms


def choice_of(
    assessment: Assessment, plan: PlanFile, terms: Sequence[Term], towers: int, snapshot: Snapshot
) -> Choice:
    """Return the choice of ``towers`` under ``terms``, in points.

    A tower's own points are 100 × Σ weight share × criterion. Two new towers add to each other a share
    (``neighbour_share``) of the criteria agglomeration, linkage and vacancy, by e^(-distance ÷ reach): they are
    company, they supply each other, and they compete for tenants.
    """
    listed = assessment.candidates
    away_m = distances_m(listed, listed.x_m, listed.y_m)
    nearness = np.exp(-away_m / plan.reference.reach_m)
    np.fill_diagonal(nearness, 0)
    build = _Building(assessment, snapshot)
    for term in terms:
        build.add(term)
    spacing_m = next((term.value for term in terms if term.kind == "spacing"), None)
    if spacing_m is not None:
        build.apart |= away_m < spacing_m
    np.fill_diagonal(build.apart, val=False)
    shares = np.array([plan.weights.shares[criterion] for criterion in CRITERIA])
    return Choice(
        own=FULL_POINTS * np.tensordot(shares, assessment.values, axes=1),
        nearness=nearness,
        between=sum(pair_points(assessment, plan).values(), np.zeros(())),
        allowed=build.allowed,
        apart=build.apart,
        towers=towers,
        conditions=tuple(build.conditions),
    )


def pair_points(assessment: Assessment, plan: PlanFile) -> dict[str, Floats]:
    """Return float64[sectors, sectors] by criterion: points that two new towers add together at no distance.

    Half of each counts as the points of either tower.
    """
    count = len(assessment.sectors)
    alike = np.eye(count)
    gains = linkage_between(plan, assessment.sectors)
    competing = OTHER_SECTOR + (1 - OTHER_SECTOR) * alike
    scale = FULL_POINTS * plan.reference.neighbour_share
    shares = plan.weights.shares
    return {
        "agglomeration": scale * shares["agglomeration"] * 2 * alike,
        "linkage": scale * shares["linkage"] * (gains + gains.T),
        "vacancy": -scale * shares["vacancy"] * 2 * competing,
    }


class _Building:
    """Gathers terms into what is allowed, what stands apart, and linear conditions."""

    def __init__(self, assessment: Assessment, snapshot: Snapshot) -> None:
        listed = assessment.candidates
        self._row = {site: row for row, site in enumerate(listed.ids)}
        self._column = {sector: column for column, sector in enumerate(assessment.sectors)}
        self._cluster = {cluster.id: code for code, cluster in enumerate(snapshot.district.clusters)}
        self._listed = listed
        self._shape = (len(listed), len(assessment.sectors))
        self.allowed = np.ones(self._shape, dtype=bool)
        self.apart = np.zeros((len(listed), len(listed)), dtype=bool)
        self.conditions: list[Condition] = []

    def add(self, term: Term) -> None:
        if term.kind in {"forbidden", "registry_forbidden"}:
            self.allowed &= self._of_wish(term) == 0
        elif term.kind in {"fixed", "registry_fixed"}:
            kind: ConditionKind = "fixed"
            self.conditions.append(Condition(kind, self._of_wish(term), term.subject[0], low=1))
        elif term.kind in OCCUPIED_KINDS:
            self.allowed[self._row[term.subject[0]]] = False
        elif term.kind == "year":
            late = [(year or 0) > (term.value or 0) for year in self._listed.earliest_year]
            self.allowed[late] = False
        elif term.kind == "apart":
            one, other = (self._row[site] for site in term.subject)
            self.apart[one, other] = self.apart[other, one] = True
        elif term.kind != "spacing":
            self._bounded(term)

    def _of_wish(self, term: Term) -> Floats:
        marked = np.zeros(self._shape)
        site, *sector = term.subject
        # a sector that no new tower can be for has no column: a wish for it is met by none
        columns = [self._column[each] for each in sector if each in self._column] if sector else slice(None)
        marked[self._row[site], columns] = 1
        return marked

    def _bounded(self, term: Term) -> None:
        subject, value = (term.subject or (None,))[0], float(term.value or 0)
        marked = np.zeros(self._shape)
        kind: ConditionKind
        if term.kind.startswith("sector"):
            kind = "sector"
            # a sector that no new tower can be for has no column: its quota counts nothing
            marked[:, [self._column[subject]] if subject in self._column else []] = 1
        elif term.kind.startswith("cluster"):
            kind = "cluster"
            marked[self._listed.cluster == self._cluster[subject or ""]] = 1
        else:
            kind = "floor_area"
            marked += self._listed.floor_area_m2[:, None]
        bound = {"low": value} if term.kind.endswith("min") else {"high": value}
        self.conditions.append(Condition(kind, marked, subject, **bound))
