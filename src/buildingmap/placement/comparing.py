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
from buildingmap.placement.criterion import CRITERIA, Criterion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# the mean consistency index of random judgements of n criteria, n = 1 to 9 (Saaty 1980)
_RANDOM_INDEX: Final = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45)
_CONSISTENT: Final = 0.1
_EXACT: Final = 1e-9


class ComparisonError(BilingualError):
    """Judgements that weights cannot follow from; says which."""


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
        raise ComparisonError("found no comparison, expected at least one", "没有任何比较，应至少有一项")
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
            raise ComparisonError(
                f"found {one!r} compared with itself, expected two criteria",
                f"{one!r} 与自身相比，应为两项不同的指标",
            )
        if not (np.isfinite(value) and value > 0):
            raise ComparisonError(
                f"found {value!r} for {one} against {other}, expected a number above 0",
                f"{one} 对 {other} 实为 {value!r}，应为大于 0 的数",
            )
        if (other, one) not in judged:
            judged[one, other] = float(value)
        elif abs(judged[other, one] * value - 1) > _EXACT:
            raise ComparisonError(
                f"found {one} against {other} judged {value!r} and the other way round {judged[other, one]!r}, "
                "expected one of them",
                f"{one} 对 {other} 判为 {value!r}，反过来又判为 {judged[other, one]!r}，应只取其一",
            )
    return judged


def _expect_tied(matrix: Floats, named: tuple[Criterion, ...]) -> None:
    count, group = connected_components(matrix > 0, directed=False)
    if count > 1:
        apart = [each for each, of in zip(named, group, strict=True) if of != group[0]]
        raise ComparisonError(
            f"found no comparison between {', '.join(apart)} and {named[0]}, expected one that ties them together",
            f"{'、'.join(apart)} 与 {named[0]} 之间没有比较，应有一项把它们连起来",
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
