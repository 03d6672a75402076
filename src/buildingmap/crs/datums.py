"""The datums that coordinates come in, by a word or an EPSG code, and the ways from one to another."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from buildingmap.crs.offsets import bd09_from_gcj02, gcj02_from_bd09, gcj02_from_wgs84, wgs84_from_gcj02
from buildingmap.errors import BilingualError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from buildingmap.crs.offsets import Coordinates

# a word of DATUMS, or the code of any other system of two axes that EPSG has, ``epsg:4549``; as read_datum writes it
Datum = str
DATUMS: Final[tuple[Datum, ...]] = ("wgs84", "cgcs2000", "gcj02", "bd09")
_CODED_WORDS: Final = {"wgs84": "EPSG:4326", "cgcs2000": "EPSG:4490"}
_NAMES: Final = {
    "wgs84": ("WGS 84", "WGS 84"),
    "cgcs2000": ("CGCS2000", "2000国家大地坐标系"),
    "gcj02": ("GCJ-02, as Amap and Tencent maps have it", "GCJ-02，高德、腾讯地图所用"),
    "bd09": ("BD-09, as Baidu maps have it", "BD-09，百度地图所用"),
}
# a zone of CGCS2000 in China
ZONE_DEGREES: Final = 3
_CODE: Final = re.compile(r"(?:epsg:*)?([0-9]{4,6})")
WGS84: Final = "EPSG:4326"


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


class UnknownDatumError(BilingualError):
    """A datum that coordinates cannot be in: unknown, or no system of two axes on the ground."""

    def __init__(self, text: str, name: str = "") -> None:
        """Keep what was found, and the name that EPSG gives it where it is known but of no use."""
        found = f"{text[:40]!r}" + (f" ({name})" if name else "")
        words = ", ".join(DATUMS)
        super().__init__(
            f"found datum {found}, expected {words}, or an EPSG code of longitude and latitude or of a map projection, "
            "such as EPSG:4547",
            f"坐标系为 {found}，应为 {words}，或经纬度、投影坐标系的 EPSG 代码，例如 EPSG:4547",
        )


@cache
def read_datum(text: str) -> Datum:
    """Return the datum that a person means by a word of DATUMS or an EPSG code. Raises UnknownDatumError."""
    plain = re.sub(r"[\s_-]", "", unicodedata.normalize("NFKC", text).casefold())
    if plain in DATUMS:
        return plain
    match = _CODE.fullmatch(plain)
    if match is None:
        raise UnknownDatumError(text)
    code = f"EPSG:{int(match[1])}"
    try:
        system = CRS.from_user_input(code)
    except CRSError:
        raise UnknownDatumError(text) from None
    if not is_flat(system):
        raise UnknownDatumError(text, system.name)
    return next((word for word, own in _CODED_WORDS.items() if own == code), code.lower())


def datums_named_in(text: str) -> set[Datum]:
    """Return the datums whose EPSG codes stand in a text, ``EPSG:32651``; a number alone is none."""
    found = set()
    for code in re.findall(
        r"epsg[:：\s]*([0-9]{4,6})(?![0-9])", unicodedata.normalize("NFKC", text).casefold()
    ):
        try:
            found.add(read_datum(f"epsg:{code}"))
        except UnknownDatumError:
            continue
    return found


def code_of(datum: Datum) -> str | None:
    """Return the code of a datum, ``EPSG:4326``; None for GCJ-02 and BD-09, which no authority has one for."""
    return _CODED_WORDS.get(datum) or (datum.upper() if datum.startswith("epsg:") else None)


@cache
def in_degrees(datum: Datum) -> bool:
    """Tell whether coordinates in ``datum`` are longitude and latitude."""
    return datum in DATUMS or bool(CRS.from_user_input(datum).is_geographic)


@cache
def datum_name(datum: Datum, lang: str) -> str:
    """Return a datum as people are told of it, in ``zh`` or ``en``: its code, where it has one, and its name."""
    place = int(lang != "en")
    if datum in _NAMES:
        return _NAMES[datum][place]
    name = names_of(CRS.from_user_input(datum))[place]
    return f"{datum.upper()} ({name})" if lang == "en" else f"{datum.upper()}（{name}）"


@cache
def datum_beneath(datum: Datum) -> Datum | None:
    """Return the datum of degrees that a projection stands on, where it has a word: cgcs2000 for ``epsg:4549``."""
    system = None if datum in DATUMS else CRS.from_user_input(datum).geodetic_crs
    number = None if system is None else system.to_epsg()
    return next((word for word, code in _CODED_WORDS.items() if code == f"EPSG:{number}"), None)


def names_of(system: CRS) -> tuple[str, str]:
    """Return the name of a system in English and in Chinese; EPSG's own where it has no Chinese one."""
    name = str(system.name)
    zone = re.fullmatch(r"CGCS2000 / 3-degree Gauss-Kruger (?:CM (\d+)E|zone (\d+))", name)
    if zone is not None:
        meridian = int(zone[1]) if zone[1] else int(zone[2]) * ZONE_DEGREES
        return (
            f"CGCS2000, 3-degree Gauss-Krüger, {meridian}° E" + (f", zone {zone[2]}" if zone[2] else ""),
            f"2000国家大地坐标系，3度带高斯－克吕格投影，中央经线{meridian}°E"
            + (f"，坐标冠{zone[2]}带号" if zone[2] else ""),
        )
    utm = re.fullmatch(r"WGS 84 / UTM zone (\d+[NS])", name)
    if utm is not None:
        return f"WGS 84, UTM zone {utm[1]}", f"WGS 84，UTM 投影 {utm[1]} 带"
    return name, name


def to_wgs84(datum: Datum, x: Coordinates, y: Coordinates) -> tuple[Coordinates, Coordinates]:
    """Return WGS84 longitude and latitude, float64[n] degrees, of coordinates in ``datum``."""
    if datum == "wgs84":
        return x, y
    code = code_of(datum)
    if code is not None:
        return transform_lonlat(code, WGS84, x, y)
    if datum == "gcj02":
        return wgs84_from_gcj02(x, y)
    return wgs84_from_gcj02(*gcj02_from_bd09(x, y))


def from_wgs84(datum: Datum, lon: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    """Return coordinates in ``datum``, float64[n], of WGS84 degrees: the inverse of ``to_wgs84``."""
    if datum == "wgs84":
        return lon, lat
    code = code_of(datum)
    if code is not None:
        return transform_lonlat(WGS84, code, lon, lat)
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


def is_flat(system: CRS) -> bool:
    """Tell whether a system has two axes, of degrees or of lengths: no heights, no geocentre, no chart of anything."""
    return (system.is_geographic or system.is_projected) and len(system.axis_info) == 2  # noqa: PLR2004 - x and y
