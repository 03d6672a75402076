"""Saved scenarios over HTTP: who may, what is shown, files to keep, and made again beside the requests."""

from __future__ import annotations

import io
import re
import time
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from docx import Document

from buildingmap.accounts import ROLES, Accounts, ApiTokens
from buildingmap.placement import answer, plan_of, planning
from buildingmap.placement.scenarios import (
    keep_scenario,
    read_scenario,
    registry_version_of,
    scenario_document,
    scenario_of,
)
from buildingmap.registry import Change, Registry, create_registry, read_holdings
from buildingmap.resources import data_folder
from buildingmap.snapshot import LayerNote
from buildingmap.web import create_app
from buildingmap.web.visitors import Access
from tests.web.test_rights import PASSWORD, SITE, csrf, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

    from buildingmap.model import District, Surroundings
    from buildingmap.placement.scenarios import Kept

HOSTILE = "=HYPERLINK('x') <img src=x onerror=alert(1)> ${7*7} \\` 方案"


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory, district: District, surroundings: Surroundings
) -> Iterator[Registry]:
    """The demo's parcels and four towers, an account of each role, and two scenarios."""
    from buildingmap.layers import read_layer  # noqa: PLC0415 - for this alone

    layer = read_layer(data_folder() / "buildings.geojson", district=district, surroundings=surroundings)
    folder: Path = tmp_path_factory.mktemp("scenarios")
    with create_registry(
        folder / "office.gpkg",
        district=district,
        surroundings=surroundings,
        note=LayerNote(title="登记库", synthetic=True),
        layer=layer,
        holdings=read_holdings(data_folder() / "holdings.json", district),
    ) as made:
        accounts = Accounts(made)
        for role in ROLES:
            accounts.add(f"{role}-1", role, password=PASSWORD, actor="test")
        keep(made, "均衡方案", towers=3)
        keep(made, HOSTILE, towers=4, weights={"access": 1})
        yield made


def keep(registry: Registry, title: str, **entries: Any) -> Kept:
    plan = plan_of({"sectors": {}, "clusters": {}, **entries}, "test")
    laid_out = planning(registry.snapshot(), plan)
    version = registry_version_of(laid_out.snapshot)
    assert version is not None
    made = scenario_of(laid_out, answer(laid_out), registry_version=version, made_by="lin")
    return keep_scenario(registry, made, title, actor="lin")


@pytest.fixture
def guarded(office: Registry) -> Flask:
    return create_app(office, access=Access(Accounts(office), ApiTokens(office), secret=b"s" * 32))


@pytest.fixture
def ids(office: Registry) -> dict[str, str]:
    return {row.values["title"]: row.row_id for row in office.rows("plan")}


def test_the_list_names_every_scenario_with_what_is_proved(guarded: Flask, ids: dict[str, str]) -> None:
    page = signed_in(guarded, "analyst-1").get("/scenarios?lang=en")
    assert page.status_code == 200
    assert page.text.count('type="checkbox" name="id"') == len(ids)
    assert page.text.count("proved best") == 2
    assert "<img src=x" not in page.text
    assert "&lt;img src=x" in page.text
    assert 'action="/scenarios/compare"' in page.text


def test_one_scenario_shows_map_towers_reasons_and_outcome(guarded: Flask, ids: dict[str, str]) -> None:
    client = signed_in(guarded, "analyst-1")
    for lang, words in (
        ("zh", ("入选楼宇", "理由", "实施效果", "最优")),
        ("en", ("Towers", "Why", "optimal")),
    ):
        page = client.get(f"/scenarios/{ids['均衡方案']}?lang={lang}").text
        assert page.count('<path class="sector ') >= 3
        assert all(word in page for word in words)
        assert "DK-" in page
        assert not re.search(r"\bnan\b", page)
    assert "/rename" not in page, "analysts change nothing"
    assert "/rename" in signed_in(guarded, "editor-1").get(f"/scenarios/{ids['均衡方案']}").text


def test_two_side_by_side_have_a_map_each_and_their_differences(guarded: Flask, ids: dict[str, str]) -> None:
    page = (
        signed_in(guarded, "analyst-1")
        .get("/scenarios/compare?lang=en&" + "&".join(f"id={each}" for each in ids.values()))
        .text
    )
    assert page.count('<svg class="plan-map"') == 2
    assert "The scores cannot be compared, because these differ: weights, number of towers." in page
    assert "Only B takes:" in page or "Only A takes:" in page
    assert "<img src=x" not in page


def test_the_pages_of_scenarios_lead_to_the_other_pages_of_planning(
    guarded: Flask, ids: dict[str, str]
) -> None:
    client = signed_in(guarded, "analyst-1")
    both = "&".join(f"id={each}" for each in ids.values())
    for address in ("/scenarios?", f"/scenarios/{ids['均衡方案']}?", f"/scenarios/compare?{both}&"):
        links = client.get(f"{address}lang=en").text.partition("planning-links")[2].partition("</p>")[0]
        for path in ("/plan", "/sites", "/service-stations"):
            assert f'href="{path}"' in links, address
        assert 'href="/scenarios" aria-current' in links, address


def test_entries_that_differ_have_the_names_of_their_fields(guarded: Flask, ids: dict[str, str]) -> None:
    both = "&".join(f"id={each}" for each in ids.values())
    page = signed_in(guarded, "analyst-1").get(f"/scenarios/compare?{both}&lang=zh").text
    entries = page.partition('id="entries"')[2].partition("</section>")[0]
    assert '<th scope="row">权重：' in entries
    assert '<th scope="row">新楼宇</th>' in entries
    assert "weights." not in entries


@pytest.mark.parametrize("query", ["", "id=a", "id=a&id=a", "id=a&id=b&id=c&id=d", "id=a&id=b&x=1"])
def test_a_comparison_of_a_wrong_number_is_refused(guarded: Flask, query: str) -> None:
    assert signed_in(guarded, "analyst-1").get(f"/scenarios/compare?{query}").status_code == 400


def test_what_there_is_not_is_404(guarded: Flask) -> None:
    client = signed_in(guarded, "analyst-1")
    for address in (
        "/scenarios/x",
        "/api/scenarios/x",
        "/scenarios/compare?id=a&id=b",
        "/download/scenarios.docx?id=x",
    ):
        assert client.get(address).status_code == 404, address


def test_the_public_gets_nothing_of_a_scenario_from_any_door(
    guarded: Flask, office: Registry, ids: dict[str, str]
) -> None:
    first = ids["均衡方案"]
    addresses = [
        "/scenarios", f"/scenarios/{first}", f"/scenarios/compare?id={first}&id={ids[HOSTILE]}", "/api/scenarios",
        f"/api/scenarios/{first}", f"/api/records/plan/{first}", "/api/scenarios/reruns/x", "/history",
        f"/history/plan/{first}", f"/history/{office.version}", "/api/revisions", f"/api/revisions/{office.version}",
        *(f"/download/scenarios.{form}?id={first}" for form in ("geojson", "xlsx", "docx")), "/download/records.xlsx",
    ]  # fmt: skip
    for client in (guarded.test_client(), signed_in(guarded, "public-1")):
        for address in addresses:
            answered = client.get(address)
            assert answered.status_code in {303, 401, 403}, address
            assert b"DK-" not in answered.data
    # the workbook of the registry, which staff may have, holds no plan either
    book = signed_in(guarded, "analyst-1").get("/download/records.xlsx").data
    sheets = openpyxl.load_workbook(io.BytesIO(book))
    cells = [str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row]
    assert not any("fingerprint" in cell for cell in cells)


def test_the_api_lists_and_gives_scenarios(guarded: Flask, ids: dict[str, str], office: Registry) -> None:
    client = signed_in(guarded, "analyst-1")
    listed = client.get("/api/scenarios").get_json()["scenarios"]
    assert {each["id"] for each in listed} == set(ids.values())
    one = client.get(f"/api/scenarios/{ids['均衡方案']}")
    assert one.headers["ETag"] == f'"{office.row("plan", ids["均衡方案"]).version}"'
    read = one.get_json()
    assert read["synthetic"] is True
    assert read["towers"] == 3
    import json  # noqa: PLC0415 - for this alone

    again = read_scenario(json.dumps(read["scenario"]))
    assert scenario_document(again) == scenario_document(read_scenario(scenario_document(again)))


def test_a_scenario_that_the_api_gives_can_be_saved_as_a_record(guarded: Flask, ids: dict[str, str]) -> None:
    import json  # noqa: PLC0415 - for this alone

    client = signed_in(guarded, "editor-1")
    document = client.get(f"/api/scenarios/{ids['均衡方案']}").get_json()["scenario"]
    values = {"title": "抄本", "document": json.dumps(document), "registry_version": 1}
    headers = {"Origin": SITE, "X-CSRF-Token": csrf(client)}
    made = client.post("/api/records/plan", json={"values": values}, headers=headers)
    assert made.status_code == 201
    row_id = made.get_json()["id"]
    assert "抄本" in client.get("/scenarios").text
    form = {"csrf_token": csrf(client), "version": made.get_json()["version"]}
    removed = client.post(f"/scenarios/{row_id}/remove", data=form, headers={"Origin": SITE})
    assert removed.status_code == 303
    assert client.get(f"/scenarios/{row_id}").status_code == 404


def test_editors_rename_what_they_saw_and_analysts_do_not(guarded: Flask, office: Registry) -> None:
    kept = keep(office, "旧名", towers=1)
    analyst, editor = signed_in(guarded, "analyst-1"), signed_in(guarded, "editor-1")

    def rename(client: Any, title: str, version: int) -> int:
        form = {"csrf_token": csrf(client), "title": title, "version": version}
        status: int = client.post(
            f"/scenarios/{kept.id}/rename", data=form, headers={"Origin": SITE}
        ).status_code
        return status

    assert rename(analyst, "新名", kept.version) == 403
    assert rename(editor, "新名", kept.version) == 303
    assert rename(editor, "又一名", kept.version) == 412
    assert rename(editor, "", office.row("plan", kept.id).version) == 422
    assert office.row("plan", kept.id).values["title"] == "新名"
    office.apply([Change("plan", kept.id, None)], actor="test")


def test_files_are_named_safely_and_hold_titles_as_text(guarded: Flask, ids: dict[str, str]) -> None:
    client = signed_in(guarded, "analyst-1")
    both = f"id={ids['均衡方案']}&id={ids[HOSTILE]}"
    for form in ("geojson", "xlsx", "docx"):
        for query in (f"id={ids[HOSTILE]}", both):
            file = client.get(f"/download/scenarios.{form}?{query}&lang=zh")
            assert file.status_code == 200
            name = file.headers["Content-Disposition"]
            assert re.fullmatch(
                r'attachment; filename="[a-z0-9.-]+"; filename\*=UTF-8\'\'[A-Za-z0-9%._-]+', name
            )
            assert "synthetic" in name
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/download/scenarios.xlsx?{both}").data))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    word = Document(io.BytesIO(client.get(f"/download/scenarios.docx?{both}&lang=en").data))
    assert any(HOSTILE in paragraph.text for paragraph in word.paragraphs)
    features = client.get(f"/download/scenarios.geojson?{both}").get_json(force=True)
    assert features["synthetic"] is True
    assert features["scenarios"][1]["title"] == HOSTILE
    assert {each["geometry"]["type"] for each in features["features"]} == {"Polygon"}


def test_a_scenario_is_made_again_beside_the_requests(guarded: Flask, ids: dict[str, str]) -> None:
    client = signed_in(guarded, "analyst-1")
    headers = {"Origin": SITE, "X-CSRF-Token": csrf(client)}
    began = client.post(f"/api/scenarios/{ids['均衡方案']}/rerun", headers=headers)
    assert began.status_code == 202
    job = began.get_json()
    assert job["state"] == "running"
    other = signed_in(guarded, "editor-1")
    assert other.get(f"/api/scenarios/reruns/{job['id']}").status_code == 404, "another's"
    until = time.monotonic() + 120
    while job["state"] == "running" and time.monotonic() < until:
        time.sleep(0.3)
        job = client.get(f"/api/scenarios/reruns/{job['id']}").get_json()
    assert job["state"] == "done", job
    assert job["rerun"]["same"] is True
    assert job["rerun"]["same_content"] is True


def test_making_a_scenario_again_can_be_stopped_and_few_run_at_once(
    guarded: Flask, ids: dict[str, str]
) -> None:
    client = signed_in(guarded, "analyst-1")
    headers = {"Origin": SITE, "X-CSRF-Token": csrf(client)}
    jobs = [client.post(f"/api/scenarios/{ids[HOSTILE]}/rerun", headers=headers) for _ in range(3)]
    assert [each.status_code for each in jobs] == [202, 202, 429]
    for each in jobs[:2]:
        address = f"/api/scenarios/reruns/{each.get_json()['id']}"
        assert client.delete(address, headers=headers).status_code == 204
        assert client.get(address).get_json()["state"] == "cancelled"


def test_a_document_that_is_no_scenario_has_a_page_that_says_why(guarded: Flask, office: Registry) -> None:
    values = {"title": "坏 <b>文档</b>", "document": '{"format": 1, "plan": {"towers": "<i>x</i>"}}'}
    office.apply([Change("plan", "plan-bad", values, 0)], actor="test")
    client = signed_in(guarded, "analyst-1")
    page = client.get("/scenarios/plan-bad?lang=en")
    assert page.status_code == 200
    assert "This document is not a scenario." in page.text
    assert "plan.towers" in page.text
    assert "<i>x" not in page.text
    assert client.get("/scenarios").status_code == 200
    assert client.get("/download/scenarios.xlsx?id=plan-bad").status_code == 422
    assert client.get(
        f"/scenarios/compare?id=plan-bad&id={office.row('plan', 'plan-bad').row_id}x"
    ).status_code in {404, 422}
    headers = {"Origin": SITE, "X-CSRF-Token": csrf(client)}
    refused = client.post("/api/scenarios/plan-bad/rerun", headers=headers)
    assert refused.status_code == 422
    assert refused.get_json()["type"] == "/api/docs#problem-scenario"
    office.apply([Change("plan", "plan-bad", None)], actor="test")


def test_a_scenario_of_a_version_that_there_is_not_is_shown_but_not_made_again(
    guarded: Flask, office: Registry, ids: dict[str, str]
) -> None:
    document = office.row("plan", ids["均衡方案"]).values["document"]
    foreign = re.sub(r'"registry_version":\d+', '"registry_version":99999', document)
    office.apply([Change("plan", "plan-far", {"title": "别处", "document": foreign}, 0)], actor="test")
    client = signed_in(guarded, "analyst-1")
    assert client.get("/scenarios/plan-far").status_code == 200
    places = client.get("/download/scenarios.geojson?id=plan-far").get_json(force=True)["features"]
    assert {each["geometry"]["type"] for each in places if each["properties"]["is"] == "chosen"} == {"Point"}
    headers = {"Origin": SITE, "X-CSRF-Token": csrf(client)}
    assert client.post("/api/scenarios/plan-far/rerun", headers=headers).status_code == 404
    office.apply([Change("plan", "plan-far", None)], actor="test")
