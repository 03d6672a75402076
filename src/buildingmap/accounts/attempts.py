"""Attempts to sign in, counted so that passwords cannot be guessed one after another."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select

from buildingmap.accounts.errors import TooManyAttemptsError
from buildingmap.accounts.schema import SIGN_IN_ATTEMPT
from buildingmap.registry.writing import now as written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

WINDOW: Final = timedelta(minutes=15)
MOST: Final = {"account": 5, "address": 30}


def count(connection: Connection, keys: Mapping[str, str], at: datetime) -> None:
    """Count an attempt at ``at`` under each of ``keys`` (by their kind in MOST). Raises TooManyAttemptsError."""
    column = SIGN_IN_ATTEMPT.c
    connection.execute(delete(SIGN_IN_ATTEMPT).where(column.at < written(at - WINDOW)))
    for kind, key in keys.items():
        asked = select(column.at).where(column.key == key).order_by(column.at)
        seen = connection.execute(asked).scalars().all()
        if len(seen) >= MOST[kind]:
            left = datetime.fromisoformat(seen[0]) + WINDOW - at
            raise TooManyAttemptsError(max(1, int(left.total_seconds()) + 1))
    connection.execute(insert(SIGN_IN_ATTEMPT), [{"key": key, "at": written(at)} for key in keys.values()])


def take_back(connection: Connection, key: str, at: datetime) -> None:
    """Uncount the attempt at ``at`` under ``key``, which was a right one: an office comes in by one address."""
    connection.execute(
        delete(SIGN_IN_ATTEMPT).where(SIGN_IN_ATTEMPT.c.key == key, SIGN_IN_ATTEMPT.c.at == written(at))
    )


def forget(connection: Connection, key: str) -> None:
    """Forget the attempts under ``key``."""
    connection.execute(delete(SIGN_IN_ATTEMPT).where(SIGN_IN_ATTEMPT.c.key == key))
