"""Where high, or low, taxes stand together more than chance would have it: the local Getis-Ord G*."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from scipy.spatial import KDTree

from buildingmap.analysis.measures import existing_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.filters import Selection

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

Reason = Literal["too_few_towers", "too_many_towers", "no_variation"]
Kind = Literal["hot", "cold", "not_significant"]
Caution = Literal["many_tests", "pseudo_p", "where_not_why"]
# what must be said beside it: many tests at once; p counts permutations; G* says where, not why
CAUTIONS: Final[tuple[Caution, ...]] = ("many_tests", "pseudo_p", "where_not_why")
FEWEST_TOWERS: Final = 30
MOST_TOWERS: Final = 20_000
NEIGHBOURS: Final = 8
FALSE_DISCOVERY_RATE: Final = 0.05
_FEW_TOWERS: Final = 1_000
_PERMUTATIONS: Final = 999
_PERMUTATIONS_OF_FEW: Final = 9_999
DEFAULT_SEED: Final = 20_230_101


@dataclass(frozen=True, slots=True)
class HotSpotParameters:
    """How G* was computed: over ``towers`` with known tax, each with itself and its ``neighbours`` nearest.

    Distances between representative points in ``crs``; weights 1; ``permutations`` drawn from ``seed``;
    significant where the false-discovery rate (Benjamini-Hochberg) is at most ``false_discovery_rate``.
    """

    towers: int
    neighbours: int
    crs: str
    permutations: int
    seed: int
    false_discovery_rate: float


@dataclass(frozen=True, slots=True)
class HotSpot:
    """One tower's G*: ``z`` in standard deviations, positive among high taxes.

    ``p_sim``: two-sided pseudo-p of the permutations; ``q``: the same, adjusted for the false-discovery rate.
    """

    id: str
    z: float
    p_sim: float
    q: float
    kind: Kind


@dataclass(frozen=True, slots=True)
class HotSpots:
    """The local hot spots of tax among existing towers; ``reason`` says why there are none to give.

    ``cautions`` are codes of what must be said beside the result.
    """

    parameters: HotSpotParameters
    reason: Reason | None
    towers: tuple[HotSpot, ...] = ()
    cautions: tuple[Caution, ...] = CAUTIONS


def hot_spots(selection: Selection, permutations: int | None = None, seed: int = DEFAULT_SEED) -> HotSpots:
    """Test every existing tower with a known tax for G*; the same selection and seed give the same answer.

    ``permutations`` None means 9,999 up to 1,000 towers and 999 beyond. The smallest two-sided pseudo-p is
    2 ÷ (permutations + 1): with 999, no single one of a hundred towers could pass the false-discovery rate.
    Source: Ord and Getis 1995. Fewer than 30 or more than 20,000 towers are declined.
    """
    # by id, so that neither the order of the file nor that of the list matters
    rows = existing_rows(selection)
    rows = rows[~np.isnan(selection.figures.tax_yuan[rows])]
    rows = rows[np.argsort(selection.snapshot.id_rank[rows])]
    tax = selection.figures.tax_yuan[rows]
    if permutations is None:
        permutations = _PERMUTATIONS_OF_FEW if len(rows) <= _FEW_TOWERS else _PERMUTATIONS
    system = selection.snapshot.metric.definition
    parameters = HotSpotParameters(len(rows), NEIGHBOURS, system, permutations, seed, FALSE_DISCOVERY_RATE)
    if len(rows) < FEWEST_TOWERS:
        return HotSpots(parameters, "too_few_towers")
    if len(rows) > MOST_TOWERS:
        return HotSpots(parameters, "too_many_towers")
    if tax.min() == tax.max():
        return HotSpots(parameters, "no_variation")
    points = np.column_stack((selection.snapshot.x_m[rows], selection.snapshot.y_m[rows]))
    z, p_sim = _local_g_star(tax, _nearest(points), permutations, seed)
    ids = [selection.snapshot.ids[row] for row in rows.tolist()]
    return HotSpots(parameters, None, _spots(ids, z, p_sim))


def _spots(ids: list[str], z: Floats, p_sim: Floats) -> tuple[HotSpot, ...]:
    from scipy.stats import false_discovery_control  # noqa: PLC0415 - half a second to import, only for this

    q = false_discovery_control(p_sim)
    return tuple(
        HotSpot(tower, round(score, 4), p, round(adjusted, 6), _kind(score, adjusted))
        for tower, score, p, adjusted in zip(ids, z.tolist(), p_sim.tolist(), q.tolist(), strict=True)
    )


def _kind(z: float, q: float) -> Kind:
    if q > FALSE_DISCOVERY_RATE:
        return "not_significant"
    return "hot" if z > 0 else "cold"


def _nearest(points_m: Floats) -> Rows:
    """Return the positions of each point's nearest others, int64[n, NEIGHBOURS]; points may coincide."""
    found = KDTree(points_m).query(points_m, k=NEIGHBOURS + 1)[1]
    itself = found == np.arange(len(points_m))[:, None]
    # among many points in one place the query may leave out the point itself: the last found goes instead
    itself[~itself.any(axis=1), -1] = True
    nearest: Rows = found[~itself].reshape(len(points_m), NEIGHBOURS)
    return nearest


def _local_g_star(tax_yuan: Floats, nearest: Rows, permutations: int, seed: int) -> tuple[Floats, Floats]:
    """Return z and the two-sided pseudo-p of G* with binary weights, float64[n] each.

    z: formula 5 of Ord and Getis 1995, the tower's own tax among the sums. p: a tower keeps its tax and is dealt as
    many of the others as it has neighbours, ``permutations`` times; the same places in the deck serve every tower.
    """
    towers, neighbours = nearest.shape
    members = neighbours + 1
    sums = tax_yuan[nearest].sum(axis=1)
    spread = tax_yuan.std() * np.sqrt((towers * members - members**2) / (towers - 1))
    z: Floats = (sums + tax_yuan - tax_yuan.mean() * members) / spread
    drawn = np.random.default_rng(seed)
    deals = np.array([drawn.choice(towers - 1, neighbours, replace=False) for _ in range(permutations)])
    p_two_sided = np.empty(towers)
    for tower, total in enumerate(sums):
        dealt = tax_yuan[deals + (deals >= tower)].sum(axis=1)
        rarer = min(np.count_nonzero(dealt >= total), np.count_nonzero(dealt <= total))
        p_two_sided[tower] = min(1.0, 2 * (rarer + 1) / (permutations + 1))
    return z, p_two_sided
