"""Excel workbooks (.xlsx): values as they were saved, never a formula run."""

from __future__ import annotations

import re
import zipfile
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from buildingmap.layers.archives import is_workbook, open_archive
from buildingmap.layers.findings import Shown
from buildingmap.layers.notes import NOTE_MARK, about_of_notes
from buildingmap.layers.tables import HEADER_WITHIN, find_header, table_layer
from buildingmap.layers.values import is_empty
from buildingmap.model.faults import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from openpyxl.workbook import Workbook

    from buildingmap.layers.checked import LayerAbout
    from buildingmap.layers.findings import Findings
    from buildingmap.layers.limits import Limits
    from buildingmap.layers.raw import RawLayer
    from buildingmap.layers.tables import Line, Sheet

ABOUT_SHEETS: Final = ("说明", "About")
_FORMULA: Final = re.compile(rb"<f[ >/]")
_HIDDEN: Final = re.compile(rb"<(?:row|col)\b[^>]*\bhidden=\"(?:1|true)\"")
_CHUNK: Final = 1 << 20
# what openpyxl raises on a workbook whose parts do not fit together
_DAMAGED: Final = (
    InvalidFileException, zipfile.BadZipFile, DefusedXmlException, ParseError, KeyError, ValueError, TypeError,
    AttributeError, IndexError, EOFError, OSError, NotImplementedError, OverflowError,
)  # fmt: skip


def read_excel(file: BinaryIO, *, limits: Limits, findings: Findings) -> RawLayer | None:
    """Read the first sheet with known headers; None, and faults, where there is none or it cannot be read."""
    archive = open_archive(file, limits=limits, findings=findings)
    if archive is None:
        return None
    with archive:
        if not is_workbook(archive, findings=findings):
            return None
        marks = _marks(archive)
    try:
        return _read(_opened(file, data_only=True), file, marks, limits, findings)
    except _DamagedError as error:
        findings.fault("zip_damaged", found=Shown(str(error)[:60]))
        return None


class _DamagedError(Exception):
    """What openpyxl raised on parts that do not fit together."""


def _opened(file: BinaryIO, *, data_only: bool) -> Workbook:
    try:
        return load_workbook(file, read_only=True, data_only=data_only, keep_links=False)
    except _DAMAGED as error:
        raise _DamagedError(f"{type(error).__name__}: {error}") from error


def _rows(sheet: Any, *, from_row: int, columns: int) -> Iterator[tuple[Any, ...]]:
    try:
        # a sheet's own word on its size is not to be believed
        sheet.reset_dimensions()
        yield from sheet.iter_rows(min_row=from_row, max_col=columns, values_only=True)
    except _DAMAGED as error:
        raise _DamagedError(f"{type(error).__name__}: {error}") from error


def _marks(archive: zipfile.ZipFile) -> set[str]:
    """Return ``formula`` and ``hidden`` where some sheet of the archive holds a formula or hides a row or column."""
    found: set[str] = set()
    for entry in archive.infolist():
        if not entry.filename.startswith("xl/worksheets/sheet"):
            continue
        with archive.open(entry) as source:
            tail = b""
            while chunk := source.read(_CHUNK):
                text = tail + chunk
                found.update(
                    name for name, mark in (("formula", _FORMULA), ("hidden", _HIDDEN)) if mark.search(text)
                )
                tail = text[-200:]
    return found


def _read(
    book: Workbook, file: BinaryIO, marks: set[str], limits: Limits, findings: Findings
) -> RawLayer | None:
    chosen: tuple[str, Sheet] | None = None
    about: LayerAbout | None = None
    for sheet in book.worksheets:
        top = list(islice(_lines(sheet, limits), HEADER_WITHIN))
        if sheet.title in ABOUT_SHEETS:
            about = about_of_pairs([cells for _, cells in top])
        elif chosen is None and (header := find_header(top)) is not None:
            chosen = sheet.title, header
            if sheet.sheet_state != "visible" or "hidden" in marks:
                findings.warn("sheet_hidden", place=Place(sheet=sheet.title))
        elif any(not is_empty(cell) for _, cells in top for cell in cells):
            findings.warn("sheet_left", place=Place(sheet=sheet.title))
    if chosen is None:
        findings.fault("sheet_table", found=Shown(", ".join(book.sheetnames)[:60]))
        return None
    title, header = chosen
    lines = _lines(book[title], limits, from_row=header.row + 1)
    if "formula" in marks:
        lines = _computed(lines, file, title, header, findings)
    return table_layer(
        lines, header, format_="excel", limits=limits, findings=findings, sheet=title, about=about
    )


def _lines(sheet: Any, limits: Limits, *, from_row: int = 1) -> Iterator[Line]:
    return enumerate(_rows(sheet, from_row=from_row, columns=limits.columns + 1), from_row)


def _computed(
    lines: Iterator[Line], file: BinaryIO, title: str, header: Sheet, findings: Findings
) -> Iterator[Line]:
    """Pass the rows on; a formula that was saved without its value is a fault of its cell."""
    sheet = _opened(file, data_only=False)[title]
    formulas = _rows(sheet, from_row=header.row + 1, columns=len(header.headers))
    for (row, cells), written in zip(lines, formulas, strict=False):
        for number, (value, text) in enumerate(zip(cells, written, strict=False)):
            if value is None and text is not None:
                cell = f"{get_column_letter(number + 1)}{row}"
                findings.fault(
                    "cell_formula",
                    place=Place("row", row, title),
                    name=f"{header.headers[number]} ({cell})",
                    found=str(text),
                )
        yield row, cells


def about_of_pairs(rows: Sequence[Sequence[Any]]) -> LayerAbout:
    """Return what the note's sheet of one of our own exports says: rows of word and text."""
    pairs = [cells[:2] for cells in rows if len(cells) > 1 and isinstance(cells[1], str)]
    return about_of_notes([f"{NOTE_MARK}{word}: {text}" for word, text in pairs])
