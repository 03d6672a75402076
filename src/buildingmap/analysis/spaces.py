"""Space that can be let: free units, neighbours on one floor and whole adjacent floors, laid out in columns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import shapely

from buildingmap.analysis.measures import EXISTING
from buildingmap.analysis.pipeline import hand_over_day
from buildingmap.model import Floor, Tenant, Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.snapshot import Holdings, Snapshot

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Bools = NDArray[np.bool_]

SpaceKind = Literal["unit", "neighbours", "floor", "floors"]
MOST_UNITS: Final = 12
MOST_FLOORS: Final = 10
# a floor whose free units add up to this much of its leasable area is free as a whole
WHOLE_SHARE: Final = 0.95
UNKNOWN_DAY: Final = -1
_NO_POSITION: Final = 10**9
_AREA_DECIMALS: Final = 6
DAYS_OF_YEAR: Final = 365


@dataclass(frozen=True, eq=False)
class Spaces:
    """Every combination of free units of one version, row i being ``count[i]`` units from ``first[i]`` on.

    ``units`` stand by tower id, floor, position and id. ``floors``: how many whole floors it is, 0 for units
    in a row of one floor. ``tower``: row of the snapshot. ``area_m2``; ``rent_year_yuan``: asking rent of 365
    days in yuan, NaN where that of any unit is unknown; ``free_on``: proleptic ordinal of the day from which
    all of it is free, -1 unknown. ``station``, ``station_m``: by tower of the snapshot, nearest metro station
    (position, -1 without any) and its distance from the footprint in metres, NaN unknown.
    """

    snapshot: Snapshot
    units: tuple[Unit, ...]
    first: Rows
    count: Rows
    floors: Rows
    tower: Rows
    area_m2: Floats
    rent_year_yuan: Floats
    free_on: Rows
    station: Rows
    station_m: Floats

    def __len__(self) -> int:
        """Return how many combinations there are."""
        return len(self.first)

    def units_of(self, index: int) -> tuple[Unit, ...]:
        """Return the units of one combination."""
        first = int(self.first[index])
        return self.units[first : first + int(self.count[index])]

    def kind(self, index: int) -> SpaceKind:
        """Return what one combination is."""
        floors = int(self.floors[index])
        if floors:
            return "floor" if floors == 1 else "floors"
        return "unit" if self.count[index] == 1 else "neighbours"

    def key(self, index: int) -> str:
        """Return the name of one combination: its first unit, ``~``, how many units, or floors with an F."""
        floors = int(self.floors[index])
        return f"{self.units[int(self.first[index])].id}~{f'{floors}F' if floors else int(self.count[index])}"

    def find(self, key: str) -> int | None:
        """Return the combination of that name; None where there is none, or no longer."""
        unit_id, _, size = key.rpartition("~")
        number = size.removesuffix("F")
        first = next((place for place, unit in enumerate(self.units) if unit.id == unit_id), None)
        if first is None or not (number.isascii() and number.isdigit()) or len(number) > 3:  # noqa: PLR2004
            return None
        wanted = (
            self.floors == int(number)
            if size.endswith("F")
            else (self.floors == 0) & (self.count == int(number))
        )
        found = np.flatnonzero((self.first == first) & wanted & ((self.floors > 0) == size.endswith("F")))
        return int(found[0]) if len(found) else None


@lru_cache(maxsize=4)
def spaces_of(snapshot: Snapshot, today: date) -> Spaces:
    """Lay out what can be let: at most 12 units in a row of one floor, at most 10 whole adjacent floors.

    A unit is free when it has no tenant or its tenant has moved out; one that is let counts from the day in
    ``available_from`` when that is still to come. In a tower that does not stand yet nothing is free before
    the hand-over.
    """
    units, free_on = _free_units(snapshot, today)
    tower = np.array([snapshot.row_of[unit.building_id] for unit in units], dtype=np.int64)
    rows = _in_a_row(units, tower, free_on)
    parts = [*rows, *_whole_floors(snapshot, units, rows[0])]
    found = _Columns(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(_Columns)))
    station, station_m = _stations(snapshot)
    return Spaces(
        snapshot=snapshot,
        units=tuple(units),
        first=found.first,
        count=found.count,
        floors=found.floors,
        tower=tower[found.first],
        area_m2=np.round(found.area, _AREA_DECIMALS),
        rent_year_yuan=found.rent * DAYS_OF_YEAR,
        free_on=found.free_on,
        station=station,
        station_m=station_m,
    )


def towers_with_units(holdings: Holdings) -> frozenset[str]:
    """Return the ids of the towers that have any unit on record, let or free."""
    return frozenset(unit.building_id for unit in holdings.all(Unit))


def _free_units(snapshot: Snapshot, today: date) -> tuple[list[Unit], Rows]:
    holdings = snapshot.holdings
    gone = {t.id for t in holdings.all(Tenant) if t.moved_out_on is not None and t.moved_out_on <= today}
    free: list[tuple[Unit, int]] = []
    for unit in holdings.all(Unit):
        let = unit.tenant_id is not None and unit.tenant_id not in gone
        later = unit.available_from is not None and unit.available_from > today
        if unit.building_id not in snapshot.row_of or (let and not later):
            continue
        day = unit.available_from if later and unit.available_from else today
        free.append((unit, _after_hand_over(snapshot, unit, day)))
    free.sort(key=lambda entry: _order(entry[0]))
    return [unit for unit, _ in free], np.array([day for _, day in free], dtype=np.int64)


def _order(unit: Unit) -> tuple[str, int, int, str]:
    return unit.building_id, unit.floor, _position(unit), unit.id


def _position(unit: Unit) -> int:
    return _NO_POSITION if unit.position is None else unit.position


def _after_hand_over(snapshot: Snapshot, unit: Unit, day: date) -> int:
    row = snapshot.row_of[unit.building_id]
    if snapshot.status[row] == EXISTING:
        return day.toordinal()
    ready = hand_over_day(snapshot.holdings, unit.building_id)
    year = snapshot.buildings[row].completion_year
    if ready is None and year is not None:
        ready = date(year, 12, 31)
    if ready is None:
        return UNKNOWN_DAY if unit.available_from is None else day.toordinal()
    return max(day, ready).toordinal()


@dataclass(frozen=True, slots=True)
class _Columns:
    """Entries side by side: from which unit, how many units and whole floors, m², yuan of a day, free on."""

    first: Rows
    count: Rows
    floors: Rows
    area: Floats
    rent: Floats
    free_on: Rows

    def of(self, kept: Any) -> _Columns:
        return _Columns(*(getattr(self, field.name)[kept] for field in fields(self)))


def _in_a_row(units: Sequence[Unit], tower: Rows, free_on: Rows) -> list[_Columns]:
    """Return 1 to 12 neighbours of one floor, one entry per length."""
    floor = np.array([unit.floor for unit in units], dtype=np.int64)
    position = np.array([_position(unit) for unit in units], dtype=np.int64)
    area = np.array([unit.area_m2 for unit in units], dtype=np.float64)
    asked = [unit.asking_rent_yuan_m2_day for unit in units]
    rent = np.array([np.nan if rent is None else rent for rent in asked], dtype=np.float64)
    none = np.zeros(len(units), dtype=np.int64)
    single = _Columns(np.arange(len(units)), none + 1, none, area, area * rent, free_on)
    next_to = (np.diff(tower) == 0) & (np.diff(floor) == 0) & (np.diff(position) == 1)
    return _windows(single, next_to, MOST_UNITS)


def _windows(single: _Columns, next_to: Bools, most: int) -> list[_Columns]:
    """Return all runs of 1 to ``most`` entries in which each is ``next_to`` the one after it, by length."""
    found = [single]
    ok, run = np.ones(len(single.first), dtype=np.bool_), single
    for tail in range(1, min(most, len(single.first))):
        ok = ok[:-1] & next_to[tail - 1 :]
        unknown = (run.free_on[:-1] == UNKNOWN_DAY) | (single.free_on[tail:] == UNKNOWN_DAY)
        run = _Columns(
            run.first[:-1],
            run.count[:-1] + single.count[tail:],
            run.floors[:-1] + single.floors[tail:],
            run.area[:-1] + single.area[tail:],
            run.rent[:-1] + single.rent[tail:],
            np.where(unknown, UNKNOWN_DAY, np.maximum(run.free_on[:-1], single.free_on[tail:])),
        )
        found.append(run.of(ok))
    return found


def _whole_floors(snapshot: Snapshot, units: Sequence[Unit], single: _Columns) -> list[_Columns]:
    """Return one to ten adjacent floors that are free as a whole.

    A single floor that is a row of at most 12 neighbours is among those already.
    """
    places = [(unit.building_id, unit.floor) for unit in units]
    starts = [at for at, place in enumerate(places) if not at or place != places[at - 1]]
    whole = _whole(snapshot, units, starts)
    if not whole:
        return []
    floors = _Columns(
        np.array([a for a, _ in whole], dtype=np.int64),
        np.array([b - a for a, b in whole], dtype=np.int64),
        np.ones(len(whole), dtype=np.int64),
        # summed one by one: what a floor comes to must not depend on the floors before it
        np.array([sum(single.area[a:b].tolist()) for a, b in whole], dtype=np.float64),
        np.array([sum(single.rent[a:b].tolist()) for a, b in whole], dtype=np.float64),
        np.array([_last_day(single.free_on[a:b]) for a, b in whole], dtype=np.int64),
    )
    next_to = np.array(
        [_adjacent(places[a], places[b]) for (a, _), (b, _) in pairwise(whole)], dtype=np.bool_
    )
    alone = np.array([not _is_a_row(units[a:b]) for a, b in whole], dtype=np.bool_)
    one, *more = _windows(floors, next_to, MOST_FLOORS)
    return [one.of(alone), *more]


def _last_day(days: Rows) -> int:
    return UNKNOWN_DAY if (days == UNKNOWN_DAY).any() else int(days.max())


def _adjacent(lower: tuple[str, int], upper: tuple[str, int]) -> bool:
    # there is no floor 0
    return lower[0] == upper[0] and upper[1] == (1 if lower[1] == -1 else lower[1] + 1)


def _whole(snapshot: Snapshot, units: Sequence[Unit], starts: Sequence[int]) -> list[tuple[int, int]]:
    """Return the floors, as slices of ``units``, whose every unit is free and that are free for the most part."""
    on_record = Counter((unit.building_id, unit.floor) for unit in snapshot.holdings.all(Unit))
    leasable = {(f.building_id, f.number): f.leasable_area_m2 for f in snapshot.holdings.all(Floor)}
    found = []
    for start, end in zip(starts, [*starts[1:], len(units)], strict=False):
        place = units[start].building_id, units[start].floor
        area = sum(unit.area_m2 for unit in units[start:end])
        if on_record[place] == end - start and area >= WHOLE_SHARE * (leasable.get(place) or 0):
            found.append((start, end))
    return found


def _is_a_row(units: Sequence[Unit]) -> bool:
    places = [unit.position for unit in units]
    first = places[0]
    row = first is not None and places == list(range(first, first + len(places)))
    return len(places) == 1 or (row and len(places) <= MOST_UNITS)


def _stations(snapshot: Snapshot) -> tuple[Rows, Floats]:
    stations, size = snapshot.surroundings.stations, len(snapshot)
    nearest, distance = np.full(size, -1, dtype=np.int64), np.full(size, np.nan)
    if stations and size:
        (rows, found), metres = shapely.STRtree(snapshot.stations_m).query_nearest(
            snapshot.footprints_m, return_distance=True, all_matches=False
        )
        nearest[rows], distance[rows] = found, np.round(metres, 1)
    return nearest, distance
