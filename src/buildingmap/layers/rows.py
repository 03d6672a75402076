"""From raw rows to towers: words become the contract's fields, fields are checked, rows held against each other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import shapely

from buildingmap.layers.coordinates import to_wgs84
from buildingmap.layers.crsnames import labelled, reading_crs
from buildingmap.layers.datum_said import is_doubted, said_datum
from buildingmap.layers.examining import Headed, InHand, derived_field
from buildingmap.layers.footprints import checked_footprints
from buildingmap.layers.headers import read_header
from buildingmap.layers.tower_notes import Tower, tower_notes
from buildingmap.model import Building, building_from_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.crs import Datum
    from buildingmap.layers.findings import Findings
    from buildingmap.layers.raw import RawLayer, RawRow
    from buildingmap.model import Boundary, District, Fault

_CONTRACT: Final = frozenset(Building.model_fields)
_PLACE_FIELDS: Final = ("lon", "lat", "wkt")
_TABLES: Final = frozenset({"csv", "excel"})
_LONGEST_WKT: Final = 2_000_000


class _Converter(Protocol):
    def convert(self, cells: dict[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
        """Return contract-named values of one row, and what could not be read."""


class _Contract:
    """Cells that already carry the contract's names."""

    def convert(self, cells: dict[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
        return dict(cells), []


@dataclass(frozen=True, slots=True)
class Towers:
    """Checked towers and their shapes (WGS84), in the order of the file."""

    buildings: tuple[Building, ...] = ()
    geometry: tuple[shapely.Geometry, ...] = ()


def towers(
    raw: RawLayer,
    *,
    district: District,
    boundaries: Sequence[Boundary],
    datum: Datum | None,
    strict: bool,
    findings: Findings,
) -> Towers:
    """Check every row of a raw layer; what is wrong goes to ``findings``, and then the result is not to be used."""
    findings.faults.extend(raw.faults)
    findings.warnings.extend(raw.warnings)
    if not raw.rows:
        if not findings.faults:
            findings.fault("no_rows")
        return Towers()
    read = _read_rows(raw, district, findings)
    shapes = _shapes(raw, read, datum, district=district, strict=strict, findings=findings)
    _ids_differ(read, findings)
    _notes(read, district, findings)
    if findings.faults:
        return Towers()
    buildings = _in_clusters([row.building for row in read if row.building is not None], shapes, boundaries)
    return Towers(tuple(buildings), tuple(shapes))


@dataclass(slots=True)
class _Read:
    raw: RawRow
    id: str
    values: dict[str, Any]
    derived: dict[str, Any]
    building: Building | None
    shape: shapely.Geometry | None


def _read_rows(raw: RawLayer, district: District, findings: Findings) -> list[_Read]:
    converter = _converter(raw, findings)
    derive_ids = raw.format != "geojson" and converter is not None
    read: list[_Read] = []
    named = False
    stated = {name: field for name in raw.headers if (field := derived_field(name)) is not None}
    for row in raw.rows:
        values, faults = converter.convert(
            {name: cell for name, cell in row.cells.items() if name not in stated}
        )
        if derive_ids and "id" not in values:
            values["id"], named = _id_of(values.get("name")), True
        derived: dict[str, Any] = {stated[name]: row.cells[name] for name in stated if name in row.cells}
        read.append(_read_row(row, values, derived, faults=faults, district=district, findings=findings))
        if findings.full:
            break
    if named:
        findings.warn("id_derived", name="id")
    return read


def _converter(raw: RawLayer, findings: Findings) -> _Converter:
    headers = [name for name in raw.headers if derived_field(name) is None]
    if raw.format == "geojson" and _CONTRACT.issuperset(headers):
        return _Contract()
    from buildingmap.layers import columns  # noqa: PLC0415 - most layers need none of its words

    recognised = columns.recognise(headers, format_=raw.format, rows=raw.rows, title=" ".join(raw.statements))
    findings.faults.extend(recognised.faults)
    findings.warnings.extend(recognised.warnings)
    return recognised


def _read_row(
    row: RawRow,
    values: dict[str, Any],
    derived: dict[str, Any],
    *,
    faults: list[Fault],
    district: District,
    findings: Findings,
) -> _Read:
    position = {name: values.pop(name, None) for name in _PLACE_FIELDS}
    found = building_from_row({name: value for name, value in values.items() if value is not None}, district)
    unread = {fault.field.split(" (")[0] for fault in faults}
    building = None if isinstance(found, list) else found
    if isinstance(found, list):
        # a cell that could not be read is told once, in the words of the file's own column
        faults = faults + [fault for fault in found if fault.field not in unread]
    row_id = values.get("id")
    known = row_id if isinstance(row_id, str) else ""
    findings.faults.extend(
        replace(fault, place=row.place, building_id=fault.building_id or known[:64]) for fault in faults
    )
    shape = row.shape if row.shape is not None else _shape_of_cells(row, known, position, findings)
    return _Read(row, known, values, derived, building, shape)


def _id_of(name: Any) -> str:
    return "name-" + hashlib.sha256(str(name).encode("utf-8", "replace")).hexdigest()[:10]


def _shape_of_cells(
    row: RawRow, row_id: str, position: dict[str, Any], findings: Findings
) -> shapely.Geometry | None:
    lon, lat, wkt = (position[name] for name in _PLACE_FIELDS)
    where: dict[str, Any] = {"place": row.place, "building_id": row_id}
    if isinstance(wkt, str) and wkt:
        shape = shape_of_wkt(wkt)
        if shape is None:
            findings.fault("wkt", name="wkt", found=wkt, **where)
        return shape
    if isinstance(lon, int | float) and isinstance(lat, int | float):
        return shapely.Point(lon, lat)
    if lon is not None or lat is not None:
        findings.fault("lonlat", name="lon" if lon is None else "lat", found="", **where)
    return None


def shape_of_wkt(text: str) -> shapely.Geometry | None:
    """Return the Point, Polygon or MultiPolygon that a text is, in the file's own system; None for anything else."""
    opening = text[:30].lstrip().upper()
    if len(text) > _LONGEST_WKT or not opening.startswith(("POINT", "POLYGON", "MULTIPOLYGON")):
        return None
    try:
        shape = shapely.force_2d(shapely.from_wkt(text))
    except shapely.GEOSException:
        return None
    finite = not shape.is_empty and bool(np.isfinite(shapely.get_coordinates(shape)).all())
    return shape if finite and shape.geom_type in {"Point", "Polygon", "MultiPolygon"} else None


def _shapes(
    raw: RawLayer,
    read: list[_Read],
    datum: Datum | None,
    *,
    district: District,
    strict: bool,
    findings: Findings,
) -> NDArray[np.object_]:
    shapes = np.full(len(read), None, dtype=object)
    for number, row in enumerate(read):
        shapes[number] = row.shape
    rows, ids = [row.raw for row in read], [row.id for row in read]
    _missing_shapes(raw, read, findings)
    datum = datum or _said(raw, findings)
    system = reading_crs(named=raw.crs, datum=datum, format_=raw.format, findings=findings)
    if system is None:
        return shapes
    if datum is None and raw.crs is None and raw.format in _TABLES and not is_doubted(findings.faults):
        findings.warn("crs_unlabelled")
    shapes = to_wgs84(shapes, rows, ids, system=system, district=district, strict=strict, findings=findings)
    return checked_footprints(shapes, rows, ids, metric=district.metric, findings=findings)


def _said(raw: RawLayer, findings: Findings) -> Datum | None:
    """Return the datum that the file says it is in; where that is unclear, a fault asks for it."""
    columns = [Headed(name, name, read_header(name)) for name in raw.headers]
    cells = [(row.place, row.cells) for row in raw.rows]
    table = InHand(columns, cells, lambda row, name: row.get(name))
    found = said_datum(table, statements=raw.statements, own=labelled(raw.crs))
    for said in found.said:
        (findings.faults if said.refuses else findings.warnings).append(said.fault)
    return found.datum


def _missing_shapes(raw: RawLayer, read: list[_Read], findings: Findings) -> None:
    told = {fault.place for fault in findings.faults if fault.field in {"geometry", *_PLACE_FIELDS}}
    for row in read:
        if row.shape is None and row.raw.place not in told and raw.format != "geojson":
            findings.fault(
                "shape_missing", place=row.raw.place, building_id=row.id, name="geometry", found=""
            )


def _ids_differ(read: list[_Read], findings: Findings) -> None:
    first: dict[str, _Read] = {}
    for row in read:
        if not row.id:
            continue
        earlier = first.setdefault(row.id, row)
        if earlier is not row:
            findings.fault(
                "id_repeated",
                place=row.raw.place,
                building_id=row.id,
                name="id",
                found=row.id,
                other=earlier.raw.place.text(),
            )


def _notes(read: list[_Read], district: District, findings: Findings) -> None:
    towers = [_in_hand(row, row.building) for row in read if row.building is not None]
    findings.warnings.extend(tower_notes(towers, district))
    undated = sum(
        row.building.tax_year is None
        and (row.building.tax_yuan is not None or row.building.district_revenue_yuan is not None)
        for row in read
        if row.building is not None
    )
    if undated:
        findings.warn("tax_undated", name="tax_year", count=undated)


def _in_hand(row: _Read, building: Building) -> Tower:
    # the figure beside the band is the one it is of; without one, the newest of the history
    named = row.values.get("tax_year") is not None or row.values.get("tax_yuan") is not None
    taxes = [building.tax_yuan, *(record.tax_yuan for record in building.tax_history)]
    return Tower(
        row.raw.place,
        row.id,
        building.name,
        building.status,
        assumed=row.values.get("status") is None,
        located=building.cluster is None,
        sector=building.sector,
        sectors=building.sectors,
        taxed=any((tax or 0) > 0 for tax in taxes),
        newest_tax=row.values.get("tax_yuan") if named else building.tax_yuan,
        derived=row.derived,
    )


def _in_clusters(
    buildings: list[Building], shapes: NDArray[np.object_], boundaries: Sequence[Boundary]
) -> list[Building]:
    without = [number for number, building in enumerate(buildings) if building.cluster is None]
    if not without:
        return buildings
    points = shapely.point_on_surface(shapes[without])
    found = np.full(len(without), "other", dtype=object)
    for boundary in reversed(boundaries):
        found[shapely.covers(boundary.shape, points)] = boundary.cluster
    for number, cluster in zip(without, found, strict=True):
        buildings[number] = buildings[number].model_copy(update={"cluster": str(cluster)})
    return buildings
