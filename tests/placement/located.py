"""Small questions about stations, and their best answers by trying every choice."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def best_of(sites: int, count: int, value: Callable[[list[int]], float], *, least: bool = True) -> float:
    """The value of the best of all choices of ``count`` sites."""
    values = [value(list(chosen)) for chosen in combinations(range(sites), count)]
    return min(values) if least else max(values)


def total_of(costs: Floats) -> Callable[[list[int]], float]:
    return lambda chosen: float(costs[chosen].min(axis=0).sum())


def farthest_of(distances: Floats) -> Callable[[list[int]], float]:
    return lambda chosen: float(distances[chosen].min(axis=0).max())


def covered_of(covers: NDArray[np.bool_], weights: Floats) -> Callable[[list[int]], float]:
    return lambda chosen: float(weights[covers[chosen].any(axis=0)].sum())


def reached_by(covers: NDArray[np.bool_], count: int) -> bool:
    """Whether ``count`` of the sites reach everybody, by scipy's own mixed-integer programme."""
    sites = len(covers)
    rows = [LinearConstraint(covers.T.astype(float), lb=1), LinearConstraint(np.ones((1, sites)), ub=count)]
    answer = milp(np.zeros(sites), integrality=np.ones(sites), bounds=Bounds(0, 1), constraints=rows)
    assert answer.status in {0, 2}, answer.message
    return bool(answer.success)


@st.composite
def towns(draw: st.DrawFn, most_sites: int = 9, most_towers: int = 12) -> tuple[Floats, Floats, int]:
    """Distances float64[sites, towers], weights of the towers, and how many stations.

    Whole distances have many ties; the others come from places in the plane.
    """
    sites = draw(st.integers(1, most_sites))
    towers = draw(st.integers(1, most_towers))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if draw(st.booleans()):
        distances = chance.integers(0, draw(st.sampled_from([2, 9, 100])), (sites, towers)).astype(np.float64)
    else:
        one, other = chance.random((sites, 2)), chance.random((towers, 2))
        distances = 1000 * np.linalg.norm(one[:, None] - other[None], axis=2)
    weights = chance.integers(0 if draw(st.booleans()) else 1, 5, towers).astype(np.float64)
    return distances, weights, draw(st.integers(1, sites))


def plane(sites: int, towers: int, seed: int) -> Floats:
    """Distances between random places in a square of one kilometre, metres."""
    chance = np.random.default_rng(seed)
    one, other = chance.random((sites, 2)), chance.random((towers, 2))
    away: Floats = 1000 * np.linalg.norm(one[:, None] - other[None], axis=2)
    return away


def graph(nodes: int, edges: int, seed: int) -> list[tuple[int, int, int]]:
    """A connected random graph as the OR-Library makes them: a circle, and edges of 1 to 100 at random."""
    chance = np.random.default_rng(seed)
    ends = [(node, node % nodes + 1) for node in range(1, nodes + 1)]
    while len(ends) < edges:
        one, other = chance.choice(nodes, 2, replace=False) + 1
        ends.append((int(one), int(other)))
    return [
        (one, other, int(cost))
        for (one, other), cost in zip(ends, chance.integers(1, 101, edges), strict=True)
    ]


def pmed_text(nodes: int, count: int, edges: list[tuple[int, int, Any]]) -> str:
    """A graph as a file of the OR-Library."""
    lines = [f" {nodes} {len(edges)} {count} ", *(f" {one} {other} {cost} " for one, other, cost in edges)]
    return "\n".join(lines) + "\n"


def linear_bound(costs: Floats, count: int) -> float:
    """What the p-median costs where sites may be opened in part: no Lagrangian bound exceeds it."""
    sites, demands = costs.shape
    served = np.arange(sites * demands)
    is_open = np.repeat(np.eye(sites), demands, axis=0)
    least = linprog(
        np.concatenate([costs.ravel(), np.zeros(sites)]),
        A_ub=np.hstack([np.eye(sites * demands), -is_open]),
        b_ub=np.zeros(sites * demands),
        A_eq=np.vstack(
            [
                np.hstack([np.arange(demands)[:, None] == served % demands, np.zeros((demands, sites))]),
                np.concatenate([np.zeros(sites * demands), np.ones(sites)]),
            ]
        ),
        b_eq=np.concatenate([np.ones(demands), [count]]),
        bounds=(0, 1),
    )
    assert least.success
    return float(least.fun)
