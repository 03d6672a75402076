"""The page of one tower, as each role is shown it, and its forms."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest

from buildingmap.registry import Change, Registry
from buildingmap.web import create_app
from tests.web.offices import TODAY, as_role, small_office, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from buildingmap.model import District
    from tests.conftest import LayOut
    from tests.web.conftest import OneVersion


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, district: District) -> Iterator[Registry]:
    with small_office(tmp_path_factory.mktemp("office") / "office.gpkg", district) as made:
        yield made


@pytest.fixture
def analyst(office: Registry) -> FlaskClient:
    return as_role(office, "analyst")


def test_the_facts_stand_with_their_source_date_and_last_change(analyst: FlaskClient) -> None:
    said = words(analyst.get("/buildings/T-1?lang=en").text)
    assert "Tower one" in said
    assert "Source: 楼宇办季报 · as of 2024-03-31 · changed by import" in said
    assert "Leasable area 2,400 m²" in said


def test_each_fact_leads_to_the_version_that_changed_it(tmp_path: Path, district: District) -> None:
    with small_office(tmp_path / "office.gpkg", district) as office:
        made = office.apply([Change("building", "T-1", {"floors": 5})], actor="wang")
        assert made is not None
        page = as_role(office, "analyst").get("/buildings/T-1?lang=en").text
    line = re.search(r'<th scope="row">Floors</th>.*?</tr>', page, re.DOTALL)
    assert line is not None
    assert f'href="/history/{made.version}"' in line[0]
    assert "wang" in line[0]
    assert 'href="/history/building/T-1"' in page


def test_taxes_stand_against_the_mark_and_the_forecast_names_its_ways(analyst: FlaskClient) -> None:
    said = words(analyst.get("/buildings/T-1?lang=en").text)
    assert "¥90.5M" in said  # 22 million over the share of the first quarter of 2023
    assert "¥22M × 4 ÷ 1, as if each quarter brought the same" in said
    assert "No way of reckoning comes to the mark" in said
    assert "123,456,789 yuan" in said
    assert "税务分局" in said


def test_a_tower_without_quarters_has_no_forecast(analyst: FlaskClient) -> None:
    assert "reckoned from its quarters" not in analyst.get("/buildings/T-2?lang=en").text


def test_the_plan_is_drawn_with_words_on_every_box_and_said_again_in_a_table(analyst: FlaskClient) -> None:
    page = analyst.get("/buildings/T-1?lang=en").text
    boxes = re.findall(r'<a href="#part-(\d+)" aria-label="([^"]+)"><title>([^<]+)</title>', page)
    assert [number for number, _, _ in boxes] == ["0", "1", "2", "3", "4", "5"]
    assert all(label == title for _, label, title in boxes)
    assert html.unescape(boxes[0][1]).startswith("3F · 301 · 400 m² · 甲 <b>公司</b> · ")
    assert "300 m² contiguous in 2 units of 2F" in boxes[3][1]
    rows = re.findall(r'<tr id="part-(\d+)"', page)
    assert rows == [number for number, _, _ in boxes]


def test_what_no_unit_accounts_for_is_not_called_vacant(analyst: FlaskClient) -> None:
    said = words(analyst.get("/buildings/T-1?lang=en").text)
    assert "900 m² let, 550 m² vacant" in said
    assert "950 m² of the floors' leasable area is in no unit on record" in said
    assert "The tower's own figure for vacancy is 25%" in said
    assert "Neither units nor floors are on record for: 丁公司" in said


@pytest.mark.parametrize(
    ("colour", "css"),
    [
        ("expiry", {"lease-d90", "lease-ended", "vacant", "untold"}),
        ("vacancy", {"let", "vacant", "untold"}),
        ("sector", {"sector-1", "sector-2", "vacant", "untold"}),
    ],
)
def test_the_address_chooses_the_colours(analyst: FlaskClient, colour: str, css: set[str]) -> None:
    page = analyst.get(f"/buildings/T-1?colour={colour}").text
    assert set(re.findall(r'<rect class="box ([\w-]+)"', page)) == css


def test_a_colour_that_is_none_is_refused(analyst: FlaskClient) -> None:
    assert analyst.get("/buildings/T-1?colour=pink").status_code == 400


def test_rates_lie_between_two_ends_where_some_are_unknown(analyst: FlaskClient) -> None:
    said = words(analyst.get("/buildings/T-1?lang=en").text)
    assert "Registered, by count 33.3% to 66.6% 1 1 1" in said
    assert "Registered, by area 41.2% to 48.4% 400 m² 500 m² 70 m²" in said


def test_tenants_stand_by_the_end_of_their_lease_and_the_departed_last(analyst: FlaskClient) -> None:
    page = analyst.get("/buildings/T-1?lang=en").text
    names = re.findall(
        r'<th scope="row">([^<]+公司|甲[^<]*) <small>', html.unescape(page).replace("<b>公司</b>", "公司")
    )
    assert names == ["乙公司", "甲 公司", "丁公司", "丙公司"]
    assert "ran out 5 days ago" in page
    assert "30 days left" in page


def test_text_from_the_registry_is_text(analyst: FlaskClient) -> None:
    assert "<b>公司" not in analyst.get("/buildings/T-1").text


@pytest.mark.parametrize("tower", ["T-1", "T-2", "T-3"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_public_is_told_nothing_of_tenants_taxes_officers_sources_or_changes(
    office: Registry, tower: str, lang: str
) -> None:
    page = as_role(office, "public").get(f"/buildings/{tower}?lang={lang}")
    assert page.status_code == 200
    secrets = ("公司", "内线", "楼长一", "台账", "税务分局", "季报", "123,456,789", "1.23", "import")
    assert [secret for secret in secrets if secret in page.text] == []
    assert "/history" not in page.text
    assert "stack" not in page.text
    assert str(TODAY) not in page.text


def test_an_analyst_may_read_and_is_offered_no_form(analyst: FlaskClient) -> None:
    page = analyst.get("/buildings/T-1").text
    assert "<dialog" not in page
    assert "csrf-token" not in page


def test_an_editor_has_a_form_for_each_table_with_every_field_of_the_check(office: Registry) -> None:
    page = as_role(office, "editor").get("/buildings/T-1").text
    assert 'name="csrf-token"' in page
    tables = {
        "building": "T-1",
        "tenant": "C-1",
        "tax_record": "T-1:2022",
        "unit": "U-31",
        "service_officer": "O-1",
        "floor": "T-1:3",
        "document": "D-1",
    }
    for table, row_id in tables.items():
        form = re.search(rf'<form class="record-form" data-table="{table}".*?</form>', page, re.DOTALL)
        assert form is not None
        fields = set(re.findall(r' name="(\w+)"', form[0]))
        kept = set(office.row(table, row_id).values)
        assert fields == kept - {"id", "building_id", "geometry"}


def test_every_row_on_the_page_has_a_button_to_change_it(office: Registry) -> None:
    page = as_role(office, "editor").get("/buildings/T-1").text
    buttons = set(re.findall(r'data-table="(\w+)" data-row="([^"]+)"', page))
    assert {row for table, row in buttons if table == "tenant"} == {"C-1", "C-2", "C-3", "C-4"}
    assert {row for table, row in buttons if table == "unit"} >= {"U-31", "U-22", "U-11"}
    assert len([row for table, row in buttons if table == "tax_record"]) == 5
    assert {row for table, row in buttons if table == "floor"} == {"T-1:1", "T-1:2", "T-1:3", "T-1:4"}
    assert {row for table, row in buttons if table in {"service_officer", "document"}} == {"O-1", "D-1"}


def test_a_tower_to_come_leads_to_its_milestones(office: Registry, analyst: FlaskClient) -> None:
    for client in (analyst, as_role(office, "public")):
        assert 'href="/pipeline?q=T-3"' in client.get("/buildings/T-3").text
        assert "/pipeline?q=" not in client.get("/buildings/T-1").text


def test_a_layer_file_alone_shows_what_it_has_and_offers_no_form(client: FlaskClient) -> None:
    page = client.get("/buildings/T-020?lang=en")
    assert page.status_code == 200
    assert "No floors, units or floors of tenants are on record." in page.text
    assert "<dialog" not in page.text


def test_an_unknown_tower_is_a_page_that_says_so(analyst: FlaskClient) -> None:
    assert analyst.get("/buildings/T-404").status_code == 404


def test_nothing_is_written_that_is_not_a_number(lay_out: LayOut, registry: OneVersion) -> None:
    registry.in_force = lay_out([{"status": "planned"}])
    page = create_app(registry).test_client().get("/buildings/T-000?lang=en").text
    assert re.search(r"\bnan\b|\bNone\b", words(page)) is None
