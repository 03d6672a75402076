"""Any table out: CSV and Excel with the note inside and the guard against formulas, as towers have them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from buildingmap.layers.notes import NOTE_MARK
from buildingmap.layers.writers.tables import about_sheet, csv_cell, excel_cell, heading, plain_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.layers.notes import ExportNote
    from buildingmap.model import Lang

_NOT_IN_A_SHEET_NAME: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_LONGEST_SHEET_NAME: Final = 31


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
        text.write(f"{NOTE_MARK}{word}: {' '.join(value.split())}\r\n")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([csv_cell(column.header) for column in columns])
    for row in rows:
        writer.writerow([csv_cell(plain_number(cell)) for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def write_table_excel(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Any]],
    note: ExportNote,
    *,
    lang: Lang = "zh",
) -> bytes:
    """Return ``rows`` as a workbook (.xlsx): the table on the sheet ``title``, the note on the second; no formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title.translate(_NOT_IN_A_SHEET_NAME)[:_LONGEST_SHEET_NAME])
    for place, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
    sheet.append([heading(sheet, column.header) for column in columns])
    for row in rows:
        sheet.append(
            [
                excel_cell(sheet, plain_number(cell), column.kind)
                for cell, column in zip(row, columns, strict=True)
            ]
        )
    about_sheet(book, note, [], lang)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
