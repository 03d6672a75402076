"""API tokens: for programs, with a role and an expiry of their own."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select, update

from buildingmap.accounts.account import Account, account_of, digest
from buildingmap.accounts.errors import AccountError
from buildingmap.accounts.opening import store_of
from buildingmap.accounts.roles import ROLES, Role, at_least, lesser
from buildingmap.accounts.schema import ACCOUNT, API_TOKEN
from buildingmap.accounts.trail import event
from buildingmap.registry.writing import now as written

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection

    from buildingmap.registry import Registry

PREFIX: Final = "bm_"
LONGEST: Final = timedelta(days=366)
_LONGEST_LABEL: Final = 60


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as its owner sees it in a list; the token itself is shown once, when it is made."""

    id: str
    label: str
    role: Role
    created_at: str
    expires_at: str
    revoked_at: str | None


class ApiTokens:
    """The tokens of one registry's accounts. Times are UTC; ``clock`` is the present."""

    def __init__(
        self, registry: Registry, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Keep the tokens with the accounts. Raises RegistryError."""
        self._database = store_of(registry)
        self._clock = clock

    def add(self, account: Account, label: str, role: Role, *, lasts: timedelta) -> str:
        """Return a new token, to be shown once. Raises AccountError for more than the account's own role."""
        if role not in ROLES or not at_least(account.role, role):
            raise AccountError(
                f"role: found {role!r}, expected {account.role!r} or less",
                f"角色：实为 {role!r}，应为 {account.role!r} 或更低",
            )
        label = " ".join(label.split())
        if not 1 <= len(label) <= _LONGEST_LABEL or not label.isprintable():
            raise AccountError(
                f"label: found {label!r}, expected 1 to {_LONGEST_LABEL} characters",
                f"用途：实为 {label!r}，应为 1 至 {_LONGEST_LABEL} 个字符",
            )
        if not timedelta(0) < lasts <= LONGEST:
            raise AccountError(
                f"expiry: expected 1 to {LONGEST.days} days", f"有效期：应为 1 至 {LONGEST.days} 天"
            )
        token, at = PREFIX + secrets.token_urlsafe(32), self._clock()
        row = {
            "id": uuid.uuid4().hex,
            "id_hash": digest(token),
            "account_id": account.id,
            "label": label,
            "role": role,
            "created_at": written(at),
            "expires_at": written(at + lasts),
        }
        note = f"{row['label']}: {role}, until {row['expires_at']}"
        with self._event(account, "token added", note) as connection:
            connection.execute(insert(API_TOKEN), row)
        return token

    def _event(self, account: Account, action: str, note: str) -> AbstractContextManager[Connection]:
        return event(
            self._database,
            actor=account.name,
            action=action,
            note=note,
            account_id=account.id,
            at=self._clock(),
        )

    def owner(self, token: str) -> Account | None:
        """Return a token's account, its role the token's; None for one that is unknown, expired or revoked."""
        asked = (
            select(ACCOUNT, API_TOKEN.c.role.label("token_role"))
            .join(API_TOKEN, API_TOKEN.c.account_id == ACCOUNT.c.id)
            .where(
                API_TOKEN.c.id_hash == digest(token),
                API_TOKEN.c.expires_at > written(self._clock()),
                API_TOKEN.c.revoked_at.is_(None),
                ACCOUNT.c.disabled.is_(False),
            )
        )
        with self._database.reading() as connection:
            row = connection.execute(asked).mappings().one_or_none()
        if row is None:
            return None
        account = account_of(row)
        return replace(account, role=lesser(account.role, row["token_role"]))

    def of(self, account: Account) -> list[ApiToken]:
        """Return an account's tokens, newest first."""
        column = API_TOKEN.c
        asked = (
            select(
                column.id, column.label, column.role, column.created_at, column.expires_at, column.revoked_at
            )
            .where(column.account_id == account.id)
            .order_by(column.created_at.desc())
        )
        with self._database.reading() as connection:
            return [ApiToken(*row) for row in connection.execute(asked)]

    def revoke(self, account: Account, token_id: str) -> None:
        """End one token of an account. Raises AccountError for one that it does not have."""
        with self._event(account, "token revoked", token_id) as connection:
            ended = connection.execute(
                update(API_TOKEN)
                .where(API_TOKEN.c.id == token_id, API_TOKEN.c.account_id == account.id)
                .values(revoked_at=written(self._clock()))
            )
            if not ended.rowcount:
                raise AccountError(
                    f"token: found none with the id {token_id!r}, expected one of your own",
                    f"令牌：没有编号为 {token_id!r} 的本人令牌",
                )


def lower(connection: Connection, account_id: str, role: Role) -> None:
    """Leave no token of an account with more than ``role``."""
    for more in ROLES[ROLES.index(role) + 1 :]:
        mine = (API_TOKEN.c.account_id == account_id, API_TOKEN.c.role == more)
        connection.execute(update(API_TOKEN).where(*mine).values(role=role))


def revoke_all(connection: Connection, account_id: str, at: datetime) -> None:
    """End every token of an account."""
    mine = (API_TOKEN.c.account_id == account_id, API_TOKEN.c.revoked_at.is_(None))
    connection.execute(update(API_TOKEN).where(*mine).values(revoked_at=written(at)))
