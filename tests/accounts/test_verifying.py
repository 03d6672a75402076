"""What another program did to accounts is noticed, whatever it did."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from buildingmap.accounts import Accounts, ApiTokens, acknowledge, store_of, untold, verify_accounts
from buildingmap.registry import RegistryError
from tests.accounts.conftest import PASSWORD

if TYPE_CHECKING:
    from buildingmap.registry import Registry

_ADDED = (
    "INSERT INTO account (id, name, role, disabled, created_at, changed_at) "
    "SELECT 'id-eve', 'eve', 'admin', disabled, created_at, changed_at FROM account WHERE name = 'lin'"
)
# what another program does, and the sentence in both languages
OUTSIDE = {
    "raised": (
        "UPDATE account SET role = 'admin' WHERE name = 'lin'",
        "account 'lin': role 'editor' → 'admin' changed from outside",
        "账户 'lin'：角色由 'editor' 改为 'admin'，来自外部",
    ),
    "added": (_ADDED, "account 'eve': was added from outside", "账户 'eve'：被添加，来自外部"),
    "removed": (
        "DELETE FROM account WHERE name = 'boss'",
        "account 'boss': was removed from outside",
        "账户 'boss'：被删除，来自外部",
    ),
    "password": (
        "UPDATE account SET password_hash = 'of somebody else' WHERE name = 'boss'",
        "account 'boss': password changed from outside",
        "账户 'boss'：密码被改动，来自外部",
    ),
    "token": (
        "UPDATE api_token SET id_hash = 'of somebody else'",
        "API token 'nightly': secret changed from outside",
        "API 令牌 'nightly'：令牌内容被改动，来自外部",
    ),
    "token raised": (
        "UPDATE api_token SET role = 'admin'",
        "API token 'nightly': role 'analyst' → 'admin' changed from outside",
        "API 令牌 'nightly'：角色由 'analyst' 改为 'admin'，来自外部",
    ),
    "token removed": (
        "DELETE FROM api_token",
        "API token 'nightly': was removed from outside",
        "API 令牌 'nightly'：被删除，来自外部",
    ),
}


@pytest.fixture
def kept(registry: Registry, accounts: Accounts, tokens: ApiTokens) -> Registry:
    """A registry with two accounts and a token, whole."""
    tokens.add(accounts.named("lin"), "nightly", "analyst", lasts=timedelta(days=7))
    assert verify_accounts(registry)[0] == []
    return registry


def from_outside(registry: Registry, *statements: str) -> None:
    with store_of(registry).writing() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize("what", OUTSIDE)
def test_what_another_program_did_to_an_account_is_named(kept: Registry, what: str) -> None:
    statement, english, chinese = OUTSIDE[what]
    from_outside(kept, statement)
    (damage,) = verify_accounts(kept)[0]
    assert (damage.text("en"), damage.text("zh")) == (english, chinese)


def test_a_change_of_our_own_does_not_hide_what_another_program_did_before(
    kept: Registry, accounts: Accounts
) -> None:
    from_outside(kept, OUTSIDE["raised"][0])
    accounts.set_password("lin", "another long password", actor="boss")
    (damage,) = verify_accounts(kept)[0]
    assert "role 'editor' → 'admin' changed from outside before event" in damage.text("en")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE account_event SET actor = 'nobody' WHERE number = 2", "event 2: its row was changed"),
        ("DELETE FROM account_event WHERE number = 2", "event 3: does not follow from the one before it"),
        ("DELETE FROM account_event WHERE number = 3", "the accounts are at event 3, their trail ends at 2"),
        ("DELETE FROM account_event_change WHERE number = 2", "event 2: its changes were changed"),
        (
            (
                "INSERT INTO account_event_change (number, table_name, row_id, after) "
                "SELECT 9, table_name, 'id-eve', after FROM account_event_change WHERE number = 1"
            ),
            "event 9: has changes but no row",
        ),
    ],
)
def test_a_trail_that_was_rewritten_is_noticed(kept: Registry, statement: str, words: str) -> None:
    from_outside(kept, statement)
    assert any(words in damage.text("en") for damage in verify_accounts(kept)[0])


def test_everything_that_the_program_itself_does_leaves_the_accounts_whole(
    kept: Registry, accounts: Accounts, tokens: ApiTokens
) -> None:
    accounts.add("wang", "analyst", subject="4711", actor="boss")
    accounts.of_subject("https://id.example", "4711", name="wang")
    accounts.of_subject("https://id.example", "4712", name="zhao")
    accounts.set_role("wang", "admin", actor="boss")
    tokens.add(accounts.named("wang"), "weekly", "admin", lasts=timedelta(days=7))
    accounts.set_role("wang", "public", actor="boss")
    accounts.sign_out(accounts.sign_in("lin", PASSWORD, address="192.0.2.1").session)
    tokens.revoke(accounts.named("lin"), tokens.of(accounts.named("lin"))[0].id)
    accounts.set_password("lin", "another long password", actor="boss")
    accounts.disable("lin", actor="boss")
    accounts.disable("lin", disabled=False, actor="boss")
    damage, seal = verify_accounts(kept)
    assert damage == []
    assert seal == accounts.events(limit=1)[0].hash


@pytest.mark.parametrize("what", OUTSIDE)
def test_what_was_seen_can_be_acknowledged_and_nothing_that_was_not(kept: Registry, what: str) -> None:
    from_outside(kept, OUTSIDE[what][0])
    seen = untold(kept)
    from_outside(kept, "UPDATE account SET name = 'linda' WHERE name = 'lin'")
    with pytest.raises(RegistryError, match="changed again meanwhile"):
        acknowledge(kept, seen, actor="boss")
    acknowledge(kept, untold(kept), actor="boss")
    assert verify_accounts(kept)[0] == []
    assert untold(kept) == []
