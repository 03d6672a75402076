"""Passwords: what is asked of one, and how it is kept (argon2id)."""

from __future__ import annotations

from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from buildingmap.accounts.errors import AccountError

FEWEST_CHARACTERS: Final = 12
_MOST_CHARACTERS: Final = 1024
_FEWEST_DIFFERENT: Final = 5
_HASHER: Final = PasswordHasher()


def check_password(password: str, name: str) -> None:
    """Raise AccountError for a password that is short, one letter over and over, or made of the account's name."""
    if not FEWEST_CHARACTERS <= len(password) <= _MOST_CHARACTERS:
        raise AccountError(
            f"password: found {len(password)} characters, expected {FEWEST_CHARACTERS} to {_MOST_CHARACTERS}",
            f"密码：实为 {len(password)} 个字符，应为 {FEWEST_CHARACTERS} 至 {_MOST_CHARACTERS} 个字符",
        )
    if len(set(password)) < _FEWEST_DIFFERENT:
        raise AccountError(
            f"password: found {len(set(password))} different characters, expected 5 or more",
            f"密码：实有 {len(set(password))} 种不同字符，应至少 5 种",
        )
    rest = password.casefold().replace(name.casefold(), "")
    if len(rest) < FEWEST_CHARACTERS // 2:
        raise AccountError(
            "password: found little besides the account's name, expected something else",
            "密码：除账户名外几乎没有其他内容，请另设密码",
        )


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return _HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Return whether ``password`` is the one of ``kept``; without one, after the same work, that it is not."""
    try:
        _HASHER.verify(kept or _nobodys(), password[:_MOST_CHARACTERS])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def is_dated(kept: str) -> bool:
    """Return whether a password was kept with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")
