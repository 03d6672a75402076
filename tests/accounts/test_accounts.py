from __future__ import annotations

import contextlib
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from buildingmap.accounts import AccountError, Accounts, ApiTokens, TooManyAttemptsError, store_of
from buildingmap.accounts.schema import ACCOUNT, API_TOKEN, SESSION
from buildingmap.registry import RegistryWriteError, open_registry
from tests.accounts.conftest import PASSWORD, Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.model import District, Surroundings
    from buildingmap.registry import Registry

HERE = "192.0.2.1"


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "5 characters"),
        ("aaaaaaaaaaaabbbb", "different"),
        ("lin.lin_lin-lin:lin", "account's name"),
        ("x" * 1025, "1025 characters"),
        ("", "0 characters"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(accounts: Accounts, password: str, words: str) -> None:
    with pytest.raises(AccountError, match=rf"password: .*{words}"):
        accounts.set_password("lin", password, actor="test")
    assert accounts.sign_in("lin", PASSWORD, address=HERE)


def test_a_password_is_kept_as_argon2id_and_a_session_as_its_digest(
    accounts: Accounts, registry: Registry
) -> None:
    session = accounts.sign_in("lin", PASSWORD, address=HERE).session

    with registry.companion.open().reading() as connection:
        kept = connection.execute(select(ACCOUNT.c.password_hash)).scalars().all()
        sessions = connection.execute(select(SESSION.c.id_hash)).scalars().all()
    assert all(value.startswith("$argon2id$") for value in kept)
    assert len(set(kept)) == 2, "the same password is kept twice differently"
    assert session not in sessions


@pytest.mark.parametrize("name", ["lin", "LIN", " lin "])
def test_a_name_is_the_same_in_any_case(accounts: Accounts, name: str) -> None:
    session = accounts.sign_in(name, PASSWORD, address=HERE).session
    found = accounts.of_session(session)
    assert found is not None
    assert (found.name, found.role) == ("lin", "editor")


@pytest.mark.parametrize("name", ["", "a b", "x" * 61, "<b>", "a/b", "../x", "a\nb"])
def test_a_name_is_letters_digits_and_a_few_signs(accounts: Accounts, name: str) -> None:
    with pytest.raises(AccountError, match="name"):
        accounts.add(name, "editor", password=PASSWORD, actor="test")


def test_two_accounts_have_two_names(accounts: Accounts) -> None:
    with pytest.raises(AccountError, match="already"):
        accounts.add("Lin", "analyst", actor="test")


def test_unknown_wrong_and_closed_say_the_same(accounts: Accounts) -> None:
    accounts.disable("lin", actor="test")
    said = set()
    for name, password in (("lin", PASSWORD), ("boss", "wrong password"), ("nobody", PASSWORD)):
        with pytest.raises(AccountError) as refused:
            accounts.sign_in(name, password, address=HERE)
        said.add(str(refused.value))
    assert len(said) == 1


def test_a_session_ends_when_nobody_uses_it_or_after_a_week(accounts: Accounts, clock: Clock) -> None:
    idle = accounts.sign_in("lin", PASSWORD, address=HERE).session
    clock.wait(hours=8, seconds=1)
    assert accounts.of_session(idle) is None

    used = accounts.sign_in("lin", PASSWORD, address=HERE).session
    for _ in range(27):
        clock.wait(hours=6)
        assert accounts.of_session(used) is not None
    clock.wait(hours=7)
    assert accounts.of_session(used) is None


def test_who_has_signed_in_reads_on_while_another_program_writes(
    accounts: Accounts, clock: Clock, location: str, district: District, surroundings: Surroundings
) -> None:
    session = accounts.sign_in("lin", PASSWORD, address=HERE).session
    clock.wait(hours=5)
    other = open_registry(location, district=district, surroundings=surroundings)
    with store_of(other).writing() as connection:
        connection.execute(update(SESSION).values(created_at=SESSION.c.created_at))
        began = time.monotonic()
        assert accounts.of_session(session) is not None
        assert time.monotonic() - began < 5, "a reader waited for a writer"
    other.close()

    assert accounts.of_session(session) is not None
    clock.wait(hours=5)
    assert accounts.of_session(session) is not None, "its use was noted once the other was done"


def test_signing_out_ends_the_one_session(accounts: Accounts) -> None:
    first, second = (accounts.sign_in("lin", PASSWORD, address=HERE).session for _ in range(2))
    accounts.sign_out(first)
    assert accounts.of_session(first) is None
    assert accounts.of_session(second) is not None


@pytest.mark.parametrize("event", ["demoted", "disabled", "password"])
def test_a_session_ends_when_its_account_may_do_less(accounts: Accounts, event: str) -> None:
    session = accounts.sign_in("lin", PASSWORD, address=HERE).session
    if event == "demoted":
        accounts.set_role("lin", "analyst", actor="boss")
    elif event == "disabled":
        accounts.disable("lin", actor="boss")
    else:
        accounts.set_password("lin", "another long password", actor="boss")
    assert accounts.of_session(session) is None


def test_a_session_goes_on_with_the_new_role_when_its_account_may_do_more(accounts: Accounts) -> None:
    session = accounts.sign_in("lin", PASSWORD, address=HERE).session
    accounts.set_role("lin", "admin", actor="boss")
    found = accounts.of_session(session)
    assert found is not None
    assert found.role == "admin"


def test_the_last_admin_stays(accounts: Accounts) -> None:
    with pytest.raises(AccountError, match="last admin"):
        accounts.set_role("boss", "editor", actor="boss")
    with pytest.raises(AccountError, match="last admin"):
        accounts.disable("boss", actor="boss")
    assert accounts.named("boss").role == "admin"
    assert accounts.has_admin()


def guess(accounts: Accounts, name: str, address: str, times: int = 1, browser: str = "") -> None:
    """Try wrong passwords, each of which is still looked at."""
    for _ in range(times):
        with pytest.raises(AccountError, match="no account with this name and password"):
            accounts.sign_in(name, "wrong password", address=address, browser=browser)


def test_five_wrong_passwords_from_an_address_hold_it_up_for_a_quarter_of_an_hour(
    accounts: Accounts, clock: Clock
) -> None:
    guess(accounts, "lin", HERE, 5)
    for password in ("wrong password", PASSWORD):
        with pytest.raises(TooManyAttemptsError) as refused:
            accounts.sign_in("lin", password, address=HERE)
        assert 0 < refused.value.retry_seconds <= 15 * 60 + 1
    assert accounts.sign_in("boss", PASSWORD, address=HERE), "another account is not held up"
    clock.wait(minutes=15, seconds=1)
    assert accounts.sign_in("lin", PASSWORD, address=HERE)


def test_nobody_keeps_an_account_s_owner_out_from_elsewhere(accounts: Accounts, clock: Clock) -> None:
    for hour in range(3):
        for number in range(5 if hour == 0 else 60):
            with contextlib.suppress(AccountError):
                accounts.sign_in("boss", "wrong password", address=f"198.51.100.{number}")
        clock.wait(minutes=1)
        assert accounts.sign_in("boss", PASSWORD, address=HERE)


def test_while_many_try_at_an_account_each_address_has_one_attempt(accounts: Accounts) -> None:
    for number in range(4):
        guess(accounts, "boss", f"198.51.100.{number}", 5)
    for number in range(10, 30):
        guess(accounts, "boss", f"198.51.100.{number}")
        with pytest.raises(TooManyAttemptsError):
            accounts.sign_in("boss", "wrong password", address=f"198.51.100.{number}")
    guess(accounts, "lin", "198.51.100.10", 5)


@pytest.mark.parametrize(
    ("first", "second", "how"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "one"),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", "two"),
        ("::ffff:192.0.2.9", "192.0.2.9", "one"),
        ("192.0.2.9", "192.0.2.10", "two"),
        ("unix socket", "unix socket", "one"),
    ],
)
def test_a_network_of_one_subscriber_counts_as_one_address(
    accounts: Accounts, first: str, second: str, how: str
) -> None:
    guess(accounts, "lin", first, 5)
    if how == "one":
        with pytest.raises(TooManyAttemptsError):
            accounts.sign_in("lin", PASSWORD, address=second)
    else:
        assert accounts.sign_in("lin", PASSWORD, address=second)


def test_a_browser_that_was_signed_in_before_comes_in_whatever_others_try(accounts: Accounts) -> None:
    known = accounts.sign_in("boss", PASSWORD, address=HERE).browser
    for name in ("boss", "lin", *(f"name{number}" for number in range(30))):
        with contextlib.suppress(AccountError):
            accounts.sign_in(name, "wrong password", address=HERE)
    with pytest.raises(TooManyAttemptsError):
        accounts.sign_in("boss", PASSWORD, address=HERE)
    assert accounts.sign_in("boss", PASSWORD, address=HERE, browser=known)


def test_a_known_browser_guesses_no_longer_than_any(accounts: Accounts) -> None:
    known = accounts.sign_in("boss", PASSWORD, address=HERE).browser
    guess(accounts, "boss", HERE, 15, browser=known)
    with pytest.raises(TooManyAttemptsError):
        accounts.sign_in("boss", PASSWORD, address=HERE, browser=known)


def is_known(accounts: Accounts, name: str, browser: str, password: str = PASSWORD) -> bool:
    """Whether a browser comes in though its address has used up its attempts."""
    guess(accounts, name, "203.0.113.5", 5)
    try:
        return bool(accounts.sign_in(name, password, address="203.0.113.5", browser=browser))
    except TooManyAttemptsError:
        return False


def test_a_browser_is_known_to_the_one_account_that_was_signed_in_there(accounts: Accounts) -> None:
    browser = accounts.sign_in("lin", PASSWORD, address=HERE).browser
    assert is_known(accounts, "lin", browser)
    assert not is_known(accounts, "boss", browser)


def test_a_browser_is_known_for_a_year(accounts: Accounts, clock: Clock) -> None:
    browser = accounts.sign_in("lin", PASSWORD, address=HERE).browser
    clock.wait(days=364)
    assert is_known(accounts, "lin", browser)
    clock.wait(days=2)
    assert not is_known(accounts, "lin", browser)


@pytest.mark.parametrize("who", ["an administrator", "the owner"])
def test_no_browser_is_known_once_the_password_changed(accounts: Accounts, who: str) -> None:
    browser, new = accounts.sign_in("lin", PASSWORD, address=HERE).browser, "another long password"
    if who == "the owner":
        own = accounts.change_own_password(accounts.named("lin"), PASSWORD, new, address=HERE)
        assert is_known(accounts, "lin", own.browser, new), "but for the one in which it was changed"
    else:
        accounts.set_password("lin", new, actor="boss")
    guess(accounts, "lin", "203.0.113.6", 5, browser=browser)
    with pytest.raises(TooManyAttemptsError):
        accounts.sign_in("lin", new, address="203.0.113.6", browser=browser)


@pytest.mark.parametrize(
    "cookie", ["", "x", "..", "a.1.b", "a.99999999999999999999.b", "甲.乙.丙", "a.b.c.d"]
)
def test_a_forged_cookie_is_no_known_browser(accounts: Accounts, cookie: str) -> None:
    assert accounts.sign_in("lin", PASSWORD, address=HERE, browser=cookie), "and no reason to refuse"
    assert not is_known(accounts, "lin", cookie)


def test_of_a_cookie_nothing_can_be_changed(accounts: Accounts, clock: Clock) -> None:
    browser, at, signature = accounts.sign_in("lin", PASSWORD, address=HERE).browser.split(".")
    clock.wait(days=1)
    assert not is_known(accounts, "lin", f"{browser}.{int(at) + 3600}.{signature}")
    assert not is_known(accounts, "boss", f"{'0' * 32}.{at}.{signature}")


def test_an_address_that_tries_many_names_is_held_up(accounts: Accounts) -> None:
    for number in range(30):
        with pytest.raises(AccountError):
            accounts.sign_in(f"name{number}", "wrong password", address=HERE)
    with pytest.raises(TooManyAttemptsError):
        accounts.sign_in("lin", PASSWORD, address=HERE)
    assert accounts.sign_in("lin", PASSWORD, address="198.51.100.7")


def test_an_office_behind_one_address_signs_in_as_often_as_it_likes(accounts: Accounts, clock: Clock) -> None:
    for _ in range(40):
        clock.wait(seconds=1)
        assert accounts.sign_in("lin", PASSWORD, address=HERE)


def test_attempts_at_once_are_counted_one_by_one(accounts: Accounts) -> None:
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            accounts.sign_in("lin", "wrong password", address=HERE)
        except TooManyAttemptsError:
            outcomes.append("held up")
        except AccountError:
            outcomes.append("tried")

    threads = [threading.Thread(target=attempt) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count("tried"), outcomes.count("held up")) == (5, 11)


def test_who_came_in_and_what_changed_is_in_the_audit_trail(accounts: Accounts, registry: Registry) -> None:
    accounts.set_role("lin", "analyst", actor="boss")
    newest = accounts.events(limit=1)[0]
    assert (newest.actor, newest.action) == ("boss", "role changed")
    assert "editor → analyst" in newest.note
    assert registry.verify() == []


def test_a_token_works_until_it_ends_and_no_longer(
    accounts: Accounts, tokens: ApiTokens, clock: Clock
) -> None:
    token = tokens.add(accounts.named("lin"), "nightly", "analyst", lasts=timedelta(days=7))
    owner = tokens.owner(token)
    assert owner is not None
    assert (owner.name, owner.role) == ("lin", "analyst")
    clock.wait(days=7, seconds=1)
    assert tokens.owner(token) is None


def test_a_token_is_kept_as_its_digest(accounts: Accounts, tokens: ApiTokens, registry: Registry) -> None:
    token = tokens.add(accounts.named("lin"), "nightly", "analyst", lasts=timedelta(days=7))
    with registry.companion.open().reading() as connection:
        row = connection.execute(select(API_TOKEN)).mappings().one()
    assert not any(token in str(value) for value in row.values())
    assert tokens.owner(token[:-1] + ("a" if token[-1] != "a" else "b")) is None


@pytest.mark.parametrize(
    ("role", "days", "label"),
    [("admin", 7, "x"), ("analyst", 0, "x"), ("analyst", 367, "x"), ("analyst", 7, ""), ("king", 7, "x")],
)
def test_a_token_has_a_name_an_end_and_no_more_rights_than_its_owner(
    accounts: Accounts, tokens: ApiTokens, role: str, days: int, label: str
) -> None:
    with pytest.raises(AccountError):
        tokens.add(accounts.named("lin"), label, role, lasts=timedelta(days=days))  # type: ignore[arg-type]


@pytest.mark.parametrize("event", ["revoked", "disabled", "password reset"])
def test_a_token_ends_with_its_owner_s_wish_or_account(
    accounts: Accounts, tokens: ApiTokens, event: str
) -> None:
    lin = accounts.named("lin")
    token = tokens.add(lin, "nightly", "analyst", lasts=timedelta(days=7))
    if event == "revoked":
        tokens.revoke(lin, tokens.of(lin)[0].id)
    elif event == "password reset":
        accounts.set_password("lin", "another long password", actor="boss")
    else:
        accounts.disable("lin", actor="boss")
        accounts.disable("lin", disabled=False, actor="boss")
    assert tokens.owner(token) is None


def test_an_own_new_password_leaves_one_s_tokens_alone(accounts: Accounts, tokens: ApiTokens) -> None:
    lin = accounts.named("lin")
    token = tokens.add(lin, "nightly", "analyst", lasts=timedelta(days=7))
    session = accounts.open_session(lin.id)
    with pytest.raises(AccountError, match="expected the old one"):
        accounts.change_own_password(lin, "wrong password", "another long password", address=HERE)
    assert accounts.of_session(session) is not None
    accounts.change_own_password(lin, PASSWORD, "another long password", address=HERE)
    assert accounts.of_session(session) is None
    assert tokens.owner(token) is not None


def test_nobody_revokes_another_s_token(accounts: Accounts, tokens: ApiTokens) -> None:
    lin = accounts.named("lin")
    token = tokens.add(lin, "nightly", "analyst", lasts=timedelta(days=7))
    with contextlib.suppress(AccountError):
        tokens.revoke(accounts.named("boss"), tokens.of(lin)[0].id)
    assert tokens.owner(token) is not None


def test_a_demoted_owner_lowers_the_tokens(accounts: Accounts, tokens: ApiTokens) -> None:
    token = tokens.add(accounts.named("lin"), "nightly", "editor", lasts=timedelta(days=7))
    accounts.set_role("lin", "public", actor="boss")
    accounts.set_role("lin", "admin", actor="boss")
    owner = tokens.owner(token)
    assert owner is not None
    assert owner.role == "public", "raising the owner again does not raise the token"


def test_someone_from_the_provider_begins_as_public_and_is_known_by_the_subject(accounts: Accounts) -> None:
    first = accounts.of_subject("https://id.example", "s-1", name="Wang")
    again = accounts.of_subject("https://id.example", "s-1", name="renamed")
    other = accounts.of_subject("https://other.example", "s-1", name="wang")
    assert (first.name, first.role) == ("wang", "public")
    assert again.id == first.id
    assert other.id != first.id


def test_a_provider_s_word_does_not_open_a_local_account(accounts: Accounts) -> None:
    found = accounts.of_subject("https://id.example", "s-2", name="boss")
    assert found.name != "boss"
    assert found.role == "public"


def test_a_closed_account_stays_closed_for_the_provider(accounts: Accounts) -> None:
    found = accounts.of_subject("https://id.example", "s-3", name="zhao")
    accounts.disable(found.name, actor="boss")
    with pytest.raises(AccountError):
        accounts.of_subject("https://id.example", "s-3", name="zhao")


@pytest.mark.parametrize("event", ["added", "raised", "closed", "password", "token"])
def test_nothing_changes_in_an_account_without_its_audit_row(
    accounts: Accounts, tokens: ApiTokens, registry: Registry, monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    with registry.companion.open().reading() as connection:
        before = [connection.execute(select(table)).all() for table in (ACCOUNT, API_TOKEN)]

    def broken(*_: object, **__: object) -> None:
        raise RegistryWriteError("the disk is full")

    monkeypatch.setattr("buildingmap.accounts.trail._write", broken)
    changes: dict[str, Callable[[], object]] = {
        "added": lambda: accounts.add("zhao", "admin", password=PASSWORD, actor="boss"),
        "raised": lambda: accounts.set_role("lin", "admin", actor="boss"),
        "closed": lambda: accounts.disable("lin", actor="boss"),
        "password": lambda: accounts.set_password("lin", "another long password", actor="boss"),
        "token": lambda: tokens.add(accounts.named("lin"), "x", "editor", lasts=timedelta(days=1)),
    }
    with pytest.raises(RegistryWriteError):
        changes[event]()

    with registry.companion.open().reading() as connection:
        assert [connection.execute(select(table)).all() for table in (ACCOUNT, API_TOKEN)] == before


def test_of_two_admins_who_demote_each_other_at_once_one_stays(accounts: Accounts) -> None:
    accounts.add("second", "admin", password=PASSWORD, actor="test")
    start = threading.Barrier(2)

    def demote(name: str) -> None:
        start.wait()
        with contextlib.suppress(AccountError):
            accounts.set_role(name, "editor", actor="test")

    threads = [threading.Thread(target=demote, args=(name,)) for name in ("boss", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [account.role for account in accounts.all() if account.name != "lin"].count("admin") == 1


def test_an_account_that_was_made_for_a_subject_is_its_own_at_the_first_sign_in(accounts: Accounts) -> None:
    made = accounts.add("wang", "editor", subject="4711", actor="boss")
    assert not made.has_password

    first = accounts.of_subject("https://id.example", "4711", name="someone else's name")
    again = accounts.of_subject("https://id.example", "4711", name="")
    foreign = accounts.of_subject("https://other.example", "4711", name="wang")

    assert (first.name, first.role) == (again.name, again.role) == ("wang", "editor")
    assert (foreign.name == "wang", foreign.role) == (False, "public"), (
        "another provider's 4711 is another person"
    )
    with pytest.raises(AccountError, match="subject"):
        accounts.add("wang2", "admin", subject="4711", issuer="https://id.example", actor="boss")


def test_an_admin_who_cannot_sign_in_is_none(registry: Registry) -> None:
    accounts = Accounts(registry)
    accounts.add("boss", "admin", actor="test")
    assert not accounts.has_admin()
    accounts.set_password("boss", PASSWORD, actor="test")
    assert accounts.has_admin()


def test_somebody_else_s_token_cannot_be_revoked(accounts: Accounts, tokens: ApiTokens) -> None:
    token = tokens.add(accounts.named("lin"), "nightly", "analyst", lasts=timedelta(days=7))
    (kept,) = tokens.of(accounts.named("lin"))
    with pytest.raises(AccountError, match="expected one of your own"):
        tokens.revoke(accounts.named("boss"), kept.id)
    assert tokens.owner(token) is not None
