"""The registry's past: its revisions, what each changed, the rows as of any version."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from buildingmap.registry.changes import Change, Revision, RowChange
from buildingmap.registry.errors import UnknownRecordError
from buildingmap.registry.geometry import UNREADABLE
from buildingmap.registry.rows import TABLES, table_of, values_of
from buildingmap.registry.schema import AUDIT, AUDIT_CHANGE
from buildingmap.registry.settings import SETTINGS
from buildingmap.registry.trail import in_force, noted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    Rows = dict[str, dict[str, dict[str, Any]]]

# what SQLite and PostgreSQL can hold a version in; no registry comes near
_LARGEST: Final = 2**63 - 1
# mappings and scenarios are tools, not the layer: going back in time leaves them alone
LAYER_TABLES: Final = tuple(name for name in TABLES if name not in {"plan", "import_mapping"})


def revisions(connection: Connection, *, before: int | None = None, limit: int = 50) -> list[Revision]:
    """Return revisions, newest first, those older than version ``before`` where it is given."""
    asked = select(AUDIT).order_by(AUDIT.c.version.desc()).limit(limit)
    if before is not None:
        asked = asked.where(AUDIT.c.version < max(0, min(before, _LARGEST)))
    return [Revision(*row) for row in connection.execute(asked)]


def revision(connection: Connection, version: int) -> Revision:
    """Return one revision. Raises UnknownRecordError."""
    asked = select(AUDIT).where(AUDIT.c.version == version)
    row = connection.execute(asked).one_or_none() if 0 < version <= _LARGEST else None
    if row is None:
        raise UnknownRecordError(f"found no version {version}, expected one of the registry's history")
    return Revision(*row)


def changes_of(connection: Connection, version: int) -> list[RowChange]:
    """Return what one revision changed, in the order it was written. Raises UnknownRecordError."""
    revision(connection, version)
    column = AUDIT_CHANGE.c
    asked = select(AUDIT_CHANGE).where(column.version == version).order_by(column.fid)
    return [_row_change(row) for row in connection.execute(asked)]


def history_of(connection: Connection, table: str, row_id: str) -> list[tuple[Revision, RowChange]]:
    """Return every change of one row with its revision, newest first."""
    column = AUDIT_CHANGE.c
    asked = (
        select(AUDIT, AUDIT_CHANGE)
        .join(AUDIT_CHANGE, column.version == AUDIT.c.version)
        .where(column.table_name == table, column.row_id == row_id)
        .order_by(column.version.desc())
    )
    width = len(AUDIT.columns)
    return [(Revision(*row[:width]), _row_change(row[width:])) for row in connection.execute(asked)]


def version_on(connection: Connection, moment: str) -> int:
    """Return the version in force at ``moment``, UTC as the registry writes it. Raises UnknownRecordError."""
    found = connection.execute(select(func.max(AUDIT.c.version)).where(AUDIT.c.at <= moment)).scalar_one()
    if found is None:
        raise UnknownRecordError(
            f"found no version as early as {moment}, expected a time since the registry began"
        )
    return int(found)


def present(connection: Connection, tables: Iterable[str] = LAYER_TABLES) -> Rows:
    """Return the rows in force by table and id, JSON-ready.

    Those of the trail where what another program typed waits to be looked at, or cannot be read.
    """
    with suppress(DBAPIError, *UNREADABLE):
        if not noted(connection):
            return _of_tables(connection, tables)
    return _of_trail(connection, tables)


def _of_tables(connection: Connection, tables: Iterable[str]) -> Rows:
    return {
        name: {
            row["id"]: values_of(name, row)
            for row in connection.execute(select(table_of(name)).order_by(table_of(name).c.id)).mappings()
        }
        for name in tables
    }


def rows_at(connection: Connection, version: int, tables: Iterable[str] = LAYER_TABLES) -> Rows:
    """Return the rows as they stood at ``version``, as the audit trail tells them."""
    revision(connection, version)
    return _of_trail(connection, tables, version=version)


def _of_trail(connection: Connection, tables: Iterable[str], *, version: int | None = None) -> Rows:
    found = in_force(connection, tables, version=version)
    return {table: {row_id: values for row_id, (values, _) in rows.items()} for table, rows in found.items()}


def back_to(connection: Connection, version: int) -> list[Change]:
    """Return the changes that make the layer what it was at ``version``."""
    rows, wanted = present(connection), rows_at(connection, version)
    changes = []
    for table in LAYER_TABLES:
        now, then = rows[table], wanted[table]
        changes += [
            Change(table, row_id, values) for row_id, values in then.items() if now.get(row_id) != values
        ]
        changes += [Change(table, row_id, None) for row_id in now.keys() - then.keys()]
    return changes


def taken_back(connection: Connection, version: int) -> list[Change]:
    """Return the changes that take one revision back; each expects its row as that revision left it."""
    return [
        Change(change.table, change.row_id, change.before, _expected_version(change))
        for change in changes_of(connection, version)
    ]


def _expected_version(change: RowChange) -> int | None:
    if change.table == SETTINGS:  # which have no version of their own
        return None
    return 0 if change.after is None else change.version


def difference(connection: Connection, first: int, second: int) -> list[RowChange]:
    """Return how the rows at version ``second`` differ from those at ``first``, by table and id."""
    old, new = rows_at(connection, first), rows_at(connection, second)
    return [
        RowChange(second, table, row_id, old[table].get(row_id), new[table].get(row_id))
        for table in LAYER_TABLES
        for row_id in sorted({*old[table], *new[table]})
        if old[table].get(row_id) != new[table].get(row_id)
    ]


def _row_change(row: Sequence[Any]) -> RowChange:
    _, version, table, row_id, before, after = row
    return RowChange(version, table, row_id, _read(before), _read(after))


def _read(text: str | None) -> dict[str, Any] | None:
    values: dict[str, Any] | None = None if text is None else orjson.loads(text)
    return values
