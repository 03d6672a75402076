"""Choices to try solvers on: random ones, and every plan of a small one."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np

from buildingmap.placement.solver.choice import Choice, Condition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Rows = NDArray[np.int64]


def random_choice(
    seed: int,
    *,
    sites: int,
    sectors: int,
    towers: int,
    strength: float = 10.0,
    extent_m: float = 3000.0,
    conditions: bool = True,
    spacing_m: float = 200.0,
) -> Choice:
    """Points of 0 to 60 for a tower alone, some sites ruled out, attraction and repulsion between sectors."""
    rng = np.random.default_rng(seed)
    x_m, y_m = rng.uniform(0, extent_m, (2, sites))
    distance_m = np.hypot(x_m[:, None] - x_m, y_m[:, None] - y_m)
    nearness = np.exp(-distance_m / 800)
    np.fill_diagonal(nearness, 0)
    between = rng.uniform(-strength / 2, strength, (sectors, sectors))
    apart = (distance_m < spacing_m) & ~np.eye(sites, dtype=bool)
    choice = Choice(
        own=rng.uniform(0, 60, (sites, sectors)),
        nearness=nearness,
        between=(between + between.T) / 2,
        allowed=rng.random((sites, sectors)) < 0.9,
        apart=apart,
        towers=towers,
    )
    return choice.with_conditions(random_conditions(rng, choice)) if conditions else choice


def random_conditions(rng: np.random.Generator, choice: Choice) -> list[Condition]:
    """A quota of one sector, a cap of half the sites, a floor area, sometimes a fixed site."""
    shape = choice.own.shape
    sector = np.zeros(shape)
    sector[:, rng.integers(choice.sectors)] = 1
    half = np.zeros(shape)
    half[: choice.sites // 2] = 1
    area = np.repeat(rng.uniform(10_000, 90_000, (choice.sites, 1)), choice.sectors, axis=1)
    made = [
        Condition("sector", sector, "finance", low=float(rng.integers(0, 2)), high=float(rng.integers(1, 4))),
        Condition("cluster", half, "cbd", high=float(rng.integers(1, choice.towers + 1))),
        Condition("floor_area", area, high=choice.towers * float(rng.uniform(40_000, 80_000))),
    ]
    if rng.random() < 1 / 3:
        fixed = np.zeros(shape)
        fixed[rng.integers(choice.sites)] = 1
        made.append(Condition("fixed", fixed, "DK-01", low=1))
    return made


def every_plan(choice: Choice) -> Iterator[tuple[Rows, Rows]]:
    """Every plan that meets the conditions, one after the other."""
    for sites in combinations(range(choice.sites), choice.towers):
        for sectors in product(range(choice.sectors), repeat=choice.towers):
            plan = np.array(sites, dtype=np.int64), np.array(sectors, dtype=np.int64)
            if not choice.broken(*plan):
                yield plan


def best_score(choice: Choice) -> float | None:
    """The score of the best plan by trying them all; None where there is none."""
    return max((choice.score(*plan) for plan in every_plan(choice)), default=None)
