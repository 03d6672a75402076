"""Cells that a workbook merges over several rows: what each row takes from them, and what is said of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from buildingmap.layers.values import is_empty

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from buildingmap.layers.grid import Sheet

Cells = dict[tuple[int, int], Any]


def filled_down(sheet: Sheet, *, below: int) -> Cells:
    """Return what stands in the lower cells of those merged over several rows after ``below``: the text of the first.

    Keys are positions in ``sheet.rows`` and columns.
    """
    cells: Cells = {}
    for merge in sheet.merges:
        if merge.top <= below or merge.bottom == merge.top or merge.top >= len(sheet.rows):
            continue
        first = sheet.rows[merge.top]
        # cells are merged below and beside the last filled one too
        value = first[merge.left] if merge.left < len(first) else None
        for position in range(merge.top + 1, min(merge.bottom + 1, len(sheet.rows))):
            cells[position, merge.left] = value
    return cells


def shared_cells(cells: Mapping[tuple[int, int], Any], rows: Collection[int]) -> frozenset[tuple[int, int]]:
    """Return the filled cells that a merge gives to more than one of ``rows``, the first of them too."""
    rows = set(rows)
    lower = {cell for cell, value in cells.items() if cell[0] in rows and not is_empty(value)}
    first = {(row - 1, column) for row, column in lower if row - 1 in rows}
    return frozenset(lower | first)
