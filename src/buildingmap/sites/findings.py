"""What speaks against a candidate parcel: towers on it, roads through it, other parcels, figures that disagree.

All areas are measured in the district's plane. A finding is a statement about the data, never a change of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, get_args
from weakref import WeakKeyDictionary

import numpy as np
import shapely

from buildingmap.model import STATUSES, Site

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from buildingmap.crs import MetricSystem
    from buildingmap.snapshot import Snapshot

    Shapes = NDArray[np.object_]

FindingKind = Literal[
    "holds_tower", "holds_coming", "is_road", "overlaps", "area_differs", "outside_cluster", "outside_district",
    "no_shape",
]  # fmt: skip
FINDING_KINDS: Final[tuple[FindingKind, ...]] = get_args(FindingKind)
OccupiedBy = Literal["road", "towers", "outside"]
# less is how precisely outlines are drawn, not what they say
LEAST_M2: Final = 1.0
LEAST_SHARE: Final = 0.05
# of a large parcel a small share is much ground all the same
MUCH_M2: Final = 1_000.0
MOST_DIFFERENCE: Final = 0.1
# a parcel that is road, built over or outside the district for more than this is not free
OCCUPIED_SHARE: Final = 0.5
_EXISTING: Final = STATUSES.index("existing")
_OTHER: Final = "other"
_NO_AREA_M2: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that speaks against the parcel ``site``.

    ``other``: the id of the tower, parcel or cluster it is about, the names of roads; empty where there is none, its
    name in ``other_zh`` and ``other_en``. ``m2``: what is meant of the parcel, in m², None where a tower is known as
    a point only; ``share``: the same as a share of the parcel's shape. For ``area_differs`` they are the area of the
    shape, and its difference from the stated one as a share of that.
    """

    site: str
    kind: FindingKind
    other: str = ""
    other_zh: str = ""
    other_en: str = ""
    m2: float | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Occupied:
    """Why a parcel is not free: ``share`` of its shape is road, under ``towers`` (ids), or outside the district."""

    by: OccupiedBy
    share: float
    towers: tuple[str, ...] = ()


# what is kept goes with its version
_kept: WeakKeyDictionary[Snapshot, tuple[Finding, ...]] = WeakKeyDictionary()


def site_findings(snapshot: Snapshot) -> tuple[Finding, ...]:
    """Return what speaks against the parcels of ``snapshot``, by parcel and kind; found once per version."""
    found = _kept.get(snapshot)
    if found is None:
        found = _kept[snapshot] = find(snapshot, snapshot.holdings.all(Site), snapshot.holdings.site_shapes)
    return found


def find(
    snapshot: Snapshot, sites: Sequence[Site], shapes: Mapping[str, shapely.Geometry]
) -> tuple[Finding, ...]:
    """Hold ``sites`` with their Polygons (WGS84, by id) against the towers and surroundings of ``snapshot``.

    The findings stand in the order of the sites, those of one site in the order of FINDING_KINDS.
    """
    placed = [site for site in sites if site.id in shapes and not shapely.is_empty(shapes[site.id])]
    look = _Look(snapshot, placed, _metric([shapes[site.id] for site in placed], snapshot.metric))
    look.towers()
    look.roads()
    look.each_other()
    look.stated_areas()
    look.clusters()
    look.district()
    there = {site.id for site in placed}
    found = look.found + [Finding(site.id, "no_shape") for site in sites if site.id not in there]
    order = {site.id: place for place, site in enumerate(sites)}
    found.sort(
        key=lambda entry: (order[entry.site], FINDING_KINDS.index(entry.kind), -(entry.m2 or 0), entry.other)
    )
    return tuple(found)


def occupied(findings: Sequence[Finding]) -> Occupied | None:
    """Return why the one parcel that ``findings`` are about is not free; None where it is.

    It is not where road, or standing towers together, take more than OCCUPIED_SHARE of it, or more lies outside the
    district; the largest share is the reason. Those of several towers add up, to the whole parcel at most.
    """
    towers = [entry for entry in findings if entry.kind == "holds_tower" and entry.share is not None]
    built = min(1.0, sum(entry.share or 0.0 for entry in towers))
    reasons = (
        Occupied("outside", _share_of("outside_district", findings)),
        Occupied("road", _share_of("is_road", findings)),
        Occupied("towers", built, tuple(entry.other for entry in towers)),
    )
    largest = max(reasons, key=lambda reason: reason.share)
    return largest if largest.share > OCCUPIED_SHARE else None


def _share_of(kind: FindingKind, findings: Sequence[Finding]) -> float:
    return max((entry.share or 0.0 for entry in findings if entry.kind == kind), default=0.0)


def _metric(shapes: Sequence[shapely.Geometry], system: MetricSystem) -> Shapes:
    placed = np.empty(len(shapes), dtype=object)
    placed[:] = list(shapes)
    if not len(placed):
        return placed
    metric = system.shapes(placed)
    # another program may have put an outline that crosses itself into the store
    return np.where(shapely.is_valid(metric), metric, shapely.make_valid(metric))


@dataclass(slots=True)
class _Look:
    snapshot: Snapshot
    sites: Sequence[Site]
    parcels: Shapes
    found: list[Finding] = field(default_factory=list)
    areas: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self.areas = np.maximum(shapely.area(self.parcels), _NO_AREA_M2)

    def _add(self, place: int, kind: FindingKind, m2: float | None = None, **about: str) -> None:
        share = None if m2 is None else min(1.0, m2 / float(self.areas[place]))
        self.found.append(Finding(self.sites[place].id, kind, m2=m2, share=share, **about))

    def _counts(self, place: int, m2: float) -> bool:
        """Whether so much of a parcel is more than how precisely outlines are drawn."""
        return m2 >= LEAST_M2 and (m2 >= MUCH_M2 or m2 / float(self.areas[place]) >= LEAST_SHARE)

    def towers(self) -> None:
        """Standing towers and towers to come whose footprint, or whose point, lies in a parcel."""
        if not len(self.sites) or not len(self.snapshot):
            return
        places, rows = self.snapshot.footprint_tree.query(self.parcels, predicate="intersects")
        footprints = self.snapshot.footprints_m[rows]
        shared_m2 = shapely.area(shapely.intersection(self.parcels[places], footprints))
        is_point = shapely.get_type_id(footprints) == 0
        for place, row, m2, point in zip(
            places.tolist(), rows.tolist(), shared_m2.tolist(), is_point.tolist(), strict=True
        ):
            if not point and m2 < LEAST_M2:
                continue
            tower = self.snapshot.buildings[row]
            kind: FindingKind = "holds_tower" if self.snapshot.status[row] == _EXISTING else "holds_coming"
            names = {"other_zh": tower.name, "other_en": tower.name_en or tower.name}
            self._add(place, kind, None if point else m2, other=tower.id, **names)

    def roads(self) -> None:
        """Parcels that streets of the basemap take a share of; a line is as wide as the district says."""
        streets = [entry for entry in self.snapshot.surroundings.basemap if entry.kind == "street"]
        if not streets or not len(self.sites):
            return
        half_m = self.snapshot.district.street_width_m / 2
        lines = _metric([street.shape for street in streets], self.snapshot.metric)
        is_area = np.isin(shapely.get_type_id(lines), (3, 6))
        roads = np.where(is_area, lines, shapely.buffer(lines, half_m, cap_style="flat"))
        places, rows = shapely.STRtree(roads).query(self.parcels, predicate="intersects")
        for place in np.unique(places).tolist():
            touched = rows[places == place]
            m2 = float(
                shapely.area(shapely.intersection(self.parcels[place], shapely.union_all(roads[touched])))
            )
            if self._counts(place, m2):
                names = "、".join(sorted({streets[row].name for row in touched.tolist()} - {""}))
                self._add(place, "is_road", m2, other=names, other_zh=names, other_en=names)

    def each_other(self) -> None:
        """Parcels that share ground."""
        if not len(self.sites):
            return
        places, others = shapely.STRtree(self.parcels).query(self.parcels, predicate="intersects")
        pairs = places != others
        places, others = places[pairs], others[pairs]
        shared_m2 = shapely.area(shapely.intersection(self.parcels[places], self.parcels[others]))
        for place, other, m2 in zip(places.tolist(), others.tolist(), shared_m2.tolist(), strict=True):
            if m2 >= LEAST_M2:
                site = self.sites[other]
                self._add(place, "overlaps", m2, other=site.id, other_zh=site.name, other_en=site.name)

    def stated_areas(self) -> None:
        """Parcels whose stated area and shape disagree."""
        for site, m2 in zip(self.sites, self.areas.tolist(), strict=True):
            if site.area_m2 is not None and abs(m2 / site.area_m2 - 1) > MOST_DIFFERENCE:
                self.found.append(Finding(site.id, "area_differs", m2=m2, share=m2 / site.area_m2 - 1))

    def clusters(self) -> None:
        """Parcels that lie outside the cluster they name, or name none of those they lie in."""
        whole: dict[str, shapely.Geometry] = {}
        for boundary, shape in zip(
            self.snapshot.surroundings.boundaries,
            _metric(
                [boundary.shape for boundary in self.snapshot.surroundings.boundaries], self.snapshot.metric
            ),
            strict=True,
        ):
            whole[boundary.cluster] = shapely.union(whole.get(boundary.cluster, shapely.Polygon()), shape)
        labels = {cluster.id: cluster for cluster in self.snapshot.district.clusters}
        for place, site in enumerate(self.sites):
            inside = {
                cluster: float(shapely.area(shapely.intersection(self.parcels[place], shape)))
                for cluster, shape in whole.items()
            }
            named = site.cluster
            if named is None or not (named in whole or (named == _OTHER and whole)):
                continue
            outside = self.areas[place] - inside[named] if named in whole else sum(inside.values())
            if not self._counts(place, float(outside)):
                continue
            most = max(inside, key=lambda cluster: inside[cluster])
            lies_in = labels[most if inside[most] > self.areas[place] / 2 else _OTHER]
            about = {"other": lies_in.id, "other_zh": lies_in.zh, "other_en": lies_in.en}
            self._add(place, "outside_cluster", float(outside), **about)

    def district(self) -> None:
        """Parcels that lie outside the district: its outline on the basemap, else its envelope."""
        outlines = [entry.shape for entry in self.snapshot.surroundings.basemap if entry.kind == "district"]
        outlines = outlines or [shapely.box(*self.snapshot.district.envelope)]
        outline = shapely.union_all(_metric(outlines, self.snapshot.metric))
        if not len(self.sites):
            return
        outside_m2 = shapely.area(shapely.difference(self.parcels, outline)).tolist()
        for place, m2 in enumerate(outside_m2):
            if self._counts(place, m2):
                self._add(place, "outside_district", m2)
