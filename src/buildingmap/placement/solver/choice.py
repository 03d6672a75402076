"""The choice that a plan asks for: which sites, and a leading sector for each, as arrays with its conditions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Rows = NDArray[np.int64]

ConditionKind = Literal["towers", "sector", "cluster", "floor_area", "fixed", "criterion"]


@dataclass(frozen=True, eq=False)
class Condition:
    """``low ≤ Σ coefficients[site, sector] ≤ high`` over what is chosen; ``coefficients`` float64[sites, sectors].

    ``subject`` is the sector, cluster, site or criterion that it is about, by id. The unit is towers, m² for floor
    area, points for a criterion.
    """

    kind: ConditionKind
    coefficients: Floats = field(repr=False)
    subject: str | None = None
    low: float = -np.inf
    high: float = np.inf


@dataclass(frozen=True, eq=False)
class Choice:
    """What to choose from: ``towers`` sites, each with one sector, so that the score is greatest.

    ``own``: float64[sites, sectors], the points of a site with a sector by itself. ``nearness``: float64[sites,
    sites], symmetric, 0 to 1, diagonal 0. ``between``: float64[sectors, sectors], symmetric: two chosen towers
    s, t with sectors k, l add ``nearness[s, t] × between[k, l]`` points. ``allowed``: bool[sites, sectors].
    ``apart``: bool[sites, sites], symmetric, diagonal False: two sites too near each other to be taken both.
    """

    own: Floats
    nearness: Floats
    between: Floats
    allowed: Mask
    apart: Mask
    towers: int
    conditions: tuple[Condition, ...] = ()

    @property
    def sites(self) -> int:
        """How many sites there are."""
        return len(self.own)

    @property
    def sectors(self) -> int:
        """How many sectors there are."""
        return len(self.between)

    @cached_property
    def fixed(self) -> Rows:
        """The sites that every plan takes, int64[k]."""
        subjects = [each.coefficients.any(axis=1) for each in self.conditions if each.kind == "fixed"]
        return np.flatnonzero(np.any(subjects, axis=0)) if subjects else np.empty(0, dtype=np.int64)

    def score(self, sites: Rows, sectors: Rows) -> float:
        """Return the points of a plan: its own terms, and each pair once. int64[k] sites and their sectors."""
        pairs = self.nearness[np.ix_(sites, sites)] * self.between[np.ix_(sectors, sectors)]
        return float(self.own[sites, sectors].sum() + pairs.sum() / 2)

    def broken(self, sites: Rows, sectors: Rows, *, tolerance: float = 1e-6) -> bool:
        """Whether a plan of int64[k] sites and sectors breaks any condition."""
        if len(sites) != self.towers or len(np.unique(sites)) != len(sites):
            return True
        if not self.allowed[sites, sectors].all() or self.apart[np.ix_(sites, sites)].any():
            return True
        sums = [float(each.coefficients[sites, sectors].sum()) for each in self.conditions]
        return any(
            total < each.low - tolerance * max(1, abs(each.low))
            or total > each.high + tolerance * max(1, abs(each.high))
            for total, each in zip(sums, self.conditions, strict=True)
        )

    def of_sites(self, rows: Rows, allowed: Mask | None = None) -> Choice:
        """Return the same choice among int64[k] of its sites; ``allowed`` bool[sites, sectors] replaces its own."""
        kept = self.allowed if allowed is None else allowed
        return replace(
            self,
            own=self.own[rows],
            nearness=self.nearness[np.ix_(rows, rows)],
            allowed=kept[rows],
            apart=self.apart[np.ix_(rows, rows)],
            conditions=tuple(replace(each, coefficients=each.coefficients[rows]) for each in self.conditions),
        )

    def only(self, site: Rows, sector: Rows) -> Choice:
        """Return the same choice with nothing allowed but int64[k] sites, each with its sector."""
        allowed = np.zeros_like(self.allowed)
        allowed[site, sector] = True
        return replace(self, allowed=allowed)

    def with_conditions(self, more: Sequence[Condition]) -> Choice:
        """Return the same choice under further conditions."""
        return replace(self, conditions=(*self.conditions, *more))


def cliques(apart: Mask) -> list[Rows]:
    """Return groups of sites of which at most one can be taken, int64[k] each, that cover every pair of ``apart``.

    Greedy and deterministic: each group grows from the first pair not covered yet. Sums over groups bound far
    better than the pairs alone.
    """
    left = np.triu(apart)
    groups = []
    for site in range(len(apart)):
        while left[site].any():
            first = int(np.flatnonzero(left[site])[0])
            group = [site, first]
            common = apart[site] & apart[first]
            for other in np.flatnonzero(common):
                if common[other]:
                    group.append(int(other))
                    common &= apart[other]
            rows = np.array(sorted(group), dtype=np.int64)
            left[np.ix_(rows, rows)] = False
            groups.append(rows)
    return groups
