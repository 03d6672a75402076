"""The four roles, each with all that the one before it may do."""

from __future__ import annotations

from typing import Final, Literal, get_args

Role = Literal["public", "analyst", "editor", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)


def at_least(role: Role, needed: Role) -> bool:
    """Return whether ``role`` may do what ``needed`` may."""
    return ROLES.index(role) >= ROLES.index(needed)


def lesser(first: Role, second: Role) -> Role:
    """Return the one of two roles that may do less."""
    return first if at_least(second, first) else second
