"""Any table out: CSV and Excel with the note inside and the guard against formulas, as towers have them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from buildingmap.layers.notes import note_line
from buildingmap.layers.writers.pinned import saved
from buildingmap.layers.writers.tables import (
    LONGEST_EXCEL_CELL,
    about_sheet,
    csv_cell,
    excel_cell,
    heading,
    plain_number,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.layers.notes import ExportNote
    from buildingmap.model import Lang

_NOT_IN_A_SHEET_NAME: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_LONGEST_SHEET_NAME: Final = 31
# Excel has 1,048,576, the header among them
_MOST_ROWS: Final = 1_000_000
_LEFT_OUT: Final[dict[Lang, str]] = {
    "zh": "内容过长、单元格留空的行",
    "en": "Rows with a text too long for a cell, left empty",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, its width in Excel, and ``kind``, the field whose number format it takes."""

    header: str
    width: float = 14
    kind: str = ""


def write_table_csv(
    columns: Sequence[Column], rows: Sequence[Sequence[Any]], note: ExportNote, *, lang: Lang = "zh"
) -> bytes:
    """Return ``rows`` as CSV in UTF-8 with a byte-order mark; note lines start with ``#``; text is guarded."""
    text = io.StringIO(newline="")
    for word, value in note.lines(lang):
        text.write(note_line(word, value) + "\r\n")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([csv_cell(column.header) for column in columns])
    for row in rows:
        writer.writerow([csv_cell(plain_number(cell)) for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a workbook; the first cell of a row names it where another cell cannot be kept."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]


def write_table_excel(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Any]],
    note: ExportNote,
    *,
    lang: Lang = "zh",
) -> bytes:
    """Return ``rows`` as a workbook (.xlsx): the table on the sheet ``title``, the note on the second; no formula."""
    return write_sheets([Sheet(title, columns, rows)], note, lang=lang)


def write_sheets(sheets: Sequence[Sheet], note: ExportNote, *, lang: Lang = "zh") -> bytes:
    """Return a workbook (.xlsx) of ``sheets``, the note on the last one; no formula anywhere.

    A table longer than Excel's sheet goes on on the next. A text longer than Excel's cell is left out, and the
    note's sheet names its row.
    """
    book = Workbook(write_only=True)
    titles: list[str] = []
    shortened: list[str] = []
    for sheet in sheets:
        for start in range(0, max(1, len(sheet.rows)), _MOST_ROWS):
            titles.append(sheet_title(sheet.title, taken=titles))
            _put_table(
                book.create_sheet(titles[-1]),
                sheet.columns,
                sheet.rows[start : start + _MOST_ROWS],
                shortened,
            )
    about_sheet(book, note, shortened, lang, words=_LEFT_OUT)
    return saved(book, note.exported_at)


def _put_table(
    page: Any, columns: Sequence[Column], rows: Sequence[Sequence[Any]], shortened: list[str]
) -> None:
    for place, column in enumerate(columns, 1):
        page.column_dimensions[get_column_letter(place)].width = column.width
    page.freeze_panes = "C2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
    page.append([heading(page, column.header) for column in columns])
    for row in rows:
        cells = []
        for cell, column in zip(row, columns, strict=True):
            too_long = isinstance(cell, str) and len(cell) > LONGEST_EXCEL_CELL
            if too_long:
                shortened.append(str(row[0]))
            cells.append(None if too_long else excel_cell(page, plain_number(cell), column.kind))
        page.append(cells)


def sheet_title(text: str, *, taken: Sequence[str] = ()) -> str:
    """Return ``text`` as a sheet may be named: 31 characters, none that Excel refuses, not one of ``taken``."""
    plain = text.translate(_NOT_IN_A_SHEET_NAME).strip()[:_LONGEST_SHEET_NAME] or "-"
    used = {title.casefold() for title in taken}
    if plain.casefold() not in used:
        return plain
    numbered = (f"{plain[: _LONGEST_SHEET_NAME - 5]} {number}" for number in range(2, len(used) + 3))
    return next(title for title in numbered if title.casefold() not in used)
