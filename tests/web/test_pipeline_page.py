from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from buildingmap.layers.csv_table import split_notes
from buildingmap.model import Milestone, Project
from buildingmap.snapshot import Holdings
from buildingmap.web import create_app
from tests.web.conftest import OneVersion

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.conftest import LayOut

# long past and far ahead, so that no test depends on the day it runs on
LONG_AGO, LATER, FAR = date(2001, 1, 1), date(2001, 2, 1), date(2099, 1, 1)


@pytest.fixture
def client(lay_out: LayOut) -> FlaskClient:
    rows: list[dict[str, object]] = [
        {"status": "planned", "cluster": "cbd", "floor_area_m2": 30_000, "name": "=HYPERLINK(1)"},
        {"status": "under_construction", "cluster": "xinduxin", "sector": "finance"},
        {"status": "existing", "cluster": "cbd", "tax_yuan": 123_456_789, "tax_year": 2023},
    ]
    records = {
        "milestone": (
            Milestone(id="M-1", building_id="T-000", kind="land", planned_on=LONG_AGO, done_on=LATER),
            Milestone(id="M-2", building_id="T-000", kind="hand_over", planned_on=FAR),
            Milestone(id="M-3", building_id="T-001", kind="start", planned_on=LONG_AGO),
        ),
        "project": (
            Project(id="P-1", building_id="T-000", investment_yuan=5e8, responsible="=cmd|' /C calc'!A0"),
        ),
    }
    return create_app(OneVersion(lay_out(rows, holdings=Holdings(records=records)))).test_client()


def test_the_page_says_milestones_with_their_days_behind_plan(client: FlaskClient) -> None:
    text = client.get("/pipeline").text
    assert "滞后 31 天" in text
    assert "2099-01-01" in text
    assert "逾期" in text
    assert "5 亿元" in text
    assert "31 days late" in client.get("/pipeline?lang=en").text


def test_the_page_and_the_api_take_the_one_filter(client: FlaskClient) -> None:
    found = client.get("/api/pipeline?cluster=cbd").get_json()
    assert [tower["id"] for tower in found["pipeline"]["towers"]] == ["T-000"]
    assert found["filter"] == "cluster=cbd"
    page = client.get("/pipeline?cluster=cbd&sector=finance").text
    assert "没有符合筛选条件的在建或规划楼宇" in page
    assert client.get("/pipeline?clutser=cbd").status_code == 400


def test_the_link_to_the_map_shows_the_same_towers(client: FlaskClient) -> None:
    assert (
        'href="/?cluster=cbd&amp;status=under_construction,planned"'
        in client.get("/pipeline?cluster=cbd").text
    )
    assert 'href="/?status=planned"' in client.get("/pipeline?status=existing,planned").text


def test_the_form_keeps_what_else_the_filter_holds(client: FlaskClient) -> None:
    text = client.get("/pipeline?q=%E7%A4%BA%E4%BE%8B&cluster=cbd").text
    assert '<input type="hidden" name="q" value="示例">' in text
    assert 'name="cluster" value="cbd" checked' in text


def test_no_tax_stands_on_the_page_or_in_the_answer(client: FlaskClient) -> None:
    for path in ("/pipeline", "/api/pipeline", "/download/pipeline.csv"):
        assert "123456789" not in client.get(path).text.replace(",", "")


def test_the_csv_has_four_columns_per_milestone_and_no_formula(client: FlaskClient) -> None:
    response = client.get("/download/pipeline.csv?lang=en")
    assert response.content_type == "text/csv; charset=utf-8"
    _, table, _ = split_notes(response.data.decode("utf-8-sig"))
    rows = list(csv.reader(io.StringIO(table)))
    head = rows[0]
    by_id = {row[0]: dict(zip(head, row, strict=True)) for row in rows[1:]}
    assert set(by_id) == {"T-000", "T-001"}
    first = by_id["T-000"]
    assert first["Tower"] == "'=HYPERLINK(1)"
    assert first["Responsible"].startswith("'=")
    assert first["Land granted · Done"] == "2001-02-01"
    assert first["Land granted · days behind plan"] == "31"
    assert first["Investment, yuan"] == "500000000"


def test_the_workbook_holds_dates_and_numbers_and_text_that_never_runs(client: FlaskClient) -> None:
    response = client.get("/download/pipeline.xlsx")
    assert "pipeline-" in response.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(response.data))
    sheet = book["在建与规划楼宇"]
    rows: list[Any] = list(sheet.iter_rows())
    heads = [cell.value for cell in rows[0]]
    line = next(row for row in rows if row[0].value == "T-000")
    cells = dict(zip(heads, line, strict=True))
    assert cells["楼宇"].value == "=HYPERLINK(1)"
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "d", "inlineStr"}
    assert cells["供地 · 计划"].value.date() == LONG_AGO
    assert cells["投资额(元)"].value == 500_000_000
    assert book["说明"]["B1"].value == "演示数据"


def test_a_download_has_no_pages(client: FlaskClient) -> None:
    assert client.get("/download/pipeline.csv?limit=1").status_code == 400


def test_the_answer_is_of_today(client: FlaskClient) -> None:
    found = client.get("/api/pipeline")
    today = date.fromisoformat(found.get_json()["pipeline"]["today"])
    assert abs(today - date.today()) <= timedelta(days=1)  # noqa: DTZ011 - the machine's own day
    start = next(t for t in found.get_json()["pipeline"]["towers"] if t["id"] == "T-001")["steps"][0]
    assert start["slippage_days"] == (today - LONG_AGO).days
    again = client.get("/api/pipeline", headers={"If-None-Match": found.headers["ETag"]})
    assert again.status_code == 304
