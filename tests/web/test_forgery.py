"""No change is made by a page of someone else's, and no page can be put into one: for every address there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildingmap.accounts import Accounts, ApiTokens
from buildingmap.web import create_app
from buildingmap.web.visitors import Access
from tests.web.test_rights import csrf, every_use, signed_in, staffed_office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient

    from buildingmap.model import District, Surroundings
    from buildingmap.registry import Registry
    from tests.prepared import Prepared

# it proves itself by the password it carries, and takes no request without an Origin
_BY_PASSWORD = "sign_in.enter"  # noqa: S105 - the name of an endpoint
FORGED = {
    "no token": {"Origin": "http://localhost"},
    "a wrong token": {"Origin": "http://localhost", "X-CSRF-Token": "0" * 64},
    "another site's page": {"Origin": "https://evil.example", "X-CSRF-Token": "right"},
    "another site, by the browser's word": {"Sec-Fetch-Site": "cross-site", "X-CSRF-Token": "right"},
    "a page without an origin": {"Origin": "null", "X-CSRF-Token": "right"},
}


# nothing here changes the office: that is what is shown
@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory,
    district: District,
    surroundings: Surroundings,
    prepared: Prepared,
) -> Iterator[Registry]:
    with staffed_office(tmp_path_factory.mktemp("office"), district, surroundings, prepared) as opened:
        yield opened


@pytest.fixture(scope="module")
def guarded(office: Registry) -> Flask:
    return create_app(office, access=Access(Accounts(office), ApiTokens(office), secret=b"s" * 32))


@pytest.fixture(scope="module")
def admin(guarded: Flask) -> FlaskClient:
    return signed_in(guarded, "admin-1")


@pytest.mark.parametrize("how", FORGED)
def test_every_change_is_refused_to_a_forged_request(
    guarded: Flask, admin: FlaskClient, office: Registry, how: str
) -> None:
    token, before = csrf(admin), office.version
    taken = []
    uses = [use for use in every_use(guarded) if use[1] != "GET"]
    assert len(uses) > 20
    for endpoint, method, address in uses:
        if endpoint == _BY_PASSWORD and how in {"no token", "a wrong token"}:
            continue
        headers = {name: token if value == "right" else value for name, value in FORGED[how].items()}
        if admin.open(address, method=method, headers=headers).status_code != 403:
            taken.append((method, address))
    assert taken == []
    assert office.version == before


def test_no_answer_lets_itself_be_framed_or_run_what_is_not_ours(guarded: Flask, admin: FlaskClient) -> None:
    bare = []
    for _, method, address in every_use(guarded):
        headers = admin.open(address, method=method, headers={"X-CSRF-Token": "x"}).headers
        policy = headers.get("Content-Security-Policy", "")
        good = "frame-ancestors 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
        if (
            not good
            or headers.get("X-Frame-Options") != "DENY"
            or headers.get("X-Content-Type-Options") != "nosniff"
        ):
            bare.append((method, address))
    assert bare == []


@pytest.mark.parametrize(
    "address",
    [
        "/static/../../../pyproject.toml",
        "/static/%2e%2e/%2e%2e/web/app.py",
        "/static/..%2fapp.py",
        "/static/js/..%5c..%5capp.py",
        "/map/asset/..%2f..%2fapp.py",
        "/map/asset/%2fetc%2fpasswd",
        "/import/..%2f..%2fetc/annotated.xlsx",
        "/download/../app.py",
    ],
)
def test_no_address_leads_out_of_its_folder(admin: FlaskClient, address: str) -> None:
    answer = admin.get(address)
    assert answer.status_code in {400, 404}
    assert b"import" not in answer.data.replace(b"/import", b"").replace(b"import.css", b"")
    assert b"root:" not in answer.data
