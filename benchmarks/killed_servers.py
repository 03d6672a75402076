"""Servers to be killed: the command itself, or a fork of a process that has imported everything and built the pages."""

from __future__ import annotations

import gc
import logging
import os
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NoReturn

from waitress.server import create_server  # type: ignore[import-untyped]  # it ships no types

from buildingmap import layers
from buildingmap.accounts import Accounts, ApiTokens
from buildingmap.layers import child, supervise
from buildingmap.model import Surroundings
from buildingmap.registry import open_registry
from buildingmap.web import create_app
from buildingmap.web.server import DEFAULT_THREADS, listen
from buildingmap.web.visitors import Access

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask

_SAID_LAST: Final = "buildingmap: http://127.0.0.1:"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that listens: its process, its port, and how to wait for its end."""

    pid: int
    port: int
    wait: Callable[[], object]


def command(registry: Path) -> Server:
    """Start ``python -m buildingmap serve``."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "buildingmap",
            "serve",
            "--registry",
            str(registry),
            "--port",
            "0",
            "--lang",
            "en",
        ],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"},
    )
    assert process.stdout is not None
    with process.stdout as said:
        return Server(process.pid, _port(iter(said.readline, b"")), process.wait)


@lru_cache(maxsize=1)
def _application(path: Path) -> Flask:
    """Open the registry and build the application for it, as the command does, and let go of every connection."""
    registry = open_registry(path, district=layers.read_district(None), surroundings=Surroundings())
    access = Access(Accounts(registry), ApiTokens(registry), open_role="admin")
    app = create_app(registry, access=access)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # as the command has it
    registry.database.engine.dispose()
    return app


def forked(registry: Path) -> Server:
    """Run a server in a fork of this process, which must have no other threads; its readers of files likewise."""
    app = _application(registry)
    listening = listen("127.0.0.1", 0)
    port = listening.socket.getsockname()[1]
    pid = os.fork()
    if not pid:
        supervise._started = _ForkedReader  # type: ignore[assignment]  # noqa: SLF001 - 0.3 s of imports spared
        in_fork(create_server(app, sockets=[listening.socket], threads=DEFAULT_THREADS).run)
    listening.socket.close()
    return Server(pid, port, lambda: os.waitpid(pid, 0))


def import_everything() -> None:
    """Import here what a server and a reader import when they are first used, so that forks need not."""
    from buildingmap.layers import grid_reading  # noqa: F401, PLC0415 - late, as they are in the command
    from buildingmap.layers.csv_grid import csv_grid  # noqa: F401, PLC0415

    gc.collect()
    gc.freeze()  # what stays for good is neither looked through nor copied in the forks


def in_fork(work: Callable[[], object]) -> NoReturn:
    """Do ``work`` and end this process at once, without the parent's own endings."""
    code = 1
    try:
        work()
        sys.stdout.flush()
        code = 0
    except BaseException:  # noqa: BLE001 - it must not go on in the parent's code
        traceback.print_exc()
    finally:
        os._exit(code)


def _port(lines: Iterator[bytes]) -> int:
    said: list[str] = []
    for line in lines:
        said.append(line.decode())
        if said[-1].startswith(_SAID_LAST):
            return int(said[-1].removeprefix(_SAID_LAST).strip(" \n/"))
    raise RuntimeError(f"the server ended early: {said}")


class _ForkedReader:
    """Stands where ``supervise`` has a ``Popen``: the reading process, forked instead of started."""

    def __init__(self, folder: Path, errors: int) -> None:
        self.returncode: int | None = None
        self.pid = os.fork()
        if not self.pid:
            os.setsid()
            os.dup2(errors, 2)
            os.chdir(folder)
            gc.disable()
            in_fork(lambda: child.main(folder))

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self, timeout: float = 60) -> int:
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("the reader", timeout)
            time.sleep(0.001)
        return code
