"""The schema brought up to date when a registry is opened, with a backup first."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import insert, text

from buildingmap.registry import geopackage, guards
from buildingmap.registry.errors import RegistryError
from buildingmap.registry.schema import OUTSIDE_WRITE
from buildingmap.registry.sealing import now
from buildingmap.registry.settings import SETTINGS, tell_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from buildingmap.registry.database import Database

_SCRIPTS: Final = Path(__file__).resolve().parent / "migrations"
# a table that stands in a file until it has been written anew
UNSWEPT: Final = "buildingmap_unswept"
# any number of our own: who makes or changes the schema holds this lock of the database
_POSTGRESQL_LOCK: Final = 0x626D6170

_LOOK_AT_ALL: Final = {"table_name": SETTINGS, "row_id": SETTINGS, "what": "schema"}


def config_for(connection: Connection | None = None, *, scripts: Path = _SCRIPTS) -> Config:
    """Return Alembic's configuration for the migrations in the folder ``scripts``, working on ``connection``."""
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.attributes["connection"] = connection
    return config


def newest(scripts: Path = _SCRIPTS) -> str:
    """Return the name of the schema that this program works with."""
    head = ScriptDirectory.from_config(config_for(scripts=scripts)).get_current_head()
    assert head is not None
    return head


def migrate(database: Database, *, back_up: Callable[[str], None]) -> None:
    """Bring the schema to ``newest``; ``back_up`` is called with the old schema's name before a change of content.

    Raises RegistryError for a registry that a newer program made, or one that is read-only and older.
    """
    with database.reading() as connection:
        present = present_schema(connection)
    if present == newest():
        _sweep(database)
        return
    refuse_unknown(database, present)
    if present is not None:
        back_up(present)
    with database.writing() as connection:
        if not database.is_geopackage:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _POSTGRESQL_LOCK})
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
        if present_schema(connection) == newest():  # another process was faster
            return
        if present is not None:
            guards.remove(connection)
        command.upgrade(config_for(connection), "head")
        guards.install(connection)
        with guards.as_ours(connection):
            tell_settings(connection, actor="buildingmap", action="schema")
        if (
            present is not None
        ):  # nobody has watched so far: every row is held against the trail at the next look
            connection.execute(insert(OUTSIDE_WRITE), _LOOK_AT_ALL | {"at": now()})
        if database.is_geopackage:
            geopackage.describe(connection)
    _sweep(database)
    # GDAL reads the file's first page before it looks into the log beside it
    database.gather()


def _sweep(database: Database) -> None:
    """Write a file anew that accounts were taken out of, so that no freed page of it still holds one.

    A process that was killed, or kept from it by another, leaves that to the next one that opens the registry.
    """
    if database.path is None or database.read_only or not _is_unswept(database):
        return
    try:
        with closing(sqlite3.connect(database.path, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            held, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not held:
                connection.execute(f"DROP TABLE IF EXISTS {UNSWEPT}")
    except sqlite3.Error:
        return


def _is_unswept(database: Database) -> bool:
    with database.reading() as connection:
        asked = text("SELECT 1 FROM sqlite_master WHERE name = :name")
        return connection.execute(asked, {"name": UNSWEPT}).first() is not None


def present_schema(connection: Connection) -> str | None:
    """Return the name of the schema that is there; None for an empty store."""
    return MigrationContext.configure(connection).get_current_revision()


def refuse_unknown(database: Database, present: str | None, *, scripts: Path = _SCRIPTS) -> None:
    """Raise RegistryError for a schema that none of the migrations in ``scripts`` makes."""
    if present is None:
        return
    try:
        ScriptDirectory.from_config(config_for(scripts=scripts)).get_revision(present)
    except CommandError as error:
        raise RegistryError(
            f"{database.name}: found the schema {present!r} of a newer buildingmap, "
            f"expected {newest(scripts)!r} or older"
        ) from error
