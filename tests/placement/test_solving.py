"""The best plan is proved best: against every plan of small choices, and by what must not change it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildingmap.placement.solver.choice import Choice, Condition, cliques
from buildingmap.placement.solver.exact import solve_exactly
from buildingmap.placement.solver.programme import Master, items_of
from buildingmap.placement.solver.relaxing_items import ItemRelaxation
from buildingmap.placement.solver.relaxing_sites import SiteRelaxation
from buildingmap.placement.solver.solving import solve
from tests.examples import examples
from tests.placement.choices import best_score, random_choice

SEEDS = st.integers(0, 2**32 - 1)
SMALL = settings(max_examples=examples(40), deadline=None)


@given(seed=SEEDS, sites=st.integers(2, 7), sectors=st.integers(1, 3), towers=st.integers(1, 4))
@SMALL
def test_no_plan_of_a_small_choice_is_better(seed: int, sites: int, sectors: int, towers: int) -> None:
    choice = random_choice(seed, sites=sites, sectors=sectors, towers=towers)
    best = best_score(choice)
    solved = solve(choice)
    if best is None:
        assert solved.status == "infeasible"
        assert solved.plan is None
        return
    assert solved.status == "optimal"
    assert solved.score == pytest.approx(best, abs=1e-5)
    assert solved.plan is not None
    assert not choice.broken(*solved.plan)
    assert choice.score(*solved.plan) == pytest.approx(solved.score)


@given(seed=SEEDS, towers=st.integers(1, 4))
@SMALL
def test_every_relaxation_bounds_every_plan_from_above_whatever_its_multipliers(
    seed: int, towers: int
) -> None:
    choice = random_choice(seed, sites=6, sectors=2, towers=towers)
    best = best_score(choice)
    items = items_of(choice)
    rng = np.random.default_rng(seed)
    for relaxation in (SiteRelaxation(choice), SiteRelaxation(choice, pairs=False), ItemRelaxation(choice)):
        for _ in range(4):
            answer = Master(choice, items).solve(relaxation.profits())
            if answer is not None and best is not None:
                assert answer[0] >= best - 1e-5
            relaxation.move(rng.random(len(items)) * (rng.random(len(items)) < 1 / 2), 20.0)


@given(seed=SEEDS)
@SMALL
def test_the_order_of_sites_and_sectors_changes_nothing(seed: int) -> None:
    choice = random_choice(seed, sites=9, sectors=3, towers=4)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(9), rng.permutation(3)
    turned = choice.of_sites(rows)
    turned = replace(
        turned,
        own=turned.own[:, columns],
        between=turned.between[np.ix_(columns, columns)],
        allowed=turned.allowed[:, columns],
        conditions=tuple(
            replace(each, coefficients=each.coefficients[:, columns]) for each in turned.conditions
        ),
    )
    first, second = solve(choice), solve(turned)
    assert first.status == second.status
    assert first.score == pytest.approx(second.score, abs=1e-5)


@given(seed=SEEDS, unit=st.sampled_from([1e-6, 1e-4, 1e-3, 1e4]))
@SMALL
def test_the_unit_of_an_area_changes_nothing(seed: int, unit: float) -> None:
    choice = random_choice(seed, sites=9, sectors=3, towers=4)
    measured = replace(
        choice,
        conditions=tuple(
            replace(each, coefficients=each.coefficients * unit, low=each.low * unit, high=each.high * unit)
            if each.kind == "floor_area"
            else each
            for each in choice.conditions
        ),
    )
    first, second = solve(choice), solve(measured)
    assert first.status == second.status
    assert first.score == pytest.approx(second.score, abs=1e-5)


@given(seed=SEEDS, factor=st.sampled_from([0.01, 10.0, 1000.0]))
@SMALL
def test_the_unit_of_the_points_changes_the_score_alone(seed: int, factor: float) -> None:
    choice = random_choice(seed, sites=9, sectors=3, towers=4)
    first = solve(choice)
    second = solve(replace(choice, own=choice.own * factor, between=choice.between * factor))
    assert first.status == second.status
    if first.plan is not None:
        assert second.score == pytest.approx(first.score * factor, rel=1e-5, abs=1e-3)


@given(seed=SEEDS, heard=st.integers(0, 4), strength=st.sampled_from([10.0, 60.0]))
@SMALL
def test_wherever_the_work_is_ended_the_bound_lies_above_every_plan(
    seed: int, heard: int, strength: float
) -> None:
    choice = random_choice(seed, sites=7, sectors=3, towers=3, strength=strength)
    best, told = best_score(choice), 0

    def listen(score: float, bound: float) -> bool:
        nonlocal told
        told += 1
        assert best is None or (bound >= best - 1e-3 and score <= best + 1e-6)
        return told <= heard

    solved = solve(choice, told=listen)
    assert best is None or solved.bound >= best - 1e-3
    assert solved.status in {"optimal", "infeasible", "time_limit"}


@given(seed=SEEDS)
@SMALL
def test_a_further_condition_never_improves_the_score(seed: int) -> None:
    choice = random_choice(seed, sites=10, sectors=3, towers=4, conditions=False)
    barred = np.zeros(choice.own.shape)
    free = solve(choice)
    if free.plan is None:
        return
    barred[free.plan[0][0]] = 1
    held = solve(choice.with_conditions([Condition("cluster", barred, "cbd", high=0)]))
    assert held.score <= free.score + 1e-5


@given(seed=SEEDS)
@SMALL
def test_the_whole_programme_alone_finds_the_same_score(seed: int) -> None:
    choice = random_choice(seed, sites=8, sectors=2, towers=3)
    alone = solve_exactly(choice, seconds=60)
    solved = solve(choice)
    if solved.plan is None:
        assert alone.plan is None
        return
    assert alone.plan is not None
    assert choice.score(*alone.plan) == pytest.approx(solved.score, abs=1e-4)


def test_groups_of_sites_cover_every_pair_too_near_and_no_other() -> None:
    choice = random_choice(3, sites=40, sectors=1, towers=3, spacing_m=600)
    covered = np.zeros_like(choice.apart)
    for group in cliques(choice.apart):
        covered[np.ix_(group, group)] = True
    np.fill_diagonal(covered, val=False)
    assert (covered == choice.apart).all()


def test_a_plan_is_proved_within_the_gap_that_was_asked_for() -> None:
    solved = solve(random_choice(11, sites=120, sectors=6, towers=10, strength=4), gap=0.02)
    assert solved.status in {"within_gap", "optimal"}
    assert solved.gap <= 0.02 + 1e-6


def test_equal_questions_have_equal_answers() -> None:
    choice = random_choice(5, sites=40, sectors=4, towers=6, strength=4)
    first, second = solve(choice), solve(choice)
    assert first.plan is not None
    assert second.plan is not None
    assert np.array_equal(first.plan[0], second.plan[0])
    assert np.array_equal(first.plan[1], second.plan[1])
    assert (first.score, first.bound, first.status) == (second.score, second.bound, second.status)


def test_no_time_gives_a_plan_and_says_that_it_is_not_proved() -> None:
    solved = solve(random_choice(7, sites=60, sectors=5, towers=8, conditions=False), seconds=0)
    assert solved.status == "time_limit"
    assert solved.plan is not None
    assert solved.bound > solved.score


def test_who_listens_can_end_the_work() -> None:
    heard = []

    def told(score: float, bound: float) -> bool:
        heard.append((score, bound))
        return False

    solved = solve(random_choice(7, sites=60, sectors=5, towers=8, conditions=False), told=told)
    assert solved.status == "time_limit"
    assert len(heard) <= 3


@pytest.mark.parametrize("towers", [1, 2])
def test_as_many_towers_as_sites_take_them_all(towers: int) -> None:
    choice = Choice(
        own=np.array([[1.0], [2.0]])[:towers],
        nearness=np.array([[0, 0.5], [0.5, 0]])[:towers, :towers],
        between=np.array([[4.0]]),
        allowed=np.ones((towers, 1), dtype=bool),
        apart=np.zeros((towers, towers), dtype=bool),
        towers=towers,
    )
    assert solve(choice).score == pytest.approx({1: 1, 2: 5}[towers])
