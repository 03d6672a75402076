"""The secret that tokens against forgery are made with: generated, kept where only its owner can read it."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from typing import TYPE_CHECKING, Final

from buildingmap.accounts.errors import AccountError

if TYPE_CHECKING:
    from pathlib import Path

_BYTES: Final = 32
_OWNER_ONLY: Final = 0o600
_FEWEST_DIFFERENT: Final = 8


def secret_for(path: Path) -> bytes:
    """Return the secret kept at ``path``, made on first use with mode 0600.

    Raises AccountError for one that others may read, or that is too short or too plain to be a secret.
    """
    try:
        return _kept(path)
    except FileNotFoundError:
        _make(path)
        return _kept(path)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_BYTES))
    try:
        os.link(partial, path)  # whoever comes second takes the first one's
    except FileExistsError:
        pass
    finally:
        partial.unlink()


def _kept(path: Path) -> bytes:
    mode = stat.S_IMODE(path.stat().st_mode)
    if sys.platform != "win32" and mode & 0o077:
        raise AccountError(f"{path}: found mode {mode:04o}, expected 0600: others could read the secret")
    secret = path.read_text(encoding="utf-8").strip().encode()
    if len(secret) < _BYTES or len(set(secret)) < _FEWEST_DIFFERENT:
        raise AccountError(
            f"{path}: found a weak secret, expected {_BYTES} random characters; remove it to have one made"
        )
    return secret
