"""A layer file that changes while it is served: taken in whole, or not at all."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Protocol

from buildingmap.errors import BuildingmapError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from buildingmap.snapshot import Snapshot

POLL_SECONDS: Final = 2.0


class Reloading(Protocol):
    """A registry that can read its file again."""

    def reload(self) -> Snapshot:
        """Put the file's present content in force, or keep the old and raise BuildingmapError."""


def watch(
    registry: Reloading,
    path: Path,
    *,
    renewed: Callable[[Snapshot], None],
    kept: Callable[[BuildingmapError], None],
    every_seconds: float = POLL_SECONDS,
) -> threading.Event:
    """Look at ``path`` every so often in a thread of its own, and reload it when it changed.

    ``renewed`` is told the new version, ``kept`` why the old one stays. Setting the event ends the watch.
    """
    ended = threading.Event()
    seen = _stamp(path)

    def look() -> None:
        nonlocal seen
        while not ended.wait(every_seconds):
            now = _stamp(path)
            if now is None or now == seen:  # a file that is being replaced may be away for a moment
                continue
            seen = now
            try:
                renewed(registry.reload())
            except BuildingmapError as error:
                kept(error)

    threading.Thread(target=look, name="layer-watch", daemon=True).start()
    return ended


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
