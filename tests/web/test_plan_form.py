"""A plan and the form of its page are the same thing, both ways."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildingmap.placement import (
    CRITERIA,
    PlanError,
    PlanFile,
    default_plan,
    entry_text,
    parse_plan,
    plan_of,
    plan_toml,
)
from buildingmap.web.plan_form import canonical, field_names, form_of, form_of_query, plan_of_form, query_of
from buildingmap.web.queries import read_query
from tests.examples import examples
from tests.web.conftest import default_district

if TYPE_CHECKING:
    from buildingmap.model import District, Lang

DISTRICT = default_district()
SECTORS = [sector.id for sector in DISTRICT.sectors]
CLUSTERS = [cluster.id for cluster in DISTRICT.clusters]
IDS = st.text("ADK-0179_.:地块", min_size=1, max_size=12)
SHARES = st.floats(0, 1)
POSITIVE = st.floats(1e-3, 1e9)
QUOTAS = st.tuples(st.integers(0, 100), st.none() | st.integers(100, 200)).map(
    lambda ends: {"min": ends[0], "max": ends[1]}
)
WISHES = st.lists(
    st.fixed_dictionaries({"site": IDS, "sector": st.none() | st.sampled_from(SECTORS)}), max_size=4
)
# judgements that all follow from one value per criterion never contradict each other
VALUES = st.lists(st.sampled_from([1.0, 1.5, 2.0, 3.0]), min_size=len(CRITERIA), max_size=len(CRITERIA))


def compared(values: list[float]) -> dict[str, dict[str, float]]:
    pairs = pairwise(CRITERIA)
    worth = dict(zip(CRITERIA, values, strict=True))
    return {one: {other: worth[one] / worth[other]} for one, other in pairs}


@st.composite
def plans(draw: st.DrawFn) -> PlanFile:
    entries: dict[str, Any] = {
        "title": draw(st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=30)),
        "candidates": draw(st.sampled_from(["sites", "coming"])),
        "towers": draw(st.none() | st.integers(1, 200)),
        "floor_area_min_m2": draw(st.none() | st.floats(1, 1e8)),
        "floor_area_max_m2": draw(st.none() | st.floats(1, 1e8)),
        "year": draw(st.none() | st.integers(1900, 2200)),
        "spacing_m": draw(st.floats(0, 1e5)),
        "occupied": draw(st.sampled_from(["exclude", "warn"])),
        "leading": draw(st.none() | st.lists(st.sampled_from(SECTORS), min_size=1, unique=True)),
        "sectors": draw(st.dictionaries(st.sampled_from(SECTORS), QUOTAS)),
        "clusters": draw(st.dictionaries(st.sampled_from(CLUSTERS), QUOTAS)),
        "fixed": draw(WISHES),
        "forbidden": draw(WISHES),
        "apart": draw(st.lists(st.lists(IDS, min_size=2, max_size=2, unique=True), max_size=3)),
        "reference": {
            "reach_m": draw(POSITIVE),
            "neighbour_share": draw(SHARES),
            "least_comparables": draw(st.integers(1, 1000)),
        },
        "strategy": {
            "source": draw(st.sampled_from(["", "本区规划 / own", "a, b; c=1"])),
            "unnamed": draw(SHARES),
            "fit": draw(
                st.dictionaries(st.sampled_from(CLUSTERS), st.dictionaries(st.sampled_from(SECTORS), SHARES))
            ),
        },
        "gap": draw(SHARES),
        "seconds": draw(st.floats(0.001, 3600)),
    }
    if draw(st.booleans()):
        entries["comparisons"] = compared(draw(VALUES))
    else:
        weights = st.one_of(st.integers(1, 100), st.floats(1e-6, 1e6))
        entries["weights"] = {criterion: draw(weights) for criterion in CRITERIA}
    return plan_of(entries, "plan", complete=True)


@given(plans())
@settings(max_examples=examples(60), deadline=None)
def test_a_plan_survives_its_form(plan: PlanFile) -> None:
    form = form_of(plan, DISTRICT)
    again = plan_of_form(form, DISTRICT)
    assert again == canonical(plan, DISTRICT)
    assert form_of(again, DISTRICT) == form


@given(plans())
@settings(max_examples=examples(40), deadline=None)
def test_a_plan_survives_the_address_of_its_page(plan: PlanFile) -> None:
    query = query_of(plan, DISTRICT)
    assert query.isascii()
    if len(query) > 3000:
        return
    form = form_of_query(read_query(query.encode()), DISTRICT)
    assert plan_of_form(form, DISTRICT) == canonical(plan, DISTRICT)


@given(plans())
@settings(max_examples=examples(40), deadline=None)
def test_a_plan_survives_as_a_file_and_then_the_form(plan: PlanFile) -> None:
    read = parse_plan(plan_toml(plan).encode(), "plan.toml", is_json=False)
    assert plan_of_form(form_of(read, DISTRICT), DISTRICT) == canonical(plan, DISTRICT)


def test_what_is_canonical_is_the_same_plan(district: District) -> None:
    assert canonical(default_plan(), district) == default_plan().model_copy(update={"leading": None})


def test_the_default_plan_needs_nothing_in_the_address(district: District) -> None:
    assert query_of(default_plan(), district) == ""


@pytest.mark.parametrize(
    ("field", "typed", "entry"),
    [
        ("towers", "many", "towers"),
        ("towers", "0", "towers"),
        ("weights.tax", "-1", "weights.tax"),
        ("spacing_m", "nan", "spacing_m"),
        ("sectors.finance.min", "9", "sectors.finance"),
        ("reference.reach_m", "0", "reference.reach_m"),
        ("strategy.fit.cbd.finance", "2", "strategy.fit.cbd.finance"),
        ("comparisons.access.tax", "99", "comparisons.access.tax"),
        ("apart", "DK-01", "apart.0.1"),
        ("seconds", "9999", "seconds"),
    ],
)
@pytest.mark.parametrize("lang", [0, 1])
def test_what_cannot_be_read_is_told_at_its_field(
    district: District, field: str, typed: str, entry: str, lang: int
) -> None:
    form = form_of(default_plan(), district) | {field: [typed]}
    with pytest.raises(PlanError) as refused:
        plan_of_form(form, district)
    (fault,) = refused.value.faults
    assert fault.entry == entry
    assert fault.expected[lang]
    assert lang == 0 or not fault.expected[lang].startswith("Input")


def test_numbers_are_read_as_people_type_them(district: District) -> None:
    form = form_of(default_plan(), district) | {"floor_area_max_m2": ["1,200，000 "], "towers": [" 7 "]}
    plan = plan_of_form(form, district)
    assert (plan.floor_area_max_m2, plan.towers) == (1_200_000, 7)


def test_nothing_typed_leaves_the_number_of_towers_open(district: District) -> None:
    form = form_of(default_plan(), district) | {"towers": [""], "floor_area_max_m2": ["500000"]}
    assert plan_of_form(form, district).towers is None


def test_weights_beside_comparisons_are_those_that_follow(district: District) -> None:
    form = form_of(default_plan(), district) | {"comparisons.access.tax": ["4"]}
    plan = plan_of_form(form, district)
    assert plan.weights.shares["access"] == pytest.approx(0.8)
    assert plan.weights.shares["tax"] == pytest.approx(0.2)


def test_every_entry_of_a_plan_file_has_a_field(district: District) -> None:
    fields = {name.split(".")[0] for name in field_names(district)}
    assert fields == set(PlanFile.model_fields)
    assert {name for name in field_names(district) if name.startswith("reference.")} == {
        f"reference.{name}" for name in type(default_plan().reference).model_fields
    }


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_field_has_its_word(district: District, lang: Lang) -> None:
    for name in field_names(district):
        said = entry_text(name, district, lang)
        assert said != name
        assert not said.endswith((f"({name})", f"（{name}）"))
        assert bool(re.search(r"[\u4e00-\u9fff]", said)) == (lang == "zh"), said


def test_an_entry_without_a_field_is_named_by_the_one_that_it_is_in(district: District) -> None:
    assert entry_text("apart.0.1", district, "en") == "Not both of (no. 1, no. 2)"
    assert entry_text("sectors.gold", district, "zh") == "各主导产业栋数（gold）"
    assert entry_text("storeys", district, "en") == "storeys"
