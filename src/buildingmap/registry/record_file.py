"""Records kept in a file of their own beside a layer: JSON, by table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import orjson
import shapely

from buildingmap.model import RECORDS, Expected, Fault, Place, record_from_row
from buildingmap.model.faults import shown
from buildingmap.registry.errors import RecordFaultsError, RegistryError
from buildingmap.snapshot import Holdings

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.model import District, Record

# what holds for a record that does not say its own
_INHERITED: Final[tuple[str, ...]] = ("source", "as_of")


def read_holdings(path: Path, district: District) -> Holdings:
    """Return the records of ``path``: ``{"source": …, "as_of": …, "records": {table: [row, …]}}``.

    A row without a source or an as-of date has that of the file; a row of ``site`` has its Polygon, WGS84, as
    GeoJSON under ``geometry``. Raises RegistryError for a file that cannot be
    read as that, and RecordFaultsError with every fault of its rows.
    """
    document = _document(path)
    inherited: dict[str, Any] = {name: document[name] for name in _INHERITED if name in document}
    faults: list[Fault] = []
    records: dict[str, tuple[Record, ...]] = {}
    shapes: dict[str, shapely.Geometry] = {}
    for table, rows in document["records"].items():
        if table not in RECORDS or not isinstance(rows, list):
            raise RegistryError(
                f"{path}: found table {table!r}, expected rows of one of {', '.join(RECORDS)}"
            )
        found = []
        for number, row in enumerate(rows, start=1):
            values = inherited | row if isinstance(row, dict) else {"id": row}
            record, shape, wrong = _read(table, values, district)
            place = Place("row", number, table)
            faults += [replace(fault, file=str(path), place=place) for fault in wrong]
            if record is not None:
                found.append(record)
            if record is not None and shape is not None:
                shapes[record.id] = shape
        records[table] = tuple(found)
    if faults:
        raise RecordFaultsError(faults)
    return Holdings(records, shapes)


def _read(
    table: str, values: dict[str, Any], district: District
) -> tuple[Record | None, shapely.Polygon | None, list[Fault]]:
    """Return the record that a row is and, of a site, its shape; what is wrong with either as faults."""
    drawn = values.pop("geometry", None) if table == "site" else None
    found = record_from_row(table, values, district)
    record, faults = (None, found) if isinstance(found, list) else (found, [])
    shape = _shape(drawn)
    if table == "site" and shape is None:
        faults = [*faults, Fault(Expected.of("site_shape"), "geometry", shown(drawn))]
    return record, shape, faults


def _shape(drawn: Any) -> shapely.Polygon | None:
    """Return the valid Polygon that a GeoJSON geometry is, or None."""
    if not isinstance(drawn, dict):
        return None
    try:
        shape = shapely.from_geojson(orjson.dumps(drawn))
    except shapely.GEOSException:
        return None
    return shape if isinstance(shape, shapely.Polygon) and not shape.is_empty and shape.is_valid else None


def _document(path: Path) -> dict[str, Any]:
    try:
        document = orjson.loads(path.read_bytes())
    except OSError as error:
        raise RegistryError(f"{path}: {error.strerror}, expected a file of records") from error
    except orjson.JSONDecodeError as error:
        raise RegistryError(f"{path}: found no JSON ({error}), expected a file of records") from error
    if not isinstance(document, dict) or not isinstance(document.get("records"), dict):
        raise RegistryError(f'{path}: expected {{"records": {{table: rows}}}}')
    return document
