"""Connections that must ask in time: who opens many and says little keeps nobody else out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from waitress.channel import HTTPChannel  # type: ignore[import-untyped]  # it ships no types

DEFAULT_MOST: Final = 400


@dataclass(frozen=True, slots=True)
class Arrival:
    """How long a request may take to arrive, and how many connections there may be.

    ``head_seconds``: from its first byte to the end of its headers, and a new connection's until then too.
    ``body_seconds``: for its body, and one more for each ``bytes_per_second`` that has come. ``most``: connections,
    beyond which the one that has said nothing whole for longest makes room.
    """

    head_seconds: float = 20.0
    body_seconds: float = 60.0
    bytes_per_second: float = 16 * 1024
    most: int = DEFAULT_MOST

    def is_late(self, seconds: float, *, in_body: bool, body_bytes: int) -> bool:
        """Tell whether a request that began ``seconds`` ago should have arrived."""
        if not in_body:
            return seconds > self.head_seconds
        return seconds > self.head_seconds + self.body_seconds + body_bytes / self.bytes_per_second


class TimedChannel(HTTPChannel):  # type: ignore[misc]  # the same
    """One connection; it knows when the request that is arriving began."""

    arrival = Arrival()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Open it, and close another where there are too many."""
        self.began: float | None = time.monotonic()
        super().__init__(*arguments, **options)
        make_room(self.server, self.arrival)

    def received(self, data: bytes) -> Any:
        """Take what has come."""
        before, began = len(self.requests), self.began
        result = super().received(data)
        if self.request is None:
            self.began = None  # whole: what follows is another request
        elif began is None or len(self.requests) > before:
            self.began = time.monotonic()
        return result

    @property
    def in_body(self) -> bool:
        """Whether the headers of the request that is arriving are whole."""
        return self.request is not None and self.request.headers_finished

    def is_late(self, now: float) -> bool:
        """Tell whether the request that is arriving should have arrived by ``now``, a monotonic time."""
        if self.began is None:
            return False
        body_bytes = self.request.body_bytes_received if self.in_body else 0
        return self.arrival.is_late(now - self.began, in_body=self.in_body, body_bytes=body_bytes)


def make_room(server: Any, arrival: Arrival) -> None:
    """Close the connection that is likeliest to be nobody's, where there are more than ``arrival.most``."""
    if len(server.active_channels) <= arrival.most:
        return
    waiting = [
        channel
        for channel in server.active_channels.values()
        if not (channel.requests or channel.total_outbufs_len or channel.will_close)
    ]
    if waiting:
        oldest = min(waiting, key=lambda channel: (channel.in_body, channel.creation_time))
        oldest.will_close = True


def time_arrivals(server: Any, arrival: Arrival) -> None:
    """Let ``server``, of waitress, close what does not arrive in time; its own time limit is for idle connections."""
    server.channel_class = type("Channel", (TimedChannel,), {"arrival": arrival})
    server.maintenance = partial(_close_late, server, server.maintenance)


def _close_late(server: Any, close_idle: Any, now: float) -> None:
    close_idle(now)
    for channel in list(server.active_channels.values()):
        if not (channel.requests or channel.total_outbufs_len) and channel.is_late(time.monotonic()):
            channel.will_close = True
