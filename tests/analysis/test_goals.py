from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from buildingmap.analysis import GOAL_MEASURES, GoalProgress, goals, progress
from buildingmap.model import Goal, Milestone
from buildingmap.snapshot import Holdings, Stamp
from tests.rows import MARK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.conftest import LayOut, Row

TODAY = date(2024, 6, 30)


def goal(measure: str, value: float, year: int = 2024, **facts: Any) -> Goal:
    values: dict[str, Any] = {"id": f"G-{measure}-{year}", "year": year, "measure": measure, "value": value}
    return Goal.model_validate(values | facts)


def reached(lay_out: LayOut, rows: Sequence[Row], *asked: Goal, **tables: Any) -> tuple[GoalProgress, ...]:
    return goals(lay_out(rows, holdings=Holdings(records={"goal": asked, **tables})), today=TODAY)


def paid(year: int, tax: float, **facts: object) -> Row:
    return {"tax_year": year, "tax_yuan": tax} | facts


def test_towers_past_the_mark_are_counted_as_the_analysis_counts_them(lay_out: LayOut) -> None:
    rows = [paid(2023, MARK), paid(2023, MARK - 1), paid(2023, MARK, status="planned")]
    (found,) = reached(lay_out, rows, goal("towers_past_mark", 2, 2023))
    assert (found.reached, found.reached_year, found.basis) == (1, 2023, "figures")
    counted = next(entry for entry in progress(lay_out(rows)) if entry.year == 2023)
    assert found.reached == counted.towers_past_mark
    assert (found.share, found.met) == (0.5, False)


def test_a_year_without_figures_is_measured_by_the_newest_before_it_and_says_so(lay_out: LayOut) -> None:
    rows = [paid(2022, 5), paid(2023, 7), paid(2025, 100)]
    (found,) = reached(lay_out, rows, goal("total_tax_yuan", 14, 2024))
    assert (found.reached, found.reached_year) == (7, 2023)
    (before,) = reached(lay_out, rows, goal("total_tax_yuan", 14, 2021))
    assert (before.reached, before.basis, before.share, before.met) == (None, None, None, None)


def test_exactly_the_goal_is_reached(lay_out: LayOut) -> None:
    (found,) = reached(lay_out, [paid(2024, 14)], goal("total_tax_yuan", 14))
    assert (found.share, found.met) == (1, True)


def test_of_vacancy_less_is_better(lay_out: LayOut) -> None:
    rows: list[Row] = [{"leasable_area_m2": 10_000, "vacancy_rate": 0.25}]
    high, low = (reached(lay_out, rows, goal("vacancy_rate", value))[0] for value in (0.3, 0.2))
    assert (high.met, high.share) == (True, 1)
    assert low.met is False
    assert low.share == pytest.approx(0.8)
    (occupied,) = reached(lay_out, rows, goal("occupancy_rate", 0.75))
    assert (occupied.reached, occupied.met) == (0.75, True)


def test_what_stands_today_says_nothing_of_a_year_gone_by(lay_out: LayOut) -> None:
    rows: list[Row] = [{"floor_area_m2": 10_000}]
    now, then = goal("floor_area_m2", 20_000), goal("floor_area_m2", 20_000, 2022)
    assert [g.reached for g in reached(lay_out, rows, now, then)] == [10_000, None]
    typed = then.model_copy(update={"reached": 8_000.0})
    (found,) = reached(lay_out, rows, typed)
    assert (found.reached, found.basis) == (8_000, "typed")


def test_hand_overs_done_in_the_year_count_with_their_area(lay_out: LayOut) -> None:
    days = {"T-000": date(2024, 3, 1), "T-001": date(2023, 12, 31), "T-002": None}
    done = tuple(
        Milestone(
            id=f"M-{tower}", building_id=tower, kind="hand_over", done_on=day, planned_on=date(2024, 1, 1)
        )
        for tower, day in days.items()
    )
    rows: list[Row] = [{"floor_area_m2": 10_000 * (n + 1)} for n in range(3)]
    asked = goal("handed_over_towers", 2), goal("handed_over_area_m2", 40_000)
    towers, area = reached(lay_out, rows, *asked, milestone=done)
    assert (towers.reached, area.reached, area.share) == (1, 10_000, 0.25)


def test_an_office_s_own_measure_takes_what_was_typed_in(lay_out: LayOut) -> None:
    (found,) = reached(lay_out, [], goal("招引总部企业", 10, reached=4, unit="家"))
    assert (found.computed, found.reached, found.basis, found.share) == (False, 4, "typed", 0.4)


@pytest.mark.parametrize("value", [0, -5])
def test_a_goal_of_nothing_has_no_share(lay_out: LayOut, value: float) -> None:
    (found,) = reached(lay_out, [], goal("净迁出企业", value, reached=1))
    assert found.share is None
    assert found.met is True


def test_the_newest_year_comes_first_and_what_is_computed_before_what_is_typed(lay_out: LayOut) -> None:
    asked = [goal("自定", 1), goal("vacancy_rate", 0.1), goal("towers_past_mark", 1), goal("自定", 1, 2025)]
    assert [(g.year, g.measure) for g in reached(lay_out, [{}], *asked)] == [
        (2025, "自定"),
        (2024, "towers_past_mark"),
        (2024, "vacancy_rate"),
        (2024, "自定"),
    ]


def test_every_measure_that_is_named_is_computed(lay_out: LayOut) -> None:
    rows = [paid(2024, MARK, district_revenue_yuan=5, floor_area_m2=10, leasable_area_m2=5, vacancy_rate=0.5)]
    found = reached(lay_out, rows, *(goal(measure, 1) for measure in GOAL_MEASURES))
    assert [g.measure for g in found] == list(GOAL_MEASURES)
    assert all(g.computed and g.reached is not None for g in found)


def test_a_goal_carries_the_version_that_an_editor_must_name(lay_out: LayOut) -> None:
    stamp = Stamp(version=3, changed_at=datetime(2024, 1, 1, tzinfo=UTC), changed_by="local")
    asked = goal("towers_past_mark", 1)
    held = Holdings(records={"goal": (asked,)}, stamps={("goal", asked.id): stamp})
    (found,) = goals(lay_out([], holdings=held), today=TODAY)
    assert found.version == 3
