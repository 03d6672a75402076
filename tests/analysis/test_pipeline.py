from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildingmap.analysis import STEP_KINDS, ComingTower, Pipeline, Step, pipeline
from buildingmap.filters import Filter, select
from buildingmap.model import Milestone, Project
from buildingmap.snapshot import Holdings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.conftest import LayOut, Row

TODAY = date(2025, 6, 30)
PLANNED: dict[str, object] = {"status": "planned"}


def milestone(kind: str, tower: str = "T-000", **facts: Any) -> Milestone:
    number = facts.pop("number", 0)
    return Milestone.model_validate(
        {"id": f"{tower}-{kind}-{number}", "building_id": tower, "kind": kind} | facts
    )


def holding(*milestones: Milestone, projects: Sequence[Project] = ()) -> Holdings:
    return Holdings(records={"milestone": milestones, "project": tuple(projects)})


def found(
    lay_out: LayOut, rows: Sequence[Row], *milestones: Milestone, flt: Filter | None = None
) -> Pipeline:
    return pipeline(select(lay_out(rows, holdings=holding(*milestones)), flt or Filter()), today=TODAY)


def one(lay_out: LayOut, *milestones: Milestone, **facts: object) -> ComingTower:
    (tower,) = found(lay_out, [PLANNED | facts], *milestones).towers
    return tower


def step(lay_out: LayOut, **facts: Any) -> Step:
    (only,) = one(lay_out, milestone("start", **facts)).steps
    return only


def test_only_towers_that_do_not_stand_yet_are_to_come(lay_out: LayOut) -> None:
    rows: list[Row] = [{"status": "existing"}, {"status": "under_construction"}, PLANNED]
    assert [tower.id for tower in found(lay_out, rows).towers] == ["T-001", "T-002"]


def test_the_one_filter_chooses_among_them(lay_out: LayOut) -> None:
    rows: list[Row] = [PLANNED | {"cluster": "cbd"}, PLANNED | {"cluster": "xinduxin"}, {"cluster": "cbd"}]
    assert [tower.id for tower in found(lay_out, rows, flt=Filter(cluster=("cbd",))).towers] == ["T-000"]


@pytest.mark.parametrize(
    ("facts", "state", "days"),
    [
        ({"planned_on": "2025-01-31", "done_on": "2025-03-02"}, "done", 30),
        ({"planned_on": "2025-01-31", "done_on": "2025-01-01"}, "done", -30),
        ({"planned_on": "2025-01-31", "done_on": "2025-01-31"}, "done", 0),
        ({"done_on": "2025-01-31"}, "done", None),
        ({"planned_on": "2025-06-29"}, "overdue", 1),
        ({"planned_on": "2025-06-30"}, "planned", None),
        ({"planned_on": "2025-07-31"}, "planned", None),
        ({"planned_on": "2025-07-31", "expected_on": "2025-08-31"}, "expected", 31),
        ({"planned_on": "2025-08-31", "expected_on": "2025-07-31"}, "expected", -31),
        ({"planned_on": "2025-05-31", "expected_on": "2025-08-29"}, "overdue", 90),
        # expected before today and yet not done: it is at least as late as today
        ({"planned_on": "2025-05-31", "expected_on": "2025-06-01"}, "overdue", 30),
        ({"expected_on": "2025-09-01"}, "expected", None),
        ({}, "unknown", None),
    ],
)  # fmt: skip
def test_days_behind_plan_are_counted_from_the_plan_and_at_least_to_today_while_not_done(
    lay_out: LayOut, facts: dict[str, Any], state: str, days: int | None
) -> None:
    only = step(lay_out, **facts)
    assert (only.state, only.slippage_days) == (state, days)


def test_the_steps_stand_in_the_order_of_building_whatever_the_order_of_the_records(lay_out: LayOut) -> None:
    tower = one(lay_out, *(milestone(kind) for kind in reversed(STEP_KINDS)))
    assert [s.kind for s in tower.steps] == ["land", "permit", "start", "topping_out", "hand_over"]


def test_of_two_records_of_one_step_the_newer_counts(lay_out: LayOut) -> None:
    old = milestone("start", number=2, as_of="2024-01-01", planned_on="2024-05-01")
    new = milestone("start", number=1, as_of="2025-01-01", planned_on="2025-12-01")
    assert one(lay_out, new, old).steps[0].planned_on == date(2025, 12, 1)


def test_the_next_milestone_comes_after_the_last_one_done(lay_out: LayOut) -> None:
    done = milestone("permit", done_on="2025-01-01")
    tower = one(lay_out, milestone("land", planned_on="2024-01-01"), done, milestone("start"))
    assert tower.next_step == "start"
    assert one(lay_out, milestone("hand_over", done_on="2025-01-01")).next_step is None
    assert one(lay_out).next_step is None


def test_the_worst_slippage_is_the_largest_of_the_steps(lay_out: LayOut) -> None:
    tower = one(
        lay_out,
        milestone("land", planned_on="2025-01-01", done_on="2025-01-11"),
        milestone("permit", planned_on="2025-03-01", done_on="2025-05-01"),
        milestone("start", planned_on="2025-06-20"),
    )
    assert (tower.worst_slippage_days, tower.overdue_steps) == (61, 1)


@pytest.mark.parametrize(
    ("facts", "year", "basis"),
    [
        ({"done_on": "2025-05-01", "expected_on": "2026-01-01", "planned_on": "2024-01-01"}, 2025, "done"),
        ({"expected_on": "2027-01-01", "planned_on": "2026-01-01"}, 2027, "expected"),
        ({"planned_on": "2026-01-01"}, 2026, "planned"),
        ({}, 2030, "completion_year"),
    ],
)
def test_the_year_of_hand_over_says_what_it_was_read_from(
    lay_out: LayOut, facts: dict[str, Any], year: int, basis: str
) -> None:
    tower = one(lay_out, milestone("hand_over", **facts), completion_year=2030)
    assert (tower.hand_over_year, tower.hand_over_basis) == (year, basis)


def test_a_tower_without_any_date_is_gathered_under_no_year(lay_out: LayOut) -> None:
    answer = found(lay_out, [PLANNED | {"completion_year": 2028, "floor_area_m2": 10_000}, PLANNED])
    assert [(entry.year, entry.towers, entry.floor_area_m2) for entry in answer.by_year] == [
        (2028, 1, 10_000),
        (None, 1, None),
    ]
    assert answer.without_milestones == 2


def test_money_and_area_are_sums_of_what_is_known_and_say_of_how_many(lay_out: LayOut) -> None:
    projects = [Project(id="P-0", building_id="T-000", investment_yuan=5e8, responsible="示例专员")]
    rows = [PLANNED | {"floor_area_m2": 10_000}, PLANNED | {"floor_area_m2": 20_000}, PLANNED]
    snapshot = lay_out(rows, holdings=holding(projects=projects))
    total = pipeline(select(snapshot, Filter()), today=TODAY).total
    assert (total.floor_area_m2, total.with_area) == (30_000, 2)
    assert (total.investment_yuan, total.with_investment) == (5e8, 1)


def test_a_hand_over_that_should_have_happened_is_counted_in_its_year(lay_out: LayOut) -> None:
    (year,) = found(lay_out, [PLANNED], milestone("hand_over", planned_on="2024-12-31")).by_year
    assert (year.year, year.overdue) == (2024, 1)


days = st.none() | st.dates(TODAY - timedelta(days=900), TODAY + timedelta(days=900))
records = st.lists(
    st.tuples(st.sampled_from(STEP_KINDS), st.integers(0, 3), days, days, days),
    unique_by=lambda record: record[:2],
    max_size=12,
)


@given(records, st.randoms())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_tower_to_come_is_in_exactly_one_year_and_the_order_of_records_does_not_matter(
    lay_out: LayOut, drawn: list[Any], random: Any
) -> None:
    rows = [PLANNED | {"floor_area_m2": 1_000 * (place + 1)} for place in range(4)]
    milestones = [
        milestone(kind, f"T-{tower:03d}", planned_on=planned, expected_on=expected, done_on=done)
        for kind, tower, planned, expected, done in drawn
    ]
    answer = found(lay_out, rows, *milestones)
    assert sum(entry.towers for entry in answer.by_year) == answer.total.towers == 4
    assert sum(entry.floor_area_m2 or 0 for entry in answer.by_year) == answer.total.floor_area_m2
    random.shuffle(milestones)
    assert found(lay_out, rows, *milestones) == answer
    for tower in answer.towers:
        known = [s.slippage_days for s in tower.steps if s.slippage_days is not None]
        assert tower.worst_slippage_days == max(known, default=None)
        assert all(
            s.slippage_days > 0 for s in tower.steps if s.state == "overdue" and s.slippage_days is not None
        )
