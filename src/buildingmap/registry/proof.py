"""The proof that a registry is whole: its chain, its tables held against the trail, its triggers, and its witness."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlalchemy import CheckConstraint, select

from buildingmap.registry import guards
from buildingmap.registry.changes import FIRST_HASH, PUT_BACK, Revision, hash_of
from buildingmap.registry.damage import Damage
from buildingmap.registry.rows import TABLES, table_of
from buildingmap.registry.schema import AUDIT, AUDIT_CHANGE, REGISTRY
from buildingmap.registry.settings import settings_of
from buildingmap.registry.trail import told, told_settings
from buildingmap.registry.typed import typed_rows, written_typed
from buildingmap.registry.witness import disagreement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from buildingmap.registry.witness import Witness

# the action of a revision by which somebody took note of what cannot be mended: gaps before it are known
REPAIRED: Final = "repaired"
_CHECK_NAME: Final = re.compile(r"CONSTRAINT (ck_\w+) CHECK")


def broken_links(connection: Connection) -> Iterator[Damage]:
    """Yield each place where the audit trail does not hold; nothing when it is whole.

    The chain: each revision's hash, that of its changes, its link to the one before, the head that the registry
    names. Its changes: each begins where the one before ended.
    """
    previous, last, known = FIRST_HASH, 0, 0
    for row in connection.execute(select(AUDIT).order_by(AUDIT.c.version)).all():
        found = Revision(*row)
        if found.version != last + 1 and not (found.action == PUT_BACK and found.version > last):
            yield Damage.of("number", version=found.version, expected=last + 1)
        if found.previous != previous:
            yield Damage.of("link", version=found.version)
        if found.sealed() != found.hash:
            yield Damage.of("audit", version=found.version)
        if hash_of(_raw(connection, found.version)) != found.changes_hash:
            yield Damage.of("changes", version=found.version)
        previous, last = found.hash, found.version
        known = found.version if found.action == REPAIRED else known
    state = connection.execute(select(REGISTRY)).mappings().first()
    if state is None:
        yield Damage.of("no_settings")
    elif (state["head"], state["version"]) != (previous, last):
        yield Damage.of("end", version=state["version"], end=last)
    yield from gaps(connection, after=known)


def gaps(connection: Connection, *, after: int = 0) -> Iterator[Damage]:
    """Yield each change, later than version ``after``, that does not begin where the last one ended."""
    column = AUDIT_CHANGE.c
    said: dict[tuple[str, str], str | None] = {}
    asked = select(column.version, column.table_name, column.row_id, column.before, column.after)
    for version, table, row_id, before, ends in connection.execute(asked.order_by(column.fid)):
        if version > after and said.get((table, row_id)) != before:
            yield Damage.of("gap", version=version, table=table, row=repr(row_id))
        said[table, row_id] = ends


def outside_changes(connection: Connection) -> Iterator[Damage]:
    """Yield each row, setting, table and trigger that is not what the registry made of it."""
    broken = guards.differences(connection)
    yield from broken
    missing = {dict(one.values)["table"] for one in broken if one.code in {"no_table", "other_table"}}
    for table in TABLES:
        if table not in missing:
            yield from _untold(connection, table)
    state = connection.execute(select(REGISTRY)).mappings().first()
    in_force = told_settings(connection)
    if state is not None and in_force is not None:
        there = settings_of(state)
        yield from (
            Damage.of("setting", field=name) for name, value in in_force.items() if there[name] != value
        )
        if state["writing"] is not None:
            yield Damage.of("mark")


def _untold(connection: Connection, table: str) -> Iterator[Damage]:
    words = told(connection, table)
    for row in typed_rows(connection, table):
        word = words.pop(row.row_id, None)
        if word is None or word.after != written_typed(row.values):
            yield Damage.of("row", table=table, row=repr(row.row_id))
        elif word.stamp != row.stamp:
            names = ", ".join(name for name, value in word.stamp.items() if row.stamp[name] != value)
            yield Damage.of("stamp", table=table, row=repr(row.row_id), fields=names)
    for row_id, word in words.items():
        if word.after is not None:
            yield Damage.of("deleted", table=table, row=repr(row_id))


def unlike_remembered(connection: Connection, witness: Witness) -> Iterator[Damage]:
    """Yield what is otherwise here than ``witness`` remembers; nothing when the trail goes on from there."""
    state = connection.execute(select(REGISTRY)).mappings().first()
    if state is None:
        return

    def hash_at(version: int) -> str | None:
        return connection.execute(select(AUDIT.c.hash).where(AUDIT.c.version == version)).scalar()

    found = disagreement(witness, state["uid"], state["version"], hash_at)
    if found is not None:
        head, (english, chinese) = found
        yield Damage.of("remembered", version=head.version, why=english, why_zh=chinese)


def missing_checks(connection: Connection) -> Iterator[Damage]:
    """Yield each table that does not refuse bad cells any more: another program made it anew without its checks."""
    there, tables = _checks(connection), guards.tables_of(connection)
    for name in TABLES:
        if name not in tables:
            continue  # told as a table that is missing
        wanted = {
            str(check.name) for check in table_of(name).constraints if isinstance(check, CheckConstraint)
        }
        gone = sorted(wanted - there)
        if gone:
            yield Damage.of("no_checks", table=name, checks=", ".join(gone))


def _checks(connection: Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table'").scalars()
        return {name for sql in made for name in _CHECK_NAME.findall(sql or "")}
    return set(connection.exec_driver_sql("SELECT conname FROM pg_constraint WHERE contype = 'c'").scalars())


def _raw(connection: Connection, version: int) -> list[tuple[str, str, str | None, str | None]]:
    column = AUDIT_CHANGE.c
    asked = (
        select(column.table_name, column.row_id, column.before, column.after)
        .where(column.version == version)
        .order_by(column.fid)
    )
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(asked)]
