"""The process that answers questions about plans beside the server: ``python -m buildingmap.placement.child``.

Solving holds Python's lock for long stretches; in a process of its own it keeps nobody waiting, and can be ended. It
stays for the next question with what it has imported and the last snapshot. It ends by itself when its standard input
does: when the server that started it is gone, however that ended.
"""

from __future__ import annotations

import os
import pickle
import queue
import struct
import sys
import threading
import time
from typing import IO, TYPE_CHECKING, Any, Final

import psutil

if TYPE_CHECKING:
    from buildingmap.placement.asking import Question
    from buildingmap.placement.planning import PlanAnswer
    from buildingmap.snapshot import Snapshot

_LENGTH: Final = struct.Struct(">Q")
# a person reads no more than so many figures a second
_TOLD_EVERY_SECONDS: Final = 0.1
_ANSWERS_KEPT: Final = 8


def write_frame(sink: IO[bytes], *message: Any) -> None:
    """Send a message over a pipe between two processes of this program."""
    body = pickle.dumps(message, protocol=5)
    sink.write(_LENGTH.pack(len(body)))
    sink.write(body)
    sink.flush()


def read_frame(source: IO[bytes]) -> Any:
    """Return the next message, None where the other side has ended."""
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = source.read(length)
    # what comes over this pipe was written by this program, in this server or in its child
    return pickle.loads(body) if len(body) == length else None  # noqa: S301


class _Child:
    def __init__(self, source: IO[bytes], sink: IO[bytes]) -> None:
        self._source, self._sink = source, sink
        self._asked: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self._stopped: set[int] = set()
        self._snapshot: Snapshot | None = None
        self._best: dict[tuple[str, str], PlanAnswer] = {}

    def run(self) -> None:
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        while True:
            kind, *message = self._asked.get()
            if kind == "snapshot":
                self._snapshot = pickle.loads(message[0])  # noqa: S301 - the server's own
            else:
                self._answer(*message)

    def _listen(self) -> None:
        while (message := read_frame(self._source)) is not None:
            if message[0] == "stop":
                self._stopped.add(message[1])
            else:
                self._asked.put(message)
        _end()

    def _answer(self, number: int, question: Question) -> None:
        from buildingmap.placement.asking import answered  # noqa: PLC0415 - seconds to import
        from buildingmap.placement.plan_faults import PlanError  # noqa: PLC0415 - the same

        assert self._snapshot is not None
        version = self._snapshot.version
        heard = 0.0

        def told(score: float | None, bound: float | None, done: int | None, of: int | None) -> bool:
            nonlocal heard
            now = time.monotonic()
            if now - heard >= _TOLD_EVERY_SECONDS:
                heard = now
                write_frame(self._sink, "told", number, score, bound, done, of)
            return number not in self._stopped

        plan_key = version, question.of_plan.key
        try:
            found = answered(question, self._snapshot, best=self._best.get(plan_key), told=told)
        except PlanError as error:
            write_frame(self._sink, "refused", number, error)
            return
        if question.ask == "plan" and number not in self._stopped:
            self._best[plan_key] = found
            if len(self._best) > _ANSWERS_KEPT:
                del self._best[next(iter(self._best))]
        write_frame(self._sink, "answer", number, found)


def _end() -> None:
    """End at once, with whatever processes a question may have started."""
    for process in psutil.Process().children(recursive=True):
        process.kill()
    os._exit(0)


def main() -> None:
    """Answer until the server is gone."""
    # what a library prints goes to the server's own errors, never between two messages
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    source = sys.stdin.buffer
    if hasattr(os, "nice"):
        # the map comes first
        os.nice(5)
    try:
        _Child(source, sink).run()
    except BrokenPipeError:
        # the server is gone while it was told something
        _end()


if __name__ == "__main__":
    main()
