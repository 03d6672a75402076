"""Weights from judgements in pairs: what follows from them, how well they agree, and what to think over again."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildingmap.placement import CRITERIA, ComparisonError, weights_from_comparisons
from tests.examples import examples

if TYPE_CHECKING:
    from buildingmap.placement.plan_file import Criterion

CALM = settings(deadline=None, max_examples=examples(50))
# Saaty 1980, chapter 1: distances from Philadelphia to six cities by judgement, in the order Cairo, Tokyo, Chicago,
# San Francisco, London, Montreal
DISTANCES: list[list[float]] = [
    [1, 1 / 3, 8, 3, 3, 7],
    [1, 9, 3, 3, 9],
    [1, 1 / 6, 1 / 5, 2],
    [1, 1 / 3, 6],
    [1, 6],
    [1],
]


def test_judgements_that_agree_give_the_weights_they_were_made_from() -> None:
    weights = dict(zip(CRITERIA, (5, 3, 2, 8, 1, 4, 2), strict=True))
    found = weights_from_comparisons(
        {(one, other): weights[one] / weights[other] for one, other in combinations(CRITERIA, 2)}
    )
    assert found.weights == pytest.approx({key: value / 25 for key, value in weights.items()})
    assert (found.consistency_ratio, found.is_consistent, found.worst) == (0, True, None)


@CALM
@given(st.lists(st.floats(0.2, 5), min_size=6, max_size=6))
def test_a_chain_of_judgements_is_enough(steps: list[float]) -> None:
    chain = dict(zip(pairwise(CRITERIA), steps, strict=True))
    found = weights_from_comparisons(chain)
    for (one, other), step in chain.items():
        assert found.weights[one] / found.weights[other] == pytest.approx(step)
    assert found.consistency_ratio == 0
    assert (found.judged, found.pairs) == (6, 21)


def test_saatys_distances_come_out_as_published() -> None:
    names = CRITERIA[:6]
    judged: dict[tuple[Criterion, Criterion], float] = {
        (names[row], names[row + step]): value
        for row, values in enumerate(DISTANCES)
        for step, value in enumerate(values)
        if step
    }
    found = weights_from_comparisons(judged)
    assert list(found.weights.values()) == pytest.approx(
        [0.263, 0.397, 0.033, 0.116, 0.164, 0.027], abs=0.002
    )
    # λ = 6.45: index 0.09, ratio 0.07
    assert found.consistency_ratio == pytest.approx(0.45 / 5 / 1.24, abs=0.005)
    assert found.is_consistent


@CALM
@given(st.lists(st.sampled_from([1 / 9, 1 / 5, 1 / 3, 1, 3, 5, 9]), min_size=21, max_size=21))
def test_naming_a_pair_the_other_way_round_changes_nothing(values: list[float]) -> None:
    pairs = list(combinations(CRITERIA, 2))
    one = weights_from_comparisons(dict(zip(pairs, values, strict=True)))
    turned = {(other, first): 1 / value for (first, other), value in zip(pairs, values, strict=True)}
    other = weights_from_comparisons(turned)
    assert other.weights == pytest.approx(one.weights, abs=1e-9)
    assert other.consistency_ratio == pytest.approx(one.consistency_ratio, abs=1e-9)
    assert sum(one.weights.values()) == pytest.approx(1)


@CALM
@given(st.integers(0, 20), st.sampled_from([1 / 8, 1 / 6, 6, 8]))
def test_the_one_judgement_that_contradicts_all_others_is_named_with_what_fits(
    place: int, wrong: float
) -> None:
    weights = dict(zip(CRITERIA, (1, 1.2, 1, 1.1, 0.9, 1, 1), strict=True))
    judged = {(one, other): weights[one] / weights[other] for one, other in combinations(CRITERIA, 2)}
    pair = list(judged)[place]
    fits = judged[pair]
    judged[pair] = wrong
    found = weights_from_comparisons(judged)
    assert found.worst is not None
    assert {found.worst.one, found.worst.other} == set(pair)
    expected = fits if found.worst.one == pair[0] else 1 / fits
    assert found.worst.fits_best == pytest.approx(expected)


@pytest.mark.parametrize("missing", [0, 4, 8])
def test_random_judgements_have_a_ratio_near_1_whether_pairs_are_missing_or_not(missing: int) -> None:
    rng = np.random.default_rng(missing)
    every = list(combinations(CRITERIA, 2))
    scale = np.array([1 / each for each in range(9, 1, -1)] + list(range(1, 10)))
    found = [
        weights_from_comparisons(
            {every[each]: float(rng.choice(scale)) for each in rng.permutation(21)[missing:]}
        )
        for _ in range(300)
    ]
    assert np.mean([each.consistency_ratio for each in found]) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("judged", "expected"),
    [
        ({}, "found no comparison"),
        ({("tax", "tax"): 2}, "found Expected tax compared with itself"),
        ({("tax", "access"): 0}, "found Expected tax / Access to metro 0, expected a number above 0"),
        (
            {("tax", "access"): 3, ("access", "tax"): 3},
            "judged 3 and the other way round 3, expected one of them",
        ),
        (
            {("tax", "access"): 3, ("vacancy", "strategy"): 2},
            "found no comparison between Room in the market, Fit with strategy and Access to metro",
        ),
    ],
)
def test_judgements_that_weights_cannot_follow_from_are_refused(
    judged: dict[tuple[Criterion, Criterion], float], expected: str
) -> None:
    with pytest.raises(ComparisonError) as refused:
        weights_from_comparisons(judged)
    assert expected in str(refused.value)
