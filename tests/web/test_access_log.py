"""Who has read tax can be told: every answer to staff that shows it stands in the log, and no figure does."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from buildingmap.accounts import Accounts, ApiTokens, Asked, ReadLog
from buildingmap.web import create_app
from buildingmap.web.routes import NOT_CONFIDENTIAL, ROUTES
from buildingmap.web.visitors import Access
from tests.web.test_rights import SITE, csrf, every_use, office, signed_in

__all__ = ["office"]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from buildingmap.accounts import Read
    from buildingmap.registry import Registry


@pytest.fixture
def log(office: Registry) -> Iterator[ReadLog]:
    made = ReadLog(office)
    yield made
    made.close()


@pytest.fixture
def logged(office: Registry, log: ReadLog) -> Flask:
    doors = Access(Accounts(office), ApiTokens(office), reads=log, secret=b"s" * 32)
    return create_app(office, access=doors)


def reads(log: ReadLog) -> list[Read]:
    return [read for _, read in log.found(Asked(), limit=10_000)][::-1]


# what shows nobody more than the public sees, by hand, against the table that the server asks
OPEN_TO_ALL = {
    "/account",
    "/accounts",
    "/access-log",
    "/api/access-log",
    "/api/account-events",
    "/api/district",
    "/api/docs",
    "/api/openapi.json",
    "/api/plans/schema",
    "/api/session",
    "/download/template.xlsx",
    "/map/hulls",
    "/map/places",
    "/sign-in",
}


def test_every_address_that_shows_staff_more_than_the_public_is_noted(logged: Flask, log: ReadLog) -> None:
    boss = signed_in(logged, "admin-1")
    addresses = {
        address
        for endpoint, method, address in every_use(logged)
        if method == "GET"
        and not endpoint.startswith(("sign_in.to", "sign_in.from", "static", "pages.folium"))
    }
    for address in addresses:
        boss.get(address)
    noted = {read.route for read in reads(log)}
    quiet = {
        address for address in addresses - noted if not address.startswith(("/map/asset", "/api/", "/api"))
    }
    assert quiet <= OPEN_TO_ALL
    assert {"/", "/analysis", "/download/records.xlsx", "/map/towers", "/api/buildings", "/history"} <= noted
    assert not noted & OPEN_TO_ALL


def test_what_is_left_out_of_the_log_is_an_address_that_exists() -> None:
    assert set(ROUTES) >= NOT_CONFIDENTIAL - {"static"}


def test_a_read_is_noted_with_who_from_where_what_and_how_it_was_answered(
    logged: Flask, log: ReadLog
) -> None:
    client = signed_in(logged, "analyst-1")
    client.get("/api/buildings?tax_min=100000000&cluster=cbd", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    client.get("/buildings/nowhere")
    first, second = reads(log)
    assert (first.account, first.address, first.route) == ("analyst-1", "192.0.2.7", "/api/buildings")
    assert (first.filter, first.status) == ("tax_min=100000000&cluster=cbd", 200)
    assert (second.route, second.status) == ("/buildings/nowhere", 404)


def test_a_program_with_a_token_is_noted_by_its_owner(logged: Flask, log: ReadLog, office: Registry) -> None:
    owner = Accounts(office).named("editor-1")
    token = ApiTokens(office).add(owner, "nightly", "analyst", lasts=timedelta(days=1))
    logged.test_client().get("/api/summary", headers={"Authorization": f"Bearer {token}"})
    assert [(read.account, read.route) for read in reads(log)] == [("editor-1", "/api/summary")]


def test_what_the_public_reads_is_nobody_s_business(logged: Flask, log: ReadLog) -> None:
    for client in (logged.test_client(), signed_in(logged, "public-1")):
        for address in ("/", "/api/buildings", "/buildings/CBD-01", "/map/towers", "/download/buildings.csv"):
            client.get(address)
    assert reads(log) == []


def test_who_signed_in_and_was_refused_is_noted_but_no_stranger_fills_the_log(
    logged: Flask, log: ReadLog
) -> None:
    signed_in(logged, "public-1").get("/analysis")
    logged.test_client().get("/analysis")
    logged.test_client().get("/api/summary")
    logged.test_client().get("/api/summary", headers={"Authorization": "Bearer x"})
    assert [(read.account, read.route, read.status) for read in reads(log)] == [
        ("public-1", "/analysis", 403)
    ]


def test_no_figure_is_in_the_log(logged: Flask, log: ReadLog, office: Registry) -> None:
    client = signed_in(logged, "analyst-1")
    for address in ("/buildings/CBD-01", "/api/buildings/CBD-01", "/api/summary", "/download/records.xlsx"):
        assert client.get(address).status_code == 200
    kept = " ".join(f"{read.route} {read.filter}" for read in reads(log))
    figures = {
        str(int(record.tax_yuan))
        for tower in office.snapshot().buildings
        for record in tower.tax_history
        if record.tax_yuan
    }
    assert figures
    assert not [figure for figure in figures if figure in kept]


def rows_of(page: str) -> list[str]:
    table = page[page.index("<tbody>") : page.index("</tbody>")] if "<tbody>" in page else ""
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in table.split("</tr>") if "<td" in row]


@pytest.mark.parametrize("role", ["public", "analyst", "editor"])
@pytest.mark.parametrize("address", ["/access-log", "/api/access-log"])
def test_the_log_is_for_administrators(logged: Flask, role: str, address: str) -> None:
    assert signed_in(logged, f"{role}-1").get(address).status_code == 403


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "Who was shown exact tax"), ("zh", "记录谁查看了税收明细")]
)
def test_an_administrator_sees_the_log_in_both_languages(logged: Flask, lang: str, words: str) -> None:
    signed_in(logged, "analyst-1").get("/analysis?cluster=cbd")
    boss = signed_in(logged, "admin-1")
    page = boss.get(f"/access-log?lang={lang}").text
    assert words in page
    (row,) = rows_of(page)
    assert "analyst-1 127.0.0.1 /analysis cluster=cbd 200" in row
    assert "/access-log" in boss.get("/accounts").text


def test_the_page_filters_and_pages(logged: Flask, log: ReadLog) -> None:
    for number in range(130):
        log.note(account="lin", address="192.0.2.1", route=f"/buildings/{number}", asked="", status=200)
    log.note(account="wang", address="192.0.2.2", route="/analysis", asked="", status=200)
    boss = signed_in(logged, "admin-1")
    first = boss.get("/access-log?account=LIN").text
    assert len(rows_of(first)) == 100
    older = re.search(r'href="(/access-log\?[^"]*before=[^"]*)"', first)
    assert older is not None
    second = boss.get(older[1].replace("&amp;", "&")).text
    assert len(rows_of(second)) == 30
    assert "account=lin" in older[1].lower()
    assert len(rows_of(boss.get("/access-log?address=192.0.2.2&route=/ana").text)) == 1
    assert rows_of(boss.get("/access-log?until=2020-01-01").text) == []


@pytest.mark.parametrize(
    "query",
    [
        "since=yesterday",
        "until=2026-02-30",
        "before=0",
        "before=" + "9" * 23,
        "before=x",
        "limit=0",
        "who=lin",
    ],
)
def test_what_cannot_be_understood_is_refused_with_the_reason(logged: Flask, query: str) -> None:
    answer = signed_in(logged, "admin-1").get(f"/api/access-log?{query}")
    assert answer.status_code == 400
    assert answer.get_json()["errors"]


@pytest.mark.parametrize(
    "query", ["since=0001-01-01", "until=9999-12-31", "since=9999-12-31&until=0001-01-01"]
)
def test_the_first_and_the_last_day_there_are_do_no_harm(logged: Flask, query: str) -> None:
    assert signed_in(logged, "admin-1").get(f"/api/access-log?{query}").status_code == 200


def test_the_api_gives_the_log_page_by_page(logged: Flask, log: ReadLog) -> None:
    for number in range(5):
        log.note(account="lin", address="192.0.2.1", route=f"/buildings/{number}", asked="a=1", status=200)
    boss = signed_in(logged, "admin-1")
    seen: list[dict[str, Any]] = []
    address: str | None = "/api/access-log?limit=2"
    while address:
        answer = boss.get(address)
        assert answer.headers["Cache-Control"] == "no-store"
        document = answer.get_json()
        seen += document["reads"]
        before = document["next_before"]
        address = None if before is None else f"/api/access-log?limit=2&before={before}"
    assert [entry["route"] for entry in seen] == [f"/buildings/{number}" for number in (4, 3, 2, 1, 0)]
    assert set(seen[0]) == {"number", "at", "account", "address", "route", "filter", "status"}


def test_what_an_attacker_asks_for_reaches_the_administrator_as_text_alone(logged: Flask) -> None:
    attacker = signed_in(logged, "analyst-1")
    for query in ("q=<script>alert(1)</script>", "q=%00", "q=%E2%80%AE%1B[31m", "q=%ff%fe"):
        attacker.get(f"/api/buildings?{query}")
    attacker.get("/buildings/<img src=x onerror=alert(1)>")
    attacker.get("/buildings/%E2%80%AEgnp.exe")
    page = signed_in(logged, "admin-1").get("/access-log").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "\u202e" not in page
    assert len(rows_of(page)) == 6


def test_a_server_without_a_log_has_no_page_of_it(office: Registry) -> None:
    app = create_app(office, access=Access(Accounts(office), ApiTokens(office), secret=b"s" * 32))
    boss = signed_in(app, "admin-1")
    assert boss.get("/access-log").status_code == 404
    assert "/access-log" not in boss.get("/accounts").text


def test_what_happened_to_accounts_is_told_to_programs_too(logged: Flask) -> None:
    boss = signed_in(logged, "admin-1")
    form = {"csrf_token": csrf(boss), "role": "analyst"}
    boss.post("/accounts/public-1", data=form, headers={"Origin": SITE})
    events = signed_in(logged, "analyst-1").get("/api/account-events?limit=2").get_json()["events"]
    assert [entry["note"] for entry in events] == ["public-1: public → analyst", "admin-1: admin"]
    older = signed_in(logged, "analyst-1").get(f"/api/account-events?before={events[-1]['number']}")
    assert len(older.get_json()["events"]) == 3
