"""What the parts of a workbook say that calamine does not: formulas without a value, errors, the hidden, the far."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from openpyxl.utils import column_index_from_string, coordinate_to_tuple

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

    from buildingmap.layers.limits import Limits

_FORMULA: Final = rb"<f\b(?:[^>]*/>|[^>]*>([^<]*)</f>)"
# a cell whose formula was saved without what it comes to
_UNSAVED: Final = re.compile(
    rb'<c\b[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"[^>]*>\s*' + _FORMULA + rb"\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
# a cell that holds an error such as #N/A, which calamine would give as an empty one
_FAILED: Final = re.compile(
    rb'<c\b(?=[^>]*\st="e")[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"[^>]*>\s*(?:'
    + _FORMULA
    + rb")?\s*<v>([^<]{1,20})</v>"
)
_HIDDEN_ROW: Final = re.compile(rb'<row\b(?=[^>]*\shidden="(?:1|true)")[^>]*?\sr="([0-9]{1,7})"')
_HIDDEN_COLUMNS: Final = re.compile(rb'<col\b(?=[^>]*\shidden="(?:1|true)")[^>]*>')
_ENDS: Final = re.compile(rb'\s(min|max)="([0-9]{1,5})"')
# what makes a cell count: a value, a formula or text of its own; styles alone may reach to the last row and column
_HELD: Final = rb"[^>]*(?<!/)>\s*<(?:v>[^<]|is\b|f\b)"
# such a cell in a column of two letters or more, or in a row of six digits or more
_FAR: Final = re.compile(rb'<c\b[^>]*?\sr="([A-Z]{2,3}[0-9]{1,7}|[A-Z][0-9]{6,7})"' + _HELD)
# such a row, by its number, where its first cell says no place and holds something
_FAR_ROW: Final = re.compile(rb'<row\b[^>]*?\sr="([0-9]{6,7})"[^>]*>\s*<c\b(?![^>]*\sr=)' + _HELD)
_CHUNK: Final = 1 << 20
_LONGEST_MATCH: Final = 1 << 14
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(slots=True)
class SheetPart:
    """What the XML of a sheet says of its cells, rows and columns, positions from 0.

    ``unsaved``: formulas without a value; ``failed``: errors by cell; ``far``: a cell past the limits that holds
    something, by its name.
    """

    unsaved: dict[tuple[int, int], str] = field(default_factory=dict)
    failed: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    far: str = ""


def sheet_parts(archive: zipfile.ZipFile, limits: Limits) -> dict[str, SheetPart]:
    """Return by each sheet's name what its XML says."""
    return {name: _read(archive, part, limits) for name, part in _parts(archive).items()}


def _read(archive: zipfile.ZipFile, part: str, limits: Limits) -> SheetPart:
    found = SheetPart()
    for text in _pieces(archive, part):
        for match in _UNSAVED.finditer(text):
            found.unsaved[_position(match[1])] = "=" + (match[2] or b"").decode("utf-8", "replace")
        for match in _FAILED.finditer(text):
            found.failed[_position(match[1])] = match[3].decode("utf-8", "replace")
        found.hidden_rows.update(int(match[1]) - 1 for match in _HIDDEN_ROW.finditer(text))
        for match in _HIDDEN_COLUMNS.finditer(text):
            ends = dict(_ENDS.findall(match[0]))
            if len(ends) == 2:  # noqa: PLR2004 - both ends
                last = min(int(ends[b"max"]), limits.columns)
                found.hidden_columns.update(range(int(ends[b"min"]) - 1, last))
        if not found.far:
            found.far = next((cell for cell in _names(text) if _is_far(cell, limits)), "")
    return found


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield the text of a part piece by piece, each with the end of the one before it."""
    with archive.open(part) as source:
        tail = b""
        while chunk := source.read(_CHUNK):
            text = tail + chunk
            yield text
            tail = text[-_LONGEST_MATCH:]


def _names(text: bytes) -> Iterator[str]:
    return (match[1].decode("ascii") for pattern in (_FAR, _FAR_ROW) for match in pattern.finditer(text))


def _is_far(cell: str, limits: Limits) -> bool:
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :]) > limits.rows or (
        bool(letters) and column_index_from_string(letters) > limits.columns
    )


def _position(cell: bytes) -> tuple[int, int]:
    row, column = coordinate_to_tuple(cell.decode("ascii"))
    return row - 1, column - 1


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of the archive that holds each sheet, by the sheet's name; what makes no sense is left out."""
    try:
        book = fromstring(archive.read("xl/workbook.xml"))
        relations = fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ParseError, DefusedXmlException, OSError, RuntimeError, ValueError):
        return {}
    targets = {entry.get("Id"): entry.get("Target", "") for entry in relations}
    names = set(archive.namelist())
    parts = {}
    for sheet in book.iter():
        target = targets.get(sheet.get(_RELATION))
        if target is not None and sheet.tag.endswith("}sheet"):
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part in names:
                parts[sheet.get("name", "")] = part
    return parts
