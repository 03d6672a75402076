"""One account, as the rest of the program knows it."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from buildingmap.accounts.roles import Role


@dataclass(frozen=True, slots=True)
class Account:
    """One person or program that may sign in."""

    id: str
    name: str
    role: Role
    disabled: bool
    has_password: bool
    created_at: str


def account_of(row: Any) -> Account:
    """Return the account of a stored row."""
    return Account(
        row["id"],
        row["name"],
        cast("Role", row["role"]),
        bool(row["disabled"]),
        row["password_hash"] is not None,
        row["created_at"],
    )


def folded(name: str) -> str:
    """Return a name as it is kept: half-width, lower case, no white space around it."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def digest(secret: str) -> str:
    """Return what is kept of a session's id or a token: they are random, so one round of a hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
