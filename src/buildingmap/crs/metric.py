"""Metres for the place at hand: the plane that a district is measured in follows from where it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from pyproj import CRS, Proj
from pyproj.exceptions import ProjError

from buildingmap.crs.datums import (
    DATUMS,
    WGS84,
    ZONE_DEGREES,
    UnknownDatumError,
    code_of,
    geometries_between,
    names_of,
    read_datum,
    transform_lonlat,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.crs.datums import Datum
    from buildingmap.crs.offsets import Coordinates

# how far a length may be from the geodesic, as a share of it
MOST_OFF: Final = 0.0005
# CGCS2000 / 3-degree Gauss-Kruger CM 75E; the codes of the next twenty central meridians, 3° apart, follow it
_GAUSS_KRUGER: Final = range(4534, 4555)
_FIRST_MERIDIAN: Final = 75
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
    en: str
    zh: str
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

    @property
    def datums(self) -> tuple[Datum, ...]:
        """The datums that files of the district are likely to be in: those with a word, and this plane."""
        return DATUMS if self.code is None else (*DATUMS[:2], self.code.lower(), *DATUMS[2:])

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
    if code is not None:
        return _asked_for(code, envelope)
    for usual in (_gauss_kruger(lon, lat), _utm(lon, lat)):
        off = float("inf") if usual is None else _most_off(usual, envelope)
        if usual is not None and off <= MOST_OFF:
            return MetricSystem(usual, *names_of(CRS.from_user_input(usual)), off)
    definition = (
        f"+proj=tmerc +lat_0={lat:.6f} +lon_0={lon:.6f} +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"
    )
    meridian, parallel = _degrees(lon, "EW"), _degrees(lat, "NS")
    zh = f"WGS 84，本区自定横轴墨卡托投影，原点 {meridian} {parallel}"
    en = f"WGS 84, transverse Mercator of the district's own at {meridian} {parallel}"
    return MetricSystem(definition, en, zh, _most_off(definition, envelope))


def _gauss_kruger(lon: float, lat: float) -> str | None:
    """Return the code of China's zone at a place; None where EPSG does not give it for that place."""
    code = _GAUSS_KRUGER.start + round(lon / ZONE_DEGREES) - _FIRST_MERIDIAN // ZONE_DEGREES
    area = CRS.from_epsg(code).area_of_use if code in _GAUSS_KRUGER else None
    if area is None or not (area.west <= lon <= area.east and area.south <= lat <= area.north):
        return None
    return f"EPSG:{code}"


def _utm(lon: float, lat: float) -> str | None:
    if not _UTM_LATITUDES[0] <= lat <= _UTM_LATITUDES[1]:
        return None
    zone = min(int((lon + 180) // _UTM_DEGREES) + 1, _UTM_ZONES)
    return f"EPSG:{(_UTM_NORTH if lat >= 0 else _UTM_SOUTH) + zone}"


def _asked_for(code: str, envelope: tuple[float, float, float, float]) -> MetricSystem:
    try:
        datum = read_datum(code)
    except UnknownDatumError:
        raise ValueError(f"found {code!r}, expected an EPSG code such as EPSG:4549") from None
    definition = code_of(datum)
    system = None if definition is None else CRS.from_user_input(definition)
    if definition is None or system is None or not system.is_projected or _metres_in_a_unit(system) != 1:
        name = datum if system is None else system.name
        raise ValueError(f"found {code!r} ({name}), expected a projected system in metres")
    off = _most_off(definition, envelope)
    if not off <= MOST_OFF:
        raise ValueError(
            f"found {code!r} ({system.name}), which is off by {off * 1000:.1f} m in a kilometre of the district, "
            f"expected one off by at most {MOST_OFF * 1000:g} m"
        )
    return MetricSystem(definition, *names_of(system), off)


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
