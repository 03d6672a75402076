"""The proof that a registry is whole: its chain, its tables held against the trail, its triggers, and its witness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from buildingmap.registry import guards
from buildingmap.registry.changes import FIRST_HASH, PUT_BACK, Revision, hash_of
from buildingmap.registry.rows import TABLES
from buildingmap.registry.schema import AUDIT, AUDIT_CHANGE, REGISTRY
from buildingmap.registry.settings import settings_of
from buildingmap.registry.trail import told, told_settings
from buildingmap.registry.typed import typed_rows, written_typed
from buildingmap.registry.witness import Head, disagreement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from buildingmap.registry.witness import Witness

# the action of a revision by which somebody took note of what cannot be mended: gaps before it are known
REPAIRED: Final = "repaired"


def broken_links(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each place where the audit trail does not hold; nothing when it is whole.

    The chain: each revision's hash, that of its changes, its link to the one before, the head that the registry
    names. Its changes: each begins where the one before ended.
    """
    previous, last, known = FIRST_HASH, 0, 0
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
        known = found.version if found.action == REPAIRED else known
    state = connection.execute(select(REGISTRY)).mappings().first()
    if state is None:
        yield "the registry has no row of its own any more"
    elif (state["head"], state["version"]) != (previous, last):
        yield f"the registry is at version {state['version']}, its trail ends at {last}"
    yield from gaps(connection, after=known)


def gaps(connection: Connection, *, after: int = 0) -> Iterator[str]:
    """Yield a sentence for each change, later than version ``after``, that does not begin where the last one ended."""
    column = AUDIT_CHANGE.c
    said: dict[tuple[str, str], str | None] = {}
    asked = select(column.version, column.table_name, column.row_id, column.before, column.after)
    for version, table, row_id, before, ends in connection.execute(asked.order_by(column.fid)):
        if version > after and said.get((table, row_id)) != before:
            yield f"version {version}: {table} {row_id!r} was changed before it, and no version tells of that"
        said[table, row_id] = ends


def outside_changes(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each row, setting, table and trigger that is not what the registry made of it."""
    broken = guards.differences(connection)
    yield from broken
    missing = {line.split("'")[1] for line in broken if line.startswith("table ")}
    for table in TABLES:
        if table not in missing:
            yield from _untold(connection, table)
    state = connection.execute(select(REGISTRY)).mappings().first()
    in_force = told_settings(connection)
    if state is not None and in_force is not None:
        there = settings_of(state)
        yield from (
            f"the registry's {name} was changed outside the registry"
            for name, value in in_force.items()
            if there[name] != value
        )
        if state["writing"] is not None:
            yield "the registry's mark of its own writing was set outside the registry"


def _untold(connection: Connection, table: str) -> Iterator[str]:
    words = told(connection, table)
    for row in typed_rows(connection, table):
        word = words.pop(row.row_id, None)
        if word is None or word.after != written_typed(row.values):
            yield f"{table} {row.row_id!r}: was changed outside the registry"
        elif word.stamp != row.stamp:
            names = ", ".join(name for name, value in word.stamp.items() if row.stamp[name] != value)
            yield f"{table} {row.row_id!r}: {names} was changed outside the registry"
    for row_id, word in words.items():
        if word.after is not None:
            yield f"{table} {row_id!r}: was deleted outside the registry"


def unlike_remembered(connection: Connection, witness: Witness) -> tuple[Head, str] | None:
    """Return the head that ``witness`` remembers and what is otherwise here; None when the trail goes on from there."""
    state = connection.execute(select(REGISTRY)).mappings().first()
    if state is None:
        return None

    def hash_at(version: int) -> str | None:
        return connection.execute(select(AUDIT.c.hash).where(AUDIT.c.version == version)).scalar()

    return disagreement(witness, state["uid"], state["version"], hash_at)


def _raw(connection: Connection, version: int) -> list[tuple[str, str, str | None, str | None]]:
    column = AUDIT_CHANGE.c
    asked = (
        select(column.table_name, column.row_id, column.before, column.after)
        .where(column.version == version)
        .order_by(column.fid)
    )
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(asked)]
