"""Browsers that an account was signed in from: known by a signed cookie, until the account's password changes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

LASTS: Final = timedelta(days=365)
_PARTS: Final = 3


def new_key() -> str:
    """Return what the known browsers of an account are signed with; another one, and none of them is known."""
    return secrets.token_hex(32)


def cookie_for(account_id: str, key: str, at: datetime) -> str:
    """Return what a browser keeps that was signed in to an account at ``at`` (UTC)."""
    said = f"{secrets.token_hex(16)}.{int(at.timestamp())}"
    return f"{said}.{_signature(said, account_id, key)}"


def known(cookie: str, account_id: str, key: str | None, at: datetime) -> str | None:
    """Return the id of a browser that ``account_id`` was signed in from, of late and with the present password."""
    parts = cookie.split(".")
    if key is None or len(parts) != _PARTS or not cookie.isascii():
        return None
    said = ".".join(parts[:2])
    if not hmac.compare_digest(parts[2], _signature(said, account_id, key)):
        return None
    since = datetime.fromtimestamp(int(parts[1]), UTC)
    return parts[0] if since <= at < since + LASTS else None


def _signature(said: str, account_id: str, key: str) -> str:
    return hmac.new(key.encode(), f"{account_id}.{said}".encode(), hashlib.sha256).hexdigest()
