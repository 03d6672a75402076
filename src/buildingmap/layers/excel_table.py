"""Towers in an Excel workbook (.xlsx): the first sheet with known headers, of the same cells that an import reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from openpyxl.utils import get_column_letter

from buildingmap.layers.examining import named
from buildingmap.layers.findings import Shown
from buildingmap.layers.headers import Header, read_header
from buildingmap.layers.merging import filled_down, shared_cells
from buildingmap.layers.sheet_notes import sheet_notes, sheets_left
from buildingmap.layers.tables import HEADER_WITHIN, find_header, table_layer
from buildingmap.layers.values import is_empty
from buildingmap.layers.workbook_grid import workbook_grid
from buildingmap.model.faults import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildingmap.layers.findings import Findings
    from buildingmap.layers.grid import Grid, Sheet
    from buildingmap.layers.limits import Limits
    from buildingmap.layers.raw import RawLayer
    from buildingmap.layers.tables import Line
    from buildingmap.layers.tables import Sheet as Top

# what adds up over rows: one amount for several rows is no row's own
AMOUNTS = frozenset({"money", "area"})


def read_excel(file: BinaryIO, *, limits: Limits, findings: Findings) -> RawLayer | None:
    """Read the first sheet with known headers; None, and faults, where there is none or it cannot be read."""
    grid = workbook_grid(file, limits=limits, findings=findings)
    if grid is None:
        return None
    for sheet in grid.sheets:
        top = find_header([(number, cells) for number, cells in _numbered(sheet)][:HEADER_WITHIN])
        if top is not None:
            return _layer(grid, sheet, top, limits, findings)
    found = Shown(", ".join(str(sheet.name) for sheet in grid.sheets)[:60])
    findings.fault("sheet_table", found=found)
    return None


def _numbered(sheet: Sheet) -> Iterator[Line]:
    return zip(sheet.numbers, sheet.rows, strict=True)


def _layer(grid: Grid, sheet: Sheet, top: Top, limits: Limits, findings: Findings) -> RawLayer | None:
    below = sheet.numbers.index(top.row)
    readings = {place: read for place, text in enumerate(top.headers) if text and (read := read_header(text))}
    rows = range(below + 1, len(sheet.rows))
    fields = {place: (read.field, top.headers[place]) for place, read in readings.items()}
    findings.warnings += sheets_left(grid.sheets, sheet)
    findings.warnings += sheet_notes(sheet, below=below, rows=rows, fields=fields)
    lines = _lines(sheet, top, below, readings, findings)
    return table_layer(
        lines,
        top,
        format_="excel",
        limits=limits,
        findings=findings,
        sheet=sheet.name,
        about=grid.about,
        notes=grid.statements,
    )


def _lines(
    sheet: Sheet, top: Top, below: int, readings: dict[int, Header], findings: Findings
) -> Iterator[Line]:
    """Yield the rows below the header, merged cells filled; a formula without a value is a fault of its cell."""
    filled = filled_down(sheet, below=below)
    shared = shared_cells(filled, range(below + 1, len(sheet.rows)))
    for position in range(below + 1, len(sheet.rows)):
        number, cells = sheet.numbers[position], list(sheet.rows[position])
        place = Place("row", number, sheet.name)
        for column, reading in readings.items():
            own: Any = cells[column] if column < len(cells) else None
            if is_empty(own) and (position, column) in filled:
                own = filled[position, column]
                cells += [None] * (column + 1 - len(cells))
                cells[column] = own
            if reading.kind in AMOUNTS and (position, column) in shared:
                name = named(reading.field, top.headers[column])
                findings.fault("cell_merged", place=place, name=name, found=own)
        # as in an import, a column that is not read harms nothing
        for column in readings:
            formula = sheet.unsaved.get((position, column))
            if formula is not None:
                findings.fault(
                    "cell_formula", place=place, name=_cell(top, column, number), found=Shown(formula)
                )
        yield number, cells


def _cell(top: Top, column: int, number: int) -> str:
    return f"{top.headers[column]} ({get_column_letter(column + 1)}{number})"
