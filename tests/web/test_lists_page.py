"""The lists of an office as pages, files, and a filter of everything else."""

from __future__ import annotations

import ast
import html
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from buildingmap import web
from buildingmap.filters import OFFICE_LISTS
from buildingmap.layers.csv_table import split_notes
from buildingmap.registry import Change
from buildingmap.web import choosing, create_app
from buildingmap.web.list_words import column_name, how, in_file, said
from tests.web.conftest import OneVersion, default_district, snapshot_with
from tests.web.offices import TODAY, as_role, day, small_office, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from buildingmap.model import District
    from buildingmap.registry import Registry


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, district: District) -> Iterator[Registry]:
    with small_office(tmp_path_factory.mktemp("lists") / "office.gpkg", district) as made:
        yield made


@pytest.fixture
def analyst(office: Registry) -> FlaskClient:
    return as_role(office, "analyst")


def test_every_list_stands_on_the_index_with_its_counts_and_how_it_is_computed(analyst: FlaskClient) -> None:
    page = analyst.get("/lists?lang=en").text
    for key in OFFICE_LISTS:
        assert f'href="/lists/{key}"' in page
        assert f'href="/?list={key}"' in page
    assert "Vacant space 2 1" in words(page)
    assert "Leases that have run out 1 1" in words(page)
    assert "smallest gap first" in page


@pytest.mark.parametrize("key", OFFICE_LISTS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_list_is_a_page_that_says_how_it_was_computed(analyst: FlaskClient, key: str, lang: str) -> None:
    page = analyst.get(f"/lists/{key}?lang={lang}")
    assert page.status_code == 200
    with analyst.application.test_request_context(f"/?lang={lang}"):
        assert how(key) in html.unescape(page.text)
    assert re.search(r"\bnan\b|\bNone\b|\bTrue\b", words(page.text)) is None


def test_a_list_that_is_none_is_not_found(analyst: FlaskClient) -> None:
    assert analyst.get("/lists/everything").status_code == 404
    assert analyst.get("/download/lists/everything.csv").status_code == 404


def test_lines_are_said_in_words_and_lead_to_the_tower_s_file(analyst: FlaskClient) -> None:
    page = analyst.get("/lists/vacancies?lang=en").text
    assert 'href="/buildings/T-1?lang=en"' in page
    assert "300 m² 2F 202, 203 now 3.50 3.50" in words(page)
    listed = words(analyst.get("/lists/next_past?lang=en").text)
    assert "二号楼" in listed
    assert "¥5M" in listed
    assert "misses at most half of the mark" in listed


def test_of_many_units_a_page_names_the_first_and_a_file_all() -> None:
    labels = tuple(f"{number}01" for number in range(1, 9))
    with create_app(OneVersion(snapshot_with(default_district()))).test_request_context("/?lang=en"):
        assert said("units", labels[:6]) == "101, 201, 301, 401, 501, 601"
        assert said("units", labels) == "101, 201, 301, 401, 501 and 3 more"
        assert in_file("units", labels).endswith("701, 801")


def test_names_from_the_registry_are_text(analyst: FlaskClient) -> None:
    page = analyst.get("/lists/leases_30").text
    assert "甲 &lt;b&gt;公司" in page
    assert "<b>公司" not in page


def test_a_list_keeps_to_the_filter_of_the_address(analyst: FlaskClient) -> None:
    assert "Lines: 1, towers: 1" in words(analyst.get("/lists/next_past?lang=en").text)
    assert "Lines: 0, towers: 0" in words(analyst.get("/lists/next_past?lang=en&cluster=cbd").text)
    assert 'href="/?cluster=cbd&amp;list=next_past"' in analyst.get("/lists/next_past?cluster=cbd").text


def test_a_list_as_csv_says_how_it_was_computed_and_holds_the_figures(analyst: FlaskClient) -> None:
    answer = analyst.get("/download/lists/next_past.csv?lang=en")
    notes, table, _ = split_notes(answer.data.decode("utf-8-sig"))
    assert "smallest gap first" in notes[0]
    heads, *rows = table.splitlines()
    assert heads.startswith("Id,Tower,Cluster,Tax year,Total tax (yuan)")
    assert [row.split(",")[:6] for row in rows] == [["T-2", "二号楼", "", "2023", "95000000", "5000000"]]
    assert "next-past" in answer.headers["Content-Disposition"]


def test_a_list_as_excel_has_no_formula(office: Registry, analyst: FlaskClient) -> None:
    made = office.apply([Change("tenant", "C-1", {"name": "=1+1 公司"})], actor="test")
    answer = analyst.get("/download/lists/leases_30.xlsx?lang=en")
    assert made is not None
    office.undo(made.version, actor="test")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert "=1+1 公司" in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells if isinstance(cell.value, str)} == {"s"}


def test_a_list_is_a_filter_of_map_api_and_files(analyst: FlaskClient) -> None:
    query = "list=vacancies"
    assert analyst.get(f"/map/view?{query}").get_json()["matched"] == 1
    found = analyst.get(f"/api/buildings?{query}").get_json(force=True)
    assert [feature["id"] for feature in found["features"]] == ["T-1"]
    assert analyst.get(f"/api/summary?{query}").get_json()["totals"]["towers"] == 1
    assert "T-2" not in analyst.get(f"/download/buildings.csv?{query}").text
    for page in ("/", "/analysis", "/print", "/pipeline", "/lists"):
        assert analyst.get(f"{page}?{query}").status_code == 200, page
    chips = analyst.get(f"/map/view?{query},stale&lang=en").get_json()["chips"]
    assert [(chip["text"], chip["query"]) for chip in chips] == [
        ("Vacant space", "list=stale"),
        ("Figures older than a year", "list=vacancies"),
    ]


def test_two_lists_mean_the_towers_of_either(analyst: FlaskClient) -> None:
    assert analyst.get("/map/view?list=vacancies,next_past").get_json()["matched"] == 2


def test_an_answer_that_depends_on_the_day_is_not_the_same_tomorrow(
    analyst: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = analyst.get("/map/view?list=leases_30")
    plain = analyst.get("/map/view")
    monkeypatch.setattr(choosing, "local_day", lambda: TODAY + timedelta(days=31))
    later = analyst.get("/map/view?list=leases_30", headers={"If-None-Match": today.headers["ETag"]})
    assert (today.get_json()["matched"], later.status_code) == (1, 200)
    assert later.get_json()["matched"] == 0
    same = analyst.get("/map/view", headers={"If-None-Match": plain.headers["ETag"]})
    assert same.status_code == 304


@pytest.mark.parametrize("address", ["/map/view", "/api/buildings", "/download/buildings.csv", "/", "/print"])
@pytest.mark.parametrize("value", ["stale", "next_past", "wrong", ""])
def test_to_the_public_there_is_no_such_parameter(office: Registry, address: str, value: str) -> None:
    public = as_role(office, "public")
    answer = public.get(f"{address}?list={value}")
    unknown = public.get(f"{address}?lisp={value}")
    assert answer.status_code == 400
    assert answer.text.replace("list", "lisp") == unknown.text
    assert "next_past" not in answer.text.replace(f"list={value}", "")


@pytest.mark.parametrize("address", ["/lists", "/lists/stale", "/download/lists/stale.csv"])
def test_the_lists_are_for_staff(office: Registry, address: str) -> None:
    assert as_role(office, "public").get(address).status_code == 403


def test_the_map_offers_the_lists_to_staff_alone(office: Registry, analyst: FlaskClient) -> None:
    assert 'name="list" value="stale"' in analyst.get("/").text
    assert 'name="list"' not in as_role(office, "public").get("/").text


def test_a_change_is_on_the_lists_at_once(tmp_path: Path, district: District) -> None:
    with small_office(tmp_path / "office.gpkg", district) as office:
        client = as_role(office, "analyst")
        assert "乙公司" not in client.get("/lists/leases_60").text
        office.apply([Change("tenant", "C-2", {"lease_end": day(50)})], actor="wang")
        assert "乙公司" in client.get("/lists/leases_60").text


def test_every_column_of_every_list_has_a_name(office: Registry, analyst: FlaskClient) -> None:
    from buildingmap.analysis import office_list  # noqa: PLC0415 - beside its only use

    with analyst.application.test_request_context("/"):
        for key in OFFICE_LISTS:
            found = office_list(office.snapshot(), key, TODAY)
            assert all(column_name(column) for column in found.columns)


def test_no_page_chooses_towers_without_the_lists() -> None:
    folder = Path(web.__file__).parent
    direct = [
        path.name
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("buildingmap.filters")
        and any(name.name == "select" for name in node.names)
    ]
    assert direct == ["choosing.py"]
