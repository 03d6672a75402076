"""Who asks, and what they may do: resolved once per request, before anything is answered."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from flask import abort, current_app, g, redirect, request
from werkzeug.exceptions import Unauthorized

from buildingmap.accounts import Role, at_least
from buildingmap.web.routes import needed_role

if TYPE_CHECKING:
    from flask import Flask, Response
    from werkzeug import Response as AnyResponse

    from buildingmap.accounts import Account, Accounts, ApiTokens, ReadLog

EXTENSION: Final = "buildingmap_access"
SESSION_COOKIE: Final = "buildingmap_session"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SAME: Final = frozenset({"same-origin", "none"})
_LOOK_EVERY_SECONDS: Final = 1.0
_BEARER: Final = "Bearer "
# whoever comes through a proxy sits elsewhere, though the proxy itself is on this machine
_FORWARDED: Final = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_VIA",
    "HTTP_X_REAL_IP",
)
# these prove themselves by what they carry, before there is a session to hold a token
_BEFORE_A_SESSION: Final = frozenset({"sign_in.enter"})


@dataclass(slots=True)
class Access:
    """How visitors are told apart. Without ``accounts``, everyone has ``open_role``.

    With accounts in the database nobody has it: who has not signed in is public. ``secret``: 32 bytes or more that
    tokens against forgery are made with. ``reads``: where it is noted who read what is confidential.
    """

    accounts: Accounts | None = None
    tokens: ApiTokens | None = None
    reads: ReadLog | None = None
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    open_role: Role = "admin"
    _guarded: bool = False
    _looked: float = float("-inf")

    def guarded(self) -> bool:
        """Return whether there are accounts, so that no one comes in unasked; looked up at most once a second."""
        if self.accounts is None or self._guarded:
            return self._guarded
        if time.monotonic() - self._looked >= _LOOK_EVERY_SECONDS:
            self._guarded, self._looked = self.accounts.exist(), time.monotonic()
        return self._guarded


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. ``account`` is None for one who has not signed in; ``by_token``: a program with an API token."""

    role: Role
    account: Account | None = None
    session: str = field(default="", repr=False)
    by_token: bool = False

    @property
    def name(self) -> str:
        """What the audit trail calls them."""
        return "local" if self.account is None else self.account.name


def access() -> Access:
    """Return the running application's access."""
    found: Access = current_app.extensions[EXTENSION]
    return found


def visitor() -> Visitor:
    """Return who asks."""
    found: Visitor | None = g.get("visitor")
    if found is None:
        # should that fail, the page that says so is made for the public
        g.visitor = Visitor("public")
        found = g.visitor = _resolved()
    return found


def role() -> Role:
    """Return the role of who asks."""
    return visitor().role


def may(needed: Role) -> bool:
    """Return whether who asks may do what ``needed`` may."""
    return at_least(role(), needed)


def _resolved() -> Visitor:
    doors = access()
    given = request.headers.get("Authorization", "")
    if given.startswith(_BEARER):
        owner = None if doors.tokens is None else doors.tokens.owner(given.removeprefix(_BEARER).strip())
        if owner is None:
            raise Unauthorized("the token is unknown, expired or revoked")
        return Visitor(owner.role, owner, by_token=True)
    if not doors.guarded():
        return Visitor(doors.open_role)
    session = request.cookies.get(SESSION_COOKIE, "")
    account = doors.accounts.of_session(session) if session and doors.accounts else None
    return Visitor("public") if account is None else Visitor(account.role, account, session)


def csrf_token() -> str:
    """Return the token that a form or script of this visitor's own pages carries."""
    who = f"csrf:{visitor().session or 'open'}"
    return hmac.new(access().secret, who.encode(), hashlib.sha256).hexdigest()


def _forged() -> bool:
    """Return whether an unsafe request may have been made by a foreign page."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        return True
    if site is not None and site not in _SAME:
        return True
    if request.endpoint in _BEFORE_A_SESSION:
        return origin is None and site is None
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    return not hmac.compare_digest(given.encode(), csrf_token().encode())


def _guard() -> AnyResponse | None:
    doors = access()
    if (
        doors.open_role == "admin"
        and any(name in request.environ for name in _FORWARDED)
        and not doors.guarded()
    ):
        g.visitor = Visitor("public")
        abort(403, "through a proxy nobody comes in unasked: make an account of the role admin first")
    visitor()  # whose token is wrong is told so, before a page is made for them
    if request.endpoint is None:  # no such address, or no such method on it
        return None
    needed = needed_role(request.endpoint, request.method)
    if needed is None:
        abort(403, "this address is in no one's rights")
    if request.method not in _SAFE and not visitor().by_token and _forged():
        abort(403, "the request does not come from a page of this server: reload the page and try again")
    if at_least(role(), needed):
        return None
    if visitor().account is not None or not access().guarded():
        abort(403, f"expected the role {needed} or above")
    if (
        request.method == "GET"
        and request.accept_mimetypes.accept_html
        and not request.path.startswith("/api")
    ):
        return redirect(f"/sign-in?next={_here()}", 303)
    raise Unauthorized(f"expected the role {needed} or above")


def _here() -> str:
    from urllib.parse import quote  # noqa: PLC0415 - only for those who must sign in

    return quote(request.full_path.rstrip("?"), safe="")


def _private(response: Response) -> Response:
    """Let no shared cache keep what was made for one visitor."""
    if access().guarded():
        response.headers["Vary"] = ", ".join(
            filter(None, (response.headers.get("Vary"), "Cookie, Authorization"))
        )
        if visitor_or_public().account is not None and "no-store" not in response.headers.get(
            "Cache-Control", ""
        ):
            response.headers["Cache-Control"] = "private, no-cache"
    return response


def visitor_or_public() -> Visitor:
    """Return who asks, public where that could not be told."""
    found: Visitor | None = g.get("visitor")
    return Visitor("public") if found is None else found


def init_visitors(app: Flask, doors: Access) -> None:
    """Ask everyone who they are, and let them do what their role may."""
    app.extensions[EXTENSION] = doors
    app.before_request(_guard)
    app.after_request(_private)
    app.context_processor(
        lambda: {
            "visitor": visitor_or_public(),
            "may": may,
            "guarded": access().guarded(),
            "csrf_token": csrf_token,
        }
    )
