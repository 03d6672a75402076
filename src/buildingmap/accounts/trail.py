"""The accounts' own trail: each change of an account or token is an event, and each event seals all before it.

Of a password or token the trail holds a digest of what is kept of it, enough to notice that it was changed.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import insert, select, update

from buildingmap.accounts.schema import ACCOUNT, API_TOKEN, EVENT, EVENT_CHANGE, TRAIL
from buildingmap.registry.changes import hash_of
from buildingmap.registry.changes import written as canonical
from buildingmap.registry.writing import now as written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection, Table
    from sqlalchemy.engine import RowMapping

    from buildingmap.registry.database import Database

    # (table, row id) → what the trail tells of the row
    Told = dict[tuple[str, str], str | None]

_SECRETS: Final = {"account": "password_hash", "api_token": "id_hash"}
_FIELDS: Final = {
    "account": ("name", "role", "disabled", "oidc_issuer", "oidc_subject"),
    "api_token": ("account_id", "label", "role", "created_at", "expires_at", "revoked_at"),
}
_TABLES: Final = {"account": ACCOUNT, "api_token": API_TOKEN}


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """One step of the trail: its number, when (UTC, ISO 8601), who, what kind of action, on whom."""

    number: int
    at: str
    actor: str
    action: str
    note: str
    changes_hash: str
    previous: str
    hash: str

    def sealed(self) -> str:
        """Return the hash that this event must have: of itself and, through ``previous``, of all before it."""
        return hashlib.sha256(orjson.dumps(astuple(self)[:-1])).hexdigest()


@contextmanager
def event(
    database: Database, *, actor: str, action: str, note: str, account_id: str, at: datetime | None = None
) -> Iterator[Connection]:
    """Open a transaction in which one account and its tokens may change; the trail tells of it in the same one.

    Both are kept, or neither. ``at``: the present, for a clock of one's own.
    """
    with database.writing() as connection:
        begun = _begun(connection, at, actor, action, note)
        before = present(connection, account_id)
        yield connection
        _tell(connection, begun, before, present(connection, account_id))


def tell_of_all(connection: Connection, *, actor: str, action: str, note: str) -> None:
    """Begin the trail with the accounts that are there already; nothing where there are none."""
    found = present(connection)
    if found:
        _tell(connection, _begun(connection, None, actor, action, note), {}, found)


def tell_of_others(connection: Connection, told: Told, *, actor: str, action: str, note: str) -> None:
    """Tell of accounts and tokens as they are where the trail, whose last words are ``told``, says otherwise."""
    _tell(connection, _begun(connection, None, actor, action, note), told, present(connection))


def events(connection: Connection, *, before: int | None = None, limit: int = 50) -> list[AccountEvent]:
    """Return events, newest first, those older than number ``before`` where it is given."""
    asked = select(EVENT).order_by(EVENT.c.number.desc()).limit(limit)
    if before is not None:
        asked = asked.where(EVENT.c.number < before)
    return [AccountEvent(*row) for row in connection.execute(asked)]


def _begun(connection: Connection, at: datetime | None, actor: str, action: str, note: str) -> AccountEvent:
    """Return the next event, still without its changes; nobody else can write one until the transaction ends."""
    state = connection.execute(select(TRAIL).with_for_update()).mappings().one()
    return AccountEvent(state["number"] + 1, written(at), actor, action, note, "", state["head"], "")


def _tell(connection: Connection, begun: AccountEvent, before: Told, after: Told) -> None:
    rows = [
        (*key, before.get(key), after.get(key))
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    ]
    found = replace(begun, changes_hash=hash_of(rows))
    found = replace(found, hash=found.sealed())
    _write(connection, found, rows)
    connection.execute(update(TRAIL).values(number=found.number, head=found.hash))


def _write(connection: Connection, told: AccountEvent, rows: list[Any]) -> None:
    names = EVENT.columns.keys()
    connection.execute(insert(EVENT), dict(zip(names, astuple(told), strict=True)))
    if rows:
        names = ["table_name", "row_id", "before", "after"]
        connection.execute(
            insert(EVENT_CHANGE),
            [{"number": told.number, **dict(zip(names, row, strict=True))} for row in rows],
        )


def present(connection: Connection, account_id: str | None = None) -> Told:
    """Return what there is to tell of one account and its tokens, or of all."""
    found: Told = {}
    for name, table in _TABLES.items():
        asked = select(table)
        if account_id is not None:
            asked = asked.where(_owner(table) == account_id)
        found |= {(name, row["id"]): _told(name, row) for row in connection.execute(asked).mappings()}
    return found


def _owner(table: Table) -> Any:
    return table.c.id if table is ACCOUNT else table.c.account_id


def _told(table: str, row: RowMapping) -> str | None:
    secret = row[_SECRETS[table]]
    values = {name: row[name] for name in _FIELDS[table]}
    values["secret"] = None if secret is None else hashlib.sha256(secret.encode()).hexdigest()
    return canonical(values)
