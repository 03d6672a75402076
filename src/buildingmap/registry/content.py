"""Stored rows as a snapshot, and a layer or a snapshot's holdings as the first rows of a registry."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import shapely

from buildingmap.model import RECORDS, Building, Expected, Fault, TaxEntry, building_from_row, record_from_row
from buildingmap.registry.changes import Change
from buildingmap.registry.errors import RecordFaultsError, RegistryDamagedError
from buildingmap.registry.rows import BUILDING_FIELDS
from buildingmap.snapshot import Holdings, LayerNote, Snapshot, Stamp, build_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.engine import RowMapping

    from buildingmap.layers import CheckedLayer
    from buildingmap.model import District, Record, Surroundings

    Values = Mapping[str, Any]
    Rows = Mapping[str, Mapping[str, Values]]

_NEW: Final = 0


def tax_record_id(building_id: str, year: int, *, quarter: int | None = None, tax_type: str = "") -> str:
    """Return the usual id of a tax record: ``CBD-01:2023``, ``CBD-01:2023:Q1``, ``CBD-01:2023::增值税``."""
    parts = [building_id, str(year), "" if quarter is None else f"Q{quarter}", tax_type]
    return ":".join(parts).rstrip(":")


def changes_of_layer(layer: CheckedLayer) -> list[Change]:
    """Return the changes that put every tower of a checked layer, and its annual taxes, into an empty registry.

    Raises RecordFaultsError for a tax without a year, which no registry can keep.
    """
    changes, faults = [], []
    for building, shape in zip(layer.buildings, layer.geometry, strict=True):
        if building.tax_year is None and (building.tax_yuan, building.district_revenue_yuan) != (None, None):
            faults.append(Fault(Expected.of("tax_year"), "tax_year", "nothing", building_id=building.id))
        changes.append(_building(building, shape))
        changes += tax_changes(building)
    if faults:
        raise RecordFaultsError(faults)
    return changes


def building_values(building: Building, shape: shapely.Geometry | None) -> dict[str, Any]:
    """Return what the table ``building`` keeps of a tower, JSON-ready."""
    known = building.properties()
    geometry = None if shape is None else str(shapely.to_wkb(shape, hex=True, byte_order=1))
    return {name: known[name] for name in BUILDING_FIELDS} | {"geometry": geometry}


def _building(building: Building, shape: shapely.Geometry) -> Change:
    return Change("building", building.id, building_values(building, shape), _NEW)


def tax_changes(building: Building) -> list[Change]:
    """Return the annual tax records of a tower as rows that must not exist yet."""
    changes = []
    for record in building.tax_records:
        row_id = tax_record_id(building.id, record.year)
        values = record.model_dump(mode="json") | {
            "building_id": building.id,
            "source": building.source,
            "as_of": None if building.as_of is None else building.as_of.isoformat(),
        }
        changes.append(Change("tax_record", row_id, values, _NEW))
    return changes


def changes_of_holdings(holdings: Holdings, *, present: Iterable[tuple[str, str]] = ()) -> list[Change]:
    """Return the changes that add every record of ``holdings``; a record of ``present`` is written over."""
    known = set(present)
    changes = []
    for table, records in holdings.records.items():
        for record in records:
            values = record.values()
            if table == "site":
                shape = holdings.site_shapes.get(record.id)
                values["geometry"] = (
                    None if shape is None else str(shapely.to_wkb(shape, hex=True, byte_order=1))
                )
            changes.append(Change(table, record.id, values, None if (table, record.id) in known else _NEW))
    return changes


def snapshot_of_rows(
    rows: Rows,
    *,
    district: District,
    surroundings: Surroundings,
    version: str,
    note: LayerNote,
    stamps: Mapping[tuple[str, str], Stamp] | None = None,
) -> Snapshot:
    """Lay stored rows out as a snapshot.

    Raises RegistryDamagedError where another program wrote what does not pass the check.
    """
    faults: list[Fault] = []
    records: dict[str, tuple[Record, ...]] = {}
    for table in RECORDS:
        found = [record_from_row(table, _own(values), district) for values in _by_id(rows.get(table, {}))]
        records[table] = tuple(record for record in found if not isinstance(record, list))
        faults += [fault for record in found if isinstance(record, list) for fault in record]
    taxes = _annual(records["tax_record"])
    buildings, shapes = [], []
    for values in _by_id(rows["building"]):
        building_id = values["id"]
        built = building_from_row({**_own(values), "tax_history": taxes.get(building_id, [])}, district)
        if isinstance(built, list):
            faults += built
            continue
        if values["geometry"] is None:
            faults.append(Fault(Expected.of("shape_missing"), "geometry", "nothing", building_id=building_id))
            continue
        buildings.append(built)
        shapes.append(values["geometry"])
    if faults:
        raise RegistryDamagedError(faults)
    sites = {
        row_id: values["geometry"] for row_id, values in rows.get("site", {}).items() if values["geometry"]
    }
    return build_snapshot(
        buildings,
        list(shapely.from_wkb(shapes)),
        district=district,
        surroundings=surroundings,
        version=version,
        note=note,
        holdings=Holdings(
            records, dict(zip(sites, shapely.from_wkb(list(sites.values())), strict=True)), stamps or {}
        ),
    )


def _by_id(rows: Mapping[str, Values]) -> list[Values]:
    """Return rows in the order of their ids, whatever order the store or its past has them in.

    What is computed from a version is then the same to the last digit, now and later, on either store.
    """
    return [rows[row_id] for row_id in sorted(rows)]


def _own(values: Values) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "geometry"}


def _annual(entries: Sequence[Record]) -> dict[str, list[dict[str, Any]]]:
    taxes: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        assert isinstance(entry, TaxEntry)
        # a year of which only the number of taxpayers is known is no figure of the tower's
        known = entry.tax_yuan is not None or entry.district_revenue_yuan is not None
        if entry.is_annual_total and known:
            taxes.setdefault(entry.building_id, []).append(
                {
                    "year": entry.year,
                    "tax_yuan": entry.tax_yuan,
                    "district_revenue_yuan": entry.district_revenue_yuan,
                }
            )
    for records in taxes.values():
        records.sort(key=lambda record: record["year"])
    return taxes


def stamp(row: RowMapping) -> Stamp:
    """Return the stamp of a stored row."""
    return Stamp(row["version"], datetime.fromisoformat(row["changed_at"]), row["changed_by"])
