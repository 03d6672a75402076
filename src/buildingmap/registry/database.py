"""The store itself: one GeoPackage file, or a PostgreSQL database with PostGIS. How it is opened, read and written."""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Engine, QueuePool, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from buildingmap.registry.errors import (
    RegistryBusyError,
    RegistryError,
    RegistryMissingError,
    RegistryReadOnlyError,
    RegistryWriteError,
)
from buildingmap.registry.patience import LONGEST_SECONDS, Writers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

SCHEMA_OF_ACCOUNTS: Final = "buildingmap_accounts"
_BUSY_SECONDS: Final = int(LONGEST_SECONDS)
_WRITES: Final = "buildingmap_writes"
_WHEN_KEPT: Final = "buildingmap_when_kept"
_READ_ONLY: Final = "the registry can be read but not written here"
# PostgreSQL waits for ever where it is told 0
_LEAST_MS: Final = 10
_LOCK_NOT_AVAILABLE: Final = "55P03"
_SENTENCES: Final = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_CORRUPT": "the file is damaged (buildingmap restore brings a backup back)",
    "SQLITE_NOTADB": "expected a GeoPackage, found another kind of file",
    "SQLITE_CANTOPEN": "the file cannot be opened",
}


@dataclass(frozen=True)
class Database:
    """An open store. ``path``: of its GeoPackage, None on PostgreSQL. ``read_only``: it cannot be written here."""

    engine: Engine
    name: str
    path: Path | None
    read_only: bool
    _writers: Writers

    @property
    def is_geopackage(self) -> bool:
        """Whether the store is a file."""
        return self.path is not None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open one consistent view of the store. Raises RegistryError."""
        with self._told(RegistryError), self.engine.connect() as connection:
            connection.begin()
            if not self.is_geopackage:
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            yield connection

    @contextmanager
    def writing(self, *, waits: bool = True) -> Iterator[Connection]:
        """Open a transaction that no other writer shares; it is kept whole when the block ends well, or not at all.

        Raises RegistryReadOnlyError, RegistryWriteError when the store does not take it, and RegistryBusyError when
        somebody else is writing for longer than this thread's patience; without ``waits``, at all.
        """
        if self.read_only:
            raise RegistryReadOnlyError(f"{self.name}: {_READ_ONLY}")
        calls: list[Callable[[], None]] = []
        # threads of one process wait here in turn; SQLite's own waiting is by chance
        with (
            self._writers.turn(self.name, waits=waits) as patience,
            self._told(RegistryWriteError),
            self.engine.connect() as connection,
        ):
            connection = connection.execution_options(**{_WRITES: True, _WHEN_KEPT: calls})  # noqa: PLW2901 - the same, marked
            with self._waiting_at_most(connection, patience.left), ExitStack() as kept:
                with patience.waiting():
                    kept.enter_context(connection.begin())
                if not self.is_geopackage:
                    most = max(_LEAST_MS, round(patience.left * 1000))
                    connection.execute(text(f"SET LOCAL lock_timeout = '{most}ms'"))
                yield connection
        for call in calls:
            call()

    @contextmanager
    def _waiting_at_most(self, connection: Connection, seconds: float) -> Iterator[None]:
        """Let a GeoPackage be waited for no longer than ``seconds`` in the block."""
        raw = connection.connection.driver_connection
        if not isinstance(raw, sqlite3.Connection):
            yield
            return
        raw.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")
        try:
            yield
        finally:
            raw.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")

    def gather(self) -> None:
        """Bring what was written to a GeoPackage from the log beside it into the file, as far as readers allow."""
        if self.path is None or self.read_only:
            return
        try:
            with closing(sqlite3.connect(self.path, timeout=_BUSY_SECONDS)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:
            return  # nothing is lost: the next to close does it

    def close(self) -> None:
        """Close every connection; a GeoPackage is then the one file."""
        self.engine.dispose()
        self.gather()

    @contextmanager
    def _told(self, kind: type[RegistryError]) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if _is_busy(error):
                raise RegistryBusyError(self.name) from None
            # without the driver's error: a log that shows causes would show what was typed
            raise kind(f"{self.name}: {sentence(error)}") from None


def when_kept(connection: Connection, call: Callable[[], None]) -> None:
    """Do ``call`` once what is being written on ``connection`` has been kept; never where it is not."""
    connection.get_execution_options()[_WHEN_KEPT].append(call)


def _is_busy(error: DBAPIError) -> bool:
    """Tell whether another writer was in the way."""
    return str(getattr(error.orig, "sqlite_errorname", "")).startswith("SQLITE_BUSY") or (
        getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE
    )


def sentence(error: DBAPIError) -> str:
    """Say in a few words what a database complains of."""
    origin = error.orig
    code = getattr(origin, "sqlite_errorname", "") or ""
    for known, words in _SENTENCES.items():
        if code.startswith(known):
            return words
    if _is_of_the_connection(origin):
        return " ".join(str(origin).split())
    # the driver's own words may quote a cell or a whole row
    state = code or getattr(origin, "sqlstate", None) or ""
    constraint = getattr(getattr(origin, "diag", None), "constraint_name", None) or ""
    return " ".join(filter(None, ("the database answered", state, type(origin).__name__, constraint)))


def _is_of_the_connection(origin: BaseException | None) -> bool:
    """Tell whether PostgreSQL could not be reached: such words name hosts and roles, no content."""
    kind = type(origin)
    is_driver = kind.__module__.startswith("psycopg") and kind.__name__ == "OperationalError"
    return is_driver and getattr(origin, "sqlstate", None) is None


def is_url(location: str | Path) -> bool:
    """Tell a database URL from a file's path."""
    return isinstance(location, str) and "://" in location


def open_database(location: str | Path, *, create: bool = False, erases: bool = False) -> Database:
    """Open the store at ``location``, a path or a ``postgresql://`` URL; an empty one is made with ``create``.

    ``erases``: what is deleted from a file is overwritten, and others never get to read the file.
    Raises RegistryMissingError, or RegistryError where it cannot be opened.
    """
    if is_url(location):
        return _postgresql(str(location))
    path = Path(location)
    if not path.exists():
        if not create:
            raise RegistryMissingError(f"{path}: found no file, expected a registry")
        _make_folder(path.parent)
        make_private(path)
    elif not path.is_file():
        raise RegistryError(f"{path}: found a folder or device, expected a GeoPackage file")
    read_only = path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
    if erases and not read_only:
        _keep_private(path)
    engine = _geopackage_engine(path, read_only=read_only, erases=erases)
    return _answering(Database(engine, str(path), path, read_only, Writers()))


def _answering(database: Database) -> Database:
    try:
        with database.reading() as connection:
            connection.execute(text("SELECT 1 FROM sqlite_master" if database.is_geopackage else "SELECT 1"))
    except RegistryError:
        database.engine.dispose()
        raise
    return database


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RegistryError(
            f"{folder}: {error.strerror}, expected a folder to keep the registry in"
        ) from error


def make_private(path: Path) -> None:
    """Make an empty file that only its owner can read: taxes will be in it."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    except OSError as error:
        raise RegistryError(f"{path}: {error.strerror}, expected a place for a registry") from error


def _keep_private(path: Path) -> None:
    """Let only the owner read a file that a copy may have opened to others; what SQLite puts beside it follows."""
    # where it belongs to somebody else, that is theirs to do
    with suppress(OSError):
        path.chmod(0o600)


def _geopackage_engine(path: Path, *, read_only: bool, erases: bool) -> Engine:
    # a log beside a file that cannot be written may hold newer content, and needs no memory file to be read
    logged = path.with_name(path.name + "-wal").exists()
    mode = "rwc" if not read_only else "ro" if logged else "ro&immutable=1"
    address = f"{path.resolve().as_uri()}?mode={mode}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )

    engine = create_engine(
        "sqlite+pysqlite://", creator=connect, poolclass=QueuePool, pool_size=8, max_overflow=56
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        if not read_only:
            connection.execute("PRAGMA journal_mode=WAL")
            # what has been acknowledged survives the machine, not only the process
            connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA trusted_schema=OFF")
        if erases:
            connection.execute("PRAGMA secure_delete=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(location: str) -> Database:
    try:
        url = make_url(location)
    except ArgumentError as error:
        raise RegistryError(
            "the registry's URL cannot be read, expected postgresql://user@host/name"
        ) from error
    if url.get_backend_name() != "postgresql":
        raise RegistryError(f"found a {url.get_backend_name()} URL, expected a file or a postgresql:// URL")
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"), pool_size=8, max_overflow=24, pool_pre_ping=True
        )
    except (ImportError, NoSuchModuleError) as error:
        raise RegistryError("PostgreSQL needs its driver: pip install 'buildingmap[postgresql]'") from error
    shown = url.render_as_string(hide_password=True)
    return _answering(Database(engine, shown, None, read_only=False, _writers=Writers()))


def open_schema(database: Database, schema: str) -> Database:
    """Open one schema of a PostgreSQL ``database``, by a URL of its own kind: unqualified names mean that schema's."""
    engine = create_engine(database.engine.url, pool_size=8, max_overflow=24, pool_pre_ping=True)

    # before SQLAlchemy asks for the default schema
    @event.listens_for(engine, "connect", insert=True)
    def look_there(connection: Any, _record: object) -> None:
        connection.autocommit = True
        connection.execute(f"SET SESSION search_path = {schema}")
        connection.autocommit = False

    return _answering(Database(engine, database.name, None, read_only=False, _writers=Writers()))
