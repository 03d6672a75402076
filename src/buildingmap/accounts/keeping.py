"""A registry together with its accounts: copied to a backup, back from one, and from one kind of store to the other."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select

from buildingmap.accounts.opening import bring_up, store_of
from buildingmap.accounts.schema import ACCOUNT, API_TOKEN, EVENT, EVENT_CHANGE, METADATA, TRAIL
from buildingmap.accounts.witness import AccountsWitness
from buildingmap.registry import Head, RegistryError
from buildingmap.registry import move as move_registry
from buildingmap.registry import restore_backup as restore_registry
from buildingmap.registry.companion import Companion, place_beside
from buildingmap.registry.copying import back_up_before, copy_file, new_file, pour
from buildingmap.registry.database import is_url, open_database
from buildingmap.registry.migrating import migrate
from buildingmap.registry.schema import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Table

    from buildingmap.registry import Registry
    from buildingmap.registry.database import Database

# who may come in, and the trail of that; not who is in, and not what the place remembers of itself
_BACKED_UP: Final[tuple[Table, ...]] = (ACCOUNT, API_TOKEN, EVENT, EVENT_CHANGE, TRAIL)


class _Place:
    """A registry's store with the one beside it, open."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.companion = Companion(database)

    def accounts(self) -> Database:
        found = self.companion.open()
        bring_up(found)
        return found


def _not_there(path: Path) -> list[Path]:
    """Return the files of a registry at ``path`` and of its accounts that are not there yet."""
    files = [
        store.with_name(f"{store.name}{end}")
        for store in (path, place_beside(path))
        for end in ("", "-wal", "-shm", "-journal")
    ]
    return [file for file in files if not file.exists()]


@contextmanager
def _opened(location: str | Path, *, create: bool = False) -> Iterator[_Place]:
    """Give the place at ``location``; with ``create`` a new one, which is gone again where the block fails."""
    made = [] if is_url(location) or Path(location).exists() else _not_there(Path(location))
    database = open_database(location, create=create)
    place = _Place(database)
    try:
        migrate(database, back_up=lambda schema: back_up_before(database, schema))
        yield place
    except BaseException:
        place.companion.close()
        database.close()
        for path in made:
            path.unlink(missing_ok=True)
        raise
    finally:
        place.companion.close()
        database.close()


def back_up(registry: Registry, path: Path, *, looks_first: bool = True) -> int:
    """Copy the whole registry into the new GeoPackage ``path`` and its accounts beside it; return its version.

    ``looks_first`` is that of ``Registry.backup``. Others may write meanwhile. Both files appear or neither does; who
    gets only the first has no account in it. Raises RegistryError where one of them exists or cannot be written.
    """
    beside = place_beside(path)
    if beside.exists():
        raise RegistryError(f"{beside}: found a file, expected a name that is free")
    if not registry.companion.exists:
        return registry.backup(path, looks_first=looks_first)
    # first, so that they remember nothing of the registry that its own copy has not come to yet
    _back_up_accounts(store_of(registry), beside)
    try:
        return registry.backup(path, looks_first=looks_first)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _back_up_accounts(accounts: Database, path: Path) -> None:
    with new_file(path) as partial:
        if accounts.is_geopackage:
            copy_file(accounts, partial)
            return
        copy = open_database(partial, erases=True)
        try:
            bring_up(copy)
            with accounts.reading() as reading, copy.writing() as writing:
                writing.execute(delete(TRAIL))
                pour(reading, writing, METADATA.sorted_tables)
        finally:
            copy.close()


def restore_backup(
    backup: Path, target: str | Path, *, keep: Path | None = None, actor: str = "buildingmap"
) -> int:
    """Put a backup in place of the registry at ``target``, as ``registry.restore_backup`` does; return its version.

    Accounts stay those of ``target`` where it has any: yesterday's backup must not give back what was taken from
    somebody today. Else they come from the backup, without its sessions. All of it or nothing. Raises RegistryError.
    """
    with _opened(backup) as source, _opened(target, create=True) as place:
        accounts = place.accounts()
        origin = source.accounts() if source.companion.exists else None
        with accounts.writing() as writing:
            if origin is not None and writing.execute(select(ACCOUNT.c.id).limit(1)).first() is None:
                for table in _BACKED_UP:
                    writing.execute(delete(table))
                with origin.reading() as reading:
                    pour(reading, writing, _BACKED_UP)
            version = restore_registry(backup, target, keep=keep, actor=actor)
        with place.database.reading() as connection:
            found = connection.execute(select(REGISTRY.c.uid, REGISTRY.c.version, REGISTRY.c.head)).one()
        AccountsWitness(accounts).remember_head(Head(*found))
        return version


def move(source: str | Path, target: str | Path) -> int:
    """Copy a registry with its accounts to the empty ``target``, file or URL, and return its version.

    The source stays as it is; all of it is copied or nothing. Raises RegistryError.
    """
    with _opened(source) as origin, _opened(target, create=True) as place:
        if not origin.companion.exists:
            return move_registry(source, target)
        accounts = place.accounts()
        with origin.accounts().reading() as reading, accounts.writing() as writing:
            if writing.execute(select(TRAIL.c.number)).scalar_one():
                raise RegistryError(f"{accounts.name}: found accounts, expected an empty store")
            for table in METADATA.sorted_tables:
                writing.execute(delete(table))
            pour(reading, writing, METADATA.sorted_tables)
            return move_registry(source, target)
