"""Read a layer here and now, in this process. ``read_layer`` does it in one that can be ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildingmap.layers.checked import CheckedLayer
from buildingmap.layers.findings import Findings
from buildingmap.layers.geojson import read_geojson
from buildingmap.layers.limits import Limits
from buildingmap.layers.opening import Opened, open_layer
from buildingmap.layers.rows import towers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from buildingmap.crs import Datum
    from buildingmap.layers.raw import RawLayer
    from buildingmap.model import Boundary, District, Surroundings


def read_here(
    path: Path,
    *,
    district: District,
    boundaries: Sequence[Boundary] = (),
    datum: Datum | None = None,
    strict: bool = False,
    limits: Limits,
) -> CheckedLayer:
    """Read and check the layer at ``path``; every fault is in the result, none is raised."""
    findings = Findings()
    opened = open_layer(path, limits=limits, findings=findings)
    raw = None
    if opened is not None:
        with opened.file:
            raw = _raw(opened, limits, findings)
    if raw is None:
        faults, warnings = findings.of_file(str(path))
        return CheckedLayer(str(path), 0, faults, warnings)
    read = towers(
        raw, district=district, boundaries=boundaries, datum=datum, strict=strict, findings=findings
    )
    faults, warnings = findings.of_file(str(path))
    return CheckedLayer(str(path), len(raw.rows), faults, warnings, read.buildings, read.geometry, raw.about)


def _raw(opened: Opened, limits: Limits, findings: Findings) -> RawLayer | None:
    return read_geojson(opened.file.read(), limits=limits, findings=findings)


def read_layer(
    path: Path,
    *,
    district: District,
    surroundings: Surroundings | None = None,
    datum: Datum | None = None,
    strict: bool = False,
    limits: Limits | None = None,
) -> CheckedLayer:
    """Read and check the layer at ``path``."""
    return read_here(
        path,
        district=district,
        boundaries=surroundings.boundaries if surroundings is not None else (),
        datum=datum,
        strict=strict,
        limits=limits or Limits(),
    )
