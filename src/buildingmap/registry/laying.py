"""The content of the store laid out as a snapshot: from its tables, or from its trail as of any version."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from buildingmap.registry import content, history
from buildingmap.registry.rows import TABLES, table_of, values_of
from buildingmap.registry.schema import REGISTRY
from buildingmap.registry.trail import in_force
from buildingmap.snapshot import LayerNote, Stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine import RowMapping

    from buildingmap.model import District, Surroundings
    from buildingmap.snapshot import Snapshot

    Rows = dict[str, dict[str, dict[str, Any]]]
    Stamps = dict[tuple[str, str], Stamp]


def note_of(state: RowMapping) -> LayerNote:
    """Return what must be said wherever the registry's content is shown."""
    return LayerNote(
        title=state["title"], synthetic=state["synthetic"], source=state["source"], as_of=state["as_of"]
    )


def of_tables(connection: Connection, district: District, surroundings: Surroundings) -> tuple[Snapshot, int]:
    """Return the version in force as the tables hold it, and its number.

    Raises RegistryDamagedError, or what reading a cell raises, where another program wrote what cannot be read.
    """
    rows: Rows = {}
    stamps: Stamps = {}
    for table in TABLES:
        columns = table_of(table)
        found = connection.execute(select(columns).order_by(columns.c.id)).mappings().all()
        rows[table] = {row["id"]: values_of(table, row) for row in found}
        stamps |= {(table, row["id"]): content.stamp(row) for row in found}
    return _laid_out(connection, rows, stamps, None, district, surroundings)


def of_trail(connection: Connection, district: District, surroundings: Surroundings) -> tuple[Snapshot, int]:
    """Return the version in force as the trail tells it, which passed the check when it was written."""
    told = in_force(connection, TABLES)
    rows = {table: {row_id: values for row_id, (values, _) in words.items()} for table, words in told.items()}
    stamps = {
        (table, row_id): Stamp(word.version, datetime.fromisoformat(word.changed_at), word.changed_by)
        for table, words in told.items()
        for row_id, (_, word) in words.items()
    }
    return _laid_out(connection, rows, stamps, None, district, surroundings)


def of_version(
    connection: Connection, version: int, district: District, surroundings: Surroundings
) -> Snapshot:
    """Return the layer as it stood at ``version``. Raises UnknownRecordError."""
    rows = history.rows_at(connection, version)
    return _laid_out(connection, rows, {}, version, district, surroundings)[0]


def _laid_out(  # noqa: PLR0917 - one call for three callers
    connection: Connection,
    rows: Rows,
    stamps: Stamps,
    version: int | None,
    district: District,
    surroundings: Surroundings,
) -> tuple[Snapshot, int]:
    state = connection.execute(select(REGISTRY)).mappings().one()
    number = int(state["version"]) if version is None else version
    snapshot = content.snapshot_of_rows(
        rows,
        district=district,
        surroundings=surroundings,
        version=f"{state['uid'][:8]}-{number}",
        note=note_of(state),
        stamps=stamps,
    )
    return snapshot, number
