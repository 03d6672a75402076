"""A server that runs in a thread, and can be stopped in the middle of a test."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from buildingmap.web.server import listen, waitress_server

if TYPE_CHECKING:
    from buildingmap.snapshot import Snapshot
    from buildingmap.web.state import Registry
    from buildingmap.web.visitors import Access


class OneVersion:
    """A registry whose version a test can change."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.in_force = snapshot

    def snapshot(self) -> Snapshot:
        return self.in_force


class Serving:
    """The production server over a registry, on a free port of this machine."""

    def __init__(self, registry: Registry, access: Access | None = None) -> None:
        listening = listen("127.0.0.1", 0)
        self.origin = listening.address.rstrip("/")
        self._server = waitress_server(registry, listening, host="127.0.0.1", threads=6, access=access)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close every connection, from the thread that serves them, and wait for its end."""
        if self._thread.is_alive():
            self._server.trigger.pull_trigger(self._close)
            self._thread.join(timeout=10)
        assert not self._thread.is_alive()

    def _close(self) -> None:
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=2)
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()
        self._server.close()


class Served(Serving):
    """The production server over one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.registry = OneVersion(snapshot)
        super().__init__(self.registry)
