from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import orjson
import pytest
import shapely

from buildingmap.analysis import ClusterFacts, official_clusters
from buildingmap.filters import Filter, select
from buildingmap.model import Boundary, Surroundings
from tests.rows import MARK

if TYPE_CHECKING:
    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut, Row


def facts(snapshot: Snapshot, cluster: str, flt: Filter | None = None, **options: str) -> ClusterFacts:
    found = official_clusters(select(snapshot, flt or Filter()), **options)  # type: ignore[arg-type]
    return next(entry for entry in found if entry.cluster == cluster)


def row(cluster: str | None, sector: str | None, tax: float | None = None, **more: object) -> Row:
    return {"cluster": cluster, "sector": sector, "tax_yuan": tax, "tax_year": 2023} | more


@pytest.fixture(scope="module")
def district_of_eight(lay_out: LayOut) -> Snapshot:
    return lay_out(
        [
            row("cbd", "finance", MARK, floor_area_m2=20_000, leasable_area_m2=10_000, vacancy_rate=0.3),
            row("cbd", "finance", MARK - 1, floor_area_m2=20_000, leasable_area_m2=20_000, vacancy_rate=0),
            row("cbd", "digital", 50_000_000, floor_area_m2=10_000),
            row("cbd", None, 50_000_001),
            row("cbd", "trade", MARK, status="planned"),
            row("xinduxin", "finance", 30_000_000),
            row("xinduxin", "digital", 10_000_000),
            row(None, "digital", 10_000_000),
        ]
    )


def test_a_cluster_counts_the_towers_declared_in_it(district_of_eight: Snapshot) -> None:
    cbd = facts(district_of_eight, "cbd")
    assert (cbd.towers, cbd.existing, cbd.past_mark, cbd.tax_yuan) == (5, 4, 1, 300_000_000)


def test_a_cluster_without_towers_is_still_listed_and_knows_nothing(district_of_eight: Snapshot) -> None:
    other = facts(district_of_eight, "other")
    assert (other.towers, other.tax_yuan, other.tax_per_m2, other.vacancy_rate) == (0, None, None, None)
    assert (other.sectors, other.location_quotients) == ((), ())
    assert (other.hhi_by_towers, other.hhi_by_towers_high) == (None, None)


def test_tax_per_area_is_by_the_denominator_that_is_named(district_of_eight: Snapshot) -> None:
    gross = facts(district_of_eight, "cbd")
    leasable = facts(district_of_eight, "cbd", denominator="leasable_area_m2")
    assert (gross.tax_per_m2_denominator, leasable.tax_per_m2_denominator) == (
        "floor_area_m2",
        "leasable_area_m2",
    )
    assert gross.tax_per_m2 == (MARK + MARK - 1 + 50_000_000) / 50_000
    assert leasable.tax_per_m2 == (MARK + MARK - 1) / 30_000
    assert gross.vacancy_rate == pytest.approx(0.1)


def test_location_quotients_are_against_all_existing_towers_of_the_layer(district_of_eight: Snapshot) -> None:
    finance, digital = facts(district_of_eight, "cbd").location_quotients
    assert (finance.sector, digital.sector) == ("finance", "digital")
    # two of the cluster's three towers with a sector, three of the layer's six
    assert finance.by_towers == pytest.approx((2 / 3) / (3 / 6))
    assert digital.by_towers == pytest.approx((1 / 3) / (3 / 6))
    here, layer = 2 * MARK - 1, 2 * MARK - 1 + 30_000_000
    assert finance.by_tax == pytest.approx((here / (here + 50e6)) / (layer / (layer + 70e6)))
    assert facts(district_of_eight, "cbd").reference_area == "existing_towers_of_layer"


def test_the_reference_area_does_not_shrink_with_the_filter(district_of_eight: Snapshot) -> None:
    whole = facts(district_of_eight, "cbd")
    only_cbd = facts(district_of_eight, "cbd", Filter(cluster=("cbd",)))
    assert only_cbd.location_quotients == whole.location_quotients


def test_concentration_is_over_known_sectors_and_high_above_1800(district_of_eight: Snapshot) -> None:
    cbd = facts(district_of_eight, "cbd")
    assert cbd.hhi_by_towers == pytest.approx(100 / 3 * 100 / 3 + 200 / 3 * 200 / 3)
    assert cbd.hhi_by_towers_high is True
    assert cbd.hhi_by_tax == pytest.approx(6_800, abs=1)


def test_six_even_sectors_are_not_concentrated(lay_out: LayOut) -> None:
    sectors = ("finance", "digital", "trade", "shipping", "talent", "headquarters")
    cbd = facts(lay_out([row("cbd", sector) for sector in sectors]), "cbd")
    assert cbd.hhi_by_towers == pytest.approx(10_000 / 6)
    assert cbd.hhi_by_towers_high is False
    assert (cbd.hhi_by_tax, cbd.hhi_by_tax_high) == (None, None)


def test_the_sector_mix_of_a_cluster_is_of_its_existing_towers(district_of_eight: Snapshot) -> None:
    mix = {share.sector: share.share_of_towers for share in facts(district_of_eight, "cbd").sectors}
    assert mix == {"finance": 0.5, "digital": 0.25, None: 0.25}


def bounded(*shapes: shapely.Polygon) -> Surroundings:
    return Surroundings(
        boundaries=tuple(
            Boundary("cbd", shape, "四至围合", "示意", date(2024, 1, 31), schematic=True) for shape in shapes
        )
    )


def test_towers_declared_inside_but_lying_outside_are_named_and_the_other_way_round(lay_out: LayOut) -> None:
    # the first three places lie west of 120.3718
    west_half = shapely.box(120.369, 36.085, 120.3718, 36.087)
    rows = [row("cbd", None), row("xinduxin", None), row(None, None), row("cbd", None), row("other", None)]
    boundary = facts(lay_out(rows, surroundings=bounded(west_half)), "cbd").boundary
    assert boundary is not None
    assert boundary.outside == ("T-003",)
    assert boundary.inside_not_declared == ("T-001", "T-002")
    assert (boundary.rule, boundary.source, boundary.as_of) == ("四至围合", "示意", "2024-01-31")
    assert boundary.schematic is True


def test_the_area_of_a_boundary_is_metric(lay_out: LayOut) -> None:
    # at 36° north a hundredth of a degree is about 902 m east and 1,110 m north
    snapshot = lay_out([], surroundings=bounded(shapely.box(120.37, 36.08, 120.38, 36.09)))
    boundary = facts(snapshot, "cbd").boundary
    assert boundary is not None
    assert boundary.area_km2 == pytest.approx(1.0, abs=0.01)
    assert facts(snapshot, "xinduxin").boundary is None


def test_two_features_of_one_cluster_are_one_boundary(lay_out: LayOut) -> None:
    halves = shapely.box(120.37, 36.08, 120.38, 36.09), shapely.box(120.375, 36.08, 120.385, 36.09)
    boundary = facts(lay_out([row("cbd", None)], surroundings=bounded(*halves)), "cbd").boundary
    assert boundary is not None
    assert boundary.area_km2 == pytest.approx(1.5, abs=0.02)
    assert boundary.outside == ()


def test_a_tower_on_the_very_edge_is_inside(lay_out: LayOut) -> None:
    edge = shapely.box(120.37, 36.08, 120.38, 36.09)
    snapshot = lay_out([row("cbd", None)], shapes=[shapely.Point(120.37, 36.085)], surroundings=bounded(edge))
    boundary = facts(snapshot, "cbd").boundary
    assert boundary is not None
    assert boundary.outside == ()


def test_cluster_facts_are_ready_for_json(district_of_eight: Snapshot) -> None:
    plain = orjson.loads(orjson.dumps(official_clusters(select(district_of_eight, Filter()))))
    assert [entry["cluster"] for entry in plain] == ["cbd", "xinduxin", "other"]
