"""The empty table that an office fills in."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import shapely

from buildingmap.layers import read_layer
from buildingmap.layers.writers import write_excel, write_template
from buildingmap.model import Building, Lang
from tests.layers.test_roundtrip import NOTE

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.model import District

TOWERS = [
    (
        Building(
            id="A-1", name="=1+1", cluster="cbd", status="planned", sector="finance", sectors=("finance", "trade"),
            floors=30, floor_area_m2=20_000.5, vacancy_rate=0.125, tax_yuan=100_000_000, tax_year=2023, source="统计局",
        ),
        shapely.box(120.37, 36.09, 120.371, 36.091),
    ),
    (Building(id="A-2", name="乙楼", cluster="other"), shapely.Point(120.38, 36.09)),
]  # fmt: skip


def chosen_from(book: Any, header: str) -> list[str]:
    """The entries of the drop-down below a header."""
    sheet = book.worksheets[0]
    (column,) = [cell.column_letter for cell in sheet[1] if cell.value == header]
    (rule,) = [rule for rule in sheet.data_validations.dataValidation if f"{column}2" in rule.sqref]
    assert rule.type == "list"
    name, area = rule.formula1.split("!")
    return [cell.value for (cell,) in book[name.strip("'")][area.replace("$", "")]]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_clusters_statuses_and_sectors_are_chosen_from_the_districts_own(
    lang: Lang, district: District
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_template(district, lang=lang)))
    english = lang == "en"
    assert chosen_from(book, "cluster" if english else "片区") == [
        cluster.id if english else cluster.zh for cluster in district.clusters
    ]
    assert chosen_from(book, "sector" if english else "主导产业") == [
        sector.id if english else sector.zh for sector in district.sectors
    ]
    assert chosen_from(book, "status" if english else "状态")[0] == ("existing" if english else "已建成")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_header_says_what_belongs_below_it(lang: Lang, district: District) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(write_template(district, lang=lang))).worksheets[0]
    comments = {str(cell.value): cell.comment and cell.comment.text for cell in sheet[1]}
    assert len(comments) == 25
    assert all(comments.values())
    wanted = ("tax_yuan", "yuan") if lang == "en" else ("年税收(元)", "元")
    assert wanted[1] in str(comments[wanted[0]])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_template_filled_in_is_read_back_without_loss(
    lang: Lang, district: District, tmp_path: Path
) -> None:
    export = openpyxl.load_workbook(io.BytesIO(write_excel(TOWERS, NOTE, lang=lang, district=district)))
    book = openpyxl.load_workbook(io.BytesIO(write_template(district, lang=lang)))
    rows = list(export.worksheets[0].iter_rows(values_only=True))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == list(rows[0])
    for number, row in enumerate(rows[1:], start=2):
        for place, value in enumerate(row, start=1):
            cell = sheet.cell(number, place, value)
            if isinstance(value, str):
                cell.data_type = "s"
    path = tmp_path / "filled.xlsx"
    book.save(path)

    layer = read_layer(path, district=district)
    assert layer.faults == ()
    assert layer.buildings == tuple(building for building, _ in TOWERS)
    assert shapely.equals(list(layer.geometry), [shape for _, shape in TOWERS]).all()
    assert {fault.expected.code for fault in layer.warnings} <= {
        "crs_unlabelled",
        "tax_undated",
        "status_assumed",
        "tax_to_come",
    }


def test_an_empty_template_is_the_same_file_every_time(district: District) -> None:
    assert write_template(district) == write_template(district)
