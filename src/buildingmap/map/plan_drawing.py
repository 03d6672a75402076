"""Where the towers of a plan go, drawn: outlines of the district, stations, and a numbered symbol per tower."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from buildingmap.map.sector_symbols import UNKNOWN_SECTOR, sector_symbols

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.crs import MetricSystem
    from buildingmap.map.symbols import Symbol
    from buildingmap.model import Surroundings
    from buildingmap.snapshot import Snapshot

    Floats = NDArray[np.float64]
    Line = tuple[tuple[float, float], ...]

WIDTH_PX: Final = 640.0
_LEAST_HEIGHT_PX, _MOST_HEIGHT_PX = 300.0, 760.0
_MARGIN_PX: Final = 26.0
# two symbols stand at least so far apart; one that must give way is tied to its place by a line
_APART_PX: Final = 25.0
_ROUNDS: Final = 200
_LEAST_MOVED_PX: Final = 3.0
_LEAST_EXTENT_M: Final = 500.0
_AREAS: Final = ("water", "park", "district", "street", "metro")


@dataclass(frozen=True, slots=True)
class PlanMark:
    """A tower to be drawn: its number, id, sector, and place in WGS84."""

    number: int
    id: str
    sector: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class DrawnMark:
    """A mark in the drawing, pixels: its symbol at (x, y), its place at (at_x, at_y); ``tied`` where they differ."""

    mark: PlanMark
    symbol: Symbol
    x: float
    y: float
    at_x: float
    at_y: float

    @property
    def tied(self) -> bool:
        """Whether a line must lead from the symbol to its place."""
        return abs(self.x - self.at_x) + abs(self.y - self.at_y) > _LEAST_MOVED_PX


@dataclass(frozen=True, slots=True)
class Outline:
    """A line or area under the marks: ``css`` its class, ``lines`` its points in pixels, ``closed`` for an area."""

    css: str
    lines: tuple[Line, ...]
    closed: bool

    @property
    def path(self) -> str:
        """The SVG path."""
        end = "Z" if self.closed else ""
        return "".join("M" + "L".join(f"{x:g} {y:g}" for x, y in line) + end for line in self.lines)


@dataclass(frozen=True, slots=True)
class PlanDrawing:
    """The whole drawing, pixels, north up: ``scale_px`` is the length of a bar of ``scale_m`` metres.

    ``attributions``: whom to name beside it, for what is drawn of theirs.
    """

    width: float
    height: float
    outlines: tuple[Outline, ...]
    stations: tuple[tuple[float, float], ...]
    marks: tuple[DrawnMark, ...]
    scale_m: int
    scale_px: float
    attributions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Frame:
    west_m: float
    north_m: float
    px_per_m: float
    width: float
    height: float

    def place(self, x_m: Floats, y_m: Floats) -> Floats:
        """Return float64[n, 2] pixels of metres."""
        placed: Floats = np.column_stack(
            [(x_m - self.west_m) * self.px_per_m, (self.north_m - y_m) * self.px_per_m]
        )
        return placed


def plan_drawing(
    snapshot: Snapshot, marks: Sequence[PlanMark], *, among: Sequence[PlanMark] = ()
) -> PlanDrawing:
    """Draw ``marks`` in the extent of themselves, of ``among`` and of the clusters' boundaries.

    ``among``: what other drawings beside this one show, so that all have one extent. No text but numbers is drawn.
    """
    surroundings = snapshot.surroundings
    metric = snapshot.metric
    frame = _frame(surroundings, [*marks, *among], metric)
    symbols = sector_symbols(snapshot.district)
    at = frame.place(*_metres(marks, metric))
    beside = _spread_out(at, frame)
    places = snapshot.stations_m
    scale_m = _scale_m(frame.width / frame.px_per_m)
    return PlanDrawing(
        width=frame.width,
        height=frame.height,
        attributions=surroundings.attributions,
        outlines=tuple(_outlines(surroundings, frame, metric)),
        stations=tuple(
            (round(float(x), 1), round(float(y), 1))
            for x, y in frame.place(shapely.get_x(places), shapely.get_y(places))
            if 0 <= x <= frame.width and 0 <= y <= frame.height
        ),
        marks=tuple(
            DrawnMark(
                mark, symbols.get(mark.sector, symbols[UNKNOWN_SECTOR]), *_rounded(here), *_rounded(there)
            )
            for mark, here, there in zip(marks, beside, at, strict=True)
        ),
        scale_m=scale_m,
        scale_px=round(scale_m * frame.px_per_m, 1),
    )


def _rounded(place: Floats) -> tuple[float, float]:
    return round(float(place[0]), 1), round(float(place[1]), 1)


def _metres(marks: Sequence[PlanMark], metric: MetricSystem) -> tuple[Floats, Floats]:
    if not marks:
        return np.empty(0), np.empty(0)
    lon, lat = (np.array([getattr(mark, name) for mark in marks]) for name in ("lon", "lat"))
    # a document may name any place; the projection is not made for the poles
    return metric.metres(lon, np.clip(lat, -85, 85))


def _frame(surroundings: Surroundings, marks: Sequence[PlanMark], metric: MetricSystem) -> _Frame:
    x_m, y_m = _metres(marks, metric)
    shapes = np.array([boundary.shape for boundary in surroundings.boundaries], dtype=object)
    if len(shapes):
        bounds = shapely.bounds(metric.shapes(shapes))
        x_m = np.concatenate([x_m, bounds[:, 0], bounds[:, 2]])
        y_m = np.concatenate([y_m, bounds[:, 1], bounds[:, 3]])
    known = np.isfinite(x_m) & np.isfinite(y_m)
    x_m, y_m = (x_m[known], y_m[known]) if known.any() else (np.zeros(1), np.zeros(1))
    wide, high = (max(float(np.ptp(axis)), _LEAST_EXTENT_M) for axis in (x_m, y_m))
    inner = WIDTH_PX - 2 * _MARGIN_PX
    height = min(max(high * inner / wide + 2 * _MARGIN_PX, _LEAST_HEIGHT_PX), _MOST_HEIGHT_PX)
    px_per_m = min(inner / wide, (height - 2 * _MARGIN_PX) / high)
    middle_x, middle_y = (float(axis.min() + axis.max()) / 2 for axis in (x_m, y_m))
    return _Frame(
        middle_x - WIDTH_PX / px_per_m / 2,
        middle_y + height / px_per_m / 2,
        px_per_m,
        WIDTH_PX,
        round(height, 1),
    )


def _spread_out(at: Floats, frame: _Frame) -> Floats:
    """Return float64[n, 2]: places near ``at`` that are far enough from each other, inside the frame."""
    places = np.nan_to_num(at.copy(), posinf=0, neginf=0)
    count = len(places)
    if count > 1:
        # equal places must part in some direction, the same in every run
        turn = 2.4 * np.arange(count)
        places += 0.01 * np.column_stack([np.cos(turn), np.sin(turn)])
    low, high = _MARGIN_PX / 2, np.array([frame.width, frame.height]) - _MARGIN_PX / 2
    for _ in range(_ROUNDS):
        away = places[:, None] - places[None]
        distance = np.hypot(away[..., 0], away[..., 1])
        np.fill_diagonal(distance, np.inf)
        overlap = np.maximum(_APART_PX - distance, 0)
        if not overlap.any():
            break
        push = overlap / 2 / np.maximum(distance, 1e-9)
        places = np.clip(places + (away * push[..., None]).sum(axis=1), low, high)
    return places


def _outlines(surroundings: Surroundings, frame: _Frame, metric: MetricSystem) -> list[Outline]:
    window = shapely.box(0, 0, frame.width, frame.height)
    features = sorted(
        (feature for feature in surroundings.basemap if feature.kind in _AREAS),
        key=lambda feature: _AREAS.index(feature.kind),
    )
    named = [(f"base {feature.kind}", feature.shape) for feature in features]
    named += [("boundary", boundary.shape) for boundary in surroundings.boundaries]
    found = []
    for css, shape in named:
        in_metres = metric.shape(shape)
        drawn = shapely.transform(in_metres, lambda xy: np.round(frame.place(xy[:, 0], xy[:, 1]), 1))
        drawn = shapely.intersection(shapely.make_valid(drawn), window)
        lines = _lines_of(drawn)
        if lines:
            closed = shapely.get_dimensions(drawn) == 2  # noqa: PLR2004 - an area
            found.append(Outline(css, lines, bool(closed)))
    return found


def _lines_of(shape: shapely.Geometry) -> tuple[Line, ...]:
    rings: list[Line] = []
    for part in shapely.get_parts(shape):
        lines = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        rings += [
            tuple((round(x, 1), round(y, 1)) for x, y in shapely.get_coordinates(line).tolist())
            for line in lines
            if line.geom_type in {"LinearRing", "LineString"} and not line.is_empty
        ]
    return tuple(rings)


def _scale_m(width_m: float) -> int:
    """Return the longest round length that is at most a fifth of the width."""
    most, found = width_m / 5, 1
    for power in range(8):
        for digit in (1, 2, 5):
            if digit * 10**power <= most:
                found = digit * 10**power
    return found
