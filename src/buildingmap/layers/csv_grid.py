"""The cells of a CSV file: UTF-8 or GBK, commas, semicolons or tabs."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

from buildingmap.layers.csv_table import csv_lines, decoded, split_notes
from buildingmap.layers.findings import Shown
from buildingmap.layers.grid import Grid, Sheet
from buildingmap.layers.notes import about_of_notes

if TYPE_CHECKING:
    from buildingmap.layers.findings import Findings
    from buildingmap.layers.limits import Limits

_LOOKED_AT: Final = 4000
_WHITE: Final = frozenset("\r\n\t\u3000")


def csv_grid(data: bytes, *, limits: Limits, findings: Findings) -> Grid | None:
    """Read every line into cells; None, and faults, where it cannot be. Rows are numbered by the line they begin on."""
    text = decoded(data, findings, is_meant=_is_printable)
    if text is None:
        return None
    notes, body, first_line = split_notes(text)
    rows: list[list[str | None]] = []
    numbers: list[int] = []
    try:
        for number, cells in csv_lines(body, first_line, guarded=bool(notes)):
            if len(rows) >= limits.rows:
                findings.fault("rows_limit", limit=limits.rows)
                return None
            if len(cells) > limits.columns:
                findings.fault("columns_limit", found=len(cells), limit=limits.columns)
                return None
            rows.append([cell or None for cell in cells])
            numbers.append(number)
    except csv.Error as error:
        findings.fault("csv", found=Shown(str(error)[:60]))
        return None
    sheet = Sheet(None, tuple(rows), tuple(numbers))
    return Grid("", "csv", (sheet,), about=about_of_notes(notes), statements=tuple(notes))


def _is_printable(text: str) -> bool:
    """Tell whether people may have written a text."""
    return all(char.isprintable() or char in _WHITE for char in text[:_LOOKED_AT])
