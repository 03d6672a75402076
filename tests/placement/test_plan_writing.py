"""A plan written as a file reads back as the same plan."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildingmap.placement import (
    CRITERIA,
    PlanError,
    PlanFile,
    default_plan,
    parse_plan,
    plan_of,
    plan_toml,
)
from tests.examples import examples

CALM = settings(deadline=None, max_examples=examples(50))
IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
SHARES = st.floats(0, 1)
QUOTAS = st.dictionaries(
    IDS, st.builds(lambda low, more: {"min": low, "max": low + more}, *[st.integers(0, 50)] * 2)
)
PLANS = st.fixed_dictionaries(
    {},
    optional={
        "title": st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
        "towers": st.none() | st.integers(1, 200),
        "floor_area_max_m2": st.none() | st.floats(1, 1e7),
        "year": st.none() | st.integers(1900, 2200),
        "spacing_m": st.floats(0, 1000),
        "leading": st.none() | st.lists(IDS, min_size=1, max_size=3, unique=True),
        "weights": st.fixed_dictionaries({key: st.floats(0.1, 1000) for key in CRITERIA}),
        "sectors": QUOTAS,
        "fixed": st.lists(st.fixed_dictionaries({"site": IDS}, optional={"sector": IDS}), max_size=3),
        "apart": st.lists(st.lists(IDS, min_size=2, max_size=2, unique=True), max_size=2),
        "strategy": st.fixed_dictionaries({"fit": st.dictionaries(IDS, st.dictionaries(IDS, SHARES))}),
        "gap": SHARES,
    },
)


@CALM
@given(PLANS)
def test_a_plan_reads_back_equal_with_and_without_the_defaults(given_entries: dict[str, Any]) -> None:
    plan = PlanFile.model_validate(given_entries)
    text = plan_toml(plan).encode()
    assert parse_plan(text, "plan.toml", is_json=False, complete=True) == plan
    assert parse_plan(text, "plan.toml", is_json=False) == plan


@CALM
@given(st.lists(st.floats(0.1, 10), min_size=6, max_size=6))
def test_weights_from_comparisons_are_written_as_comparisons(steps: list[float]) -> None:
    rows = {one: {other: step} for one, other, step in zip(CRITERIA, CRITERIA[1:], steps, strict=False)}
    plan = plan_of({"comparisons": rows}, "plan.toml")
    text = plan_toml(plan)
    assert "[weights]" not in text
    again = parse_plan(text.encode(), "plan.toml", is_json=False)
    assert again == plan
    assert again.weights.shares == pytest.approx(plan.weights.shares)
    assert plan_of(plan.model_dump(), "plan.toml", complete=True) == plan


def test_the_default_plan_stands_by_itself() -> None:
    assert (
        parse_plan(plan_toml(default_plan()).encode(), "plan.toml", is_json=False, complete=True)
        == default_plan()
    )


def test_weights_follow_from_comparisons() -> None:
    plan = plan_of({"comparisons": {"tax": {"access": 3, "vacancy": 1.5}}}, "plan.toml")
    assert plan.weights.shares["tax"] == pytest.approx(0.5)
    assert plan.weights.shares["strategy"] == 0
    assert plan.comparison is not None
    assert plan.comparison.left_out == ("agglomeration", "linkage", "capacity", "strategy")


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (
            {"weights": {"tax": 3}, "comparisons": {"tax": {"access": 3}}},
            "expected weights or comparisons",
        ),
        ({"comparisons": {"tax": {"tax": 3}}}, "found Expected tax compared with itself"),
        ({"comparisons": {"tax": {"access": 30}}}, "Expected tax / Access to metro: found 30"),
        ({"comparisons": {}}, "found no comparison"),
    ],
)
def test_comparisons_that_cannot_be_used_are_refused(entries: dict[str, Any], expected: str) -> None:
    with pytest.raises(PlanError) as refused:
        plan_of(entries, "plan.toml")
    assert expected in str(refused.value)


@pytest.mark.parametrize("entries", [{"apart": [["DK-01", "DK-01"]]}, {"leading": ["finance", "finance"]}])
def test_what_names_one_thing_twice_is_refused(entries: dict[str, Any]) -> None:
    with pytest.raises(PlanError, match="expected each of them once"):
        plan_of(entries, "plan.toml")
