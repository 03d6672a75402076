"""Read a user's file in a process of its own that is watched, and ended when it takes too much."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import psutil

from buildingmap.layers.checked import CheckedLayer
from buildingmap.layers.exchange import ANSWER, ERRORS, Request, outlines, read_answer
from buildingmap.layers.findings import REACHED, Findings, Shown
from buildingmap.layers.grid import Grid
from buildingmap.layers.grid_exchange import read_grid_answer
from buildingmap.layers.limits import Limits
from buildingmap.layers.opening import is_address
from buildingmap.model.faults import Place, printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.crs import Datum
    from buildingmap.model.district import District
    from buildingmap.model.faults import Fault
    from buildingmap.model.surroundings import Surroundings

Result = TypeVar("Result")
_LOG: Final = logging.getLogger(__name__)
_POLL_SECONDS: Final = 0.05
_LONGEST_ERRORS: Final = 4000
_LONGEST_NAME: Final = 200
# the kernel ends a process whose processor time is used up, and one that takes the memory of the whole machine
_OF_TIME: Final = frozenset({-24})
_OF_MEMORY: Final = frozenset({-9})
# what is written by libraries in C++, Rust and Python that got no memory
_NO_MEMORY: Final = ("memory allocation of", "bad_alloc", "MemoryError", "out of memory", "capacity overflow")
_DROPPED_PREFIXES: Final = ("GDAL_", "OGR_", "CPL_", "PROJ_", "AWS_", "VSI_", "CURL_")
_DROPPED: Final = frozenset({"PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONBREAKPOINT"})


def read_layer(
    path: Path,
    *,
    district: District,
    surroundings: Surroundings | None = None,
    datum: Datum | None = None,
    strict: bool = False,
    limits: Limits | None = None,
) -> CheckedLayer:
    """Read and check the layer at ``path``: GeoJSON, zipped Shapefile, GeoPackage, CSV or Excel.

    ``datum`` says what the coordinates are in, where the file does not or is wrong. ``strict`` refuses what is
    otherwise warned about: towers far from the district. Towers without a cluster get that of the official
    boundary in ``surroundings`` that they stand in. Every fault is in the result; none is raised.
    """
    return _supervised(path, district, surroundings, datum, strict=strict, limits=limits, towers=True)


def check_layer(
    path: Path,
    *,
    district: District,
    surroundings: Surroundings | None = None,
    datum: Datum | None = None,
    strict: bool = False,
    limits: Limits | None = None,
) -> CheckedLayer:
    """Do as ``read_layer`` does, but return the counts alone, without the towers."""
    return _supervised(path, district, surroundings, datum, strict=strict, limits=limits, towers=False)


def read_grid(path: Path, *, limits: Limits | None = None) -> Grid:
    """Read the file at ``path`` into cells, whatever they mean, in the confined process. No fault is raised."""
    request = Request(
        path=path if is_address(path) else Path.cwd() / path,
        boundaries=(),
        datum=None,
        strict=False,
        limits=limits or Limits(),
        answer="grid",
    )
    return _answer(
        request,
        path,
        read_grid_answer,
        lambda faults, warnings: Grid(str(path), faults=faults, warnings=warnings),
    )


def _supervised(
    path: Path,
    district: District,
    surroundings: Surroundings | None,
    datum: Datum | None,
    *,
    strict: bool,
    limits: Limits | None,
    towers: bool,
) -> CheckedLayer:
    request = Request(
        path=path if is_address(path) else Path.cwd() / path,
        district=district,
        boundaries=outlines(surroundings.boundaries) if surroundings is not None else (),
        datum=datum,
        strict=strict,
        limits=limits or Limits(),
        answer="towers" if towers else "counts",
    )
    return _answer(
        request,
        path,
        lambda folder, file: read_answer(folder, file, towers=towers),
        lambda faults, warnings: CheckedLayer(str(path), 0, faults, warnings),
    )


def _answer(
    request: Request,
    path: Path,
    read: Callable[[Path, str], Result],
    refused: Callable[[tuple[Fault, ...], tuple[Fault, ...]], Result],
) -> Result:
    """Have the request answered; what the reader leaves is read by ``read``, what stops it is told by ``refused``."""
    # a server that starts looks for those of processes that were killed
    with tempfile.TemporaryDirectory(
        prefix=f"buildingmap-read-{os.getpid()}-", ignore_cleanup_errors=True
    ) as name:
        folder = Path(name)
        request.write(folder)
        findings = _watched(folder, request.limits)
        if not findings.faults:
            try:
                return read(folder, printable(str(path)))
            except (OSError, ValueError, KeyError, TypeError):
                # the reader has seen the file and may be under its spell
                found = Shown("a file that cannot be read to its end", "无法完整读取的文件")
                findings.fault("reader_failed", found=found)
        return refused(*findings.of_file(str(path)))


def _watched(folder: Path, limits: Limits) -> Findings:
    """Run the reader until it ends or has to be ended; the result has a fault unless it left an answer."""
    findings = Findings()
    deadline = time.monotonic() + limits.seconds
    with (folder / ERRORS).open("wb") as errors:
        process = _started(folder, errors.fileno())
    try:
        watch = psutil.Process(process.pid)
        while process.poll() is None and not findings.faults:
            if time.monotonic() > deadline:
                findings.fault("time_limit", limit=f"{limits.seconds:g}")
            elif _resident(watch) > limits.reader_bytes:
                findings.fault("memory_limit", limit=limits.memory_mb)
            else:
                _wait(process, min(_POLL_SECONDS, max(deadline - time.monotonic(), 0.0)))
    finally:
        _end(process)
    if not findings.faults and (process.returncode != 0 or not (folder / ANSWER).is_file()):
        tell_ending(folder, process.returncode, limits, findings)
    return findings


def _started(folder: Path, errors: int) -> subprocess.Popen[bytes]:
    # -P: the folder the command stands in may hold a file called json.py
    command = [sys.executable, "-P", "-m", "buildingmap.layers.child", str(folder)]
    windows = sys.platform == "win32"
    return subprocess.Popen(  # noqa: S603 - the command is ours, the file's name is in the request
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        env=_environment(folder),
        cwd=folder,
        start_new_session=not windows,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) if windows else 0,
    )


def _environment(folder: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(_DROPPED_PREFIXES) and name not in _DROPPED
    }
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    return (
        kept
        | dict.fromkeys(threads, "1")
        | {
            "PROJ_NETWORK": "OFF",
            "GDAL_NUM_THREADS": "1",
            "TMPDIR": str(folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
        }
    )


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return


def _resident(watch: psutil.Process) -> int:
    try:
        return int(watch.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the reader and whatever it may have started."""
    if process.poll() is None:
        try:
            children = psutil.Process(process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            children = []
        for child in children:
            child.kill()
        if sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    process.wait()


def tell_ending(folder: Path, code: int, limits: Limits, findings: Findings) -> None:
    """Tell what an officer can do where the reader ended by itself; how it ended is for the log."""
    errors = _text(folder / ERRORS, _LONGEST_ERRORS)
    # nobody's terminal: a log that asks for it
    _LOG.info("the reader of a file ended with %s: %s", code, printable(errors[-300:]))
    place = Place(sheet=printable(_text(folder / REACHED, _LONGEST_NAME)) or None)
    if code in _OF_TIME:
        findings.fault("time_limit", place=place, limit=f"{limits.seconds:g}")
    elif code in _OF_MEMORY or any(word in errors for word in _NO_MEMORY):
        findings.fault("memory_limit", place=place, limit=limits.memory_mb)
    else:
        found = Shown("contents that ended the reading half way", "中途无法继续读取的内容")
        findings.fault("reader_failed", place=place, found=found)


def _text(path: Path, most: int) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - most))
            return file.read(most).decode("utf-8", "replace")
    except OSError:
        return ""
