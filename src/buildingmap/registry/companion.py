"""What belongs to a registry but is not handed on with it: a private file beside it, in PostgreSQL a schema of its own.

The room ``accounts`` knows what is in there; here is only where it lies and how it is opened.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from buildingmap.registry.database import SCHEMA_OF_ACCOUNTS, Database, open_database, open_schema

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

_SUFFIX: Final = ".accounts.sqlite"


def place_beside(registry: Path) -> Path:
    """Return where the accounts of the registry file ``registry`` lie."""
    registry = registry.resolve()  # as SQLite has it for what it puts beside a file itself
    return registry.with_name(f"{registry.name}{_SUFFIX}")


class Companion:
    """The store beside one registry: opened at its first use, closed with the registry. Safe to share among threads."""

    def __init__(self, registry: Database) -> None:
        """Belong to the open store ``registry``."""
        self._registry = registry
        self._place = None if registry.path is None else place_beside(registry.path)
        self._opening = threading.Lock()
        self._open: Database | None = None

    @property
    def exists(self) -> bool:
        """Whether it was ever made."""
        if self._place is not None:
            return self._place.exists()
        with self._registry.reading() as connection:
            return schema_exists(connection)

    def open(self) -> Database:
        """Return it open; an empty one is made where there is none. Raises RegistryError."""
        with self._opening:
            if self._open is None:
                self._open = self._opened()
            return self._open

    def _opened(self) -> Database:
        if self._place is not None:
            return open_database(self._place, create=not self._registry.read_only, erases=True)
        # PostgreSQL asks for the right to make one even where it is there
        if not self.exists:
            with self._registry.writing() as connection:
                connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA_OF_ACCOUNTS}"))
        return open_schema(self._registry, SCHEMA_OF_ACCOUNTS)

    def close(self) -> None:
        """Close it, where it is open."""
        with self._opening:
            if self._open is not None:
                self._open.close()
                self._open = None


def schema_exists(connection: Connection) -> bool:
    """Return whether a PostgreSQL database has the schema of the accounts."""
    asked = text("SELECT 1 FROM pg_namespace WHERE nspname = :name")
    return connection.execute(asked, {"name": SCHEMA_OF_ACCOUNTS}).first() is not None
