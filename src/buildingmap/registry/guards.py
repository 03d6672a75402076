"""Triggers on every table: a write that is not the registry's own leaves a note, and the audit trail takes none.

Our writer sets ``registry.writing`` inside its transaction; whoever writes while it is empty is another program.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sqlalchemy import text, update

from buildingmap.registry import geopackage
from buildingmap.registry.damage import Damage
from buildingmap.registry.rows import TABLES
from buildingmap.registry.schema import METADATA, OUTSIDE_WRITE, REGISTRY
from buildingmap.registry.settings import SETTINGS
from buildingmap.registry.triggers import FUNCTIONS, SEALED, bodies, on_postgresql, on_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_GUARDED: Final = (*TABLES, SETTINGS, *SEALED)
_NEEDED: Final = (*_GUARDED, OUTSIDE_WRITE.name)
_BEGIN: Final = update(REGISTRY).values(writing=1)
_END: Final = update(REGISTRY).values(writing=None)
# what GDAL keeps beside a layer that it writes: it counts rows, and touches nothing of ours
_OF_GDAL: Final = re.compile(r"trigger_(insert|delete)_feature_count_\w+")


@contextmanager
def as_ours(connection: Connection) -> Iterator[None]:
    """Write as the registry itself inside the block; its transaction must end with it, or be taken back."""
    connection.execute(_BEGIN)
    yield
    connection.execute(_END)


def take_mark_away(connection: Connection) -> None:
    """Let writes of other programs leave their notes again, where somebody set the mark that is ours."""
    connection.execute(_END)


def install(connection: Connection) -> None:
    """Put every trigger in its place, and take away those on our tables that are not ours."""
    present, wanted = _present(connection), _wanted(connection)
    if any(name.startswith("rtree_") for name in present):
        geopackage.forget_indexes(connection)
    tables = tables_of(connection)
    for name, (table, _) in present.items():
        connection.exec_driver_sql(_drop(connection, name, table))
    if connection.dialect.name != "sqlite":
        for function in FUNCTIONS:
            connection.execute(text(function))
    for table, body in wanted.values():
        if table in tables:
            connection.exec_driver_sql(body)


def remove(connection: Connection) -> None:
    """Take every trigger away, before the schema changes."""
    for name, (table, _) in _present(connection).items():
        connection.exec_driver_sql(_drop(connection, name, table))


def differences(connection: Connection) -> list[Damage]:
    """Return each table that is missing and each trigger that is missing, changed or not ours."""
    present, wanted, tables = _present(connection), _wanted(connection), tables_of(connection)
    found = [Damage.of("no_table", table=table) for table in _NEEDED if table not in tables]
    found += [Damage.of("other_table", table=table) for table in strange_tables(connection, tables)]
    for name, (table, body) in wanted.items():
        if table not in tables:
            continue
        if name not in present:
            found.append(Damage.of("no_trigger", trigger=name, table=table))
        elif _said(present[name][1]) != _said(body):
            found.append(Damage.of("other_trigger", trigger=name, table=table))
    found += [
        Damage.of("strange_trigger", trigger=repr(name), table=table)
        for name, (table, _) in present.items()
        if name not in wanted
    ]
    return found + _functions(connection)


def strange_tables(connection: Connection, tables: set[str]) -> list[str]:
    """Return the tables that have our name and not our columns: another program made them anew."""
    if connection.dialect.name == "sqlite":
        asked = (
            "SELECT m.name, i.name FROM sqlite_master m, pragma_table_info(m.name) i WHERE m.type = 'table'"
        )
    else:
        asked = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
    there = {(str(table), str(column)) for table, column in connection.exec_driver_sql(asked)}
    return [
        table
        for table in _NEEDED
        if table in tables
        and not there.issuperset((table, column.name) for column in METADATA.tables[table].columns)
    ]


def _functions(connection: Connection) -> list[Damage]:
    """Return each of PostgreSQL's functions behind the triggers that does not do what ours does."""
    if connection.dialect.name == "sqlite":
        return []
    asked = (
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace "
        "AND starts_with(proname, 'buildingmap')"
    )
    present = {str(name): str(body) for name, body in connection.exec_driver_sql(asked)}
    return [
        Damage.of("other_trigger", trigger=name, table="pg_proc")
        for name, body in bodies().items()
        if _said(present.get(name, "")) != _said(body)
    ]


def state_query(connection: Connection) -> str:
    """Return the SQL that asks for what changes whenever somebody changes a table or a trigger; next to free."""
    if connection.dialect.name == "sqlite":
        return "SELECT schema_version FROM pragma_schema_version"
    # a trigger that is dropped, switched off or made anew is another row
    return (
        "SELECT count(*) || ':' || coalesce(sum(oid::bigint), 0) || ':' || coalesce(string_agg(tgenabled, ''), '') "
        "FROM pg_trigger WHERE NOT tgisinternal"
    )


def _said(body: str) -> str:
    return " ".join(body.split())


def tables_of(connection: Connection) -> set[str]:
    """Return the names of the tables that are there."""
    asked = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if connection.dialect.name == "sqlite"
        else "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') "
        "AND relnamespace = current_schema()::regnamespace"
    )
    return set(connection.exec_driver_sql(asked).scalars())


def _present(connection: Connection) -> dict[str, tuple[str, str]]:
    """Return the triggers on our tables by name: the table, and how the trigger is made."""
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql(
            "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
        )
    else:
        found = connection.exec_driver_sql(
            "SELECT t.tgname, c.relname, CASE WHEN t.tgenabled = 'O' THEN pg_get_triggerdef(t.oid) ELSE '' END "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
        )
    return {
        name: (table, body or "")
        for name, table, body in found
        if table.lower() in _GUARDED and not _OF_GDAL.fullmatch(name)
    }


def _drop(connection: Connection, name: str, table: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    on = "" if connection.dialect.name == "sqlite" else f' ON "{table}"'
    return f"DROP TRIGGER {quoted}{on}"


def _wanted(connection: Connection) -> dict[str, tuple[str, str]]:
    """Return the triggers that there must be, by name: the table, and the statement that makes each."""
    if connection.dialect.name == "sqlite":
        return on_sqlite()
    return on_postgresql(str(connection.exec_driver_sql("SELECT current_schema()").scalar_one()))
