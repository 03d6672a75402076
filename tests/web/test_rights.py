"""Who may do what over HTTP, by the one table; and what a foreign page cannot make a browser do."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from buildingmap import resources
from buildingmap.accounts import ROLES, Accounts, ApiTokens, at_least
from buildingmap.layers import read_layer
from buildingmap.registry import Change, Registry, create_registry, open_registry
from buildingmap.snapshot import LayerNote
from buildingmap.web import create_app
from buildingmap.web.routes import ROUTES
from buildingmap.web.visitors import SESSION_COOKIE, Access
from tests.web.conftest import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from buildingmap.accounts import Role
    from buildingmap.model import District, Surroundings
    from tests.prepared import Prepared

PASSWORD = "correct horse 楼宇"  # noqa: S105 - the tests' own
SITE = "http://localhost"


@contextmanager
def staffed_office(
    folder: Path, district: District, surroundings: Surroundings, prepared: Prepared
) -> Iterator[Registry]:
    """Open the demo's towers in ``folder``, with an account of each role."""

    def make(place: str) -> None:
        layer = read_layer(
            resources.data_folder() / "buildings.geojson", district=district, surroundings=surroundings
        )
        note = LayerNote(title="登记库", synthetic=True)
        with create_registry(
            place, district=district, surroundings=surroundings, note=note, layer=layer
        ) as made:
            accounts = Accounts(made)
            for role in ROLES:
                accounts.add(f"{role}-1", role, password=PASSWORD, actor="test")

    prepared.copy("office-with-roles", folder / "office.gpkg", make)
    with open_registry(folder / "office.gpkg", district=district, surroundings=surroundings) as opened:
        yield opened


@pytest.fixture
def office(
    tmp_path: Path, district: District, surroundings: Surroundings, prepared: Prepared
) -> Iterator[Registry]:
    with staffed_office(tmp_path, district, surroundings, prepared) as opened:
        yield opened


@pytest.fixture
def doors(office: Registry) -> Access:
    return Access(Accounts(office), ApiTokens(office), secret=b"s" * 32)


@pytest.fixture
def guarded(office: Registry, doors: Access) -> Flask:
    return create_app(office, access=doors)


def signed_in(app: Flask, name: str) -> FlaskClient:
    client = app.test_client()
    answer = client.post("/sign-in", data={"name": name, "password": PASSWORD}, headers={"Origin": SITE})
    assert answer.status_code == 303, answer.text
    return client


def csrf(client: FlaskClient) -> str:
    token: str = client.get("/api/session").get_json()["csrf"]
    return token


def every_use(app: Flask) -> list[tuple[str, str, str]]:
    """Every endpoint with its method and an address of it."""
    places = {"building_id": "CBD-03", "name": "analyst-1", "table": "building", "row_id": "CBD-03"}
    found = []
    for rule in app.url_map.iter_rules():
        address = address_of(rule, **places)
        found += [
            (rule.endpoint, method, address)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        ]
    return found


@pytest.mark.parametrize("role", ROLES)
def test_every_address_and_method_is_answered_to_its_role_and_to_none_below(
    guarded: Flask, role: Role
) -> None:
    wrong = []
    client = signed_in(guarded, f"{role}-1")
    for endpoint, method, address in every_use(guarded):
        if endpoint in {"sign_in.leave", "sign_in.enter", "account_pages.own_password"}:
            continue  # these end or begin sessions: they have tests of their own
        needed = ROUTES[endpoint][method]
        headers = {"Origin": SITE, "X-CSRF-Token": csrf(client)}
        status = client.open(address, method=method, headers=headers).status_code
        if (status == 403) == at_least(role, needed):
            wrong.append((endpoint, method, needed, status))
        assert status < 500, (address, method, status)
        assert client.get("/api/session").get_json()["role"] == role
    assert wrong == []


def test_who_has_not_signed_in_is_asked_to_where_a_page_is_not_public(guarded: Flask) -> None:
    client = guarded.test_client()
    page = client.get("/history?since=2026-01-01", headers={"Accept": "text/html"})
    program = client.get("/api/revisions")
    assert page.status_code == 303
    assert page.headers["Location"] == "/sign-in?next=%2Fhistory%3Fsince%3D2026-01-01"
    assert program.status_code == 401


def test_signing_in_leads_on_to_where_one_was_going(guarded: Flask) -> None:
    answer = guarded.test_client().post(
        "/sign-in",
        data={"name": "editor-1", "password": PASSWORD, "next": "/history"},
        headers={"Origin": SITE},
    )
    assert answer.headers["Location"] == "/history"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "http:evil.example",
        "/a\r\nSet-Cookie: x=1",
    ],
)
def test_signing_in_never_leads_to_another_site(guarded: Flask, target: str) -> None:
    answer = guarded.test_client().post(
        "/sign-in",
        data={"name": "editor-1", "password": PASSWORD, "next": target},
        headers={"Origin": SITE},
    )
    assert answer.headers["Location"] == "/"


def test_a_session_cookie_is_for_https_alone_where_the_page_came_by_it(guarded: Flask) -> None:
    answer = guarded.test_client().post(
        "/sign-in",
        data={"name": "editor-1", "password": PASSWORD},
        headers={"Origin": "https://localhost"},
        base_url="https://localhost",
    )
    assert "Secure" in answer.headers["Set-Cookie"]


def test_wrong_passwords_are_told_when_to_come_back(guarded: Flask) -> None:
    client = guarded.test_client()
    for _ in range(5):
        form = {"name": "lin", "password": "wrong"}
        assert client.post("/sign-in", data=form, headers={"Origin": SITE}).status_code == 401
    answer = client.post("/sign-in", data=form, headers={"Origin": SITE})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60 + 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CSRF-Token": "0" * 64},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_foreign_page_changes_nothing_in_a_signed_in_browser(
    guarded: Flask, office: Registry, headers: dict[str, str]
) -> None:
    client = signed_in(guarded, "editor-1")
    given = dict(headers)
    if "Origin" in headers or "Sec-Fetch-Site" in headers:
        given["X-CSRF-Token"] = csrf(client)
    before = office.version
    answer = client.patch(
        "/api/records/building/CBD-03",
        json={"values": {"name": "x"}},
        headers={**given, "If-Match": '"1"'},
    )
    assert answer.status_code == 403
    assert office.version == before


def test_the_token_of_one_session_is_no_good_in_another(guarded: Flask) -> None:
    mine, theirs = signed_in(guarded, "editor-1"), signed_in(guarded, "editor-1")
    answer = mine.post("/api/revisions/1/undo", headers={"Origin": SITE, "X-CSRF-Token": csrf(theirs)})
    assert answer.status_code == 403


def test_a_foreign_page_signs_nobody_in_or_out(guarded: Flask) -> None:
    client = signed_in(guarded, "editor-1")
    form = {"name": "analyst-1", "password": PASSWORD}
    for headers in ({}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post("/sign-in", data=form, headers=headers).status_code == 403
        assert client.post("/sign-out", headers=headers).status_code == 403
    assert client.get("/api/session").get_json()["name"] == "editor-1"


def test_signing_out_ends_the_session(guarded: Flask) -> None:
    client = signed_in(guarded, "editor-1")
    cookie = client.get_cookie(SESSION_COOKIE)
    assert cookie is not None
    client.post("/sign-out", data={"csrf_token": csrf(client)}, headers={"Origin": SITE})
    client.set_cookie(SESSION_COOKIE, cookie.value)
    assert client.get("/api/session").get_json()["role"] == "public"


def test_a_demoted_editor_is_signed_out_at_once(guarded: Flask, office: Registry) -> None:
    client = signed_in(guarded, "editor-1")
    Accounts(office).set_role("editor-1", "analyst", actor="admin-1")
    assert client.get("/api/session").get_json()["role"] == "public"
    assert client.get("/api/revisions").status_code == 401


def test_a_program_comes_in_with_a_token_and_needs_no_other(guarded: Flask, office: Registry) -> None:
    owner = Accounts(office).named("editor-1")
    token = ApiTokens(office).add(owner, "nightly", "editor", lasts=timedelta(days=1))
    client = guarded.test_client()
    headers = {"Authorization": f"Bearer {token}"}
    row = client.get("/api/records/building/CBD-03", headers=headers)
    changed = client.patch(
        "/api/records/building/CBD-03",
        json={"values": {"name": "改名"}},
        headers={**headers, "If-Match": row.headers["ETag"]},
    )
    assert changed.status_code == 200, changed.text
    assert changed.get_json()["changed_by"] == "editor-1"
    assert client.get("/account", headers=headers).status_code == 404, "a token makes no tokens"


@pytest.mark.parametrize("address", ["/", "/api/buildings", "/history", "/sign-in", "/static/css/app.css"])
def test_a_wrong_token_is_401_everywhere(guarded: Flask, address: str) -> None:
    answer = guarded.test_client().get(address, headers={"Authorization": "Bearer bm_wrong"})
    assert answer.status_code == 401


def test_no_answer_for_one_is_given_to_another(guarded: Flask) -> None:
    staff, public = signed_in(guarded, "analyst-1"), guarded.test_client()
    for address in ("/api/buildings", "/map/towers", "/map/view", "/download/buildings.geojson", "/"):
        for_staff, for_all = staff.get(address), public.get(address)
        assert for_staff.data != for_all.data, address
        again = public.get(address, headers={"If-None-Match": for_staff.headers.get("ETag", "")})
        assert again.status_code == 200, address
        assert "Cookie" in for_all.headers["Vary"]
        assert "Cookie" in for_staff.headers["Vary"]
        assert (
            "private" in for_staff.headers["Cache-Control"]
            or "no-store" in for_staff.headers["Cache-Control"]
        )


def test_no_page_can_be_framed_by_another(guarded: Flask) -> None:
    client = signed_in(guarded, "admin-1")
    for address in ("/", "/sign-in", "/account", "/accounts", "/history", "/history/1", "/nowhere"):
        headers = client.get(address).headers
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "form-action 'self'" in headers["Content-Security-Policy"]


def test_two_editors_on_one_row_the_second_is_told_and_nothing_is_lost(guarded: Flask) -> None:
    first, second = signed_in(guarded, "editor-1"), signed_in(guarded, "admin-1")
    seen = second.get("/api/records/building/CBD-03").headers["ETag"]

    def patch(client: FlaskClient, values: dict[str, Any]) -> Any:
        headers = {"Origin": SITE, "X-CSRF-Token": csrf(client), "If-Match": seen}
        return client.patch("/api/records/building/CBD-03", json={"values": values}, headers=headers)

    assert patch(first, {"name": "先改"}).status_code == 200
    late = patch(second, {"name": "后改"})
    assert late.status_code == 412
    problem = late.get_json()
    assert problem["type"] == "/api/docs#problem-conflict"
    assert problem["current"]["values"]["name"] == "先改"
    assert problem["current"]["changed_by"] == "editor-1"
    assert problem["changed"] == ["name"]


@pytest.mark.parametrize(
    ("use", "document", "status"),
    [
        ("PATCH /api/records/building/CBD-03", {"values": {"floors": "many"}}, 422),
        ("PATCH /api/records/building/CBD-03", {"values": {"nothing": 1}}, 422),
        ("PATCH /api/records/building/CBD-03", {"values": {"geometry": {"type": "Point"}}}, 400),
        ("PATCH /api/records/building/CBD-03", {"values": {"geometry": {"coordinates": [[]]}}}, 400),
        ("PATCH /api/records/building/CBD-03", [], 400),
        ("PATCH /api/records/building/nowhere", {"values": {"name": "x"}}, 412),
        ("POST /api/records/building", {"values": {"id": "../../x", "name": "x"}}, 422),
        ("POST /api/records/tenant", {"values": {"building_id": "nowhere", "name": "x"}}, 422),
        ("POST /api/records/account", {"values": {"name": "x"}}, 404),
        ("POST /api/records/audit", {"values": {}}, 404),
        ("POST /api/records/sqlite_master", {"values": {}}, 404),
        ("DELETE /api/records/building/x' OR 1=1 --", None, 412),
    ],
)
def test_what_cannot_be_kept_is_refused_and_changes_nothing(
    guarded: Flask, office: Registry, use: str, document: Any, status: int
) -> None:
    method, _, address = use.partition(" ")
    client = signed_in(guarded, "admin-1")
    headers = {"Origin": SITE, "X-CSRF-Token": csrf(client), "If-Match": '"1"'}
    before = office.version
    answer = client.open(address, method=method, json=document, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert office.version == before


def test_what_is_changed_without_saying_what_was_seen_is_refused(guarded: Flask) -> None:
    client = signed_in(guarded, "editor-1")
    headers = {"Origin": SITE, "X-CSRF-Token": csrf(client)}
    answer = client.patch("/api/records/building/CBD-03", json={"values": {"name": "x"}}, headers=headers)
    assert answer.status_code == 428


def test_a_name_in_the_history_is_only_ever_text(guarded: Flask, office: Registry) -> None:
    name = "<script>alert(1)</script>"
    office.apply([Change("building", "CBD-03", {"name": name})], actor="<b>boss</b>", note="<i>note</i>")
    client = signed_in(guarded, "analyst-1")
    for address in (
        "/history",
        f"/history/{office.version}",
        "/history/building/CBD-03",
        "/history?since=2020-01-01",
    ):
        page = client.get(address)
        assert page.status_code in {200, 400, 404}, address
        assert "<script>alert" not in page.text
        assert "<b>boss" not in page.text
        assert "<i>note" not in page.text


def test_an_account_s_own_pages_work(guarded: Flask, office: Registry) -> None:
    client = signed_in(guarded, "editor-1")
    form = {"csrf_token": csrf(client), "label": "nightly", "role": "analyst", "days": "30"}
    made = client.post("/account/tokens", data=form, headers={"Origin": SITE})
    assert made.status_code == 201
    token = re.search(r"bm_[\w-]+", made.text)
    assert token is not None
    assert ApiTokens(office).owner(token[0]) is not None
    assert token[0] not in client.get("/account").text, "it is shown once"

    new = "another long password"
    wrong = {"csrf_token": csrf(client), "old": "wrong", "new": new}
    assert client.post("/account/password", data=wrong, headers={"Origin": SITE}).status_code == 422
    weak = {"csrf_token": csrf(client), "old": PASSWORD, "new": "short"}
    said = client.post("/account/password", data=weak, headers={"Origin": SITE})
    assert "密码：实为 5 个字符，应为 12 至 1024 个字符" in said.text
    english = client.post("/account/password?lang=en", data=weak, headers={"Origin": SITE})
    assert "password: found 5 characters" in english.text
    client.get("/account?lang=zh")
    for days in ("0", "-1", "x", "400", "9" * 30, ""):
        much = {"csrf_token": csrf(client), "label": "x", "role": "analyst", "days": days}
        refused = client.post("/account/tokens", data=much, headers={"Origin": SITE})
        assert (refused.status_code, "有效期：应为 1 至 366 天" in refused.text) == (422, True), days
    right = {"csrf_token": csrf(client), "old": PASSWORD, "new": new}
    assert client.post("/account/password", data=right, headers={"Origin": SITE}).status_code == 303
    assert client.get("/api/session").get_json()["name"] == "editor-1", "this session begins anew"


def test_an_admin_makes_and_changes_accounts_on_the_page(guarded: Flask, office: Registry) -> None:
    client = signed_in(guarded, "admin-1")

    def post(address: str, **form: str) -> int:
        data = {"csrf_token": csrf(client), **form}
        return client.post(address, data=data, headers={"Origin": SITE}).status_code

    assert post("/accounts", name="zhao", role="analyst", password=PASSWORD) == 303
    assert post("/accounts", name="zhao", role="analyst", password=PASSWORD) == 422
    assert post("/accounts", name="qian", role="analyst", password="short") == 422  # noqa: S106 - the point of it
    assert post("/accounts/zhao", role="editor") == 303
    assert post("/accounts/zhao", disabled="yes") == 303
    assert post("/accounts/nobody", role="editor") == 422
    found = Accounts(office).named("zhao")
    assert (found.role, found.disabled) == ("editor", True)
    assert "zhao" in client.get("/accounts").text


@pytest.mark.parametrize(
    "form", [{"role": "editor", "password": PASSWORD}, {"role": "admin"}, {"role": "admin", "password": ""}]
)
def test_the_first_account_cannot_shut_its_maker_out(
    tmp_path: Path, district: District, surroundings: Surroundings, form: dict[str, str]
) -> None:
    note = LayerNote(title="登记库")
    with create_registry(
        tmp_path / "new.gpkg", district=district, surroundings=surroundings, note=note
    ) as made:
        client = create_app(made, access=Access(Accounts(made), ApiTokens(made))).test_client()
        data = {"csrf_token": csrf(client), "name": "zhao"}
        answer = client.post("/accounts", data=data | form, headers={"Origin": SITE})
        assert answer.status_code == 422
        assert not Accounts(made).exist()
        best = data | {"role": "admin", "password": PASSWORD}
        assert client.post("/accounts", data=best, headers={"Origin": SITE}).status_code == 303


def test_staff_see_the_map_as_of_a_past_version_and_find_back(guarded: Flask, office: Registry) -> None:
    first = office.version
    office.apply([Change("building", "CBD-01", {"name": "新名"})], actor="lin")
    client = signed_in(guarded, "analyst-1")
    assert "新名" in client.get("/api/buildings/CBD-01").text

    client.post("/history/show", data={"csrf_token": csrf(client), "version": first})
    assert "新名" not in client.get("/api/buildings/CBD-01").text
    assert "回到当前版本" in client.get("/").text
    assert f"-{first}" in client.get("/api/buildings?limit=1").get_json()["version"]
    client.post("/history/show", data={"csrf_token": csrf(client)})
    assert "新名" in client.get("/api/buildings/CBD-01").text


def test_the_public_cannot_ask_for_the_past(guarded: Flask, office: Registry) -> None:
    office.apply([Change("building", "CBD-01", {"name": "新名"})], actor="lin")
    client = guarded.test_client()
    client.set_cookie("buildingmap_version", "1")
    assert "新名" in client.get("/api/buildings/CBD-01").text


@pytest.mark.parametrize("cookie", ["0", "-1", "99999999", "x", "1e3", "²", "9" * 400])
def test_a_version_that_there_is_not_shows_the_present(guarded: Flask, cookie: str) -> None:
    client = signed_in(guarded, "analyst-1")
    client.set_cookie("buildingmap_version", cookie)
    assert client.get("/api/buildings/CBD-01").status_code == 200
