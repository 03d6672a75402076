"""Writers do not hold the server: few requests wait for the store, and not for long, so that reading goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from buildingmap.registry.patience import Patience, patience_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask import Flask

MOST_SECONDS: Final = 5.0
DEFAULT_WRITERS: Final = 4


def writers_of(threads: int) -> int:
    """Return how many of a server's threads may write or wait to: half of them, so that others read."""
    return max(1, threads // 2)


def init_waiting(app: Flask, most: int) -> None:
    """Let each request wait for other writers no longer than ``MOST_SECONDS``, and ``most`` requests at once."""
    answer = app.wsgi_app

    def hurried(environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        with patience_of(Patience(MOST_SECONDS, most)):
            return answer(environ, start_response)

    app.wsgi_app = hurried  # type: ignore[method-assign]  # Flask's own way to put something around all requests
