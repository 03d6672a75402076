"""The k best plans that differ: each proved the best of all that differ from every better one in so many sites."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from buildingmap.placement.solver.choice import Condition
from buildingmap.placement.solver.proving import allowance, prove

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from buildingmap.placement.planning import PlanAnswer, Planning
    from buildingmap.placement.solver.choice import Choice
    from buildingmap.placement.solver.solving import Solved, Status

    Rows = NDArray[np.int64]

MOST_ALTERNATIVES: Final = 20


@dataclass(frozen=True, slots=True)
class Taken:
    """A site that a plan takes, and the leading sector of its tower, by id."""

    site: str
    sector: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the best plans, ``rank`` 1 being the best of all.

    ``score``: its points; no plan that differs as much from those before it exceeds ``bound``; ``status``: whether
    that is proved. ``gives_up``: points that it falls short of the best. Against the best plan ``enter``, ``leave``:
    sites that come and go; ``change``: sites that stay with another sector.
    """

    rank: int
    status: Status
    towers: int
    score: float
    bound: float
    gives_up: float
    enter: tuple[str, ...]
    leave: tuple[str, ...]
    change: tuple[str, ...]
    taken: tuple[Taken, ...]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The best plans, best first, each of which differs from every other in at least ``differ`` sites.

    Two plans differ in as many sites as the larger of them has that the other has not; where all sites are taken
    (towers to come), in as many as have another sector: ``differ_by``. ``exhausted``: no further plan differs so
    much. ``complete``: as many as were asked for, or all there are, were found before time was up.
    ``seconds``: how long it took.
    """

    version: str
    synthetic: bool
    count: int
    differ: int
    differ_by: str
    plans: tuple[Alternative, ...]
    exhausted: bool
    complete: bool
    seconds: float


def alternatives(
    laid_out: Planning,
    best: PlanAnswer,
    *,
    count: int = 5,
    differ: int = 1,
    seconds: float | None = None,
    told: Callable[[int, int], bool] | None = None,
) -> Alternatives:
    """Return the ``count`` best plans, ``best`` among them, that differ from one another in ``differ`` sites or more.

    Each is solved with one condition for every better plan: at most so many of that plan's sites. ``seconds``, the
    plan's own where it is None, is for all of them together. ``told`` hears how many are found, of how many, and ends
    the work by returning False.
    """
    began = time.monotonic()
    deadline = began + (laid_out.plan.seconds if seconds is None else seconds)
    by_sector = laid_out.plan.candidates == "coming"
    found = _first(best)
    exhausted = not found
    stopped = False
    while found and len(found) < count and not exhausted and not stopped and time.monotonic() < deadline:
        solved, towers = _best_other(laid_out, found, differ, deadline, by_sector=by_sector)
        if solved is None or solved.plan is None:
            exhausted = solved is None
            break
        found.append(
            _alternative(
                found[0],
                len(found) + 1,
                status=solved.status,
                towers=towers,
                score=solved.score,
                bound=solved.bound,
                taken=taken_of(laid_out, *solved.plan),
            )
        )
        stopped = told is not None and not told(len(found), count)
    snapshot = laid_out.snapshot
    return Alternatives(
        version=snapshot.version,
        synthetic=snapshot.note.synthetic,
        count=count,
        differ=differ,
        differ_by="sectors" if by_sector else "sites",
        plans=tuple(found),
        exhausted=exhausted,
        complete=exhausted or len(found) >= count,
        seconds=round(time.monotonic() - began, 3),
    )


def _best_other(
    laid_out: Planning, before: Sequence[Alternative], differ: int, deadline: float, *, by_sector: bool
) -> tuple[Solved | None, int]:
    """Return the best plan that differs from all ``before`` and its number of towers; None where there is none."""
    barred = [rows_of_taken(laid_out, each.taken) for each in before]
    best: Solved | None = None
    towers, bound = 0, -np.inf
    for count in laid_out.counts():
        choice = laid_out.choice(count)
        others = [_other(choice, plan, differ, by_sector=by_sector) for plan in barred]
        solved = prove(choice.with_conditions(others), seconds=max(0.05, deadline - time.monotonic()))
        bound = max(bound, solved.bound)
        if solved.status != "infeasible" and (best is None or solved.score > best.score):
            best, towers = solved, count
    if best is None or bound <= best.score + allowance(best.score):
        return best, towers
    return replace(best, bound=bound, status="time_limit"), towers


def changes(
    before: Sequence[Taken], after: Sequence[Taken]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the sites that come, that go, and that stay with another sector, from one plan to another."""
    was = {each.site: each.sector for each in before}
    now = {each.site: each.sector for each in after}
    return (
        tuple(sorted(now.keys() - was.keys())),
        tuple(sorted(was.keys() - now.keys())),
        tuple(sorted(key for key in was.keys() & now.keys() if was[key] != now[key])),
    )


def _first(best: PlanAnswer) -> list[Alternative]:
    if best.score is None or best.bound is None:
        return []
    taken = taken_of_answer(best)
    return [
        Alternative(
            rank=1,
            status=best.status,
            towers=best.towers,
            score=best.score,
            bound=best.bound,
            gives_up=0.0,
            enter=(),
            leave=(),
            change=(),
            taken=taken,
        )
    ]


def _alternative(
    best: Alternative,
    rank: int,
    *,
    status: Status,
    towers: int,
    score: float,
    bound: float,
    taken: tuple[Taken, ...],
) -> Alternative:
    enter, leave, change = changes(best.taken, taken)
    gives_up = max(0.0, best.score - score)
    return Alternative(rank, status, towers, score, bound, gives_up, enter, leave, change, taken)


def taken_of(laid_out: Planning, sites: Rows, sectors: Rows) -> tuple[Taken, ...]:
    """Return int64[k] sites and sectors by id, in the order of the sites' ids."""
    listed, names = laid_out.listed, laid_out.assessment.sectors
    return tuple(
        sorted(
            (Taken(listed.ids[site], names[sector]) for site, sector in zip(sites, sectors, strict=True)),
            key=lambda each: each.site,
        )
    )


def rows_of_answer(laid_out: Planning, best: PlanAnswer) -> tuple[Rows, Rows]:
    """Return what an answer takes as int64[k] sites and sectors."""
    return rows_of_taken(laid_out, taken_of_answer(best))


def taken_of_answer(best: PlanAnswer) -> tuple[Taken, ...]:
    """Return what an answer takes, in the order of the sites' ids."""
    return tuple(sorted((Taken(each.id, each.sector) for each in best.chosen), key=lambda each: each.site))


def rows_of_taken(laid_out: Planning, taken: Sequence[Taken]) -> tuple[Rows, Rows]:
    """Return sites and sectors by id as int64[k] each."""
    row = {site: at for at, site in enumerate(laid_out.listed.ids)}
    column = {sector: at for at, sector in enumerate(laid_out.assessment.sectors)}
    return (
        np.array([row[each.site] for each in taken], dtype=np.int64),
        np.array([column[each.sector] for each in taken], dtype=np.int64),
    )


def _other(choice: Choice, plan: tuple[Rows, Rows], differ: int, *, by_sector: bool) -> Condition:
    """Return the condition that a plan of ``choice`` differs from ``plan`` in at least ``differ`` sites or sectors."""
    sites, sectors = plan
    coefficients = np.zeros(choice.own.shape)
    if by_sector:
        coefficients[sites, sectors] = 1
    else:
        coefficients[sites] = 1
    return Condition("towers", coefficients, high=max(len(sites), choice.towers) - differ)
