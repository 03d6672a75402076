"""How steady a choice is: how far each weight can move before it changes, and how often each site is chosen."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from buildingmap.placement.places import places_of
from buildingmap.placement.plan_file import CRITERIA
from buildingmap.placement.questions.alternatives import rows_of_answer, taken_of
from buildingmap.placement.questions.crew import Crew
from buildingmap.placement.questions.ranging import WeightRange, weight_ranges
from buildingmap.placement.questions.weighing import weighing
from buildingmap.placement.questions.weightings import Pool, prove_all, search_at
from buildingmap.placement.solver.proving import allowance

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from buildingmap.placement.planning import PlanAnswer, Planning

    Floats = NDArray[np.float64]

# of the time of the question: until when plans are sought, and until when the ranges of weights
_SEARCHED_BY, _RANGED_BY, _PROVED_BY = 0.5, 0.8, 0.95
# questions that are asked at once before the pool learns from their answers
_BATCH: Final = 40
# of the time of the question, what one proof may take: hard ones would leave no time for the others
_LONGEST_PROOF: Final = 0.04


@dataclass(frozen=True, slots=True)
class SectorFrequency:
    """In how many weightings a site is chosen for one sector; ``share`` of all, 0 to 1."""

    sector: str
    times: int
    share: float


@dataclass(frozen=True, slots=True)
class SiteFrequency:
    """In how many weightings a site is chosen; ``share`` of all, 0 to 1. ``sectors``: for which, most often first.

    ``taken``: the best plan takes it, for ``taken_for``. ``lon``, ``lat``: WGS84, inside the parcel.
    """

    site: str
    name: str
    cluster: str | None
    lon: float
    lat: float
    times: int
    share: float
    sectors: tuple[SectorFrequency, ...]
    taken: bool
    taken_for: str | None


@dataclass(frozen=True, slots=True)
class Steadiness:
    """Both answers about the best plan.

    ``ranges``: by criterion, in their order. ``sites``: every site that may be taken, most often chosen first.
    ``weightings`` of ``asked`` were answered, drawn evenly from all shares of weight by ``seed``; ``proved`` of them
    are proved best; a better plan for any other could exceed the one that counts by ``worst_gap`` at most, a share of
    its score, and by ``typical_gap`` in the middle one of all; None where nothing bounds one of them.
    ``distinct``: how many different plans they lead to; ``same``: in how many the best plan stays. ``complete``:
    all were answered and every end of every range found before time was up.
    """

    version: str
    synthetic: bool
    asked: int
    weightings: int
    seed: int
    proved: int
    worst_gap: float | None
    typical_gap: float | None
    distinct: int
    same: int
    ranges: tuple[WeightRange, ...]
    sites: tuple[SiteFrequency, ...]
    complete: bool
    seconds: float


def steadiness(
    laid_out: Planning,
    best: PlanAnswer,
    *,
    weightings: int = 1000,
    seed: int = 0,
    seconds: float | None = None,
    workers: int | None = None,
    told: Callable[[int, int], bool] | None = None,
) -> Steadiness:
    """Return how far each weight can move before the choice of ``best`` changes, and how often each site is chosen.

    The weightings are drawn evenly from all shares of weight (Dirichlet with all parameters 1) by ``seed``. Good
    plans are sought for all of them, then the ranges, then proofs for as many as the time allows. ``seconds``, the
    plan's own where it is None, is for all of it. ``workers``: processes, as many as processors where it is None.
    ``told`` hears how many weightings have a plan or a proof, of twice as many, and ends the work by returning False.
    """
    began = time.monotonic()
    given = laid_out.plan.seconds if seconds is None else seconds
    drawn = np.random.default_rng(seed).dirichlet(np.ones(len(CRITERIA)), size=weightings)
    pool = Pool([weighing(laid_out, towers) for towers in laid_out.counts()])
    if best.score is None or not weightings:
        return _nothing(laid_out, weightings, seed, time.monotonic() - began)
    plan = rows_of_answer(laid_out, best)
    own = pool.add(
        next(at for at, each in enumerate(pool.weighings) if each.choice.towers == best.towers), plan
    )
    work = _Work(pool, drawn, began, given, told)
    crew = Crew(pool.weighings, workers)
    try:
        answered = work.search()
        ranges = weight_ranges(
            laid_out, pool, own, crew, proved=best.status == "optimal", goes_on=work.goes_on(_RANGED_BY)
        )
        work.prove(crew, given * _LONGEST_PROOF)
    finally:
        crew.close()
    return _steadiness(laid_out, work, own=own, answered=answered, ranges=ranges, seed=seed)


class _Work:
    """The weightings, what is known about them, and how much time is left."""

    def __init__(
        self,
        pool: Pool,
        drawn: Floats,
        began: float,
        seconds: float,
        told: Callable[[int, int], bool] | None,
    ) -> None:
        self.pool, self.drawn, self.began, self.seconds = pool, drawn, began, seconds
        self._told, self._done, self._stopped = told, 0, False

    def goes_on(self, part: float) -> Callable[[], bool]:
        """Return what tells whether less than this ``part`` of the time is spent and nobody ended the work."""
        return lambda: not self._stopped and time.monotonic() < self.began + part * self.seconds

    def _tell(self) -> None:
        self._done += 1
        if self._told is not None and not self._told(self._done, 2 * len(self.drawn)):
            self._stopped = True

    def search(self) -> int:
        """Seek a good plan for each weighting; return how many have one."""
        goes_on = self.goes_on(_SEARCHED_BY)
        for place, shares in enumerate(self.drawn):
            if not goes_on():
                return place
            self.pool.learn(shares, search_at(self.pool.weighings, shares, self.pool.starts(shares)))
            self._tell()
        return len(self.drawn)

    def prove(self, crew: Crew, seconds: float) -> None:
        """Prove one weighting after the other, but for those that lie between others of the same plan."""
        goes_on = self.goes_on(_PROVED_BY)
        corners = np.eye(len(CRITERIA))
        for place, found in prove_all(crew, self.pool, corners, seconds, goes_on):
            self.pool.learn(corners[place], found)
        for first in range(0, len(self.drawn), _BATCH):
            if not goes_on():
                break
            batch = self.drawn[first : first + _BATCH]
            open_yet = batch[~proved_in(self.pool, batch)]
            self._done += len(batch) - len(open_yet)
            for place, found in prove_all(crew, self.pool, open_yet, seconds, goes_on):
                self.pool.learn(open_yet[place], found)
                self._tell()


def proved_in(pool: Pool, drawn: Floats) -> NDArray[np.bool_]:
    """Return bool[n]: for which of float64[n, criteria] the best plan of the pool is proved best."""
    scores = pool.best(drawn)[1]
    proved: NDArray[np.bool_] = pool.bounds(drawn) <= scores + np.array([allowance(each) for each in scores])
    return proved


def _steadiness(
    laid_out: Planning,
    work: _Work,
    *,
    own: int,
    answered: int,
    ranges: tuple[WeightRange, ...],
    seed: int,
) -> Steadiness:
    pool, drawn = work.pool, work.drawn[:answered]
    chosen, scores = pool.best(drawn)
    bounds = pool.bounds(drawn)
    proved = bounds <= scores + np.array([allowance(score) for score in scores])
    gaps = np.where(proved, 0.0, (bounds - scores) / np.maximum(np.abs(scores), 1e-9))
    every = all(each.low_proved and each.high_proved for each in ranges)
    return Steadiness(
        version=laid_out.snapshot.version,
        synthetic=laid_out.snapshot.note.synthetic,
        asked=len(work.drawn),
        weightings=answered,
        seed=seed,
        proved=int(proved.sum()),
        worst_gap=float(gaps.max(initial=0.0)) if np.isfinite(gaps).all() else None,
        typical_gap=float(np.median(gaps)) if answered and np.isfinite(gaps).all() else None,
        distinct=len(np.unique(chosen)),
        same=int((chosen == own).sum()),
        ranges=ranges,
        sites=_frequencies(laid_out, pool, chosen, own),
        complete=answered == len(work.drawn) and bool(proved.all()) and every,
        seconds=round(time.monotonic() - work.began, 3),
    )


def _frequencies(
    laid_out: Planning, pool: Pool, chosen: NDArray[np.int64], own: int
) -> tuple[SiteFrequency, ...]:
    listed, names = laid_out.listed, laid_out.assessment.sectors
    times = np.zeros((len(listed), len(names)), dtype=np.int64)
    for plan, often in zip(*np.unique(chosen, return_counts=True), strict=True):
        times[pool.plans[plan][1]] += often
    taken = {each.site: each.sector for each in taken_of(laid_out, *pool.plans[own][1])}
    allowed = np.any([each.choice.allowed for each in pool.weighings], axis=0).any(axis=1)
    clusters = [cluster.id for cluster in laid_out.snapshot.district.clusters]
    whole = max(1, len(chosen))
    found = []
    for row, (lon, lat) in enumerate(places_of(listed, laid_out.snapshot.metric)):
        if not allowed[row]:
            continue
        order = np.argsort(-times[row], kind="stable")
        cluster = int(listed.cluster[row])
        found.append(
            SiteFrequency(
                site=listed.ids[row],
                name=listed.names[row],
                cluster=clusters[cluster] if cluster >= 0 else None,
                lon=lon,
                lat=lat,
                times=int(times[row].sum()),
                share=float(times[row].sum() / whole),
                sectors=tuple(
                    SectorFrequency(names[each], int(times[row, each]), float(times[row, each] / whole))
                    for each in order
                    if times[row, each]
                ),
                taken=listed.ids[row] in taken,
                taken_for=taken.get(listed.ids[row]),
            )
        )
    return tuple(sorted(found, key=lambda each: (-each.times, each.site)))


def _nothing(laid_out: Planning, weightings: int, seed: int, seconds: float) -> Steadiness:
    snapshot = laid_out.snapshot
    return Steadiness(
        version=snapshot.version,
        synthetic=snapshot.note.synthetic,
        asked=weightings,
        weightings=0,
        seed=seed,
        proved=0,
        worst_gap=None,
        typical_gap=None,
        distinct=0,
        same=0,
        ranges=(),
        sites=(),
        complete=weightings == 0,
        seconds=round(seconds, 3),
    )
