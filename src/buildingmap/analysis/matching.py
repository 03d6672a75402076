"""Space matching (招商选址): which free space meets the wishes, how well and why, and what only just does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from buildingmap.analysis.judging import CONDITIONS, WEIGHTS, Condition, Judged, PartName, judge, sector_facts
from buildingmap.analysis.measures import EXISTING, known
from buildingmap.analysis.spaces import (
    DAYS_OF_YEAR,
    UNKNOWN_DAY,
    SpaceKind,
    Spaces,
    spaces_of,
    towers_with_units,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.filters import Wishes
    from buildingmap.snapshot import Snapshot

    Rows = NDArray[np.int64]

# how far beyond a bound is still a near miss: a quarter of it, or for a day a quarter of a year
NEAR_SHARE: Final = 0.25
NEAR_DAYS: Final = 91
MOST_MATCHES: Final = 60
MOST_NEAR: Final = 12
MOST_OTHERS: Final = 8


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One part of a score: ``points`` of at most ``of``; ``share`` is points ÷ of before rounding, 0 to 1."""

    name: PartName
    points: float
    of: float
    share: float


@dataclass(frozen=True, slots=True)
class Other:
    """Another combination on the same floor that meets the wishes."""

    key: str
    labels: tuple[str, ...]
    area_m2: float
    score: float


@dataclass(frozen=True, slots=True)
class SpaceFound:
    """One space: its units, what it costs, when it is free, where it is, how it scores.

    Areas in m²; ``rent_yuan_m2_day``: asking rent weighted by area; ``rent_year_yuan``: of 365 days;
    ``available_on`` None is unknown. ``leading``, ``tagged``: whether the sector looked for leads the tower, or
    is among its tags; ``cluster_share``: the share of the cluster's existing towers that it leads; None where
    no sector was asked for. ``score`` is the sum of ``parts``, out of ``of``; ``missed``: the conditions it
    does not meet, with ``short``, how far beyond the bound in the bound's own unit, None for the unknown and
    for the cluster.
    """

    key: str
    kind: SpaceKind
    building_id: str
    cluster: str | None
    floors: tuple[int, ...]
    labels: tuple[str, ...]
    units: int
    area_m2: float
    rent_yuan_m2_day: float | None
    rent_year_yuan: float | None
    available_on: date | None
    station: str | None
    station_m: float | None
    leading: bool | None
    tagged: bool | None
    cluster_share: float | None
    score: float
    of: float
    parts: tuple[ScorePart, ...]
    missed: tuple[Condition, ...]
    short: float | None
    others: int
    other_spaces: tuple[Other, ...]


@dataclass(frozen=True, slots=True)
class ToAsk:
    """A tower whose vacancy is known as a rate only: ``vacant_m2`` is that of its leasable area, m²."""

    building_id: str
    cluster: str | None
    vacancy_rate: float
    vacant_m2: float
    station: str | None
    station_m: float | None


@dataclass(frozen=True, slots=True)
class Matching:
    """What wishes come to as of ``today``.

    ``matched``: combinations that meet all conditions, of ``combinations`` made from ``free_units``;
    ``matches``: the best of each floor, best first, at most 60; ``near``: the best of each tower that has no
    match and misses one condition by little, at most 12; ``to_ask``: towers without units on record.
    """

    today: date
    free_units: int
    combinations: int
    matched: int
    places: int
    matches: tuple[SpaceFound, ...]
    near: tuple[SpaceFound, ...]
    to_ask: tuple[ToAsk, ...]


def matching(snapshot: Snapshot, wishes: Wishes, *, today: date) -> Matching:
    """Return what meets ``wishes``, what only just does not, and where to ask; docs/matching.md has the formulas."""
    spaces = spaces_of(snapshot, today)
    judged = judge(spaces, wishes, today=today)
    tell = _Telling(spaces, judged, wishes)
    ranked = _ranked(judged, np.flatnonzero(judged.meets))
    groups = _by_floor(spaces, ranked)
    near = _near(spaces, judged, wishes)
    return Matching(
        today=today,
        free_units=len(spaces.units),
        combinations=len(spaces),
        matched=len(ranked),
        places=len(groups),
        matches=tuple(tell.space(group[0], group[1:]) for group in groups[:MOST_MATCHES]),
        near=tuple(tell.space(index) for index in near),
        to_ask=_to_ask(snapshot, spaces, wishes),
    )


def chosen_spaces(
    snapshot: Snapshot, wishes: Wishes, keys: tuple[str, ...], *, today: date
) -> dict[str, SpaceFound]:
    """Return the spaces of these names, by name; those that are not free any more are left out."""
    spaces = spaces_of(snapshot, today)
    tell = _Telling(spaces, judge(spaces, wishes, today=today), wishes)
    found = {key: spaces.find(key) for key in keys}
    return {key: tell.space(index) for key, index in found.items() if index is not None}


def _ranked(judged: Judged, rows: Rows) -> Rows:
    # the combinations' own order, by tower, floor and position, settles ties
    ranked: Rows = rows[np.argsort(-judged.score[rows], kind="stable")]
    return ranked


def _by_floor(spaces: Spaces, ranked: Rows) -> list[list[int]]:
    """Gather ranked combinations by the floor they begin on, the floor of the best first."""
    groups: dict[tuple[str, int], list[int]] = {}
    for index in ranked.tolist():
        unit = spaces.units[int(spaces.first[index])]
        groups.setdefault((unit.building_id, unit.floor), []).append(index)
    return list(groups.values())


def _near(spaces: Spaces, judged: Judged, wishes: Wishes) -> list[int]:
    """Return the nearest miss of each tower without a match: one condition missed, and that by little."""
    served = np.unique(spaces.tower[judged.meets])
    rows = np.flatnonzero((judged.fails.sum(axis=0) == 1) & ~np.isin(spaces.tower, served))
    which = judged.fails[:, rows].argmax(axis=0)
    allowed = np.array([_allowance(condition, wishes) for condition in CONDITIONS])
    area_bound = np.where(
        spaces.area_m2[rows] < (wishes.area_min or 0.0), wishes.area_min or 0.0, wishes.area_max or 0.0
    )
    limit = np.where(which == 0, NEAR_SHARE * area_bound, allowed[which])
    beyond = judged.beyond[which, rows]
    # the unknown, and another cluster, come after what is known to be close
    size = np.where(np.isnan(beyond), 2.0, beyond / np.maximum(limit, 1e-9))
    kept = np.isnan(beyond) | (beyond <= limit)
    rows, size = rows[kept], size[kept]
    order = rows[np.lexsort((-judged.score[rows], size))]
    _, first = np.unique(spaces.tower[order], return_index=True)
    best: list[int] = order[np.sort(first)][:MOST_NEAR].tolist()
    return best


def _allowance(condition: Condition, wishes: Wishes) -> float:
    if condition == "available":
        return NEAR_DAYS
    bounds = {"rent": wishes.rent_max, "budget": wishes.budget_max, "station": wishes.station_max}
    return NEAR_SHARE * (bounds.get(condition) or 0.0)


class _Telling:
    """Writes rows of columns as the plain values that a reader is given."""

    def __init__(self, spaces: Spaces, judged: Judged, wishes: Wishes) -> None:
        self.spaces, self.judged = spaces, judged
        self.facts = sector_facts(spaces.snapshot, wishes.sector) if wishes.sector else None

    def space(self, index: int, others: list[int] | None = None) -> SpaceFound:
        spaces, judged = self.spaces, self.judged
        units, row = spaces.units_of(index), int(spaces.tower[index])
        building, rent_year = spaces.snapshot.buildings[row], known(spaces.rent_year_yuan[index])
        area, day = float(spaces.area_m2[index]), int(spaces.free_on[index])
        parts = self._parts(index)
        missed = [place for place, fails in enumerate(judged.fails[:, index].tolist()) if fails]
        leading, tagged, share = self._sector(row)
        return SpaceFound(
            key=spaces.key(index),
            kind=spaces.kind(index),
            building_id=building.id,
            cluster=building.cluster,
            floors=tuple(sorted({unit.floor for unit in units})),
            labels=tuple(unit.label for unit in units),
            units=len(units),
            area_m2=area,
            rent_yuan_m2_day=None if rent_year is None else rent_year / DAYS_OF_YEAR / area,
            rent_year_yuan=rent_year,
            available_on=None if day == UNKNOWN_DAY else date.fromordinal(day),
            station=_station(spaces, row),
            station_m=known(spaces.station_m[row]),
            leading=leading,
            tagged=tagged,
            cluster_share=share,
            score=float(judged.score[index]),
            of=sum(part.of for part in parts),
            parts=parts,
            missed=tuple(CONDITIONS[place] for place in missed),
            short=known(judged.beyond[missed[0], index]) if missed else None,
            others=len(others or []),
            other_spaces=tuple(self._other(other) for other in (others or [])[:MOST_OTHERS]),
        )

    def _parts(self, index: int) -> tuple[ScorePart, ...]:
        judged = self.judged
        return tuple(
            ScorePart(
                name, float(judged.points[at, index]), weight, round(float(judged.shares[at, index]), 4)
            )
            for at, (name, weight) in enumerate(WEIGHTS.items())
            if judged.asked[at]
        )

    def _other(self, index: int) -> Other:
        labels = tuple(unit.label for unit in self.spaces.units_of(index))
        return Other(
            self.spaces.key(index), labels, float(self.spaces.area_m2[index]), float(self.judged.score[index])
        )

    def _sector(self, row: int) -> tuple[bool | None, bool | None, float | None]:
        if self.facts is None:
            return None, None, None
        leading, tagged, share = self.facts
        return bool(leading[row]), bool(tagged[row]), known(share[row])


def _station(spaces: Spaces, row: int) -> str | None:
    place = int(spaces.station[row])
    return spaces.snapshot.surroundings.stations[place].id if place >= 0 else None


def _to_ask(snapshot: Snapshot, spaces: Spaces, wishes: Wishes) -> tuple[ToAsk, ...]:
    """Return the existing towers without units on record that stand where asked and have room enough, most first."""
    registered = towers_with_units(snapshot.holdings)
    vacant = snapshot.vacancy_rate * snapshot.leasable_area_m2
    keep = (snapshot.status == EXISTING) & (vacant > 0) & (vacant >= (wishes.area_min or 0.0))
    if wishes.station_max is not None:
        keep &= spaces.station_m <= wishes.station_max
    found: list[Any] = []
    for row in np.flatnonzero(keep).tolist():
        building = snapshot.buildings[row]
        if building.id in registered or (wishes.cluster and building.cluster not in wishes.cluster):
            continue
        found.append(
            ToAsk(
                building_id=building.id,
                cluster=building.cluster,
                vacancy_rate=float(snapshot.vacancy_rate[row]),
                vacant_m2=round(float(vacant[row]), 1),
                station=_station(spaces, row),
                station_m=known(spaces.station_m[row]),
            )
        )
    return tuple(sorted(found, key=lambda entry: (-entry.vacant_m2, entry.building_id)))
