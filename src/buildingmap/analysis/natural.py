"""The clusters that density shows, found without the district's boundaries, and where the two differ."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import shapely
from scipy.spatial import KDTree

from buildingmap.analysis.measures import existing_rows
from buildingmap.analysis.shapes import PolygonGeometry, Position, area_km2, lon_lat, polygon_coordinates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.filters import Selection
    from buildingmap.snapshot import Snapshot

    Rows = NDArray[np.int64]

Reason = Literal["too_few_towers", "too_many_towers", "no_dense_group"]
DifferenceCode = Literal["foreign_members", "split", "not_found", "outlying", "unnamed"]
MOST_TOWERS: Final = 20_000
_SMALLEST_CLUSTER: Final = 5
_MIN_SAMPLES: Final = 5
_APART: Final = 5.0
# The cluster that gathers what belongs to no place; it cannot be split or missed.
_REMAINDER: Final = "other"
# the width given to a hull that would otherwise be a line or a point
_THIN_HULL_M: Final = 10.0


@dataclass(frozen=True, slots=True)
class NaturalParameters:
    """How HDBSCAN was asked: over ``towers`` points in ``crs``, distances in metres.

    ``apart_factor``: a member whose ``min_samples``-th tower is more than this many times farther away than is
    usual (the median) in its cluster counts as noise: HDBSCAN alone keeps it, and the hull reaches out to it.
    """

    towers: int
    min_cluster_size: int
    min_samples: int
    apart_factor: float
    crs: str


@dataclass(frozen=True, slots=True)
class NaturalCluster:
    """One dense group: ``number`` from 1, largest first; ``members`` are ids in order.

    ``hull``: GeoJSON geometry in WGS84 of the convex hull of the members' footprints, ``area_km2``
    in the district's plane; ``centre``: WGS84 longitude and latitude of the mean of their points. ``official``: the
    declared cluster that most members belong to (None: to none), ``official_share`` of them, 0 to 1.
    """

    number: int
    members: tuple[str, ...]
    hull: PolygonGeometry
    area_km2: float
    centre: Position
    official: str | None
    official_share: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """The ``towers`` in natural cluster ``number`` (None: noise) that are declared in ``official``."""

    number: int | None
    official: str | None
    towers: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which natural and official clusters differ; ``towers`` are concerned.

    ``foreign_members``: towers of natural cluster ``number`` declared in ``official``, which is not its main
    one; ``split``: ``official`` is the main cluster of several natural ones; ``not_found``: of none, though
    it has towers; ``outlying``: towers of ``official`` in no natural cluster; ``unnamed``: natural cluster
    ``number`` lies mainly in no cluster that has a place of its own.
    """

    code: DifferenceCode
    number: int | None
    official: str | None
    towers: int


@dataclass(frozen=True, slots=True)
class NaturalClusters:
    """The natural clusters of a selection's existing towers; ``reason`` says why there are none.

    ``noise``: ids of towers in no dense group; ``crosstab`` counts towers by natural and by official cluster.
    """

    parameters: NaturalParameters
    reason: Reason | None
    clusters: tuple[NaturalCluster, ...] = ()
    noise: tuple[str, ...] = ()
    crosstab: tuple[Crossing, ...] = ()
    differences: tuple[Difference, ...] = ()


def min_cluster_size(towers: int) -> int:
    """Return how many towers make a cluster: the square root of their number, and at least 5.

    A fixed size shatters a large layer into hundreds of blocks, a fixed share misses all but the largest
    centre; the root gives groups of ten among a hundred towers and of a hundred among ten thousand.
    """
    return max(_SMALLEST_CLUSTER, math.isqrt(towers))


def natural_clusters(selection: Selection) -> NaturalClusters:
    """Find the dense groups of existing towers by HDBSCAN (excess of mass) in the district's plane.

    Source: Campello, Moulavi and Sander 2013, as scikit-learn has it; deterministic. More than 20,000 towers
    are declined.
    """
    # by id, so that neither the order of the file nor that of the list matters
    rows = existing_rows(selection)
    rows = rows[np.argsort(selection.snapshot.id_rank[rows])]
    size = min_cluster_size(len(rows))
    system = selection.snapshot.metric.definition
    parameters = NaturalParameters(len(rows), size, _MIN_SAMPLES, _APART, system)
    if len(rows) > MOST_TOWERS:
        return NaturalClusters(parameters, "too_many_towers")
    if len(rows) < 2 * size:
        return NaturalClusters(parameters, "too_few_towers")
    labels = _labels(selection.snapshot, rows, size)
    numbers = _numbered(labels)
    clusters = tuple(
        _cluster(selection.snapshot, rows[numbers == number], number)
        for number in range(1, numbers.max() + 1)
    )
    crosstab = _crosstab(selection.snapshot, rows, numbers)
    return NaturalClusters(
        parameters,
        None if clusters else "no_dense_group",
        clusters,
        tuple(selection.snapshot.ids[row] for row in rows[numbers == 0].tolist()),
        crosstab,
        _differences(clusters, crosstab) if clusters else (),
    )


def _labels(snapshot: Snapshot, rows: Rows, size: int) -> NDArray[np.int64]:
    from sklearn.cluster import HDBSCAN  # noqa: PLC0415 - a second to import, and only this needs it

    # from the middle of the towers, so that no digits are lost to the length of a northing
    points = np.column_stack((snapshot.x_m[rows], snapshot.y_m[rows]))
    points -= points.mean(axis=0)
    model = HDBSCAN(min_cluster_size=size, min_samples=_MIN_SAMPLES, copy=True)
    labels: NDArray[np.int64] = model.fit(points).labels_
    reach = KDTree(points).query(points, k=[_MIN_SAMPLES])[0][:, 0]
    for label in range(labels.max() + 1):
        members = labels == label
        usual = np.median(reach[members])
        labels[members & (reach > _APART * usual) & (usual > 0)] = -1
    return labels


def _numbered(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give clusters numbers from 1, largest first, then by the first of their ids; noise is 0."""
    found, firsts, sizes = np.unique(labels, return_index=True, return_counts=True)
    order = [place for place in np.lexsort((firsts, -sizes)).tolist() if found[place] >= 0]
    numbers = np.zeros(len(labels), dtype=np.int64)
    for number, place in enumerate(order, start=1):
        numbers[labels == found[place]] = number
    return numbers


def _cluster(snapshot: Snapshot, rows: Rows, number: int) -> NaturalCluster:
    hull = shapely.convex_hull(shapely.GeometryCollection(list(snapshot.footprints_m[rows])))
    if not isinstance(hull, shapely.Polygon):
        hull = shapely.buffer(hull, _THIN_HULL_M / 2)
    officials = [snapshot.buildings[row].cluster for row in rows.tolist()]
    order = [cluster.id for cluster in snapshot.district.clusters]
    main = max([*order, None], key=officials.count)  # the first of equals
    return NaturalCluster(
        number=number,
        members=tuple(snapshot.ids[row] for row in rows.tolist()),
        hull=PolygonGeometry(polygon_coordinates(hull, snapshot.metric)),
        area_km2=area_km2(hull),
        centre=lon_lat(float(snapshot.x_m[rows].mean()), float(snapshot.y_m[rows].mean()), snapshot.metric),
        official=main,
        official_share=officials.count(main) / len(officials),
    )


def _crosstab(snapshot: Snapshot, rows: Rows, numbers: NDArray[np.int64]) -> tuple[Crossing, ...]:
    officials: list[str | None] = [*(cluster.id for cluster in snapshot.district.clusters), None]
    codes = snapshot.cluster[rows] % len(officials)
    pairs, counts = np.unique(np.column_stack((numbers, codes)), axis=0, return_counts=True)
    return tuple(
        Crossing(number or None, officials[code], count)
        for (number, code), count in zip(pairs.tolist(), counts.tolist(), strict=True)
    )


def _differences(
    clusters: tuple[NaturalCluster, ...], crosstab: tuple[Crossing, ...]
) -> tuple[Difference, ...]:
    main = {cluster.number: cluster.official for cluster in clusters}
    differences = [
        Difference("unnamed", cluster.number, cluster.official, len(cluster.members))
        for cluster in clusters
        if cluster.official in {None, _REMAINDER}
    ]
    for crossing in crosstab:
        if crossing.number is None:
            differences.append(Difference("outlying", None, crossing.official, crossing.towers))
        elif crossing.official != main[crossing.number]:
            differences.append(
                Difference("foreign_members", crossing.number, crossing.official, crossing.towers)
            )
    return (*differences, *_split_or_missed(list(main.values()), crosstab))


def _split_or_missed(main: list[str | None], crosstab: tuple[Crossing, ...]) -> list[Difference]:
    towers: dict[str, int] = {}
    for crossing in crosstab:
        if crossing.official not in {None, _REMAINDER}:
            assert crossing.official is not None
            towers[crossing.official] = towers.get(crossing.official, 0) + crossing.towers
    return [
        Difference("split" if main.count(official) else "not_found", None, official, count)
        for official, count in towers.items()
        if main.count(official) != 1
    ]
