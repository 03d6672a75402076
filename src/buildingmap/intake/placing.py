"""Where the rows of a table of towers or parcels stand: cells or shapes, in the file's datum, as outlines in WGS84."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import shapely

from buildingmap.intake.reading import CellFault
from buildingmap.layers.coordinates import to_wgs84
from buildingmap.layers.crsnames import reading_crs
from buildingmap.layers.datum_said import is_doubted
from buildingmap.layers.findings import Findings
from buildingmap.layers.footprints import checked_footprints
from buildingmap.layers.raw import RawRow
from buildingmap.layers.rows import shape_of_wkt
from buildingmap.model import Fault
from buildingmap.sites import parcel_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.crs import MetricSystem
    from buildingmap.intake.mapping import Mapping as Reading
    from buildingmap.intake.reading import OfficeRow, Read
    from buildingmap.layers import Grid, Sheet
    from buildingmap.model import District, Surroundings

_PLACE_FIELDS: Final = ("lon", "lat", "wkt")
# what a round trip through a table's decimals may move
_SAME_M: Final = 0.05
_FAR_OFF_M: Final = 30.0


@dataclass(slots=True)
class Placed:
    """The shape of each row that has one, WGS84, by its position in the sheet."""

    shapes: dict[int, shapely.Geometry] = field(default_factory=dict)
    warnings: list[Fault] = field(default_factory=list)


def place_rows(read: Read, grid: Grid, sheet: Sheet, mapping: Reading, *, district: District) -> Placed:
    """Take the places out of the rows' values; what is wrong with them goes to ``read.faults``."""
    findings = Findings()
    rows, shapes = [], []
    for row in read.rows:
        shape = _shape(row, sheet, findings)
        if shape is not None:
            rows.append(row)
            shapes.append(shape)
    placed = Placed()
    raw = [RawRow(sheet.place(row.position), {}) for row in rows]
    ids = [str(row.values.get("id") or row.values.get("name") or "") for row in rows]
    system = None
    if rows:
        assert grid.format is not None
        system = reading_crs(named=grid.crs, datum=mapping.datum, format_=grid.format, findings=findings)
    if rows and system is not None:
        told = is_doubted(entry.fault for entry in read.faults)
        if mapping.datum is None and grid.crs is None and grid.format in {"csv", "excel"} and not told:
            findings.warn("crs_unlabelled")
        found = np.empty(len(shapes), dtype=object)
        found[:] = shapes
        of_sites = mapping.target.of_sites
        found = to_wgs84(
            found, raw, ids, system=system, district=district, strict=of_sites, findings=findings
        )
        if of_sites:
            found = _parcels(found, raw, ids, district, findings)
        else:
            found = checked_footprints(found, raw, ids, metric=district.metric, findings=findings)
        placed.shapes = {
            row.position: shape for row, shape in zip(rows, found, strict=True) if shape is not None
        }
    _report(findings, read, sheet, placed, grid.file)
    return placed


def _parcels(
    shapes: NDArray[np.object_],
    rows: Sequence[RawRow],
    ids: Sequence[str],
    district: District,
    findings: Findings,
) -> NDArray[np.object_]:
    """Return ``shapes`` (WGS84, None where refused before) as outlines of parcels; None, and a fault, where refused."""
    result = shapes.copy()
    told = {fault.place for fault in findings.faults}
    for position in np.flatnonzero([shape is not None for shape in shapes]).tolist():
        found = parcel_of(shapes[position], district, row_id=ids[position])
        if rows[position].place in told:  # too far away to be meant
            result[position] = None
        elif isinstance(found, Fault):
            findings.faults.append(replace(found, place=rows[position].place))
            result[position] = None
        else:
            result[position] = found
    return result


def _report(findings: Findings, read: Read, sheet: Sheet, placed: Placed, file: str) -> None:
    position_of = {sheet.place(row.position): row.position for row in read.rows}
    column = next((read.columns[name] for name in ("wkt", "lon") if name in read.columns), None)
    faults, warnings = findings.of_file(file)
    read.faults += [CellFault(fault, position_of.get(fault.place), column) for fault in faults]
    placed.warnings += warnings


def _shape(row: OfficeRow, sheet: Sheet, findings: Findings) -> shapely.Geometry | None:
    lon, lat, wkt = (row.values.pop(name, None) for name in _PLACE_FIELDS)
    row.cleared = [name for name in row.cleared if name not in _PLACE_FIELDS]
    place = sheet.place(row.position)
    own = None if sheet.shapes is None else sheet.shapes[row.position]
    if own is not None:
        return cast("shapely.Geometry", shapely.from_wkb(own))
    if wkt is not None:
        shape = shape_of_wkt(wkt)
        if shape is None:
            findings.fault("wkt", place=place, name="wkt", found=wkt)
        return shape
    if lon is not None and lat is not None:
        return shapely.Point(lon, lat)
    if lon is not None or lat is not None:
        findings.fault("lonlat", place=place, name="lon" if lon is None else "lat", found="")
    return None


def geometry_change(
    known: str | None, shape: shapely.Geometry, metric: MetricSystem
) -> tuple[str | None, float]:
    """Return the hexadecimal WKB that a tower gets, and how many metres a point lies outside the footprint kept.

    A point does not replace a footprint. None: the shape stays as it is; 5 cm are no change.
    """
    written = str(shapely.to_wkb(shape, hex=True, byte_order=1))
    if known is None:
        return written, 0.0
    before = shapely.from_wkb(known)
    metres = metric.shapes(np.array([before, shape], dtype=object))
    if isinstance(shape, shapely.Point) and not isinstance(before, shapely.Point):
        off = float(shapely.distance(metres[0], metres[1]))
        return None, off if off > _FAR_OFF_M else 0.0
    if type(before) is type(shape) and shapely.hausdorff_distance(metres[0], metres[1]) <= _SAME_M:
        return None, 0.0
    return written, 0.0


def cluster_of(shape: shapely.Geometry, surroundings: Surroundings) -> str:
    """Return the cluster in whose official boundary a shape (WGS84) stands, ``other`` where it is in none."""
    point = shapely.point_on_surface(shape)
    found = next(
        (boundary.cluster for boundary in surroundings.boundaries if boundary.shape.covers(point)), None
    )
    return found or "other"
