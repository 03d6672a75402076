"""Other plans, rankings, trade-offs and steadiness of small towns, against every plan there is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildingmap.placement import (
    CRITERIA,
    PlanError,
    alternatives,
    answer,
    answer_json,
    plan_of,
    planning,
    ranking,
    steadiness,
    trade_off,
)
from buildingmap.placement.questions.weighing import shares_of, weighing
from buildingmap.placement.questions.weightings import Pool
from buildingmap.placement.solver.choice import Condition
from buildingmap.placement.solver.proving import prove, prove_held
from tests.examples import examples
from tests.placement.choices import best_score, every_plan, random_choice
from tests.placement.towns import town

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.model import District, Surroundings
    from buildingmap.placement import PlanAnswer, Planning
    from buildingmap.snapshot import Snapshot

    Floats = NDArray[np.float64]

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(
    max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SMALL: dict[str, Any] = {
    "towers": 3,
    "leading": ["finance", "digital", "trade"],
    "sectors": {"finance": {"max": 2}},
    "clusters": {},
    "spacing_m": 100,
    # strong enough that pairs decide
    "reference": {"neighbour_share": 0.6},
}


def laid(snapshot: Snapshot, **entries: Any) -> Planning:
    return planning(snapshot, plan_of({**SMALL, **entries}, "test"))


def all_totals(laid_out: Planning) -> tuple[list[frozenset[int]], Floats]:
    """The sites of every plan, and float64[plans, criteria], what it comes to by each criterion."""
    weighed = weighing(laid_out, 3)
    plans = list(every_plan(weighed.choice))
    return [frozenset(sites.tolist()) for sites, _ in plans], np.array(
        [weighed.totals(*plan) for plan in plans]
    )


def best_of(laid_out: Planning) -> PlanAnswer:
    """The best plan; what other sectors cost is not asked here."""
    return answer(laid_out, others=False)


@pytest.fixture(scope="module")
def place(district: District, surroundings: Surroundings) -> Snapshot:
    return town(1, district, surroundings, sites=6)


@given(seed=SEEDS, towers=st.integers(2, 4))
@settings(max_examples=examples(30), deadline=None)
def test_a_proof_finds_the_best_plan_of_all(seed: int, towers: int) -> None:
    choice = random_choice(seed, sites=6, sectors=3, towers=towers, strength=30)
    best, solved = best_score(choice), prove(choice)
    if best is None:
        assert solved.status == "infeasible"
    else:
        assert solved.status == "optimal"
        assert solved.score == pytest.approx(best, abs=1e-4)


@given(seed=SEEDS, part=st.floats(0, 1))
@settings(max_examples=examples(20), deadline=None)
def test_a_proof_with_pairs_held_finds_the_best_plan_that_holds(seed: int, part: float) -> None:
    choice = random_choice(seed, sites=6, sectors=2, towers=3, strength=30)
    other = replace(
        choice,
        own=np.random.default_rng(seed).uniform(0, 60, choice.own.shape),
        between=choice.between[::-1, ::-1] * 2,
    )
    plans = list(every_plan(choice))
    if not plans:
        return
    scores = np.array([choice.score(*plan) for plan in plans])
    others = np.array([other.score(*plan) for plan in plans])
    low = float(others.min() + part * (others.max() - others.min()))
    solved = prove_held(choice, other, low - 1e-6)
    assert solved.status == "optimal"
    assert solved.score == pytest.approx(scores[others >= low - 1e-6].max(), abs=1e-4)


def test_a_proof_holds_conditions_and_takes_a_start_for_what_it_is() -> None:
    choice = random_choice(4, sites=20, sectors=4, towers=6)
    free = prove(choice)
    assert free.plan is not None
    assert prove(choice, starts=[free.plan]).score == pytest.approx(free.score)
    barred = np.zeros(choice.own.shape)
    barred[free.plan[0]] = 1
    held = choice.with_conditions([Condition("towers", barred, high=4)])
    other = prove(held, starts=[free.plan])
    assert other.plan is not None
    assert len(set(other.plan[0].tolist()) & set(free.plan[0].tolist())) <= 4
    assert other.score <= free.score + 1e-6


@given(seed=SEEDS, differ=st.integers(1, 2))
@FEW
def test_the_best_plans_that_differ_are_those_of_a_search_through_all(
    district: District, surroundings: Surroundings, seed: int, differ: int
) -> None:
    laid_out = laid(town(seed, district, surroundings, sites=6))
    best = best_of(laid_out)
    if best.score is None:
        assert alternatives(laid_out, best).plans == ()
        return
    sites, totals = all_totals(laid_out)
    scores = totals @ shares_of(laid_out)
    kept: list[int] = []
    for plan in np.argsort(-scores, kind="stable"):
        if all(len(sites[plan] - sites[before]) >= differ for before in kept):
            kept.append(int(plan))
    found = alternatives(laid_out, best, count=5, differ=differ)
    expected = scores[kept][: len(found.plans)]
    assert [each.score for each in found.plans] == pytest.approx(expected, abs=1e-3)
    assert all(each.status == "optimal" for each in found.plans)
    assert found.complete
    assert found.exhausted == (len(kept) < 5)
    assert len(found.plans) == min(5, len(kept))


def test_alternatives_say_what_changes_against_the_best(place: Snapshot) -> None:
    laid_out = laid(place)
    best = best_of(laid_out)
    heard: list[tuple[int, int]] = []

    def told(done: int, of: int) -> bool:
        heard.append((done, of))
        return True

    found = alternatives(laid_out, best, count=3, differ=2, told=told)
    assert heard == [(2, 3), (3, 3)]
    first, *others = found.plans
    assert (first.gives_up, first.enter, first.leave) == (0, (), ())
    was = {each.site for each in first.taken}
    for each in others:
        now = {taken.site for taken in each.taken}
        assert len(each.enter) == len(each.leave) >= 2
        assert now == (was | set(each.enter)) - set(each.leave)
        assert each.gives_up == pytest.approx(first.score - each.score)
    stopped = alternatives(laid_out, best, count=5, told=lambda *_: False)
    assert (len(stopped.plans), stopped.complete) == (2, False)


def test_towers_to_come_stay_and_differ_by_their_sectors(
    district: District, surroundings: Surroundings
) -> None:
    laid_out = laid(town(3, district, surroundings, coming=3), candidates="coming", towers=None)
    found = alternatives(laid_out, best_of(laid_out), count=4, differ=2)
    assert found.differ_by == "sectors"
    assert len(found.plans) == 4
    assert all(len(each.change) >= 2 and not each.enter for each in found.plans[1:])


def test_plans_by_floor_area_differ_in_their_number_of_towers_too(place: Snapshot) -> None:
    laid_out = laid(place, towers=None, floor_area_max_m2=150_000)
    found = alternatives(laid_out, best_of(laid_out), count=6)
    sites = [{each.site for each in plan.taken} for plan in found.plans]
    assert len({frozenset(each) for each in sites}) == 6
    assert [each.score for each in found.plans] == sorted((each.score for each in found.plans), reverse=True)


@pytest.mark.parametrize(
    ("one", "other"), [("access", "tax"), ("capacity", "strategy"), ("linkage", "tax"), ("tax", "agglomeration"),
                       ("agglomeration", "vacancy"), ("linkage", "agglomeration")]
)  # fmt: skip
@pytest.mark.parametrize("seed", [1, 2])
def test_the_curve_is_every_plan_that_no_other_beats_in_both(
    district: District, surroundings: Surroundings, one: Any, other: Any, seed: int
) -> None:
    laid_out = laid(town(seed, district, surroundings, sites=6))
    totals = all_totals(laid_out)[1][:, [CRITERIA.index(one), CRITERIA.index(other)]]
    rounded = np.unique(np.round(totals, 2), axis=0)
    unbeaten = [
        point
        for point in rounded
        if not ((rounded >= point).all(axis=1) & (rounded > point + 0.015).any(axis=1)).any()
    ]
    found = trade_off(laid_out, one, other, best=best_of(laid_out), most=200, workers=1)
    assert found.whole
    assert found.complete
    assert found.unsearched == ()
    assert all(point.proved for point in found.points)
    drawn = np.array([(point.one, point.other) for point in found.points])
    for point in unbeaten:
        assert np.abs(drawn - point).max(axis=1).min() < 0.03
    for point in drawn:
        assert not (totals > point + 0.02).all(axis=1).any()


@pytest.mark.parametrize("seconds", [0.01, 0.1, 0.3])
@pytest.mark.parametrize(("one", "other"), [("agglomeration", "vacancy"), ("access", "linkage")])
def test_no_plan_exceeds_the_bound_of_a_point_that_time_left_unproved(
    district: District, surroundings: Surroundings, one: Any, other: Any, seconds: float
) -> None:
    laid_out = laid(town(1, district, surroundings, sites=6))
    totals = all_totals(laid_out)[1][:, [CRITERIA.index(one), CRITERIA.index(other)]]
    found = trade_off(laid_out, one, other, seconds=seconds, workers=1)
    assert found.points
    for point in found.points:
        kept, bounded = (totals[:, 1], totals[:, 0]) if point.bound_of == one else totals.T
        held, reached = (point.other, point.one) if point.bound_of == one else (point.one, point.other)
        if point.proved:
            beaten = (totals >= (point.one - 1e-6, point.other - 1e-6)).all(axis=1)
            assert (totals[beaten] <= np.array((point.one, point.other)) + 0.02).all()
        else:
            assert point.bound is not None
            assert point.bound >= reached
            assert bounded[kept >= held - 1e-9].max() <= point.bound + 1e-3


def test_where_the_curve_has_more_points_it_says_so_and_spreads_them(
    district: District, surroundings: Surroundings
) -> None:
    laid_out = laid(town(2, district, surroundings, sites=6))
    whole = trade_off(laid_out, "linkage", "agglomeration", most=200)
    # the whole curve comes from several processes, this part of it from one
    few = trade_off(laid_out, "linkage", "agglomeration", most=3, workers=1)
    assert len(whole.points) > 3
    assert len(few.points) == 3
    assert not few.whole
    assert few.complete
    assert few.unsearched
    for place in (0, -1):
        assert few.points[place].one == pytest.approx(whole.points[place].one, abs=0.02)
        assert few.points[place].other == pytest.approx(whole.points[place].other, abs=0.02)
    for point in whole.points:
        drawn = any(abs(point.one - each.one) < 0.02 for each in few.points)
        assert drawn or any(
            each.one_from - 0.02 <= point.one <= each.one_to + 0.02
            and each.other_from - 0.02 <= point.other <= each.other_to + 0.02
            for each in few.unsearched
        )


def test_the_best_plan_is_marked_beside_the_curve(place: Snapshot) -> None:
    laid_out = laid(place)
    best = best_of(laid_out)
    found = trade_off(laid_out, "access", "tax", best=best, workers=1)
    parts = [part for chosen in best.chosen for part in chosen.parts if part.criterion == "access"]
    shares = laid_out.plan.weights.shares
    assert found.best_one == pytest.approx(sum(part.points for part in parts) / shares["access"])
    only = dict.fromkeys(CRITERIA, 0) | {"tax": 1}
    taxed = laid(place, weights=only)
    assert trade_off(taxed, "access", "tax", best=best_of(taxed), workers=1).points[
        -1
    ].other == pytest.approx(best_of(taxed).score or 0, abs=0.02)


@pytest.mark.parametrize(("one", "other"), [("tax", "tax"), ("tax", "money")])
def test_a_trade_off_is_between_two_criteria(place: Snapshot, one: Any, other: Any) -> None:
    with pytest.raises(PlanError, match="Trade-off: found"):
        trade_off(laid(place), one, other)


def test_rankings_are_the_points_of_single_sites_and_say_where_the_plan_differs(place: Snapshot) -> None:
    laid_out = laid(place, forbidden=[{"site": "DK-01"}])
    best = best_of(laid_out)
    found = ranking(laid_out, best)
    own = laid_out.choice(1).own
    assert "DK-01" not in {row.site for row in found.rows}
    for row in found.rows:
        assert row.points == pytest.approx(own[laid_out.listed.ids.index(row.site)].max())
        assert 0 <= row.closeness <= 1
    assert [row.rank for row in found.rows] == sorted(row.rank for row in found.rows)
    assert {row.site for row in found.rows if row.taken} == {chosen.id for chosen in best.chosen}
    assert found.agreed == sum(not row.differs and row.taken for row in found.rows)


def test_what_is_best_in_every_criterion_is_nearest_to_the_ideal(place: Snapshot) -> None:
    laid_out = laid(place)
    values = laid_out.assessment.values.copy()
    values[:, 2, 1], values[:, 4, :] = 1, 0
    turned = replace(laid_out, assessment=replace(laid_out.assessment, values=values))
    rows = {row.site: row for row in ranking(turned).rows}
    first, last = rows["DK-02"], rows["DK-04"]
    assert (first.topsis_rank, first.topsis_sector) == (1, "digital")
    assert first.closeness == pytest.approx(1)
    assert last.topsis_rank == max(row.topsis_rank for row in rows.values())
    assert last.closeness == pytest.approx(0)


@given(seed=SEEDS)
@FEW
def test_the_ranges_of_weights_are_those_of_a_scan(
    district: District, surroundings: Surroundings, seed: int
) -> None:
    laid_out = laid(town(seed, district, surroundings, sites=5))
    best = best_of(laid_out)
    found = steadiness(laid_out, best, weightings=1, workers=1)
    if best.score is None:
        assert found.ranges == ()
        return
    totals = all_totals(laid_out)[1]
    shares = shares_of(laid_out)
    own = int((totals @ shares).argmax())
    for place, each in enumerate(found.ranges):
        assert each.low_proved
        assert each.high_proved
        rest = np.where(np.arange(7) == place, 0, shares)
        for share in np.linspace(0, 1, 101):
            at = rest / rest.sum() * (1 - share) + np.eye(7)[place] * share
            behind = (totals @ at).max() - totals[own] @ at
            if each.low + 1e-4 <= share <= each.high - 1e-4:
                assert behind < 0.01
            elif share < each.low - 1e-4 or share > each.high + 1e-4:
                assert behind > 0


def test_a_weight_in_the_plans_own_unit_is_where_the_choice_turns(place: Snapshot) -> None:
    laid_out = laid(place)
    best = best_of(laid_out)
    chosen = {(each.id, each.sector) for each in best.chosen}
    found = steadiness(laid_out, best, weightings=1, workers=1)
    turns = [each for each in found.ranges if each.at_high is not None and each.high_weight is not None]
    assert turns
    for each in turns:
        for factor, same in ((0.99, True), (1.01, False)):
            weights = laid_out.plan.weights.model_dump() | {each.criterion: (each.high_weight or 0) * factor}
            moved = best_of(laid(place, weights=weights))
            assert ({(tower.id, tower.sector) for tower in moved.chosen} == chosen) == same


def test_frequencies_are_those_of_solving_every_weighting(place: Snapshot) -> None:
    laid_out = laid(place)
    found = steadiness(laid_out, best_of(laid_out), weightings=60, seed=3, workers=1)
    assert (found.weightings, found.proved, found.worst_gap, found.complete) == (60, 60, 0, True)
    sites, totals = all_totals(laid_out)
    drawn = np.random.default_rng(3).dirichlet(np.ones(7), size=60)
    best = (totals @ drawn.T).argmax(axis=0)
    for each in found.sites:
        row = laid_out.listed.ids.index(each.site)
        assert each.times == sum(row in sites[plan] for plan in best)
        assert each.times == sum(sector.times for sector in each.sectors)
    assert sum(each.times for each in found.sites) == 60 * 3
    assert found.distinct == len(set(best.tolist()))


def test_processes_change_nothing_but_the_time(place: Snapshot) -> None:
    laid_out = laid(place)
    best = best_of(laid_out)
    alone, together = (steadiness(laid_out, best, weightings=12, workers=workers) for workers in (1, 2))
    assert replace(alone, seconds=0) == replace(together, seconds=0)


def test_who_listens_ends_the_work_and_gets_what_is_known(place: Snapshot) -> None:
    laid_out = laid(place)
    found = steadiness(
        laid_out, best_of(laid_out), weightings=50, workers=1, told=lambda done, _of: done < 10
    )
    assert found.weightings == 10
    assert not found.complete
    assert sum(each.times for each in found.sites) == 10 * 3


def test_a_mixture_of_proved_weights_bounds_what_lies_between(place: Snapshot) -> None:
    laid_out = laid(place)
    weighed = weighing(laid_out, 3)
    totals = all_totals(laid_out)[1]
    pool = Pool([weighed])
    plan = next(iter(every_plan(weighed.choice)))
    pool.add(0, plan)
    corners = np.eye(7)
    assert np.isinf(pool.bounds(corners)).all()
    for corner in corners:
        pool.learn_bound(corner, float((totals @ corner).max()))
    drawn = np.random.default_rng(0).dirichlet(np.ones(7), size=20)
    assert (pool.bounds(drawn) >= (totals @ drawn.T).max(axis=0) - 1e-6).all()
    assert pool.bounds(drawn) == pytest.approx(drawn @ totals.max(axis=0))


def test_answers_are_json(place: Snapshot) -> None:
    laid_out = laid(place)
    best = best_of(laid_out)
    for found in (
        ranking(laid_out, best),
        alternatives(laid_out, best, count=2),
        trade_off(laid_out, "access", "tax", best=best, most=5, workers=1),
        steadiness(laid_out, best, weightings=5, workers=1),
    ):
        read = orjson.loads(answer_json(found))
        assert read["synthetic"] is True
        assert read["version"] == "town"
