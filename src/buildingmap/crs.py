"""The one place that moves coordinates between systems, and the only one that makes metres.

Axis order is always longitude, latitude (easting, northing). WGS84 (EPSG:4326) is the system of every
layer inside buildingmap. Metres are those of a plane that fits the district at hand, ``metric_system``: one zone's
plane is wrong by per cents a few zones away.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
import shapely
from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import CRSError, ProjError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Coordinates = NDArray[np.float64]

Datum = Literal["wgs84", "cgcs2000", "epsg:4549", "gcj02", "bd09"]
DATUMS: Final[tuple[Datum, ...]] = get_args(Datum)
GEOGRAPHIC_DATUMS: Final[frozenset[Datum]] = frozenset({"wgs84", "cgcs2000", "gcj02", "bd09"})
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


def to_wgs84(datum: Datum, x: Coordinates, y: Coordinates) -> tuple[Coordinates, Coordinates]:
    """Return WGS84 longitude and latitude, float64[n] degrees, of coordinates in ``datum``."""
    if datum == "wgs84":
        return x, y
    if datum == "cgcs2000":
        return transform_lonlat("EPSG:4490", WGS84, x, y)
    if datum == "epsg:4549":
        return transform_lonlat("EPSG:4549", WGS84, x, y)
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
        return transform_lonlat(WGS84, "EPSG:4549", lon, lat)
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


def _moved(
    geometries: NDArray[np.object_], change: Callable[[Coordinates], Coordinates]
) -> NDArray[np.object_]:
    moved: NDArray[np.object_] = shapely.transform(geometries, change)
    return moved


# how far a length may be from the geodesic, as a share of it
MOST_OFF: Final = 0.0005
# CGCS2000 / 3-degree Gauss-Kruger CM 75E; the codes of the next twenty central meridians, 3° apart, follow it
_GAUSS_KRUGER: Final = range(4534, 4555)
_FIRST_MERIDIAN: Final = 75
_ZONE_DEGREES: Final = 3
_UTM_DEGREES: Final = 6
_UTM_ZONES: Final = 60
_UTM_NORTH: Final = 32600
_UTM_SOUTH: Final = 32700
_UTM_LATITUDES: Final = (-80.0, 84.0)


@dataclass(frozen=True, slots=True)
class MetricSystem:
    """The plane in whose metres a district is measured.

    ``definition``: its code, ``EPSG:4549``, or a PROJ text where the district has one of its own. ``off``: how far
    a length inside the district is from the geodesic at most, as a share of it.
    """

    definition: str
    zh: str
    en: str
    off: float

    @property
    def code(self) -> str | None:
        """Its code, ``EPSG:4549``; None where no authority has one."""
        return self.definition if self.definition.startswith("EPSG:") else None

    def short(self, lang: str) -> str:
        """Return its code, or its name in ``lang``, ``zh`` or ``en``, where it has none."""
        return self.code or (self.en if lang == "en" else self.zh)

    def label(self, lang: str) -> str:
        """Return its code, where it has one, and its name in ``lang``, ``zh`` or ``en``."""
        if self.code is None:
            return self.short(lang)
        return f"{self.code} ({self.en})" if lang == "en" else f"{self.code}（{self.zh}）"

    def metres(self, lon: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
        """Return easting and northing in metres, float64[n], of WGS84 degrees."""
        return transform_lonlat(WGS84, self.definition, lon, lat)

    def lonlat(self, x_m: Coordinates, y_m: Coordinates) -> tuple[Coordinates, Coordinates]:
        """Return WGS84 longitude and latitude, float64[n] degrees, of eastings and northings."""
        return transform_lonlat(self.definition, WGS84, x_m, y_m)

    def shapes(self, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return WGS84 ``geometries`` (object[n]) in metres."""
        return geometries_between(WGS84, self.definition, geometries)

    def shape(self, geometry: shapely.Geometry) -> shapely.Geometry:
        """Return one WGS84 geometry in metres."""
        moved: shapely.Geometry = shapely.transform(geometry, lambda xy: np.column_stack(self.metres(*xy.T)))
        return moved

    def shapes_to_wgs84(self, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return ``geometries`` (object[n], metres) in WGS84."""
        return geometries_between(self.definition, WGS84, geometries)


@cache
def metric_system(envelope: tuple[float, float, float, float], code: str | None = None) -> MetricSystem:
    """Return the plane for a district from its envelope: west, south, east, north in WGS84 degrees.

    In China it is the 3-degree Gauss-Krueger zone of CGCS2000 that the middle lies in, elsewhere the UTM zone. Where
    that would be off by more than MOST_OFF somewhere in the envelope, as UTM is between its zones near the equator,
    it is a transverse Mercator on the middle itself. ``code``, ``EPSG:4549``, chooses one instead: ValueError where
    it is none in metres, or is off by more.
    """
    west, south, east, north = envelope
    lon, lat = (west + east) / 2, (south + north) / 2
    usual = [found for found in (_gauss_kruger(lon, lat), _utm(lon, lat)) if found is not None]
    if code is not None:
        return _asked_for(code, usual, envelope)
    for found in usual:
        off = _most_off(found[0], envelope)
        if off <= MOST_OFF:
            return MetricSystem(*found, off)
    definition = (
        f"+proj=tmerc +lat_0={lat:.6f} +lon_0={lon:.6f} +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"
    )
    meridian, parallel = _degrees(lon, "EW"), _degrees(lat, "NS")
    zh = f"WGS 84，本区自定横轴墨卡托投影，原点 {meridian} {parallel}"
    en = f"WGS 84, transverse Mercator of the district's own at {meridian} {parallel}"
    return MetricSystem(definition, zh, en, _most_off(definition, envelope))


def _gauss_kruger(lon: float, lat: float) -> tuple[str, str, str] | None:
    """Return the definition and names of China's zone at a place; None where EPSG does not give it for that place."""
    zone = round(lon / _ZONE_DEGREES)
    code = _GAUSS_KRUGER.start + zone - _FIRST_MERIDIAN // _ZONE_DEGREES
    if code not in _GAUSS_KRUGER:
        return None
    area = CRS.from_epsg(code).area_of_use
    if area is None or not (area.west <= lon <= area.east and area.south <= lat <= area.north):
        return None
    meridian = zone * _ZONE_DEGREES
    return (
        f"EPSG:{code}",
        f"2000国家大地坐标系，3度带高斯－克吕格投影，中央经线{meridian}°E",
        f"CGCS2000, 3-degree Gauss-Krüger, {meridian}° E",
    )


def _utm(lon: float, lat: float) -> tuple[str, str, str] | None:
    if not _UTM_LATITUDES[0] <= lat <= _UTM_LATITUDES[1]:
        return None
    zone = min(int((lon + 180) // _UTM_DEGREES) + 1, _UTM_ZONES)
    code, side = (_UTM_NORTH + zone, "N") if lat >= 0 else (_UTM_SOUTH + zone, "S")
    return f"EPSG:{code}", f"WGS 84，UTM 投影 {zone}{side} 带", f"WGS 84, UTM zone {zone}{side}"


def _asked_for(
    code: str, usual: list[tuple[str, str, str]], envelope: tuple[float, float, float, float]
) -> MetricSystem:
    number = code.upper().removeprefix("EPSG:")
    try:
        system = CRS.from_epsg(int(number))
    except (CRSError, ValueError):
        raise ValueError(f"found {code!r}, expected an EPSG code such as EPSG:4549") from None
    if not is_flat(system) or not system.is_projected or _metres_in_a_unit(system) != 1:
        raise ValueError(f"found {code!r} ({system.name}), expected a projected system in metres")
    off = _most_off(f"EPSG:{number}", envelope)
    if not off <= MOST_OFF:
        raise ValueError(
            f"found {code!r} ({system.name}), which is off by {off:.2%} in the district, "
            f"expected one off by at most {MOST_OFF:.2%}"
        )
    definition = f"EPSG:{number}"
    named = next((found for found in usual if found[0] == definition), (definition, system.name, system.name))
    return MetricSystem(*named, off)


def is_flat(system: CRS) -> bool:
    """Tell whether a system has two axes, of degrees or of lengths: no heights, no geocentre, no chart of anything."""
    return (system.is_geographic or system.is_projected) and len(system.axis_info) == 2  # noqa: PLR2004 - x and y


def _metres_in_a_unit(system: CRS) -> float:
    return float(system.axis_info[0].unit_conversion_factor)


def _most_off(definition: str, envelope: tuple[float, float, float, float]) -> float:
    """Return how far the scale of a plane is from 1 in an envelope at most, in any direction; inf where it has none.

    A length differs from its geodesic by no more than the scale does along it.
    """
    west, south, east, north = envelope
    lon, lat = (
        axis.ravel() for axis in np.meshgrid(np.linspace(west, east, 5), np.linspace(south, north, 5))
    )
    try:
        factors = Proj(CRS.from_user_input(definition)).get_factors(lon, lat, errcheck=True)
    except ProjError:
        return float("inf")
    off = np.abs(np.array([factors.tissot_semimajor, factors.tissot_semiminor]) - 1)
    return float(off.max())


def _degrees(value: float, sides: str) -> str:
    return f"{abs(value):.2f}° {sides[value < 0]}"


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
