"""A GeoPackage, read as the SQLite database it is: read-only, nothing in it run, every value with its own type.

GDAL would make a 0 of text in a number column; SQLite says what stands there.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from buildingmap.layers.findings import Shown
from buildingmap.layers.notes import about_of_notes
from buildingmap.layers.raw import RawLayer, RawRow
from buildingmap.layers.wkb import shapes_from_wkb
from buildingmap.model.faults import Place

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.layers.checked import LayerAbout
    from buildingmap.layers.findings import Findings
    from buildingmap.layers.limits import Limits

_LONGEST_VALUE: Final = 16 * 1024 * 1024
_LONGEST_SQL: Final = 100_000
# written by every GeoPackage library to keep its spatial index and counts; never run here
_KNOWN_TRIGGERS: Final = ("rtree_", "trigger_insert_feature_count_", "trigger_delete_feature_count_", "gpkg_")
_ALLOWED: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})
_FUNCTIONS: Final = frozenset({"count", "lower", "length"})
_OWN_KEYS: Final = frozenset({"fid", "ogc_fid"})
_ENVELOPE_BYTES: Final = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_GEOMETRY_HEADER_BYTES: Final = 8
_EMPTY: Final = 0x10


class _RefusedError(Exception):
    """The database is not one that is read; the fault has been noted."""


def read_geopackage(path: Path, *, limits: Limits, findings: Findings) -> RawLayer | None:
    """Read the one feature table of a GeoPackage; None, and faults, where there is none or several."""
    for suffix in ("-wal", "-journal"):
        side = path.with_name(path.name + suffix)
        if side.is_file() and side.stat().st_size:
            findings.fault("gpkg_open", found=side.name)
            return None
    try:
        database = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            return _read(database, limits, findings)
        finally:
            database.close()
    except sqlite3.Error as error:
        findings.fault("gpkg_damaged", found=Shown(str(error)[:60]))
    except _RefusedError:
        pass
    return None


def _read(database: sqlite3.Connection, limits: Limits, findings: Findings) -> RawLayer:
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    database.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, _LONGEST_SQL)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.set_authorizer(_authorize)
    _nothing_to_run(database, findings)
    table = _feature_table(database, findings)
    column, srs_id = _geometry_column(database, table, findings)
    about = _about(database, table)
    raw = _rows(database, table, column, crs=_crs(database, srs_id), limits=limits, findings=findings)
    return replace(raw, about=about)


def _about(database: sqlite3.Connection, table: str) -> LayerAbout:
    """Return what the description of one of our own exports says."""
    found = database.execute(
        "SELECT description FROM gpkg_contents WHERE table_name = ?", (table,)
    ).fetchone()
    text = found[0] if found and isinstance(found[0], str) else ""
    return about_of_notes(text.splitlines())


def _authorize(
    action: int, _first: str | None, second: str | None, _database: str | None, _trigger: str | None
) -> int:
    if action in _ALLOWED or (action == sqlite3.SQLITE_FUNCTION and second in _FUNCTIONS):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _refuse(findings: Findings, code: str, found: str) -> _RefusedError:
    findings.fault(code, found=found)
    return _RefusedError()


def _nothing_to_run(database: sqlite3.Connection, findings: Findings) -> None:
    for kind, name, sql in database.execute("SELECT type, name, sql FROM sqlite_master"):
        text = " ".join(str(sql).lower().split())
        virtual = text.startswith("create virtual table") and " using rtree" not in text
        if virtual or (kind == "trigger" and not str(name).lower().startswith(_KNOWN_TRIGGERS)):
            raise _refuse(findings, "gpkg_code", f"{'virtual table' if virtual else kind} {name}")


def _feature_table(database: sqlite3.Connection, findings: Findings) -> str:
    query = "SELECT table_name FROM gpkg_contents WHERE lower(data_type) = 'features'"
    tables = [str(name) for (name,) in database.execute(query)]
    if len(tables) != 1:
        raise _refuse(findings, "gpkg_one", ", ".join(tables) or "none")
    kinds = dict(database.execute("SELECT name, type FROM sqlite_master WHERE name = ?", tables))
    if kinds.get(tables[0]) != "table":
        raise _refuse(findings, "gpkg_code", f"{kinds.get(tables[0], 'no table')} {tables[0]}")
    return tables[0]


def _geometry_column(database: sqlite3.Connection, table: str, findings: Findings) -> tuple[str, int]:
    query = "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?"
    columns = database.execute(query, (table,)).fetchall()
    if len(columns) != 1 or not isinstance(columns[0][1], int):
        raise _refuse(findings, "gpkg_damaged", "no geometry column")
    return str(columns[0][0]), columns[0][1]


def _crs(database: sqlite3.Connection, srs_id: int) -> str | None:
    # -1 and 0 are the format's own "undefined"
    if srs_id <= 0:
        return None
    query = (
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?"
    )
    found = database.execute(query, (srs_id,)).fetchone()
    if found is None:
        return f"EPSG:{srs_id}"
    organization, number, definition = found
    if str(organization).upper() == "EPSG":
        return f"EPSG:{number}"
    # GDAL writes an undefined system as one of its own
    return (
        None if str(definition).upper().startswith(("UNDEFINED", "LOCAL_CS", "ENGCRS")) else str(definition)
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _rows(
    database: sqlite3.Connection,
    table: str,
    column: str,
    *,
    crs: str | None,
    limits: Limits,
    findings: Findings,
) -> RawLayer:
    (count,) = database.execute(f"SELECT count(*) FROM {_quoted(table)}").fetchone()  # noqa: S608 - quoted above
    if count > limits.rows:
        findings.fault("rows_limit", found=count, limit=limits.rows)
        raise _RefusedError
    database.text_factory = bytes
    cursor = database.execute(f"SELECT * FROM {_quoted(table)}")  # noqa: S608 - quoted above
    names = [description[0] for description in cursor.description]
    if len(names) > limits.columns:
        findings.fault("columns_limit", found=len(names), limit=limits.columns)
        raise _RefusedError
    blobs: list[bytes | None] = []
    table_rows: list[dict[str, Any]] = []
    for number, values in enumerate(cursor, start=1):
        record = dict(zip(names, values, strict=True))
        blobs.append(_wkb(record.pop(column, None)))
        table_rows.append(_cells(record, number, findings))
        if findings.full:
            raise _RefusedError
    places = [Place("row", number) for number in range(1, len(blobs) + 1)]
    ids = [str(row.get("id") or "")[:64] for row in table_rows]
    shapes = shapes_from_wkb(blobs, places, ids, limits=limits, findings=findings)
    rows = tuple(
        RawRow(place, cells, shape) for place, cells, shape in zip(places, table_rows, shapes, strict=True)
    )
    headers = tuple(name for name in names if name != column and name.lower() not in _OWN_KEYS)
    return RawLayer("geopackage", headers, rows, crs)


def _cells(record: dict[str, Any], number: int, findings: Findings) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for name, value in record.items():
        if name.lower() in _OWN_KEYS:
            continue
        cells[name] = value
        if isinstance(value, bytes):
            try:
                cells[name] = value.decode("utf-8")
            except UnicodeDecodeError:
                findings.fault(
                    "text_encoding", place=Place("row", number), name=name, found=value, encoding="utf-8"
                )
                cells[name] = None
    return cells


def _wkb(value: Any) -> bytes | None:
    """Return the WKB inside a GeoPackage geometry (clause 2.1.3): magic, version, flags, SRS, envelope, WKB."""
    if not isinstance(value, bytes):
        return None
    flags = value[3] if len(value) > _GEOMETRY_HEADER_BYTES and value[:2] == b"GP" else None
    if flags is None or (flags >> 1) & 0x7 not in _ENVELOPE_BYTES:
        return b""
    if flags & _EMPTY:
        return None
    return value[_GEOMETRY_HEADER_BYTES + _ENVELOPE_BYTES[(flags >> 1) & 0x7] :]
