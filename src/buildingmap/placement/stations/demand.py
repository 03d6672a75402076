"""What service stations serve, and where they can be: standing towers, weighted, and distances between them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np

from buildingmap.analysis.tenancy import has_left
from buildingmap.model import STATUSES, Tenant
from buildingmap.placement.candidates import candidates
from buildingmap.placement.plan_file import Reference
from buildingmap.placement.terms import left_out_terms

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from buildingmap.placement.terms import Term
    from buildingmap.snapshot import Snapshot

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

Weight = Literal["companies", "area", "towers"]
Where = Literal["towers", "sites"]
WEIGHTS: Final[tuple[Weight, ...]] = get_args(Weight)
WHERE: Final[tuple[Where, ...]] = get_args(Where)
_EXISTING: Final = STATUSES.index("existing")


@dataclass(frozen=True, eq=False)
class Demand:
    """n standing towers that count, and m places for stations.

    ``rows``: int64[n], rows of the snapshot. ``weight``: float64[n], above 0: companies, m² or 1. ``left_out``: how
    many standing towers weigh nothing, because nothing is known or there is nothing. ``ids``, ``names``, ``x_m``,
    ``y_m``: of the places, metres. ``distance_m``: float64[m, n], straight. ``parcels_left_out``: why parcels are
    no places, one term for each.
    """

    rows: Rows
    weight: Floats
    left_out: int
    ids: tuple[str, ...]
    names: tuple[str, ...]
    x_m: Floats
    y_m: Floats
    distance_m: Floats
    parcels_left_out: tuple[Term, ...] = ()


def demand_of(snapshot: Snapshot, weight: Weight, where: Where, *, today: date) -> Demand:
    """Return what stations are placed for, and where they can be: in a standing tower, or on a candidate parcel.

    Parcels that a plan leaves out, because the registry forbids them or they are not free, are no places here either.
    """
    standing = np.flatnonzero(snapshot.status == _EXISTING)
    standing = standing[np.argsort(snapshot.id_rank[standing])]
    weights = _weights(snapshot, standing, weight, today)
    counts = weights > 0
    rows = standing[counts]
    places = _parcels(snapshot) if where == "sites" else _towers(snapshot, standing)
    return Demand(
        rows=rows,
        weight=weights[counts],
        left_out=int((~counts).sum()),
        ids=places.ids,
        names=places.names,
        x_m=places.x_m,
        y_m=places.y_m,
        distance_m=np.hypot(
            places.x_m[:, None] - snapshot.x_m[rows], places.y_m[:, None] - snapshot.y_m[rows]
        ),
        parcels_left_out=places.left_out,
    )


def _weights(snapshot: Snapshot, standing: Rows, weight: Weight, today: date) -> Floats:
    if weight == "towers":
        return np.ones(len(standing))
    if weight == "area":
        return np.nan_to_num(snapshot.floor_area_m2[standing])
    resident = Counter(
        tenant.building_id for tenant in snapshot.holdings.all(Tenant) if not has_left(tenant, today)
    )
    return np.array([resident[snapshot.ids[row]] for row in standing], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _Places:
    ids: tuple[str, ...]
    names: tuple[str, ...]
    x_m: Floats
    y_m: Floats
    left_out: tuple[Term, ...] = ()


def _parcels(snapshot: Snapshot) -> _Places:
    listed = candidates(snapshot, "sites", Reference())
    left_out = left_out_terms(listed)
    out = {term.subject[0] for term in left_out}
    rows = [row for row, site in enumerate(listed.ids) if site not in out]
    return _Places(
        tuple(listed.ids[row] for row in rows),
        tuple(listed.names[row] for row in rows),
        listed.x_m[rows],
        listed.y_m[rows],
        left_out,
    )


def _towers(snapshot: Snapshot, standing: Rows) -> _Places:
    towers = [snapshot.buildings[row] for row in standing]
    return _Places(
        tuple(tower.id for tower in towers),
        tuple(tower.name or tower.id for tower in towers),
        snapshot.x_m[standing],
        snapshot.y_m[standing],
    )
