"""Accounts leave the registry for a store of their own, so that a registry can be handed on without them.

The four tables go over as they are; what they become there is the business of ``accounts``.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alembic import op
from sqlalchemy import text

from buildingmap.registry.companion import place_beside
from buildingmap.registry.database import SCHEMA_OF_ACCOUNTS, make_private
from buildingmap.registry.migrating import UNSWEPT

if TYPE_CHECKING:
    from sqlalchemy import Connection

revision = "0003"
down_revision = "0002"
_TABLES: Final = ("account", "session", "api_token", "sign_in_attempt")


def upgrade() -> None:
    """Bring the schema up."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _out_of_the_file(connection)
    else:
        _into_a_schema(connection)


def _into_a_schema(connection: Connection) -> None:
    asked = text("SELECT to_regclass(:name)")
    there = connection.execute(asked, {"name": f"{SCHEMA_OF_ACCOUNTS}.account"}).scalar() is not None
    newer = there and connection.execute(text(f"SELECT 1 FROM {SCHEMA_OF_ACCOUNTS}.account")).first()  # noqa: S608 - our own name
    if newer or not _count(connection):
        for table in _TABLES:
            connection.execute(text(f"DROP TABLE {table}"))
        return
    connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA_OF_ACCOUNTS} CASCADE"))
    connection.execute(text(f"CREATE SCHEMA {SCHEMA_OF_ACCOUNTS}"))
    for table in _TABLES:
        connection.execute(text(f"ALTER TABLE {table} SET SCHEMA {SCHEMA_OF_ACCOUNTS}"))


def _out_of_the_file(connection: Connection) -> None:
    registry = Path(connection.exec_driver_sql("PRAGMA database_list").all()[0][2])
    target = place_beside(registry)
    # what is there already is newer: this registry is a copy from before, or was about to lose its accounts
    if _count(connection) and not _has_accounts(target):
        _write(connection, target)
    for table in _TABLES:
        connection.exec_driver_sql(f"DROP TABLE {table}")
    if connection.exec_driver_sql("SELECT 1 FROM registry").first() is not None:
        connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {UNSWEPT} (fid INTEGER PRIMARY KEY)")


def _count(connection: Connection) -> int:
    return sum(
        int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())  # noqa: S608 - our own names
        for table in _TABLES
    )


def _has_accounts(path: Path) -> bool:
    if not path.exists():
        return False
    with closing(sqlite3.connect(path)) as kept:
        named = kept.execute("SELECT 1 FROM sqlite_master WHERE name = 'account'").fetchone()
        return named is not None and kept.execute("SELECT 1 FROM account").fetchone() is not None


def _write(connection: Connection, target: Path) -> None:
    """Write the four tables to ``target``: the whole file, or none."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
    try:
        make_private(partial)
        with closing(sqlite3.connect(partial)) as copy, copy:
            made = (
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name IN "
                "('account', 'session', 'api_token', 'sign_in_attempt') ORDER BY type DESC"
            )
            for (statement,) in connection.exec_driver_sql(made).all():
                copy.execute(statement)
            for table in _TABLES:
                _copy(connection, copy, table)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        for left in ("-wal", "-shm"):
            target.with_name(target.name + left).unlink(missing_ok=True)
        partial.replace(target)
        _onto_disk(target.parent)
    finally:
        partial.unlink(missing_ok=True)


def _onto_disk(folder: Path) -> None:
    """Wait until the file's new name has left the machine's memory: the registry loses its accounts next."""
    if sys.platform == "win32":
        return  # a folder cannot be opened there
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy(connection: Connection, copy: sqlite3.Connection, table: str) -> None:
    found = connection.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608 - our own names
    names = list(found.keys())
    places = ", ".join("?" for _ in names)
    rows = [tuple(row) for row in found]
    copy.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", rows)  # noqa: S608 - the same
