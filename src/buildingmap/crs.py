"""The one place that moves coordinates between systems, and the only one that makes metres.

Axis order is always longitude, latitude (easting, northing). WGS84 (EPSG:4326) is the system of every
layer inside buildingmap; metric work happens in EPSG:4549 (CGCS2000, 3-degree Gauss-Krueger, 120° E).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
import shapely
from pyproj import CRS, Transformer

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Coordinates = NDArray[np.float64]

Datum = Literal["wgs84", "cgcs2000", "epsg:4549", "gcj02", "bd09"]
DATUMS: Final[tuple[Datum, ...]] = get_args(Datum)
GEOGRAPHIC_DATUMS: Final[frozenset[Datum]] = frozenset({"wgs84", "cgcs2000", "gcj02", "bd09"})
METRIC: Final = "EPSG:4549"
WGS84: Final = "EPSG:4326"

# Krasovsky 1940, the ellipsoid behind the GCJ-02 offset.
_GCJ_AXIS_M: Final = 6378245.0
_GCJ_ECCENTRICITY_SQUARED: Final = 0.00669342162296594323
_BD_SCALE: Final = np.pi * 3000.0 / 180.0
# three rounds reach 1e-8 m near Qingdao; two more cost nothing and cover the whole of China
_INVERSE_ROUNDS: Final = 5


@cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def transform_lonlat(
    source: str, target: str, lon: Coordinates, lat: Coordinates
) -> tuple[Coordinates, Coordinates]:
    """Move float64[n] coordinates between two systems that pyproj knows; x, y in and out.

    CGCS2000 and WGS84 agree to centimetres and are taken as one datum, as EPSG's null transformation does.
    """
    x, y = _transformer(source, target).transform(lon, lat)
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


def metres_from_lonlat(lon: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    """Return EPSG:4549 easting and northing in metres, float64[n], of WGS84 degrees."""
    return transform_lonlat(WGS84, METRIC, lon, lat)


def to_wgs84(datum: Datum, x: Coordinates, y: Coordinates) -> tuple[Coordinates, Coordinates]:
    """Return WGS84 longitude and latitude, float64[n] degrees, of coordinates in ``datum``."""
    if datum == "wgs84":
        return x, y
    if datum == "cgcs2000":
        return transform_lonlat("EPSG:4490", WGS84, x, y)
    if datum == "epsg:4549":
        return transform_lonlat(METRIC, WGS84, x, y)
    if datum == "gcj02":
        return wgs84_from_gcj02(x, y)
    return wgs84_from_gcj02(*gcj02_from_bd09(x, y))


def from_wgs84(datum: Datum, lon: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    """Return coordinates in ``datum``, float64[n], of WGS84 degrees: the inverse of ``to_wgs84``."""
    if datum == "wgs84":
        return lon, lat
    if datum == "cgcs2000":
        return transform_lonlat(WGS84, "EPSG:4490", lon, lat)
    if datum == "epsg:4549":
        return metres_from_lonlat(lon, lat)
    gcj_lon, gcj_lat = gcj02_from_wgs84(lon, lat)
    return (gcj_lon, gcj_lat) if datum == "gcj02" else bd09_from_gcj02(gcj_lon, gcj_lat)


def geometries_to_wgs84(datum: Datum, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return ``geometries`` (object[n] of shapely shapes in ``datum``) in WGS84."""
    return _moved(geometries, lambda xy: np.column_stack(to_wgs84(datum, xy[:, 0], xy[:, 1])))


def geometries_from_wgs84(datum: Datum, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return WGS84 ``geometries`` (object[n] of shapely shapes) in ``datum``."""
    return _moved(geometries, lambda xy: np.column_stack(from_wgs84(datum, xy[:, 0], xy[:, 1])))


def geometries_between(source: str, target: str, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return ``geometries`` (object[n]) moved between two systems that pyproj knows; x before y in both."""
    return _moved(
        geometries, lambda xy: np.column_stack(transform_lonlat(source, target, xy[:, 0], xy[:, 1]))
    )


def geometries_to_metres(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return WGS84 ``geometries`` (object[n]) in EPSG:4549, metres."""
    return geometries_from_wgs84("epsg:4549", geometries)


def _moved(
    geometries: NDArray[np.object_], change: Callable[[Coordinates], Coordinates]
) -> NDArray[np.object_]:
    moved: NDArray[np.object_] = shapely.transform(geometries, change)
    return moved


def _gcj_offset(lon: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    # The published polynomial-and-sine offset of GCJ-02, in degrees, as seen from 105° E 35° N.
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    ripple = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3

    def waves(value: Coordinates, terms: tuple[tuple[float, float], ...]) -> Coordinates:
        total = np.zeros_like(value)
        for height, divisor in terms:
            total = total + height * np.sin(value / divisor * np.pi)
        return total * 2 / 3

    d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    d_lat = d_lat + waves(y, ((20, 1), (40, 3))) + waves(y, ((160, 12), (320, 30)))
    d_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    d_lon = d_lon + waves(x, ((20, 1), (40, 3))) + waves(x, ((150, 12), (300, 30)))
    phi = np.radians(lat)
    magic = 1 - _GCJ_ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    meridian_m = _GCJ_AXIS_M * (1 - _GCJ_ECCENTRICITY_SQUARED) / (magic * np.sqrt(magic))
    parallel_m = _GCJ_AXIS_M / np.sqrt(magic) * np.cos(phi)
    return np.degrees(d_lon / parallel_m), np.degrees(d_lat / meridian_m)


def _in_china(lon: Coordinates, lat: Coordinates) -> NDArray[np.bool_]:
    return (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)  # noqa: PLR2004


def gcj02_from_wgs84(lon: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    """Return GCJ-02 longitude and latitude of WGS84 degrees; outside China the two agree."""
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    d_lon, d_lat = _gcj_offset(lon, lat)
    inside = _in_china(lon, lat)
    return lon + np.where(inside, d_lon, 0.0), lat + np.where(inside, d_lat, 0.0)


def wgs84_from_gcj02(lon: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    """Return WGS84 degrees of GCJ-02 degrees, by fixed-point iteration of the forward offset."""
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    guess_lon, guess_lat = lon, lat
    for _ in range(_INVERSE_ROUNDS):
        forward_lon, forward_lat = gcj02_from_wgs84(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + (lon - forward_lon), guess_lat + (lat - forward_lat)
    return guess_lon, guess_lat


def bd09_from_gcj02(lon: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    """Return BD-09 degrees of GCJ-02 degrees (Baidu's published rotation and offset)."""
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_SCALE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_SCALE)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def gcj02_from_bd09(lon: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    """Return GCJ-02 degrees of BD-09 degrees, by fixed-point iteration of ``bd09_from_gcj02``."""
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    guess_lon, guess_lat = lon - 0.0065, lat - 0.006
    for _ in range(_INVERSE_ROUNDS):
        forward_lon, forward_lat = bd09_from_gcj02(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + (lon - forward_lon), guess_lat + (lat - forward_lat)
    return guess_lon, guess_lat


def datum_of(definition: str | None) -> Datum | None:
    """Return the datum that a file's own CRS definition names, where it is one buildingmap has a word for.

    ``definition`` is an authority code or WKT. Raises pyproj.exceptions.CRSError for nonsense.
    """
    if not definition:
        return None
    code = CRS.from_user_input(definition).to_epsg()
    known: dict[int, Datum] = {4326: "wgs84", 4490: "cgcs2000", 4549: "epsg:4549"}
    return known.get(code) if code is not None else None
