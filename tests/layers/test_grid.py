"""A file as cells: every sheet, title rows and merged headers with it, nothing decided yet."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from typing import TYPE_CHECKING

import openpyxl

from buildingmap.layers import Limits, Merge, read_grid

if TYPE_CHECKING:
    from pathlib import Path


def workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "台账"
    sheet.append(["市北区楼宇税收（单位：万元）"])
    sheet.merge_cells("A1:C1")
    sheet.append([])
    sheet.append(["编号", "日期", "是否"])
    sheet.append(["A-1", dt.date(2024, 1, 2), True])
    sheet.append([7, 1.5, "=A4"])
    hidden = book.create_sheet("隐藏")
    hidden.append(["x"])
    hidden.sheet_state = "hidden"
    book.create_sheet("空")
    book.save(path)
    return path


def test_every_sheet_of_a_workbook_is_cells_with_its_merges(tmp_path: Path) -> None:
    grid = read_grid(workbook(tmp_path / "台账.xlsx"))
    assert grid.ok
    assert [sheet.name for sheet in grid.sheets] == ["台账", "隐藏"]
    first, second = grid.sheets
    assert first.rows[0][0] == "市北区楼宇税收（单位：万元）"
    assert first.merges == (Merge(0, 0, 0, 2),)
    assert list(first.rows[3]) == ["A-1", "2024-01-02", True]
    assert first.numbers == (1, 2, 3, 4, 5)
    assert first.place(3).text() == "sheet '台账', row 4"
    assert second.hidden


def test_a_formula_without_a_value_is_known_by_its_cell(tmp_path: Path) -> None:
    # openpyxl writes formulas and no values
    grid = read_grid(workbook(tmp_path / "a.xlsx"))
    assert list(grid.sheets[0].unsaved) == [(4, 2)]


def test_csv_in_gbk_keeps_the_line_that_each_row_begins_on(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes('名称,备注\n甲,"两\n行"\n乙,\n'.encode("gb18030"))
    (sheet,) = read_grid(path).sheets
    assert [list(row) for row in sheet.rows] == [["名称", "备注"], ["甲", "两\n行"], ["乙", None]]
    assert sheet.numbers == (1, 2, 4)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\x81\x30\xff,x\n")
    grid = read_grid(path)
    assert [fault.expected.code for fault in grid.faults] == ["table_encoding"]


def test_features_are_rows_below_their_property_names_with_their_shapes(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [120.3, 36.1]},
        "properties": {"名称": "甲", "面积": "待定"},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    (sheet,) = read_grid(path).sheets
    assert list(sheet.rows[0]) == ["名称", "面积"]
    assert list(sheet.rows[1]) == ["甲", "待定"]
    assert sheet.shapes is not None
    assert sheet.shapes[0] is None
    assert sheet.shapes[1] is not None
    assert sheet.place(1).text() == "feature 1"


def test_more_rows_than_the_limit_are_refused_by_name(tmp_path: Path) -> None:
    grid = read_grid(workbook(tmp_path / "a.xlsx"), limits=Limits(rows=3))
    assert [fault.expected.code for fault in grid.faults] == ["rows_limit"]
    assert grid.sheets == ()


def test_a_damaged_workbook_is_refused_in_a_line(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"][:200]
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    grid = read_grid(path)
    assert grid.faults
    assert grid.faults[0].file == str(path)
