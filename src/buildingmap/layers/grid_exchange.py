"""What the reading process answers when it is asked for a file's cells: a note in JSON and a file per sheet."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import orjson

from buildingmap.layers.checked import LayerAbout
from buildingmap.layers.exchange import ANSWER, fault_json, fault_of
from buildingmap.layers.grid import Grid, Merge, Sheet

if TYPE_CHECKING:
    from pathlib import Path

_SHEET: Final = "sheet-{}.json"


def write_grid(grid: Grid, folder: Path) -> None:
    """Put what was read into ``folder``: the answer last, so that a half-written one is never taken."""
    for number, sheet in enumerate(grid.sheets):
        (folder / _SHEET.format(number)).write_bytes(orjson.dumps(sheet.rows))
    value = {
        "format": grid.format,
        "crs": grid.crs,
        "about": asdict(grid.about),
        "faults": [fault_json(fault) for fault in grid.faults],
        "warnings": [fault_json(fault) for fault in grid.warnings],
        "statements": grid.statements,
        "sheets": [_note(sheet) for sheet in grid.sheets],
    }
    (folder / ANSWER).write_bytes(orjson.dumps(value))


def _note(sheet: Sheet) -> dict[str, Any]:
    return {
        "name": sheet.name,
        "numbers": sheet.numbers,
        "merges": [asdict(merge) for merge in sheet.merges],
        "hidden": sheet.hidden,
        "shapes": sheet.shapes,
        "unsaved": [[*cell, text] for cell, text in sorted(sheet.unsaved.items())],
        "hidden_rows": sorted(sheet.hidden_rows),
        "hidden_columns": sorted(sheet.hidden_columns),
    }


def read_grid_answer(folder: Path, file: str) -> Grid:
    """Take the cells out of ``folder``, about ``file`` as its user named it. Raises ValueError, KeyError, TypeError."""
    value = orjson.loads((folder / ANSWER).read_bytes())
    sheets = []
    for number, note in enumerate(value["sheets"]):
        rows = orjson.loads((folder / _SHEET.format(number)).read_bytes())
        if len(rows) != len(note["numbers"]) or not all(isinstance(row, list) for row in rows):
            raise ValueError("rows and their numbers differ")
        sheets.append(
            Sheet(
                note["name"],
                tuple(rows),
                tuple(note["numbers"]),
                tuple(Merge(**merge) for merge in note["merges"]),
                note["hidden"],
                None if note["shapes"] is None else tuple(note["shapes"]),
                {(row, column): text for row, column, text in note["unsaved"]},
                frozenset(note["hidden_rows"]),
                frozenset(note["hidden_columns"]),
            )
        )
    return Grid(
        file,
        value["format"],
        tuple(sheets),
        value["crs"],
        LayerAbout(**value["about"]),
        tuple(fault_of(entry, file) for entry in value["faults"]),
        tuple(fault_of(entry, file) for entry in value["warnings"]),
        tuple(map(str, value["statements"])),
    )
