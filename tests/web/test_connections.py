"""Connections that say little keep nobody out: a request arrives in time, or its connection is closed."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from buildingmap.web.connections import Arrival
from buildingmap.web.server import listen, waitress_server
from tests.web.planning import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.conftest import OneVersion

HALF_A_HEAD = b"GET /api/district HTTP/1.1\r\nHost: 127.0.0.1\r\nX-More: "
HALF_A_BODY = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60000\r\n\r\n"
PATIENT = Arrival(head_seconds=PATIENCE_SECONDS * 10)


@contextmanager
def serving(registry: OneVersion, arrival: Arrival) -> Iterator[tuple[str, int]]:
    """The production server in a thread of this process."""
    listening = listen("127.0.0.1", 0)
    server = waitress_server(registry, listening, host="127.0.0.1", arrival=arrival)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield listening.socket.getsockname()
    finally:
        server.close()
        server.task_dispatcher.shutdown()


def asked(place: tuple[str, int]) -> int:
    connection = http.client.HTTPConnection(*place, timeout=PATIENCE_SECONDS)
    with closing(connection):
        connection.request("GET", "/api/district")
        return connection.getresponse().status


def opened(place: tuple[str, int], begun: bytes = b"") -> socket.socket:
    made = socket.create_connection(place, timeout=PATIENCE_SECONDS)
    made.sendall(begun)
    return made


@pytest.mark.parametrize("begun", [b"", HALF_A_HEAD, HALF_A_BODY])
def test_hundreds_of_connections_that_never_ask_keep_no_visitor_out(
    registry: OneVersion, begun: bytes
) -> None:
    with serving(registry, PATIENT) as place:
        silent = [opened(place, begun) for _ in range(510)]
        try:
            assert asked(place) == 200
        finally:
            for each in silent:
                each.close()


@pytest.mark.parametrize("begun", [b"", HALF_A_HEAD, HALF_A_BODY])
def test_a_request_that_arrives_byte_by_byte_is_not_waited_for(registry: OneVersion, begun: bytes) -> None:
    quick = Arrival(head_seconds=0.2, body_seconds=0.2, bytes_per_second=1e6)
    with serving(registry, quick) as place, closing(opened(place, begun)) as dribble:
        dribble.settimeout(0.05)
        ended, deadline = False, time.monotonic() + PATIENCE_SECONDS
        while not ended and time.monotonic() < deadline:
            try:
                if begun:
                    dribble.sendall(b"x")
                ended = dribble.recv(100) == b""
            except TimeoutError:
                continue
            except OSError:
                ended = True
        assert ended
        assert asked(place) == 200


def test_what_arrives_in_pieces_but_in_time_is_answered(registry: OneVersion) -> None:
    with serving(registry, PATIENT) as place, closing(opened(place, HALF_A_HEAD)) as slow:
        with suppress(TimeoutError):
            slow.settimeout(0.2)
            slow.recv(1)
        slow.settimeout(PATIENCE_SECONDS)
        slow.sendall(b"yes\r\n\r\n")
        assert slow.recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("seconds", "in_body", "body_bytes", "late"),
    [
        (19, False, 0, False),
        (21, False, 0, True),
        (79, True, 0, False),
        (81, True, 0, True),
        # 128 MiB over a line of 20 KiB a second
        (6000, True, 6000 * 20 * 1024, False),
        # who sends less than 16 KiB a second has its minute more, and no longer
        (3600, True, 3600 * 1024, True),
    ],
)
def test_a_head_has_20_seconds_and_a_body_a_minute_and_the_time_of_a_slow_line(
    seconds: float, *, in_body: bool, body_bytes: int, late: bool
) -> None:
    assert Arrival().is_late(seconds, in_body=in_body, body_bytes=body_bytes) is late
