from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
import shapely

from buildingmap.analysis import Difference, natural, natural_clusters
from buildingmap.filters import Filter, select
from tests.analysis.towns import CBD, XINDUXIN, around, two_centres

if TYPE_CHECKING:
    from buildingmap.analysis import NaturalClusters
    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut


def found_in(snapshot: Snapshot, flt: Filter | None = None) -> NaturalClusters:
    return natural_clusters(select(snapshot, flt or Filter()))


def test_two_dense_centres_are_two_clusters_and_what_lies_far_off_is_noise(lay_out: LayOut) -> None:
    found = found_in(two_centres(lay_out))
    assert found.reason is None
    assert {cluster.official for cluster in found.clusters} == {"cbd", "xinduxin"}
    assert all(cluster.official_share == 1 for cluster in found.clusters)
    assert {f"T-{number:03d}" for number in range(60, 64)} <= set(found.noise)


def test_every_existing_tower_is_in_one_cluster_or_noise(lay_out: LayOut) -> None:
    snapshot = two_centres(lay_out)
    found = found_in(snapshot)
    members = [tower for cluster in found.clusters for tower in cluster.members]
    assert sorted([*members, *found.noise]) == sorted(snapshot.ids)
    assert sum(crossing.towers for crossing in found.crosstab) == len(snapshot)


def test_clusters_are_numbered_from_the_largest(lay_out: LayOut) -> None:
    snapshot = lay_out([{}] * 60, shapes=[*around(CBD, 20), *around(XINDUXIN, 40)])
    first, second = found_in(snapshot).clusters
    assert (first.number, second.number) == (1, 2)
    assert len(first.members) > len(second.members)


def test_the_hull_is_a_wgs84_polygon_around_the_members_with_its_metric_area(lay_out: LayOut) -> None:
    snapshot = two_centres(lay_out)
    cluster = found_in(snapshot).clusters[0]
    hull = shapely.from_geojson(orjson.dumps(cluster.hull))
    assert hull.is_valid
    assert isinstance(hull, shapely.Polygon)
    assert hull.exterior.is_ccw
    footprints = [snapshot.geometry[snapshot.row(tower)] for tower in cluster.members]
    assert shapely.contains(hull.buffer(1e-6), footprints).all()
    assert shapely.contains(hull, shapely.Point(cluster.centre))
    # a square degree at 36° north is about 90.2 km by 110.9 km
    assert cluster.area_km2 == pytest.approx(hull.area * 90.2 * 110.9, rel=0.01)


def test_the_answer_depends_neither_on_the_order_of_the_file_nor_on_that_of_the_list(lay_out: LayOut) -> None:
    shapes = [*around(CBD, 30), *around(XINDUXIN, 30)]
    rows = [{"id": f"T-{number:03d}"} for number in range(60)]
    forwards, backwards = lay_out(rows, shapes=shapes), lay_out(rows[::-1], shapes=shapes[::-1])
    assert found_in(forwards) == found_in(backwards)
    assert found_in(forwards) == found_in(forwards, Filter(sort="-name", limit=3))


def test_members_declared_elsewhere_and_towers_left_over_are_told(lay_out: LayOut) -> None:
    shapes = [*around(CBD, 20), *around(XINDUXIN, 20), shapely.Point(120.31, 36.07)]
    clusters = ["cbd"] * 18 + ["xinduxin"] * 22 + ["cbd"]
    found = found_in(lay_out([{"cluster": cluster} for cluster in clusters], shapes=shapes))
    cbd = next(cluster for cluster in found.clusters if cluster.official == "cbd")
    assert Difference("foreign_members", cbd.number, "xinduxin", 2) in found.differences
    assert Difference("outlying", None, "cbd", 1) in found.differences


def test_a_group_where_no_cluster_is_declared_is_unnamed(lay_out: LayOut) -> None:
    shapes = [*around(CBD, 20), *around(XINDUXIN, 20)]
    found = found_in(lay_out([{"cluster": "other"}] * 20 + [{}] * 20, shapes=shapes))
    unnamed = [difference for difference in found.differences if difference.code == "unnamed"]
    assert {difference.official for difference in unnamed} == {"other", None}


def test_a_declared_cluster_of_two_centres_is_split_and_one_without_any_is_not_found(lay_out: LayOut) -> None:
    shapes = [*around(CBD, 20), *around(XINDUXIN, 20)]
    clusters = ["cbd"] * 19 + ["xinduxin"] + ["cbd"] * 20
    found = found_in(lay_out([{"cluster": cluster} for cluster in clusters], shapes=shapes))
    assert Difference("split", None, "cbd", 39) in found.differences
    assert Difference("not_found", None, "xinduxin", 1) in found.differences


def test_only_existing_towers_make_a_natural_cluster(lay_out: LayOut) -> None:
    found = found_in(two_centres(lay_out, status="planned"))
    assert (found.reason, found.parameters.towers) == ("too_few_towers", 0)


def test_a_handful_of_towers_is_too_few(lay_out: LayOut) -> None:
    found = found_in(lay_out([{}] * 9, shapes=around(CBD, 9)))
    assert found.reason == "too_few_towers"
    assert (found.clusters, found.noise, found.differences) == ((), (), ())


def test_more_towers_than_can_be_answered_in_seconds_are_declined(
    lay_out: LayOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(natural, "MOST_TOWERS", 63)
    assert found_in(two_centres(lay_out)).reason == "too_many_towers"


def test_towers_in_one_line_or_on_one_spot_have_a_hull_all_the_same(lay_out: LayOut) -> None:
    line = [shapely.Point(120.37 + 0.0002 * step, 36.09) for step in range(15)]
    spot = [shapely.Point(120.40, 36.12)] * 15
    found = found_in(lay_out([{}] * 30, shapes=[*line, *spot]))
    assert len(found.clusters) == 2
    assert all(cluster.area_km2 > 0 for cluster in found.clusters)


@pytest.mark.parametrize(("towers", "size"), [(10, 5), (36, 6), (100, 10), (10_000, 100)])
def test_the_smallest_cluster_grows_with_the_root_of_the_towers(towers: int, size: int) -> None:
    assert natural.min_cluster_size(towers) == size


def test_a_tower_far_off_its_cluster_does_not_stretch_the_hull(lay_out: LayOut) -> None:
    off = shapely.Point(120.3745, 36.078)  # 1.3 km south of the centre, nearer to it than to anything else
    found = found_in(lay_out([{}] * 61, shapes=[*around(CBD, 30), *around(XINDUXIN, 30), off]))
    assert "T-060" in found.noise
    assert all(cluster.area_km2 < 1.5 for cluster in found.clusters)
