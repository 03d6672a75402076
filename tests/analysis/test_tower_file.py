from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from buildingmap.analysis import TowerFile, last_revisions, local_rates, tower_file
from buildingmap.errors import UnknownBuildingError
from buildingmap.registry import Revision, RowChange
from buildingmap.snapshot import Stamp, public_view
from tests.analysis.offices import TODAY, holdings, office, tax, tenant, unit

if TYPE_CHECKING:
    from buildingmap.model import Record
    from tests.conftest import LayOut

HISTORY = [
    {"year": 2022, "tax_yuan": 80e6, "district_revenue_yuan": 30e6},
    {"year": 2023, "tax_yuan": 120e6, "district_revenue_yuan": None},
]


def file_of(lay_out: LayOut, *records: Record) -> TowerFile:
    rows: tuple[dict[str, object], ...] = ({"tax_history": HISTORY}, {})
    return tower_file(office(lay_out, *records, rows=rows), "T-000", today=TODAY)


def test_rates_are_of_residents_by_count_and_by_area_with_the_unknown_apart() -> None:
    rates = local_rates(
        [
            tenant(1, area_m2=100, locally_registered=True, locally_taxed=True),
            tenant(2, area_m2=300, locally_registered=True, locally_taxed=False),
            tenant(3, area_m2=600, locally_registered=False),
            tenant(4, locally_registered=None),
        ]
    )
    assert (rates.companies, rates.without_area) == (4, 1)
    assert (rates.registered_by_count.least, rates.registered_by_count.most) == (0.5, 0.75)
    assert (rates.registered_by_area.least, rates.registered_by_area.most) == (0.4, 0.4)
    assert (rates.taxed_by_area.least, rates.taxed_by_area.most) == (0.1, 0.7)


def test_where_nobody_is_resident_there_is_no_rate() -> None:
    rates = local_rates([])
    assert rates.registered_by_count.least is None
    assert rates.taxed_by_area.most is None


def test_who_has_left_counts_in_no_rate_and_stands_last(lay_out: LayOut) -> None:
    soon = TODAY + timedelta(days=10)
    found = file_of(
        lay_out,
        tenant(1, moved_out_on=TODAY, locally_registered=True),
        tenant(2, locally_registered=False),
        tenant(3, locally_registered=True, lease_end=soon),
    )
    assert [line.tenant.id for line in found.tenants] == ["C-3", "C-2", "C-1"]
    assert found.rates.registered_by_count.least == 0.5


def test_taxes_stand_by_year_against_the_mark_with_the_quarters_that_are_known(lay_out: LayOut) -> None:
    found = file_of(lay_out, tax(2023, 120e6, taxpayer_count=7), tax(2023, 40e6, 1), tax(2024, 50e6, 2))
    assert [(year.year, year.tax_yuan, year.past_mark) for year in found.taxes] == [
        (2022, 80e6, False),
        (2023, 120e6, True),
        (2024, None, None),
    ]
    assert found.taxes[1].taxpayers == 7
    assert found.taxes[1].quarters == (40e6, None, None, None)
    assert found.taxes[2].quarters == (None, 50e6, None, None)
    assert found.forecast is not None
    assert found.forecast.year == 2024


def test_the_file_holds_nothing_of_another_tower(lay_out: LayOut) -> None:
    found = file_of(lay_out, tenant(1, building_id="T-001"), unit("1-1", building_id="T-001"))
    assert (found.tenants, found.plan.floors) == ((), ())


def test_the_public_s_file_has_no_taxes_tenants_or_changes(lay_out: LayOut) -> None:
    records = (tenant(1), tenant(2), tenant(3), unit("1-1"), tax(2023, 120e6, taxpayer_count=3))
    whole = office(lay_out, *records, rows=({"tax_history": HISTORY},))
    found = tower_file(public_view(whole), "T-000", today=TODAY)
    assert (found.tenants, found.plan.floors, found.entries, found.changes) == ((), (), (), ())
    assert found.forecast is None
    assert [(year.year, year.tax_yuan, year.past_mark) for year in found.taxes] == [(2023, None, True)]


def test_a_tower_that_is_not_there_has_no_file(lay_out: LayOut) -> None:
    with pytest.raises(UnknownBuildingError):
        tower_file(office(lay_out), "T-404", today=TODAY)


def test_the_newest_revisions_of_the_tower_s_rows_come_first(lay_out: LayOut) -> None:
    whole = office(lay_out, tenant(1), tenant(2, building_id="T-001"), tax(2023, 1.0), rows=({}, {}))
    when = datetime(2025, 1, 1, tzinfo=UTC)
    stamps = {
        ("building", "T-000"): Stamp(3, when, "wang"),
        ("tenant", "C-1"): Stamp(9, when, "li"),
        ("tenant", "C-2"): Stamp(12, when, "li"),
        ("tax_record", "T-000:2023:"): Stamp(3, when, "wang"),
    }
    stamped = replace(whole, holdings=replace(whole.holdings, stamps=stamps))
    found = tower_file(stamped, "T-000", today=TODAY)
    assert [(change.stamp.version, change.rows, change.count) for change in found.changes] == [
        (9, (("tenant", "C-1"),), 1),
        (3, (("building", "T-000"), ("tax_record", "T-000:2023:")), 2),
    ]
    assert found.stamp == stamps["building", "T-000"]


def revision(version: int) -> Revision:
    return Revision(version, f"2025-0{version}-01T00:00:00Z", "wang", "edit", "", 1, "", "", "")


def test_each_fact_has_the_revision_that_gave_it_its_value() -> None:
    def change(before: dict[str, object] | None, **after: object) -> RowChange:
        return RowChange(0, "building", "T-000", before, after)

    first = change(None, name="甲", floors=10, grade=None)
    second = change({"name": "甲", "floors": 10}, name="乙", floors=10)
    third = change({"name": "乙", "floors": 10}, name="乙", floors=12)
    found = last_revisions([(revision(3), third), (revision(2), second), (revision(1), first)])
    assert {name: made.version for name, made in found.items()} == {"floors": 3, "name": 2}


def test_a_tower_without_records_has_an_empty_plan(lay_out: LayOut) -> None:
    found = tower_file(lay_out([{}], holdings=holdings()), "T-000", today=TODAY)
    assert found.plan.floors == ()
    assert found.plan.largest is None
