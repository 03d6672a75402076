"""The access log: who read what is confidential, when and from where; never what stood there."""

from __future__ import annotations

import atexit
import logging
import threading
from collections import deque
from contextlib import suppress
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, insert, select

from buildingmap.accounts.opening import store_of
from buildingmap.accounts.schema import CONFIDENTIAL_READ
from buildingmap.model.faults import printable
from buildingmap.registry.errors import RegistryError, RegistryReadOnlyError, RegistryWriteError
from buildingmap.registry.writing import now as written

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.registry import Registry

DEFAULT_DAYS: Final = 180
_EVERY_SECONDS: Final = 1.0
_PRUNE_EVERY: Final = timedelta(hours=1)
_LONGEST_TEXT: Final = 1000
# while the store does not take them; some 10 MB
_MOST_PENDING: Final = 50_000
_AT_ONCE: Final = 1_000
_log: Final = logging.getLogger("buildingmap.accounts")


@dataclass(frozen=True, slots=True)
class Read:
    """One answer that showed, or was refused for showing, what is confidential.

    ``at``: UTC, ISO 8601; ``account``: its name, ``local`` on a machine without accounts; ``route``: the path;
    ``filter``: the query as it was asked; ``status``: of the answer.
    """

    at: str
    account: str
    address: str
    route: str
    filter: str
    status: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Which reads are looked for: each text exactly but ``route``, which is a beginning; times UTC, ISO 8601."""

    account: str = ""
    address: str = ""
    route: str = ""
    since: str = ""
    until: str = ""


class ReadLog:
    """The reads of one registry, kept for ``days``. They are written in the background, about once a second.

    Safe to share among threads. ``close`` writes what is left, and so does the end of the process.
    """

    def __init__(
        self,
        registry: Registry,
        *,
        days: int = DEFAULT_DAYS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Keep the log with the accounts. Raises RegistryError."""
        self._database = store_of(registry)
        self._kept = timedelta(days=days)
        self._clock = clock
        self._pending: deque[Read] = deque()
        self._lost = 0
        self._writing = threading.Lock()
        self._starting = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._pruned = datetime.min.replace(tzinfo=UTC)

    @property
    def days(self) -> int:
        """How long a read is kept."""
        return self._kept.days

    def note(self, *, account: str, address: str, route: str, asked: str, status: int) -> None:
        """Note one read at present; waits for nothing."""
        if len(self._pending) >= _MOST_PENDING:
            self._lost += 1
            return
        at = written(self._clock())
        self._pending.append(Read(at, _plain(account), _plain(address), _plain(route), _plain(asked), status))
        if self._thread is None:
            self._start()

    def flush(self) -> None:
        """Write what was noted, and forget what is older than it may be. Raises RegistryError."""
        with self._writing:
            while batch := self._taken():
                try:
                    with self._database.writing() as connection:
                        connection.execute(insert(CONFIDENTIAL_READ), [_row(read) for read in batch])
                except BaseException:
                    self._pending.extendleft(reversed(batch))
                    raise
            if self._lost:
                _log.error(
                    "access log: %d reads could not be kept while the store was not writable", self._lost
                )
                self._lost = 0
            self._prune()

    def _taken(self) -> list[Read]:
        return [self._pending.popleft() for _ in range(min(len(self._pending), _AT_ONCE))]

    def found(self, asked: Asked, *, before: int | None = None, limit: int = 100) -> list[tuple[int, Read]]:
        """Return reads with their numbers, newest first, those below number ``before`` where it is given.

        What was noted a moment ago is among them, unless the store takes nothing now. Raises RegistryError.
        """
        with suppress(RegistryWriteError, RegistryReadOnlyError):
            self.flush()
        column = CONFIDENTIAL_READ.c
        question = select(CONFIDENTIAL_READ).order_by(column.fid.desc()).limit(limit)
        for name in ("account", "address"):
            if value := getattr(asked, name):
                question = question.where(column[name] == value)
        if asked.route:
            question = question.where(column.route.startswith(asked.route, autoescape=True))
        if asked.since:
            question = question.where(column.at >= asked.since)
        if asked.until:
            question = question.where(column.at <= asked.until)
        if before is not None:
            question = question.where(column.fid < before)
        with self._database.reading() as connection:
            return [(number, Read(*rest)) for number, *rest in connection.execute(question)]

    def close(self) -> None:
        """Write what is left and end the thread that writes."""
        self._ending.set()
        with self._starting:
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
            atexit.unregister(self.close)
        try:
            if not self._database.read_only:
                self.flush()
        except RegistryError as error:
            _log.error("access log: %d reads could not be kept: %s", len(self._pending), error)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and not self._ending.is_set():
                self._thread = threading.Thread(target=self._write_on, name="access log", daemon=True)
                self._thread.start()
                atexit.register(self.close)

    def _write_on(self) -> None:
        failing = False
        while not self._ending.wait(_EVERY_SECONDS):
            try:
                self.flush()
                failing = False
            except RegistryError as error:
                if not failing:
                    _log.error("access log: cannot be written now, tried again: %s", error)
                failing = True

    def _prune(self) -> None:
        at = self._clock()
        if at < self._pruned + _PRUNE_EVERY:
            return
        oldest = written(at - self._kept)
        with self._database.writing() as connection:
            connection.execute(delete(CONFIDENTIAL_READ).where(CONFIDENTIAL_READ.c.at < oldest))
        self._pruned = at


def _plain(text: str) -> str:
    """Return what a visitor sent as a line that a store, a page and a terminal take; it is anybody's text."""
    return printable(text[:_LONGEST_TEXT])[:_LONGEST_TEXT]


def _row(read: Read) -> dict[str, Any]:
    names = CONFIDENTIAL_READ.columns.keys()[1:]
    return dict(zip(names, astuple(read), strict=True))
