"""Numbers for parcels that come without one: short, in a row, and none that is taken."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildingmap.sites import free_numbers


@pytest.mark.parametrize(
    ("taken", "next_ones"),
    [
        ([], ["DK-01", "DK-02"]),
        (["DK-41", "DK-07"], ["DK-42", "DK-43"]),
        (["DK-99"], ["DK-100", "DK-101"]),
        (["SB0301-12", "site-384c45e92d105f96", "DK-3a"], ["DK-01", "DK-02"]),
    ],
)
def test_numbers_go_on_after_the_highest_of_the_registry_s_own(
    taken: list[str], next_ones: list[str]
) -> None:
    assert list(islice(free_numbers(taken), 2)) == next_ones


@given(taken=st.lists(st.from_regex(r"\A(DK-)?[0-9]{1,9}\Z")))
def test_no_number_is_given_twice(taken: list[str]) -> None:
    given_out = list(islice(free_numbers(taken), 5))
    assert len({*given_out, *taken}) == len(set(taken)) + 5
