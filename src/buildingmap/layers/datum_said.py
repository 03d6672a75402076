"""The datum that a file says it is in, in a column, a header, a title or a note: believed, or asked about."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from buildingmap.crs import datum_beneath, datums_named_in
from buildingmap.layers.examining import Headed, InHand, Said, named, names_datum
from buildingmap.layers.headers import folded
from buildingmap.layers.values import is_empty
from buildingmap.model.faults import Expected, Fault, printable, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildingmap.crs import Datum

_WORDS: Final[tuple[tuple[str, Datum], ...]] = (
    ("gcj", "gcj02"), ("火星", "gcj02"), ("bd09", "bd09"), ("cgcs", "cgcs2000"), ("国家2000", "cgcs2000"),
    ("2000国家大地", "cgcs2000"), ("大地2000", "cgcs2000"), ("wgs", "wgs84"), ("crs84", "wgs84"),
)  # fmt: skip
# names of maps, and the like, say a datum only where coordinates are spoken of: a tower may be called 高德大厦
_MAPS: Final[tuple[tuple[str, Datum], ...]] = (
    ("高德", "gcj02"), ("腾讯", "gcj02"), ("amap", "gcj02"), ("gaode", "gcj02"), ("百度", "bd09"), ("baidu", "bd09"),
    ("2000坐标", "cgcs2000"), ("gps", "wgs84"),
)  # fmt: skip
# and numbers where they stand for a system: a telephone has the same digits
_NUMBERS: Final[dict[str, Datum]] = {"4490": "cgcs2000", "4549": "epsg:4549", "4326": "wgs84"}
_NUMBERED: Final = re.compile(
    r"(?:epsg|srid|crs|坐标|坐标系|坐标系统|投影|datum)\D{0,3}(4490|4549|4326)(?!\d)"
)

_OF_COORDINATES: Final = re.compile(
    r"坐标|经度|纬度|经纬|投影|datum|coord|crs|epsg|(?<![a-z])(?:lon|lat|longitude|latitude)(?![a-z])"
)
_STATED: Final = re.compile(
    r"(?:坐标系统?|坐标基准|datum|coord\w*|crs)\s*[:：=]\s*(\S.{0,60})", re.IGNORECASE
)
# the two differ by centimetres, and offices use one for the other
_ALIKE: Final = frozenset({"wgs84", "cgcs2000"})


@dataclass(frozen=True, slots=True)
class SaidDatum:
    """What a file says of its datum: ``datum`` None where it says nothing, or what cannot be believed as it stands.

    ``said``: a note, or a fault where a person has to be asked.
    """

    datum: Datum | None = None
    said: tuple[Said, ...] = ()


def said_datum(table: InHand, *, statements: Iterable[str] = (), own: Datum | str | None = None) -> SaidDatum:
    """Return the datum that the cells, headers and ``statements`` of a file agree on.

    ``own``: the system that the file is labelled with, in the way of its format: a datum, another system's name, or
    None. Where two of them contradict each other, or a word is not known, a person is asked.
    """
    by_cells = _of_cells(table)
    words = [*statements, table.title]
    unclear = by_cells if isinstance(by_cells, Said) else _unknown(table, words)
    if unclear is not None or isinstance(by_cells, Said):
        return SaidDatum(None, () if unclear is None else (unclear,))
    words += [column.text for column in table.columns if _speaks_of_places(column)]
    found = {datum for text in words for datum in datums_of(text)}
    if by_cells is not None:
        found.add(by_cells[0])
    found = _without_those_beneath(found)
    datum = next(iter(found)) if len(found) == 1 else None
    differ = len(found) > 1 and not found <= _ALIKE
    if differ or (datum is not None and own is not None and not _same(datum, own)):
        return SaidDatum(None, (_asked(table, by_cells, [*sorted(found), *([own] if own else [])]),))
    if datum is None:
        datum = by_cells[0] if by_cells is not None else next(iter(sorted(found)), None)
    if datum is None or datum in _ALIKE:
        return SaidDatum(datum)
    return SaidDatum(datum, (_believed(table, by_cells, datum),))


def is_doubted(faults: Iterable[Fault]) -> bool:
    """Tell whether one of ``faults`` asks for the datum."""
    return any(fault.expected.code in {"datum_unclear", "datum_unknown"} for fault in faults)


def _speaks_of_places(column: Headed) -> bool:
    if column.reading is not None:
        return column.reading.field in {"lon", "lat", "wkt"}
    return any(word in folded(column.text) for word in ("坐标系", "datum", "coord"))


def _unknown(table: InHand, words: Iterable[str]) -> Said | None:
    """Return a fault where words beside the table name a datum that is not known."""
    for text in words:
        stated = _STATED.search(text)
        if stated is not None and not datums_of(f"坐标{stated[1]}"):
            found = printable(stated[0])[:80]
            return Said(Fault(Expected.of("datum_unknown"), "crs", found, table.top), refuses=True)
    return None


def datums_of(text: str) -> set[Datum]:
    """Return the datums that a header, a title or a note names; a system in metres stands for the datum beneath it."""
    spaced = unicodedata.normalize("NFKC", text).casefold()
    plain = re.sub(r"[\s_\-－—:：]", "", spaced)
    found = {datum for word, datum in _WORDS if word in plain}
    if _OF_COORDINATES.search(spaced):
        found |= {datum for word, datum in _MAPS if word in plain}
    found |= {_NUMBERS[match[1]] for match in _NUMBERED.finditer(spaced)}
    found |= datums_named_in(text)
    return _without_those_beneath(found)


def _without_those_beneath(found: set[Datum]) -> set[Datum]:
    return found - {datum_beneath(datum) for datum in found}


def _of_cells(table: InHand) -> tuple[Datum, Any, str] | Said | None:
    """Return the datum that a column says of every row, its key and header; a fault where it is unclear."""
    for column in table.columns:
        if column.reading is not None or not names_datum(column.text):
            continue
        first: Datum | None = None
        for place, row in table.rows:
            cell = table.cell(row, column.key)
            if is_empty(cell):
                continue
            known = datums_of(f"坐标{cell}")
            datum = next(iter(known)) if len(known) == 1 else None
            if datum is None or first not in {None, datum}:
                expected = Expected.of("datum_unclear" if known else "datum_unknown")
                fault = Fault(expected, named("crs", column.text), shown(cell), place)
                return Said(fault, column.key, refuses=True)
            first = datum
        if first is not None:
            return first, column.key, column.text
    return None


def _same(datum: Datum, own: str) -> bool:
    return datum == own or (datum in _ALIKE and own in _ALIKE)


def _asked(table: InHand, by_cells: tuple[Datum, Any, str] | None, found: list[Any]) -> Said:
    key, header = (None, "") if by_cells is None else by_cells[1:]
    text = printable(", ".join(map(str, found)))[:80]
    return Said(Fault(Expected.of("datum_unclear"), named("crs", header), text, table.top), key, refuses=True)


def _believed(table: InHand, by_cells: tuple[Datum, Any, str] | None, datum: Datum) -> Said:
    key, header = (None, "") if by_cells is None else by_cells[1:]
    return Said(Fault(Expected.of("datum_said", datum=datum), named("crs", header), datum, table.top), key)
