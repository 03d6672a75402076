"""The terms of a plan as a choice: what each condition is called, and what it means for sites and sectors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from buildingmap.placement.criteria import OTHER_SECTOR, distances_m, linkage_between
from buildingmap.placement.plan_file import CRITERIA
from buildingmap.placement.solver.choice import Choice, Condition, ConditionKind
from buildingmap.sites import occupied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.model import District
    from buildingmap.placement.candidates import Candidates
    from buildingmap.placement.criteria import Assessment
    from buildingmap.placement.plan_file import PlanFile, Quota
    from buildingmap.sites import OccupiedBy
    from buildingmap.snapshot import Snapshot

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

TermKind = Literal[
    "sector_min", "sector_max", "cluster_min", "cluster_max", "floor_area_min", "floor_area_max",
    "fixed", "forbidden", "registry_fixed", "registry_forbidden", "year", "spacing", "apart",
    "occupied_towers", "occupied_road", "occupied_outside", "towers", "leading",
]  # fmt: skip
_OCCUPIED_BY: Final[dict[OccupiedBy, TermKind]] = {
    "towers": "occupied_towers",
    "road": "occupied_road",
    "outside": "occupied_outside",
}
# the terms that leave a parcel out because it is not free
OCCUPIED_KINDS: Final = frozenset(_OCCUPIED_BY.values())
# what no plan may hold a site for: it is left out of the choice
_LEFT_OUT: Final[frozenset[TermKind]] = OCCUPIED_KINDS | {"forbidden", "registry_forbidden", "year"}
# what is said by the number of towers and by the sectors of a choice, not by a condition of it
_BY_SHAPE: Final[frozenset[TermKind]] = frozenset({"towers", "leading"})
# the rules for single sites
OF_SITE: Final[frozenset[TermKind]] = OCCUPIED_KINDS | {
    "fixed", "forbidden", "registry_fixed", "registry_forbidden",
}  # fmt: skip
# what is about pairs of sites
PAIRWISE: Final[frozenset[TermKind]] = frozenset({"spacing", "apart"})
# the score of a tower is out of so many points
FULL_POINTS: Final = 100.0


@dataclass(frozen=True, slots=True)
class Term:
    """One condition in the planner's words: ``subject``, ids it is about; ``value``, its bound in its own unit.

    Towers for quotas and for their number, m² for floor areas, metres for the spacing, a year for the year, percent
    of its shape for a parcel that is not free (under the towers that follow it in ``subject``, road, or outside the
    district); None for the rest. ``leading`` is about the sectors that new towers can be for.
    """

    kind: TermKind
    subject: tuple[str, ...] = ()
    value: float | None = None


def terms_of(plan: PlanFile, assessment: Assessment, district: District) -> tuple[Term, ...]:
    """Return every condition of ``plan`` and of the registry's own rules for its sites."""
    listed = assessment.candidates
    terms: list[Term] = []
    if any(sector.id not in assessment.sectors for sector in district.sectors):
        terms.append(Term("leading", assessment.sectors))
    if plan.candidates == "sites" and plan.towers is not None:
        terms.append(Term("towers", value=plan.towers))
    terms += _quotas("sector_min", "sector_max", plan.sectors)
    terms += _quotas("cluster_min", "cluster_max", plan.clusters)
    terms += _areas(plan)
    terms += [Term("fixed", _ids(wish.site, wish.sector)) for wish in plan.fixed]
    terms += [Term("forbidden", _ids(wish.site, wish.sector)) for wish in plan.forbidden]
    terms += [Term("registry_forbidden", (site,)) for site in _ruled(listed, "forbidden")]
    terms += [Term("registry_fixed", (site,)) for site in _ruled(listed, "fixed")]
    if plan.occupied == "exclude":
        terms += _occupied(listed)
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


def left_out_terms(listed: Candidates) -> tuple[Term, ...]:
    """Return why parcels are left out of whatever is placed, one term for each, in their order.

    The registry forbids them, or they are not free.
    """
    forbidden = [Term("registry_forbidden", (site,)) for site in _ruled(listed, "forbidden")]
    by_site = {term.subject[0]: term for term in (*_occupied(listed), *forbidden)}
    return tuple(by_site[site] for site in listed.ids if site in by_site)


def _ruled(listed: Candidates, rule: str) -> list[str]:
    return [site for site, said in zip(listed.ids, listed.rule, strict=True) if said == rule]


def _occupied(listed: Candidates) -> list[Term]:
    """Return a term for each parcel that is not free; one that the registry fixes is somebody's decision."""
    terms = []
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
    meaning = Meaning(assessment.candidates, assessment.sectors, snapshot)
    nearness = np.exp(-meaning.away_m / plan.reference.reach_m)
    np.fill_diagonal(nearness, 0)
    allowed, apart = np.ones(meaning.shape, dtype=bool), np.zeros_like(nearness, dtype=bool)
    conditions = []
    for term in terms:
        if term.kind in PAIRWISE:
            apart |= meaning.apart(term)
        elif term.kind in _LEFT_OUT:
            allowed &= meaning.marked(term) == 0
        elif term.kind not in _BY_SHAPE:
            conditions.append(meaning.condition(term))
    shares = np.array([plan.weights.shares[criterion] for criterion in CRITERIA])
    return Choice(
        own=FULL_POINTS * np.tensordot(shares, assessment.values, axes=1),
        nearness=nearness,
        between=sum(pair_points(assessment, plan).values(), np.zeros(())),
        allowed=allowed,
        apart=apart,
        towers=towers,
        conditions=tuple(conditions),
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


_KINDS: Final[dict[str, ConditionKind]] = {
    "sector_min": "sector", "sector_max": "sector", "cluster_min": "cluster", "cluster_max": "cluster",
    "floor_area_min": "floor_area", "floor_area_max": "floor_area",
}  # fmt: skip


class Meaning:
    """What terms mean for the places of ``listed``, each with one of ``sectors``."""

    def __init__(self, listed: Candidates, sectors: Sequence[str], snapshot: Snapshot) -> None:
        """Look up where places, sectors and the clusters of the district stand."""
        self._row = {site: row for row, site in enumerate(listed.ids)}
        self._column = {sector: column for column, sector in enumerate(sectors)}
        self._cluster = {cluster.id: code for code, cluster in enumerate(snapshot.district.clusters)}
        self._listed = listed
        self.shape = (len(listed), len(sectors))

    @cached_property
    def away_m(self) -> Floats:
        """float64[sites, sites], metres."""
        return distances_m(self._listed, self._listed.x_m, self._listed.y_m)

    def apart(self, term: Term) -> Mask:
        """Return bool[sites, sites]: the pairs of which a term allows one at most."""
        if term.kind == "spacing":
            apart: Mask = self.away_m < (term.value or 0)
        else:
            apart = np.zeros((self.shape[0],) * 2, dtype=bool)
            one, other = (self._row[site] for site in term.subject)
            apart[one, other] = apart[other, one] = True
        np.fill_diagonal(apart, val=False)
        return apart

    def marked(self, term: Term) -> Floats:
        """Return float64[sites, sectors]: what a term counts, 0 for what it is not about."""
        marked = np.zeros(self.shape)
        if term.kind in {"fixed", "forbidden", "registry_fixed", "registry_forbidden"}:
            site, *sector = term.subject
            marked[self._row[site], self._columns(sector) if sector else slice(None)] = 1
        elif term.kind in OCCUPIED_KINDS:
            marked[self._row[term.subject[0]]] = 1
        elif term.kind == "year":
            marked[[(year or 0) > (term.value or 0) for year in self._listed.earliest_year]] = 1
        elif term.kind in {"sector_min", "sector_max"}:
            marked[:, self._columns(term.subject)] = 1
        elif term.kind in {"cluster_min", "cluster_max"}:
            marked[self._listed.cluster == self._cluster[term.subject[0]]] = 1
        elif term.kind == "leading":
            marked[:, [at for sector, at in self._column.items() if sector not in term.subject]] = 1
        elif term.kind == "towers":
            marked += 1
        else:
            marked += self._listed.floor_area_m2[:, None]
        return marked

    def _columns(self, sectors: Sequence[str]) -> list[int]:
        # a sector that no new tower can be for has no column: it counts nothing
        return [self._column[each] for each in sectors if each in self._column]

    def bounds(self, term: Term) -> tuple[float, float]:
        """Return from what to what the chosen may come to in what a term counts."""
        if term.kind in _LEFT_OUT or term.kind == "leading":
            return -np.inf, 0.0
        if term.kind in {"fixed", "registry_fixed"}:
            return 1.0, np.inf
        value = float(term.value or 0)
        if term.kind == "towers":
            return value, value
        return (value, np.inf) if term.kind.endswith("min") else (-np.inf, value)

    def condition(self, term: Term) -> Condition:
        """Return a term as a condition of the choice."""
        low, high = self.bounds(term)
        subject = (term.subject or (None,))[0]
        return Condition(_KINDS.get(term.kind, "fixed"), self.marked(term), subject, low=low, high=high)
