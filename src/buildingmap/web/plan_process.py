"""One process beside the server that answers questions about plans: started when needed, kept warm, ended for good."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, Final

import psutil

from buildingmap.placement.child import read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.placement import Question

_DROPPED: Final = frozenset({"PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONBREAKPOINT"})
# how long a process that was asked to stop may go on before it is ended
GRACE_SECONDS: Final = 1.0


class EndedError(Exception):
    """The process has ended before it answered."""


class PlanProcess:
    """A child process, one question at a time; ``kill`` and ``stop`` may come from any thread.

    ``version``: which snapshot it holds.
    """

    def __init__(self) -> None:
        """Start the process; it imports what it needs while the first question is on its way."""
        self._process = _started()
        self._lock = threading.Lock()
        self.version: str | None = None
        self._number = 0

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def begin(self) -> int:
        """Return the number of the question that comes next, by which it can be stopped even before it is sent."""
        self._number += 1
        return self._number

    def ask(
        self,
        number: int,
        question: Question,
        version: str,
        snapshot: Callable[[], bytes],
        heard: Callable[[float | None, float | None, int | None, int | None], None],
    ) -> Any:
        """Return the answer; ``snapshot`` gives the pickled snapshot of ``version`` where it has not got it yet.

        ``heard`` is told score, bound, done and of. Raises EndedError where the process ended, by itself or by
        ``kill``. What the question itself is refused with is returned: (text, faults).
        """
        sink, source = self._pipes()
        try:
            with self._lock:
                if self.version != version:
                    write_frame(sink, "snapshot", snapshot())
                    self.version = version
                write_frame(sink, "ask", number, question)
            while (message := read_frame(source)) is not None:
                kind, of, *content = message
                if of != number:
                    continue
                if kind == "told":
                    heard(*content)
                else:
                    return kind, content
        except (OSError, ValueError) as error:
            raise EndedError from error
        raise EndedError

    def stop(self, number: int) -> None:
        """Ask it to end a question with what it knows; end the process where it does not in time."""
        timer = threading.Timer(GRACE_SECONDS, self._kill_at, [number])
        timer.daemon = True
        timer.start()
        sink, _ = self._pipes()
        try:
            with self._lock:
                write_frame(sink, "stop", number)
        except (OSError, ValueError):
            self.kill()

    def done(self) -> None:
        """Say that no question is under way, so that a late ``stop`` ends nothing."""
        self._number += 1

    def kill(self) -> None:
        """End it, whatever it does, and wait until it is gone."""
        if self._process.poll() is None:
            try:
                started = psutil.Process(self.pid).children(recursive=True)
            except psutil.NoSuchProcess:
                started = []
            self._process.kill()
            for process in started:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it and let go of its pipes."""
        self.kill()
        for pipe in self._pipes():
            try:
                pipe.close()
            except OSError:
                continue

    def _kill_at(self, number: int) -> None:
        if self._number == number:
            self.kill()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        sink, source = self._process.stdin, self._process.stdout
        assert sink is not None
        assert source is not None
        return sink, source


def _started() -> subprocess.Popen[bytes]:
    windows = sys.platform == "win32"
    flags = ("CREATE_NO_WINDOW", "BELOW_NORMAL_PRIORITY_CLASS") if windows else ()
    environment = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    return subprocess.Popen(
        # -P: the folder the server was started in may hold a file called json.py
        [sys.executable, "-P", "-m", "buildingmap.placement.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment | {"PYTHONUTF8": "1"},
        # Ctrl-C in the terminal is for the server, which ends its children itself
        start_new_session=not windows,
        creationflags=sum(getattr(subprocess, flag, 0) for flag in flags),
    )
