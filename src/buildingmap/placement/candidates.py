"""Where new towers can go: the candidate parcels of the registry, or the towers to come."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import shapely

from buildingmap.model import STATUSES, Site
from buildingmap.sites import site_findings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.placement.plan_file import Candidates as Kind
    from buildingmap.placement.plan_file import Reference
    from buildingmap.sites import Finding
    from buildingmap.snapshot import Snapshot

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int16]

AreaBasis = Literal["ratio", "height", "assumed_ratio", "registry", "unknown"]
_EXISTING: Final = STATUSES.index("existing")


@dataclass(frozen=True, eq=False)
class Candidates:
    """Places for new towers, in columns of length n.

    ``x_m``, ``y_m``: a point inside each, float64[n], metres. ``cluster``: int16[n], position in
    ``district.clusters``, -1 unknown. ``floor_area_m2``: gross floor area that can be built, float64[n];
    ``area_basis``: what it was computed from. ``earliest_year``: None where unknown. ``rule``: what the registry
    says: open, fixed or forbidden. ``rows``: the tower of the registry that each is, -1 for a parcel.
    ``findings``: what speaks against each parcel, empty for towers to come.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    x_m: Floats
    y_m: Floats
    cluster: Codes
    floor_area_m2: Floats
    area_basis: tuple[AreaBasis, ...]
    earliest_year: tuple[int | None, ...]
    rule: tuple[str, ...]
    rows: NDArray[np.int64]
    findings: tuple[tuple[Finding, ...], ...] = ()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.ids)


def candidates(snapshot: Snapshot, kind: Kind, reference: Reference) -> Candidates:
    """Return the candidate parcels of ``snapshot``, or its towers to come, in the order of their ids."""
    return _parcels(snapshot, reference) if kind == "sites" else _coming(snapshot)


def candidate_ids(snapshot: Snapshot, kind: Kind) -> tuple[str, ...]:
    """Return the ids of the places for new towers, in their order, without computing anything about them."""
    if kind == "coming":
        return tuple(tower.id for tower in snapshot.buildings if tower.status != "existing")
    shapes = snapshot.holdings.site_shapes
    return tuple(site.id for site in snapshot.holdings.all(Site) if site.id in shapes)


def site_shapes(snapshot: Snapshot) -> dict[str, shapely.Geometry]:
    """Return the shapes of a snapshot's parcels and of its towers to come by their ids, WGS84."""
    coming = np.flatnonzero(snapshot.status != _EXISTING).tolist()
    return {snapshot.ids[row]: snapshot.geometry[row] for row in coming} | dict(snapshot.holdings.site_shapes)


def buildable_m2(site: Site, shape_m2: float, reference: Reference) -> tuple[float, AreaBasis]:
    """Return the gross floor area in m² that a parcel can take, and what it is computed from.

    Parcel area × floor-area ratio (容积率); where the height limit leaves fewer storeys than that needs, parcel area
    × site coverage (建筑密度) × storeys, of the storey height that the plan assumes. Without a ratio the plan's own
    stands in. ``shape_m2``: the area of its polygon, for a parcel that states none.
    """
    area_m2 = site.area_m2 or shape_m2
    basis: AreaBasis = "assumed_ratio" if site.floor_area_ratio is None else "ratio"
    by_ratio = area_m2 * (site.floor_area_ratio or reference.floor_area_ratio)
    if site.height_limit_m is None:
        return by_ratio, basis
    storeys = math.floor(site.height_limit_m / reference.storey_height_m)
    by_height = area_m2 * reference.site_coverage * storeys
    return (by_height, "height") if by_height < by_ratio else (by_ratio, basis)


def _parcels(snapshot: Snapshot, reference: Reference) -> Candidates:
    shapes = snapshot.holdings.site_shapes
    sites = [site for site in snapshot.holdings.all(Site) if site.id in shapes]
    placed = np.array([shapes[site.id] for site in sites], dtype=object)
    in_metres = snapshot.metric.shapes(placed)
    inside = shapely.point_on_surface(in_metres)
    built = [
        buildable_m2(site, float(shape_m2), reference)
        for site, shape_m2 in zip(sites, shapely.area(in_metres), strict=True)
    ]
    clusters = {cluster.id: code for code, cluster in enumerate(snapshot.district.clusters)}
    findings: dict[str, list[Finding]] = {}
    for finding in site_findings(snapshot):
        findings.setdefault(finding.site, []).append(finding)
    return Candidates(
        ids=tuple(site.id for site in sites),
        names=tuple(site.name for site in sites),
        x_m=shapely.get_x(inside),
        y_m=shapely.get_y(inside),
        cluster=np.array([clusters.get(site.cluster or "", -1) for site in sites], dtype=np.int16),
        floor_area_m2=np.array([area for area, _ in built], dtype=np.float64),
        area_basis=tuple(basis for _, basis in built),
        earliest_year=tuple(site.earliest_year for site in sites),
        rule=tuple(site.rule for site in sites),
        rows=np.full(len(sites), -1, dtype=np.int64),
        findings=tuple(tuple(findings.get(site.id, ())) for site in sites),
    )


def _coming(snapshot: Snapshot) -> Candidates:
    rows = np.flatnonzero(snapshot.status != _EXISTING)
    rows = rows[np.argsort(snapshot.id_rank[rows])]
    towers = [snapshot.buildings[row] for row in rows]
    area_m2 = snapshot.floor_area_m2[rows]
    return Candidates(
        ids=tuple(tower.id for tower in towers),
        names=tuple(tower.name or tower.id for tower in towers),
        x_m=snapshot.x_m[rows],
        y_m=snapshot.y_m[rows],
        cluster=snapshot.cluster[rows],
        floor_area_m2=np.nan_to_num(area_m2),
        area_basis=tuple("unknown" if math.isnan(area) else "registry" for area in area_m2),
        earliest_year=tuple(tower.completion_year for tower in towers),
        rule=("fixed",) * len(rows),
        rows=rows.astype(np.int64),
    )
