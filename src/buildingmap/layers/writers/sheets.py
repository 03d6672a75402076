"""Any table out: CSV and Excel with the note inside and the guard against formulas, as towers have them."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from datetime import UTC, date
from typing import TYPE_CHECKING, Any, Final, Self

import xlsxwriter

from buildingmap.layers.notes import note_line
from buildingmap.layers.writers.tables import (
    FORMATS,
    LONGEST_EXCEL_CELL,
    about_lines,
    csv_cell,
    plain_number,
    xml_text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

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
    titles: list[str] = []
    shortened: list[str] = []
    with _Book(note.exported_at) as book:
        for sheet in sheets:
            for start in range(0, max(1, len(sheet.rows)), _MOST_ROWS):
                titles.append(sheet_title(sheet.title, taken=titles))
                part = sheet.rows[start : start + _MOST_ROWS]
                shortened += book.put_table(titles[-1], sheet.columns, part)
        book.put_about(
            "说明" if lang == "zh" else "About", about_lines(note, shortened, lang, words=_LEFT_OUT)
        )
    return book.content


class _Book:
    """A workbook that is written row by row: no row is held once the next begins. ``content``: its bytes at last."""

    def __init__(self, moment: datetime) -> None:
        """Begin a workbook made at ``moment``; equal workbooks of one moment make equal bytes."""
        self._out = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._out, {"constant_memory": True})
        made = moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        self._book.set_properties({"created": made})
        self._bold = self._book.add_format({"bold": True})
        # whoever types over it in Excel types text still
        self._text = self._book.add_format({"quote_prefix": True})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._number = {kind: self._book.add_format({"num_format": code}) for kind, code in FORMATS.items()}
        self.content = b""

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """Close the workbook, whose rows lie in temporary files until then."""
        self._book.close()
        self.content = self._out.getvalue() if kind is None else b""

    def put_table(self, title: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> list[str]:
        """Add a sheet with a header; return the first cell of each row that lost a text too long for a cell."""
        page = self._book.add_worksheet(title)
        for place, column in enumerate(columns):
            page.set_column(place, place, column.width)
            self._put_text(page, 0, place, column.header, self._bold)
        page.freeze_panes(1, 2)
        page.autofilter(0, 0, len(rows), len(columns) - 1)
        shortened = []
        kinds = [column.kind for column in columns]
        for number, row in enumerate(rows, 1):
            for place, (cell, kind) in enumerate(zip(row, kinds, strict=True)):
                if isinstance(cell, str) and len(cell) > LONGEST_EXCEL_CELL:
                    shortened.append(str(row[0]))
                elif cell is not None:
                    self._put(page, number, place, cell, kind)
        return shortened

    def put_about(self, title: str, lines: Sequence[tuple[str, str]]) -> None:
        """Add the sheet that says what the export is."""
        page = self._book.add_worksheet(title)
        page.set_column(0, 0, 16)
        page.set_column(1, 1, 90)
        for number, (word, text) in enumerate(lines):
            self._put_text(page, number, 0, word, self._text)
            self._put_text(page, number, 1, text[:LONGEST_EXCEL_CELL], self._text)

    def _put(self, page: Any, row: int, place: int, value: Any, kind: str) -> None:
        if isinstance(value, str):
            self._put_text(page, row, place, value, self._text)
        elif isinstance(value, bool):
            page.write_boolean(row, place, value)
        elif isinstance(value, date):
            page.write_datetime(row, place, value, self._number.get(kind, self._day))
        elif math.isfinite(value):
            page.write_number(row, place, plain_number(value), self._number.get(kind))

    @staticmethod
    def _put_text(page: Any, row: int, place: int, text: str, form: Any) -> None:
        """Put a text that is never a formula, a link or anything but itself."""
        text = xml_text(text)
        if text.startswith("<r>") and text.endswith("</r>"):
            # XlsxWriter takes this for its own rich text and would write it as it is; in pieces it is escaped
            page.write_rich_string(row, place, *text[:2], text[2:], form)
        elif text:
            page.write_string(row, place, text, form)


def sheet_title(text: str, *, taken: Sequence[str] = ()) -> str:
    """Return ``text`` as a sheet may be named: 31 characters, none that Excel refuses, not one of ``taken``."""
    plain = text.translate(_NOT_IN_A_SHEET_NAME).strip()[:_LONGEST_SHEET_NAME] or "-"
    used = {title.casefold() for title in taken}
    if plain.casefold() not in used:
        return plain
    numbered = (f"{plain[: _LONGEST_SHEET_NAME - 5]} {number}" for number in range(2, len(used) + 3))
    return next(title for title in numbered if title.casefold() not in used)
