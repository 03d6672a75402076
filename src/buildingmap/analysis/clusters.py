"""The district's own clusters (片区): what stands in each, and where boundary and declaration disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from buildingmap.analysis.measures import (
    EXISTING,
    HIGH_HHI,
    Denominator,
    existing_rows,
    herfindahl,
    known_sum,
    location_quotient,
    ratio_of_known,
    weighted_mean,
)
from buildingmap.analysis.shapes import area_km2
from buildingmap.analysis.totals import SectorShare, shares_by_sector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.filters import Selection
    from buildingmap.model import Boundary
    from buildingmap.snapshot import Figures, Snapshot

    Rows = NDArray[np.int64]

REFERENCE_AREA: Final = "existing_towers_of_layer"


@dataclass(frozen=True, slots=True)
class SectorQuotient:
    """A sector's location quotients (区位商) in one cluster, by number of towers and by tax."""

    sector: str
    by_towers: float | None
    by_tax: float | None


@dataclass(frozen=True, slots=True)
class BoundaryFacts:
    """What is known of an official boundary; ``area_km2`` in the district's plane. A schematic one is not surveyed.

    ``outside``: ids of towers declared in the cluster whose representative point lies outside of the
    boundary; ``inside_not_declared``: ids of towers inside of it that are declared elsewhere or nowhere. Of
    the selection only.
    """

    area_km2: float
    rule: str
    source: str
    as_of: str | None
    schematic: bool
    outside: tuple[str, ...]
    inside_not_declared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """One declared cluster, within a selection; None is unknown.

    ``towers`` of any status; all that follows is of its ``existing`` towers. ``tax_yuan`` per year;
    ``tax_per_m2`` (单位面积税收): yuan per m² per year by ``tax_per_m2_denominator``; ``vacancy_rate``
    (空置率): 0 to 1, weighted by leasable area; ``sectors``: shares by leading sector; ``location_quotients``
    against ``reference_area``, all existing towers of the layer; ``hhi_by_towers``, ``hhi_by_tax``:
    concentration over the known leading sectors, 0 to 10,000, ``high`` above 1,800.
    """

    cluster: str
    towers: int
    existing: int
    past_mark: int
    tax_yuan: float | None
    tax_per_m2: float | None
    tax_per_m2_denominator: Denominator
    vacancy_rate: float | None
    sectors: tuple[SectorShare, ...]
    location_quotients: tuple[SectorQuotient, ...]
    reference_area: str
    hhi_by_towers: float | None
    hhi_by_towers_high: bool | None
    hhi_by_tax: float | None
    hhi_by_tax_high: bool | None
    boundary: BoundaryFacts | None


@dataclass(frozen=True, slots=True)
class _BySector:
    """Towers and their known taxes (yuan) by leading sector, float64[sectors]; unknown sectors left out."""

    towers: NDArray[np.float64]
    tax_yuan: NDArray[np.float64]


def official_clusters(
    selection: Selection, *, denominator: Denominator = "floor_area_m2"
) -> tuple[ClusterFacts, ...]:
    """Describe every cluster of the district, in its order, by the selected towers declared in it."""
    snapshot = selection.snapshot
    layer = _by_sector(snapshot, selection.figures, np.flatnonzero(snapshot.status == EXISTING))
    rows = np.sort(selection.rows)
    standing = existing_rows(selection)
    return tuple(
        _facts(
            selection,
            cluster.id,
            declared=rows[snapshot.cluster[rows] == code],
            existing=standing[snapshot.cluster[standing] == code],
            layer=layer,
            boundaries=[entry for entry in snapshot.surroundings.boundaries if entry.cluster == cluster.id],
            denominator=denominator,
        )
        for code, cluster in enumerate(snapshot.district.clusters)
    )


def _facts(
    selection: Selection,
    cluster: str,
    *,
    declared: Rows,
    existing: Rows,
    layer: _BySector,
    boundaries: list[Boundary],
    denominator: Denominator,
) -> ClusterFacts:
    snapshot, figures = selection.snapshot, selection.figures
    tax = figures.tax_yuan[existing]
    area = snapshot.floor_area_m2 if denominator == "floor_area_m2" else snapshot.leasable_area_m2
    here = _by_sector(snapshot, figures, existing)
    hhi_by_towers, hhi_by_tax = herfindahl(here.towers), herfindahl(here.tax_yuan)
    return ClusterFacts(
        cluster=cluster,
        towers=len(declared),
        existing=len(existing),
        past_mark=int(np.count_nonzero(tax >= snapshot.district.mark_yuan)),
        tax_yuan=known_sum(tax),
        tax_per_m2=ratio_of_known(tax, area[existing]),
        tax_per_m2_denominator=denominator,
        vacancy_rate=weighted_mean(snapshot.vacancy_rate[existing], snapshot.leasable_area_m2[existing]),
        sectors=shares_by_sector(snapshot, figures, existing),
        location_quotients=_quotients(snapshot, here, layer),
        reference_area=REFERENCE_AREA,
        hhi_by_towers=hhi_by_towers,
        hhi_by_towers_high=None if hhi_by_towers is None else hhi_by_towers > HIGH_HHI,
        hhi_by_tax=hhi_by_tax,
        hhi_by_tax_high=None if hhi_by_tax is None else hhi_by_tax > HIGH_HHI,
        boundary=_boundary(selection, boundaries, declared) if boundaries else None,
    )


def _by_sector(snapshot: Snapshot, figures: Figures, rows: Rows) -> _BySector:
    rows = rows[snapshot.sector[rows] >= 0]
    codes, kinds = snapshot.sector[rows], len(snapshot.district.sectors)
    return _BySector(
        towers=np.bincount(codes, minlength=kinds).astype(np.float64),
        tax_yuan=np.bincount(codes, weights=np.nan_to_num(figures.tax_yuan[rows]), minlength=kinds).astype(
            np.float64
        ),
    )


def _quotients(snapshot: Snapshot, here: _BySector, layer: _BySector) -> tuple[SectorQuotient, ...]:
    def quotient(part: NDArray[np.float64], reference: NDArray[np.float64], code: int) -> float | None:
        return location_quotient(*map(float, (part[code], part.sum(), reference[code], reference.sum())))

    return tuple(
        SectorQuotient(
            sector=sector.id,
            by_towers=quotient(here.towers, layer.towers, code),
            by_tax=quotient(here.tax_yuan, layer.tax_yuan, code),
        )
        for code, sector in enumerate(snapshot.district.sectors)
        if here.towers[code]
    )


def _boundary(selection: Selection, boundaries: list[Boundary], declared: Rows) -> BoundaryFacts:
    """Describe a cluster's boundary; several features of one cluster are one boundary, told by the first."""
    snapshot, rows = selection.snapshot, np.sort(selection.rows)
    shape = shapely.union_all([boundary.shape for boundary in boundaries])
    inside = rows[shapely.intersects_xy(shape, snapshot.lon[rows], snapshot.lat[rows])]
    first = boundaries[0]
    return BoundaryFacts(
        area_km2=area_km2(snapshot.metric.shape(shape)),
        rule=first.rule,
        source=first.source,
        as_of=None if first.as_of is None else first.as_of.isoformat(),
        schematic=any(boundary.schematic for boundary in boundaries),
        outside=_ids(snapshot, np.setdiff1d(declared, inside)),
        inside_not_declared=_ids(snapshot, np.setdiff1d(inside, declared)),
    )


def _ids(snapshot: Snapshot, rows: Rows) -> tuple[str, ...]:
    return tuple(sorted(snapshot.ids[row] for row in rows.tolist()))
