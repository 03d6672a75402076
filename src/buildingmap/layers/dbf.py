"""The attribute table of a Shapefile (dBASE III), read strictly.

GDAL makes a 0 of text in a number column and cuts what it cannot decode; here both are faults.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from buildingmap.layers.findings import Shown
from buildingmap.model.faults import Place

if TYPE_CHECKING:
    from buildingmap.layers.findings import Findings
    from buildingmap.layers.limits import Limits

_HEADER_BYTES: Final = 32
_FIELD_BYTES: Final = 32
_TERMINATOR: Final = 0x0D
_DELETED: Final = ord("*")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_DAY_LENGTH: Final = 8
_KINDS: Final = frozenset("CNFDL")
_CODECS: Final = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "65001": "utf-8",
    "gbk": "gb18030",
    "936": "gb18030",
    "cp936": "gb18030",
    "gb2312": "gb18030",
    "gb18030": "gb18030",
    "54936": "gb18030",
    "oem 936": "gb18030",
    "ansi 936": "gb18030",
    "iso-8859-1": "latin-1",
    "iso8859-1": "latin-1",
    "88591": "latin-1",
    "1252": "cp1252",
    "ansi 1252": "cp1252",
}
_LANGUAGE_DRIVERS: Final = {0x03: "cp1252", 0x4D: "gb18030", 0x7A: "gb18030"}


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    kind: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a DBF; None stands for a deleted row."""

    headers: tuple[str, ...]
    rows: tuple[dict[str, Any] | None, ...]


def read_dbf(data: bytes, code_page: str | None, *, limits: Limits, findings: Findings) -> Table | None:
    """Read a DBF; ``code_page`` is the word in the .cpg file, None where there is none. None where it is damaged.

    Cells are text, int, float, bool or None (blank); dates are text as YYYY-MM-DD.
    """
    if len(data) <= _HEADER_BYTES or data[0] & 0x07 not in {3, 4}:
        findings.fault("dbf", found=Shown("no dBASE header", "没有 dBASE 文件头"))
        return None
    count = int.from_bytes(data[4:8], "little")
    start, width = int.from_bytes(data[8:10], "little"), int.from_bytes(data[10:12], "little")
    if count > limits.rows:
        findings.fault("rows_limit", found=count, limit=limits.rows)
        return None
    if start <= _HEADER_BYTES or width == 0 or start + count * width > len(data):
        findings.fault("dbf", found=Shown(f"{len(data)} bytes for {count} rows of {width}"))
        return None
    codec = _codec(data, code_page, start, findings)
    columns = None if codec is None else _columns(data[:start], width, codec, limits, findings)
    if codec is None or columns is None:
        return None
    rows: list[dict[str, Any] | None] = []
    for number in range(count):
        record = data[start + number * width : start + (number + 1) * width]
        rows.append(None if record[0] == _DELETED else _cells(record, columns, codec, number + 1, findings))
        if findings.full:
            break
    _starred(rows, findings)
    return Table(tuple(column.name for column in columns), tuple(rows))


def _codec(data: bytes, code_page: str | None, start: int, findings: Findings) -> str | None:
    if code_page:
        known = _CODECS.get(code_page.strip().lower())
        if known is None:
            findings.fault("code_page", found=code_page)
        return known
    driver = _LANGUAGE_DRIVERS.get(data[29])
    if driver is not None:
        return driver
    # Nothing says which: UTF-8 is hardly ever met by chance, and what is neither is refused cell by cell.
    try:
        data[start:].decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _columns(
    header: bytes, width: int, codec: str, limits: Limits, findings: Findings
) -> list[_Column] | None:
    columns: list[_Column] = []
    start = 1
    for at in range(_HEADER_BYTES, len(header) - 1, _FIELD_BYTES):
        if header[at] == _TERMINATOR:
            break
        descriptor = header[at : at + _FIELD_BYTES]
        if len(descriptor) < _FIELD_BYTES:
            break
        name = _name(descriptor[:11].split(b"\0")[0], codec)
        kind = chr(descriptor[11])
        if kind not in _KINDS:
            findings.fault("dbf_kind", name=name, found=kind)
            return None
        columns.append(_Column(name, kind, start, descriptor[16]))
        start += descriptor[16]
    if start != width or len({column.name for column in columns}) != len(columns):
        findings.fault("dbf", found=Shown(f"columns of {start} bytes in rows of {width}"))
        return None
    if len(columns) > limits.columns:
        findings.fault("columns_limit", found=len(columns), limit=limits.columns)
        return None
    return columns


def _name(raw: bytes, codec: str) -> str:
    # The format cuts a name after ten bytes, which may fall inside a character.
    for cut in range(4):
        try:
            return raw[: len(raw) - cut].decode(codec).strip()
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1").strip()


def _cells(
    record: bytes, columns: list[_Column], codec: str, number: int, findings: Findings
) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for column in columns:
        raw = record[column.start : column.start + column.length].strip(b" \0")
        try:
            text = raw.decode(codec).strip()
        except UnicodeDecodeError:
            findings.fault(
                "text_encoding", place=Place("row", number), name=column.name, found=raw, encoding=codec
            )
            continue
        value = _value(text, column.kind)
        if value is _UNREADABLE:
            code = {"D": "dbf_day", "L": "dbf_flag"}.get(column.kind, "dbf_number")
            findings.fault(code, place=Place("row", number), name=column.name, found=text)
            value = None
        cells[column.name] = value
    return cells


def _starred(rows: list[dict[str, Any] | None], findings: Findings) -> None:
    # GDAL writes an empty number as stars, other programs a number that is too long for its column
    counts: Counter[str] = Counter()
    for cells in filter(None, rows):
        for name in [name for name, value in cells.items() if value is _STARS]:
            counts[name] += 1
            cells[name] = None
    for name, count in counts.items():
        findings.warn("dbf_stars", name=name, found=Shown("***"), count=count)


_UNREADABLE: Final = object()
_STARS: Final = object()


def _value(text: str, kind: str) -> Any:
    if not text or (kind == "L" and text == "?"):
        return None
    if kind == "C":
        return text
    if kind == "L":
        return {"T": True, "Y": True, "F": False, "N": False}.get(text.upper(), _UNREADABLE)
    return _day(text) if kind == "D" else _number(text)


def _day(text: str) -> Any:
    day = len(text) == _DAY_LENGTH and text.isascii() and text.isdigit()
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if day else _UNREADABLE


def _number(text: str) -> Any:
    if not text.strip("*"):
        return _STARS
    if not _NUMBER.fullmatch(text):
        return _UNREADABLE
    return int(text) if text.lstrip("+-").isdigit() else float(text)
