"""How pages write figures, and that a page's analysis is the API's own answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildingmap import analysis
from buildingmap.amounts import UNKNOWN, km2, metres
from buildingmap.web.words import exact_money, money, number, per_m2, percent

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from buildingmap.filters import Selection

MARK = 100_000_000


@pytest.mark.parametrize(
    ("yuan", "chinese", "english"),
    [
        (None, UNKNOWN, UNKNOWN),
        (0, "0 元", "¥0"),
        (9_999.99, "9,999 元", "¥9,999"),
        (10_000, "1 万元", "¥10,000"),
        (99_999_999, "9,999.9 万元", "¥99.9M"),
        (MARK, "1 亿元", "¥100M"),
        (113_000_000, "1.13 亿元", "¥113M"),
        (1_999_999_999, "19.99 亿元", "¥1.99B"),
    ],
)
def test_money_is_written_in_the_reader_s_units_and_cut(
    app: Flask, yuan: float | None, chinese: str, english: str
) -> None:
    with app.test_request_context("/"):
        assert money(yuan) == chinese
    with app.test_request_context("/?lang=en"):
        assert money(yuan) == english


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(yuan=st.floats(0, MARK, exclude_max=True))
def test_no_tax_below_the_mark_reads_as_past_it(app: Flask, yuan: float) -> None:
    with app.test_request_context("/"):
        assert "亿" not in money(yuan)
    with app.test_request_context("/?lang=en"):
        assert float(money(yuan).strip("¥M").replace(",", "")) < (100 if yuan >= 1e6 else 1e6)


def test_other_figures_have_their_units_and_the_unknown_is_a_dash(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert exact_money(99_999_999) == "99,999,999 yuan"
        assert per_m2(2605.012) == "¥2,605/m²"
        assert [percent(share) for share in (0.289, 0.9999, 1, -0.0242)] == [
            "28.9%",
            "99.9%",
            "100%",
            "-2.4%",
        ]
        assert [metres(value) for value in (261.4, 999.6, 4_129)] == ["261 m", "1,000 m", "4.1 km"]
        assert km2(3.469) == "3.47 km²"
        assert number(1234.5, 1) == "1,234.5"
        unknown = (exact_money, per_m2, percent, metres, km2, number)
        assert {write(None) for write in unknown} == {UNKNOWN}


def test_the_analysis_is_computed_once_for_page_and_api(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Selection] = []
    whole = analysis.summary

    def counting(selection: Selection) -> analysis.Summary:
        counted.append(selection)
        return whole(selection)

    monkeypatch.setattr(analysis, "summary", counting)
    assert client.get("/api/summary?cluster=cbd").status_code == 200
    for address in (
        "/analysis?cluster=cbd",
        "/analysis?cluster=cbd&lang=en&sort=name",
        "/api/summary?cluster=cbd",
    ):
        assert client.get(address).status_code == 200
    assert len(counted) == 1
