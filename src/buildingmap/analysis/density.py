"""How much tax a square kilometre yields, as a smooth surface cut into bands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast

import contourpy
import numpy as np
import shapely
from scipy import ndimage

from buildingmap.analysis.measures import existing_rows
from buildingmap.analysis.shapes import MultiPolygonCoordinates, multipolygon_coordinates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from buildingmap.crs import MetricSystem
    from buildingmap.filters import Selection

    Floats = NDArray[np.float64]

Reason = Literal["no_tax", "too_wide"]
_CELL_M: Final = 50.0
_MOST_CELLS: Final = 400  # along one side
_REACH: Final = 4.0  # standard deviations after which the kernel ends
_M2_PER_KM2: Final = 1_000_000.0
_STEPS: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class DensityBand:
    """Where the density is from ``low_yuan_per_km2`` up to ``high_yuan_per_km2`` a year; None is without end.

    ``area_km2`` of this band alone; ``coordinates``: of a GeoJSON MultiPolygon in WGS84.
    """

    low_yuan_per_km2: float
    high_yuan_per_km2: float | None
    area_km2: float
    coordinates: MultiPolygonCoordinates


@dataclass(frozen=True, slots=True)
class DensitySurface:
    """A selection's tax density (税收密度), yuan per km² per year; ``reason`` says why there is none.

    ``cell_m`` and ``bandwidth_m`` (the kernel's standard deviation) in metres of ``crs``; ``highest``: the
    highest density of a cell; ``tax_yuan``: the tax under the surface, and ``towers`` how many it comes from.
    """

    reason: Reason | None
    crs: str
    cell_m: float
    bandwidth_m: float
    towers: int
    tax_yuan: float
    highest_yuan_per_km2: float
    bands: tuple[DensityBand, ...]


@dataclass(frozen=True, slots=True)
class DensityGrid:
    """The surface itself: ``values`` float64[rows, columns], yuan per km² per year, at cell centres.

    ``x_m`` float64[columns] and ``y_m`` float64[rows] are the centres in metres, ``cell_m`` their
    distance.
    """

    values: Floats
    x_m: Floats
    y_m: Floats
    cell_m: float

    @property
    def integral_yuan(self) -> float:
        """The tax under the surface, yuan per year: Σ density × area of a cell."""
        return float(self.values.sum()) * self.cell_m**2 / _M2_PER_KM2


def tax_density(selection: Selection, levels: int = 6, bandwidth_m: float = 300.0) -> DensitySurface:
    """Spread the tax of existing towers with a Gaussian kernel and cut it at ``levels`` round numbers.

    Source: kernel density estimation (Rosenblatt 1956, Parzen 1962), weighted by tax and not normalised, so
    that the surface's integral is the tax. Towers too far apart for a grid of 400 cells that are no larger
    than the bandwidth are declined.
    """
    rows = existing_rows(selection)
    tax = selection.figures.tax_yuan[rows]
    rows, tax = rows[tax > 0], tax[tax > 0]  # false for the unknown
    metric = selection.snapshot.metric
    grid = None
    if len(rows):
        x_m, y_m = selection.snapshot.x_m[rows], selection.snapshot.y_m[rows]
        grid = density_grid(x_m, y_m, tax, bandwidth_m=bandwidth_m)
    if grid is None:
        reason: Reason = "too_wide" if len(rows) else "no_tax"
        system = metric.definition
        return DensitySurface(reason, system, _CELL_M, bandwidth_m, len(rows), float(tax.sum()), 0.0, ())
    highest = float(grid.values.max())
    return DensitySurface(
        reason=None,
        crs=metric.definition,
        cell_m=grid.cell_m,
        bandwidth_m=bandwidth_m,
        towers=len(rows),
        tax_yuan=float(tax.sum()),
        highest_yuan_per_km2=highest,
        bands=tuple(_bands(grid, round_levels(highest, levels), metric)),
    )


def density_grid(x_m: Floats, y_m: Floats, tax_yuan: Floats, *, bandwidth_m: float) -> DensityGrid | None:
    """Return the surface over points, float64[n] each, in metres; None where they lie too far apart.

    The grid reaches four bandwidths beyond the points, so that nothing of the kernel is cut off.
    """
    margin = (_REACH + 1) * bandwidth_m
    west, south = float(x_m.min()) - margin, float(y_m.min()) - margin
    extent = max(float(np.ptp(x_m)), float(np.ptp(y_m))) + 2 * margin
    cell = max(_CELL_M, extent / (_MOST_CELLS - 1))
    if cell > bandwidth_m:
        return None
    column, row = ((x_m - west) / cell).astype(np.int64), ((y_m - south) / cell).astype(np.int64)
    shape = (
        math.ceil((float(np.ptp(y_m)) + 2 * margin) / cell),
        math.ceil((float(np.ptp(x_m)) + 2 * margin) / cell),
    )
    flat = np.bincount(row * shape[1] + column, weights=tax_yuan, minlength=shape[0] * shape[1])
    heaped = flat.reshape(shape) * (_M2_PER_KM2 / cell**2)
    smooth = ndimage.gaussian_filter(heaped, bandwidth_m / cell, mode="constant", truncate=_REACH)
    centres_x_m = west + (np.arange(shape[1], dtype=np.float64) + 0.5) * cell
    centres_y_m = south + (np.arange(shape[0], dtype=np.float64) + 0.5) * cell
    return DensityGrid(smooth, centres_x_m, centres_y_m, cell)


def round_levels(highest: float, levels: int) -> tuple[float, ...]:
    """Return the ``levels`` largest of 1, 2, 5, 10, 20, 50 … that lie below ``highest``, ascending."""
    power = math.floor(math.log10(highest))
    ladder = [step * 10.0**exponent for exponent in range(power - levels, power + 1) for step in _STEPS]
    return tuple([level for level in ladder if level < highest][-levels:])


def _bands(grid: DensityGrid, levels: tuple[float, ...], metric: MetricSystem) -> Iterator[DensityBand]:
    generator = contourpy.contour_generator(grid.x_m, grid.y_m, grid.values, fill_type="OuterOffset")
    for low, high in zip(levels, (*levels[1:], None), strict=True):
        filled = generator.filled(low, math.inf if high is None else high)
        outlines, offsets = cast("tuple[list[Floats], list[NDArray[np.uint32]]]", filled)
        polygons = [
            shapely.Polygon(rings[0], rings[1:])
            for points, ends in zip(outlines, offsets, strict=True)
            if (rings := np.split(points, ends[1:-1].astype(np.int64)))
        ]
        # a contour bends at every cell; a tenth of a cell is less than anyone can see
        simple = shapely.simplify(polygons, grid.cell_m / 10)
        m2 = float(shapely.area(polygons).sum())
        yield DensityBand(low, high, m2 / _M2_PER_KM2, multipolygon_coordinates(simple, metric))
