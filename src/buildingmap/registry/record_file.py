"""Records kept in a file of their own beside a layer: JSON, by table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import orjson

from buildingmap.model import RECORDS, Place, record_from_row
from buildingmap.registry.errors import RecordFaultsError, RegistryError
from buildingmap.snapshot import Holdings

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.model import District, Fault, Record

# what holds for a record that does not say its own
_INHERITED: Final[tuple[str, ...]] = ("source", "as_of")


def read_holdings(path: Path, district: District) -> Holdings:
    """Return the records of ``path``: ``{"source": …, "as_of": …, "records": {table: [row, …]}}``.

    A row without a source or an as-of date has that of the file. Raises RegistryError for a file that cannot be
    read as that, and RecordFaultsError with every fault of its rows.
    """
    document = _document(path)
    inherited: dict[str, Any] = {name: document[name] for name in _INHERITED if name in document}
    faults: list[Fault] = []
    records: dict[str, tuple[Record, ...]] = {}
    for table, rows in document["records"].items():
        if table not in RECORDS or not isinstance(rows, list):
            raise RegistryError(
                f"{path}: found table {table!r}, expected rows of one of {', '.join(RECORDS)}"
            )
        found = []
        for number, row in enumerate(rows, start=1):
            values = inherited | row if isinstance(row, dict) else {"id": row}
            record = record_from_row(table, values, district)
            if isinstance(record, list):
                place = Place("row", number, table)
                faults += [replace(fault, file=str(path), place=place) for fault in record]
            else:
                found.append(record)
        records[table] = tuple(found)
    if faults:
        raise RecordFaultsError(faults)
    return Holdings(records)


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
