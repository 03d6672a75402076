"""A registry copied whole: to a backup, back from one, and from one kind of store to the other."""

from __future__ import annotations

import os
import re
import sqlite3
import uuid
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select, text, update

from buildingmap.registry import geopackage, guards
from buildingmap.registry.changes import PUT_BACK, Revision, hash_of, written
from buildingmap.registry.database import Database, make_private, open_database
from buildingmap.registry.errors import RegistryError, RegistryMissingError, RegistryWriteError
from buildingmap.registry.migrating import migrate
from buildingmap.registry.proof import outside_changes
from buildingmap.registry.schema import METADATA, REGISTRY
from buildingmap.registry.sealing import now, sealed
from buildingmap.registry.settings import SETTINGS, put_settings, settings_of
from buildingmap.registry.witness import Head, Witness

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Connection, Table
    from sqlalchemy.engine import RowMapping

_ROWS_AT_ONCE: Final = 5_000
# what belongs to the file's format, to the database or to our own housekeeping
_OF_THE_FORMAT: Final = re.compile(r"gpkg_|rtree_|sqlite_|alembic_version$|buildingmap_|spatial_ref_sys$")
_TAKEN_FIRST: Final = "registry"
# while there is no row of settings, no trigger takes a write for another program's
_SETTINGS_LAST: Final = sorted(METADATA.sorted_tables, key=lambda table: table.name == REGISTRY.name)


def back_up(database: Database, path: Path) -> int:
    """Copy ``database`` as it is at one moment into a new GeoPackage at ``path``; return the registry's version.

    The copy appears under its name only when it is whole. Raises RegistryError where ``path`` exists.
    """
    with new_file(path) as partial:
        if database.is_geopackage:
            copy_file(database, partial)
        else:
            _copy_content(database, partial)
        return _version(partial)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Give a place for a copy that becomes ``path``, for its owner alone, when the block ends well, or not at all.

    Raises RegistryError where ``path`` exists.
    """
    if path.exists():
        raise RegistryError(f"{path}: found a file, expected a name that is free")
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        make_private(partial)
        yield partial
        _onto_disk(partial)
        partial.replace(path)
    except (OSError, sqlite3.Error) as error:
        raise RegistryWriteError(f"{path}: {error}, expected room for a backup") from error
    finally:
        for left in (
            partial,
            *(partial.with_name(partial.name + end) for end in ("-wal", "-shm", "-journal")),
        ):
            left.unlink(missing_ok=True)


def copy_file(database: Database, target: Path) -> None:
    """Copy a store that is a file into the empty file ``target``, as it is at one moment."""
    # one statement, one snapshot of the file: writers go on meanwhile
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.execute("VACUUM INTO ?", (str(target),))
    with closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")


def _onto_disk(path: Path) -> None:
    """Wait until the file has left the machine's memory: someone may delete the original next."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _copy_content(database: Database, target: Path) -> None:
    copy = open_database(target, create=True)
    try:
        migrate(copy, back_up=_nothing_yet)
        copy_rows(database, copy)
    finally:
        copy.close()


def _version(path: Path) -> int:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as copy:
        # a damaged registry is copied as it is, whatever it has lost
        there = copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'registry'").fetchone()
        row = there and copy.execute("SELECT version FROM registry").fetchone()
    return int(row[0]) if row else 0


def back_up_before(database: Database, schema: str) -> None:
    """Keep a copy beside a GeoPackage whose schema is about to change; on PostgreSQL in the working folder."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    name = f"schema-{schema}-{moment}.backup.gpkg"
    if database.path is not None:
        back_up(database, database.path.with_name(f"{database.path.stem}-{name}"))
        return
    # the old schema is not ours to read any more: PostgreSQL keeps its own copy of every table
    with database.writing() as connection:
        _keep_tables(connection, f"backup_{schema}_{moment.lower()}")


def _keep_tables(connection: Connection, namespace: str) -> None:
    connection.execute(text(f'CREATE SCHEMA "{namespace}"'))
    for table in METADATA.sorted_tables:
        found = connection.execute(text("SELECT to_regclass(:name)"), {"name": table.name}).scalar()
        if found is not None:
            connection.execute(text(f'CREATE TABLE "{namespace}"."{table.name}" AS TABLE "{table.name}"'))


def _nothing_yet(_schema: str) -> None:
    """Keep nothing: the store is new."""


def copy_rows(source: Database, target: Database) -> None:
    """Copy every row of every table in one transaction each side. Raises RegistryError where ``target`` has content."""
    with source.reading() as reading, target.writing() as writing:
        if reading.execute(select(REGISTRY.c.version)).one_or_none() is None:
            raise RegistryMissingError(f"{source.name}: found an empty store, expected a registry")
        if writing.execute(select(REGISTRY.c.version)).one_or_none() is not None:
            raise RegistryError(f"{target.name}: found a registry, expected an empty store")
        pour(reading, writing, _SETTINGS_LAST)


def pour(reading: Connection, writing: Connection, tables: Sequence[Table]) -> None:
    """Copy every row of ``tables`` from one open transaction into another, in which they are empty."""
    for table in tables:
        rows = reading.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(table)).mappings()
        for part in rows.partitions(_ROWS_AT_ONCE):
            writing.execute(insert(table), [dict(row) for row in part])
    if writing.dialect.name == "postgresql":
        _continue_counting(writing, tables)


def _continue_counting(connection: Connection, tables: Sequence[Table]) -> None:
    """Let PostgreSQL number new rows after those that were copied with their numbers."""
    for table in tables:
        if "fid" in table.c:
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'fid'), "  # noqa: S608 - our own names
                    f'GREATEST((SELECT max(fid) FROM "{table.name}"), 1))'
                )
            )


def move(source: str | Path, target: str | Path) -> int:
    """Copy the registry at ``source`` to the empty ``target``, file or URL, and return its version.

    The source stays as it is. Raises RegistryError.
    """
    origin = open_database(source)
    try:
        migrate(origin, back_up=lambda schema: back_up_before(origin, schema))
        _refuse_unlooked(origin)
        copy = open_database(target, create=True)
        try:
            migrate(copy, back_up=_nothing_yet)
            copy_rows(origin, copy)
            with copy.reading() as connection:
                return int(connection.execute(select(REGISTRY.c.version)).scalar_one())
        finally:
            copy.close()
    finally:
        origin.close()


def tables_of_others(location: str | Path) -> list[str]:
    """Return the tables of other programs in the store at ``location``: a copy row by row leaves them behind."""
    database = open_database(location)
    try:
        with database.reading() as connection:
            found = guards.tables_of(connection) - METADATA.tables.keys()
        return sorted(name for name in found if not _OF_THE_FORMAT.match(name))
    finally:
        database.close()


def restore_backup(
    backup: Path,
    target: str | Path,
    *,
    keep: Path | None = None,
    actor: str = "buildingmap",
    witness: Witness | None = None,
) -> int:
    """Put the content of a backup in place of the registry at ``target``, in one transaction; return its version.

    What was there is replaced whole or stays whole, and is first copied to the GeoPackage ``keep``: every change
    that was acknowledged is in one of them. Programs that have it open see the new content; a revision tells of it,
    with a version above all that they can have seen. Raises RegistryError.

    ``witness``: who remembers the heads of ``target``, and has to learn that its content is another one now.
    """
    source = open_database(backup)
    try:
        migrate(source, back_up=lambda schema: back_up_before(source, schema))
        _refuse_unlooked(source)
        place = open_database(target, create=True)
        try:
            migrate(place, back_up=lambda schema: back_up_before(place, schema))
            version = _replace(source, place, keep, actor)
            if witness is not None:
                with place.reading() as connection:
                    found = connection.execute(select(REGISTRY.c.uid, REGISTRY.c.version, REGISTRY.c.head))
                    witness.remember_head(Head(*found.one()))
            return version
        finally:
            place.close()
    finally:
        source.close()


def _replace(source: Database, target: Database, keep: Path | None, actor: str) -> int:
    with source.reading() as reading, target.writing() as writing:
        state = reading.execute(select(REGISTRY)).mappings().one_or_none()
        if state is None:
            raise RegistryMissingError(
                f"{source.name}: found an empty store, expected a backup of a registry"
            )
        _hold_writers(writing, target)
        replaced = writing.execute(select(REGISTRY.c.version)).scalar()
        if keep is not None and replaced is not None:
            back_up(target, keep)
        writing.execute(update(REGISTRY).values(writing=1))
        for table in _SETTINGS_LAST:
            writing.execute(table.delete())
        for table in _SETTINGS_LAST:
            rows = [dict(row) for row in reading.execute(select(table)).mappings()]
            if rows:
                writing.execute(insert(table), rows)
        version = int(state["version"])
        if replaced is not None:
            _tell(writing, state, max(version, int(replaced)) + 1, actor)
        if target.is_geopackage:
            geopackage.describe(writing)
        else:
            _continue_counting(writing, METADATA.sorted_tables)
        return version


def _refuse_unlooked(database: Database) -> None:
    """Refuse to copy what another program typed and nobody has looked at: the copy's tables would not take it."""
    with database.reading() as connection:
        found = [one for one in outside_changes(connection) if not one.code.endswith("_trigger")]
    if found:
        raise RegistryError(
            f"{database.name}: {found[0]}; expected what other programs wrote to be looked at first "
            "(buildingmap verify --repair)"
        )


def _hold_writers(connection: Connection, target: Database) -> None:
    """Wait for whoever writes, and let no one else until the transaction ends; SQLite does so from its begin."""
    if target.is_geopackage:
        return
    # in the order in which writers take them, so that none waits for another in a circle
    rest = [table.name for table in METADATA.sorted_tables if table.name != _TAKEN_FIRST]
    listed = ", ".join(f'"{name}"' for name in (_TAKEN_FIRST, *rest))
    connection.execute(text(f"LOCK TABLE {listed} IN EXCLUSIVE MODE"))


def _tell(connection: Connection, state: RowMapping, version: int, actor: str) -> None:
    """Seal a revision that tells of the other content, which gets a ``uid`` of its own.

    Versions may go back: no one may take what comes after them for what they have seen.
    """
    before = settings_of(state)
    after = before | {"uid": uuid.uuid4().hex}
    rows = [(SETTINGS, SETTINGS, written(before), written(after))]
    note = f"version {state['version']}"
    with guards.as_ours(connection):
        put_settings(connection, after)
        revision = Revision(
            version, now(), actor, PUT_BACK, note, len(rows), hash_of(rows), state["head"], ""
        )
        sealed(connection, revision, rows)
