"""The production server: waitress on a socket of our own, so that a taken port is known before anything starts."""

from __future__ import annotations

import errno
import ipaddress
import logging
import signal
import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from waitress.server import create_server  # type: ignore[import-untyped]  # it ships no types

from buildingmap.errors import PortTakenError, ServeError
from buildingmap.web.app import ANY_HOST, LOOPBACK, create_app
from buildingmap.web.connections import Arrival, time_arrivals
from buildingmap.web.waiting import writers_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.web.openid import Provider
    from buildingmap.web.plan_jobs import PlanLimits
    from buildingmap.web.state import Registry
    from buildingmap.web.visitors import Access

DEFAULT_PORT: Final = 8000
DEFAULT_THREADS: Final = 8
_BACKLOG: Final = 512
_MOST_CONNECTIONS: Final = 500
# an idle connection, and one that does not take its answer
_IDLE_SECONDS: Final = 60
_MEBIBYTE: Final = 1024 * 1024
# the application bounds each address for itself; this is the largest of them
_LARGEST_UPLOAD: Final = 128 * _MEBIBYTE
_FORWARDED: Final = frozenset({"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"})
_TAKEN: Final = frozenset({errno.EADDRINUSE, errno.EACCES})


@dataclass(frozen=True, slots=True)
class Listening:
    """A socket that listens; ``taken``: the usual port belongs to another program, and this is another."""

    socket: socket.socket
    address: str
    taken: bool


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_host(host: str, *, synthetic: bool, has_admin: bool = False, proxy: str | None = None) -> None:
    """Refuse to show real figures to other machines before anyone is asked who they are. Raises ServeError.

    ``synthetic``: what is served is a layer file of invented figures, which nobody can change. ``proxy``: through
    it other machines come, wherever the server listens.
    """
    if ":" in host:
        raise ServeError(f"--host: found {host!r}, expected a name or an IPv4 address")
    if synthetic or has_admin:
        return
    until = (
        "until there is an account of the role admin: what is served is confidential "
        "(buildingmap account add NAME --role admin)"
    )
    if not is_loopback(host):
        raise ServeError(f"--host: found {host!r}, expected 127.0.0.1 {until}")
    if proxy is not None:
        raise ServeError(f"--proxy: found {proxy!r}, expected none {until}")


def trusted_hosts(host: str, proxy: str | None = None) -> Sequence[str]:
    """Return the names under which a server on ``host`` may be asked; behind ``proxy`` it has the proxy's."""
    return (*LOOPBACK, host) if is_loopback(host) and proxy is None else ANY_HOST


def listen(host: str, port: int, *, may_move: bool = False) -> Listening:
    """Listen on ``port`` of ``host``, any free one for 0; ``may_move``: also where it is taken.

    A port that somebody asked for must not move: whoever watches the server would find it healthy, and nobody would
    come to it. Raises PortTakenError and ServeError.
    """
    try:
        return _listening(host, port, taken=False)
    except OSError as error:
        if error.errno not in _TAKEN or not port:
            raise ServeError(
                f"--host: found {host!r} ({error.strerror}), expected an address of this machine"
            ) from error
        if not may_move:
            raise PortTakenError(port, host) from error
    return _listening(host, 0, taken=True)


def _listening(host: str, port: int, *, taken: bool) -> Listening:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # Windows gives this option another meaning: two programs on one port
        if sys.platform != "win32":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(_BACKLOG)
    except OSError:
        bound.close()
        raise
    shown = "127.0.0.1" if host in {"0.0.0.0", ""} else host  # noqa: S104 - compared, not bound
    return Listening(bound, f"http://{shown}:{bound.getsockname()[1]}/", taken)


def waitress_server(
    registry: Registry,
    listening: Listening,
    *,
    host: str,
    threads: int = DEFAULT_THREADS,
    access: Access | None = None,
    provider: Provider | None = None,
    proxy: str | None = None,
    plan_limits: PlanLimits | None = None,
    arrival: Arrival | None = None,
) -> Any:
    """Build the server that answers from ``registry``; its ``run()`` returns once ``KeyboardInterrupt`` is raised.

    ``access`` and ``provider`` are those of ``create_app``. ``proxy``: the address of a reverse proxy whose word on
    scheme, host and visitor's address is taken. ``plan_limits``: what planning may take. ``arrival``: how long a
    request may take to arrive.
    """
    # a full queue is waited through; a line for every request in it helps nobody
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # what an unnamed proxy says is believed by nobody, but that there is one must be seen (web/visitors.py)
    behind: dict[str, Any] = {"clear_untrusted_proxy_headers": False}
    if proxy is not None:
        behind = {
            "trusted_proxy": proxy,
            "trusted_proxy_headers": _FORWARDED,
            "clear_untrusted_proxy_headers": True,
        }
    server = create_server(
        create_app(
            registry,
            trusted_hosts=trusted_hosts(host, proxy),
            access=access,
            provider=provider,
            plan_limits=plan_limits,
            most_writers=writers_of(threads),
        ),
        sockets=[listening.socket],
        threads=threads,
        ident="buildingmap",
        connection_limit=_MOST_CONNECTIONS,
        max_request_header_size=32 * 1024,
        max_request_body_size=_LARGEST_UPLOAD,
        outbuf_overflow=8 * _MEBIBYTE,
        asyncore_use_poll=True,
        channel_timeout=_IDLE_SECONDS,
        cleanup_interval=1,
        **behind,
    )
    time_arrivals(server, arrival or Arrival())
    return server


def stop_on_signals() -> None:
    """Let SIGTERM end the process as Ctrl-C does: by KeyboardInterrupt in the main thread."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
