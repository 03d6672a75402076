"""Service stations for towers (楼宇服务站): how many are asked for, by which measure, and which towers each serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast, get_args

import numpy as np

from buildingmap.errors import BuildingmapError
from buildingmap.placement.places import rounded_lonlat
from buildingmap.placement.solver.solving import Status  # noqa: TC001 - the schema of an answer asks for its types
from buildingmap.placement.stations.centre import solve_centre
from buildingmap.placement.stations.covering import solve_covering
from buildingmap.placement.stations.demand import WEIGHTS, WHERE, Demand, Weight, Where, demand_of
from buildingmap.placement.terms import TermKind  # noqa: TC001 - the same
from buildingmap.placement.wording import term_text

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from buildingmap.placement.stations.located import Located
    from buildingmap.snapshot import Snapshot

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

Measure = Literal["p-median", "covering", "centre"]
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)
MOST_STATIONS: Final = 200
MOST_RADIUS_M: Final = 100_000.0


class StationsError(BuildingmapError):
    """Stations cannot be placed: one line with what was found and what was expected, in Chinese too (``zh``)."""

    def __init__(self, message: str, zh: str = "") -> None:
        """Keep both."""
        super().__init__(message)
        self.zh = zh or message


class HiddenStationsError(BuildingmapError):
    """The public view does not say who is in a tower."""


@dataclass(frozen=True, slots=True)
class StationsAsked:
    """How many ``stations``, by which ``measure``, for what ``weight``, among which places, within ``radius_m``."""

    measure: Measure = "p-median"
    stations: int = 6
    weight: Weight = "companies"
    where: Where = "towers"
    radius_m: float = 500.0
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class ServiceStation:
    """One station: ``id`` of its tower or parcel, WGS84; ``towers`` that have no nearer one, nearest first.

    ``weight`` of those towers in the unit asked for; ``mean_m``, by weight, and ``farthest_m`` of them, straight.
    """

    id: str
    name: str
    lon: float
    lat: float
    towers: tuple[str, ...]
    weight: float
    mean_m: float
    farthest_m: float


@dataclass(frozen=True, slots=True)
class LeftOutParcel:
    """A parcel where no station can be, as no plan takes it: its ``id``, why, and the same in both languages."""

    id: str
    why: TermKind
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class StationsAnswer:
    """Where stations go and how well they serve.

    ``value`` and ``bound``: the mean distance (p-median) or the farthest (centre) in m, no choice has less than the
    bound; or the share of the weight within ``radius_m`` (covering), no choice has more. ``gap``: their difference
    as a share of the value. ``mean_m``, ``farthest_m`` and ``covered``, the share of the weight within the radius,
    are of every tower that counts, whatever the measure. ``left_out``: standing towers that weigh nothing.
    ``parcels_left_out``: where stations go on parcels, those that a plan leaves out too.
    """

    measure: Measure
    weight: Weight
    where: Where
    radius_m: float
    asked: int
    version: str
    synthetic: bool
    status: Status
    value: float
    bound: float
    gap: float
    seconds: float
    towers: int
    left_out: int
    places: int
    whole_weight: float
    mean_m: float
    farthest_m: float
    covered: float
    stations: tuple[ServiceStation, ...]
    parcels_left_out: tuple[LeftOutParcel, ...] = ()


def asked_stations(
    *, measure: str, stations: int, weight: str, where: str, radius_m: float, seconds: float = 60.0
) -> StationsAsked:
    """Return the question that words and numbers make. Raises StationsError naming the entry that is wrong."""
    for entry, value, allowed in (
        ("measure", measure, MEASURES),
        ("weight", weight, WEIGHTS),
        ("where", where, WHERE),
    ):
        if value not in allowed:
            raise StationsError(f"{entry}: found {value!r}, expected one of {', '.join(allowed)}")
    if not 1 <= stations <= MOST_STATIONS:
        raise StationsError(f"stations: found {stations}, expected 1 to {MOST_STATIONS}")
    if not 0 < radius_m <= MOST_RADIUS_M:
        raise StationsError(f"radius: found {radius_m:g}, expected metres above 0, at most {MOST_RADIUS_M:g}")
    return StationsAsked(
        cast("Measure", measure), stations, cast("Weight", weight), cast("Where", where), radius_m, seconds
    )


def service_stations(snapshot: Snapshot, asked: StationsAsked, *, today: date) -> StationsAnswer:
    """Return the best places for service stations, with a proof; the most weight served is named first.

    Raises StationsError where there are fewer places than stations or no tower that counts, HiddenStationsError for
    the public view.
    """
    if snapshot.is_public:
        raise HiddenStationsError(
            "stations are placed by who is in a tower, which the public view does not hold"
        )
    demand = demand_of(snapshot, asked.weight, asked.where, today=today)
    _expect_possible(demand, asked)
    located = _located(demand, asked)
    nearest = demand.distance_m[located.stations]
    own_m = nearest.min(axis=0)
    whole = float(demand.weight.sum())
    scale = {"p-median": 1 / whole, "covering": 1 / whole, "centre": 1.0}[asked.measure]
    value, bound = located.value * scale, located.bound * scale
    return StationsAnswer(
        measure=asked.measure,
        weight=asked.weight,
        where=asked.where,
        radius_m=asked.radius_m,
        asked=asked.stations,
        version=snapshot.version,
        synthetic=snapshot.note.synthetic,
        status=located.status,
        value=value,
        bound=bound,
        gap=abs(bound - value) / max(abs(value), 1e-9),
        seconds=round(located.seconds, 3),
        towers=len(demand.rows),
        left_out=demand.left_out,
        places=len(demand.ids),
        whole_weight=whole,
        mean_m=float(own_m @ demand.weight) / whole,
        farthest_m=float(own_m.max()),
        covered=float(demand.weight[own_m <= asked.radius_m].sum()) / whole,
        stations=_stations(snapshot, demand, located.stations, nearest),
        parcels_left_out=tuple(
            LeftOutParcel(
                term.subject[0],
                term.kind,
                term_text(term, snapshot.district, "zh"),
                term_text(term, snapshot.district, "en"),
            )
            for term in demand.parcels_left_out
        ),
    )


def _expect_possible(demand: Demand, asked: StationsAsked) -> None:
    if not len(demand.rows):
        raise StationsError(
            f"found no standing tower with a weight by {asked.weight}, expected one; another weight may be known",
            "没有可按此权重计算的已建楼宇，请换一种权重",
        )
    if asked.stations > len(demand.ids):
        out = len(demand.parcels_left_out)
        raise StationsError(
            f"found {asked.stations} stations for {len(demand.ids)} places, expected at most as many as places"
            + (f"; parcels left out, as in a plan: {out}" if out else ""),
            f"要求 {asked.stations} 处服务站，可选位置只有 {len(demand.ids)} 处"
            + (f"；与规划相同，另有 {out} 处地块不可选" if out else ""),
        )


def _located(demand: Demand, asked: StationsAsked) -> Located:
    if asked.measure == "covering":
        reaches = demand.distance_m <= asked.radius_m
        return solve_covering(reaches, demand.weight, asked.stations, seconds=asked.seconds)
    if asked.measure == "centre":
        return solve_centre(demand.distance_m, asked.stations, seconds=asked.seconds)
    from buildingmap.placement.stations.median import prepare, solve_median  # noqa: PLC0415 - numba takes its time

    costs = demand.distance_m * demand.weight
    # compiled once on a machine, outside the time that the proof has
    prepare(costs)
    return solve_median(costs, asked.stations, seconds=asked.seconds)


def _stations(
    snapshot: Snapshot, demand: Demand, chosen: Rows, nearest: Floats
) -> tuple[ServiceStation, ...]:
    serves = nearest.argmin(axis=0)
    placed = rounded_lonlat(demand.x_m[chosen], demand.y_m[chosen], snapshot.metric)
    made = []
    for place, site in enumerate(chosen.tolist()):
        mine = np.flatnonzero(serves == place)
        away_m = nearest[place, mine]
        weight = demand.weight[mine]
        made.append(
            ServiceStation(
                id=demand.ids[site],
                name=demand.names[site],
                lon=placed[place][0],
                lat=placed[place][1],
                towers=tuple(
                    snapshot.ids[demand.rows[row]] for row in mine[np.argsort(away_m, kind="stable")]
                ),
                weight=float(weight.sum()),
                mean_m=float(away_m @ weight / weight.sum()) if len(mine) else 0.0,
                farthest_m=float(away_m.max()) if len(mine) else 0.0,
            )
        )
    return tuple(sorted(made, key=lambda each: (-each.weight, each.id)))
