"""The registry's past: its revisions, what each changed, the rows as of any version, and the proof of the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import func, select

from buildingmap.registry.changes import FIRST_HASH, PUT_BACK, Change, Revision, RowChange, hash_of, written
from buildingmap.registry.errors import UnknownRecordError
from buildingmap.registry.rows import TABLES, table_of, values_of
from buildingmap.registry.schema import AUDIT, AUDIT_CHANGE, REGISTRY
from buildingmap.registry.witness import disagreement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from buildingmap.registry.witness import Witness

    Rows = dict[str, dict[str, dict[str, Any]]]

# mappings and scenarios are tools, not the layer: going back in time leaves them alone
LAYER_TABLES: Final = tuple(name for name in TABLES if name not in {"plan", "import_mapping"})


def revisions(connection: Connection, *, before: int | None = None, limit: int = 50) -> list[Revision]:
    """Return revisions, newest first, those older than version ``before`` where it is given."""
    asked = select(AUDIT).order_by(AUDIT.c.version.desc()).limit(limit)
    if before is not None:
        asked = asked.where(AUDIT.c.version < before)
    return [Revision(*row) for row in connection.execute(asked)]


def revision(connection: Connection, version: int) -> Revision:
    """Return one revision. Raises UnknownRecordError."""
    row = connection.execute(select(AUDIT).where(AUDIT.c.version == version)).one_or_none()
    if row is None:
        raise UnknownRecordError(f"found no version {version}, expected one of the registry's history")
    return Revision(*row)


def changes_of(connection: Connection, version: int) -> list[RowChange]:
    """Return what one revision changed, in the order it was written."""
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
    """Return the rows in force by table and id, JSON-ready."""
    return {
        name: {
            row["id"]: values_of(name, row)
            for row in connection.execute(select(table_of(name)).order_by(table_of(name).c.id)).mappings()
        }
        for name in tables
    }


def rows_at(connection: Connection, version: int, tables: Iterable[str] = LAYER_TABLES) -> Rows:
    """Return the rows as they stood at ``version``: those in force, with every later change taken back."""
    revision(connection, version)
    rows = present(connection, tables)
    column = AUDIT_CHANGE.c
    later = select(AUDIT_CHANGE).where(column.version > version).order_by(column.fid.desc())
    for found in connection.execute(later):
        change = _row_change(found)
        if change.table not in rows:
            continue
        if change.before is None:
            rows[change.table].pop(change.row_id, None)
        else:
            rows[change.table][change.row_id] = change.before
    return rows


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
        Change(change.table, change.row_id, change.before, 0 if change.after is None else version)
        for change in changes_of(connection, version)
    ]


def difference(connection: Connection, first: int, second: int) -> list[RowChange]:
    """Return how the rows at version ``second`` differ from those at ``first``, by table and id."""
    old, new = rows_at(connection, first), rows_at(connection, second)
    return [
        RowChange(second, table, row_id, old[table].get(row_id), new[table].get(row_id))
        for table in LAYER_TABLES
        for row_id in sorted({*old[table], *new[table]})
        if old[table].get(row_id) != new[table].get(row_id)
    ]


def broken_links(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each place where the audit trail does not hold; nothing when it is whole.

    The chain: each revision's hash, that of its changes, its link to the one before, the head that the registry
    names. The content: the tables as the trail says they must be.
    """
    previous, last = FIRST_HASH, 0
    for row in connection.execute(select(AUDIT).order_by(AUDIT.c.version)).all():
        found = Revision(*row)
        if found.version != last + 1 and not (found.action == PUT_BACK and found.version > last):
            yield f"version {found.version}: expected version {last + 1} here"
        if found.previous != previous:
            yield f"version {found.version}: does not follow from the version before it"
        if found.sealed() != found.hash:
            yield f"version {found.version}: its audit row was changed"
        if hash_of(_raw(connection, found.version)) != found.changes_hash:
            yield f"version {found.version}: its changes were changed"
        previous, last = found.hash, found.version
    state = connection.execute(select(REGISTRY)).mappings().one_or_none()
    if state is not None and (state["head"], state["version"]) != (previous, last):
        yield f"the registry is at version {state['version']}, its trail ends at {last}"
    yield from _untold(connection)


def unlike_remembered(connection: Connection, witness: Witness) -> str | None:
    """Return a sentence where the trail is not the one that ``witness`` remembers; None when it goes on from there."""
    state = connection.execute(select(REGISTRY)).mappings().one()

    def hash_at(version: int) -> str | None:
        return connection.execute(select(AUDIT.c.hash).where(AUDIT.c.version == version)).scalar()

    found = disagreement(witness, state["uid"], state["version"], hash_at)
    if found is None:
        return None
    head, what = found
    return f"the registry is at version {state['version']}, it was at {head.version}: {what}"


def _raw(connection: Connection, version: int) -> list[tuple[str, str, str | None, str | None]]:
    column = AUDIT_CHANGE.c
    asked = (
        select(column.table_name, column.row_id, column.before, column.after)
        .where(column.version == version)
        .order_by(column.fid)
    )
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(asked)]


def _untold(connection: Connection) -> Iterator[str]:
    """Yield each row that is not what the trail last wrote."""
    column = AUDIT_CHANGE.c
    told: dict[tuple[str, str], str | None] = {}
    for table, row_id, after in connection.execute(
        select(column.table_name, column.row_id, column.after).order_by(column.fid)
    ):
        told[table, row_id] = after
    rows = present(connection, TABLES)
    for table, by_id in rows.items():
        for row_id, values in by_id.items():
            if told.pop((table, row_id), None) != written(values):
                yield f"{table} {row_id!r}: was changed outside the registry"
    for (table, row_id), after in told.items():
        if after is not None:
            yield f"{table} {row_id!r}: was deleted outside the registry"


def _row_change(row: Sequence[Any]) -> RowChange:
    _, version, table, row_id, before, after = row
    return RowChange(version, table, row_id, _read(before), _read(after))


def _read(text: str | None) -> dict[str, Any] | None:
    values: dict[str, Any] | None = None if text is None else orjson.loads(text)
    return values
