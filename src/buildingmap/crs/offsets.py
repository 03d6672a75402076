"""The offsets that maps in China put on coordinates: GCJ-02 on WGS84, BD-09 on GCJ-02, and back."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Coordinates = NDArray[np.float64]

# Krasovsky 1940, the ellipsoid behind the GCJ-02 offset.
_GCJ_AXIS_M: Final = 6378245.0
_GCJ_ECCENTRICITY_SQUARED: Final = 0.00669342162296594323
_BD_SCALE: Final = np.pi * 3000.0 / 180.0
# three rounds reach 1e-8 m near Qingdao; two more cost nothing and cover the whole of China
_INVERSE_ROUNDS: Final = 5


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
