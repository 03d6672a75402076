"""p-median, maximal covering and p-centre: the best choice, and never a claim that does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildingmap.placement.stations.bounding import Bounding
from buildingmap.placement.stations.centre import solve_centre
from buildingmap.placement.stations.covering import cover_all, fewest_in_part, solve_covering
from buildingmap.placement.stations.median import WHOLE, solve_median
from tests.examples import examples
from tests.placement.located import (
    best_of,
    covered_of,
    farthest_of,
    linear_bound,
    plane,
    reached_by,
    total_of,
    towns,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from buildingmap.placement.stations.located import Located

    Floats = NDArray[np.float64]
    Town = tuple[Floats, Floats, int]

some = settings(max_examples=examples(60), deadline=None)
RADIUS_M = 300


def median(distances: Floats, weights: Floats, count: int) -> Located:
    return solve_median(distances * weights, count)


def covering(distances: Floats, weights: Floats, count: int) -> Located:
    return solve_covering(distances <= RADIUS_M, weights, count)


def centre(distances: Floats, weights: Floats, count: int) -> Located:
    del weights
    return solve_centre(distances, count)


MODELS: dict[str, Callable[[Floats, Floats, int], Located]] = {
    "p-median": median,
    "covering": covering,
    "centre": centre,
}
each_model = pytest.mark.parametrize("model", MODELS)


@given(towns())
@some
def test_the_p_median_is_the_best_of_all_choices(town: Town) -> None:
    distances, weights, count = town
    costs = distances * weights
    found = solve_median(costs, count)
    assert found.status == "optimal"
    assert found.value == pytest.approx(best_of(len(costs), count, total_of(costs)), rel=1e-6, abs=1e-9)
    assert found.value == pytest.approx(total_of(costs)(found.stations.tolist()))


@given(towns(), st.sampled_from([1, 30, 300, 2000]))
@some
def test_maximal_covering_covers_as_much_as_any_choice(town: Town, radius: float) -> None:
    distances, weights, count = town
    covers = distances <= radius
    found = solve_covering(covers, weights, count)
    assert found.status == "optimal"
    assert found.value == best_of(len(covers), count, covered_of(covers, weights), least=False)
    assert found.value == covered_of(covers, weights)(found.stations.tolist())


@given(towns())
@some
def test_in_the_p_centre_the_farthest_is_as_near_as_in_any_choice(town: Town) -> None:
    distances, _, count = town
    found = solve_centre(distances, count)
    assert found.status == "optimal"
    assert found.value == best_of(len(distances), count, farthest_of(distances))
    assert found.value == farthest_of(distances)(found.stations.tolist())


@given(towns(), st.sampled_from([1, 3, 30, 300, 2000]))
@some
def test_parts_of_stations_never_need_more_than_whole_ones_and_whole_ones_reach_everybody(
    town: Town, radius: float
) -> None:
    covers = town[0] <= radius
    counts = range(1, len(covers) + 1)
    enough = [n for n in counts if best_of(len(covers), n, farthest_of(town[0])) <= radius]
    fewest = enough[0] if enough else np.inf
    assert fewest_in_part(covers, seconds=60) <= fewest + 1e-9
    for count in counts:
        found, certain = cover_all(covers, count, seconds=60)
        assert certain
        assert (found is not None) == (count >= fewest)
        assert found is None or (len(found) <= count and covers[found].any(axis=0).all())


@pytest.mark.parametrize("seed", range(4))
def test_the_p_centre_is_proved_where_parts_of_stations_would_reach_everybody(seed: int) -> None:
    distances = plane(40, 90, seed)
    found = solve_centre(distances, 6)
    levels = np.unique(distances)
    before = float(levels[np.searchsorted(levels, found.value) - 1])
    assert found.status == "optimal"
    assert farthest_of(distances)(found.stations.tolist()) == found.value == found.bound
    assert not reached_by(distances <= before, 6)
    assert reached_by(distances <= found.value, 6)


@each_model
@given(town=towns())
@some
def test_as_many_different_stations_are_named_as_were_asked_for_the_same_every_time(
    model: str, town: Town
) -> None:
    found, again = (MODELS[model](*town) for _ in range(2))
    assert len(set(found.stations.tolist())) == town[2]
    assert found.stations.tolist() == sorted(found.stations.tolist()) == again.stations.tolist()


@each_model
@given(town=towns(), seed=st.integers(0, 1000))
@some
def test_the_order_of_sites_and_towers_changes_nothing(model: str, town: Town, seed: int) -> None:
    distances, weights, count = town
    chance = np.random.default_rng(seed)
    rows, columns = chance.permutation(len(distances)), chance.permutation(len(weights))
    turned = MODELS[model](distances[rows][:, columns], weights[columns], count)
    assert turned.value == pytest.approx(MODELS[model](*town).value, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("solve", [median, centre])
@given(town=towns())
@some
def test_kilometres_give_a_thousandth_of_what_metres_give(
    solve: Callable[[Floats, Floats, int], Located], town: Town
) -> None:
    distances, weights, count = town
    in_metres, in_kilometres = solve(distances, weights, count), solve(distances / 1000, weights, count)
    assert in_kilometres.value == pytest.approx(in_metres.value / 1000, rel=1e-6, abs=1e-9)


@each_model
@given(town=towns())
@some
def test_one_station_more_or_one_candidate_more_never_makes_it_worse(model: str, town: Town) -> None:
    distances, weights, count = town
    better = 1 if model == "covering" else -1
    value = MODELS[model](distances, weights, count).value
    slack = 1e-6 * max(1.0, abs(value))
    if count < len(distances):
        assert better * (MODELS[model](distances, weights, count + 1).value - value) >= -slack
        fewer = MODELS[model](distances[:-1], weights, count).value
        assert better * (value - fewer) >= -slack


@each_model
def test_what_time_ends_states_a_bound_that_holds(model: str) -> None:
    distances = plane(60, 200, 5)
    weights = np.random.default_rng(5).integers(1, 9, 200).astype(np.float64)
    whole = MODELS[model](distances, weights, 8)
    assert whole.status == "optimal"
    hurried: dict[str, Any] = {
        "p-median": lambda: solve_median(distances * weights, 8, seconds=0.0),
        "covering": lambda: solve_covering(distances <= RADIUS_M, weights, 8, seconds=0.0),
        "centre": lambda: solve_centre(distances, 8, seconds=0.0),
    }
    found: Located = hurried[model]()
    low, high = sorted([found.bound, found.value])
    assert low - 1e-6 <= whole.value <= high + 1e-6
    assert len(found.stations) == 8
    assert found.gap >= 0


@pytest.mark.parametrize("seed", range(4))
def test_a_choice_among_hundreds_is_proved_and_no_exchange_betters_it(seed: int) -> None:
    costs = plane(150, 300, seed)
    found = solve_median(costs, 12)
    assert found.status == "optimal"
    for out in range(12):
        others = np.delete(found.stations, out)
        exchanged = np.minimum(costs, costs[others].min(axis=0)).sum(axis=1)
        assert exchanged.min() >= found.value - 1e-6


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_the_first_bound_comes_near_that_of_the_linear_programme(seed: int, whole: bool) -> None:  # noqa: FBT001
    costs = plane(40, 80, seed)
    costs = np.rint(costs) if whole else costs
    found, linear = solve_median(costs, 6), linear_bound(costs, 6)
    bounding = Bounding(costs)
    shown = bounding.relax(
        np.arange(40),
        6,
        bounding.start(found.stations),
        bounding.ceiling,
        best=lambda: found.value,
        effort=WHOLE,
    )
    assert linear - 1e-3 * found.value <= shown.bound <= linear + 1e-6


def test_a_question_without_sites_or_stations_has_no_answer() -> None:
    for found in (
        solve_median(np.empty((0, 3)), 1),
        solve_covering(np.empty((0, 3), dtype=bool), np.ones(3), 1),
        solve_centre(np.ones((2, 2)), 0),
    ):
        assert found.status == "infeasible"
        assert len(found.stations) == 0
