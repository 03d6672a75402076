"""Scenarios: kept without loss, checked as anybody's text, made again, laid side by side."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildingmap.model import Plan, Site, record_from_row
from buildingmap.placement import CRITERIA, ConfidentialPlanError, why
from buildingmap.placement.scenarios import (
    ScenarioError,
    compare,
    comparison_tables,
    content_of,
    differences,
    read_scenario,
    rerun,
    scenario_document,
    scenario_tables,
    shown,
)
from buildingmap.snapshot import public_view
from tests.examples import examples
from tests.placement.scenarios import scenario
from tests.placement.towns import town

if TYPE_CHECKING:
    from buildingmap.model import District, Surroundings
    from buildingmap.placement.scenarios import Scenario
    from buildingmap.snapshot import Snapshot

FEW = settings(
    max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SEEDS = st.integers(0, 2**32 - 1)
ENTRIES = st.fixed_dictionaries(
    {"towers": st.integers(1, 4)},
    optional={
        "title": st.text(max_size=60),
        "year": st.integers(2024, 2030),
        "weights": st.fixed_dictionaries({name: st.floats(0.01, 100) for name in CRITERIA}),
        "sectors": st.just({"finance": {"min": 1, "max": 2}}),
        "clusters": st.just({"cbd": {"max": 3}}),
        "forbidden": st.just([{"site": "DK-01"}, {"site": "DK-02", "sector": "trade"}]),
        "candidates": st.just("coming"),
    },
).filter(lambda entries: not {"candidates", "forbidden"} <= entries.keys())  # parcels are no towers to come


@pytest.fixture
def place(district: District, surroundings: Surroundings) -> Snapshot:
    return town(1, district, surroundings)


@given(seed=SEEDS, entries=ENTRIES)
@FEW
def test_a_scenario_is_read_back_as_it_was_written(
    district: District, surroundings: Surroundings, seed: int, entries: dict[str, Any]
) -> None:
    made = scenario(town(seed, district, surroundings, sites=7, coming=3), **entries)
    document = scenario_document(made)
    read = read_scenario(document)
    assert read == made
    again = scenario_document(read)
    assert scenario_document(read_scenario(again)) == again
    row = {"id": "plan-1", "title": "方案", "document": document, "registry_version": 3}
    assert isinstance(record_from_row("plan", row, district), Plan)


@given(seed=SEEDS, entries=ENTRIES)
@FEW
def test_a_scenario_made_again_from_the_same_content_has_the_same_answer(
    district: District, surroundings: Surroundings, seed: int, entries: dict[str, Any]
) -> None:
    snapshot = town(seed, district, surroundings, sites=7, coming=3)
    found = rerun(read_scenario(scenario_document(scenario(snapshot, **entries))), snapshot)
    assert found.same
    assert found.same_content
    assert (found.enter, found.leave, found.change) == ((), (), ())


def test_a_scenario_made_again_from_other_content_says_what_differs(place: Snapshot) -> None:
    made = scenario(place)
    gone = made.answer.chosen[0].id
    sites = tuple(site for site in place.holdings.all(Site) if site.id != gone)
    found = rerun(made, replace(place, holdings=replace(place.holdings, records={"site": sites})))
    assert not found.same
    assert not found.same_content
    assert gone in found.leave
    assert len(found.enter) == len(found.leave)
    assert found.answer.score != found.score_before


def test_a_site_that_the_registry_now_forbids_is_told_even_where_the_choice_stays(place: Snapshot) -> None:
    made = scenario(place)
    left = made.answer.runners_up[-1].site
    sites = tuple(
        site.model_copy(update={"rule": "forbidden"}) if site.id == left else site
        for site in place.holdings.all(Site)
    )
    found = rerun(made, replace(place, holdings=replace(place.holdings, records={"site": sites})))
    assert (found.enter, found.leave, found.change) == ((), (), ())
    assert not found.same_terms
    assert not found.same


def test_an_impossible_plan_is_kept_and_made_again_with_its_clash(place: Snapshot) -> None:
    made = scenario(place, sectors={"finance": {"min": 4}})
    assert made.answer.status == "infeasible"
    assert read_scenario(scenario_document(made)) == made
    assert rerun(made, place).same
    keys = {table.key for table in scenario_tables(made, place, "en")}
    assert "clash" in keys
    assert "towers" not in keys


def test_the_digest_of_the_content_heeds_what_a_plan_is_made_from_and_nothing_else(place: Snapshot) -> None:
    turned = replace(
        place, holdings=replace(place.holdings, records={"site": place.holdings.all(Site)[::-1]}, stamps={})
    )
    assert content_of(turned) == content_of(replace(place, version="later")) == content_of(place)
    fewer = replace(place, holdings=replace(place.holdings, records={"site": place.holdings.all(Site)[1:]}))
    dearer = replace(place, district=place.district.model_copy(update={"mark_yuan": 5e7}))
    assert len({content_of(each) for each in (place, fewer, dearer)}) == 3


def test_the_public_gets_no_scenario_made(place: Snapshot) -> None:
    with pytest.raises(ConfidentialPlanError):
        rerun(scenario(place), public_view(place))


def changed(document: str, *path: Any, value: Any) -> str:
    read = json.loads(document)
    inner = read
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return json.dumps(read)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("format",), 3, "scenario: format: found 3"),
        (("answer", "status"), "best", "scenario: answer.status: found 'best'"),
        (("answer", "score"), "12", "scenario: answer.score: found '12'"),
        (("answer", "score"), float("nan"), "scenario: answer.score: found nan, expected a number"),
        (("answer", "score"), 1e300, "scenario: answer.score: found 1e+300, expected a number"),
        (("answer", "score"), 10**400, "scenario: answer.score: found 1"),
        (("answer", "chosen", 0, "lon"), 500.0, "expected longitude and latitude in degrees"),
        (("answer", "chosen", 0, "name"), "x" * 3000, "expected a text of up to 2000 characters"),
        (("answer", "chosen", 0, "name"), "\ud800", "expected a text of up to 2000 characters"),
        (("answer", "chosen", 0, "extra"), 1, "scenario: answer.chosen.0.extra: found 1"),
        (("answer", "chosen", 0, "tax_yuan", "low"), 1e12, "expected them ascending"),
        (("answer", "terms"), [{"kind": "fixed", "subject": ["a", "b", "c"], "value": None}], "expected at most 2"),
        (("answer", "terms"), [{"kind": "drop table", "subject": [], "value": None}], "found 'drop table'"),
        (("plan", "towers"), -1, "scenario: plan.towers: found -1"),
        (("plan", "weights", "access"), "=1+1", "scenario: plan.weights.access: found '=1+1'"),
        (("registry_version",), "1", "scenario: registry_version: found '1'"),
        (("made_at",), "yesterday", "scenario: made_at: found 'yesterday'"),
        (("content",), "../../x", "scenario: content: found '../../x'"),
    ],
)  # fmt: skip
def test_a_document_that_is_not_a_scenario_is_refused_with_the_entry(
    place: Snapshot, path: tuple[Any, ...], value: Any, said: str
) -> None:
    document = changed(scenario_document(scenario(place)), *path, value=value)
    with pytest.raises(ScenarioError) as refused:
        read_scenario(document)
    assert said in str(refused.value)
    assert all(line.startswith("scenario: ") for line in str(refused.value).splitlines())
    assert "Input should" not in str(refused.value)


@pytest.mark.parametrize(
    "document", ["", "{}", "[]", "null", "7", '"x"', "[" * 200_000, '{"a":' * 90_000, "{}" * 9]
)
def test_what_is_no_document_at_all_is_refused_too(document: str) -> None:
    with pytest.raises(ScenarioError, match=r"^scenario: "):
        read_scenario(document)


def as_first_format(document: str) -> dict[str, Any]:
    """A document as it was kept before other sectors and vacancy were computed anew."""
    read: dict[str, Any] = json.loads(document)
    for chosen in read["answer"]["chosen"]:
        del chosen["sector_instead"]
        chosen["other_sector"] = {"site": "A", "sector": "trade", "gives_up": 20.9, "replaces": "A"}
    outcome = read["answer"]["outcome"]
    for name in ("vacant_then_m2", "vacancy_then", "coming", "coming_m2"):
        del outcome[name]
    outcome["vacancy_after"] = {"low": 0.178, "middle": 0.192, "high": 0.212}
    outcome["vacant_after_m2"] = {"low": 520_759.0, "middle": 559_013.0, "high": 617_989.0}
    return read | {"format": 1}


def test_a_scenario_of_the_first_format_is_read_without_the_figures_that_misled(place: Snapshot) -> None:
    made = scenario(place)
    read = read_scenario(json.dumps(as_first_format(scenario_document(made))))
    assert all(chosen.sector_instead is None for chosen in read.answer.chosen)
    assert read.answer.outcome is not None
    assert read.answer.outcome.vacancy_then is None
    assert read.answer.score == made.answer.score
    texts = [why(chosen, place, "en") for chosen in read.answer.chosen]
    assert not any("20.9" in text or "gives up" in text for text in texts)
    assert scenario_document(read) == scenario_document(read_scenario(scenario_document(read)))


def test_the_same_site_twice_is_refused(place: Snapshot) -> None:
    document = json.loads(scenario_document(scenario(place)))
    document["answer"]["chosen"].append(document["answer"]["chosen"][0])
    with pytest.raises(ScenarioError, match="expected each site once"):
        read_scenario(json.dumps(document))


def test_the_registry_refuses_a_document_that_is_nested_too_deep(district: District) -> None:
    row = {"id": "plan-1", "title": "x", "document": "[" * 100_000, "registry_version": 1}
    assert isinstance(record_from_row("plan", row, district), list)


@st.composite
def three_scenarios(draw: st.DrawFn) -> list[dict[str, Any]]:
    return [draw(ENTRIES) for _ in range(draw(st.integers(2, 3)))]


@given(seed=st.integers(0, 20), entries=three_scenarios())
@FEW
def test_a_comparison_does_not_depend_on_the_order_but_for_the_order(
    district: District, surroundings: Surroundings, seed: int, entries: list[dict[str, Any]]
) -> None:
    snapshot = town(seed, district, surroundings, sites=7, coming=3)
    scenarios = [scenario(snapshot, **each) for each in entries]
    forth, back = compare(scenarios), compare(scenarios[::-1])
    assert forth.in_all == back.in_all
    assert forth.otherwise == back.otherwise
    assert forth.only == back.only[::-1]
    assert forth.score_differs_by == back.score_differs_by
    assert [(each.site, each.sectors) for each in forth.sites] == [
        (each.site, each.sectors[::-1]) for each in back.sites
    ]
    assert [(each.entry, each.values) for each in forth.entries] == [
        (each.entry, each.values[::-1]) for each in back.entries
    ]
    taken = {chosen.id for each in scenarios for chosen in each.answer.chosen}
    assert {each.site for each in forth.sites} == taken
    for place, only in enumerate(forth.only):
        others = {c.id for other, each in enumerate(scenarios) if other != place for c in each.answer.chosen}
        assert set(only) == {chosen.id for chosen in scenarios[place].answer.chosen} - others


def test_a_scenario_has_no_difference_from_itself(place: Snapshot) -> None:
    made = scenario(place)
    found = compare([made, made])
    assert found.same_choice
    assert found.only == ((), ())
    assert (found.otherwise, found.score_differs_by, found.entries) == ((), (), ())
    assert all(all(term.held) for term in found.terms)
    assert "They take the same sites for the same sectors." in differences(found, "en")
    assert "entries" not in {table.key for table in comparison_tables(found, ["甲", "乙"], place, "en")}


def test_scores_are_said_to_be_comparable_only_where_they_are(place: Snapshot) -> None:
    usual = scenario(place)
    others: dict[str, Scenario] = {
        "weights": scenario(place, weights=dict.fromkeys(CRITERIA, 1) | {"access": 9}),
        "reference": scenario(place, reference={"reach_m": 500}),
        "towers": scenario(place, towers=2),
    }
    for name, other in others.items():
        assert name in compare([usual, other]).score_differs_by
        assert "cannot be compared" in differences(compare([usual, other]), "en")[-1]
    # weights in other units weigh the same
    heavier = scenario(place, weights=dict.fromkeys(CRITERIA, 7.0))
    assert compare([scenario(place, weights=dict.fromkeys(CRITERIA, 1)), heavier]).score_differs_by == ()
    later = replace(usual, content="0" * 16)
    assert compare([usual, later]).score_differs_by == ("registry",)


def test_every_table_can_be_read_in_both_languages(place: Snapshot) -> None:
    one, other = scenario(place), scenario(place, towers=2, spacing_m=100)
    for lang in ("zh", "en"):
        tables = scenario_tables(one, place, lang)
        tables += comparison_tables(compare([one, other]), ["甲", ""], place, lang)
        for table in tables:
            for row in table.rows:
                assert len(row) == len(table.heads)
                said = [shown(cell, lang) for cell in row]
                assert all(said), (table.key, said)
                assert not any(re.search(r"\{|\bnan\b", text) for text in said), (table.key, said)
