"""Read a file into grids in this process: the one that ``supervise`` starts and watches."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from buildingmap.layers.findings import REACHED, Findings
from buildingmap.layers.grid import Grid, Sheet, cell_json
from buildingmap.layers.opening import Opened, open_layer
from buildingmap.layers.reading import raw_layer

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.layers.limits import Limits
    from buildingmap.layers.raw import RawLayer


def grids_here(path: Path, *, limits: Limits, scratch: Path) -> Grid:
    """Read the file at ``path`` into cells; every fault is in the result, none is raised.

    ``scratch`` is a folder that archives may be unpacked into.
    """
    findings = Findings(trace=scratch / REACHED)
    opened = open_layer(path, limits=limits, findings=findings)
    grid = None
    if opened is not None:
        with opened.file:
            grid = _grid(opened, limits, scratch, findings)
    faults, warnings = findings.of_file(str(path))
    if grid is None or faults:
        return Grid(str(path), faults=faults, warnings=warnings)
    return replace(grid, file=str(path), warnings=warnings)


def _grid(opened: Opened, limits: Limits, scratch: Path, findings: Findings) -> Grid | None:
    if opened.format == "excel":
        from buildingmap.layers.workbook_grid import workbook_grid  # noqa: PLC0415 - when its format is met

        return workbook_grid(opened.file, limits=limits, findings=findings)
    if opened.format == "csv":
        from buildingmap.layers.csv_grid import csv_grid  # noqa: PLC0415 - when its format is met

        return csv_grid(opened.file.read(), limits=limits, findings=findings)
    raw = raw_layer(opened, limits, scratch, findings)
    if raw is None:
        return None
    findings.faults.extend(raw.faults)
    findings.warnings.extend(raw.warnings)
    return _of_features(raw)


def _of_features(raw: RawLayer) -> Grid:
    import shapely  # noqa: PLC0415 - a table has no shapes

    shapes: list[str | None] = [None]
    shapes += [None if row.shape is None else str(shapely.to_wkb(row.shape, hex=True)) for row in raw.rows]
    rows = (raw.headers, *(tuple(cell_json(row.cells.get(name)) for name in raw.headers) for row in raw.rows))
    numbers = (0, *(row.place.number or 0 for row in raw.rows))
    sheet = Sheet(None, rows, numbers, shapes=tuple(shapes))
    return Grid("", raw.format, (sheet,), raw.crs, raw.about, statements=raw.statements)
