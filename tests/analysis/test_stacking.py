from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildingmap.analysis import free_blocks, stacking_plan
from tests.analysis.offices import TODAY, floor, holdings, tenant, unit

if TYPE_CHECKING:
    from buildingmap.analysis import StackingPlan
    from buildingmap.model import Record, Unit


def plan_of(*records: Record) -> StackingPlan:
    return stacking_plan(holdings(*records), "T-000", TODAY)


def blocks_of(*records: Record) -> list[tuple[str, ...]]:
    return [block.labels for block in free_blocks(holdings(*records), "T-000", TODAY)]


def test_floors_stand_top_first_and_units_along_them_by_position() -> None:
    plan = plan_of(unit("2-2"), unit("-1-1"), unit("10-1"), unit("2-1"), floor(3))
    assert [each.number for each in plan.floors] == [10, 3, 2, -1]
    assert [part.unit and part.unit.label for part in plan.floors[2].parts] == ["2-1", "2-2"]


def test_a_unit_whose_tenant_has_moved_out_is_vacant() -> None:
    plan = plan_of(
        unit("1-1", 70, tenant_id="C-1"),
        unit("1-2", 50, tenant_id="C-2"),
        tenant(1),
        tenant(2, moved_out_on=TODAY),
    )
    assert (plan.let_m2, plan.vacant_m2) == (70, 50)
    assert plan.floors[0].parts[1].tenant is None


def test_a_tenant_that_leaves_tomorrow_is_still_there() -> None:
    plan = plan_of(unit("1-1", tenant_id="C-1"), tenant(1, moved_out_on=TODAY + timedelta(days=1)))
    assert plan.vacant_m2 == 0


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-1, "ended"), (0, "d90"), (90, "d90"), (91, "y1"), (365, "y1"), (366, "y3"), (1095, "y3"), (1096, "later")],
)  # fmt: skip
def test_a_lease_is_classed_by_the_days_that_are_left(days: int, expected: str) -> None:
    plan = plan_of(unit("1-1", tenant_id="C-1"), tenant(1, lease_end=TODAY + timedelta(days=days)))
    assert plan.floors[0].parts[0].lease_class == expected


def test_a_lease_without_an_end_is_unknown_and_not_endless() -> None:
    plan = plan_of(unit("1-1", tenant_id="C-1"), tenant(1))
    assert plan.floors[0].parts[0].lease_class == "unknown"
    assert plan.remaining_years is None


def test_the_lease_term_left_is_weighted_by_area_and_one_that_has_run_out_counts_nothing() -> None:
    plan = plan_of(
        unit("1-1", 300, tenant_id="C-1"),
        unit("1-2", 100, tenant_id="C-2"),
        unit("1-3", 900, tenant_id="C-3"),
        tenant(1, lease_end=TODAY + timedelta(days=730)),
        tenant(2, lease_end=TODAY - timedelta(days=40)),
        tenant(3),
    )
    assert plan.remaining_years == pytest.approx(2 * 300 / 400)


def test_a_company_without_units_is_shared_out_over_its_floors_and_said_to_be() -> None:
    plan = plan_of(tenant(1, floors="3-4", area_m2=500), tenant(2, floors="4"), floor(4, 600))
    top = plan.floors[0]
    assert [(part.area_m2, part.estimated) for part in top.parts] == [(250, True), (None, True)]
    assert top.untold_m2 == 350


def test_a_company_of_whom_neither_units_nor_floors_are_known_is_named_apart() -> None:
    plan = plan_of(tenant(1, area_m2=500), tenant(2, floors="1"), tenant(3, moved_out_on=TODAY))
    assert [each.id for each in plan.unplaced] == ["C-1"]


def test_what_no_unit_accounts_for_is_untold_and_not_vacant() -> None:
    plan = plan_of(
        floor(1, 300), unit("1-1", 120, tenant_id="C-1"), tenant(1), floor(2, None), unit("2-1", 80)
    )
    assert (plan.untold_m2, plan.vacant_m2) == (180, 80)


def test_more_on_a_floor_than_can_be_let_is_said() -> None:
    plan = plan_of(floor(1, 100), unit("1-1", 90, tenant_id="C-1"), unit("1-2", 30), tenant(1))
    assert plan.floors[0].over_m2 == 20
    assert plan.floors[0].untold_m2 == 0


def test_vacant_neighbours_are_one_piece_and_a_wall_between_parts_them() -> None:
    units = [unit("5-1"), unit("5-2"), unit("5-3", tenant_id="C-1"), unit("5-4"), unit("5-6")]
    assert blocks_of(*units, tenant(1)) == [("5-1", "5-2"), ("5-4",), ("5-6",)]


def test_whole_vacant_floors_on_top_of_each_other_are_one_piece_across_the_ground() -> None:
    units = [unit("-1-1"), unit("1-1"), unit("2-1"), unit("4-1", 10)]
    assert blocks_of(*units) == [("-1-1", "1-1", "2-1"), ("4-1",)]


def test_a_floor_with_less_than_its_leasable_area_on_record_is_not_whole() -> None:
    units = [unit("1-1", 100), unit("2-1", 100), unit("3-1", 100)]
    assert blocks_of(*units, floor(2, 200)) == [("1-1",), ("2-1",), ("3-1",)]
    assert blocks_of(*units, floor(2, 105)) == [("1-1", "2-1", "3-1")]


def test_a_piece_is_available_when_the_last_of_it_is_and_names_its_rents() -> None:
    later = TODAY + timedelta(days=30)
    (block,) = free_blocks(
        holdings(
            unit("1-1", asking_rent_yuan_m2_day=3.5),
            unit("1-2", available_from=later, asking_rent_yuan_m2_day=3.1),
            unit("1-3"),
        ),
        "T-000",
        TODAY,
    )
    assert (block.available_from, block.rent_low, block.rent_high) == (later, 3.1, 3.5)


areas = st.sampled_from([25.0, 80.5, 100.0])


@st.composite
def towers(draw: st.DrawFn) -> list[Unit]:
    places = draw(
        st.lists(
            st.tuples(st.sampled_from([-1, 1, 2, 3]), st.integers(1, 4)), unique=True, max_size=12, min_size=1
        )
    )
    return [
        unit(f"{number}-{place}", draw(areas), tenant_id=draw(st.sampled_from([None, "C-1"])))
        for number, place in places
    ]


@given(towers())
def test_every_vacant_unit_is_in_exactly_one_piece_and_no_area_is_lost(units: list[Unit]) -> None:
    plan = plan_of(*units, tenant(1), floor(1, 200), floor(9, 50))
    pieces = [identity for block in plan.blocks for identity in block.units]
    assert sorted(pieces) == sorted(each.id for each in units if each.tenant_id is None)
    assert sum(block.area_m2 for block in plan.blocks) == pytest.approx(plan.vacant_m2)
    assert plan.let_m2 + plan.vacant_m2 == pytest.approx(sum(each.area_m2 for each in units))
    for each in plan.floors:
        if each.leasable_m2 is not None:
            told = each.let_m2 + each.vacant_m2 + each.untold_m2 - each.over_m2
            assert told == pytest.approx(each.leasable_m2)
