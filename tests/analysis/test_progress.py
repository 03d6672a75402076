from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildingmap.analysis import Candidate, next_to_pass, progress
from buildingmap.filters import Filter, select
from tests.rows import MARK

if TYPE_CHECKING:
    from buildingmap.model import District
    from tests.conftest import LayOut, Row


def row(year_before: float | None, newest: float | None, **facts: object) -> Row:
    years = ((2022, year_before), (2023, newest))
    history = [{"year": year, "tax_yuan": tax} for year, tax in years if tax is not None]
    return {"tax_history": history} | facts


def candidate(lay_out: LayOut, tower: Row) -> Candidate:
    (found,) = next_to_pass(select(lay_out([tower]), Filter()))
    return found


def test_progress_puts_the_layer_beside_what_was_published_and_what_is_aimed_at(lay_out: LayOut) -> None:
    rows = [row(MARK, MARK), row(MARK - 1, MARK + 1), row(MARK, MARK, status="planned")]
    before, published, aimed = progress(lay_out(rows))
    assert (before.year, before.towers_past_mark, before.published, before.target) == (2022, 1, None, None)
    assert (published.year, published.towers_past_mark, published.published) == (2023, 2, 20)
    assert (aimed.year, aimed.towers_past_mark, aimed.target) == (2024, None, 24)
    assert {entry.measure for entry in (before, published, aimed)} == {"tax_yuan"}


def test_a_target_year_without_figures_is_measured_from_the_newest_year_before_it(lay_out: LayOut) -> None:
    aimed = progress(lay_out([row(MARK, MARK)]))[-1]
    assert (aimed.gap, aimed.gap_from_year) == (23, 2023)


def test_a_target_that_was_passed_has_a_negative_gap(lay_out: LayOut) -> None:
    rows: list[Row] = [{"tax_yuan": MARK, "tax_year": 2024} for _ in range(25)]
    aimed = progress(lay_out(rows))[-1]
    assert (aimed.year, aimed.towers_past_mark, aimed.gap, aimed.gap_from_year) == (2024, 25, -1, 2024)


def test_a_layer_without_figures_says_nothing_of_the_gap(lay_out: LayOut) -> None:
    published, aimed = progress(lay_out([{}]))
    assert published.towers_past_mark is None
    assert (aimed.target, aimed.gap, aimed.gap_from_year) == (24, None, None)


def test_a_target_in_district_revenue_counts_district_revenue(lay_out: LayOut, district: District) -> None:
    targets = tuple(
        target.model_copy(update={"measure": "district_revenue_yuan"}) for target in district.targets
    )
    by_revenue = district.model_copy(update={"targets": targets})
    rows: list[Row] = [{"tax_yuan": MARK * 2, "district_revenue_yuan": MARK - 1, "tax_year": 2023}]
    published = progress(lay_out(rows, district=by_revenue))[0]
    assert (published.measure, published.towers_past_mark) == ("district_revenue_yuan", 0)


def test_the_cultivation_list_is_of_existing_towers_below_the_mark_nearest_first(lay_out: LayOut) -> None:
    rows = [
        row(None, 20_000_000, id="far"),
        row(None, MARK - 1, id="near"),
        row(None, MARK, id="past"),
        row(None, None, id="unknown"),
        row(None, MARK - 1, id="also-near"),
        row(None, MARK - 5, id="planned", status="planned"),
    ]
    found = next_to_pass(select(lay_out(rows), Filter()))
    assert [entry.id for entry in found] == ["also-near", "near", "far"]
    assert [entry.gap_yuan for entry in found] == [1, 1, 80_000_000]
    assert found[-1].gap_share == 0.8


def test_the_list_is_as_long_as_asked_and_does_not_depend_on_the_list_s_order(lay_out: LayOut) -> None:
    snapshot = lay_out([row(None, 1_000 * number) for number in range(20)])
    assert len(next_to_pass(select(snapshot, Filter()))) == 10
    by_name = next_to_pass(select(snapshot, Filter(sort="name", limit=1)), 3)
    assert by_name == next_to_pass(select(snapshot, Filter()), 3)


@pytest.mark.parametrize(
    ("before", "newest", "year"),
    [
        (80_000_000, 90_000_000, 2024),  # one more step reaches the mark exactly, and that passes it
        (80_000_000, 89_999_999, 2025),
        (98_000_000, 99_000_000, 2024),
        (85_000_000, 90_000_000, 2025),
        (89_000_000, 90_000_000, 2033),
        (0, 99_999_999, 2024),
    ],
)
def test_the_forecast_is_the_first_year_in_which_the_last_change_reaches_the_mark(
    lay_out: LayOut, before: float, newest: float, year: int
) -> None:
    found = candidate(lay_out, row(before, newest))
    assert (found.forecast_year, found.forecast_basis) == (year, "last_change")


@pytest.mark.parametrize(
    ("before", "newest", "basis"),
    [
        (None, 90_000_000, "no_year_before"),
        (90_000_000, 90_000_000, "not_growing"),
        (90_000_001, 90_000_000, "not_growing"),
        (89_000_001, 90_000_000, "beyond_horizon"),
    ],
)
def test_where_there_is_no_forecast_the_reason_is_given(
    lay_out: LayOut, before: float | None, newest: float, basis: str
) -> None:
    found = candidate(lay_out, row(before, newest))
    assert (found.forecast_year, found.forecast_basis) == (None, basis)


def test_growth_is_over_the_year_before_and_over_nothing_else(lay_out: LayOut) -> None:
    assert candidate(lay_out, row(80_000_000, 90_000_000)).growth_share == pytest.approx(0.125)
    assert candidate(lay_out, row(0, 90_000_000)).growth_share is None
    skipped = [{"year": 2021, "tax_yuan": 1}, {"year": 2023, "tax_yuan": 2}]
    assert candidate(lay_out, {"tax_history": skipped}).growth_share is None
    assert candidate(lay_out, {"tax_yuan": 2}).tax_year is None


def test_the_list_of_an_earlier_year_is_of_that_year_s_figures(lay_out: LayOut) -> None:
    snapshot = lay_out([row(MARK - 7, MARK)])
    assert next_to_pass(select(snapshot, Filter())) == ()
    (found,) = next_to_pass(select(snapshot, Filter(year=2022)))
    assert (found.tax_year, found.gap_yuan, found.forecast_basis) == (2022, 7, "no_year_before")
