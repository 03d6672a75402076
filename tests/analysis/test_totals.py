from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest
from hypothesis import given

from buildingmap.analysis import bands_by_cluster, sector_mix, totals
from buildingmap.analysis.measures import herfindahl, location_quotient
from buildingmap.filters import Filter, select
from tests.rows import MARK, figure_in_force, layers

if TYPE_CHECKING:
    from buildingmap.model import Building
    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut, Row


def everything(snapshot: Snapshot, **criteria: Any) -> Any:
    return select(snapshot, Filter(**criteria))


def dated(*taxes: float | None) -> list[Row]:
    return [{"tax_yuan": tax, "tax_year": 2023} for tax in taxes]


def test_a_tower_of_exactly_the_mark_is_past_it_and_one_yuan_less_is_not(lay_out: LayOut) -> None:
    counted = totals(everything(lay_out(dated(MARK, MARK - 1, MARK + 1, None))))
    assert (counted.towers, counted.with_tax, counted.past_mark) == (4, 3, 2)


def test_only_towers_that_stand_are_counted_past_the_mark(lay_out: LayOut) -> None:
    rows = [{"tax_yuan": MARK, "tax_year": 2023, "status": status} for status in ("planned", "existing")]
    counted = totals(everything(lay_out([*rows, {"status": "under_construction"}])))
    assert (counted.existing, counted.under_construction, counted.planned) == (1, 1, 1)
    assert counted.past_mark == 1


def test_the_unknown_is_not_zero(lay_out: LayOut) -> None:
    counted = totals(everything(lay_out([{}, {}])))
    assert counted.tax_yuan is None
    assert counted.district_revenue_yuan is None
    assert counted.floor_area_m2 is None
    assert counted.leasable_area_m2 is None
    assert counted.vacancy_rate is None
    assert counted.tax_per_m2 is None
    assert counted.tax_year == ""


def test_the_vacancy_rate_is_weighted_by_leasable_area_and_by_nothing_unknown(lay_out: LayOut) -> None:
    rows: list[Row] = [
        {"vacancy_rate": 0.5, "leasable_area_m2": 10_000},
        {"vacancy_rate": 0.1, "leasable_area_m2": 30_000},
        {"vacancy_rate": 0.9},
        {"leasable_area_m2": 90_000},
        {"vacancy_rate": 1.0, "leasable_area_m2": 50_000, "status": "planned"},
    ]
    counted = totals(everything(lay_out(rows)))
    assert counted.vacancy_rate == pytest.approx(0.2)
    assert counted.leasable_area_m2 == 180_000


def test_tax_per_area_takes_towers_that_have_both_and_names_its_denominator(lay_out: LayOut) -> None:
    rows: list[Row] = [
        {"tax_yuan": 40_000_000, "tax_year": 2023, "floor_area_m2": 10_000},
        {"tax_yuan": 60_000_000, "tax_year": 2023, "floor_area_m2": 40_000},
        {"tax_yuan": 900_000_000, "tax_year": 2023},
        {"floor_area_m2": 70_000},
    ]
    counted = totals(everything(lay_out(rows)))
    assert counted.tax_per_m2 == 2_000
    assert counted.tax_per_m2_denominator == "floor_area_m2"
    assert counted.tax_yuan == 1_000_000_000


def test_a_rate_over_no_area_is_unknown(lay_out: LayOut) -> None:
    counted = totals(everything(lay_out([{"vacancy_rate": 0.5, "leasable_area_m2": 0}])))
    assert counted.vacancy_rate is None


def test_totals_are_of_the_year_that_is_asked_for(lay_out: LayOut) -> None:
    history = [{"year": 2022, "tax_yuan": MARK}, {"year": 2023, "tax_yuan": 1}]
    snapshot = lay_out([{"tax_history": history}, {"tax_yuan": 5, "tax_year": 2023}])
    assert totals(everything(snapshot, year=2022)).past_mark == 1
    assert totals(everything(snapshot, year=2022)).tax_year == "2022"
    assert totals(everything(snapshot)).tax_year == "2023"
    assert totals(everything(snapshot)).tax_yuan == 6


@given(rows=layers)
def test_totals_agree_with_adding_tower_by_tower(lay_out: LayOut, rows: list[Row]) -> None:
    snapshot = lay_out(rows)
    counted = totals(everything(snapshot))
    towers = snapshot.buildings

    def of(building: Building, name: str) -> float | None:
        if "yuan" in name:
            return figure_in_force(building, name, snapshot.year_in_force)
        value: float | None = getattr(building, name)
        return value

    def added(name: str) -> float | None:
        known = [value for b in towers if (value := of(b, name)) is not None]
        return math.fsum(known) if known else None

    assert counted.tax_yuan == added("tax_yuan")
    assert counted.floor_area_m2 == added("floor_area_m2")
    assert counted.leasable_area_m2 == added("leasable_area_m2")
    assert counted.towers == counted.existing + counted.under_construction + counted.planned == len(towers)
    assert counted.past_mark == sum(
        stands(b) and (tax := of(b, "tax_yuan")) is not None and tax >= MARK for b in towers
    )
    assert orjson.loads(orjson.dumps(counted))["towers"] == len(towers)


def stands(building: Building) -> bool:
    return building.status == "existing"


@given(rows=layers)
def test_the_band_table_holds_every_existing_tower_once(lay_out: LayOut, rows: list[Row]) -> None:
    snapshot = lay_out(rows)
    table = bands_by_cluster(everything(snapshot))
    floors = [band.min_yuan for band in snapshot.district.bands]
    for cluster, counts, unknown in zip(table.clusters, table.counts, table.unknown_tax, strict=True):
        members = [b for b in snapshot.buildings if b.cluster == cluster and stands(b)]
        assert sum(counts) + unknown == len(members)
        taxes = [figure_in_force(b, "tax_yuan", snapshot.year_in_force) for b in members]
        assert unknown == sum(tax is None for tax in taxes)
        for band, count in enumerate(counts):
            high = [*floors, math.inf][band + 1]
            assert count == sum(floors[band] <= tax < high for tax in taxes if tax is not None)
    assert sum(map(sum, table.counts)) + sum(table.unknown_tax) == sum(map(stands, snapshot.buildings))


def test_clusters_stand_in_the_district_s_order_and_no_cluster_only_where_there_is_such_a_tower(
    lay_out: LayOut,
) -> None:
    assert bands_by_cluster(everything(lay_out([{"cluster": "other"}]))).clusters == (
        "cbd",
        "xinduxin",
        "other",
    )
    assert bands_by_cluster(everything(lay_out([{}]))).clusters == ("cbd", "xinduxin", "other", None)
    assert bands_by_cluster(everything(lay_out([]))).counts == ((0,) * 6,) * 3


def test_sectors_are_shared_out_by_towers_tax_and_area(lay_out: LayOut) -> None:
    rows: list[Row] = [
        {"sector": "digital", "tax_yuan": 30, "tax_year": 2023, "floor_area_m2": 100},
        {"sector": "finance", "tax_yuan": 50, "tax_year": 2023},
        {"sector": "finance", "floor_area_m2": 300},
        {"tax_yuan": 20, "tax_year": 2023},
    ]
    finance, digital, unknown = sector_mix(everything(lay_out(rows)))
    assert (finance.sector, digital.sector, unknown.sector) == ("finance", "digital", None)
    assert (finance.towers, finance.tax_yuan, finance.floor_area_m2) == (2, 50, 300)
    assert (finance.share_of_towers, finance.share_of_tax, finance.share_of_floor_area) == (0.5, 0.5, 0.75)
    assert (unknown.share_of_tax, unknown.floor_area_m2, unknown.share_of_floor_area) == (0.2, None, None)


@given(rows=layers)
def test_shares_of_all_sectors_add_up_to_one(lay_out: LayOut, rows: list[Row]) -> None:
    shares = sector_mix(everything(lay_out(rows)))
    assert sum(share.towers for share in shares) == len(rows)
    if rows:
        assert math.isclose(sum(share.share_of_towers for share in shares), 1)
    for name in ("share_of_tax", "share_of_floor_area"):
        known = [value for share in shares if (value := getattr(share, name)) is not None]
        assert not known or math.isclose(sum(known), 1)


def test_a_location_quotient_of_one_is_as_common_as_in_the_reference_area() -> None:
    assert location_quotient(3, 12, 25, 100) == 1
    assert location_quotient(6, 12, 25, 100) == 2
    assert location_quotient(0, 12, 25, 100) == 0
    assert location_quotient(0, 0, 25, 100) is None
    assert location_quotient(1, 12, 0, 100) is None


def test_concentration_runs_from_one_sector_to_many() -> None:
    assert herfindahl(np.array([7.0, 0.0])) == 10_000
    assert herfindahl(np.array([1.0, 1.0, 1.0, 1.0])) == 2_500
    assert herfindahl(np.array([50.0, 30.0, 20.0])) == pytest.approx(3_800)
    assert herfindahl(np.zeros(3)) is None
