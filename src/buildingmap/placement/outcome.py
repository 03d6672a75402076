"""What a plan would do to the district: before and after, with the spread of the estimate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from buildingmap.analysis.measures import herfindahl
from buildingmap.model import STATUSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.placement.criteria import Assessment
    from buildingmap.snapshot import Snapshot

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

_EXISTING: Final = STATUSES.index("existing")


@dataclass(frozen=True, slots=True)
class Spread:
    """An estimate at the lower quartile, the median and the upper quartile of comparable towers."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Share:
    """The gross floor area of one sector or cluster, m², before and after; ``subject`` None is unknown."""

    subject: str | None
    before_m2: float
    after_m2: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """Before and after a plan, for standing towers and the new ones.

    ``past_mark_before``: standing towers past the mark in the year in force; ``past_mark_added``: of the new towers,
    those whose expected tax reaches it. ``tax_yuan``: what all new towers with comparable towers bring a year;
    ``without_comparables``: new towers without any. The quartiles are of towers one by one: all new towers at the
    lower quartile at once is less likely than the word quartile says. ``concentration``: HHI of floor area by
    sector, 0 to 10,000. ``vacant_before_m2``: known vacant area of standing towers; ``offered_m2``: floor area of
    the new ones, which has to be let on top of it. ``vacant_after_m2``: with the new towers as empty as standing ones
    are, at the quartiles of their vacancy; ``vacancy_before``, ``vacancy_after``: the same as a share of what can be
    let. None where no standing tower says so.
    """

    past_mark_before: int
    past_mark_added: Spread
    tax_yuan: Spread
    without_comparables: int
    floor_area_by_sector: tuple[Share, ...]
    floor_area_by_cluster: tuple[Share, ...]
    concentration_before: float | None
    concentration_after: float | None
    vacant_before_m2: float
    offered_m2: float
    vacant_after_m2: Spread | None = None
    vacancy_before: float | None = None
    vacancy_after: Spread | None = None


@dataclass(frozen=True, slots=True)
class _Let:
    """What of the standing towers can be let and is vacant, m²; quartiles of their vacancy, float64[3]."""

    leasable_m2: float
    vacant_m2: float
    vacancy: Floats
    # of the floor area, what can be let: the median of standing towers, NaN where none says both
    leasable_share: float


def outcome_of(snapshot: Snapshot, assessment: Assessment, sites: Rows, sectors: Rows) -> Outcome:
    """Return what int64[k] ``sites`` with ``sectors`` would do."""
    listed, district = assessment.candidates, snapshot.district
    tax_yuan = assessment.tax_yuan[:, sites, sectors]
    known = ~np.isnan(tax_yuan[1])
    area_m2 = listed.floor_area_m2[sites]
    standing = np.flatnonzero(snapshot.status == _EXISTING)
    codes = {sector.id: code for code, sector in enumerate(district.sectors)}
    new_sectors = np.array([codes[assessment.sectors[sector]] for sector in sectors], dtype=np.int64)
    standing_m2 = np.nan_to_num(snapshot.floor_area_m2[standing])
    by_sector = _shares(
        (snapshot.sector[standing], standing_m2),
        (new_sectors, area_m2),
        [each.id for each in district.sectors],
    )
    by_cluster = _shares(
        (snapshot.cluster[standing], standing_m2),
        (listed.cluster[sites].astype(np.int64), area_m2),
        [each.id for each in district.clusters],
    )
    named = [share for share in by_sector if share.subject is not None]
    let, offered_m2 = _let(snapshot, standing), float(area_m2.sum())
    return Outcome(
        past_mark_before=int(snapshot.figures().past_mark[standing].sum()),
        past_mark_added=_spread((tax_yuan >= district.mark_yuan).sum(axis=1)),
        tax_yuan=_spread(tax_yuan[:, known].sum(axis=1)),
        without_comparables=int((~known).sum()),
        floor_area_by_sector=by_sector,
        floor_area_by_cluster=by_cluster,
        concentration_before=herfindahl(np.array([share.before_m2 for share in named])),
        concentration_after=herfindahl(np.array([share.after_m2 for share in named])),
        vacant_before_m2=0.0 if let is None else let.vacant_m2,
        offered_m2=offered_m2,
        **({} if let is None else _vacancy(let, offered_m2)),
    )


def _let(snapshot: Snapshot, standing: Rows) -> _Let | None:
    """Return what standing towers say of what they let, None where none says it all."""
    floor_m2, leasable_m2 = snapshot.floor_area_m2[standing], snapshot.leasable_area_m2[standing]
    vacancy = snapshot.vacancy_rate[standing]
    known = ~np.isnan(leasable_m2 * vacancy) & (leasable_m2 > 0)
    if not known.any():
        return None
    with_floor = known & (floor_m2 > 0)
    return _Let(
        leasable_m2=float(leasable_m2[known].sum()),
        vacant_m2=float((leasable_m2 * vacancy)[known].sum()),
        vacancy=np.percentile(vacancy[known], (25, 50, 75)),
        leasable_share=float(np.median(leasable_m2[with_floor] / floor_m2[with_floor]))
        if with_floor.any()
        else np.nan,
    )


def _vacancy(let: _Let, offered_m2: float) -> dict[str, Any]:
    before = {"vacancy_before": let.vacant_m2 / let.leasable_m2}
    if np.isnan(let.leasable_share):
        return before
    new_m2 = offered_m2 * let.leasable_share
    vacant_m2 = let.vacant_m2 + new_m2 * let.vacancy
    return before | {
        "vacant_after_m2": _spread(vacant_m2),
        "vacancy_after": _spread(vacant_m2 / (let.leasable_m2 + new_m2)),
    }


def _spread(three: NDArray[np.float64] | Rows) -> Spread:
    low, middle, high = (float(each) for each in three)
    return Spread(low, middle, high)


def _shares(
    standing: tuple[NDArray[np.int16], Floats], new: tuple[Rows, Floats], ids: list[str]
) -> tuple[Share, ...]:
    """Return a share for each id that has any area, and one for the unknown; codes and areas in m² of towers."""
    count = len(ids) + 1
    # code -1, the unknown, is counted last
    before, added = (
        np.bincount(codes.astype(np.int64) % count, weights=area_m2, minlength=count)
        for codes, area_m2 in (standing, new)
    )
    return tuple(
        Share(subject, float(was), float(was + more))
        for subject, was, more in zip((*ids, None), before, added, strict=True)
        if was + more > 0
    )
