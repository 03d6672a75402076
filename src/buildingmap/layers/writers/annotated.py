"""A user's own table with what is said of its cells in them: colours, comments, and a sheet that lists it all."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter

from buildingmap.layers.writers.sheets import sheet_title
from buildingmap.layers.writers.tables import LONGEST_EXCEL_CELL, excel_cell, heading, plain_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildingmap.layers.grid import Grid
    from buildingmap.model import Lang

Kind = Literal["fault", "warning", "changed", "new"]
# told apart by their lightness too; the list of the last sheet says the same in words
_FILLS: Final = {
    "fault": PatternFill("solid", fgColor="FFF4B0A0"),
    "warning": PatternFill("solid", fgColor="FFFFE699"),
    "changed": PatternFill("solid", fgColor="FFBDD7EE"),
    "new": PatternFill("solid", fgColor="FFE2EFDA"),
}
_WORDS: Final = {
    "fault": ("问题", "Fault"),
    "warning": ("提示", "Note"),
    "changed": ("改动", "Change"),
    "new": ("新增", "New"),
}
_HEADERS: Final = {
    "zh": ("工作表", "行", "列", "类别", "说明"),
    "en": ("Sheet", "Row", "Column", "Kind", "What"),
}
_ABOUT: Final = {"zh": "导入说明", "en": "Import"}
_MOST_COMMENTS: Final = 5_000
_LONGEST_COMMENT: Final = 1_000


@dataclass(frozen=True, slots=True)
class CellNote:
    """What is said of a cell of ``Sheet.rows``, or of its whole row where ``column`` is None."""

    row: int | None
    column: int | None
    kind: Kind
    text: str


def write_annotated(grid: Grid, notes: Mapping[int, Sequence[CellNote]], *, lang: Lang = "zh") -> bytes:
    """Return a workbook (.xlsx) with the cells of every sheet of ``grid`` and, by a sheet's number, its ``notes``.

    Values, order and merged cells are those of the file; its colours, widths and formulas are not kept. The last
    sheet lists every note; comments stand in the first 5,000 cells. Text is never a formula.
    """
    book = Workbook(write_only=True)
    titles: list[str] = []
    for number, sheet in enumerate(grid.sheets):
        title = sheet_title(sheet.name or grid.file.replace("\\", "/").rsplit("/", 1)[-1], taken=titles)
        titles.append(title)
        page = book.create_sheet(title)
        by_cell = {
            (note.row, note.column): note for note in reversed(notes.get(number, ())) if note.row is not None
        }
        left = _MOST_COMMENTS
        for position, cells in enumerate(sheet.rows):
            whole = by_cell.get((position, None))
            row = []
            for column, value in enumerate(cells):
                note = by_cell.get((position, column))
                row.append(_cell(page, value, note or whole, comment=note is not None and left > 0))
                left -= note is not None
            page.append(row)
        for merge in sheet.merges:
            page.merged_cells.ranges.add(_range(merge.top, merge.left, merge.bottom, merge.right))
    _list(book, grid, notes, titles, lang)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _range(top: int, left: int, bottom: int, right: int) -> Any:
    from openpyxl.worksheet.cell_range import CellRange  # noqa: PLC0415 - only for merged cells

    return CellRange(min_row=top + 1, min_col=left + 1, max_row=bottom + 1, max_col=right + 1)


def _cell(page: Any, value: Any, note: CellNote | None, *, comment: bool) -> Any:
    if isinstance(value, list | dict):
        value = str(value)[:LONGEST_EXCEL_CELL]
    if value is None and note is None:
        return None
    cell = excel_cell(page, plain_number(value), "") or WriteOnlyCell(page, None)
    if note is not None:
        cell.fill = _FILLS[note.kind]
        if comment:
            cell.comment = Comment(note.text[:_LONGEST_COMMENT], "buildingmap", width=320, height=80)
    return cell


def _list(
    book: Workbook, grid: Grid, notes: Mapping[int, Sequence[CellNote]], titles: Sequence[str], lang: Lang
) -> None:
    page = book.create_sheet(sheet_title(_ABOUT[lang], taken=titles))
    for letter, width in zip("ABCDE", (18, 8, 8, 10, 110), strict=True):
        page.column_dimensions[letter].width = width
    page.append([heading(page, text) for text in _HEADERS[lang]])
    for number, of_sheet in sorted(notes.items()):
        numbers = grid.sheets[number].numbers
        for note in of_sheet:
            place = [
                titles[number],
                None if note.row is None else numbers[note.row],
                None if note.column is None else get_column_letter(note.column + 1),
                _WORDS[note.kind][lang == "en"],
                note.text[:LONGEST_EXCEL_CELL],
            ]
            page.append([excel_cell(page, value, "") for value in place])
