"""What is filtered is what is downloaded."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import openpyxl
import pytest

if TYPE_CHECKING:
    from tests.browser.visiting import Visit

pytestmark = pytest.mark.browser


def test_the_links_carry_the_filter_and_bring_real_files(visit: Visit) -> None:
    page = visit.open("/?cluster=cbd")
    page.locator("#mark").click()
    visit.painted("tax_min=100000000&cluster=cbd")
    names = visit.names()
    bodies, files = {}, {}
    for form in ("geojson", "csv", "xlsx"):
        link = page.locator(f'[data-download="{form}"]')
        assert (
            link.get_attribute("href") == f"/download/buildings.{form}?tax_min=100000000&cluster=cbd&lang=zh"
        )
        with page.expect_download() as started:
            link.click()
        bodies[form], files[form] = started.value.path().read_bytes(), started.value.suggested_filename
    assert all("合成演示数据" in name and name.endswith(f".{form}") for form, name in files.items())
    collection = json.loads(bodies["geojson"])
    assert [feature["properties"]["name"] for feature in collection["features"]] == names
    assert collection["synthetic"] is True
    lines = list(csv.reader(io.StringIO(bodies["csv"].decode("utf-8-sig"))))
    assert sum(line[0].startswith("CBD-") for line in lines if line) == len(names) == 14
    book = openpyxl.load_workbook(io.BytesIO(bodies["xlsx"]))
    cells = {str(cell.value) for sheet in book for line in sheet for cell in line}
    assert {*names} <= cells
    assert any("合成演示数据" in cell for cell in cells)
    assert any("税收 ≥ 1 亿元" in cell for cell in cells)


def test_the_formats_for_maps_and_analysis_are_real_files_too(visit: Visit) -> None:
    page = visit.open("/?cluster=cbd")
    for form, begins in (("gpkg", b"SQLite format 3"), ("shp.zip", b"PK"), ("parquet", b"PAR1")):
        with page.expect_download() as started:
            page.locator(f'[data-download="{form}"]').click()
        assert started.value.suggested_filename.endswith(f".{form}")
        assert started.value.path().read_bytes().startswith(begins)
