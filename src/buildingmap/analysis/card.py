"""One tower's card: its taxes, its place in its cluster, and what stands near it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from buildingmap.analysis.measures import EXISTING, known, tax_per_area

if TYPE_CHECKING:
    from buildingmap.model import Building
    from buildingmap.snapshot import Figures, Snapshot

_MOST_NEIGHBOURS: Final = 5
_FIRST_REACH_M: Final = 200.0
# wider than any layer: half the circumference of the earth
_LAST_REACH_M: Final = 2e7


@dataclass(frozen=True, slots=True)
class TaxOfYear:
    """One year's tax in yuan, and the id of its band (税收分档)."""

    year: int
    tax_yuan: float | None
    district_revenue_yuan: float | None
    band: str | None


@dataclass(frozen=True, slots=True)
class Rank:
    """A place by tax among the ``of`` existing towers of one cluster with known tax; 1 is the highest."""

    rank: int
    of: int


@dataclass(frozen=True, slots=True)
class NearestStation:
    """The nearest metro station; ``distance_m`` from the footprint, straight."""

    id: str
    zh: str
    en: str
    distance_m: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another tower; ``distance_m`` between the two footprints, straight."""

    id: str
    name: str
    name_en: str | None
    distance_m: float


@dataclass(frozen=True, slots=True)
class Card:
    """What is said of one tower beside its own facts; None is unknown.

    Money in yuan, of ``tax_year``; ``gap_yuan``: what is missing to the district's mark, 0 once past it;
    ``tax_per_floor_m2`` and ``tax_per_leasable_m2`` (单位面积税收): yuan per m² per year by gross floor area
    and by leasable area. ``rank_in_cluster`` is None where the tower does not stand yet or its tax or cluster
    is unknown.
    """

    id: str
    tax_year: int | None
    tax_yuan: float | None
    district_revenue_yuan: float | None
    band: str | None
    past_mark: bool | None
    mark_yuan: float
    gap_yuan: float | None
    tax_per_floor_m2: float | None
    tax_per_leasable_m2: float | None
    taxes: tuple[TaxOfYear, ...]
    rank_in_cluster: Rank | None
    nearest_station: NearestStation | None
    neighbours: tuple[Neighbour, ...]


def tower_card(snapshot: Snapshot, row: int, year: int | None = None) -> Card:
    """Return the card of the tower in ``row`` with the tax figures of ``year``; None means the year in force."""
    figures = snapshot.figures(year)
    building = snapshot.buildings[row]
    mark = snapshot.district.mark_yuan
    tax, tax_year = known(figures.tax_yuan[row]), int(figures.tax_year[row])
    return Card(
        id=building.id,
        tax_year=tax_year if tax_year >= 0 else None,
        tax_yuan=tax,
        district_revenue_yuan=known(figures.district_revenue_yuan[row]),
        band=_band_id(snapshot, figures, row),
        past_mark=None if figures.band[row] < 0 else bool(figures.past_mark[row]),
        mark_yuan=mark,
        gap_yuan=None if tax is None else max(mark - tax, 0.0),
        tax_per_floor_m2=tax_per_area(tax, building.floor_area_m2),
        tax_per_leasable_m2=tax_per_area(tax, building.leasable_area_m2),
        taxes=_taxes(snapshot, row),
        rank_in_cluster=_rank(snapshot, figures, row),
        nearest_station=_nearest_station(snapshot, row),
        neighbours=_neighbours(snapshot, row),
    )


def _band_id(snapshot: Snapshot, figures: Figures, row: int) -> str | None:
    return None if figures.band[row] < 0 else snapshot.district.bands[figures.band[row]].id


def _taxes(snapshot: Snapshot, row: int) -> tuple[TaxOfYear, ...]:
    known_years = {record.year: record for record in snapshot.buildings[row].tax_records}
    found = []
    for year in snapshot.years:
        band, record = _band_id(snapshot, snapshot.figures(year), row), known_years.get(year)
        if record is not None:
            found.append(TaxOfYear(year, record.tax_yuan, record.district_revenue_yuan, band))
        elif band is not None:
            found.append(TaxOfYear(year, None, None, band))
    return tuple(found)


def _rank(snapshot: Snapshot, figures: Figures, row: int) -> Rank | None:
    tax = figures.tax_yuan[row]
    if np.isnan(tax) or snapshot.cluster[row] < 0 or snapshot.status[row] != EXISTING:
        return None
    rivals = figures.tax_yuan[(snapshot.cluster == snapshot.cluster[row]) & (snapshot.status == EXISTING)]
    rivals = rivals[~np.isnan(rivals)]
    return Rank(rank=1 + int(np.count_nonzero(rivals > tax)), of=len(rivals))


def _nearest_station(snapshot: Snapshot, row: int) -> NearestStation | None:
    stations = snapshot.surroundings.stations
    if not stations:
        return None
    distances = shapely.distance(snapshot.footprints_m[row], snapshot.stations_m)
    nearest = int(np.argmin(distances))
    station = stations[nearest]
    return NearestStation(station.id, station.zh, station.en, round(float(distances[nearest]), 1))


def _neighbours(snapshot: Snapshot, row: int) -> tuple[Neighbour, ...]:
    """Return the nearest towers by footprint: the reach is doubled until it holds enough of them."""
    footprint = snapshot.footprints_m[row]
    wanted = min(_MOST_NEIGHBOURS + 1, len(snapshot))  # the tower itself is always within reach
    reach = _FIRST_REACH_M
    found = snapshot.footprint_tree.query(footprint, predicate="dwithin", distance=reach)
    while len(found) < wanted and reach < _LAST_REACH_M:
        reach *= 2
        found = snapshot.footprint_tree.query(footprint, predicate="dwithin", distance=reach)
    others = found[found != row]
    distances = shapely.distance(footprint, snapshot.footprints_m[others])
    nearest = np.lexsort((snapshot.id_rank[others], distances))[:_MOST_NEIGHBOURS]
    return tuple(
        _neighbour(snapshot.buildings[other], distance)
        for other, distance in zip(others[nearest].tolist(), distances[nearest].tolist(), strict=True)
    )


def _neighbour(building: Building, distance_m: float) -> Neighbour:
    return Neighbour(building.id, building.name, building.name_en, round(distance_m, 1))
