"""The towers as the page's own module reads them: columns, and footprints as small whole steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson
import shapely

from buildingmap.map.symbols import band_symbols, other_symbols

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.snapshot import Figures, Snapshot

_STEPS_PER_DEGREE: Final = 1_000_000


def towers_payload(snapshot: Snapshot, year: int | None) -> bytes:
    """Return JSON columns of every tower with the figures of ``year``; null is unknown.

    ``lon``/``lat`` and footprints are whole millionths of a degree (11 cm); each ring is its first point and
    then the steps to the next, [x, y, dx, dy, …], without the closing point. Codes are positions in the
    district's lists, -1 unknown; ``symbol`` is one in ``symbols``.
    """
    figures = snapshot.figures(year)
    district = snapshot.district
    symbols = [*band_symbols(district), *other_symbols()]
    columns: dict[str, Any] = {
        "version": snapshot.version,
        "symbols": [{"css": entry.css, "path": entry.path, "radius": entry.radius} for entry in symbols],
        "ids": snapshot.ids,
        "names": [building.name for building in snapshot.buildings],
        "names_en": [building.name_en for building in snapshot.buildings],
        "cluster": snapshot.cluster.tolist(),
        "sector": snapshot.sector.tolist(),
        "status": snapshot.status.tolist(),
        "band": figures.band.tolist(),
        "symbol": symbol_codes(snapshot, figures).tolist(),
        "tax_yuan": _numbers(figures.tax_yuan),
        "floor_area_m2": _numbers(snapshot.floor_area_m2),
        "vacancy_rate": _numbers(snapshot.vacancy_rate),
        "lon": _steps(snapshot.lon),
        "lat": _steps(snapshot.lat),
        "shapes": [outline(shape) for shape in snapshot.geometry],
    }
    return orjson.dumps(columns)


def symbol_codes(snapshot: Snapshot, figures: Figures) -> NDArray[np.int64]:
    """Return each tower's position in the band symbols followed by the others, int64[n]."""
    unknown = len(snapshot.district.bands)
    by_band = np.where(figures.band >= 0, figures.band, unknown).astype(np.int64)
    return np.where(snapshot.status > 0, unknown + snapshot.status.astype(np.int64), by_band)


def _numbers(column: NDArray[np.float64]) -> list[float | int | None]:
    return [
        None if value != value else int(value) if value.is_integer() else value  # noqa: PLR0124 - NaN
        for value in column.tolist()
    ]


def _steps(column: NDArray[np.float64]) -> list[int]:
    whole: list[int] = np.rint(column * _STEPS_PER_DEGREE).astype(np.int64).tolist()
    return whole


def outline(shape: shapely.Geometry) -> list[list[list[int]]]:
    """Return the polygons of a WGS84 shape → rings → steps, see ``towers_payload``; empty for a point."""
    return [
        [_ring(polygon.exterior), *(_ring(ring) for ring in polygon.interiors)]
        for polygon in shapely.get_parts(shape)
        if polygon.geom_type == "Polygon"
    ]


def _ring(ring: shapely.LinearRing) -> list[int]:
    points = np.rint(shapely.get_coordinates(ring)[:-1] * _STEPS_PER_DEGREE).astype(np.int64)
    steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    flat: list[int] = steps.ravel().tolist()
    return flat
