"""What a plan would do to the district: before and after, with the spread of the estimate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from buildingmap.analysis.measures import herfindahl
from buildingmap.model import STATUSES

if TYPE_CHECKING:
    from collections.abc import Sequence

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
class Range:
    """From the least to the most, as each of two assumptions has it."""

    low: float
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
    the new ones; ``coming``, ``coming_m2``: other towers to come with a known area, and their floor area. Both have to
    be let on top. ``vacant_then_m2``: from all of that let like standing towers are to no new demand, nothing of it
    let; ``vacancy_before``, ``vacancy_then``: the same as a share of what can be let. None where no standing tower
    says so.
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
    coming: int = 0
    coming_m2: float = 0.0
    vacant_then_m2: Range | None = None
    vacancy_before: float | None = None
    vacancy_then: Range | None = None


@dataclass(frozen=True, slots=True)
class _Let:
    """What of the standing towers can be let and is vacant, m²."""

    leasable_m2: float
    vacant_m2: float
    # of the floor area, what can be let: of all standing towers that say both, NaN where none does
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
    coming = _coming(snapshot, listed.ids)
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
        coming=len(coming),
        coming_m2=float(np.nan_to_num(snapshot.floor_area_m2[coming]).sum()),
        **({} if let is None else _vacancy(let, offered_m2, snapshot, coming)),
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
        leasable_share=float(leasable_m2[with_floor].sum() / floor_m2[with_floor].sum())
        if with_floor.any()
        else np.nan,
    )


def _coming(snapshot: Snapshot, placed: Sequence[str]) -> Rows:
    """Return the rows of the towers to come that say how large they are, without those that the plan itself places."""
    sized = ~np.isnan(snapshot.floor_area_m2) | ~np.isnan(snapshot.leasable_area_m2)
    rows = np.flatnonzero((snapshot.status != _EXISTING) & sized)
    own = frozenset(placed)
    return np.array([row for row in rows if snapshot.ids[row] not in own], dtype=np.int64)


def _vacancy(let: _Let, offered_m2: float, snapshot: Snapshot, coming: Rows) -> dict[str, Any]:
    share = let.vacant_m2 / let.leasable_m2
    before = {"vacancy_before": share}
    if np.isnan(let.leasable_share):
        return before
    floor_m2, leasable_m2 = snapshot.floor_area_m2[coming], snapshot.leasable_area_m2[coming]
    coming_m2 = np.where(np.isnan(leasable_m2), floor_m2 * let.leasable_share, leasable_m2)
    new_m2 = offered_m2 * let.leasable_share + float(coming_m2.sum())
    all_m2 = let.leasable_m2 + new_m2
    return before | {
        "vacant_then_m2": Range(share * all_m2, let.vacant_m2 + new_m2),
        "vacancy_then": Range(share, (let.vacant_m2 + new_m2) / all_m2),
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
