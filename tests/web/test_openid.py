"""Signing in through an OpenID Connect provider: a real one, of the tests' own, on this machine."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from waitress.server import create_server  # type: ignore[import-untyped]

from buildingmap.errors import ServeError
from buildingmap.web import create_app
from buildingmap.web.openid import Provider, provider_of
from tests.web.test_rights import doors, office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from buildingmap.registry import Registry
    from buildingmap.web.visitors import Access

__all__ = ["doors", "office"]
CLIENT = "buildingmap-of-shibei"
SECRET = "a secret that only the two know"  # noqa: S105 - the tests' own
KEY = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig", "alg": "RS256"})
OTHER_KEY = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig", "alg": "RS256"})


class FakeProvider:
    """A provider that says what a test wants it to; ``claims`` override the good ones, None leaves one out."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.key = KEY
        self.asked: dict[str, str] = {}
        self.given: list[dict[str, str]] = []
        app = Flask("provider")
        app.add_url_rule("/.well-known/openid-configuration", view_func=self.configuration)
        app.add_url_rule(
            "/jwks", view_func=lambda: jsonify({"keys": [KEY.as_dict(private=False)]}), endpoint="jwks"
        )
        app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        self.server = create_server(app, host="127.0.0.1", port=0, threads=2)
        self.issuer = f"http://127.0.0.1:{self.server.effective_port}"
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()

    def configuration(self) -> Any:
        return jsonify(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    def token(self) -> Any:
        self.given.append(request.form.to_dict())
        now = int(time.time())
        good = {
            "iss": self.issuer,
            "sub": "4711",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": self.asked["nonce"],
            "preferred_username": "王工",
        }
        claims = {name: value for name, value in (good | self.claims).items() if value is not None}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return jsonify({"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": signed})

    def stop(self) -> None:
        self.server.trigger.pull_trigger(self.server.close)
        self.thread.join(timeout=10)
        self.server.task_dispatcher.shutdown()


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    made = FakeProvider()
    yield made
    made.stop()


@pytest.fixture
def app(office: Registry, doors: Access, provider: FakeProvider) -> Flask:
    return create_app(office, access=doors, provider=Provider(provider.issuer, CLIENT, SECRET, "区政务网"))


def sent_there(client: FlaskClient, provider: FakeProvider) -> dict[str, str]:
    """Go to the provider and remember what it was asked."""
    answer = client.get("/sign-in/openid")
    assert answer.status_code == 302, answer.text
    address = urlsplit(answer.headers["Location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{provider.issuer}/authorize"
    provider.asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    return provider.asked


def back(client: FlaskClient, state: str) -> Any:
    return client.get("/sign-in/openid/back", query_string={"code": "once", "state": state})


def test_someone_new_comes_in_as_public_and_keeps_the_account_that_is_raised(
    app: Flask, provider: FakeProvider, doors: Access
) -> None:
    client = app.test_client()
    assert "区政务网" in client.get("/sign-in").text
    answer = back(client, sent_there(client, provider)["state"])
    assert answer.status_code == 303
    assert client.get("/api/session").get_json()["role"] == "public"
    assert doors.accounts is not None
    (made,) = (account for account in doors.accounts.all() if account.name.startswith("王工"))
    doors.accounts.set_role(made.name, "editor", actor="test")

    again = app.test_client()
    back(again, sent_there(again, provider)["state"])
    assert again.get("/api/session").get_json() == {
        "role": "editor", "name": made.name, "csrf": again.get("/api/session").get_json()["csrf"]
    }  # fmt: skip


def test_the_code_is_sent_with_the_secret_and_the_verifier_of_the_challenge(
    app: Flask, provider: FakeProvider
) -> None:
    client = app.test_client()
    asked = sent_there(client, provider)
    back(client, asked["state"])
    (given,) = provider.given
    digest = hashlib.sha256(given["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
    assert asked["code_challenge_method"] == "S256"
    assert SECRET not in str(asked)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": "another-client", "azp": CLIENT},
        {"exp": 1_000_000_000},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
    ],
    ids="-".join,
)
def test_a_token_that_is_not_for_us_now_lets_nobody_in(
    app: Flask, provider: FakeProvider, claims: dict[str, Any]
) -> None:
    client = app.test_client()
    provider.claims = claims
    answer = back(client, sent_there(client, provider)["state"])
    assert answer.status_code == 401
    assert client.get("/api/session").get_json()["name"] is None


def test_a_token_signed_by_someone_else_lets_nobody_in(app: Flask, provider: FakeProvider) -> None:
    client = app.test_client()
    provider.key = OTHER_KEY
    assert back(client, sent_there(client, provider)["state"]).status_code == 401
    assert client.get("/api/session").get_json()["name"] is None


def test_a_state_that_was_not_given_to_this_browser_lets_nobody_in(
    app: Flask, provider: FakeProvider
) -> None:
    mine, theirs = app.test_client(), app.test_client()
    state = sent_there(theirs, provider)["state"]
    assert back(mine, state).status_code == 401
    assert back(mine, "made-up").status_code == 401
    assert provider.given == []


def test_what_the_provider_refuses_is_said(app: Flask, provider: FakeProvider) -> None:
    client = app.test_client()
    state = sent_there(client, provider)["state"]
    answer = client.get("/sign-in/openid/back", query_string={"error": "access_denied", "state": state})
    assert answer.status_code == 401
    hostile = client.get("/sign-in/openid/back", query_string={"error": "<b>x</b>", "state": "x"})
    assert "<b>x" not in hostile.text


def test_a_provider_that_is_away_is_said(office: Registry, doors: Access) -> None:
    app = create_app(office, access=doors, provider=Provider("http://127.0.0.1:9", CLIENT, SECRET))
    assert app.test_client().get("/sign-in/openid").status_code == 502


@pytest.mark.parametrize(
    "issuer",
    ["http://127.0.0.1.evil.example", "http://localhost.evil.example/", "http://id.example", "https://"],
)
def test_a_provider_is_asked_by_https_alone(issuer: str) -> None:
    names = ("BUILDINGMAP_OIDC_ISSUER", "BUILDINGMAP_OIDC_CLIENT_ID", "BUILDINGMAP_OIDC_CLIENT_SECRET")
    with pytest.raises(ServeError, match="expected an https:// address"):
        provider_of(dict(zip(names, (issuer, CLIENT, SECRET), strict=True)))
