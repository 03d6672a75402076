"""History and what a form is refused for speak of fields by their names and write figures as figures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from buildingmap.registry import Change
from tests.web.offices import as_role, small_office, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from buildingmap.model import District
    from buildingmap.registry import Registry

KEY = re.compile(r"[a-z]+_(?:yuan|m2|rate|record|count|start|end)\b|\d\.0\b")


@pytest.fixture
def office(tmp_path: Path, district: District) -> Iterator[Registry]:
    with small_office(tmp_path / "office.gpkg", district) as made:
        made.apply(
            [
                Change("tax_record", "T-2:2023", {"tax_yuan": 99_999_999}),
                Change("building", "T-2", {"sector": "finance"}),
            ],
            actor="li",
        )
        yield made


@pytest.fixture
def editor(office: Registry) -> FlaskClient:
    return as_role(office, "editor")


def test_a_revision_is_told_in_names_and_figures(office: Registry, editor: FlaskClient) -> None:
    said = words(editor.get(f"/history/{office.version}?lang=zh").text)
    assert "税收记录 T-2:2023 全口径税收 95,000,000 99,999,999" in said
    assert "主导产业 — 现代金融" in said
    english = words(editor.get(f"/history/{office.version}?lang=en").text)
    assert "Tax record T-2:2023 Total tax 95,000,000 99,999,999" in english
    assert "Leading sector — Finance" in english
    assert not KEY.search(said + english)


def test_a_refused_value_is_told_by_its_name_and_its_key_has_a_field_of_its_own(
    office: Registry, editor: FlaskClient
) -> None:
    page = editor.get("/buildings/T-2").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token is not None
    refused = editor.patch(
        "/api/records/tax_record/T-2:2023?lang=zh",
        json={"values": {"tax_yuan": -99_999_999}},
        headers={"If-Match": f'"{office.row("tax_record", "T-2:2023").version}"', "X-CSRF-Token": token[1]},
    )
    assert refused.status_code == 422
    (fault,) = refused.get_json()["faults"]
    assert fault["field"] == "tax_yuan"
    assert "全口径税收: 实为 -99,999,999，应为" in fault["line"]
    assert not KEY.search(fault["line"])


def test_a_missing_page_says_so_in_the_reader_s_language(editor: FlaskClient) -> None:
    chinese = words(editor.get("/buildings/NOWHERE", headers={"Accept": "text/html"}).text)
    assert "没有这个编号的楼宇" in chinese
    assert "found" not in chinese
