"""The candidate parcels as a table: what is stated, what is measured, what can be built, what is in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildingmap.model import Site
from buildingmap.placement.candidates import buildable_m2
from buildingmap.placement.plan_file import default_plan
from buildingmap.sites import areas_m2, occupied, site_findings

if TYPE_CHECKING:
    import shapely

    from buildingmap.placement.candidates import AreaBasis
    from buildingmap.placement.plan_file import Reference
    from buildingmap.sites import Finding, Occupied
    from buildingmap.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Parcel:
    """One candidate parcel: its record, its Polygon (WGS84) and that one's area in m², None without a shape.

    ``buildable_m2``: gross floor area that it can take, None where neither an area nor a shape is known;
    ``area_basis``: what that is computed from. ``occupied``: why a plan leaves it out, unless told otherwise.
    """

    site: Site
    shape: shapely.Geometry | None
    shape_m2: float | None
    buildable_m2: float | None
    area_basis: AreaBasis
    findings: tuple[Finding, ...]
    occupied: Occupied | None


def parcels(snapshot: Snapshot, reference: Reference | None = None) -> tuple[Parcel, ...]:
    """Return every candidate parcel of ``snapshot``, by id; without ``reference`` as the default plan computes."""
    terms = default_plan().reference if reference is None else reference
    shapes = snapshot.holdings.site_shapes
    areas = areas_m2(shapes, snapshot.metric)
    findings: dict[str, list[Finding]] = {}
    for finding in site_findings(snapshot):
        findings.setdefault(finding.site, []).append(finding)
    listed = []
    for site in snapshot.holdings.all(Site):
        shape_m2 = areas.get(site.id)
        about = tuple(findings.get(site.id, ()))
        built: tuple[float | None, AreaBasis] = (None, "unknown")
        if site.area_m2 is not None or shape_m2 is not None:
            built = buildable_m2(site, shape_m2 or 0.0, terms)
        listed.append(Parcel(site, shapes.get(site.id), shape_m2, *built, about, occupied(about)))
    return tuple(listed)
