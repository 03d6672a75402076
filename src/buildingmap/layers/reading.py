"""Read a layer in this process: the one that ``supervise`` starts and watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildingmap.layers.checked import CheckedLayer
from buildingmap.layers.counts import count_towers
from buildingmap.layers.findings import REACHED, Findings
from buildingmap.layers.geojson import read_geojson
from buildingmap.layers.opening import Opened, open_layer
from buildingmap.layers.rows import towers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from buildingmap.crs import Datum
    from buildingmap.layers.limits import Limits
    from buildingmap.layers.raw import RawLayer
    from buildingmap.model import Boundary, District


def read_here(
    path: Path,
    *,
    district: District,
    boundaries: Sequence[Boundary] = (),
    datum: Datum | None = None,
    strict: bool = False,
    limits: Limits,
    scratch: Path,
) -> CheckedLayer:
    """Read and check the layer at ``path``; every fault is in the result, none is raised.

    ``scratch`` is a folder that archives may be unpacked into.
    """
    findings = Findings(trace=scratch / REACHED)
    opened = open_layer(path, limits=limits, findings=findings)
    raw = None
    if opened is not None:
        with opened.file:
            raw = raw_layer(opened, limits, scratch, findings)
    if raw is None:
        faults, warnings = findings.of_file(str(path))
        return CheckedLayer(str(path), 0, faults, warnings)
    read = towers(
        raw, district=district, boundaries=boundaries, datum=datum, strict=strict, findings=findings
    )
    faults, warnings = findings.of_file(str(path))
    if faults:
        return CheckedLayer(str(path), len(raw.rows), faults, warnings, about=raw.about)
    counts = count_towers(read.buildings, district)
    return CheckedLayer(
        str(path), len(raw.rows), faults, warnings, read.buildings, read.geometry, raw.about, counts
    )


def raw_layer(opened: Opened, limits: Limits, scratch: Path, findings: Findings) -> RawLayer | None:
    """Return the rows of an opened file; None, and faults, where it cannot be read."""
    # each reader is imported when its format is met: a GeoJSON layer needs neither GDAL nor openpyxl
    if opened.format == "geojson":
        return read_geojson(opened.file.read(), limits=limits, findings=findings)
    if opened.format == "shapefile":
        from buildingmap.layers.shapefile import read_shapefile  # noqa: PLC0415

        return read_shapefile(opened.file, scratch, limits=limits, findings=findings)
    if opened.format == "csv":
        from buildingmap.layers.csv_table import read_csv  # noqa: PLC0415

        return read_csv(opened.file.read(), limits=limits, findings=findings)
    if opened.format == "excel":
        from buildingmap.layers.excel_table import read_excel  # noqa: PLC0415

        return read_excel(opened.file, limits=limits, findings=findings)
    from buildingmap.layers.geopackage import read_geopackage  # noqa: PLC0415

    return read_geopackage(opened.path, limits=limits, findings=findings)
