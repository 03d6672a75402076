"""Conditions that no plan meets together: the fewest of them, in the planner's words."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildingmap.placement import answer, plan_of, planning, term_text, why_not
from buildingmap.placement.clashes import clashing
from buildingmap.placement.terms import Meaning
from tests.examples import examples
from tests.placement.towns import town

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.model import District, Surroundings
    from buildingmap.placement import PlanAnswer
    from buildingmap.placement.planning import Planning
    from buildingmap.snapshot import Snapshot

FREE: dict[str, Any] = {"sectors": {}, "clusters": {}, "spacing_m": 0, "occupied": "warn"}


@pytest.fixture
def place(district: District, surroundings: Surroundings) -> Snapshot:
    return town(1, district, surroundings)


def planned(snapshot: Snapshot, **entries: Any) -> PlanAnswer:
    return answer(planning(snapshot, plan_of({**FREE, **entries}, "test")))


def said(found: PlanAnswer, snapshot: Snapshot) -> list[str]:
    assert found.status == "infeasible"
    return sorted(term_text(term, snapshot.district, "en") for term in found.clash)


def test_quotas_that_ask_for_more_towers_than_there_are_clash_with_their_number(place: Snapshot) -> None:
    sectors = {"finance": {"min": 3}, "trade": {"min": 2}, "digital": {"max": 3}}
    assert said(planned(place, towers=4, sectors=sectors, clusters={"cbd": {"max": 4}}), place) == [
        "4 towers in all",
        "at least 2 towers led by Commerce and trade",
        "at least 3 towers led by Finance",
    ]


def test_more_towers_than_places_are_too_many_by_themselves(place: Snapshot) -> None:
    found = planned(place, towers=11)
    assert (said(found, place), found.candidates) == (["11 towers in all"], 10)


def test_a_site_that_is_fixed_and_forbidden_is_named_and_not_the_larger_clash_beside_it(
    place: Snapshot,
) -> None:
    sectors = {sector: {"min": 2} for sector in ("finance", "trade", "digital")}
    site = [{"site": "DK-01"}]
    found = planned(place, towers=5, sectors=sectors, fixed=site, forbidden=site)
    assert said(found, place) == ["DK-01 must be taken", "DK-01 must not be taken"]


def test_a_quota_for_a_sector_that_may_not_lead_is_told_why(place: Snapshot) -> None:
    found = planned(place, towers=2, leading=["finance", "trade"], sectors={"digital": {"min": 1}})
    assert said(found, place) == [
        "at least 1 tower led by Digital economy",
        "new towers are led by Finance and Commerce and trade only",
    ]


def test_floor_areas_that_exclude_each_other_clash_though_no_number_of_towers_is_asked_for(
    place: Snapshot,
) -> None:
    found = planned(place, towers="any", floor_area_min_m2=200_000, floor_area_max_m2=100_000)
    assert said(found, place) == [
        "at least 200,000 m² of floor area in all",
        "at most 100,000 m² of floor area in all",
    ]


def test_what_keeps_a_site_out_of_a_plan_by_floor_area_is_what_forbids_it(place: Snapshot) -> None:
    entries = {**FREE, "floor_area_max_m2": 150_000, "forbidden": [{"site": "DK-02"}]}
    laid_out = planning(place, plan_of(entries, "test"))
    found = why_not(laid_out, answer(laid_out), "DK-02")
    assert {term.kind for term in found.clash} == {"fixed", "forbidden"}


def test_a_place_without_sites_has_no_condition_to_blame(
    district: District, surroundings: Surroundings
) -> None:
    found = planned(town(1, district, surroundings, sites=0), towers=1)
    assert (found.status, found.clash, found.candidates) == ("infeasible", (), 0)


def test_a_plan_for_which_time_was_too_short_blames_no_condition(place: Snapshot) -> None:
    found = planned(place, towers="any", floor_area_max_m2=150_000, seconds=1e-6)
    assert found.status == "time_limit"
    assert found.clash == ()


def test_without_time_for_the_fewest_what_is_named_clashes_all_the_same(place: Snapshot) -> None:
    sectors = {"finance": {"min": 3}, "trade": {"min": 2}, "digital": {"max": 3}}
    laid_out = planning(place, plan_of({**FREE, "towers": 4, "sectors": sectors}, "test"))
    found = clashing(laid_out.terms, laid_out.listed, place, seconds=0)
    assert found is not None
    assert not found.smallest
    assert {term.kind for term in found.terms} == {"towers", "sector_min"}
    possible = planning(place, plan_of({**FREE, "towers": 4}, "test"))
    assert clashing(possible.terms, possible.listed, place, seconds=0) is None


def met_by_plans(laid_out: Planning, snapshot: Snapshot) -> NDArray[np.bool_]:
    """bool[plans, terms]: which terms each plan meets that there can be, of any number of towers."""
    sectors = [sector.id for sector in snapshot.district.sectors]
    meaning = Meaning(laid_out.listed, sectors, snapshot)
    # each site is left, or taken for one of the sectors
    plans = np.array(list(product(range(len(sectors) + 1), repeat=len(laid_out.listed))))[1:]
    met = []
    for term in laid_out.terms:
        if term.kind == "apart":
            one, other = np.argwhere(meaning.apart(term))[0]
            met.append((plans[:, one] == 0) | (plans[:, other] == 0))
            continue
        counted = np.pad(meaning.marked(term), ((0, 0), (1, 0)))
        total = counted[np.arange(plans.shape[1]), plans].sum(axis=1)
        low, high = meaning.bounds(term)
        met.append((total >= low) & (total <= high))
    return np.array(met).T


@given(seed=st.integers(0, 2**32 - 1))
@settings(
    max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_fewest_conditions_that_no_plan_meets_are_named(
    district: District, surroundings: Surroundings, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    snapshot = town(seed, district, surroundings, sites=4)
    drawn = {
        "towers": int(chance.integers(1, 4)),
        "sectors": {"finance": {"min": int(chance.integers(0, 3))}, "trade": {"max": 1}},
        "clusters": {
            "cbd": {"max": int(chance.integers(0, 2))},
            "xinduxin": {"min": int(chance.integers(0, 3))},
        },
        "floor_area_min_m2": float(chance.uniform(10_000, 400_000)),
        "fixed": [{"site": "DK-01", "sector": "trade"}],
        "forbidden": [{"site": "DK-02"}],
        "apart": [["DK-01", "DK-03"]],
    }
    laid_out = planning(snapshot, plan_of({**FREE, **drawn}, "test"))
    found = clashing(laid_out.terms, laid_out.listed, snapshot)
    met = met_by_plans(laid_out, snapshot)

    def clash(places: Sequence[int]) -> bool:
        return not met[:, list(places)].all(axis=1).any()

    every = range(len(laid_out.terms))
    smallest = next((k for k in range(len(every) + 1) if any(map(clash, combinations(every, k)))), None)
    assert (None if found is None else len(found.terms)) == smallest
    if found is not None:
        assert found.smallest
        assert clash([laid_out.terms.index(term) for term in found.terms])
