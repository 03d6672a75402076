from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildingmap.model import Goal
from buildingmap.snapshot import Holdings
from buildingmap.web import create_app
from tests.web.conftest import OneVersion

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.conftest import LayOut


@pytest.fixture
def client(lay_out: LayOut) -> FlaskClient:
    goals = (
        Goal(id="G-1", year=2023, measure="towers_past_mark", value=4),
        Goal(id="G-2", year=2023, measure="total_tax_yuan", value=400_000_000),
        Goal(id="G-3", year=2023, measure="own", label="<b>新引进</b>", value=10, reached=12.5, unit="家"),
    )
    rows = [{"tax_yuan": 100_000_000, "tax_year": 2023}] * 3
    held = Holdings(records={"goal": goals})
    return create_app(OneVersion(lay_out(rows, holdings=held))).test_client()


def test_each_goal_is_said_with_what_is_reached_of_it(client: FlaskClient) -> None:
    text = client.get("/goals").text
    assert "税收亿元楼宇" in text
    assert "3 亿元" in text
    assert "75%" in text
    assert "按 2023 年数据" in text
    assert "12.5 家" in text
    assert "125%" in text
    assert "人工填报" in text
    assert "<b>新引进" not in text


def test_the_targets_of_the_configuration_stand_beside_them(client: FlaskClient) -> None:
    text = client.get("/goals?lang=en").text
    assert "Targets of the district" in text
    assert '<td class="number">24</td>' in text
    assert "12.5%" in text  # 3 of 24


def test_the_api_says_the_same(client: FlaskClient) -> None:
    found = client.get("/api/goals").get_json()
    assert [(g["measure"], g["reached"], g["share"]) for g in found["goals"]] == [
        ("towers_past_mark", 3, 0.75),
        ("total_tax_yuan", 300_000_000, 0.75),
        ("own", 12.5, 1.25),
    ]
    assert client.get("/api/goals?cluster=cbd").status_code == 400
