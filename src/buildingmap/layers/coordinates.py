"""From the file's coordinates to WGS84, and the question whether they can be meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from buildingmap import crs
from buildingmap.layers.findings import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pyproj import CRS

    from buildingmap.layers.findings import Findings
    from buildingmap.layers.raw import RawRow
    from buildingmap.model import District

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

_MOST_LON: Final = 180.0
_MOST_LAT: Final = 90.0
_OF_METRES: Final = frozenset({"coordinates_projected", "coordinates_metres"})


def to_wgs84(
    shapes: NDArray[np.object_],
    rows: Sequence[RawRow],
    ids: Sequence[str],
    *,
    system: crs.Datum | CRS,
    district: District,
    strict: bool,
    findings: Findings,
) -> NDArray[np.object_]:
    """Return ``shapes`` (object[n] in ``system``, None where refused before) in WGS84; None where refused.

    Refuses coordinates that are swapped, out of range or in metres where degrees are due. A shape further than
    ``district.far_m`` from the district's envelope is warned about, or refused with ``strict``.
    """
    there = np.flatnonzero([shape is not None for shape in shapes])
    result = np.full(len(shapes), None, dtype=object)
    if not len(there):
        return result
    bounds = shapely.bounds(shapes[there])
    # halved first: the sum of two of the largest numbers there are is none
    x, y = bounds[:, 0] / 2 + bounds[:, 2] / 2, bounds[:, 1] / 2 + bounds[:, 3] / 2
    degrees = crs.in_degrees(system) if isinstance(system, str) else system.is_geographic
    # only a plane that has a code is held against coordinates that are none in degrees
    named = (district.metric.code or "").lower() if degrees else _named(system)
    refused = _refusals(x, y, bounds, system, degrees=degrees, district=district)
    for position, code in refused.items():
        row = there[position]
        values = {"crs": named} if code in _OF_METRES else {}
        findings.fault(
            code,
            place=rows[row].place,
            building_id=ids[row],
            name="geometry",
            found=_pair(x, y, position),
            **values,
        )
    kept = np.setdiff1d(np.arange(len(there)), np.fromiter(refused, dtype=np.int64, count=len(refused)))
    moved = _moved(shapes[there[kept]], system)
    metres_off = metres_from_district(*_centres(moved), district=district)
    for far in np.flatnonzero(~(metres_off <= district.far_m)):
        row = there[kept[far]]
        findings.judge(
            "coordinates_far",
            strict=strict,
            place=rows[row].place,
            building_id=ids[row],
            name="geometry",
            found=Shown(f"{_pair(x, y, kept[far])}, {metres_off[far] / 1000:.0f} km"),
            limit=f"{district.far_m:.0f}",
        )
    result[there[kept]] = moved
    return result


def metres_from_district(lon: Floats, lat: Floats, *, district: District) -> Floats:
    """Return the distance in metres, float64[n], of WGS84 points from the district's envelope; 0 inside."""
    west, south, east, north = district.envelope
    corners_lon, corners_lat = np.array([west, east, east, west]), np.array([south, south, north, north])
    box = shapely.Polygon(np.column_stack(district.metric.metres(corners_lon, corners_lat)))
    x_m, y_m = district.metric.metres(lon, lat)
    finite = np.isfinite(x_m) & np.isfinite(y_m)
    metres = np.full(len(lon), np.inf)
    metres[finite] = shapely.distance(box, shapely.points(x_m[finite], y_m[finite]))
    return metres


def _refusals(
    x: Floats, y: Floats, bounds: Floats, system: crs.Datum | CRS, *, degrees: bool, district: District
) -> dict[int, str]:
    """Return what is wrong with the coordinates, by position: the code of the fault."""
    like_degrees: Bools = np.all(np.abs(bounds) <= (_MOST_LON, _MOST_LAT, _MOST_LON, _MOST_LAT), axis=1)
    wrong = ~like_degrees if degrees else like_degrees
    suspects = np.flatnonzero(wrong | ~_near(x, y, system, district))
    swapped = _near(y[suspects], x[suspects], system, district)
    metric = district.metric.code
    projected = np.zeros_like(swapped)
    if degrees and metric is not None:
        projected = _near(x[suspects], y[suspects], metric.lower(), district)
    codes: dict[int, str] = {}
    for number, position in enumerate(suspects):
        if swapped[number]:
            codes[int(position)] = "coordinates_swapped"
        elif projected[number]:
            codes[int(position)] = "coordinates_projected"
        elif wrong[position]:
            codes[int(position)] = "coordinates_range" if degrees else "coordinates_metres"
    return codes


def _near(x: Floats, y: Floats, system: crs.Datum | CRS, district: District) -> Bools:
    """Tell which points lie within the district's reach when they are read in ``system``."""
    degrees = crs.in_degrees(system) if isinstance(system, str) else system.is_geographic
    plausible = (np.abs(x) <= _MOST_LON) & (np.abs(y) <= _MOST_LAT)
    if not degrees:
        plausible = (np.abs(x) < 1e8) & (np.abs(y) < 1e8) & ~plausible  # noqa: PLR2004 - no easting is longer
    near = np.zeros(len(x), dtype=bool)
    if plausible.any():
        lon, lat = _lonlat(x[plausible], y[plausible], system)
        near[plausible] = metres_from_district(lon, lat, district=district) <= district.far_m
    return near


def _named(system: crs.Datum | CRS) -> str:
    return system.upper() if isinstance(system, str) else system.name


def _lonlat(x: Floats, y: Floats, system: crs.Datum | CRS) -> tuple[Floats, Floats]:
    if isinstance(system, str):
        return crs.to_wgs84(system, x, y)
    return crs.transform_lonlat(system.to_wkt(), crs.WGS84, x, y)


def _moved(shapes: NDArray[np.object_], system: crs.Datum | CRS) -> NDArray[np.object_]:
    if isinstance(system, str):
        return crs.geometries_to_wgs84(system, shapes)
    return crs.geometries_between(system.to_wkt(), crs.WGS84, shapes)


def _centres(shapes: NDArray[np.object_]) -> tuple[Floats, Floats]:
    bounds = shapely.bounds(shapes)
    return (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2


def _pair(x: Floats, y: Floats, position: int) -> Shown:
    return Shown(f"{x[position]:.8g}, {y[position]:.8g}")
