"""Signing in and out, by password or through the office's own OpenID Connect provider."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from joserfc.errors import JoseError
from requests import RequestException

from buildingmap.accounts import AccountError, TooManyAttemptsError
from buildingmap.accounts.account import folded
from buildingmap.accounts.browsers import LASTS
from buildingmap.accounts.store import LONGEST_SESSION
from buildingmap.web.languages import text
from buildingmap.web.visitors import SESSION_COOKIE, access, csrf_token, visitor

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug import Response as AnyResponse

    from buildingmap.accounts import Accounts, SignedIn
    from buildingmap.web.openid import Provider

sign_in = Blueprint("sign_in", __name__)
_PROVIDER: Final = "office"
_EXTENSION: Final = "buildingmap_openid"


def local_address(target: str) -> str:
    """Return ``target`` where it is an address of this server's own, else that of the map."""
    plain = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if plain and target.isprintable() and "\\" not in target else "/"


def _accounts() -> Accounts:
    found = access().accounts
    if found is None:
        abort(404)
    return found


@sign_in.get("/api/session")
def session() -> dict[str, Any]:
    """Tell a page's script who it works for, and the token that its changes must carry."""
    who = visitor()
    return {"role": who.role, "name": None if who.account is None else who.account.name, "csrf": csrf_token()}


@sign_in.get("/sign-in")
def page() -> Response:
    """Show the form."""
    _accounts()
    return _form(200)


@sign_in.post("/sign-in")
def enter() -> AnyResponse:
    """Open a session for the right password."""
    accounts = _accounts()
    try:
        name = request.form.get("name", "")
        opened = accounts.sign_in(
            name,
            request.form.get("password", ""),
            address=request.remote_addr or "",
            browser=request.cookies.get(_known_cookie(name), ""),
        )
    except TooManyAttemptsError as error:
        minutes = -(-error.retry_seconds // 60)
        response = _form(429, text("Too many attempts. Try again in %(minutes)s minutes.", minutes=minutes))
        response.headers["Retry-After"] = str(error.retry_seconds)
        return response
    except AccountError:
        return _form(401, text("No account has this name and password."))
    return known_from_now_on(entered(opened.session, request.form.get("next", "")), opened)


def _known_cookie(name: str) -> str:
    """Return the name of the cookie by which a browser is known to one account: at one desk there may be several."""
    return f"buildingmap_known_{hashlib.sha256(folded(name).encode('utf-8', 'replace')).hexdigest()[:16]}"


def known_from_now_on(response: AnyResponse, opened: SignedIn) -> AnyResponse:
    """Let this browser be known to the account, so that nobody else's wrong passwords keep its owner out."""
    response.set_cookie(
        _known_cookie(opened.account.name),
        opened.browser,
        max_age=int(LASTS.total_seconds()),
        path="/sign-in",
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
    )
    return response


def entered(opened: str, target: str) -> AnyResponse:
    """Send a visitor with a new session on to ``target``, which must be an address of this server."""
    response = redirect(local_address(target), 303)
    response.set_cookie(
        SESSION_COOKIE,
        opened,
        max_age=int(LONGEST_SESSION.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@sign_in.post("/sign-out")
def leave() -> AnyResponse:
    """End the session."""
    accounts, who = _accounts(), visitor()
    if who.session:
        accounts.sign_out(who.session)
    response = redirect("/", 303)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def _form(status: int, problem: str = "") -> Response:
    body = render_template(
        "sign_in.html",
        problem=problem,
        name=request.form.get("name", ""),
        next=local_address(request.values.get("next", "/")),
        provider=current_app.extensions.get(_EXTENSION),
    )
    response = make_response(body, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def init_openid(app: Flask, provider: Provider | None) -> None:
    """Let visitors sign in through ``provider``, where there is one."""
    app.extensions[_EXTENSION] = provider
    if provider is None:
        return
    oauth = OAuth(app)
    oauth.register(
        _PROVIDER,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256"},
    )
    app.extensions[f"{_EXTENSION}_client"] = oauth


def _client() -> Any:
    oauth = current_app.extensions.get(f"{_EXTENSION}_client")
    if oauth is None:
        abort(404)
    return getattr(oauth, _PROVIDER)


@sign_in.get("/sign-in/openid")
def to_provider() -> AnyResponse:
    """Send the visitor to the provider, with state, nonce and PKCE challenge."""
    try:
        found: AnyResponse = _client().authorize_redirect(url_for("sign_in.from_provider", _external=True))
    except (OAuthError, RequestException):
        return _form(502, text("The sign-in provider cannot be reached."))
    return found


def _expected_claims(client: Any) -> dict[str, Any]:
    """Return what Authlib leaves open: the issuer is the one configured, and the token is meant for this server."""
    issuer = current_app.extensions[_EXTENSION].issuer.rstrip("/")
    return {
        "iss": {"essential": True, "values": [issuer, f"{issuer}/"]},
        "aud": {"essential": True, "value": client.client_id},
    }


@sign_in.get("/sign-in/openid/back")
def from_provider() -> AnyResponse:
    """Take the visitor back from the provider: Authlib checks state, code, signature, nonce, issuer and audience."""
    client, accounts = _client(), _accounts()
    try:
        claims = client.authorize_access_token(claims_options=_expected_claims(client))["userinfo"]
        name = str(claims.get("preferred_username") or claims.get("name") or "")
        account = accounts.of_subject(str(claims["iss"]), str(claims["sub"]), name=name)
    except (OAuthError, JoseError, RequestException, KeyError):
        return _form(401, text("The sign-in provider did not confirm who you are."))
    except AccountError:
        return _form(401, text("No account has this name and password."))
    return entered(accounts.open_session(account.id), "/")
