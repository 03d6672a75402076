"""How long a writer waits for its turn, and how many may: a visitor's request waits less than a command."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from buildingmap.registry.errors import RegistryBusyError

if TYPE_CHECKING:
    from collections.abc import Iterator

# what a command, or work that nobody's request waits for, can wait
LONGEST_SECONDS: Final = 60.0


class Patience:
    """What is left of the ``seconds`` that one piece of work waits for other writers, in all its changes together.

    ``most``: it does not wait, where so many threads of this process write or wait to; None: always.
    """

    def __init__(self, seconds: float = LONGEST_SECONDS, most: int | None = None) -> None:
        """Start with all of it."""
        self.left = seconds
        self.most = most

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Take the time of the block off what is left."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.left = max(0.0, self.left - (time.monotonic() - began))


_PATIENCE: Final[ContextVar[Patience | None]] = ContextVar("patience", default=None)


@contextmanager
def patience_of(patience: Patience) -> Iterator[None]:
    """Let what this thread writes in the block wait no longer than ``patience``."""
    token = _PATIENCE.set(patience)
    try:
        yield
    finally:
        _PATIENCE.reset(token)


class Writers:
    """The threads of this process that write to one store, one at a time; ``count``: with those that wait."""

    def __init__(self) -> None:
        """Begin with none."""
        self._turn = threading.Lock()
        self.counting = threading.Lock()
        self.count = 0

    @contextmanager
    def turn(self, name: str, *, waits: bool) -> Iterator[Patience]:
        """Let no other thread write in the block; yields what is left to wait for other programs.

        Raises RegistryBusyError where ``name``, the store, is written to for too long, by too many, or, without
        ``waits``, at all.
        """
        patience = (_PATIENCE.get() or Patience()) if waits else Patience(0)
        self._join(name, patience)
        try:
            with patience.waiting():
                mine = self._turn.acquire(timeout=patience.left)
            if not mine:
                raise RegistryBusyError(name)
            try:
                yield patience
            finally:
                self._turn.release()
        finally:
            with self.counting:
                self.count -= 1

    def _join(self, name: str, patience: Patience) -> None:
        with self.counting:
            if patience.most is not None and self.count >= patience.most:
                raise RegistryBusyError(name)
            self.count += 1
