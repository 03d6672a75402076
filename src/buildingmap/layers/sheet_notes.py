"""What is said of a sheet that a table was read from: what is hidden or merged in it, and the sheets beside it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from openpyxl.utils import get_column_letter

from buildingmap.layers.examining import named
from buildingmap.layers.findings import Shown
from buildingmap.layers.values import is_empty
from buildingmap.model.faults import Expected, Fault, Place, printable, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from buildingmap.layers.grid import Merge, Sheet

_MOST_MERGES: Final = 200
_LONGEST_CLUSTERS: Final = 80
# many rows of one tower's are under its name: that is how such tables are written
_NAMES_OF_TOWERS: Final = frozenset({"building_id", "building_name"})


def sheet_notes(
    sheet: Sheet, *, below: int, rows: Iterable[int], fields: Mapping[int, tuple[str, str]]
) -> list[Fault]:
    """Return a note for what is hidden in a sheet and was read, and one for each merge that fills rows of the table.

    ``below``: position of the header's last row; ``rows`` those of the table. ``fields``: of each column that is read,
    by its position, the field and the header.
    """
    inside = set(rows)
    notes = _hidden(sheet, inside, fields)
    for merge in sheet.merges:
        filled = [row for row in range(merge.top, merge.bottom + 1) if row in inside]
        named_here = merge.left in fields and fields[merge.left][0] not in _NAMES_OF_TOWERS
        if merge.top > below and len(filled) > 1 and named_here and len(notes) < _MOST_MERGES:
            note = _merged(sheet, merge, filled, fields)
            notes += [] if note is None else [note]
    return notes


def sheets_left(sheets: Iterable[Sheet], chosen: Sheet) -> list[Fault]:
    """Return a note for each sheet beside the chosen one that has cells and was not read."""
    return [
        Fault(Expected.of("sheet_left"), place=Place(sheet=sheet.name))
        for sheet in sheets
        if sheet is not chosen and any(not is_empty(cell) for row in sheet.rows for cell in row)
    ]


def _hidden(sheet: Sheet, rows: set[int], fields: Mapping[int, tuple[str, str]]) -> list[Fault]:
    numbers = sorted(sheet.numbers[row] for row in sheet.hidden_rows & rows)
    letters = [get_column_letter(column + 1) for column in sorted(sheet.hidden_columns & set(fields))]
    english, chinese = [], []
    if sheet.hidden:
        english.append("the sheet")
        chinese.append("整个工作表")
    if numbers:
        english.append(f"rows {_ranges(numbers)}")
        chinese.append(f"第 {_ranges(numbers)} 行")
    if letters:
        english.append(f"columns {', '.join(letters)}")
        chinese.append(f"{'、'.join(letters)} 列")
    if not english:
        return []
    found = Shown("; ".join(english), "；".join(chinese))
    place = Place(sheet=sheet.name)
    return [Fault(Expected.of("sheet_hidden"), found=str(found), found_zh=found.zh, place=place)]


def _merged(
    sheet: Sheet, merge: Merge, rows: list[int], fields: Mapping[int, tuple[str, str]]
) -> Fault | None:
    value = _cell(sheet, merge.top, merge.left)
    if is_empty(value):
        return None
    numbers = _ranges([sheet.numbers[row] for row in rows])
    # a merge that runs on from one cluster into the next is likely one too long
    place = next((column for column, (name, _) in fields.items() if name == "cluster"), None)
    clusters = [] if place is None else [str(cell) for row in rows if (cell := _cell(sheet, row, place))]
    different = list(dict.fromkeys(clusters))
    if len(different) > 1:
        told, told_zh = (printable(comma.join(different))[:_LONGEST_CLUSTERS] for comma in (", ", "、"))
        expected = Expected.of("merge_across", rows=numbers, clusters=told, clusters_zh=told_zh)
    else:
        expected = Expected.of("merge_filled", rows=numbers)
    return Fault(expected, named(*fields[merge.left]), shown(value), sheet.place(merge.top))


def _cell(sheet: Sheet, row: int, column: int) -> Any:
    cells = sheet.rows[row]
    return cells[column] if column < len(cells) else None


def _ranges(numbers: list[int]) -> str:
    """Return rising numbers as ranges, 3-5, 8; the first few of very many."""
    parts = [[numbers[0], numbers[0]]]
    for before, number in pairwise(numbers):
        if number == before + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    texts = [str(low) if low == high else f"{low}-{high}" for low, high in parts]
    return ", ".join(texts[:8]) + (" …" if len(texts) > 8 else "")  # noqa: PLR2004 - enough to find them
