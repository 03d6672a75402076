"""What speaks for a site and a sector: seven criteria, each from 0 to 1, with what they were computed from.

docs/plan.md gives every formula, its unit and its normalisation. Distances are straight, between points inside the
parcels and footprints, in metres of the district's plane.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import shapely

from buildingmap.model import STATUSES
from buildingmap.placement.plan_file import CRITERIA

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.placement.candidates import Candidates
    from buildingmap.placement.plan_file import PlanFile
    from buildingmap.snapshot import Snapshot

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

TaxBasis = Literal["cluster", "district", "all_sectors", "none"]
_EXISTING: Final = STATUSES.index("existing")
# how far vacant space led by another sector competes with a tower: half as much as its own sector's
OTHER_SECTOR: Final = 0.5
_QUARTILES: Final = (25, 50, 75)


@dataclass(frozen=True, eq=False)
class Assessment:
    """The criteria of every candidate with every sector, and the figures behind them.

    ``values``: float64[criteria, sites, sectors], 0 to 1, in the order of ``CRITERIA``. ``sectors``: their ids.
    ``station``: the nearest station's position in the surroundings, int64[sites], -1 without one; ``station_m``.
    ``same_m2``, ``linked_m2``, ``vacant_m2``: float64[sites, sectors], m² of floor area weighted by nearness.
    ``tax_yuan``: float64[3, sites, sectors], expected annual tax in yuan at the lower quartile, the median and the
    upper quartile of comparable towers, NaN where there are none; ``tax_basis`` and ``comparables``: which towers
    those are and how many, by [sites][sectors].
    """

    candidates: Candidates
    sectors: tuple[str, ...]
    values: Floats
    station: Rows
    station_m: Floats
    same_m2: Floats
    linked_m2: Floats
    vacant_m2: Floats
    tax_yuan: Floats
    tax_basis: tuple[tuple[TaxBasis, ...], ...]
    comparables: Rows


def assess(snapshot: Snapshot, candidates: Candidates, plan: PlanFile) -> Assessment:
    """Compute every criterion of ``candidates`` with every sector that ``plan`` considers."""
    sectors = plan.leading_sectors(snapshot.district)
    codes = {sector.id: code for code, sector in enumerate(snapshot.district.sectors)}
    of_sector = np.array([codes[sector] for sector in sectors], dtype=np.int64)
    reference = plan.reference
    station, station_m = _nearest_station(snapshot, candidates)
    stock_m2 = _stock_by_sector(snapshot, candidates, reference.reach_m)
    vacant_m2 = _vacant_by_sector(snapshot, candidates, reference.reach_m)
    same_m2 = stock_m2[:, of_sector]
    linked_m2 = stock_m2 @ _gains(snapshot, plan, sectors).T
    competing_m2 = (
        OTHER_SECTOR * vacant_m2.sum(axis=1)[:, None] + (1 - OTHER_SECTOR) * vacant_m2[:, of_sector]
    )
    rates, basis, counts = _tax_rates(snapshot, candidates, of_sector, reference.least_comparables)
    tax_yuan = rates * candidates.floor_area_m2[None, :, None]
    wide = np.ones(same_m2.shape)
    values = {
        "access": np.exp(-station_m / reference.station_reach_m)[:, None] * wide,
        "agglomeration": 1 - np.exp(-same_m2 / reference.stock_m2),
        "linkage": 1 - np.exp(-linked_m2 / reference.stock_m2),
        "vacancy": np.exp(-competing_m2 / reference.vacant_m2),
        "capacity": np.minimum(1, candidates.floor_area_m2 / reference.capacity_m2)[:, None] * wide,
        "strategy": _fit(snapshot, candidates, plan, sectors),
        "tax": np.minimum(1, np.nan_to_num(tax_yuan[1]) / snapshot.district.mark_yuan),
    }
    return Assessment(
        candidates=candidates,
        sectors=sectors,
        values=np.stack([values[criterion] for criterion in CRITERIA]),
        station=station,
        station_m=station_m,
        same_m2=same_m2,
        linked_m2=linked_m2,
        vacant_m2=competing_m2,
        tax_yuan=tax_yuan,
        tax_basis=basis,
        comparables=counts,
    )


def linkage_between(plan: PlanFile, sectors: tuple[str, ...]) -> Floats:
    """Return float64[sectors, sectors]: how much each gains from each, 0 to 1, 0 from itself."""
    gains = plan.linkage.gains
    return np.array(
        [[gains.get(one, {}).get(other, 0.0) * (one != other) for other in sectors] for one in sectors],
        dtype=np.float64,
    ).reshape(len(sectors), len(sectors))


def _gains(snapshot: Snapshot, plan: PlanFile, sectors: tuple[str, ...]) -> Floats:
    """Return float64[sectors, all sectors of the district]."""
    gains = plan.linkage.gains
    every = [sector.id for sector in snapshot.district.sectors]
    return np.array(
        [[gains.get(one, {}).get(other, 0.0) * (one != other) for other in every] for one in sectors]
    )


def distances_m(candidates: Candidates, x_m: Floats, y_m: Floats) -> Floats:
    """Return float64[sites, k]: straight distances to k points, metres."""
    distances: Floats = np.hypot(candidates.x_m[:, None] - x_m, candidates.y_m[:, None] - y_m)
    return distances


def _nearest_station(snapshot: Snapshot, candidates: Candidates) -> tuple[Rows, Floats]:
    stations = snapshot.surroundings.stations
    if not stations:
        return np.full(len(candidates), -1), np.full(len(candidates), np.inf)
    points = snapshot.stations_m
    away_m = distances_m(candidates, shapely.get_x(points), shapely.get_y(points))
    return away_m.argmin(axis=1), away_m.min(axis=1)


def _stock_by_sector(snapshot: Snapshot, candidates: Candidates, reach_m: float) -> Floats:
    """Return float64[sites, all sectors]: Σ floor area × e^(-distance ÷ reach) of standing and coming towers, m².

    A tower to come counts with the sector it is meant for, unless it is itself a candidate: then it is undecided.
    """
    counted = ~np.isnan(snapshot.floor_area_m2)
    counted[candidates.rows[candidates.rows >= 0]] = False
    return _gathered(snapshot, candidates, np.where(counted, snapshot.floor_area_m2, 0), reach_m)


def _vacant_by_sector(snapshot: Snapshot, candidates: Candidates, reach_m: float) -> Floats:
    """Return float64[sites, all sectors and unknown]: vacant leasable area of standing towers by nearness, m²."""
    vacant_m2 = np.nan_to_num(snapshot.leasable_area_m2 * snapshot.vacancy_rate)
    vacant_m2 = np.where(snapshot.status == _EXISTING, vacant_m2, 0)
    return _gathered(snapshot, candidates, vacant_m2, reach_m, unknown_too=True)


def _gathered(
    snapshot: Snapshot, candidates: Candidates, area_m2: Floats, reach_m: float, *, unknown_too: bool = False
) -> Floats:
    near = np.exp(-distances_m(candidates, snapshot.x_m, snapshot.y_m) / reach_m) * area_m2
    columns = len(snapshot.district.sectors) + 1
    belongs = np.zeros((len(snapshot), columns))
    # sector -1 is unknown: the last column
    belongs[np.arange(len(snapshot)), snapshot.sector] = 1
    gathered: Floats = near @ belongs
    return gathered if unknown_too else gathered[:, :-1]


def _fit(snapshot: Snapshot, candidates: Candidates, plan: PlanFile, sectors: tuple[str, ...]) -> Floats:
    clusters = [cluster.id for cluster in snapshot.district.clusters]
    table = np.array(
        [
            [plan.strategy.fit.get(cluster, {}).get(sector, plan.strategy.unnamed) for sector in sectors]
            for cluster in [*clusters, ""]
        ]
    )
    return table[candidates.cluster]


def _tax_rates(
    snapshot: Snapshot, candidates: Candidates, of_sector: Rows, least: int
) -> tuple[Floats, tuple[tuple[TaxBasis, ...], ...], Rows]:
    """Return quartiles of tax per m² of floor area, float64[3, sites, sectors], yuan per m², and from which towers."""
    rate = snapshot.figures().tax_yuan / snapshot.floor_area_m2
    usable = (snapshot.status == _EXISTING) & np.isfinite(rate)
    clusters = range(-1, len(snapshot.district.clusters))
    rates = np.full((3, len(clusters), len(of_sector)), np.nan)
    counts = np.zeros((len(clusters), len(of_sector)), dtype=np.int64)
    basis: list[list[TaxBasis]] = []
    for place, cluster in enumerate(clusters):
        named: list[TaxBasis] = []
        for column, sector in enumerate(of_sector):
            kind, rows = _comparables(snapshot, usable, cluster, int(sector), least)
            named.append(kind)
            counts[place, column] = len(rows)
            if len(rows):
                rates[:, place, column] = np.percentile(rate[rows], _QUARTILES)
        basis.append(named)
    places = candidates.cluster.astype(np.int64) + 1
    return rates[:, places], tuple(tuple(basis[each]) for each in places), counts[places]


def _comparables(
    snapshot: Snapshot, usable: NDArray[np.bool_], cluster: int, sector: int, least: int
) -> tuple[TaxBasis, Rows]:
    """Return the towers to compare with: of the sector in the cluster, else in the district, else all sectors."""
    alike = usable & (snapshot.sector == sector)
    wider: tuple[tuple[TaxBasis, NDArray[np.bool_]], ...] = (
        ("cluster", alike & (snapshot.cluster == cluster)),
        ("district", alike),
        ("all_sectors", usable),
    )
    for kind, mask in wider:
        if mask.sum() >= least:
            return kind, np.flatnonzero(mask)
    return "none", np.empty(0, dtype=np.int64)
