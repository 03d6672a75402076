"""Free space held against wishes: which conditions each combination meets, and its score part by part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np

from buildingmap.analysis.measures import EXISTING
from buildingmap.analysis.spaces import DAYS_OF_YEAR, UNKNOWN_DAY

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from buildingmap.analysis.spaces import Spaces
    from buildingmap.filters import Wishes
    from buildingmap.snapshot import Snapshot

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Rows = NDArray[np.int64]

Condition = Literal["area", "rent", "budget", "station", "cluster", "available"]
CONDITIONS: Final[tuple[Condition, ...]] = get_args(Condition)
PartName = Literal["area", "station", "rent", "sector", "available", "pieces"]
WEIGHTS: Final[dict[PartName, float]] = {
    "area": 30.0, "station": 20.0, "rent": 20.0, "sector": 15.0, "available": 10.0, "pieces": 5.0,
}  # fmt: skip
STATION_REACH_M: Final = 1500.0
TAG_SHARE: Final = 0.6
CLUSTER_SHARE: Final = 0.5


@dataclass(frozen=True, eq=False)
class Judged:
    """Every combination held against wishes: ``fails`` bool and ``beyond`` float64 by condition, [6, n].

    ``beyond``: how far beyond the bound, in its unit, NaN where unknown; ``shares`` and ``asked``: of each
    part of the score; ``points`` float64[6, n], rounded to a tenth; ``score`` float64[n].
    """

    fails: Bools
    beyond: Floats
    shares: Floats
    asked: tuple[bool, ...]
    points: Floats
    score: Floats

    @property
    def meets(self) -> Bools:
        """Which combinations meet every condition."""
        return np.asarray(~self.fails.any(axis=0))


def judge(spaces: Spaces, wishes: Wishes, *, today: date) -> Judged:
    """Hold every combination against ``wishes``: each condition by itself, each part of the score by itself."""
    beyond = _beyond(spaces, wishes)
    # the unknown meets no bound
    fails = ~(np.nan_to_num(beyond, nan=np.inf) <= 0)
    shares, asked = _shares(spaces, wishes, today)
    weights = np.array([weight if ask else 0.0 for weight, ask in zip(WEIGHTS.values(), asked, strict=True)])
    points = np.round(shares * weights[:, None], 1)
    return Judged(fails, beyond, shares, asked, points, np.round(points.sum(axis=0), 1))


def _beyond(spaces: Spaces, wishes: Wishes) -> Floats:
    size = len(spaces)
    area, rent_year = spaces.area_m2, spaces.rent_year_yuan
    beyond = np.zeros((len(CONDITIONS), size))
    low, high = wishes.area_min or 0.0, np.inf if wishes.area_max is None else wishes.area_max
    beyond[0] = np.maximum(np.maximum(low - area, area - high), 0)
    if wishes.rent_max is not None:
        beyond[1] = rent_year / DAYS_OF_YEAR / area - wishes.rent_max
    if wishes.budget_max is not None:
        beyond[2] = rent_year - wishes.budget_max
    if wishes.station_max is not None:
        beyond[3] = spaces.station_m[spaces.tower] - wishes.station_max
    if wishes.cluster:
        codes = [c.id for c in spaces.snapshot.district.clusters]
        asked = [codes.index(cluster) for cluster in wishes.cluster]
        beyond[4] = np.where(np.isin(spaces.snapshot.cluster[spaces.tower], asked), 0, np.nan)
    if wishes.available_by is not None:
        days = (spaces.free_on - wishes.available_by.toordinal()).astype(np.float64)
        beyond[5] = np.where(spaces.free_on == UNKNOWN_DAY, np.nan, days)
    # what binary arithmetic leaves of an equal pair is no difference
    return np.where(np.abs(beyond) < 1e-6, 0.0, beyond)  # noqa: PLR2004


def _shares(spaces: Spaces, wishes: Wishes, today: date) -> tuple[Floats, tuple[bool, ...]]:
    area, size = spaces.area_m2, len(spaces)
    day_rent = spaces.rent_year_yuan / DAYS_OF_YEAR / area
    limits = [np.full(size, np.inf)]
    if wishes.rent_max is not None:
        limits.append(np.full(size, wishes.rent_max))
    if wishes.budget_max is not None:
        limits.append(wishes.budget_max / DAYS_OF_YEAR / area)
    limit = np.maximum(np.min(limits, axis=0), 1e-9)
    pieces = np.where(spaces.floors > 0, spaces.floors, spaces.count)
    shares = np.stack(
        [
            _area_share(area, wishes),
            1 - spaces.station_m[spaces.tower] / STATION_REACH_M,
            np.where(np.isinf(limit), 0.0, 1 - day_rent / limit),
            _sector_shares(spaces.snapshot, wishes.sector)[spaces.tower],
            _available_share(spaces.free_on, wishes.available_by, today),
            1 / pieces,
        ]
    )
    asked = (
        wishes.area_min is not None or wishes.area_max is not None,
        True,
        wishes.rent_max is not None or wishes.budget_max is not None,
        bool(wishes.sector),
        wishes.available_by is not None,
        True,
    )
    return np.clip(np.nan_to_num(shares, nan=0.0), 0, 1), asked


def _area_share(area: Floats, wishes: Wishes) -> Floats:
    bounds = [bound for bound in (wishes.area_min, wishes.area_max) if bound is not None]
    ideal = sum(bounds) / len(bounds) if bounds else 0.0
    return 1 - np.abs(area - ideal) / ideal if ideal > 0 else np.ones(len(area))


def _available_share(free_on: Rows, by: date | None, today: date) -> Floats:
    if by is None:
        return np.zeros(len(free_on))
    span = max((by - today).days, 1)
    share = np.where(free_on <= today.toordinal(), 1.0, (by.toordinal() - free_on) / span)
    return np.where(free_on == UNKNOWN_DAY, 0.0, share)


def _sector_shares(snapshot: Snapshot, sectors: tuple[str, ...]) -> Floats:
    """Return by tower how well it suits ``sectors``: 1 led by one, 0.6 tagged, else half of the cluster's share."""
    if not sectors:
        return np.zeros(len(snapshot))
    leading, tagged, in_cluster = sector_facts(snapshot, sectors)
    return np.where(leading, 1.0, np.where(tagged, TAG_SHARE, CLUSTER_SHARE * np.nan_to_num(in_cluster)))


def sector_facts(snapshot: Snapshot, sectors: tuple[str, ...]) -> tuple[Bools, Bools, Floats]:
    """Return by tower: led by one of ``sectors``, tagged with one, and their share of its cluster's existing towers.

    The share is of leading sectors, 0 to 1, NaN where the cluster is unknown or empty.
    """
    codes = [sector.id for sector in snapshot.district.sectors]
    wanted = [codes.index(sector) for sector in sectors]
    leading = np.isin(snapshot.sector, wanted)
    tagged = (snapshot.tags & np.uint64(sum(1 << code for code in wanted))) != 0
    stands = (snapshot.status == EXISTING) & (snapshot.cluster >= 0)
    size = len(snapshot.district.clusters)
    of_cluster = np.bincount(snapshot.cluster[stands], minlength=size)
    led = np.bincount(snapshot.cluster[stands & leading], minlength=size)
    share = np.append(led / np.maximum(of_cluster, 1), np.nan)
    in_cluster: Floats = np.append(np.where(of_cluster > 0, share[:-1], np.nan), np.nan)[snapshot.cluster]
    return leading, tagged, in_cluster
