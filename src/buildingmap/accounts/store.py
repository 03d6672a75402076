"""Accounts and sessions, in a store beside the registry; of secrets only their hashes."""

from __future__ import annotations

import secrets
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, insert, select, update

from buildingmap.accounts import attempts, browsers, tokens
from buildingmap.accounts.account import Account, account_of, digest, folded
from buildingmap.accounts.errors import AccountError
from buildingmap.accounts.opening import store_of
from buildingmap.accounts.passwords import check_password, hashed, is_dated, matches
from buildingmap.accounts.roles import ROLES, Role, at_least
from buildingmap.accounts.schema import ACCOUNT, SESSION
from buildingmap.accounts.trail import AccountEvent, event, events
from buildingmap.registry.errors import RegistryReadOnlyError, RegistryWriteError
from buildingmap.registry.writing import now as written

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection

    from buildingmap.registry import Registry

IDLE: Final = timedelta(hours=8)
LONGEST_SESSION: Final = timedelta(days=7)
_SEEN_EVERY: Final = timedelta(minutes=1)
_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who came in: the new session's id, and ``browser``, what this browser is known by from now on."""

    account: Account
    session: str
    browser: str


class Accounts:
    """The accounts of one registry. Times are UTC; ``clock`` is the present, for tests to set."""

    def __init__(
        self, registry: Registry, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Keep the accounts beside the registry, which closes them with itself. Raises RegistryError."""
        self._database = store_of(registry)
        self._clock = clock

    # --- accounts

    def exist(self) -> bool:
        """Return whether there is any account."""
        return self._count() > 0

    def has_admin(self) -> bool:
        """Return whether an admin can sign in: by a password, or as a subject of the office's provider."""
        known = ACCOUNT.c.password_hash.is_not(None) | ACCOUNT.c.oidc_subject.is_not(None)
        return self._count(ACCOUNT.c.role == "admin", ACCOUNT.c.disabled.is_(False), known) > 0

    def check_first(self, role: Role, password: str | None) -> None:
        """Raise AccountError for a first account that would shut everybody out of the pages, its maker included."""
        if not self.exist() and (role != "admin" or not password):
            raise AccountError(
                "account: this is the first, expected the role admin and a password",
                "账户：第一个账户应为管理员并设有密码，否则无人能再进入",
            )

    def _count(self, *conditions: Any) -> int:
        with self._database.reading() as connection:
            return int(
                connection.execute(select(func.count()).select_from(ACCOUNT).where(*conditions)).scalar_one()
            )

    def all(self) -> list[Account]:
        """Return every account, by name."""
        with self._database.reading() as connection:
            found = connection.execute(select(ACCOUNT).order_by(ACCOUNT.c.name)).mappings().all()
        return [account_of(row) for row in found]

    def named(self, name: str) -> Account:
        """Return one account. Raises AccountError."""
        with self._database.reading() as connection:
            row = (
                connection.execute(select(ACCOUNT).where(ACCOUNT.c.name == folded(name)))
                .mappings()
                .one_or_none()
            )
        if row is None:
            raise AccountError(f"account: found none named {name!r}", f"账户：没有名为 {name!r} 的账户")
        return account_of(row)

    def add(
        self,
        name: str,
        role: Role,
        *,
        password: str | None = None,
        subject: str | None = None,
        issuer: str | None = None,
        actor: str,
    ) -> Account:
        """Make an account. Raises AccountError.

        ``subject``: whom the office's OpenID Connect provider knows it by (``sub``); ``issuer``: which provider,
        None for the one at which the subject signs in first. Without either nobody can sign in to it.
        """
        name = _checked_name(name)
        if role not in ROLES:
            raise AccountError(
                f"role: found {role!r}, expected one of {', '.join(ROLES)}",
                f"角色：实为 {role!r}，应为以下之一：{', '.join(ROLES)}",
            )
        if password is not None:
            check_password(password, name)
        at, account_id = written(self._clock()), uuid.uuid4().hex
        row = {
            "id": account_id,
            "name": name,
            "role": role,
            "password_hash": None if password is None else hashed(password),
            "oidc_issuer": issuer,
            "oidc_subject": subject,
            "disabled": False,
            "created_at": at,
            "changed_at": at,
        }
        with self._event(account_id, actor, "account added", f"{name}: {role}") as connection:
            if connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.name == name)).scalar() is not None:
                raise AccountError(
                    f"account: found {name!r} already, expected a new name",
                    f"账户：{name!r} 已存在，请换一个名称",
                )
            if subject is not None and _of_subject(connection, issuer, subject) is not None:
                raise AccountError(f"subject: found an account for {subject!r}, expected another subject")
            connection.execute(insert(ACCOUNT), row)
        return self.named(name)

    def set_role(self, name: str, role: Role, *, actor: str) -> None:
        """Change a role; one that may do less ends the account's sessions and lowers its tokens."""
        if role not in ROLES:
            raise AccountError(
                f"role: found {role!r}, expected one of {', '.join(ROLES)}",
                f"角色：实为 {role!r}，应为以下之一：{', '.join(ROLES)}",
            )
        account = self.named(name)
        note = f"{account.name}: {account.role} → {role}"
        with self._event(account.id, actor, "role changed", note) as connection:
            self._change(connection, account, role=role)
            if not at_least(role, account.role):
                _end_sessions(connection, account.id)
                tokens.lower(connection, account.id, role)
            self._keep_an_admin(connection)

    def disable(self, name: str, *, disabled: bool = True, actor: str) -> None:
        """Close an account, with its sessions and tokens, or open it again."""
        account = self.named(name)
        action = "account disabled" if disabled else "account enabled"
        with self._event(account.id, actor, action, account.name) as connection:
            self._change(connection, account, disabled=disabled)
            if disabled:
                _end_sessions(connection, account.id)
                tokens.revoke_all(connection, account.id, self._clock())
            self._keep_an_admin(connection)

    def set_password(self, name: str, password: str, *, actor: str) -> None:
        """Give an account another password: its sessions and API tokens end, and no browser is known to it."""
        account = self.named(name)
        self._set_password(account, password, "password reset", actor, ends_tokens=True)

    def _set_password(
        self, account: Account, password: str, action: str, actor: str, *, ends_tokens: bool = False
    ) -> str:
        check_password(password, account.name)
        kept, key = hashed(password), browsers.new_key()
        with self._event(account.id, actor, action, account.name) as connection:
            self._change(connection, account, password_hash=kept, browser_key=key)
            _end_sessions(connection, account.id)
            if ends_tokens:
                tokens.revoke_all(connection, account.id, self._clock())
        return key

    def _event(
        self, account_id: str, actor: str, action: str, note: str
    ) -> AbstractContextManager[Connection]:
        return event(
            self._database, actor=actor, action=action, note=note, account_id=account_id, at=self._clock()
        )

    def _change(self, connection: Connection, account: Account, **values: Any) -> None:
        connection.execute(
            update(ACCOUNT)
            .where(ACCOUNT.c.id == account.id)
            .values(**values, changed_at=written(self._clock()))
        )

    def _keep_an_admin(self, connection: Connection) -> None:
        left = select(func.count()).where(ACCOUNT.c.role == "admin", ACCOUNT.c.disabled.is_(False))
        if not connection.execute(left).scalar_one():
            raise AccountError(
                "account: this is the last admin, expected one to stay",
                "账户：这是最后一个管理员，须保留一个",
            )

    def events(self, *, before: int | None = None, limit: int = 50) -> list[AccountEvent]:
        """Return what happened to accounts and tokens, newest first, older than ``before`` where it is given."""
        with self._database.reading() as connection:
            return events(connection, before=before, limit=limit)

    # --- signing in

    def sign_in(self, name: str, password: str, *, address: str, browser: str = "") -> SignedIn:
        """Open a session for the right password.

        ``browser``: the cookie by which a browser proves that this account was signed in there before. Raises
        TooManyAttemptsError, and AccountError, the same for an unknown name, a wrong password and a disabled account.
        """
        name, at = folded(name)[:_LONGEST_NAME], self._clock()
        with self._database.reading() as connection:
            row = connection.execute(select(ACCOUNT).where(ACCOUNT.c.name == name)).mappings().one_or_none()
        own = None if row is None else browsers.known(browser, row["id"], row["browser_key"], at)
        with self._database.writing() as connection:
            attempt = attempts.count(connection, name=name, address=address, browser=own, at=at)
        right = matches(None if row is None else row["password_hash"], password)
        if row is None or not right or row["disabled"]:
            raise AccountError("found no account with this name and password", "没有与此名称和密码相符的账户")
        account, key = account_of(row), row["browser_key"] or browsers.new_key()
        with self._database.writing() as connection:
            attempts.take_back(connection, attempt)
            if row["browser_key"] is None:
                self._change(connection, account, browser_key=key)
        if is_dated(row["password_hash"]):
            with self._event(account.id, account.name, "password kept anew", account.name) as connection:
                self._change(connection, account, password_hash=hashed(password))
        return SignedIn(account, self.open_session(account.id), browsers.cookie_for(account.id, key, at))

    def change_own_password(self, account: Account, old: str, new: str, *, address: str) -> SignedIn:
        """Change the password of somebody who is signed in and knows the old one; return a session in place of all.

        API tokens go on: their owner sees them and ends those that should not. Raises AccountError.
        """
        at = self._clock()
        with self._database.reading() as connection:
            asked = select(ACCOUNT.c.password_hash).where(ACCOUNT.c.id == account.id)
            kept = connection.execute(asked).scalar_one()
        with self._database.writing() as connection:
            # who is signed in is known: nobody outside can use up these attempts
            own = f"session of {account.id}"
            attempt = attempts.count(connection, name=account.name, address=address, browser=own, at=at)
        if not matches(kept, old):
            raise AccountError("found another password, expected the old one", "原密码不正确")
        with self._database.writing() as connection:
            attempts.take_back(connection, attempt)
        key = self._set_password(account, new, "password changed", account.name)
        return SignedIn(account, self.open_session(account.id), browsers.cookie_for(account.id, key, at))

    def open_session(self, account_id: str) -> str:
        """Return a new session's id for an account that has proved itself."""
        session, at = secrets.token_urlsafe(32), self._clock()
        row = {
            "id_hash": digest(session),
            "account_id": account_id,
            "created_at": written(at),
            "seen_at": written(at),
            "expires_at": written(at + LONGEST_SESSION),
        }
        with self._database.writing() as connection:
            connection.execute(delete(SESSION).where(SESSION.c.expires_at < written(at)))
            connection.execute(insert(SESSION), row)
        return session

    def of_session(self, session: str) -> Account | None:
        """Return whose session it is; None for one that is unknown, too old, idle too long, or ended."""
        at = self._clock()
        with self._database.reading() as connection:
            row = (
                connection.execute(
                    select(ACCOUNT, SESSION.c.seen_at, SESSION.c.expires_at)
                    .join(SESSION, SESSION.c.account_id == ACCOUNT.c.id)
                    .where(SESSION.c.id_hash == digest(session), ACCOUNT.c.disabled.is_(False))
                )
                .mappings()
                .one_or_none()
            )
        if row is None or row["expires_at"] <= written(at) or row["seen_at"] <= written(at - IDLE):
            return None
        if row["seen_at"] <= written(at - _SEEN_EVERY):
            self._seen(session, at)
        return account_of(row)

    def _seen(self, session: str, at: datetime) -> None:
        """Note that a session is used, unless the store is busy or full: nobody's reading waits for that."""
        unkept = suppress(RegistryWriteError, RegistryReadOnlyError)
        with unkept, self._database.writing(waits=False) as connection:
            connection.execute(
                update(SESSION).where(SESSION.c.id_hash == digest(session)).values(seen_at=written(at))
            )

    def sign_out(self, session: str) -> None:
        """End one session."""
        with self._database.writing() as connection:
            connection.execute(delete(SESSION).where(SESSION.c.id_hash == digest(session)))

    def of_subject(self, issuer: str, subject: str, *, name: str) -> Account:
        """Return the account of an OpenID Connect subject, made with the role ``public`` at its first sign-in.

        Raises AccountError for a disabled one.
        """
        with self._database.reading() as connection:
            row = _of_subject(connection, issuer, subject)
        if row is None:
            # a name that is taken stays its owner's: a provider's word is not a password
            taken = {account.name for account in self.all()}
            own = (
                folded(name)
                if _is_name(name) and folded(name) not in taken
                else f"oidc-{digest(subject)[:12]}"
            )
            return self.add(own, "public", subject=subject, issuer=issuer, actor="OpenID Connect")
        if row["disabled"]:
            raise AccountError("found an account that is closed")
        account = account_of(row)
        if row["oidc_issuer"] is None:
            with self._event(account.id, "OpenID Connect", "provider known", account.name) as connection:
                self._change(connection, account, oidc_issuer=issuer)
        return account


def _of_subject(connection: Connection, issuer: str | None, subject: str) -> Any:
    """Return the row of a subject: of this issuer, or of one that has not signed in yet."""
    column = ACCOUNT.c
    found = connection.execute(
        select(ACCOUNT)
        .where(
            column.oidc_subject == subject,
            (column.oidc_issuer == issuer) | column.oidc_issuer.is_(None),
        )
        .order_by(column.oidc_issuer.is_(None))
    )
    return found.mappings().first()


def _is_name(name: str) -> bool:
    kept = folded(name)
    return 1 <= len(kept) <= _LONGEST_NAME and all(char.isalnum() or char in "._-@" for char in kept)


def _checked_name(name: str) -> str:
    if not _is_name(name):
        raise AccountError(
            f"name: found {name!r}, expected 1 to {_LONGEST_NAME} letters, digits or . _ - @",
            f"名称：实为 {name!r}，应为 1 至 {_LONGEST_NAME} 个字母、汉字、数字或 . _ - @",
        )
    return folded(name)


def _end_sessions(connection: Connection, account_id: str) -> None:
    connection.execute(delete(SESSION).where(SESSION.c.account_id == account_id))
