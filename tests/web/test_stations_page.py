"""Service stations over HTTP: a question in the address, an answer with its proof, refusals in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from buildingmap.registry import read_holdings
from buildingmap.resources import data_folder
from buildingmap.web import create_app
from tests.web.conftest import OneVersion

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from buildingmap.snapshot import Snapshot


@pytest.fixture(scope="module")
def client(demo_snapshot: Snapshot) -> FlaskClient:
    holdings = read_holdings(data_folder() / "holdings.json", demo_snapshot.district)
    return create_app(OneVersion(replace(demo_snapshot, holdings=holdings))).test_client()


def test_a_question_in_the_address_is_answered_with_its_proof(client: FlaskClient) -> None:
    answer = client.get("/api/service-stations?measure=centre&stations=4&weight=towers&where=sites")
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    found = answer.get_json()["found"]
    assert found["status"] == "optimal"
    assert found["value"] == found["bound"] == pytest.approx(found["farthest_m"])
    assert len(found["stations"]) == 4
    assert answer.get_json()["synthetic"]
    again = client.get(
        "/api/service-stations?where=sites&measure=centre&stations=4&weight=towers",
        headers={"If-None-Match": answer.headers["ETag"]},
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("measure=best", "measure"),
        ("stations=0", "stations"),
        ("stations=2.5", "stations"),
        ("radius=-1", "radius"),
        ("weight=tax", "weight"),
        ("towers=3", "towers"),
        ("where=sites&stations=60", "stations"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_by_its_parameter(
    client: FlaskClient, query: str, parameter: str
) -> None:
    answer = client.get(f"/api/service-stations?{query}")
    assert answer.status_code == 400
    assert [error["parameter"] for error in answer.get_json()["errors"]] == [parameter]


def test_the_page_says_what_is_proved_and_who_is_served_in_both_languages(client: FlaskClient) -> None:
    chinese = client.get("/service-stations?stations=3&lang=zh").get_data(as_text=True)
    assert "已证明：没有更优的选址" in chinese
    english = client.get("/service-stations?stations=3&lang=en").get_data(as_text=True)
    assert "proved: no choice of places is better" in english
    assert english.count('<th scope="row">') == 3
    assert "Synthetic demo data" in english


def test_the_page_and_the_api_name_parcels_where_no_station_can_be(client: FlaskClient) -> None:
    question = "measure=centre&stations=3&weight=towers&where=sites"
    chinese = client.get(f"/service-stations?{question}&lang=zh").get_data(as_text=True)
    assert "与规划相同，不可选的地块：4 处" in chinese
    assert "<li>DK-42 不入选：其中 83% 为道路</li>" in chinese
    english = client.get(f"/service-stations?{question}&lang=en").get_data(as_text=True)
    assert "<li>DK-42 is left out: 83% of it is road</li>" in english
    found = client.get(f"/api/service-stations?{question}").get_json()["found"]
    assert [each["id"] for each in found["parcels_left_out"]] == ["DK-16", "DK-31", "DK-41", "DK-42"]


def test_the_page_says_in_words_why_there_is_no_answer(client: FlaskClient) -> None:
    page = client.get("/service-stations?where=sites&stations=60&lang=zh")
    assert page.status_code == 200
    assert "要求 60 处服务站，可选位置只有 38 处；与规划相同，另有 4 处地块不可选" in page.get_data(
        as_text=True
    )
