from __future__ import annotations

import pytest

from buildingmap.analysis import RunRate, TaxYear, run_rate
from buildingmap.map import TaxBars, tax_bars
from tests.analysis.offices import MARK, tax


def year(number: int, yuan: float | None) -> TaxYear:
    return TaxYear(number, yuan, None, None, None, None, (None,) * 4, None)


def drawn(*amounts: float | None, forecast: RunRate | None = None) -> TaxBars:
    years = [year(2024 - len(amounts) + place, yuan) for place, yuan in enumerate(amounts)]
    found = tax_bars(years, forecast, MARK)
    assert found is not None
    return found


def test_a_tower_without_a_known_tax_has_no_chart() -> None:
    assert tax_bars([year(2023, None)], None, MARK) is None


def test_exactly_the_mark_ends_on_its_line_and_is_past_it() -> None:
    found = drawn(MARK - 1, MARK, 2 * MARK)
    assert found.mark_y == found.bars[1].top
    assert [bar.past_mark for bar in found.bars] == [False, True, True]


def test_a_mark_far_above_the_bars_is_left_out() -> None:
    assert drawn(14_999_999).mark_y is None
    assert drawn(15_000_000).mark_y is not None


def test_a_year_whose_tax_is_unknown_has_no_bar() -> None:
    assert [bar.year for bar in drawn(1e6, None, 2e6).bars] == [2021, 2023]


def test_the_year_under_way_shows_what_is_known_and_the_range_of_what_is_expected() -> None:
    forecast = run_rate([tax(2023, 100e6), tax(2023, 20e6, 1), tax(2024, 30e6, 1)])
    assert forecast is not None
    found = drawn(100e6, forecast=forecast)
    last = found.bars[-1]
    assert (last.year, last.amount_yuan) == (2024, 30e6)
    assert last.low is not None
    assert last.high is not None
    assert last.high < last.low < last.top < found.base
    # 150 million by the quarter's share of last year, 120 by even quarters
    height = found.base - last.high
    assert (found.base - last.low) / height == pytest.approx(120 / 150, abs=0.01)


def test_taxes_of_nothing_are_bars_of_no_height() -> None:
    found = drawn(0.0)
    assert found.bars[0].top == found.base


def test_only_the_newest_twelve_years_are_drawn() -> None:
    found = drawn(*[1e6] * 20)
    assert [bar.year for bar in found.bars] == list(range(2012, 2024))
