"""The accounts' store of a registry, opened with its schema up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from alembic import command
from sqlalchemy import insert, select, text

from buildingmap.accounts import trail
from buildingmap.accounts.schema import TRAIL
from buildingmap.accounts.witness import AccountsWitness
from buildingmap.registry.changes import FIRST_HASH
from buildingmap.registry.migrating import config_for, newest, present_schema, refuse_unknown

if TYPE_CHECKING:
    from buildingmap.registry import Registry
    from buildingmap.registry.database import Database

_SCRIPTS: Final = Path(__file__).resolve().parent / "migrations"
# any number of our own: who makes or changes this schema holds this lock of the database
_POSTGRESQL_LOCK: Final = 0x626D6171


def can_be_kept(registry: Registry) -> bool:
    """Return whether accounts of this registry are there or can be made: not beside a file that cannot be written."""
    return not registry.read_only or registry.companion.exists


def attend(registry: Registry) -> Registry:
    """Let the accounts' store remember how far the registry's trail has come, where it can; return the registry."""
    if can_be_kept(registry):
        registry.attach_witness(AccountsWitness(store_of(registry)))
    return registry


def store_of(registry: Registry) -> Database:
    """Return where the accounts of ``registry`` are kept; it is closed with the registry. Raises RegistryError."""
    database = registry.companion.open()
    bring_up(database)
    return database


def bring_up(database: Database) -> None:
    """Bring the schema of the accounts' store up to date, from nothing or from what an older program left there.

    Accounts that come from inside an old registry are the first event of the trail. Raises RegistryError.
    """
    with database.reading() as connection:
        present = present_schema(connection)
    if present == newest(_SCRIPTS):
        return
    refuse_unknown(database, present, scripts=_SCRIPTS)
    with database.writing() as connection:
        if not database.is_geopackage:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _POSTGRESQL_LOCK})
        if present_schema(connection) == newest(_SCRIPTS):  # another process was faster
            return
        command.upgrade(config_for(connection, scripts=_SCRIPTS), "head")
        if connection.execute(select(TRAIL.c.number)).first() is None:
            connection.execute(insert(TRAIL), {"number": 0, "head": FIRST_HASH})
            trail.tell_of_all(connection, actor="buildingmap", action="accounts moved", note="")
