"""The reading process: one file in, one answer out. Started by ``supervise``, never by a user."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from buildingmap.layers.checked import CheckedLayer
from buildingmap.layers.confine import confine
from buildingmap.layers.exchange import Request, write_answer
from buildingmap.layers.findings import Findings
from buildingmap.layers.grid import Grid
from buildingmap.layers.grid_exchange import write_grid


def main(folder: Path) -> None:
    """Read what the request in ``folder`` asks for and leave the answer there."""
    request = Request.read(folder)
    limits = request.limits
    confine(seconds=limits.seconds, memory_bytes=limits.reader_bytes, written_bytes=4 * limits.unpacked_bytes)
    try:
        if request.answer == "grid":
            _read_grid(request, folder)
            return
        layer = _read(request, folder)
    except MemoryError:
        findings = Findings()
        findings.fault("memory_limit", limit=limits.memory_mb)
        faults, warnings = findings.of_file(str(request.path))
        if request.answer == "grid":
            write_grid(Grid(str(request.path), faults=faults, warnings=warnings), folder)
            return
        layer = CheckedLayer(str(request.path), 0, faults, warnings)
    write_answer(layer, folder, towers=request.answer == "towers" and layer.ok)


def _read_grid(request: Request, folder: Path) -> None:
    from buildingmap.layers.grid_reading import grids_here  # noqa: PLC0415 - once confined, as below

    write_grid(grids_here(request.path, limits=request.limits, scratch=folder), folder)


def _read(request: Request, folder: Path) -> CheckedLayer:
    # imported once confined: the libraries that see the file start without a network
    import shapely  # noqa: PLC0415

    from buildingmap.layers.reading import read_here  # noqa: PLC0415
    from buildingmap.model.surroundings import Boundary  # noqa: PLC0415

    assert request.district is not None
    boundaries = []
    for cluster, outline in request.boundaries:
        shape = shapely.from_wkb(outline)
        assert isinstance(shape, shapely.Polygon | shapely.MultiPolygon)
        boundaries.append(Boundary(cluster, shape, rule="", source="", as_of=None, schematic=False))
    return read_here(
        request.path,
        district=request.district,
        boundaries=boundaries,
        datum=request.datum,
        strict=request.strict,
        limits=request.limits,
        scratch=folder,
    )


if __name__ == "__main__":
    # one file, then the end: looking for cycles among a million cells is half the time and frees nothing
    gc.disable()
    main(Path(sys.argv[1]))
