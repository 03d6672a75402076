"""The cells of an Excel workbook (.xlsx), every sheet, as they were saved; no formula is run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from openpyxl.utils import coordinate_to_tuple
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from buildingmap.layers.archives import is_workbook, open_archive
from buildingmap.layers.checked import LayerAbout
from buildingmap.layers.excel_table import ABOUT_SHEETS, about_of_pairs
from buildingmap.layers.findings import Shown
from buildingmap.layers.grid import Grid, Merge, Sheet, cell_json
from buildingmap.layers.values import is_empty
from buildingmap.model.faults import Place

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterable, Mapping, Sequence

    from python_calamine import CalamineSheet

    from buildingmap.layers.findings import Findings
    from buildingmap.layers.limits import Limits

_FORMULA: Final = rb"<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)"
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
_CHUNK: Final = 1 << 20
_LONGEST_FORMULA: Final = 1 << 14
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(slots=True)
class _Cells:
    """What calamine does not tell of a sheet's cells: formulas without a value, and errors with their text."""

    unsaved: set[bytes] = field(default_factory=set)
    failed: dict[bytes, bytes] = field(default_factory=dict)


def workbook_grid(file: BinaryIO, *, limits: Limits, findings: Findings) -> Grid | None:
    """Read every sheet that has cells; None, and faults, where the workbook cannot be read."""
    archive = open_archive(file, limits=limits, findings=findings)
    if archive is None:
        return None
    with archive:
        if not is_workbook(archive, findings=findings):
            return None
        untold = _untold(archive)
    file.seek(0)
    try:
        return _read(CalamineWorkbook.from_filelike(file), untold, limits, findings)
    except (CalamineError, ValueError, OSError) as error:
        findings.fault("zip_damaged", found=Shown(str(error)[:60]))
        return None


def _read(
    book: CalamineWorkbook, untold: dict[str, _Cells], limits: Limits, findings: Findings
) -> Grid | None:
    sheets: list[Sheet] = []
    about = LayerAbout()
    left = limits.rows
    for entry in book.sheets_metadata:
        if entry.typ != SheetTypeEnum.WorkSheet:
            findings.warn("sheet_left", place=Place(sheet=entry.name))
            continue
        found = book.get_sheet_by_name(entry.name)
        if found.total_height > left:
            findings.fault("rows_limit", place=Place(sheet=entry.name), limit=limits.rows)
            return None
        if found.total_width > limits.columns:
            findings.fault("columns_limit", place=Place(sheet=entry.name), limit=limits.columns)
            return None
        left -= found.total_height
        cells = untold.get(entry.name, _Cells())
        rows = _rows(found, cells.failed)
        if entry.name in ABOUT_SHEETS:
            about = about_of_pairs(rows)
        elif any(not is_empty(cell) for row in rows for cell in row):
            hidden = entry.visible != SheetVisibleEnum.Visible
            sheets.append(_sheet(found, rows, hidden=hidden, unsaved=cells.unsaved))
    if not sheets:
        findings.fault("sheet_table", found=Shown(", ".join(book.sheet_names)[:60]))
        return None
    return Grid("", "excel", tuple(sheets), about=about)


def _rows(sheet: CalamineSheet, failed: Mapping[bytes, bytes]) -> list[list[Any]]:
    # calamine writes '' for an empty cell and a float for every number
    rows = [
        [None if cell == "" else cell if isinstance(cell, str | float) else cell_json(cell) for cell in row]
        for row in sheet.to_python(skip_empty_area=False)
    ]
    for cell, error in failed.items():
        row, column = _position(cell)
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = error.decode("utf-8", "replace")
    return rows


def _position(cell: bytes) -> tuple[int, int]:
    row, column = coordinate_to_tuple(cell.decode("ascii"))
    return row - 1, column - 1


def _sheet(
    sheet: CalamineSheet, rows: Sequence[Sequence[Any]], *, hidden: bool, unsaved: Iterable[bytes]
) -> Sheet:
    merges = [
        Merge(top, left, bottom, right)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        if top < len(rows)
    ]
    return Sheet(
        sheet.name,
        tuple(rows),
        tuple(range(1, len(rows) + 1)),
        tuple(merges),
        hidden,
        unsaved=frozenset(map(_position, unsaved)),
    )


def _untold(archive: zipfile.ZipFile) -> dict[str, _Cells]:
    """Return by each sheet's name the cells whose formula has no saved value, and those that hold an error."""
    found: dict[str, _Cells] = {}
    for name, part in _parts(archive).items():
        cells = found.setdefault(name, _Cells())
        with archive.open(part) as source:
            tail = b""
            while chunk := source.read(_CHUNK):
                text = tail + chunk
                cells.unsaved.update(match[1] for match in _UNSAVED.finditer(text))
                cells.failed.update((match[1], match[2]) for match in _FAILED.finditer(text))
                tail = text[-_LONGEST_FORMULA:]
    return found


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
