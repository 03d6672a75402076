"""Imports under way: each file that was handed in, read and previewed in a thread, kept until it is applied or old."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import psutil

from buildingmap import intake
from buildingmap.errors import BuildingmapError
from buildingmap.registry import RegistryWriteError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from buildingmap.intake import Chosen, Preview
    from buildingmap.layers import Grid
    from buildingmap.registry import Registry

State = Literal["reading", "ready", "refused", "applying", "applied", "cancelled"]
# a thread works on it
BUSY: Final[frozenset[State]] = frozenset({"reading", "applying"})
MOST_BYTES: Final = 128 * 1024 * 1024
_KEPT_SECONDS: Final = 3600.0
_MOST_JOBS: Final = 12
_AT_ONCE: Final = 2
_SUFFIXES: Final = frozenset({".geojson", ".json", ".zip", ".gpkg", ".csv", ".xlsx"})
_LONGEST_NAME: Final = 120
_LEFTOVER: Final = re.compile(r"buildingmap-(?:import|read|export)-([0-9]{1,9})-")


@dataclass(frozen=True, slots=True)
class Options:
    """How a person wants a file read; empty texts and dicts leave it to the guess."""

    sheet: str | None = None
    table: str | None = None
    fields: Mapping[int, tuple[str | None, int | None]] = field(default_factory=dict)
    units: Mapping[int, str] = field(default_factory=dict)
    datum: str | None = None
    year: int | None = None
    source: str | None = None
    as_of: str | None = None
    clear_empty: bool = False
    leave_unread: bool = False


@dataclass(slots=True, eq=False)
class Job:
    """One file of one visitor on its way into the registry."""

    id: str
    owner: str
    name: str
    folder: Path
    options: Options = field(default_factory=Options)
    state: State = "reading"
    done: int = 0
    total: int = 0
    grid: Grid | None = None
    chosen: Chosen | None = None
    preview: Preview | None = None
    error: BuildingmapError | None = None
    version: int | None = None
    touched: float = field(default_factory=time.monotonic)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def path(self) -> Path:
        """Where the file lies: under a name of ours, with the kind of the user's."""
        suffix = Path(self.name).suffix.lower()
        return self.folder / f"file{suffix if suffix in _SUFFIXES else '.unknown'}"

    @property
    def busy(self) -> bool:
        """Whether a thread works on it."""
        return self.state in BUSY


class ImportJobs:
    """The imports of one server process. Files and previews live here, never in the registry, for an hour at most."""

    def __init__(self) -> None:
        """Start without any."""
        self._jobs: dict[str, Job] = {}
        remove_leftovers()
        self._root = tempfile.mkdtemp(prefix=f"buildingmap-import-{os.getpid()}-")
        # what is left when the server ends, or a test drops it, goes too
        weakref.finalize(self, shutil.rmtree, self._root, ignore_errors=True)
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="import")

    def take(self, name: str, owner: str, save: Callable[[Path], object], registry: Registry) -> Job:
        """Take a file in, written by ``save``, and begin to read it.

        Raises IntakeError when too many wait, RegistryWriteError where there is no room for the file.
        """
        folder = Path(tempfile.mkdtemp(dir=self._root))
        plain = "".join(char for char in name.replace("\\", "/").rsplit("/", 1)[-1] if char.isprintable())
        job = Job(secrets.token_urlsafe(12), owner, plain[-_LONGEST_NAME:] or "file", folder)
        with self._lock:
            self._make_room()
            self._jobs[job.id] = job
        try:
            save(job.path)
        except BaseException as error:
            self.drop(job)
            if isinstance(error, OSError):
                raise RegistryWriteError(
                    f"{job.name}: {error.strerror}, expected room for the file"
                ) from error
            raise
        self._start(job, registry)
        return job

    def of(self, job_id: str, owner: str) -> Job | None:
        """Return a visitor's job, None where they have none of this id."""
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.owner != owner:
                return None
            job.touched = time.monotonic()
            return job

    def all_of(self, owner: str) -> list[Job]:
        """Return a visitor's jobs, newest first."""
        with self._lock:
            return [job for job in reversed(self._jobs.values()) if job.owner == owner]

    def read_again(self, job: Job, options: Options, registry: Registry) -> None:
        """Preview a job anew with other options. Raises IntakeError while it is busy or when it is done."""
        with self._lock:
            _expect(job, "ready", "refused")
            job.state = "reading"
        job.options = options
        self._start(job, registry)

    def apply(self, job: Job, registry: Registry, *, actor: str) -> None:
        """Begin to write a previewed job. Raises IntakeError unless it is ready, ImportRefusedError with its faults."""
        with self._lock:
            _expect(job, "ready")
            assert job.preview is not None
            if not job.preview.ok:
                raise intake.ImportRefusedError([found.fault for found in job.preview.faults])
            job.state = "applying"
        job.error = None
        self._threads.submit(_run, job, lambda: _apply(job, registry, actor))

    def cancel(self, job: Job) -> None:
        """Stop a job that is not being written; nothing of it is kept."""
        with self._lock:
            _expect(job, "reading", "ready", "refused", "cancelled")
            job.state = "cancelled"
            job.stop.set()
        _forget(job)

    def drop(self, job: Job) -> None:
        """Forget a job."""
        with self._lock:
            self._jobs.pop(job.id, None)
        job.stop.set()
        _forget(job)

    def _start(self, job: Job, registry: Registry) -> None:
        job.done = job.total = 0
        job.error = None
        self._threads.submit(_run, job, lambda: _preview(job, registry))

    def _make_room(self) -> None:
        now = time.monotonic()
        idle = [job for job in self._jobs.values() if not job.busy]
        old = [job for job in idle if now - job.touched > _KEPT_SECONDS]
        if len(self._jobs) - len(old) >= _MOST_JOBS:
            rest = sorted((job for job in idle if job not in old), key=lambda job: job.touched)
            if not rest:
                raise intake.IntakeError("too many imports are under way: try again in a minute")
            old.append(rest[0])
        for job in old:
            del self._jobs[job.id]
            _forget(job)


def remove_leftovers() -> None:
    """Remove what processes that were killed have left of users' files in the folder for temporary ones."""
    for left in Path(tempfile.gettempdir()).glob("buildingmap-*-*"):
        known = _LEFTOVER.match(left.name)
        if known is not None and not psutil.pid_exists(int(known[1])):
            shutil.rmtree(left, ignore_errors=True)


def _expect(job: Job, *states: State) -> None:
    if job.state not in states:
        raise intake.IntakeError(f"the import is {job.state}, expected {' or '.join(states)}")


def _forget(job: Job) -> None:
    job.grid = job.chosen = job.preview = None
    shutil.rmtree(job.folder, ignore_errors=True)


def _run(job: Job, work: Callable[[], None]) -> None:
    before = job.state
    try:
        work()
    except intake.ImportCancelledError:
        job.state = "cancelled"
    except BuildingmapError as error:
        job.error = error
        # what could not be written can be previewed again; what could not be read can be read otherwise
        job.state = "ready" if before == "applying" else "refused"
    except Exception as error:
        job.error, job.state = (
            intake.IntakeError(f"{job.name}: the import failed ({type(error).__name__})"),
            "refused",
        )
        raise
    if job.stop.is_set():
        job.state = "cancelled"
        _forget(job)


def _preview(job: Job, registry: Registry) -> None:
    def progress(done: int, total: int) -> None:
        job.done, job.total = done, total
        _stop_if_asked(job)

    options = job.options
    grid = job.grid or intake.opened_file(job.path, name=job.name)
    job.grid = grid
    _stop_if_asked(job)
    chosen = intake.choose(grid, registry, sheet=options.sheet, as_table=options.table)
    job.chosen, job.preview = chosen, None
    mapping = intake.corrected(chosen.mapping, fields=options.fields, datum=options.datum, year=options.year)
    chosen = replace(chosen, mapping=intake.corrected(mapping, units=options.units))
    found = intake.preview(
        chosen,
        registry,
        clear_empty=options.clear_empty,
        leave_unread=options.leave_unread,
        source=options.source,
        as_of=options.as_of,
        progress=progress,
    )
    job.chosen, job.preview, job.state = chosen, found, "ready"


def _stop_if_asked(job: Job) -> None:
    if job.stop.is_set():
        raise intake.ImportCancelledError("the import was stopped")


def _apply(job: Job, registry: Registry, actor: str) -> None:
    assert job.preview is not None
    revision = intake.apply(job.preview, registry, actor=actor, name=job.name)
    job.version = None if revision is None else revision.version
    job.state = "applied"
    job.grid = None


def error_lines(error: BuildingmapError | None, lang: Any) -> list[str]:
    """Return an error as lines for a person, each fault its own."""
    return [] if error is None else error.text(lang).splitlines()
