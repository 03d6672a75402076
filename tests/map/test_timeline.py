from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from buildingmap.analysis import pipeline
from buildingmap.filters import Filter, select
from buildingmap.map import STEP_PATHS, Timeline, timeline
from buildingmap.model import Milestone
from buildingmap.snapshot import Holdings

if TYPE_CHECKING:
    from tests.conftest import LayOut

TODAY = date(2025, 7, 2)


def drawn(lay_out: LayOut, *milestones: Milestone) -> Timeline | None:
    snapshot = lay_out([{"status": "planned"}] * 3, holdings=Holdings(records={"milestone": milestones}))
    return timeline(pipeline(select(snapshot, Filter()), today=TODAY).towers, today=TODAY)


def test_without_a_dated_milestone_there_is_nothing_to_draw(lay_out: LayOut) -> None:
    assert drawn(lay_out) is None
    assert drawn(lay_out, Milestone(id="M", building_id="T-000", kind="land")) is None


def test_days_run_from_left_to_right_and_today_lies_where_it_belongs(lay_out: LayOut) -> None:
    found = drawn(
        lay_out,
        Milestone(id="A", building_id="T-001", kind="land", done_on=date(2024, 3, 1)),
        Milestone(id="B", building_id="T-001", kind="start", planned_on=date(2026, 3, 1)),
    )
    assert found is not None
    (line,) = found.lines
    land, start = line.marks
    assert found.label_width < land.x < found.today_x < start.x < found.width
    assert [year for _, year in found.years] == [2024, 2025, 2026]
    assert found.height > line.y > found.top


def test_a_slipped_milestone_shows_where_its_plan_stood(lay_out: LayOut) -> None:
    late = Milestone(
        id="A", building_id="T-000", kind="permit", planned_on=date(2025, 1, 1), done_on=date(2025, 3, 1)
    )
    found = drawn(lay_out, late)
    assert found is not None
    (mark,) = found.lines[0].marks
    assert mark.planned_x is not None
    assert mark.planned_x < mark.x


def test_each_kind_of_milestone_has_a_shape_of_its_own() -> None:
    assert len(set(STEP_PATHS.values())) == len(STEP_PATHS) == 5


def test_a_century_of_milestones_still_names_few_enough_years_to_be_read(lay_out: LayOut) -> None:
    found = drawn(
        lay_out,
        Milestone(id="A", building_id="T-000", kind="land", done_on=date(1, 1, 1)),
        Milestone(id="B", building_id="T-000", kind="hand_over", planned_on=date(9999, 12, 31)),
    )
    assert found is not None
    assert len(found.years) <= 15
    assert all(found.label_width <= mark.x <= found.width for mark in found.lines[0].marks)
