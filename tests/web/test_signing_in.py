"""Signing in over HTTP while somebody else tries to keep one out; and what a new account begins as."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildingmap.accounts import AccountError, Accounts
from tests.web.test_rights import PASSWORD, SITE, csrf, doors, guarded, office, signed_in

__all__ = ["doors", "guarded", "office"]

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from buildingmap.registry import Registry


def sign_in(client: FlaskClient, name: str, password: str, address: str = "127.0.0.1") -> int:
    answer = client.post(
        "/sign-in",
        data={"name": name, "password": password},
        headers={"Origin": SITE},
        environ_overrides={"REMOTE_ADDR": address},
    )
    return answer.status_code


def test_five_wrong_passwords_from_five_addresses_do_not_keep_the_administrator_out(guarded: Flask) -> None:
    for number in range(5):
        assert sign_in(guarded.test_client(), "admin-1", "wrong password", f"198.51.100.{number}") == 401
    assert sign_in(guarded.test_client(), "admin-1", PASSWORD) == 303


def test_a_browser_that_was_signed_in_before_comes_in_from_an_address_that_is_held_up(guarded: Flask) -> None:
    own = signed_in(guarded, "admin-1")
    own.post("/sign-out", headers={"Origin": SITE, "X-CSRF-Token": csrf(own)})
    statuses = [sign_in(guarded.test_client(), "admin-1", "wrong password") for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert sign_in(guarded.test_client(), "admin-1", PASSWORD) == 429
    assert sign_in(own, " Admin-1 ", PASSWORD) == 303


def test_a_desk_that_two_people_share_is_known_to_both(guarded: Flask) -> None:
    desk = guarded.test_client()
    assert [sign_in(desk, name, PASSWORD) for name in ("admin-1", "editor-1")] == [303, 303]
    for name in ("admin-1", "editor-1"):
        for _ in range(6):
            sign_in(guarded.test_client(), name, "wrong password")
    assert [sign_in(desk, name, PASSWORD) for name in ("admin-1", "editor-1")] == [303, 303]


def test_what_a_browser_is_known_by_goes_to_the_sign_in_alone_and_to_no_script(guarded: Flask) -> None:
    answer = guarded.test_client().post(
        "/sign-in", data={"name": "admin-1", "password": PASSWORD}, headers={"Origin": SITE}
    )
    (cookie,) = [value for value in answer.headers.getlist("Set-Cookie") if "known" in value]
    assert {"HttpOnly", "SameSite=Strict", "Path=/sign-in"} <= {part.strip() for part in cookie.split(";")}


def test_nobody_who_is_signed_in_can_be_kept_from_a_new_password(guarded: Flask) -> None:
    own = signed_in(guarded, "editor-1")
    for _ in range(6):
        sign_in(guarded.test_client(), "editor-1", "wrong password")
    form = {"csrf_token": csrf(own), "old": PASSWORD, "new": "another long password"}
    assert own.post("/account/password", data=form, headers={"Origin": SITE}).status_code == 303


def test_an_administrator_who_resets_a_password_ends_sessions_and_tokens(
    guarded: Flask, office: Registry
) -> None:
    theirs, boss = signed_in(guarded, "editor-1"), signed_in(guarded, "admin-1")
    form = {"csrf_token": csrf(theirs), "label": "nightly", "role": "editor", "days": "30"}
    page = theirs.post("/account/tokens", data=form, headers={"Origin": SITE}).text
    token = page[page.index("bm_") :].split("<")[0]
    program = {"Authorization": f"Bearer {token}"}
    assert guarded.test_client().get("/api/revisions", headers=program).status_code == 200

    reset = {"csrf_token": csrf(boss), "password": "another long password"}
    assert boss.post("/accounts/editor-1", data=reset, headers={"Origin": SITE}).status_code == 303

    assert guarded.test_client().get("/api/revisions", headers=program).status_code == 401
    assert theirs.get("/api/session").get_json()["role"] == "public"
    assert Accounts(office).events(limit=1)[0].action == "password reset"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_new_account_s_role_is_chosen_by_whoever_makes_it(
    guarded: Flask, office: Registry, lang: str
) -> None:
    boss = signed_in(guarded, "admin-1")
    page = boss.get(f"/accounts?lang={lang}").text
    form = page[page.index('action="/accounts"') :]
    choice = form[form.index("<select") : form.index("</select>")]
    assert "required" in choice
    assert choice.count("selected") == 1
    assert '<option value="" selected>' in choice
    unsaid = {"csrf_token": csrf(boss), "name": "zhao", "role": "", "password": PASSWORD}
    assert boss.post("/accounts", data=unsaid, headers={"Origin": SITE}).status_code == 422
    with pytest.raises(AccountError, match="found none"):
        Accounts(office).named("zhao")
