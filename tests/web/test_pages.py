from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from buildingmap import resources, web
from buildingmap.filters import Filter, parse_filter
from buildingmap.web.chips import chips
from buildingmap.web.queries import read_query

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from buildingmap.model import District
    from buildingmap.snapshot import Snapshot

STATIC = Path(web.__file__).parent / "static"


def view_of(client: FlaskClient, query: str) -> dict[str, Any]:
    response = client.get(f"/map/view?{query}")
    assert response.status_code == 200, response.text
    view: dict[str, Any] = response.get_json()
    return view


def active(flt: Filter) -> int:
    """How many criteria, or values of them, a filter has."""
    bounds = (
        "tax_min",
        "tax_max",
        "vacancy_min",
        "vacancy_max",
        "floor_area_min",
        "floor_area_max",
        "bbox",
        "year",
    )
    values = sum(len(getattr(flt, name)) for name in ("band", "sector", "tag", "cluster", "status"))
    return values + sum(getattr(flt, name) is not None for name in bounds) + bool(flt.q)


def test_the_page_is_chinese_until_english_is_asked_for_and_then_remembers(client: FlaskClient) -> None:
    assert '<html lang="zh-CN">' in client.get("/").text
    assert '<html lang="en">' in client.get("/?lang=en").text
    assert '<html lang="en">' in client.get("/").text
    assert '<html lang="zh-CN">' in client.get("/?lang=zh").text


def test_the_synthetic_notice_stands_on_the_page_of_a_synthetic_layer(client: FlaskClient) -> None:
    assert "合成演示数据，非真实统计" in client.get("/").text


def test_the_link_to_the_other_language_keeps_the_whole_state(client: FlaskClient) -> None:
    page = client.get("/?tax_min=100000000&sector=finance,digital&tower=T-020").text
    link = re.search(r'class="language" href="([^"]+)"', page)
    assert link is not None
    assert html.unescape(link[1]) == "/?tax_min=100000000&sector=finance,digital&tower=T-020&lang=en"


def test_the_form_shows_the_filter_of_the_address(client: FlaskClient) -> None:
    page = client.get("/?tax_min=100000000&cluster=cbd&q=%E6%A5%BC").text
    assert re.search(r'name="tax_min" value="100000000" checked', page)
    assert re.search(r'name="cluster" value="cbd" checked', page)
    assert 'value="楼"' in page
    assert 'id="mark" aria-pressed="true"' in page


def test_the_labels_of_the_script_survive_their_way_through_the_attribute(client: FlaskClient) -> None:
    page = client.get("/").text
    found = re.search(r'data-words="([^"]*)"', page)
    assert found is not None
    words = json.loads(html.unescape(found[1]))
    assert words["labels"]["cluster_names"]["cbd"] == "中央商务区"
    assert words["mark_yuan"] == 100_000_000


def test_no_page_holds_a_script_or_a_style_of_its_own(client: FlaskClient) -> None:
    page = client.get("/").text
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))
    assert "<style" not in page
    assert not re.search(r'\sstyle="', page)
    assert not re.search(r'\son[a-z]+="', page)


def test_a_wrong_parameter_of_the_page_is_named_on_an_error_page(client: FlaskClient) -> None:
    response = client.get("/?tax_min=lots")
    assert response.status_code == 400
    assert "tax_min" in response.text


def test_the_view_cuts_at_the_mark_inclusively(client: FlaskClient, towers: Snapshot) -> None:
    past = view_of(client, "tax_min=100000000")
    below = view_of(client, "tax_max=99999999")
    ids = {towers.ids[row] for row in past["rows"]}
    assert "T-020" in ids
    assert "T-019" not in ids
    assert past["matched"] == len(past["rows"]) == 20
    assert "T-020" not in {towers.ids[row] for row in below["rows"]}


def test_totals_charts_and_rows_of_a_view_are_of_the_same_towers(
    client: FlaskClient, towers: Snapshot
) -> None:
    view = view_of(client, "cluster=cbd&sector=finance,trade")
    rows = view["rows"]
    assert view["totals"]["towers"] == len(rows)
    assert sum(share["towers"] for share in view["sectors"]) == len(rows)
    banded = sum(sum(line) for line in view["bands"]["counts"]) + sum(view["bands"]["unknown_tax"])
    assert banded == view["totals"]["existing"]
    assert view["totals"]["tax_yuan"] == sum(float(towers.figures().tax_yuan[row]) for row in rows)


def test_a_view_s_query_asks_for_the_same_view(client: FlaskClient) -> None:
    view = view_of(client, "sector=digital&sector=finance&tax_min=1e7&q=%20T%20")
    assert view["query"] == "tax_min=10000000&sector=finance,digital&q=T"
    assert view_of(client, view["query"])["rows"] == view["rows"]


def test_a_wrong_parameter_of_a_view_is_a_problem_that_names_it(client: FlaskClient) -> None:
    response = client.get("/map/view?vacancy_min=2")
    assert response.status_code == 400
    assert response.mimetype == "application/problem+json"
    assert response.get_json()["errors"][0]["parameter"] == "vacancy_min"


def test_each_chip_leads_to_the_filter_without_it(app: Flask, district: District) -> None:
    words = {
        "tax_min": ["100000000"],
        "sector": ["finance,digital"],
        "vacancy_max": ["0.125"],
        "floor_area_min": ["20000"],
        "bbox": ["120,36,121,37"],
        "year": ["2022"],
        "q": ["楼"],
        "tag": ["finance"],
        "status": ["planned"],
    }
    whole = parse_filter(words, district)
    with app.test_request_context("/"):
        found = chips(whole, district)
    assert len(found) == 10
    for chip in found:
        left = parse_filter(read_query(chip.query.encode()), district)
        assert active(left) == active(whole) - 1
    texts = [chip.text for chip in found]
    assert "税收 ≥ 1 亿元" in texts
    assert "空置率 ≤ 12.5%" in texts
    assert "标签：现代金融" in texts


def test_a_bound_a_yuan_below_the_mark_is_written_to_the_yuan(app: Flask, district: District) -> None:
    with app.test_request_context("/?lang=en"):
        assert chips(Filter(tax_max=99_999_999), district)[0].text == "tax ≤ 99,999,999 yuan"
    with app.test_request_context("/"):
        assert chips(Filter(tax_max=99_999_999), district)[0].text == "税收 ≤ 99,999,999 元"


@pytest.mark.parametrize("path", ["/map/towers", "/map/folium.js", "/map/asset/leaflet.js"])
def test_what_a_page_loads_once_is_kept_for_good_under_its_version(client: FlaskClient, path: str) -> None:
    page = client.get("/").text
    found = re.search(rf'"({re.escape(path)}\?v=[^"]+)"', page)
    assert found is not None
    assert "immutable" in client.get(html.unescape(found[1])).headers["Cache-Control"]
    assert "immutable" not in client.get(path).headers["Cache-Control"]


def test_only_leaflet_s_two_files_are_served_from_its_package(client: FlaskClient) -> None:
    assert client.get("/map/asset/leaflet.css").status_code == 200
    assert client.get("/map/asset/leaflet-src.js").status_code == 404


def test_hulls_density_and_places_answer_even_where_there_is_nothing_to_draw(client: FlaskClient) -> None:
    assert client.get("/map/hulls").get_json()["type"] == "FeatureCollection"
    assert client.get("/map/places").get_json() == {"stations": [], "boundaries": []}
    nothing = client.get("/map/density?q=no-such-tower").get_json()
    assert nothing == {"type": "FeatureCollection", "features": []}


@pytest.mark.parametrize("page", ["sign_in", "account", "accounts"])
def test_what_a_page_of_accounts_is_laid_out_by_stands_in_the_style_sheet(page: str) -> None:
    template = (resources.templates_folder() / f"{page}.html").read_text(encoding="utf-8")
    sheet = (STATIC / "css" / "app.css").read_text(encoding="utf-8")
    named = {name for names in re.findall(r'class="([\w -]+)"', template) for name in names.split()}

    assert len(named) > 3
    assert {name for name in named if not re.search(rf"\.{name}(?![\w-])", sheet)} == set()
