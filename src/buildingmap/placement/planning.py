"""A plan from its file and one version of the registry: what to build where and for whom, with reasons."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import orjson

from buildingmap.errors import BuildingmapError
from buildingmap.placement.candidates import AreaBasis, Candidates, candidates
from buildingmap.placement.clashes import clashing
from buildingmap.placement.comparing import Comparison  # noqa: TC001 - what reads an answer back asks for its types
from buildingmap.placement.criteria import Assessment, TaxBasis, assess
from buildingmap.placement.not_applied import not_applied
from buildingmap.placement.other_sectors import OtherSector, other_sectors
from buildingmap.placement.outcome import Outcome, Spread, outcome_of
from buildingmap.placement.places import rounded_lonlat
from buildingmap.placement.plan_file import Criterion, PlanFile, expect_known
from buildingmap.placement.reasons import (
    Instead,
    Part,
    held_by,
    instead_of,
    parts_of,
    standing_out,
)
from buildingmap.placement.solver.solving import Solved, Status, solve
from buildingmap.placement.terms import Term, choice_of, terms_of
from buildingmap.sites import Finding  # noqa: TC001 - what reads an answer back asks for its types

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from buildingmap.placement.solver.choice import Choice
    from buildingmap.snapshot import Snapshot

    Rows = NDArray[np.int64]
    Told = Callable[[float, float], bool]

_MOST_RUNNERS_UP: Final = 10


class ConfidentialPlanError(BuildingmapError):
    """The public view holds no tax, and a plan is made from it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One new tower: where, for which leading sector, and its points by criterion.

    ``lon``, ``lat``: WGS84, inside the parcel. ``floor_area_m2``: gross; ``area_basis``: computed from what.
    ``station``: id, ``station_m`` straight. ``same_m2``, ``linked_m2``, ``vacant_m2``: floor area of the same
    sector, of sectors it gains from, and vacant space that competes, each by nearness. ``tax_yuan``: a year, None
    without ``comparables``, the number of towers it comes from; ``tax_basis`` says which. ``because``: the criteria
    by which it stands out most. ``sector_instead``: the second-best sector here, and what the plan solved again with
    it gives up; None where that is not known. ``findings``: what speaks against the parcel all the same. ``held_by``:
    terms that put it there, whatever its points.
    """

    id: str
    name: str
    sector: str
    cluster: str | None
    lon: float
    lat: float
    floor_area_m2: float
    area_basis: AreaBasis
    earliest_year: int | None
    station: str | None
    station_m: float | None
    same_m2: float
    linked_m2: float
    vacant_m2: float
    tax_yuan: Spread | None
    tax_basis: TaxBasis
    comparables: int
    points: float
    parts: tuple[Part, ...]
    because: tuple[Criterion, ...]
    sector_instead: OtherSector | None
    findings: tuple[Finding, ...] = ()
    held_by: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """What a plan comes to.

    ``score``: points of all towers, each out of 100 by itself; no plan under the terms exceeds ``bound``; ``gap``:
    their difference as a share of the score, 0 where ``status`` is ``optimal``. ``clash``: the terms that cannot hold
    together, where it is ``infeasible``; ``candidates``: how many places there were. ``comparison``: where the weights
    follow from judgements in pairs, how well those agree. ``not_applied``: entries of the plan that count nothing.
    """

    title: str
    version: str
    synthetic: bool
    kind: str
    status: Status
    towers: int
    candidates: int
    score: float | None
    bound: float | None
    gap: float | None
    seconds: float
    weights: dict[Criterion, float]
    chosen: tuple[Chosen, ...]
    runners_up: tuple[Instead, ...]
    outcome: Outcome | None
    terms: tuple[Term, ...]
    clash: tuple[Term, ...]
    comparison: Comparison | None = None
    not_applied: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Planning:
    """A plan file laid out against one version of the registry: what all questions about the plan start from."""

    snapshot: Snapshot
    plan: PlanFile
    assessment: Assessment
    terms: tuple[Term, ...]

    @property
    def listed(self) -> Candidates:
        """The places for new towers."""
        return self.assessment.candidates

    def choice(self, towers: int) -> Choice:
        """Return the choice of ``towers`` under the plan's terms."""
        return choice_of(self.assessment, self.plan, self.terms, towers, self.snapshot)

    def counts(self) -> list[int]:
        """Return how many towers there can be, most first: the number asked for, or all that the area allows."""
        places = len(self.listed)
        if self.plan.candidates == "coming":
            return [places] if places else []
        if self.plan.towers is not None:
            return [self.plan.towers]
        area_m2 = np.sort(self.listed.floor_area_m2)
        most_m2, least_m2 = self.plan.floor_area_max_m2, self.plan.floor_area_min_m2
        most = places if most_m2 is None else int((area_m2.cumsum() <= most_m2).sum())
        least = 1 if least_m2 is None else int((area_m2[::-1].cumsum() < least_m2).sum()) + 1
        return list(range(most, least - 1, -1))


def planning(snapshot: Snapshot, plan: PlanFile, name: str = "plan") -> Planning:
    """Lay ``plan`` out against ``snapshot``; ``name`` is the file's, for errors.

    Raises PlanError where the plan names what there is not, ConfidentialPlanError for the public view.
    """
    if snapshot.is_public:
        raise ConfidentialPlanError("a plan is made from tax figures, which the public view does not hold")
    listed = candidates(snapshot, plan.candidates, plan.reference)
    expect_known(plan, snapshot.district, frozenset(listed.ids), name)
    assessment = assess(snapshot, listed, plan)
    return Planning(snapshot, plan, assessment, terms_of(plan, assessment, snapshot.district))


def answer(laid_out: Planning, *, told: Told | None = None, others: bool = True) -> PlanAnswer:
    """Return the best plan with its proof and its reasons; ``told`` hears score and bound, False ends the work.

    ``others``: whether to solve it again for every tower with another sector, see ``other_sectors``.
    """
    solved, towers = _best(laid_out, told)
    if solved is None or solved.plan is None:
        return _none(laid_out, solved, towers)
    choice = laid_out.choice(towers)
    sites, sectors = solved.plan
    found = instead_of(laid_out.assessment, choice, sites, sectors)
    instead = other_sectors(laid_out, solved, towers, told) if others else [None] * towers
    return _answer(
        laid_out,
        solved,
        towers,
        chosen=_chosen(laid_out, choice, (sites, sectors), instead),
        runners_up=tuple(found[:_MOST_RUNNERS_UP]),
        outcome=outcome_of(laid_out.snapshot, laid_out.assessment, sites, sectors),
    )


def answer_json(found: object) -> bytes:
    """Return an answer of this room as JSON, UTF-8."""
    return orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY)


def _best(laid_out: Planning, told: Told | None) -> tuple[Solved | None, int]:
    """Solve for every number of towers there can be and return the best; a number that cannot beat it ends early."""
    plan, best, towers, began = laid_out.plan, None, 0, time.monotonic()
    bound = -np.inf
    counts = laid_out.counts()
    for count in counts:
        floor = -np.inf if best is None else best.score
        choice = laid_out.choice(count)
        seconds = max(0.0, plan.seconds - (time.monotonic() - began))
        solved = solve(choice, gap=plan.gap, seconds=seconds, told=_unless_beaten(told, floor))
        if solved.status != "infeasible":
            bound = max(bound, solved.bound)
        if best is None or _is_better(solved, best):
            best, towers = solved, count
    if best is None or best.plan is None or len(counts) == 1:
        return best, towers or (counts[0] if counts else 0)
    return _of_all(best, max(bound, best.score), plan.gap, time.monotonic() - began), towers


def _is_better(solved: Solved, best: Solved) -> bool:
    """Whether to go on with another number of towers: a better plan, or one that there may be where none is known."""
    if solved.plan is None:
        return best.plan is None and solved.status == "time_limit"
    return solved.score > best.score


def _unless_beaten(told: Told | None, floor: float) -> Told:
    def hear(score: float, bound: float) -> bool:
        return (told is None or told(score, bound)) and bound > floor

    return hear


def _of_all(best: Solved, bound: float, gap: float, seconds: float) -> Solved:
    """Return the best of several numbers of towers with the bound that holds for them all."""
    status: Status = "optimal" if bound <= best.score + 1e-6 * max(1.0, abs(best.score)) else "time_limit"
    if status != "optimal" and bound <= best.score * (1 + gap):
        status = "within_gap"
    return Solved(best.plan, best.score, bound, status, seconds)


def _none(laid_out: Planning, solved: Solved | None, towers: int) -> PlanAnswer:
    if solved is not None and solved.status == "time_limit":
        return _answer(laid_out, solved, towers)
    infeasible = Solved(None, -np.inf, -np.inf, "infeasible", 0.0 if solved is None else solved.seconds)
    clash = clashing(laid_out.terms, laid_out.listed, laid_out.snapshot)
    return _answer(laid_out, infeasible, towers, clash=() if clash is None else clash.terms)


def _answer(
    laid_out: Planning,
    solved: Solved,
    towers: int,
    *,
    chosen: tuple[Chosen, ...] = (),
    runners_up: tuple[Instead, ...] = (),
    outcome: Outcome | None = None,
    clash: tuple[Term, ...] = (),
) -> PlanAnswer:
    found = solved.plan is not None
    return PlanAnswer(
        title=laid_out.plan.title,
        version=laid_out.snapshot.version,
        synthetic=laid_out.snapshot.note.synthetic,
        kind=laid_out.plan.candidates,
        status=solved.status,
        towers=towers,
        candidates=len(laid_out.listed),
        score=solved.score if found else None,
        bound=solved.bound if np.isfinite(solved.bound) else None,
        gap=solved.gap if found and np.isfinite(solved.bound) else None,
        seconds=round(solved.seconds, 3),
        weights=laid_out.plan.weights.shares,
        chosen=chosen,
        runners_up=runners_up,
        outcome=outcome,
        terms=laid_out.terms,
        clash=clash,
        comparison=laid_out.plan.comparison,
        not_applied=not_applied(laid_out.plan, len(laid_out.listed)),
    )


def _chosen(
    laid_out: Planning, choice: Choice, plan: tuple[Rows, Rows], instead: Sequence[OtherSector | None]
) -> tuple[Chosen, ...]:
    sites, sectors = plan
    assessment, listed, snapshot = laid_out.assessment, laid_out.listed, laid_out.snapshot
    parts = parts_of(assessment, laid_out.plan, choice, sites, sectors)
    held = held_by(assessment, choice, laid_out.terms, sites, sectors)
    places = rounded_lonlat(listed.x_m[sites], listed.y_m[sites], snapshot.metric)
    clusters = [cluster.id for cluster in snapshot.district.clusters]
    stations = snapshot.surroundings.stations
    made = []
    for place, (site, sector) in enumerate(zip(sites.tolist(), sectors.tolist(), strict=True)):
        cluster, station = int(listed.cluster[site]), int(assessment.station[site])
        made.append(
            Chosen(
                id=listed.ids[site],
                name=listed.names[site],
                sector=assessment.sectors[sector],
                cluster=clusters[cluster] if cluster >= 0 else None,
                lon=places[place][0],
                lat=places[place][1],
                floor_area_m2=float(listed.floor_area_m2[site]),
                area_basis=listed.area_basis[site],
                earliest_year=listed.earliest_year[site],
                station=stations[station].id if station >= 0 else None,
                station_m=float(assessment.station_m[site]) if station >= 0 else None,
                same_m2=float(assessment.same_m2[site, sector]),
                linked_m2=float(assessment.linked_m2[site, sector]),
                vacant_m2=float(assessment.vacant_m2[site, sector]),
                tax_yuan=_tax(assessment, site, sector),
                tax_basis=assessment.tax_basis[site][sector],
                comparables=int(assessment.comparables[site, sector]),
                points=sum(part.points for part in parts[place]),
                parts=parts[place],
                because=standing_out(assessment, laid_out.plan, choice, parts[place]),
                sector_instead=instead[place],
                findings=listed.findings[site] if listed.findings else (),
                held_by=held[place],
            )
        )
    return tuple(sorted(made, key=lambda each: -each.points))


def _tax(assessment: Assessment, site: int, sector: int) -> Spread | None:
    low, middle, high = (float(each) for each in assessment.tax_yuan[:, site, sector])
    return None if np.isnan(middle) else Spread(low, middle, high)
