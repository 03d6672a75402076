"""The matrix of products bounds every plan, from the first step on, and closely where towers repel each other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildingmap import resources
from buildingmap.map.trade_off_chart import trade_off_chart
from buildingmap.placement import default_plan, planning
from buildingmap.placement.plan_file import CRITERIA
from buildingmap.placement.questions.trade_off import trade_off
from buildingmap.placement.questions.weighing import weighing
from buildingmap.placement.solver.holding import best_that_holds
from buildingmap.placement.solver.moments import Moments
from buildingmap.placement.solver.programme import Master, items_of
from buildingmap.placement.solver.relaxing_items import ItemRelaxation
from buildingmap.placement.solver.solving import solve
from buildingmap.registry import read_holdings
from tests.examples import examples
from tests.placement.choices import every_plan, random_choice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.placement.solver.choice import Choice
    from buildingmap.placement.solver.solving import Solved
    from buildingmap.snapshot import Snapshot

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

SEEDS = st.integers(0, 2**32 - 1)
SMALL = settings(max_examples=examples(40), deadline=None)


def majorant_of(moments: Moments, sites: Rows, sectors: Rows) -> float:
    """What a plan comes to in the score that is said to exceed its own."""
    majorant, items = moments.majorant(), moments.items
    place = {pair: at for at, pair in enumerate(zip(items.site.tolist(), items.sector.tolist(), strict=True))}
    taken = np.array([place[pair] for pair in zip(sites.tolist(), sectors.tolist(), strict=True)])
    pairs = majorant.pairs[np.ix_(taken, taken)].copy()
    np.fill_diagonal(pairs, 0)
    return float(majorant.own[taken].sum() + pairs.sum())


@pytest.fixture(scope="module")
def planned(demo_snapshot: Snapshot) -> Snapshot:
    """The demo with its candidate sites."""
    holdings = read_holdings(resources.data_folder() / "holdings.json", demo_snapshot.district)
    return replace(demo_snapshot, holdings=holdings)


def other_score(choice: Choice, seed: int) -> Choice:
    own = np.random.default_rng(seed).uniform(0, 60, choice.own.shape)
    return replace(choice, own=own, between=choice.between[::-1, ::-1] * 2)


@given(seed=SEEDS, towers=st.integers(1, 4), steps=st.sampled_from([0, 1, 7, 60]))
@SMALL
def test_no_plan_exceeds_its_score_by_the_majorant_however_far_the_steps_have_come(
    seed: int, towers: int, steps: int
) -> None:
    choice = random_choice(seed, sites=6, sectors=2, towers=towers, strength=40)
    plans = list(every_plan(choice))
    moments = Moments(choice)
    moments.run(steps)
    for plan in plans:
        assert majorant_of(moments, *plan) >= choice.score(*plan) - 1e-6
    answer = Master(choice, moments.items).solve(moments.profits())
    if plans:
        assert answer is not None
        value, _, lowered = answer
        assert value >= max(choice.score(*plan) for plan in plans) - 1e-6
        # nor does a plan with an item exceed what is left when it is taken
        for at, item in enumerate(zip(moments.items.site, moments.items.sector, strict=True)):
            with_it = [plan for plan in plans if item in set(zip(*plan, strict=True))]
            for plan in with_it:
                assert value - lowered[at] >= choice.score(*plan) - 1e-6


@given(seed=SEEDS, part=st.floats(0, 1), steps=st.sampled_from([1, 7, 60]))
@SMALL
def test_a_score_that_is_held_bounds_the_plans_that_hold_it(seed: int, part: float, steps: int) -> None:
    choice = random_choice(seed, sites=6, sectors=2, towers=3, strength=30)
    other = other_score(choice, seed)
    plans = list(every_plan(choice))
    if not plans:
        return
    others = np.array([other.score(*plan) for plan in plans])
    low = float(others.min() + part * (others.max() - others.min()))
    moments = Moments(choice, held=(other, low))
    moments.run(steps)
    for plan, reached in zip(plans, others, strict=True):
        if reached >= low:
            assert majorant_of(moments, *plan) >= choice.score(*plan) - 1e-6


@given(seed=SEEDS, steps=st.sampled_from([5, 40]))
@SMALL
def test_what_is_left_of_a_choice_is_bounded_as_well(seed: int, steps: int) -> None:
    choice = random_choice(seed, sites=7, sectors=2, towers=3, strength=40)
    moments = Moments(choice)
    moments.run(steps)
    rng = np.random.default_rng(seed)
    among = np.flatnonzero(rng.random(len(moments.items)) < 0.7)
    mask = np.zeros(choice.allowed.shape, dtype=bool)
    mask[moments.items.site[among], moments.items.sector[among]] = True
    fewer = choice.of_sites(np.arange(choice.sites), mask)
    narrowed = moments.narrowed(fewer, among)
    assert len(items_of(fewer)) == len(among)
    for extra in (0, 10):
        narrowed.run(extra)
        for plan in every_plan(fewer):
            assert majorant_of(narrowed, *plan) >= choice.score(*plan) - 1e-6


@given(seed=SEEDS, part=st.floats(0, 1))
@settings(max_examples=examples(15), deadline=None)
def test_branching_finds_the_best_plan_that_holds_among_more_than_can_be_listed_at_once(
    seed: int, part: float
) -> None:
    choice = random_choice(seed, sites=9, sectors=3, towers=3, strength=30, extent_m=1500)
    other = other_score(choice, seed)
    plans = list(every_plan(choice))
    if not plans:
        return
    scores = np.array([choice.score(*plan) for plan in plans])
    others = np.array([other.score(*plan) for plan in plans])
    low = float(others.min() + part * (others.max() - others.min())) - 1e-6
    plan, bound = best_that_holds(choice, other, low, allowance=1e-4)
    assert plan is not None
    assert other.score(*plan) >= low
    best = scores[others >= low].max()
    assert choice.score(*plan) == pytest.approx(best, abs=2e-4)
    assert best - 1e-6 <= bound <= best + 3e-4


def alone(place: Snapshot, criterion: str) -> Choice:
    """The demo's choice when one criterion has all the weight."""
    laid_out = planning(place, default_plan())
    return weighing(laid_out, 15).under(np.eye(len(CRITERIA))[CRITERIA.index(criterion)])


@pytest.fixture(scope="module")
def repelled(planned: Snapshot) -> Solved:
    """The demo's plan by vacancy alone."""
    return solve(alone(planned, "vacancy"), gap=0.005)


def test_towers_that_repel_each_other_are_bounded_closely_where_charges_for_partners_stop_far_above(
    planned: Snapshot, repelled: Solved
) -> None:
    choice, best = alone(planned, "vacancy"), repelled
    assert best.status in {"optimal", "within_gap"}
    moments = Moments(choice)
    moments.run(120)
    master, charges = Master(choice, moments.items), ItemRelaxation(choice)
    answer = master.solve(moments.profits())
    assert answer is not None
    assert best.score - 1e-6 <= answer[0] <= best.score * 1.005
    reached = np.inf
    for _ in range(120):
        charged = master.solve(charges.profits())
        assert charged is not None
        reached = min(reached, charged[0])
        charges.move(charged[1], charged[0] - best.score)
    assert reached > best.score * 1.02


@pytest.mark.parametrize("criterion", ["agglomeration", "linkage"])
def test_the_demo_is_proved_by_what_towers_are_to_each_other_alone(planned: Snapshot, criterion: str) -> None:
    solved = solve(alone(planned, criterion), seconds=300)
    assert solved.status == "optimal"


def test_a_curve_whose_ends_are_not_proved_says_where_better_ones_may_lie(
    planned: Snapshot, repelled: Solved
) -> None:
    laid_out, best = planning(planned, default_plan()), repelled
    found = trade_off(laid_out, "vacancy", "linkage", seconds=0.5, workers=1)
    assert not found.whole
    assert not found.complete
    assert all(np.isfinite(each.one_to) and np.isfinite(each.other_to) for each in found.unsearched)
    chart = trade_off_chart(found)
    assert chart is not None
    for area in chart.unsearched:
        assert chart.left <= area.x <= area.x + area.width <= chart.right + 0.1
        assert chart.top <= area.y <= area.y + area.height <= chart.base + 0.1
    within = [each.one_from - 0.01 <= best.score <= each.one_to + 0.01 for each in found.unsearched]
    assert any(within) or any(abs(point.one - best.score) <= 0.01 for point in found.points)


def test_a_curve_without_any_time_does_not_claim_that_there_is_none(planned: Snapshot) -> None:
    found = trade_off(planning(planned, default_plan()), "linkage", "agglomeration", seconds=0.0, workers=1)
    assert not found.whole
    assert not found.complete
