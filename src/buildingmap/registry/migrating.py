"""The schema brought up to date when a registry is opened, with a backup first."""

from __future__ import annotations

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
# any number of our own: who makes or changes the schema holds this lock of the database
_POSTGRESQL_LOCK: Final = 0x626D6170

_LOOK_AT_ALL: Final = {"table_name": SETTINGS, "row_id": SETTINGS, "what": "schema"}


def config_for(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, working on ``connection``."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """Return the name of the schema that this program works with."""
    head = ScriptDirectory.from_config(config_for()).get_current_head()
    assert head is not None
    return head


def migrate(database: Database, *, back_up: Callable[[str], None]) -> None:
    """Bring the schema to ``newest``; ``back_up`` is called with the old schema's name before a change of content.

    Raises RegistryError for a registry that a newer program made, or one that is read-only and older.
    """
    with database.reading() as connection:
        present = _present(connection)
    if present == newest():
        return
    _refuse_unknown(database, present)
    if present is not None:
        back_up(present)
    with database.writing() as connection:
        if not database.is_geopackage:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _POSTGRESQL_LOCK})
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
        if _present(connection) == newest():  # another process was faster
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
    # GDAL reads the file's first page before it looks into the log beside it
    database.gather()


def _present(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_unknown(database: Database, present: str | None) -> None:
    if present is None:
        return
    try:
        ScriptDirectory.from_config(config_for()).get_revision(present)
    except CommandError as error:
        raise RegistryError(
            f"{database.name}: found the schema {present!r} of a newer buildingmap, expected {newest()!r} or older"
        ) from error
