"""Clocks: two sides in turn, medians, ratios."""

from __future__ import annotations

import contextlib
import http.client
import socket
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


def seconds(call: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def in_turn(
    slow: Callable[[], object], fast: Callable[[], object], *, rounds: int, each: int
) -> tuple[float, float]:
    """Return the medians of both sides, in seconds: a slow call, then ``each`` fast ones, ``rounds`` times."""
    slow()
    fast()
    slow_times: list[float] = []
    fast_times: list[float] = []
    for _ in range(rounds):
        slow_times.append(seconds(slow))
        fast_times.extend(seconds(fast) for _ in range(each))
    return statistics.median(slow_times), statistics.median(fast_times)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def server(arguments: Sequence[str], port: int, path: str) -> Iterator[http.client.HTTPConnection]:
    """Start a server in its own process, wait until ``path`` answers, and hand over one kept-alive connection."""
    process = subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(3000):
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
                fetch(connection, path)
                break
            if process.poll() is not None:
                raise RuntimeError(f"{arguments} ended with {process.returncode}")
            time.sleep(0.1)
        yield connection
        connection.close()
    finally:
        process.terminate()
        process.wait(30)


def fetch(connection: http.client.HTTPConnection, path: str) -> bytes:
    """Return the body of one GET."""
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    if response.status != http.client.OK:
        raise RuntimeError(f"{path}: {response.status} {body[:200]!r}")
    return body
