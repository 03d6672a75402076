"""Attempts to sign in, counted so that passwords cannot be guessed and nobody can keep an account's owner out.

Who guesses is slowed down by address and account together, and by address. An account that many addresses try at is
not closed: each address that is new to it still has one attempt, and its owner comes from such an address, or in a
browser that was signed in before, which none of these counts holds up.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, insert, select

from buildingmap.accounts.errors import TooManyAttemptsError
from buildingmap.accounts.schema import SIGN_IN_ATTEMPT
from buildingmap.registry.writing import now as written

if TYPE_CHECKING:
    from sqlalchemy import Connection

WINDOW: Final = timedelta(minutes=15)
# wrong attempts within the window
OF_ADDRESS_ON_ACCOUNT: Final = 5
OF_ADDRESS: Final = 30
OF_KNOWN_BROWSER: Final = 10
# so many wrong ones on an account, from wherever, and an address has one attempt instead of five
ON_ACCOUNT: Final = 20
_WHILE_IT_IS_TRIED: Final = 1
# one subscriber has all addresses of such a network
_IPV6_NETWORK: Final = 64


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt at ``at``, counted under ``keys`` until it proves right."""

    at: datetime
    keys: tuple[str, ...]


def count(connection: Connection, *, name: str, address: str, browser: str | None, at: datetime) -> Attempt:
    """Count an attempt to sign in as ``name`` from ``address``. Raises TooManyAttemptsError.

    ``browser``: the id of one that the account is known to have been signed in from, None for any other.
    """
    connection.execute(delete(SIGN_IN_ATTEMPT).where(SIGN_IN_ATTEMPT.c.at < written(at - WINDOW)))
    if browser is not None:
        known = f"browser:{browser}"
        if len(_seen(connection, known)) < OF_KNOWN_BROWSER:
            return _counted(connection, Attempt(at, (known,)))
    network = _network(address)
    pair, whole, account = f"pair:{network}:{name}", f"address:{network}", f"account:{name}"
    tried = len(_seen(connection, account)) >= ON_ACCOUNT
    _refuse_more_than(_WHILE_IT_IS_TRIED if tried else OF_ADDRESS_ON_ACCOUNT, _seen(connection, pair), at)
    _refuse_more_than(OF_ADDRESS, _seen(connection, whole), at)
    return _counted(connection, Attempt(at, (pair, whole, account)))


def take_back(connection: Connection, attempt: Attempt) -> None:
    """Uncount a right attempt and forget the wrong ones that one and the same visitor made on the way to it."""
    own, *shared = attempt.keys
    column = SIGN_IN_ATTEMPT.c
    connection.execute(delete(SIGN_IN_ATTEMPT).where(column.key == own))
    # an office comes in by one address; what others try at the account goes on counting
    for key in shared:
        one = select(func.min(column.fid)).where(column.key == key, column.at == written(attempt.at))
        connection.execute(delete(SIGN_IN_ATTEMPT).where(column.fid == one.scalar_subquery()))


def _network(address: str) -> str:
    """Return an address, or the network of an IPv6 one: its owner changes the rest at will."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:  # noqa: PLR2004 - the version of the protocol
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _IPV6_NETWORK), strict=False))


def _seen(connection: Connection, key: str) -> list[str]:
    column = SIGN_IN_ATTEMPT.c
    asked = select(column.at).where(column.key == key).order_by(column.at)
    return list(connection.execute(asked).scalars())


def _refuse_more_than(most: int, seen: list[str], at: datetime) -> None:
    if len(seen) < most:
        return
    # the one whose end leaves room for another
    left = datetime.fromisoformat(seen[len(seen) - most]) + WINDOW - at
    raise TooManyAttemptsError(max(1, int(left.total_seconds()) + 1))


def _counted(connection: Connection, attempt: Attempt) -> Attempt:
    rows = [{"key": key, "at": written(attempt.at)} for key in attempt.keys]
    connection.execute(insert(SIGN_IN_ATTEMPT), rows)
    return attempt
