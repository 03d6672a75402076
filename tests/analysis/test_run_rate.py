from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildingmap.analysis import RunRate, run_rate
from tests.analysis.offices import MARK, tax

if TYPE_CHECKING:
    from buildingmap.model import TaxEntry


def year_before(*quarters: float, year: int = 2023) -> list[TaxEntry]:
    parts = [tax(year, yuan, place) for place, yuan in enumerate(quarters, 1)]
    return [tax(year, sum(quarters)), *parts]


def forecast(*entries: TaxEntry) -> RunRate:
    found = run_rate([*entries])
    assert found is not None
    return found


def test_the_known_quarters_are_divided_by_the_share_they_had_last_year() -> None:
    found = forecast(*year_before(10, 20, 30, 40), tax(2024, 12, 1), tax(2024, 24, 2))
    assert (found.year, found.quarters, found.known_yuan) == (2024, (1, 2), 36)
    ways = [(way.basis, way.base_year, way.share, way.tax_yuan) for way in found.estimates]
    assert ways == [("same_quarters", 2023, 0.3, 120), ("even_quarters", None, 0.5, 72)]
    assert (found.low_yuan, found.high_yuan) == (72, 120)


def test_each_year_before_that_has_the_same_quarters_is_a_way_of_its_own() -> None:
    old = year_before(25, 25, 25, 25, year=2022)
    found = forecast(*old, *year_before(10, 20, 30, 40), tax(2024, 36, 1))
    assert [(way.base_year, way.tax_yuan) for way in found.estimates] == [
        (2023, 360),
        (2022, 144),
        (None, 144),
    ]


def test_a_year_without_the_same_quarters_is_no_basis() -> None:
    found = forecast(tax(2023, 100), tax(2023, 40, 3), tax(2024, 10, 1))
    assert [way.basis for way in found.estimates] == ["even_quarters"]


def test_quarters_that_exceed_their_year_are_no_basis() -> None:
    found = forecast(tax(2023, 100), tax(2023, 140, 1), tax(2024, 10, 1))
    assert [way.basis for way in found.estimates] == ["even_quarters"]


def test_four_quarters_are_a_sum_and_no_forecast() -> None:
    found = forecast(*(tax(2024, 10.0 * place, place) for place in (1, 2, 3, 4)))
    assert [(way.basis, way.tax_yuan) for way in found.estimates] == [("all_quarters", 100)]


def test_a_year_whose_total_is_known_needs_no_forecast() -> None:
    assert run_rate([*year_before(10, 20, 30, 40)]) is None
    assert run_rate([tax(2023, 10, 1), tax(2024, 5)]) is None
    assert run_rate([]) is None


def test_the_quarters_of_one_kind_of_tax_say_nothing_of_all_taxes() -> None:
    assert run_rate([tax(2024, 10, 1, tax_type="增值税")]) is None


@pytest.mark.parametrize(
    ("first", "expected"),
    [(10e6, "below"), (20e6, "either"), (30e6, "past"), (100e6, "reached"), (99_999_999, "past")],
)
def test_it_is_held_against_the_mark_by_every_way(first: float, expected: str) -> None:
    before = year_before(20e6, 20e6, 20e6, 40e6)  # the first quarter was a fifth of the year
    assert forecast(*before, tax(2024, first, 1)).outlook(MARK) == expected


@given(
    st.lists(st.integers(1, 10**9), min_size=4, max_size=4),
    st.dictionaries(st.sampled_from([1, 2, 3, 4]), st.integers(0, 10**9), min_size=1, max_size=3),
)
def test_no_way_expects_less_than_is_known_and_the_same_year_again_is_expected_to_be_the_same(
    before: list[int], known: dict[int, int]
) -> None:
    found = forecast(*year_before(*before), *(tax(2024, yuan, quarter) for quarter, yuan in known.items()))
    assert found.low_yuan >= found.known_yuan * (1 - 1e-9)
    again = forecast(*year_before(*before), *(tax(2024, before[quarter - 1], quarter) for quarter in known))
    assert again.estimates[0].tax_yuan == pytest.approx(sum(before))
