"""The system of coordinates that a file names, and the one its coordinates are read in."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pyproj import CRS
from pyproj.exceptions import CRSError

from buildingmap.crs import DATUMS, Datum, code_of, in_degrees

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildingmap.layers.findings import Findings
    from buildingmap.layers.raw import Format

_LONGEST_DEFINITION: Final = 20_000
_WGS84: Final = "EPSG:4326"
# two that no authority has a code for: our own exports name them so, and other programs will not take them for WGS84
_UNCODED: Final[dict[str, Datum]] = {"GCJ-02": "gcj02", "BD-09": "bd09"}
_WORDS: Final[dict[str, Datum]] = {"EPSG:4326": "wgs84", "EPSG:4490": "cgcs2000", "EPSG:4549": "epsg:4549"}


@cache
def known_crs(definition: str) -> CRS | None:
    """Return the two-dimensional system that an authority code or WKT names; None for anything else.

    PROJ strings and pipelines are not accepted: they may name files.
    """
    text = definition.strip()
    upper = text.upper()
    if len(text) > _LONGEST_DEFINITION or not upper.startswith(("EPSG:", "URN:OGC:DEF:CRS:", "OGC:", *_WKT)):
        return None
    try:
        found = CRS.from_user_input(text)
    except CRSError:
        return None
    return found if found.is_geographic or found.is_projected else None


_WKT: Final = (
    "GEOGCS[",
    "PROJCS[",
    "GEOGCRS[",
    "PROJCRS[",
    "GEODCRS[",
    "COMPD_CS[",
    "COMPOUNDCRS[",
    "BOUNDCRS[",
)


def crs_of_geojson(collection: Mapping[str, Any], findings: Findings) -> str | None:
    """Return the definition that a collection's ``crs`` member names; None where there is none.

    Only names are read. A link is refused and never followed.
    """
    member = collection.get("crs")
    if member is None:
        return None
    kind = member.get("type") if isinstance(member, dict) else None
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if kind == "name" and isinstance(name, str) and (name in _UNCODED or known_crs(name) is not None):
        return name
    if kind == "name":
        findings.fault("crs_name", name="crs", found=name)
    else:
        findings.fault("crs_link", name="crs", found=kind if isinstance(kind, str) else member)
    return None


def reading_crs(
    *, named: str | None, datum: Datum | None, format_: Format, findings: Findings
) -> Datum | CRS | None:
    """Return the system to read a file's coordinates in: ``datum`` where given, else the file's own.

    ``named`` is the file's own definition. A ``datum`` of degrees may override any system of degrees, since
    offices mislabel GCJ-02 and BD-09 as WGS84; degrees never override metres, nor metres degrees. None, and a
    fault, where nothing fits.
    """
    uncoded = _UNCODED.get(named or "")
    if uncoded is not None:
        return datum or uncoded
    own = known_crs(named) if named is not None else None
    return _coded(named, own, datum, format_, findings)


def _coded(
    named: str | None, own: CRS | None, datum: Datum | None, format_: Format, findings: Findings
) -> Datum | CRS | None:
    if named is not None and own is None:
        findings.fault("crs_name", name="crs", found=named)
        return None
    if datum is not None:
        if own is not None and own.is_geographic != in_degrees(datum):
            findings.fault("crs_conflict", name="crs", found=f"{own.name}, --crs {datum}")
            return None
        return datum
    if own is not None:
        return _word_for(own)
    if format_ in {"shapefile", "geopackage"}:
        findings.fault("crs_missing", name="crs", choices=", ".join(DATUMS))
        return None
    return "wgs84"


def _word_for(own: CRS) -> Datum | CRS:
    if own.to_authority() == ("OGC", "CRS84"):
        return "wgs84"
    flat = own.to_2d()
    for code, word in _WORDS.items():
        if flat.equals(CRS.from_user_input(code), ignore_axis_order=True) or _esri_is(flat, code):
            return word
    return own


def _esri_is(own: CRS, code: str) -> bool:
    # The .prj of a Shapefile carries Esri's names and no code.
    number = own.to_epsg(min_confidence=70)
    return number is not None and f"EPSG:{number}" == code


def labelled(named: str | None) -> str | None:
    """Return the datum, or another system's name, that a file's own definition stands for; None where it has none."""
    if named is None:
        return None
    if named in _UNCODED:
        return _UNCODED[named]
    own = known_crs(named)
    if own is None:
        return None
    word = _word_for(own)
    if isinstance(word, str):
        return word
    number = own.to_2d().to_epsg()
    return own.name if number is None else f"epsg:{number}"


def crs_name(datum: Datum) -> str:
    """Return how a file names ``datum``: by its code, or by the name that ``reading_crs`` understands."""
    return code_of(datum) or next(name for name, word in _UNCODED.items() if word == datum)
