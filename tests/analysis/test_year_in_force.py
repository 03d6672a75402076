"""A year speaks for the district only once enough of its towers have reported."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildingmap.analysis import goals, next_to_pass, progress, summary, totals
from buildingmap.analysis.office_lists import office_list
from buildingmap.filters import Filter, select
from buildingmap.map import towers_payload
from buildingmap.model import Coverage, Goal, TaxEntry, coverages, to_be_said, year_in_force
from buildingmap.snapshot import Holdings
from buildingmap.snapshot.public import public_view
from tests.analysis.offices import holdings
from tests.rows import MARK, yuan

if TYPE_CHECKING:
    from buildingmap.model import District
    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut, Row

TODAY = date(2025, 3, 1)


def town(reported: dict[int, list[float]], *, of: int, **facts: Any) -> list[Row]:
    """``of`` towers, the first of which have these figures of each year."""
    rows: list[Row] = []
    for place in range(of):
        history = [
            {"year": year, "tax_yuan": taxes[place]} for year, taxes in reported.items() if place < len(taxes)
        ]
        rows.append({"tax_history": history} | facts)
    return rows


def test_a_year_counts_from_nine_towers_in_ten_on() -> None:
    assert [each.counts for each in coverages({2023: (20, 20), 2024: (18, 20)}, 0.9)] == [True, True]
    assert [each.counts for each in coverages({2023: (20, 20), 2024: (17, 20)}, 0.9)] == [True, False]
    assert year_in_force(coverages({2023: (20, 20), 2024: (17, 20)}, 0.9)) == 2023


def test_where_no_year_is_as_full_the_fullest_speaks_and_those_near_it() -> None:
    assert year_in_force(coverages({2022: (50, 100), 2023: (45, 100), 2024: (44, 100)}, 0.9)) == 2023
    assert year_in_force(coverages({}, 0.9)) is None
    assert [
        each.year for each in to_be_said(coverages({2022: (9, 9), 2023: (20, 20), 2024: (3, 20)}, 0.9))
    ] == [2024]
    assert [each.year for each in to_be_said(coverages({2022: (8, 20), 2023: (8, 20)}, 0.9))] == [2023]
    assert year_in_force(coverages({2023: (0, 7)}, 0.9)) is None


def test_towers_that_come_without_figures_take_no_year_back() -> None:
    assert year_in_force(coverages({2021: (100, 100), 2022: (108, 121), 2023: (108, 121)}, 0.9)) == 2023
    assert year_in_force(coverages({2021: (100, 100), 2023: (108, 121), 2024: (20, 121)}, 0.9)) == 2023
    # more than of old, and yet a small part of what stands now
    assert year_in_force(coverages({2021: (20, 20), 2024: (25, 108)}, 0.9)) == 2021
    assert year_in_force(coverages({2021: (100, 100), 2022: (99, 121)}, 0.9)) == 2021


def test_a_tower_that_was_not_there_yet_is_not_missed(lay_out: LayOut) -> None:
    rows = (
        town({2023: [1.0] * 9}, of=9)
        + town({}, of=5, completion_year=2024)
        + town({}, of=5, status="planned")
    )
    assert lay_out(rows).coverage == (Coverage(2023, 9, 9, complete=True, counts=True),)
    assert lay_out([*rows, {}, {}]).coverage == (Coverage(2023, 9, 11, complete=False, counts=True),)


def test_a_ledger_of_three_towers_does_not_move_the_headline_of_twenty(lay_out: LayOut) -> None:
    full = [MARK * 1.0] * 5 + [MARK - 1.0] * 15
    before = lay_out(town({2023: full}, of=20))
    after = lay_out(town({2023: full, 2024: [MARK / 2, MARK * 2.0, MARK * 3.0]}, of=20))
    counted = totals(select(after, Filter()))
    assert counted == totals(select(before, Filter()))
    assert (counted.past_mark, counted.tax_year) == (5, "2023")
    aimed = progress(after)[-1]
    assert (aimed.year, aimed.towers_past_mark, aimed.reported, aimed.standing) == (2024, None, 3, 20)
    assert (aimed.gap, aimed.gap_from_year) == (19, 2023)


def test_the_eighteenth_of_twenty_towers_puts_the_new_year_in_force(lay_out: LayOut) -> None:
    full = [MARK * 1.0] * 20
    assert lay_out(town({2023: full, 2024: [1.0] * 17}, of=20)).year_in_force == 2023
    assert lay_out(town({2023: full, 2024: [1.0] * 18}, of=20)).year_in_force == 2024


def test_the_share_is_the_district_s_own(lay_out: LayOut, district: District) -> None:
    half = district.model_copy(update={"year_counts_from": 0.5})
    rows = town({2023: [1.0] * 20, 2024: [1.0] * 10}, of=20)
    assert lay_out(rows, district=half).year_in_force == 2024
    assert lay_out(rows).year_in_force == 2023


def test_a_year_that_is_asked_for_is_shown_however_few_have_reported(lay_out: LayOut) -> None:
    after = lay_out(town({2023: [1.0] * 10, 2024: [MARK * 1.0]}, of=10))
    assert totals(select(after, Filter(year=2024))).past_mark == 1


def test_district_revenue_has_a_coverage_of_its_own(lay_out: LayOut, district: District) -> None:
    targets = tuple(each.model_copy(update={"measure": "district_revenue_yuan"}) for each in district.targets)
    history = [{"year": year, "tax_yuan": MARK * 2} for year in (2023, 2024)]
    revenue = [{**entry, "district_revenue_yuan": MARK} for entry in history]
    later: Row = {"tax_history": [revenue[0], history[1]]}
    rows: list[Row] = [later] * 9 + [{"tax_history": revenue}]
    town_of_ten = lay_out(rows, district=district.model_copy(update={"targets": targets}))
    assert town_of_ten.year_in_force == 2024
    aimed = progress(town_of_ten)[-1]
    assert (aimed.year, aimed.towers_past_mark, aimed.reported, aimed.gap_from_year) == (2024, None, 1, 2023)


def test_a_goal_of_a_year_that_few_have_reported_is_held_against_the_year_before(lay_out: LayOut) -> None:
    goal = Goal(id="G", year=2024, measure="towers_past_mark", value=24)
    rows = town({2023: [MARK * 1.0] * 20, 2024: [1.0] * 5}, of=20)
    (found,) = goals(lay_out(rows, holdings=holdings(goal)), today=TODAY)
    assert (found.reached, found.reached_year) == (20, 2023)


def test_a_tower_that_has_reported_early_is_expected_at_what_it_reported(lay_out: LayOut) -> None:
    entries = [
        TaxEntry(id=f"{year}", building_id="T-000", year=year, tax_yuan=tax)
        for year, tax in ((2023, 60e6), (2024, 120e6))
    ]
    rows = town({2023: [60e6] * 20, 2024: [120e6]}, of=20)
    listed = office_list(lay_out(rows, holdings=holdings(*entries)), "next_past", TODAY)
    line = dict(zip(listed.columns, listed.lines[0].cells, strict=True))
    assert (line["tax_year"], line["tax_yuan"]) == (2023, 60e6)
    assert (line["expected_year"], line["expected_low_yuan"], line["expected_high_yuan"]) == (
        2024,
        120e6,
        120e6,
    )
    assert "forecast_past" in line["reasons"]


def _headlines(snapshot: Snapshot) -> Any:
    """Everything that is said of the district without naming a year."""
    document = orjson.loads(orjson.dumps(summary(select(snapshot, Filter()))))
    document.pop("coverage")
    document["progress"] = [
        {name: value for name, value in entry.items() if name not in {"reported", "standing"}}
        for entry in document["progress"]
        if entry["year"] <= 2023 or entry["target"] is not None
    ]
    features = [orjson.loads(part)["properties"] for part in snapshot.features()]
    shown = [{name: of[name] for name in ("tax_yuan", "tax_year", "band", "past_mark")} for of in features]
    return document, towers_payload(snapshot, None), goals(snapshot, today=TODAY), shown


@given(data=st.data())
def test_a_partial_year_changes_no_headline_of_the_complete_one(lay_out: LayOut, data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 14))
    taxes = st.lists(yuan.map(float), min_size=count, max_size=count)
    full = {year: data.draw(taxes) for year in (2022, 2023)}
    few = data.draw(st.integers(0, -(-9 * count // 10) - 1))
    kept = holdings(
        *(Goal(id=f"{year}", year=year, measure="towers_past_mark", value=24) for year in (2023, 2024)),
        Goal(id="total", year=2024, measure="total_tax_yuan", value=1e9),
    )
    before = lay_out(town(full, of=count), holdings=kept)
    after = lay_out(town(full | {2024: data.draw(taxes)[:few]}, of=count), holdings=kept)
    assert _headlines(after) == _headlines(before)


def _with_payers(snapshot: Snapshot, *, paid: set[tuple[str, int]]) -> Snapshot:
    entries = [
        TaxEntry(
            id=f"{building.id}:{record.year}",
            building_id=building.id,
            year=record.year,
            tax_yuan=record.tax_yuan,
            taxpayer_count=3 if (building.id, record.year) in paid else 1,
        )
        for building in snapshot.buildings
        for record in building.tax_records
    ]
    return replace(
        snapshot, holdings=Holdings({"tax_record": tuple(entries)}), _figures={}, _features={}, _coverage={}
    )


def test_the_public_s_year_follows_from_what_the_public_may_see(lay_out: LayOut) -> None:
    rows = town({2023: [MARK * 1.0] * 20, 2024: [MARK * 1.0] * 20}, of=20)
    disclosed = {(f"T-{place:03d}", 2023) for place in range(12)} | {("T-000", 2024)}
    office = _with_payers(lay_out(rows), paid=disclosed)
    public = public_view(office)
    assert (office.year_in_force, public.year_in_force) == (2024, 2023)
    assert public.coverage == (
        Coverage(2023, 12, 20, complete=False, counts=True),
        Coverage(2024, 1, 20, complete=False, counts=False),
    )
    assert totals(select(public, Filter())).past_mark == 12


@pytest.mark.parametrize("withheld", [0, 3, 9])
def test_a_figure_that_the_public_may_not_see_changes_no_public_answer(
    lay_out: LayOut, withheld: int
) -> None:
    disclosed = {(f"T-{place:03d}", 2023) for place in range(8)}
    less = _with_payers(lay_out(town({2023: [MARK * 1.0] * 10}, of=10)), paid=disclosed)
    more = _with_payers(
        lay_out(town({2023: [MARK * 1.0] * 10, 2024: [MARK * 1.0] * withheld}, of=10)), paid=disclosed
    )
    assert _headlines(public_view(more)) == _headlines(public_view(less))
    assert next_to_pass(select(public_view(more), Filter())) == ()
