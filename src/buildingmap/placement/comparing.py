"""Weights from judgements in pairs: how many times as much one criterion counts as another.

The weights are the principal eigenvector of the matrix of judgements (Saaty, The Analytic Hierarchy Process, 1980).
Pairs that nobody judged stay open (Harker, Incomplete pairwise comparisons in the Analytic Hierarchy Process,
Mathematical Modelling 9, 1987). The libraries that do this round the weights, fill open pairs in to four digits or
take no open pairs at all; it is one eigenvector of a matrix of seven rows, so it is computed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse.csgraph import connected_components

from buildingmap.errors import BilingualError
from buildingmap.placement.criterion import CRITERIA, CRITERION_NAMES, Criterion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# the mean consistency index of random judgements of n criteria, n = 1 to 9 (Saaty 1980)
_RANDOM_INDEX: Final = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45)
_CONSISTENT: Final = 0.1
_EXACT: Final = 1e-9


class ComparisonError(BilingualError):
    """Judgements that weights cannot follow from: ``found`` and ``expected`` say which, in English and Chinese."""

    found: tuple[str, str] = ("", "")
    expected: tuple[str, str] = ("", "")

    @classmethod
    def of(cls, found: tuple[str, str], expected: tuple[str, str]) -> ComparisonError:
        """Return the error that says both."""
        error = cls(f"found {found[0]}, expected {expected[0]}", f"实为 {found[1]}，应为{expected[1]}")
        error.found, error.expected = found, expected
        return error


@dataclass(frozen=True, slots=True)
class Judgement:
    """How many times as much ``one`` counts as ``other``: as it was judged, and what would fit all others best."""

    one: Criterion
    other: Criterion
    given: float
    fits_best: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Weights that follow from judgements in pairs.

    ``weights``: shares that come to 1, of every criterion that a judgement names, in the order of the plan's
    criteria; the others are ``left_out`` and count nothing. ``consistency_ratio``: 0 where the judgements agree, 1
    where they agree no better than random ones; ``is_consistent``: below 0.1. ``judged`` of ``pairs`` pairs have a
    judgement. ``worst``: the one that agrees least with the rest, None where all agree.
    """

    weights: dict[Criterion, float]
    consistency_ratio: float
    is_consistent: bool
    judged: int
    pairs: int
    left_out: tuple[Criterion, ...]
    worst: Judgement | None


def weights_from_comparisons(comparisons: Mapping[tuple[Criterion, Criterion], float]) -> Comparison:
    """Return the weights that follow from ``comparisons``: how many times as much the first counts as the second.

    The consistency ratio is ((λ - n) ÷ (n - 1)) ÷ the random index; with m of the pairs open the index shrinks by
    1 - 2m ÷ ((n - 1)(n - 2)) (Ágoston and Csató, Inconsistency thresholds for incomplete pairwise comparison
    matrices, Omega 108, 2022). Raises ComparisonError where a pair is judged twice and differently, a criterion is
    compared with itself, a judgement is no positive number, or nothing ties some criteria to the others.
    """
    judged = _judgements(comparisons)
    named = tuple(each for each in CRITERIA if any(each in pair for pair in judged))
    if not named:
        raise ComparisonError.of(("no comparison", "没有任何比较"), ("at least one", "至少一项比较"))
    matrix = np.zeros((len(named), len(named)))
    for (one, other), value in judged.items():
        row, column = named.index(one), named.index(other)
        matrix[row, column], matrix[column, row] = value, 1 / value
    _expect_tied(matrix, named)
    weights, ratio = _principal(matrix)
    return Comparison(
        weights={each: float(weight) for each, weight in zip(named, weights, strict=True)},
        consistency_ratio=ratio,
        is_consistent=ratio < _CONSISTENT,
        judged=len(judged),
        pairs=len(named) * (len(named) - 1) // 2,
        left_out=tuple(each for each in CRITERIA if each not in named),
        worst=_worst(matrix, named, ratio),
    )


def _judgements(
    comparisons: Mapping[tuple[Criterion, Criterion], float],
) -> dict[tuple[Criterion, Criterion], float]:
    """Return each pair once, as it was named first."""
    judged: dict[tuple[Criterion, Criterion], float] = {}
    for (one, other), value in comparisons.items():
        if one == other:
            raise ComparisonError.of(
                (f"{_names(one)[0]} compared with itself", f"{_names(one)[1]}与自身相比"),
                ("two criteria", "两项不同的指标"),
            )
        if not (np.isfinite(value) and value > 0):
            english, chinese = (f"{_names(one)[at]} / {_names(other)[at]} {value:g}" for at in (0, 1))
            raise ComparisonError.of((english, chinese), ("a number above 0", "大于 0 的数"))
        if (other, one) not in judged:
            judged[one, other] = float(value)
        elif abs(judged[other, one] * value - 1) > _EXACT:
            there, back = f"{value:g}", f"{judged[other, one]:g}"
            english, chinese = (f"{_names(one)[at]} / {_names(other)[at]}" for at in (0, 1))
            raise ComparisonError.of(
                (
                    f"{english} judged {there} and the other way round {back}",
                    f"{chinese} 判为 {there}，反过来又判为 {back}",
                ),
                ("one of them", "其中之一"),
            )
    return judged


def _names(criterion: Criterion) -> tuple[str, str]:
    return CRITERION_NAMES[criterion]


def _expect_tied(matrix: Floats, named: tuple[Criterion, ...]) -> None:
    count, group = connected_components(matrix > 0, directed=False)
    if count > 1:
        apart = [each for each, of in zip(named, group, strict=True) if of != group[0]]
        english, chinese = ([_names(each)[at] for each in apart] for at in (0, 1))
        raise ComparisonError.of(
            (
                f"no comparison between {', '.join(english)} and {_names(named[0])[0]}",
                f"{'、'.join(chinese)}与{_names(named[0])[1]}之间没有比较",
            ),
            ("one that ties them together", "一项把它们连起来的比较"),
        )


def _principal(matrix: Floats) -> tuple[Floats, float]:
    """Return the weights and the consistency ratio; open pairs are 0, and each counts for its row's own weight."""
    count = len(matrix)
    open_pairs = (matrix == 0).sum(axis=1) - 1
    values, vectors = np.linalg.eig(matrix + np.diag(1.0 + open_pairs))
    largest = int(values.real.argmax())
    weights = np.abs(vectors[:, largest].real)
    weights = weights / weights.sum()
    missing = int(open_pairs.sum()) // 2
    # with two criteria, or a tree of judgements, there is nothing that could disagree
    room = (count - 1) * (count - 2) - 2 * missing
    if room <= 0:
        return weights, 0.0
    index = _RANDOM_INDEX[count - 1] * room / ((count - 1) * (count - 2))
    found = max(0.0, float(values[largest].real) - count) / (count - 1)
    return weights, 0.0 if found < _EXACT else found / index


def _worst(matrix: Floats, named: tuple[Criterion, ...], ratio: float) -> Judgement | None:
    """Return the judgement without which the rest agree best, and what the rest say instead."""
    if ratio <= 0:
        return None
    found: list[tuple[float, Judgement]] = []
    for row, column in zip(*np.nonzero(np.triu(matrix)), strict=True):
        rest = matrix.copy()
        rest[row, column] = rest[column, row] = 0
        if connected_components(rest > 0, directed=False)[0] > 1:
            continue
        weights, without = _principal(rest)
        fits = float(weights[row] / weights[column])
        given = float(matrix[row, column])
        one, other = named[row], named[column]
        if given < 1:
            one, other, given, fits = other, one, 1 / given, 1 / fits
        found.append((without, Judgement(one, other, given, fits)))
    return min(found, key=lambda each: each[0])[1] if found else None
