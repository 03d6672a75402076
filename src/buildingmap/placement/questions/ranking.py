"""Every site ranked by itself, without optimisation: by weighted sum and by TOPSIS, beside what the plan takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from buildingmap.placement.places import places_of
from buildingmap.placement.plan_file import CRITERIA
from buildingmap.placement.terms import FULL_POINTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.placement.plan_file import Criterion
    from buildingmap.placement.planning import PlanAnswer, Planning

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One site by itself, as if no other new tower came.

    ``sector``, ``points``, ``rank``: its best sector by weighted sum, the points out of 100, and its rank, 1 the
    best; the same by TOPSIS, whose ``closeness`` goes from 0, the worst of all in every criterion, to 1, the best.
    ``taken``: the plan takes it, for ``taken_for``; ``first_by_sum``, ``first_by_topsis``: it is among the first so
    many sites as the plan takes. ``differs``: they do not all say the same about taking it.
    ``lon``, ``lat``: WGS84, inside the parcel.
    """

    site: str
    name: str
    cluster: str | None
    lon: float
    lat: float
    sector: str
    points: float
    rank: int
    topsis_sector: str
    closeness: float
    topsis_rank: int
    taken: bool
    taken_for: str | None
    first_by_sum: bool
    first_by_topsis: bool
    differs: bool


@dataclass(frozen=True, slots=True)
class Ranking:
    """Every site that may be taken, best by weighted sum first.

    ``towers``: how many the plan takes, None where there is no plan. ``agreed``: sites that the plan takes and that
    both rankings have among the first so many. ``version``, ``synthetic``: of the registry.
    """

    version: str
    synthetic: bool
    weights: dict[Criterion, float]
    towers: int | None
    agreed: int
    rows: tuple[Ranked, ...]


def ranking(laid_out: Planning, best: PlanAnswer | None = None) -> Ranking:
    """Rank every site with its best sector by weighted sum and by TOPSIS; ``best`` says what the plan takes.

    Both take the criteria as they are, from 0 to 1 on fixed scales, and the plan's weights. Only single sites and
    sectors that are ruled out are left out; quotas, spacing and what new towers are to each other count for nothing
    here: that is where the plan differs. TOPSIS: Hwang and Yoon, Multiple Attribute Decision Making, 1981.
    """
    listed, snapshot, plan = laid_out.listed, laid_out.snapshot, laid_out.plan
    allowed = laid_out.choice(1).allowed
    site, sector = np.nonzero(allowed)
    if not len(site):
        return Ranking(snapshot.version, snapshot.note.synthetic, plan.weights.shares, None, 0, ())
    by_sum, by_topsis = _scores(laid_out, site, sector)
    points, sum_sector = _best_by_site(FULL_POINTS * by_sum, allowed)
    closeness, topsis_sector = _best_by_site(by_topsis, allowed)
    rows = np.flatnonzero(allowed.any(axis=1))
    sum_rank, topsis_rank = _ranks(points[rows]), _ranks(closeness[rows])
    taken = {} if best is None else {chosen.id: chosen.sector for chosen in best.chosen}
    places = places_of(listed, snapshot.metric)
    clusters = [cluster.id for cluster in snapshot.district.clusters]
    made = []
    for place, row in enumerate(rows.tolist()):
        key, cluster = listed.ids[row], int(listed.cluster[row])
        says = (key in taken, bool(sum_rank[place] <= len(taken)), bool(topsis_rank[place] <= len(taken)))
        made.append(
            Ranked(
                site=key,
                name=listed.names[row],
                cluster=clusters[cluster] if cluster >= 0 else None,
                lon=places[row][0],
                lat=places[row][1],
                sector=laid_out.assessment.sectors[sum_sector[row]],
                points=float(points[row]),
                rank=int(sum_rank[place]),
                topsis_sector=laid_out.assessment.sectors[topsis_sector[row]],
                closeness=float(closeness[row]),
                topsis_rank=int(topsis_rank[place]),
                taken=says[0],
                taken_for=taken.get(key),
                first_by_sum=says[1],
                first_by_topsis=says[2],
                differs=bool(taken) and len(set(says)) > 1,
            )
        )
    made.sort(key=lambda each: (each.rank, each.site))
    return Ranking(
        version=snapshot.version,
        synthetic=snapshot.note.synthetic,
        weights=plan.weights.shares,
        towers=len(taken) or None,
        agreed=sum(each.taken and each.first_by_sum and each.first_by_topsis for each in made),
        rows=tuple(made),
    )


def _scores(laid_out: Planning, site: NDArray[np.int64], sector: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return float64[items] each: the weighted sum from 0 to 1, and the closeness of TOPSIS."""
    # half a second to import, and only rankings need it
    from pyrepo_mcda.mcda_methods import SAW, TOPSIS  # noqa: PLC0415

    matrix = laid_out.assessment.values[:, site, sector].T
    weights = np.array([laid_out.plan.weights.shares[criterion] for criterion in CRITERIA])
    gains = np.ones(len(CRITERIA))
    by_sum = SAW(normalization_method=_as_they_are)(matrix, weights, gains)
    weighted = matrix * weights
    if (weighted == weighted[0]).all():
        # all alike: none is nearer to the best than to the worst
        return by_sum, np.full(len(site), 0.5)
    return by_sum, TOPSIS(normalization_method=_as_they_are)(matrix, weights, gains)


def _as_they_are(matrix: Floats, _types: Floats) -> Floats:
    """Criteria share one scale already; scaling them again would change what the weights mean."""
    return matrix


def _best_by_site(scores: Floats, allowed: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.int64]]:
    """Return float64[sites] and int64[sites]: the best score of each site, and for which sector."""
    table = np.full(allowed.shape, -np.inf)
    table[allowed] = scores
    return table.max(axis=1), table.argmax(axis=1)


def _ranks(scores: Floats) -> NDArray[np.int64]:
    """Return int64[n], 1 the best; equal scores share the better rank."""
    order: NDArray[np.int64] = np.searchsorted(np.sort(-np.round(scores, 9)), -np.round(scores, 9)) + 1
    return order
