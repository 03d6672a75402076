"""What another program wrote into the registry of a running server, as staff see it and as the public does not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from buildingmap.registry import open_registry
from tests.web.offices import as_role, small_office, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from buildingmap.model import District
    from buildingmap.registry import Registry


def typed_outside(registry: Registry, *statements: str) -> None:
    """Write as a program does that has switched off what keeps bad cells out."""
    with closing(sqlite3.connect(str(registry.database.path))) as other, other:
        other.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            other.execute(statement)
    registry.look()


@pytest.fixture
def office(tmp_path: Path, district: District) -> Iterator[Registry]:
    """A registry of its own for each test: at version 2, so what is written outside becomes version 3."""
    with small_office(tmp_path / "office.gpkg", district) as made:
        yield made


@pytest.fixture
def put_back(office: Registry) -> Registry:
    typed_outside(
        office,
        "UPDATE building SET status = 'demolished' WHERE id = 'T-1'",
        "UPDATE building SET floors = 26 WHERE id = 'T-2'",
    )
    return office


def test_the_map_and_the_api_answer_and_show_the_value_in_force(put_back: Registry) -> None:
    for role in ("public", "analyst"):
        client = as_role(put_back, role)
        assert client.get("/").status_code == 200
        feature = client.get("/api/buildings/T-1").get_json()
        assert feature["properties"]["status"] == "existing"
        assert client.get("/api/buildings/T-2").get_json()["properties"]["floors"] == 26


def test_a_server_that_is_started_again_over_a_bad_row_answers(office: Registry, district: District) -> None:
    typed = "UPDATE building SET status = 'demolished', grade_date = 'x' WHERE id = 'T-1'"
    with closing(sqlite3.connect(str(office.database.path))) as other, other:
        other.execute("PRAGMA ignore_check_constraints = ON")
        other.execute("DROP TRIGGER guard_building_update")
        other.execute(typed)
    with open_registry(
        str(office.database.path), district=district, surroundings=office.surroundings
    ) as again:
        client = as_role(again, "analyst")
        assert client.get("/").status_code == 200
        assert client.get("/api/refusals").get_json()["refusals"][0]["id"] == "T-1"


def test_staff_see_a_notice_until_an_editor_has_seen_to_it(put_back: Registry) -> None:
    notice = "其他程序写入的内容未通过检查，已恢复原值：1 行"
    editor = as_role(put_back, "editor")
    assert notice in words(editor.get("/?lang=zh").text)
    assert notice in words(as_role(put_back, "analyst").get("/history?lang=zh").text)
    assert notice not in words(as_role(put_back, "public").get("/?lang=zh").text)
    page = editor.get("/history/3?lang=en").text
    assert "demolished" in page
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]

    settled = editor.post("/history/3/settle", data={"csrf_token": token})

    assert settled.status_code == 303
    assert notice not in words(editor.get("/?lang=zh").text)
    assert "Seen to by" in editor.get("/history/3?lang=en").text


def test_the_history_says_what_was_typed_and_what_was_expected(put_back: Registry) -> None:
    page = words(as_role(put_back, "analyst").get("/history?lang=en").text)
    assert "existing demolished one of existing, under construction" in page
    assert "outside changed by another program" in page


def test_programs_read_what_was_put_back_and_settle_it(put_back: Registry) -> None:
    client = as_role(put_back, "editor")
    (refusal,) = client.get("/api/refusals?lang=en").get_json()["refusals"]
    assert (refusal["version"], refusal["table"], refusal["id"]) == (3, "building", "T-1")
    assert (refusal["typed"]["status"], refusal["in_force"]["status"]) == ("demolished", "existing")
    assert refusal["faults"][0]["field"] == "status"
    revision = client.get("/api/revisions/3").get_json()
    assert [change["id"] for change in revision["changes"]] == ["T-2"]
    assert [one["id"] for one in revision["refused"]] == ["T-1"]
    token = client.get("/api/session").get_json()["csrf"]
    assert client.post("/api/revisions/3/settle", headers={"X-CSRF-Token": token}).status_code == 204
    assert client.get("/api/refusals").get_json() == {"refusals": [], "count": 0, "older": None}
    assert client.post("/api/revisions/99/settle", headers={"X-CSRF-Token": token}).status_code == 404


def test_what_was_typed_reaches_a_page_as_text(office: Registry) -> None:
    typed_outside(office, "UPDATE building SET status = '<script>alert(1)</script>' WHERE id = 'T-1'")
    page = as_role(office, "analyst").get("/history/3").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_what_was_put_back_is_no_business_of_the_public(put_back: Registry) -> None:
    client = as_role(put_back, "public")
    assert client.get("/api/refusals").status_code in {401, 403}
    assert client.get("/history/3").status_code in {302, 303, 401, 403}


def test_the_history_says_how_many_were_put_back_where_a_page_cannot_hold_them(office: Registry) -> None:
    fresh = ", ".join(f"('t{number:04}', 'NOWHERE', '示例企业')" for number in range(1100))
    typed_outside(office, "INSERT INTO tenant (id, building_id, name) VALUES " + fresh)  # noqa: S608 - as typed
    client = as_role(office, "analyst")
    page = client.get("/history?lang=en").text
    assert "500 of 1,100 rows" in words(page)
    older = client.get("/api/refusals").get_json()["older"]
    assert f'href="?refused_before={older}"' in page
    rest = client.get(f"/api/refusals?before={older}").get_json()
    assert (len(rest["refusals"]), rest["count"]) == (500, 1100)
    last = client.get(f"/history?lang=en&refused_before={rest['older']}").text
    assert "100 of 1,100 rows" in words(last)
    assert 'href="?refused_before=' not in last


def test_who_only_looks_is_told_that_the_registry_does_not_answer_and_of_no_change(office: Registry) -> None:
    client = as_role(office, "analyst")
    with closing(sqlite3.connect(str(office.database.path))) as other, other:
        other.execute("ALTER TABLE audit_change RENAME TO elsewhere")
    answer = client.get("/api/revisions/1")
    assert (answer.status_code, answer.get_json()["type"]) == (503, "/api/docs#problem-damaged")
    page = client.get("/history/1?lang=en")
    assert page.status_code == 503
    assert "cannot be read now" in words(page.text)
