"""A plan of a town: what it chooses, why, what it gives up otherwise, and what must not change it."""

from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from buildingmap.cli.plan_tables import print_plan
from buildingmap.model import Site
from buildingmap.placement import (
    CRITERIA,
    ConfidentialPlanError,
    PlanError,
    answer,
    answer_json,
    default_plan,
    not_applied_text,
    plan_of,
    planning,
    why,
    why_not,
)
from buildingmap.placement.candidates import buildable_m2
from buildingmap.placement.plan_file import Reference
from buildingmap.placement.scenarios import compare, comparison_tables, scenario_tables
from buildingmap.snapshot import public_view
from tests.examples import examples
from tests.placement.choices import best_score
from tests.placement.scenarios import scenario
from tests.placement.towns import town

if TYPE_CHECKING:
    from buildingmap.model import District, Lang, Surroundings
    from buildingmap.placement import PlanAnswer
    from buildingmap.snapshot import Snapshot

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(
    max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FREE: dict[str, Any] = {"sectors": {}, "clusters": {}, "spacing_m": 0}


def planned(snapshot: Snapshot, **entries: Any) -> PlanAnswer:
    return answer(planning(snapshot, plan_of(entries, "test")))


@pytest.fixture
def place(district: District, surroundings: Surroundings) -> Snapshot:
    return town(1, district, surroundings)


@given(seed=SEEDS)
@FEW
def test_the_plan_of_a_small_town_is_the_best_of_all(
    district: District, surroundings: Surroundings, seed: int
) -> None:
    snapshot = town(seed, district, surroundings, sites=6)
    entries = {
        "towers": 3,
        "leading": ["finance", "digital", "trade"],
        "sectors": {"finance": {"max": 1}, "trade": {"min": 1}},
        "clusters": {"cbd": {"max": 2}},
        "spacing_m": 300,
    }
    laid_out = planning(snapshot, plan_of(entries, "test"))
    best, found = best_score(laid_out.choice(3)), answer(laid_out)
    if best is None:
        assert found.status == "infeasible"
        assert found.clash
    else:
        assert found.status == "optimal"
        assert found.score == pytest.approx(best, abs=1e-5)


@given(seed=SEEDS)
@FEW
def test_the_bars_of_all_towers_come_to_the_score(
    district: District, surroundings: Surroundings, seed: int
) -> None:
    found = planned(town(seed, district, surroundings), towers=5, **FREE)
    assert found.score == pytest.approx(sum(part.points for c in found.chosen for part in c.parts), abs=1e-6)
    assert found.score == pytest.approx(sum(chosen.points for chosen in found.chosen), abs=1e-6)
    for chosen in found.chosen:
        assert [part.criterion for part in chosen.parts] == list(CRITERIA)
        assert all(0 <= part.value <= 1 and part.alone == part.value * part.of for part in chosen.parts)


@given(seed=SEEDS)
@FEW
def test_the_order_of_sites_and_towers_changes_nothing(
    district: District, surroundings: Surroundings, seed: int
) -> None:
    snapshot = town(seed, district, surroundings)
    sites = snapshot.holdings.all(Site)
    turned = replace(snapshot, holdings=replace(snapshot.holdings, records={"site": tuple(reversed(sites))}))
    first, second = (planned(each, towers=4, **FREE) for each in (snapshot, turned))
    assert first.score == pytest.approx(second.score)
    assert {(c.id, c.sector) for c in first.chosen} == {(c.id, c.sector) for c in second.chosen}


def test_weights_count_by_their_shares_alone(place: Snapshot) -> None:
    few = dict.fromkeys(CRITERIA, 1)
    many = dict.fromkeys(CRITERIA, 250)
    first, second = (planned(place, towers=4, weights=weights, **FREE) for weights in (few, many))
    assert first.score == pytest.approx(second.score)
    assert [c.id for c in first.chosen] == [c.id for c in second.chosen]


def test_a_tower_that_only_access_counts_for_goes_to_the_nearest_station(place: Snapshot) -> None:
    weights = dict.fromkeys(CRITERIA, 0) | {"access": 1}
    found = planned(place, towers=1, weights=weights, **FREE)
    laid_out = planning(place, plan_of({"towers": 1, "weights": weights, **FREE}, "test"))
    assert found.chosen[0].station_m == pytest.approx(laid_out.assessment.station_m.min())
    assert found.score == pytest.approx(100 * np.exp(-(found.chosen[0].station_m or 0) / 600))


def test_a_plan_keeps_to_its_quotas_caps_spacing_and_year(place: Snapshot) -> None:
    found = planned(
        place,
        towers=4,
        sectors={"life_science": {"min": 2}, "finance": {"max": 0}},
        clusters={"cbd": {"max": 1}},
        spacing_m=500,
        year=2027,
    )
    assert found.status == "optimal"
    assert sum(chosen.sector == "life_science" for chosen in found.chosen) >= 2
    assert not any(chosen.sector == "finance" for chosen in found.chosen)
    assert sum(chosen.cluster == "cbd" for chosen in found.chosen) <= 1
    assert all((chosen.earliest_year or 0) <= 2027 for chosen in found.chosen)


def test_fixed_and_forbidden_sites_and_sectors_are_heeded(place: Snapshot) -> None:
    free = planned(place, towers=3, **FREE)
    out = free.chosen[0].id
    left = next(each.site for each in free.runners_up)
    found = planned(
        place,
        towers=3,
        fixed=[{"site": left, "sector": "talent"}],
        forbidden=[{"site": out}, {"site": free.chosen[1].id, "sector": free.chosen[1].sector}],
        **FREE,
    )
    taken = {chosen.id: chosen.sector for chosen in found.chosen}
    assert taken[left] == "talent"
    assert out not in taken
    assert taken.get(free.chosen[1].id) != free.chosen[1].sector
    assert (found.score or 0) <= (free.score or 0) + 1e-6


def test_sites_that_the_registry_fixes_or_forbids_are_taken_or_left(
    district: District, surroundings: Surroundings
) -> None:
    found = planned(town(2, district, surroundings, sites=4, rule="fixed"), towers=4, **FREE)
    assert len(found.chosen) == 4
    none = planned(town(2, district, surroundings, sites=4, rule="forbidden"), towers=2, **FREE)
    assert none.status == "infeasible"
    assert {term.kind for term in none.clash} == {"registry_forbidden"}


def test_a_plan_by_floor_area_takes_as_many_towers_as_serve_it_best(place: Snapshot) -> None:
    found = planned(place, floor_area_max_m2=150_000, **FREE)
    assert found.status == "optimal"
    assert sum(chosen.floor_area_m2 for chosen in found.chosen) <= 150_000
    others = [
        planned(place, towers=towers, floor_area_max_m2=150_000, **FREE)
        for towers in range(1, len(found.chosen) + 2)
    ]
    assert found.score == pytest.approx(max(each.score or 0 for each in others))


def test_towers_to_come_each_get_a_sector_where_they_stand(
    district: District, surroundings: Surroundings
) -> None:
    found = planned(town(3, district, surroundings, coming=3), candidates="coming", **FREE)
    assert sorted(chosen.id for chosen in found.chosen) == ["T-030", "T-031", "T-032"]
    assert found.status == "optimal"


def test_why_not_says_what_the_best_plan_with_a_site_gives_up(place: Snapshot) -> None:
    laid_out = planning(place, plan_of({"towers": 3, **FREE}, "test"))
    best = answer(laid_out)
    left = best.runners_up[-1].site
    found = why_not(laid_out, best, left)
    assert left in {chosen.id for chosen in found.instead.chosen}
    assert found.gives_up is not None
    assert found.gives_up > 0
    # one exchange is a plan with the site in it: the best such plan gives up no more
    assert found.gives_up <= (best.runners_up[-1].gives_up or 0) + 1e-6
    assert left in found.enter
    assert len(found.enter) == len(found.leave)


def test_why_not_names_the_condition_that_keeps_a_site_out(place: Snapshot) -> None:
    laid_out = planning(place, plan_of({"towers": 3, "forbidden": [{"site": "DK-01"}], **FREE}, "test"))
    found = why_not(laid_out, answer(laid_out), "DK-01")
    assert found.gives_up is None
    assert {term.kind for term in found.clash} == {"fixed", "forbidden"}


def test_a_tower_that_is_fixed_or_makes_up_a_quota_says_so_before_its_merits(place: Snapshot) -> None:
    free = planned(place, towers=3, **FREE)
    taken = {chosen.sector for chosen in free.chosen}
    missing = next(each.id for each in place.district.sectors if each.id not in taken | {"other"})
    worst = free.runners_up[-1].site
    fixed = planned(place, towers=3, **{**FREE, "fixed": [{"site": worst}]})
    (there,) = [chosen for chosen in fixed.chosen if chosen.id == worst]
    assert "the plan fixes it" in why(there, place, "en")
    assert "方案要求其入选" in why(there, place, "zh")
    quota = planned(place, towers=3, **{**FREE, "sectors": {missing: {"min": 3}}})
    named = f"needed for “at least 3 towers led by {missing_name(place, missing)}”"
    assert any(named in why(chosen, place, "en") for chosen in quota.chosen)
    assert not any(chosen.held_by for chosen in free.chosen)


def missing_name(place: Snapshot, sector: str) -> str:
    return next(each.label("en") for each in place.district.sectors if each.id == sector)


def test_weights_and_measures_that_a_plan_leaves_out_count_nothing_and_stay_as_they_are() -> None:
    plan = plan_of({"weights": {"access": 60, "tax": 20}, "reference": {"reach_m": 500}}, "test")
    assert plan.weights.shares == pytest.approx(dict.fromkeys(CRITERIA, 0.0) | {"access": 0.75, "tax": 0.25})
    usual = default_plan().reference
    assert plan.reference == usual.model_copy(update={"reach_m": 500.0})


def test_every_chosen_tower_has_a_sentence_in_both_languages(place: Snapshot) -> None:
    for chosen in planned(place, towers=5, **FREE).chosen:
        for lang in ("zh", "en"):
            sentence = why(chosen, place, lang)
            assert sentence.startswith(chosen.id)
            assert "{" not in sentence
            assert " nan" not in sentence


def test_the_outcome_counts_what_is_there_and_what_comes(place: Snapshot) -> None:
    found = planned(place, towers=4, **FREE)
    assert found.outcome is not None
    past = place.figures().past_mark & (np.asarray(place.status) == 0)
    assert found.outcome.past_mark_before == int(past.sum())
    added = sum(c.tax_yuan is not None and c.tax_yuan.middle >= 1e8 for c in found.chosen)
    assert found.outcome.past_mark_added.middle == added
    assert found.outcome.tax_yuan.low <= found.outcome.tax_yuan.middle <= found.outcome.tax_yuan.high
    new_m2 = sum(chosen.floor_area_m2 for chosen in found.chosen)
    for shares in (found.outcome.floor_area_by_sector, found.outcome.floor_area_by_cluster):
        assert sum(share.after_m2 - share.before_m2 for share in shares) == pytest.approx(new_m2)


def test_the_public_gets_no_plan(place: Snapshot) -> None:
    with pytest.raises(ConfidentialPlanError):
        planning(public_view(place), default_plan())


def test_an_answer_is_json(place: Snapshot) -> None:
    found = planned(place, towers=2, **FREE)
    read = orjson.loads(answer_json(found))
    assert read["status"] == "optimal"
    assert [tower["id"] for tower in read["chosen"]] == [chosen.id for chosen in found.chosen]


@pytest.mark.parametrize(
    ("fields", "expected_m2", "basis"),
    [
        ({"area_m2": 10_000, "floor_area_ratio": 4}, 40_000, "ratio"),
        ({"area_m2": 10_000}, 35_000, "assumed_ratio"),
        ({"area_m2": 10_000, "floor_area_ratio": 8, "height_limit_m": 42}, 40_000, "height"),
        ({"floor_area_ratio": 2}, 18_000, "ratio"),
    ],
)
def test_a_parcel_takes_what_ratio_and_height_allow(
    fields: dict[str, Any], expected_m2: float, basis: str
) -> None:
    site = Site.model_validate({"id": "DK-1", "name": "地块", **fields})
    assert buildable_m2(site, 9_000, Reference()) == (expected_m2, basis)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({"fixed": [{"site": "DK-99"}]}, "Must be taken: found DK-99, expected one of the district's sites"),
        (
            {"sectors": {"banking": {"max": 1}}},
            "Towers by leading sector: found banking, expected one of the district's sectors",
        ),
        (
            {"strategy": {"fit": {"cbd": {"banking": 1}}}},
            "Fit with what clusters are meant for (CBD): found banking",
        ),
    ],
)
def test_a_plan_that_names_what_there_is_not_is_refused(
    place: Snapshot, entries: dict[str, Any], expected: str
) -> None:
    with pytest.raises(PlanError, match=r"^my\.toml: ") as refused:
        planning(place, plan_of(entries, "my.toml"), "my.toml")
    assert expected in str(refused.value)


def test_vacancy_afterwards_goes_from_new_space_let_like_todays_to_no_new_demand(place: Snapshot) -> None:
    outcome = planned(place, towers=3, **FREE).outcome
    assert outcome is not None
    assert outcome.vacant_then_m2 is not None
    assert outcome.vacancy_then is not None
    standing = [tower for tower in place.buildings if tower.status == "existing"]
    let_m2 = sum(tower.leasable_area_m2 or 0 for tower in standing)
    vacant_m2 = sum((tower.leasable_area_m2 or 0) * (tower.vacancy_rate or 0) for tower in standing)
    assert outcome.vacancy_before == pytest.approx(vacant_m2 / let_m2)
    coming = [tower for tower in place.buildings if tower.status != "existing"]
    assert (outcome.coming, len(coming)) == (2, 2)
    assert outcome.coming_m2 == pytest.approx(sum(tower.floor_area_m2 or 0 for tower in coming))
    # the towers of the town let 0.7 of their floor area
    added_m2 = 0.7 * (outcome.offered_m2 + outcome.coming_m2)
    assert outcome.vacancy_then.low == pytest.approx(outcome.vacancy_before)
    assert outcome.vacant_then_m2.low == pytest.approx(vacant_m2 / let_m2 * (let_m2 + added_m2))
    assert outcome.vacant_then_m2.high == pytest.approx(vacant_m2 + added_m2)
    assert outcome.vacancy_then.high == pytest.approx((vacant_m2 + added_m2) / (let_m2 + added_m2))


def test_towers_to_come_that_the_plan_itself_places_are_supply_once(
    district: District, surroundings: Surroundings
) -> None:
    snapshot = town(3, district, surroundings, coming=3)
    outcome = planned(snapshot, candidates="coming", **FREE).outcome
    assert outcome is not None
    assert (outcome.coming, outcome.coming_m2) == (0, 0)
    assert outcome.vacancy_then is not None
    assert outcome.vacancy_before is not None
    assert outcome.vacancy_then.low == pytest.approx(outcome.vacancy_before)
    assert outcome.vacancy_then.high > outcome.vacancy_before


def test_what_counts_nothing_for_towers_to_come_is_said(
    district: District, surroundings: Surroundings
) -> None:
    snapshot = town(3, district, surroundings, coming=3)
    entries: dict[str, Any] = {"candidates": "coming", "sectors": {}, "clusters": {}}
    stated = {
        "towers": 2,
        "year": 2027,
        "spacing_m": 250,
        "occupied": "warn",
        "reference": {"site_coverage": 0.5},
    }
    found = planned(snapshot, **entries, **stated)
    assert found.not_applied == ("towers", "year", "spacing_m", "occupied", "reference.site_coverage")
    assert len(found.chosen) == 3
    plan = plan_of({**entries, **stated}, "test")
    assert not_applied_text(found.not_applied, plan, "en") == (
        "Towers to come keep their places and all of them are planned, so these entries count nothing: New towers 2; "
        "Sites that can be had by 2027; Least distance between new towers, m 250; "
        "Sites that are road, built over or outside the district; Site coverage, 0 to 1 0.5."
    )
    assert "最晚可供年份 2027" in not_applied_text(found.not_applied, plan, "zh")
    quiet = planned(snapshot, **entries, towers=3)
    assert quiet.not_applied == ()
    # the same entries count where towers are placed
    assert planned(snapshot, **{**entries, **stated, "candidates": "sites"}).not_applied == ()


def test_what_a_plan_states_stands_in_its_tables_by_name(place: Snapshot) -> None:
    made = scenario(place, candidates="coming", year=2027, sectors={"finance": {"max": 2}})
    texts = [str(cell) for each in scenario_tables(made, place, "zh") for row in each.rows for cell in row]
    assert "现代金融，至多" in texts
    assert "待建楼宇" in texts
    assert any("以下参数不起作用" in text and "最晚可供年份 2027" in text for text in texts)
    assert not any(re.search(r"[a-z]+\.[a-z_]+\.|[a-z]_m2?$", text) for text in texts)
    console = Console(record=True, width=400, file=StringIO())
    print_plan(made.answer, made.plan, place, "zh", console)
    assert "最晚可供年份 2027" in console.export_text()


def test_every_surface_says_what_its_vacancy_afterwards_assumes(place: Snapshot) -> None:
    made = scenario(place)
    assumptions: tuple[tuple[Lang, str], ...] = (
        ("en", "new space let like today's, to no new demand"),
        ("zh", "新增空间按今日比例出租，至无新增需求"),
    )
    for lang, assumed in assumptions:
        side_by_side = comparison_tables(compare([made, made]), ["1", "2"], place, lang)
        tables = [*scenario_tables(made, place, lang), *side_by_side]
        rows = [
            row
            for each in tables
            for row in each.rows
            if str(row[0]).startswith(("Vacant space", "Vacancy;", "空置"))
        ]
        assert len(rows) == 4
        assert all(assumed in str(row[0]) for row in rows)
        console = Console(record=True, width=400, file=StringIO())
        print_plan(made.answer, made.plan, place, lang, console)
        lines = console.export_text().splitlines()
        printed = [line for line in lines if "%" in line and any(each in line for each in ("Vacan", "空置"))]
        assert printed
        assert all(assumed in line for line in printed)


def test_where_no_floor_area_is_known_the_vacancy_of_today_is_told_alone(place: Snapshot) -> None:
    unknown = replace(place, floor_area_m2=np.full(len(place), np.nan))
    outcome = planned(unknown, towers=3, **FREE).outcome
    known = planned(place, towers=3, **FREE).outcome
    assert outcome is not None
    assert known is not None
    assert (outcome.vacant_before_m2, outcome.vacancy_before) == (
        known.vacant_before_m2,
        known.vacancy_before,
    )
    assert outcome.vacancy_then is None
