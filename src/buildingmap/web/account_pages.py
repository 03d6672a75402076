"""One's own account, and everyone's: passwords, tokens, roles."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request

from buildingmap.accounts import ROLES, AccountError, TooManyAttemptsError
from buildingmap.web.access_log import live_json
from buildingmap.web.languages import language
from buildingmap.web.queries import only, read_query, whole_number
from buildingmap.web.sign_in import entered, known_from_now_on
from buildingmap.web.visitors import access, csrf_token, visitor

if TYPE_CHECKING:
    from werkzeug import Response as AnyResponse

    from buildingmap.accounts import Account, Accounts, ApiTokens, Role

account_pages = Blueprint("account_pages", __name__)
_DAYS: Final = (7, 30, 90, 365)
_LONGEST_DAYS: Final = 6
_EVENTS: Final = 50
_MOST_EVENTS: Final = 200


def _mine() -> tuple[Account, Accounts, ApiTokens]:
    doors, who = access(), visitor()
    if doors.accounts is None or doors.tokens is None or who.account is None or who.by_token:
        abort(404)
    return who.account, doors.accounts, doors.tokens


def _all() -> Accounts:
    found = access().accounts
    if found is None:
        abort(404)
    return found


@account_pages.get("/account")
def own() -> Response:
    """Show one's own account."""
    _mine()
    return _own_page(200)


@account_pages.post("/account/password")
def own_password() -> AnyResponse:
    """Change one's own password; the old one must be known. Every session ends, and this one begins anew."""
    account, accounts, _ = _mine()
    try:
        opened = accounts.change_own_password(
            account,
            request.form.get("old", ""),
            request.form.get("new", ""),
            address=request.remote_addr or "",
        )
        return known_from_now_on(entered(opened.session, "/account"), opened)
    except TooManyAttemptsError as error:
        return _own_page(429, problem=error.text(language()))
    except AccountError as error:
        return _own_page(422, problem=error.text(language()))


@account_pages.post("/account/tokens")
def add_token() -> Response:
    """Make an API token and show it this once."""
    account, _, tokens = _mine()
    try:
        days = request.form.get("days", "")
        lasts = timedelta(
            days=int(days) if days.isascii() and days.isdigit() and len(days) < _LONGEST_DAYS else 0
        )
        role = cast("Role", request.form.get("role", ""))
        token = tokens.add(account, request.form.get("label", ""), role, lasts=lasts)
    except AccountError as error:
        return _own_page(422, problem=error.text(language()))
    return _own_page(201, token=token)


@account_pages.post("/account/tokens/<token_id>/revoke")
def revoke_token(token_id: str) -> AnyResponse:
    """End one of one's own tokens."""
    account, _, tokens = _mine()
    try:
        tokens.revoke(account, token_id)
    except AccountError as error:
        return _own_page(404, problem=error.text(language()))
    return redirect("/account", 303)


def _own_page(status: int, *, problem: str = "", token: str = "") -> Response:
    account, _, tokens = _mine()
    body = render_template(
        "account.html",
        account=account,
        tokens=tokens.of(account),
        roles=ROLES[: ROLES.index(account.role) + 1],
        days=_DAYS,
        problem=problem,
        token=token,
        csrf=csrf_token(),
    )
    return _unkept(body, status)


@account_pages.get("/accounts")
def everyone() -> Response:
    """Show every account to an admin."""
    return _everyone_page(200)


@account_pages.post("/accounts")
def add() -> AnyResponse:
    """Make an account."""
    form = request.form
    try:
        accounts, role = _all(), cast("Role", form.get("role", ""))
        password = form.get("password") or None
        accounts.check_first(role, password)
        accounts.add(form.get("name", ""), role, password=password, actor=visitor().name)
    except AccountError as error:
        return _everyone_page(422, error.text(language()))
    return redirect("/accounts", 303)


@account_pages.post("/accounts/<name>")
def change(name: str) -> AnyResponse:
    """Change an account's role, its password, or whether it is open."""
    accounts, form, actor = _all(), request.form, visitor().name
    try:
        if form.get("role"):
            accounts.set_role(name, cast("Role", form["role"]), actor=actor)
        if form.get("password"):
            accounts.set_password(name, form["password"], actor=actor)
        if form.get("disabled") in {"yes", "no"}:
            accounts.disable(name, disabled=form["disabled"] == "yes", actor=actor)
    except AccountError as error:
        return _everyone_page(422, error.text(language()))
    return redirect("/accounts", 303)


@account_pages.get("/api/account-events")
def events_json() -> Response:
    """Answer with what happened to accounts and tokens, newest first; ``before`` and ``limit`` page through it."""
    words = read_query(request.query_string)
    only(words, "before", "limit", "lang")
    found = _all().events(
        before=whole_number(words, "before"), limit=whole_number(words, "limit", _MOST_EVENTS) or _EVENTS
    )
    names = ("number", "at", "actor", "action", "note", "hash")
    return live_json({"events": [{name: getattr(entry, name) for name in names} for entry in found]})


def _everyone_page(status: int, problem: str = "") -> Response:
    body = render_template(
        "accounts.html",
        accounts=_all().all(),
        roles=ROLES,
        problem=problem,
        csrf=csrf_token(),
        has_access_log=access().reads is not None,
    )
    return _unkept(body, status)


def _unkept(body: str, status: int) -> Response:
    response = make_response(body, status)
    response.headers["Cache-Control"] = "no-store"
    return response
