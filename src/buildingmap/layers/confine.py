"""What the reading process gives up before it looks at a user's file. Each step holds where the system has it."""

from __future__ import annotations

import ctypes
import sys
from typing import Final, NoReturn

_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
_PR_SET_PDEATHSIG: Final = 1
_SIGKILL: Final = 9
_OPEN_FILES: Final = 256
_REFUSED_EVENTS: Final = frozenset(
    {
        "socket.connect",
        "socket.bind",
        "socket.sendto",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.fork",
        "os.forkpty",
        "pty.spawn",
    }
)


class RefusedError(Exception):
    """Something tried to leave the reading process."""


def confine(*, seconds: float, memory_bytes: int, written_bytes: int) -> None:
    """Give up the network, other processes, and more time, memory or disk than given. There is no way back."""
    if sys.platform == "linux":
        _leave_network()
    if sys.platform != "win32":
        _set_limits(seconds=seconds, memory_bytes=memory_bytes, written_bytes=written_bytes)
    sys.addaudithook(_refuse)


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event in _REFUSED_EVENTS:
        _raise_refused(event)


def _raise_refused(event: str) -> NoReturn:
    raise RefusedError(event)


def _leave_network() -> None:
    # Own network namespace, with nothing in it; a kernel that forbids this leaves the other guards standing.
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _set_limits(*, seconds: float, memory_bytes: int, written_bytes: int) -> None:
    import resource  # noqa: PLC0415 - POSIX only

    # RLIMIT_DATA and not RLIMIT_AS: mapped libraries cost address space, not memory
    wanted = {
        resource.RLIMIT_CPU: int(seconds) + 1,
        resource.RLIMIT_DATA: memory_bytes,
        resource.RLIMIT_FSIZE: written_bytes,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in wanted.items():
        hard = resource.getrlimit(limit)[1]
        value_allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value_allowed, value_allowed))
