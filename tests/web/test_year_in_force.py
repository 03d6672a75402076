"""Twenty towers have figures of 2023, three of 2024: every page speaks of 2023 and says how far 2024 has come."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest

from buildingmap.layers import check_layer
from buildingmap.model import Goal, TaxEntry
from buildingmap.snapshot import Holdings, Snapshot
from buildingmap.web import create_app
from tests.rows import MARK
from tests.web.conftest import OneVersion
from tests.web.offices import as_role, words

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from tests.conftest import LayOut, Row

OF_2023 = [MARK * 1.0] * 5 + [MARK - 1.0] * 15
OF_2024 = [MARK / 2, MARK * 2.0, MARK * 3.0]


def town(lay_out: LayOut, of_2024: list[float]) -> Snapshot:
    rows: list[Row] = []
    entries = []
    for place, tax in enumerate(OF_2023):
        history = [{"year": 2023, "tax_yuan": tax}]
        history += [{"year": 2024, "tax_yuan": later} for later in of_2024[place : place + 1]]
        rows.append({"tax_history": history, "cluster": "cbd", "floor_area_m2": 10_000})
        entries += [
            TaxEntry(id=f"{place}:{each['year']}", building_id=f"T-{place:03d}", taxpayer_count=3, **each)  # type: ignore[arg-type]
            for each in history
        ]
    goal = Goal(id="G", year=2024, measure="towers_past_mark", value=10)
    return lay_out(rows, holdings=Holdings({"goal": (goal,), "tax_record": tuple(entries)}))


@pytest.fixture
def client(lay_out: LayOut) -> FlaskClient:
    return create_app(OneVersion(town(lay_out, OF_2024))).test_client()


@pytest.mark.parametrize("path", ["/", "/analysis", "/goals", "/print", "/compare?id=T-000&id=T-001"])
def test_each_page_says_how_many_towers_of_the_new_year_have_reported(client: FlaskClient, path: str) -> None:
    assert "2024年：已报 3/20 座" in words(client.get(path).text)
    english = f"{path}{'&' if '?' in path else '?'}lang=en"
    assert "2024: 3 of 20 towers reported" in words(client.get(english).text)


@pytest.mark.parametrize("path", ["/", "/analysis", "/goals", "/print", "/compare?id=T-000&id=T-001"])
def test_a_complete_year_is_said_without_a_count(lay_out: LayOut, path: str) -> None:
    complete = create_app(OneVersion(town(lay_out, []))).test_client()
    assert "已报" not in words(complete.get(path).text)


def test_the_headline_and_the_target_beside_it_are_of_one_year(client: FlaskClient) -> None:
    totals = client.get("/map/view").get_json()["totals"]
    assert (totals["past_mark"], totals["tax_year"]) == (5, "2023")
    page = words(client.get("/?lang=en").text)
    assert "5 → 24" in page
    assert "newest complete (2023)" in page


def test_a_goal_of_the_new_year_is_held_against_the_complete_one(client: FlaskClient) -> None:
    page = words(client.get("/goals?lang=en").text)
    assert "too few figures of the year yet: those of 2023" in page
    assert "50%" in page


def test_the_api_names_the_year_in_force_and_the_coverage_of_each(client: FlaskClient) -> None:
    for path in ("/api/summary", "/api/district"):
        found = client.get(path).get_json()
        assert found["year_in_force"] == 2023
        assert [(each["year"], each["reported"], each["standing"]) for each in found["coverage"]] == [
            (2023, 20, 20),
            (2024, 3, 20),
        ]


def _features(client: FlaskClient, query: str = "") -> list[Any]:
    return [each["properties"] for each in client.get(f"/api/buildings?{query}").get_json()["features"]]


def test_each_tower_of_the_api_shows_the_figure_that_the_headline_counts(client: FlaskClient) -> None:
    found = {each["id"]: each for each in _features(client, "limit=100")}
    assert (found["T-000"]["tax_year"], found["T-000"]["tax_yuan"], found["T-000"]["past_mark"]) == (
        2023,
        MARK,
        True,
    )
    assert sum(each["past_mark"] for each in found.values()) == 5
    assert [each["year"] for each in found["T-000"]["tax_history"]] == [2023, 2024]
    assert {each["tax_year"] for each in _features(client, "year=2024&tax_min=0")} == {2024}


@pytest.mark.parametrize("form", ["geojson", "csv", "xlsx", "gpkg"])
def test_an_export_has_the_figures_in_force_and_loses_none_of_the_new_year(
    client: FlaskClient, lay_out: LayOut, tmp_path: Path, form: str
) -> None:
    if form == "csv":
        text = client.get("/download/buildings.csv?lang=en").text
        table = csv.DictReader(io.StringIO(text[text.index("id,name,") :]))
        assert {line["tax_year"] for line in table} == {"2023"}
    path = tmp_path / f"towers.{form}"
    path.write_bytes(client.get(f"/download/buildings.{form}").data)
    district = lay_out([]).district
    layer = check_layer(path, district=district, surroundings=lay_out([]).surroundings)
    assert layer.faults == ()
    assert layer.counts is not None
    assert layer.counts.years == {2023: 20, 2024: 3}
    assert layer.counts.past_mark == 5
    assert not [each for each in layer.warnings if each.expected.code == "derived_differs"]


def test_the_public_is_told_of_what_is_disclosed(lay_out: LayOut) -> None:
    public = as_role(OneVersion(town(lay_out, OF_2024)), "public")  # type: ignore[arg-type]
    page = words(public.get("/?lang=en").text)
    assert "2024: 3 of 20 towers disclosed" in page
    assert public.get("/map/view").get_json()["totals"]["past_mark"] == 5
