from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from buildingmap.filters import WISHES
from buildingmap.model import Tenant, Unit
from buildingmap.snapshot import Holdings
from buildingmap.web import create_app
from tests.test_house import docs
from tests.web.conftest import OneVersion

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.conftest import LayOut

TAX = 123_456_789
TENANT = "示例企业 0042"
FAR = date(2099, 1, 1)


def unit(number: str, area: float, **facts: Any) -> Unit:
    values: dict[str, Any] = {
        "id": f"U-{number}", "building_id": "T-000", "floor": int(number[0]), "position": int(number[1:]),
        "label": number, "area_m2": area, "asking_rent_yuan_m2_day": 3,
    }  # fmt: skip
    return Unit.model_validate(values | facts)


@pytest.fixture
def client(lay_out: LayOut) -> FlaskClient:
    rows: list[dict[str, object]] = [
        {
            "cluster": "cbd",
            "tax_yuan": TAX,
            "tax_year": 2023,
            "name": "示例楼 <b>甲</b>",
            "sector": "finance",
        },
        {
            "cluster": "cbd",
            "leasable_area_m2": 20_000,
            "vacancy_rate": 0.25,
            "tax_yuan": TAX,
            "tax_year": 2023,
        },
    ]
    records = {
        "tenant": (Tenant(id="C-1", building_id="T-000", name=TENANT),),
        "unit": (
            unit("301", 500, label="<script>3-01"),
            unit("302", 700),
            unit("303", 400, tenant_id="C-1"),
            unit("401", 900, asking_rent_yuan_m2_day=None, available_from=FAR),
        ),
    }
    return create_app(OneVersion(lay_out(rows, holdings=Holdings(records=records)))).test_client()


def test_each_match_says_why_in_sentences_with_their_numbers(client: FlaskClient) -> None:
    text = client.get("/matching?area_min=1000&area_max=1500&rent_max=4&sector=finance").text
    assert "同层相邻 2 个单元，共 1,200 m²（要求 1,000–1,500 m²）。" in text
    assert "挂牌租金 3.00 元/㎡·天，全年 131.4 万元（要求不超过 4.00 元/㎡·天）。" in text
    assert "楼宇以该产业为主导。" in text
    english = client.get("/matching?area_min=1000&lang=en").text
    assert "1,200 m² in 2 neighbouring units of one floor; asked: ≥ 1,000 m²." in english


def test_the_api_s_score_adds_up_and_names_the_units(client: FlaskClient) -> None:
    found = client.get("/api/matching?area_min=1000&area_max=1500&rent_max=4&sector=finance").get_json()
    assert found["wishes"] == "area_min=1000&area_max=1500&sector=finance&rent_max=4"
    (best,) = found["matching"]["matches"]
    assert best["key"] == "U-301~2"
    assert best["score"] == pytest.approx(sum(part["points"] for part in best["parts"]))
    assert [part["name"] for part in best["parts"]] == ["area", "station", "rent", "sector", "pieces"]


def test_what_only_just_misses_and_whom_to_ask_stand_apart(client: FlaskClient) -> None:
    text = client.get("/matching?area_min=1400&area_max=5000").text
    assert "面积还差 200 m²。" in text
    assert "需询问的楼宇" in text
    assert "5,000 m²" in text  # a quarter of 20,000
    assert "没有同时符合全部条件的" in text


def test_the_shortlist_for_the_visitor_says_nothing_of_tax_or_tenants(client: FlaskClient) -> None:
    sheet = client.get("/matching/print?area_min=400&pick=U-301~2&pick=U-401~1&lang=en").text
    assert "1,200 m²" in sheet
    assert "2099-01-01" in sheet
    assert "to ask" in sheet
    for secret in (str(TAX), f"{TAX:,}", "123.4", "1.23 亿", TENANT, "C-1", "past the mark"):
        assert secret not in sheet
    assert not re.search(r"data-(towers|view)=", sheet)  # the map is given no band


def test_a_space_that_is_let_meanwhile_is_left_out_and_the_sheet_says_so(client: FlaskClient) -> None:
    sheet = client.get("/matching/print?pick=U-303~1&pick=U-302~1").text
    assert "所选房源中有 1 处已不再空置" in sheet
    assert "700 m²" in sheet


def test_a_shortlist_holds_one_to_ten_spaces(client: FlaskClient) -> None:
    assert client.get("/matching/print").status_code == 400
    eleven = "&".join(f"pick=U-{number}~1" for number in range(11))
    refused = client.get(f"/matching/print?{eleven}")
    assert refused.status_code == 400
    assert "1 至 10 处" in refused.text
    assert client.get(f"/matching/print?{eleven.rpartition('&')[0]}").status_code == 200


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("area_min=900&area_max=100", "area_min"),
        ("available_by=2025-02-30", "available_by"),
        ("available_by=2025-W01-1", "available_by"),
        ("rent_max=-1", "rent_max"),
        ("cluster=nowhere", "cluster"),
        ("tax_min=1", "tax_min"),
    ],
)
def test_a_wish_that_cannot_be_read_is_refused_by_name(
    client: FlaskClient, query: str, parameter: str
) -> None:
    answer = client.get(f"/api/matching?{query}")
    assert answer.status_code == 400
    assert [fault["parameter"] for fault in answer.get_json(force=True)["errors"]] == [parameter]


def test_empty_fields_of_the_form_ask_for_nothing(client: FlaskClient) -> None:
    query = "&".join(f"{parameter.name}=" for parameter in WISHES)
    assert client.get(f"/matching?{query}").status_code == 200
    assert client.get(f"/api/matching?{query}").get_json()["wishes"] == ""


def test_names_of_the_registry_stay_text(client: FlaskClient) -> None:
    for path in ("/matching", "/matching/print?pick=U-301~1"):
        text = client.get(path).text
        assert "<b>甲" not in text
        assert "<script>3" not in text


def test_every_wish_is_explained_in_the_docs() -> None:
    assert [parameter.name for parameter in WISHES if f"`{parameter.name}`" not in docs()] == []
