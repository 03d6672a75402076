"""The cells of an Excel workbook (.xlsx), every sheet, as they were saved; no formula is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Final

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from buildingmap.layers.archives import is_workbook, open_archive
from buildingmap.layers.checked import LayerAbout
from buildingmap.layers.findings import Shown
from buildingmap.layers.grid import Grid, Merge, Sheet, cell_json
from buildingmap.layers.notes import ABOUT_SHEETS, about_of_pairs
from buildingmap.layers.values import is_empty
from buildingmap.layers.workbook_parts import SheetPart, sheet_parts
from buildingmap.model.faults import Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from python_calamine import CalamineSheet

    from buildingmap.layers.findings import Findings
    from buildingmap.layers.limits import Limits
_LARGEST_WHOLE: Final = 2**53


def workbook_grid(file: BinaryIO, *, limits: Limits, findings: Findings) -> Grid | None:
    """Read every sheet that has cells; None, and faults, where the workbook cannot be read."""
    archive = open_archive(file, limits=limits, findings=findings)
    if archive is None:
        return None
    with archive:
        if not is_workbook(archive, findings=findings):
            return None
        parts = sheet_parts(archive, limits)
    for name, part in parts.items():
        if part.far:
            place = Place("row", int(part.far.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")), name)
            found = Shown(f"a cell at {part.far}", f"单元格 {part.far}")
            findings.fault("cell_far", place=place, found=found, rows=limits.rows, columns=limits.columns)
            return None
    file.seek(0)
    try:
        return _read(CalamineWorkbook.from_filelike(file), parts, limits, findings)
    except (CalamineError, ValueError, OSError) as error:
        findings.fault("zip_damaged", found=Shown(str(error)[:60]))
        return None


def _read(
    book: CalamineWorkbook, parts: Mapping[str, SheetPart], limits: Limits, findings: Findings
) -> Grid | None:
    sheets: list[Sheet] = []
    about = LayerAbout()
    statements: list[str] = []
    left = limits.rows
    for entry in book.sheets_metadata:
        if entry.typ != SheetTypeEnum.WorkSheet:
            findings.warn("sheet_left", place=Place(sheet=entry.name))
            continue
        findings.reached(Place(sheet=entry.name))
        found = book.get_sheet_by_name(entry.name)
        if found.total_height > left:
            findings.fault("rows_limit", place=Place(sheet=entry.name), limit=limits.rows)
            return None
        if found.total_width > limits.columns:
            findings.fault("columns_limit", place=Place(sheet=entry.name), limit=limits.columns)
            return None
        left -= found.total_height
        part = parts.get(entry.name, SheetPart())
        rows = _rows(found, part.failed)
        if entry.name in ABOUT_SHEETS:
            about = about_of_pairs(rows)
            statements = [f"{cells[0]}: {cells[1]}" for cells in rows if len(cells) > 1]
        elif any(not is_empty(cell) for row in rows for cell in row):
            hidden = entry.visible != SheetVisibleEnum.Visible
            sheets.append(_sheet(found, rows, part, hidden=hidden))
    if not sheets:
        findings.fault("sheet_table", found=Shown(", ".join(book.sheet_names)[:60]))
        return None
    return Grid("", "excel", tuple(sheets), about=about, statements=tuple(statements))


def _rows(sheet: CalamineSheet, failed: Mapping[tuple[int, int], str]) -> list[list[Any]]:
    rows = [[_cell(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    for (row, column), error in failed.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = error
    return rows


def _cell(cell: Any) -> Any:
    # calamine writes '' for an empty cell and a float for every number
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) <= _LARGEST_WHOLE else cell
    return cell_json(cell)


def _sheet(sheet: CalamineSheet, rows: Sequence[Sequence[Any]], part: SheetPart, *, hidden: bool) -> Sheet:
    merges = [
        Merge(top, left, min(bottom, len(rows) - 1), right)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        if top < len(rows)
    ]
    return Sheet(
        sheet.name,
        tuple(rows),
        tuple(range(1, len(rows) + 1)),
        tuple(merges),
        hidden,
        unsaved=part.unsaved,
        hidden_rows=frozenset(part.hidden_rows),
        hidden_columns=frozenset(part.hidden_columns),
    )
