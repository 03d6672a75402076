"""The accounts held against their trail: what was raised, added, removed or changed by another program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import select

from buildingmap.accounts.opening import store_of
from buildingmap.accounts.schema import EVENT, EVENT_CHANGE, TRAIL
from buildingmap.accounts.trail import AccountEvent, present, tell_of_others
from buildingmap.registry.changes import FIRST_HASH, hash_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from buildingmap.model import Lang
    from buildingmap.registry import Registry

_KINDS: Final = {
    "account": {"en": "account", "zh": "账户"},
    "api_token": {"en": "API token", "zh": "API 令牌"},
}
_NAMES: Final = {
    "name": {"en": "name", "zh": "名称"},
    "role": {"en": "role", "zh": "角色"},
    "disabled": {"en": "closed", "zh": "是否停用"},
    "secret": {"en": "password", "zh": "密码"},
    "label": {"en": "purpose", "zh": "用途"},
    "account_id": {"en": "owner", "zh": "所属账户"},
    "created_at": {"en": "made", "zh": "创建时间"},
    "expires_at": {"en": "end", "zh": "到期时间"},
    "revoked_at": {"en": "revoked", "zh": "撤销时间"},
    "oidc_issuer": {"en": "provider", "zh": "登录服务"},
    "oidc_subject": {"en": "subject at the provider", "zh": "登录服务标识"},
}
# told without their values: a digest says nothing to a reader
_UNSHOWN: Final = frozenset({"secret", "account_id"})


@dataclass(frozen=True, slots=True)
class AccountDamage:
    """One place where accounts and their trail do not agree, as a sentence."""

    english: str
    chinese: str
    # what happened before an event that is sealed already
    past: bool = False

    def text(self, lang: Lang) -> str:
        """Return the sentence in ``lang``."""
        return self.chinese if lang == "zh" else self.english


def verify_accounts(registry: Registry) -> tuple[list[AccountDamage], str]:
    """Return what is wrong with a registry's accounts, empty when all is well, and the last seal of their trail.

    The seal is empty where there never was an account. Raises RegistryError.
    """
    if not registry.companion.exists:
        return [], ""
    with store_of(registry).reading() as connection:
        damage = [*_broken_links(connection), *_untold(connection)]
        number, head = connection.execute(select(TRAIL.c.number, TRAIL.c.head)).one()
        return damage, str(head) if number else ""


def untold(registry: Registry) -> list[AccountDamage]:
    """Return each account and token that is not what the trail last wrote, as ``acknowledge`` takes it for right."""
    if not registry.companion.exists:
        return []
    with store_of(registry).reading() as connection:
        return [one for one in _untold(connection) if not one.past]


def acknowledge(registry: Registry, *, actor: str) -> None:
    """Let the trail of the accounts tell of them as they are now, whoever changed them. Raises RegistryError."""
    with store_of(registry).writing() as connection:
        tell_of_others(
            connection, _last_told(connection), actor=actor, action="accounts acknowledged", note=""
        )


def _last_told(connection: Connection) -> dict[tuple[str, str], str | None]:
    column = EVENT_CHANGE.c
    asked = select(column.table_name, column.row_id, column.after).order_by(column.fid)
    return {(table, row_id): after for table, row_id, after in connection.execute(asked)}


def _broken_links(connection: Connection) -> Iterator[AccountDamage]:
    previous, last = FIRST_HASH, 0
    changes: dict[int, list[Any]] = {}
    column = EVENT_CHANGE.c
    asked = select(column.number, column.table_name, column.row_id, column.before, column.after)
    for number, *change in connection.execute(asked.order_by(column.fid)):
        changes.setdefault(number, []).append(change)
    for row in connection.execute(select(EVENT).order_by(EVENT.c.number)).all():
        found = AccountEvent(*row)
        if found.number != last + 1 or found.previous != previous:
            yield _event(found.number, "does not follow from the one before it", "与前一条不相接")
        if found.sealed() != found.hash:
            yield _event(found.number, "its row was changed", "记录被改动")
        if hash_of(map(tuple, changes.pop(found.number, []))) != found.changes_hash:
            yield _event(found.number, "its changes were changed", "变更内容被改动")
        previous, last = found.hash, found.number
    for number in changes:
        yield _event(number, "has changes but no row", "有变更内容而无记录")
    end = connection.execute(select(TRAIL.c.number, TRAIL.c.head)).one_or_none()
    if end != (last, previous):
        at = None if end is None else end[0]
        yield AccountDamage(
            f"the accounts are at event {at}, their trail ends at {last}",
            f"账户记录应至第 {at} 条，实至第 {last} 条",
        )


def _event(number: int, english: str, chinese: str) -> AccountDamage:
    return AccountDamage(f"account event {number}: {english}", f"账户记录第 {number} 条：{chinese}")


def _untold(connection: Connection) -> Iterator[AccountDamage]:
    """Yield each account and token that is not what its trail last wrote, or was not before an event of its own."""
    told: dict[tuple[str, str], str | None] = {}
    column = EVENT_CHANGE.c
    asked = select(column.number, column.table_name, column.row_id, column.before, column.after)
    for number, table, row_id, before, after in connection.execute(asked.order_by(column.fid)):
        yield from _difference((table, row_id), told.get((table, row_id)), before, f"{number}")
        told[table, row_id] = after
    found = present(connection)
    for key in sorted({*told, *found}):
        yield from _difference(key, told.get(key), found.get(key), "")


def _difference(
    key: tuple[str, str], expected: str | None, found: str | None, number: str
) -> Iterator[AccountDamage]:
    if expected == found:
        return
    told, there = (None if text is None else orjson.loads(text) for text in (expected, found))
    values = there or told or {}
    kind = _KINDS.get(key[0], _KINDS["account"])
    name = values.get("name", values.get("label", key[1]))
    when = (f" before event {number}", f"（第 {number} 条记录之前）") if number else ("", "")
    if told is None or there is None:
        said = ("was added", "被添加") if told is None else ("was removed", "被删除")
        fields = {"en": said[0], "zh": said[1]}
    else:
        fields = {
            "en": "; ".join(_fields(told, there, key[0], "en")),
            "zh": "；".join(_fields(told, there, key[0], "zh")),
        }
    yield AccountDamage(
        f"{kind['en']} {name!r}: {fields['en']} from outside{when[0]}",
        f"{kind['zh']} {name!r}：{fields['zh']}，来自外部{when[1]}",
        past=bool(number),
    )


def _fields(told: dict[str, Any], there: dict[str, Any], table: str, lang: Lang) -> Iterator[str]:
    for field, old in told.items():
        new = there.get(field)
        if old == new:
            continue
        name = _NAMES[field][lang]
        if field == "secret" and table == "api_token":
            name = "secret" if lang == "en" else "令牌内容"
        if field in _UNSHOWN:
            yield f"{name} changed" if lang == "en" else f"{name}被改动"
        else:
            yield f"{name} {old!r} → {new!r} changed" if lang == "en" else f"{name}由 {old!r} 改为 {new!r}"
