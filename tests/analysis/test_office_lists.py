from __future__ import annotations

import gc
import weakref
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildingmap.analysis import listed_rows, office_list
from buildingmap.filters import OFFICE_LISTS, Filter, select
from buildingmap.model import Boundary, Surroundings
from tests.analysis.offices import MARK, TODAY, floor, holdings, office, tax, tenant, unit
from tests.conftest import place_of
from tests.examples import examples

if TYPE_CHECKING:
    from buildingmap.analysis import OfficeList
    from buildingmap.model import Record, Tenant
    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut


def listed(snapshot: Snapshot, key: str) -> OfficeList:
    return office_list(snapshot, key, TODAY)


def cells(found: OfficeList, *columns: str) -> list[tuple[Any, ...]]:
    """The tower and the named columns of each line."""
    places = [found.columns.index(column) for column in columns]
    return [(line.building_id, *(line.cells[place] for place in places)) for line in found.lines]


def taxed(*amounts: float, **facts: object) -> dict[str, object]:
    """A tower with these taxes in 2023 and, before it, the years before."""
    first = 2024 - len(amounts)
    return {
        "tax_history": [{"year": first + at, "tax_yuan": yuan} for at, yuan in enumerate(amounts)],
        **facts,
    }


def test_next_past_are_the_towers_that_miss_at_most_half_of_the_mark(lay_out: LayOut) -> None:
    rows = [taxed(49_999_999), taxed(50e6), taxed(99_999_999), taxed(MARK), {}]
    found = listed(lay_out(rows), "next_past")
    assert cells(found, "gap_yuan") == [("T-002", 1), ("T-001", 50e6)]


def test_planned_towers_pass_no_mark(lay_out: LayOut) -> None:
    assert listed(lay_out([taxed(90e6, status="planned")]), "next_past").lines == ()


def test_a_tower_far_below_is_listed_when_its_quarters_may_come_to_the_mark(lay_out: LayOut) -> None:
    found = listed(office(lay_out, tax(2023, 20e6), tax(2024, 30e6, 1), rows=[taxed(20e6)]), "next_past")
    assert cells(found, "expected_year", "expected_low_yuan", "reasons") == [
        ("T-000", 2024, 120e6, ("forecast_past",))
    ]


def test_about_to_fall_says_why(lay_out: LayOut) -> None:
    rows = [
        taxed(200e6, 105e6),
        taxed(140e6, 125e6),
        taxed(150e6, 120e6),
        taxed(110e6),
        taxed(109_999_999),
        taxed(99e6),
    ]
    found = listed(lay_out(rows), "about_to_fall")
    assert cells(found, "reasons") == [
        ("T-000", ("thin", "falling")),
        ("T-004", ("thin",)),
        ("T-002", ("falling",)),
    ]


def test_a_tower_whose_quarters_stay_below_the_mark_may_fall(lay_out: LayOut) -> None:
    found = listed(office(lay_out, tax(2024, 10e6, 1), rows=[taxed(150e6, 180e6)]), "about_to_fall")
    assert cells(found, "reasons") == [("T-000", ("forecast_below",))]


def test_vacant_space_stands_by_contiguous_area_and_only_in_towers_that_stand(lay_out: LayOut) -> None:
    snapshot = office(
        lay_out,
        *(unit("1-1", 60), unit("1-2", 60), unit("2-1", 90), unit("2-2", 10, tenant_id="C-1"), tenant(1)),
        unit("3-1", 500, building_id="T-001"),
        rows=[{}, {"status": "planned"}],
    )
    found = listed(snapshot, "vacancies")
    assert cells(found, "area_m2", "units") == [("T-000", 120, ("1-1", "1-2")), ("T-000", 90, ("2-1",))]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("leases_30", {0, 30}),
        ("leases_60", {0, 30, 31, 60}),
        ("leases_90", {0, 30, 31, 60, 61, 90}),
        ("leases_ended", {-1}),
    ],
)
def test_leases_end_within_the_days_named_today_included(
    lay_out: LayOut, key: str, expected: set[int]
) -> None:
    days = (-1, 0, 30, 31, 60, 61, 90, 91)
    tenants = [tenant(at, lease_end=TODAY + timedelta(days=left)) for at, left in enumerate(days)]
    found = listed(office(lay_out, *tenants, tenant(99)), key)
    assert {left for _, left in cells(found, "days_left")} == expected


def test_the_lease_of_a_company_that_has_left_ends_nothing(lay_out: LayOut) -> None:
    gone = tenant(1, lease_end=TODAY, moved_out_on=TODAY - timedelta(days=3))
    assert listed(office(lay_out, gone), "leases_30").lines == ()


def test_registrations_that_moved_away_stand_latest_first(lay_out: LayOut) -> None:
    snapshot = office(
        lay_out,
        tenant(1, registration_moved_on=date(2025, 1, 1)),
        tenant(2, registration_moved_on=date(2025, 5, 1), moved_out_on=date(2025, 6, 1)),
        tenant(3, registration_moved_on=TODAY + timedelta(days=1)),
    )
    found = listed(snapshot, "registration_moved")
    assert cells(found, "tenant_id", "is_resident") == [("T-000", "C-2", False), ("T-000", "C-1", True)]


def at(number: int, address: str, **facts: Any) -> Tenant:
    return tenant(number, registered_address=address, **facts)


def test_companies_that_share_a_registered_address_are_listed_however_it_is_written(lay_out: LayOut) -> None:
    snapshot = office(
        lay_out,
        at(1, "敦化路 1 号 101室"),
        at(2, "敦化路1号１０１室", building_id="T-001"),
        at(3, "敦化路 2 号"),
        at(4, "敦化路 1 号 101 室", moved_out_on=TODAY),
        rows=[{}, {}],
    )
    found = listed(snapshot, "duplicate_addresses")
    assert cells(found, "sharers", "sharing", "tenant_id") == [
        ("T-000", "companies", 2, "C-1"),
        ("T-001", "companies", 2, "C-2"),
    ]


def test_two_records_of_one_company_share_nothing(lay_out: LayOut) -> None:
    code = "91110000600037341L"
    found = office(lay_out, at(1, "敦化路 1 号", uscc=code), at(2, "敦化路 1 号", uscc=code))
    assert listed(found, "duplicate_addresses").lines == ()


def test_towers_that_share_an_address_come_first(lay_out: LayOut) -> None:
    rows = [{"address": "敦化路 1 号"}, {"address": "敦化路1号"}, {"address": "敦化路 3 号"}]
    found = listed(lay_out(rows), "duplicate_addresses")
    assert cells(found, "sharers", "sharing") == [("T-000", "towers", 2), ("T-001", "towers", 2)]


def test_more_leased_than_leasable_is_found_for_towers_and_for_floors(lay_out: LayOut) -> None:
    snapshot = office(
        lay_out,
        tenant(1, area_m2=700),
        tenant(2, area_m2=305),
        tenant(3, area_m2=9000, moved_out_on=TODAY),
        floor(1, 100),
        unit("1-1", 80),
        unit("1-2", 60),
        floor(2, 100),
        unit("2-1", 101),
        rows=[{"leasable_area_m2": 1000}, {}],
    )
    found = listed(snapshot, "over_leased")
    assert cells(found, "extent", "floor", "over_m2") == [
        ("T-000", "floor", 1, 40),
        ("T-000", "tower", None, 5),
    ]


def test_figures_are_old_after_a_year_and_undated_ones_are_named(lay_out: LayOut) -> None:
    fresh, old = TODAY - timedelta(days=365), TODAY - timedelta(days=366)
    rows: list[dict[str, object]] = [
        taxed(1e6, as_of=fresh.isoformat()),
        taxed(1e6, as_of=old.isoformat()),
        {"as_of": fresh.isoformat(), "status": "planned"},
        {"status": "planned"},
    ]
    quarter = tax(2025, 1e6, 1, building_id="T-000", id="Q")
    records: list[Record] = [quarter, tenant(1, as_of=old), tenant(2, as_of=fresh), unit("1-1", as_of=old)]
    found = listed(lay_out(rows, holdings=holdings(*records)), "stale")
    assert cells(found, "reasons") == [
        ("T-003", ("facts_undated",)),
        ("T-001", ("facts_old", "tax_old")),
        ("T-000", ("units_old",)),
    ]


def boundary(cluster: str, west: float, east: float) -> Boundary:
    return Boundary(cluster, shapely.box(west, 36.08, east, 36.1), "rule", "source", None, schematic=True)


def test_towers_outside_their_cluster_s_boundary_stand_farthest_first(lay_out: LayOut) -> None:
    around = Surroundings(
        boundaries=(boundary("cbd", 120.369, 120.3719), boundary("xinduxin", 120.3719, 120.38))
    )
    rows = [{"cluster": "cbd"}] * 5 + [{"cluster": "other"}, {}]
    found = listed(lay_out(rows, surroundings=around), "outside_boundary")
    assert [(tower, inside) for tower, inside in cells(found, "inside")] == [
        ("T-004", "xinduxin"),
        ("T-003", "xinduxin"),
    ]
    away = [metres for _, metres in cells(found, "outside_m")]
    assert away[0] == pytest.approx(away[1] + 54, abs=1)


@pytest.mark.parametrize("key", OFFICE_LISTS)
def test_an_empty_registry_has_empty_lists_with_their_columns(lay_out: LayOut, key: str) -> None:
    found = listed(lay_out([]), key)
    assert found.lines == ()
    assert found.columns


@pytest.mark.parametrize("key", OFFICE_LISTS)
def test_every_line_of_the_demo_has_a_cell_for_each_column(demo_office: Snapshot, key: str) -> None:
    found = office_list(demo_office, key, date(2026, 6, 30))
    assert {len(line.cells) for line in found.lines} <= {len(found.columns)}
    assert found.lines


def test_what_the_demo_hides_for_an_office_to_find_is_found(demo_office: Snapshot) -> None:
    day = date(2026, 6, 30)
    assert office_list(demo_office, "over_leased", day).towers == ("OTH-12",)
    shared = office_list(demo_office, "duplicate_addresses", day)
    assert shared.towers == ("XDX-14",)
    assert set(cells(shared, "sharers", "sharing")) == {("XDX-14", "companies", len(shared.lines))}
    assert len(shared.lines) > 4


@pytest.mark.parametrize("key", OFFICE_LISTS)
def test_the_rows_of_a_list_are_its_towers_once_each(demo_office: Snapshot, key: str) -> None:
    day = date(2026, 6, 30)
    rows = listed_rows(demo_office, key, day)
    assert {demo_office.ids[row] for row in rows} == set(office_list(demo_office, key, day).towers)
    assert sorted(set(rows.tolist())) == rows.tolist()


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(30), deadline=None
)
@given(
    lists=st.lists(st.sampled_from(OFFICE_LISTS), unique=True, max_size=4),
    cluster=st.lists(st.sampled_from(["cbd", "xinduxin", "other"]), unique=True, max_size=2),
)
def test_a_filter_by_lists_keeps_the_towers_of_any_of_them_in_its_own_order(
    demo_office: Snapshot, lists: list[str], cluster: list[str]
) -> None:
    day = date(2026, 6, 30)
    plain = Filter(cluster=tuple(cluster))
    everyone = select(demo_office, plain).rows.tolist()
    found = select(
        demo_office,
        Filter(cluster=tuple(cluster), list=tuple(lists)),
        members=lambda key: listed_rows(demo_office, key, day),
    ).rows.tolist()
    wanted = {row for key in lists for row in listed_rows(demo_office, key, day).tolist()}
    assert found == [row for row in everyone if not lists or row in wanted]


def test_a_filter_by_lists_without_their_members_is_refused(lay_out: LayOut) -> None:
    with pytest.raises(ValueError, match="expected to be told their members"):
        select(lay_out([{}]), Filter(list=("stale",)))


def test_a_list_is_computed_once_for_a_version_and_a_day(demo_office: Snapshot) -> None:
    first = office_list(demo_office, "leases_30", TODAY)
    assert office_list(demo_office, "leases_30", TODAY) is first
    assert office_list(demo_office, "leases_30", TODAY + timedelta(days=400)) != first


def test_a_version_that_is_gone_is_kept_by_no_list(lay_out: LayOut) -> None:
    snapshot = office(lay_out, unit("1-1"))
    for key in OFFICE_LISTS:
        listed(snapshot, key)
    gone = weakref.ref(snapshot)
    del snapshot
    gc.collect()
    assert gone() is None


def test_places_of_the_tests_lie_where_the_boundaries_expect_them() -> None:
    assert place_of(2).centroid.x < 120.3719 < place_of(3).centroid.x
