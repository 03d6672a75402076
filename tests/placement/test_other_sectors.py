"""What a tower's second-best sector gives up: against every plan there is, and against the plan asked for by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildingmap import resources
from buildingmap.placement import OtherSector, answer, plan_of, planning, why, why_not
from buildingmap.placement.solver.exact import solve_exactly, try_all
from buildingmap.placement.solver.incumbent import slack_of
from buildingmap.placement.solver.solving import solve
from buildingmap.placement.solver.switching import Switching, without
from buildingmap.registry import read_holdings
from tests.examples import examples
from tests.placement.choices import best_score, every_plan, random_choice
from tests.placement.towns import town

if TYPE_CHECKING:
    from buildingmap.model import District, Surroundings
    from buildingmap.placement import PlanAnswer, Planning
    from buildingmap.snapshot import Snapshot

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(
    max_examples=examples(16), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FAR = 1e9
# pairs strong enough that another sector here moves towers elsewhere
ENTRIES: dict[str, Any] = {
    "leading": ["finance", "digital", "trade"],
    "sectors": {"finance": {"max": 1}, "trade": {"min": 1}},
    "clusters": {"cbd": {"max": 2}},
    "spacing_m": 300,
    "reference": {"neighbour_share": 0.6},
}


def laid(snapshot: Snapshot, **entries: Any) -> Planning:
    return planning(snapshot, plan_of({**ENTRIES, **entries}, "test"))


def best_otherwise(laid_out: Planning, site: str, sector: str, counts: list[int]) -> float | None:
    """The score of the best plan that holds a site with another sector, by trying all plans of all numbers."""
    row, column = laid_out.listed.ids.index(site), laid_out.assessment.sectors.index(sector)
    scores = [best_score(without(laid_out.choice(count), row, column)) for count in counts]
    return max((score for score in scores if score is not None), default=None)


def expect_as_by_trying_all(found: PlanAnswer, laid_out: Planning, counts: list[int]) -> None:
    for chosen in found.chosen:
        other = best_otherwise(laid_out, chosen.id, chosen.sector, counts)
        assert chosen.sector_instead is not None
        if other is None:
            assert chosen.sector_instead == OtherSector(None, None)
        else:
            assert chosen.sector_instead.gives_up == pytest.approx((found.score or 0) - other, abs=1e-3)


@given(seed=SEEDS, towers=st.integers(1, 4))
@FEW
def test_another_sector_gives_up_what_the_best_plan_with_it_falls_short(
    district: District, surroundings: Surroundings, seed: int, towers: int
) -> None:
    laid_out = laid(town(seed, district, surroundings, sites=6), towers=towers)
    expect_as_by_trying_all(answer(laid_out), laid_out, [towers])


@given(seed=SEEDS)
@FEW
def test_where_the_number_of_towers_is_open_it_may_change_with_the_sector(
    district: District, surroundings: Surroundings, seed: int
) -> None:
    laid_out = laid(town(seed, district, surroundings, sites=5), floor_area_max_m2=140_000)
    expect_as_by_trying_all(answer(laid_out), laid_out, laid_out.counts())


@given(seed=SEEDS, towers=st.integers(2, 6), strength=st.floats(0, 40))
@settings(max_examples=examples(24), deadline=None)
def test_the_shared_bound_and_the_solver_by_itself_say_the_same(
    seed: int, towers: int, strength: float
) -> None:
    choice = random_choice(seed, sites=14, sectors=4, towers=towers, strength=strength)
    best = solve(choice)
    if best.plan is None:
        return
    switching = Switching(choice, best.plan, deadline=FAR)
    for place, (site, sector) in enumerate(zip(*best.plan, strict=True)):
        alone = solve(without(choice, int(site), int(sector)))
        found = switching.best(place)
        assert found.status == alone.status
        assert found.score == pytest.approx(alone.score, abs=1e-3)
        if found.plan is not None:
            assert not without(choice, int(site), int(sector)).broken(*found.plan)


@given(seed=SEEDS, towers=st.integers(1, 4))
@settings(max_examples=examples(30), deadline=None)
def test_trying_every_plan_and_the_programme_find_the_same(seed: int, towers: int) -> None:
    choice = random_choice(seed, sites=5, sectors=2, towers=towers, strength=30)
    tried, proved = try_all(choice), solve_exactly(choice, seconds=60)
    assert (tried.plan is None) == (proved.plan is None) == (not list(every_plan(choice)))
    if tried.plan is not None:
        assert not choice.broken(*tried.plan)
        assert tried.bound == pytest.approx(choice.score(*tried.plan))
        assert tried.bound == pytest.approx(best_score(choice), abs=1e-6)


def test_the_sentence_and_why_not_name_the_same_sector_and_the_same_points(
    district: District, surroundings: Surroundings
) -> None:
    snapshot = town(1, district, surroundings)
    laid_out = laid(snapshot, towers=4)
    found = answer(laid_out)
    for chosen in found.chosen:
        named = chosen.sector_instead
        assert named is not None
        others = [sector for sector in laid_out.assessment.sectors if sector != chosen.sector]
        asked = {sector: why_not(laid_out, found, chosen.id, sector).gives_up for sector in others}
        possible = {sector: points for sector, points in asked.items() if points is not None}
        assert named.sector is not None
        assert named.gives_up == pytest.approx(min(possible.values()), abs=1e-3)
        assert possible[named.sector] == pytest.approx(named.gives_up, abs=1e-3)
        label = next(each.label("en") for each in district.sectors if each.id == named.sector)
        assert f"With {label} there, the best plan gives up {named.gives_up:.2f} points." in why(
            chosen, snapshot, "en"
        )


@pytest.fixture(scope="module")
def demo(demo_snapshot: Snapshot) -> Snapshot:
    """The demo's towers and parcels."""
    holdings = read_holdings(resources.data_folder() / "holdings.json", demo_snapshot.district)
    return replace(demo_snapshot, holdings=holdings)


def test_the_demo_s_other_sectors_cost_what_the_plan_solved_again_gives_up(demo: Snapshot) -> None:
    laid_out = planning(demo, plan_of({}, "demo"))
    found = {chosen.id: chosen.sector_instead for chosen in answer(laid_out).chosen}
    best = answer(laid_out, others=False)
    assert all(chosen.sector_instead is None for chosen in best.chosen)
    for site in ("DK-09", "DK-10", "DK-11"):
        named = found[site]
        assert named is not None
        assert named.sector is not None
        again = why_not(laid_out, best, site, named.sector).gives_up
        assert again == pytest.approx(named.gives_up, abs=1e-3)
        # holding the other towers still says 13.8 to 20.9
        assert again is not None
        assert again < 3


def test_a_plan_that_is_not_proved_says_nothing_of_other_sectors(
    district: District, surroundings: Surroundings
) -> None:
    snapshot = town(1, district, surroundings)
    laid_out = laid(snapshot, towers=4)
    stopped = answer(laid_out, told=lambda _score, _bound: False)
    assert stopped.status == "time_limit"
    for chosen in stopped.chosen:
        assert chosen.sector_instead is None
        assert "there, the best plan" not in why(chosen, snapshot, "en")
        assert "若改为" not in why(chosen, snapshot, "zh")


def test_a_tower_whose_sector_is_fixed_can_have_no_other(
    district: District, surroundings: Surroundings
) -> None:
    snapshot = town(1, district, surroundings)
    free = answer(laid(snapshot, towers=4), others=False)
    kept = [{"site": free.chosen[0].id, "sector": free.chosen[0].sector}]
    found = answer(laid(snapshot, towers=4, fixed=kept))
    (there,) = [chosen for chosen in found.chosen if chosen.id == kept[0]["site"]]
    assert there.sector_instead == OtherSector(None, None)
    assert "The conditions allow no other sector there." in why(there, snapshot, "en")
    unknown = replace(there, sector_instead=None)
    assert "other sector" not in why(unknown, snapshot, "en")


@pytest.mark.parametrize("score", [0.5, 957.7, 60_000.0])
def test_a_bound_is_off_by_less_than_what_is_told(score: float) -> None:
    assert slack_of(score) <= 5e-4
