from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from buildingmap.layers.excel_table import read_excel
from buildingmap.layers.findings import Findings
from buildingmap.layers.limits import Limits
from tests.layers.files import as_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from buildingmap.layers.raw import RawLayer

HEADER = ["编号", "楼宇名称", "片区", "年税收(万元)", "年份", "经度", "纬度"]
ROW = ["A-1", "甲大厦", "CBD", 10000, 2023, 120.3745, 36.0895]


def workbook(rows: Sequence[Sequence[Any]], change: Callable[[Any], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    if change is not None:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes, limits: Limits | None = None) -> tuple[RawLayer | None, Findings]:
    findings = Findings()
    return read_excel(as_file(data), limits=limits or Limits(), findings=findings), findings


def codes(findings: Findings) -> list[str]:
    return [fault.expected.code for fault in findings.faults]


def repacked(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry.filename, change(content) if entry.filename == name else content)
    return out.getvalue()


def test_rows_are_numbered_as_excel_numbers_them_and_name_their_sheet() -> None:
    layer, findings = read(workbook([HEADER, ROW]))
    assert layer is not None
    assert not findings.faults
    assert layer.rows[0].place.text() == "sheet 'Sheet', row 2"
    assert layer.rows[0].cells["年税收(万元)"] == 10000


def test_a_merged_title_above_the_header_is_told_of() -> None:
    def merge(book: Any) -> None:
        book.active.merge_cells("A1:G1")

    layer, findings = read(workbook([["市北区楼宇台账"], HEADER, ROW], merge))
    assert layer is not None
    assert not findings.faults
    assert [warning.expected.code for warning in findings.warnings] == ["title_rows"]


def test_a_formula_saved_without_its_value_is_a_fault_of_its_cell() -> None:
    _, findings = read(workbook([HEADER, [*ROW[:3], "=5000*2", *ROW[4:]]]))
    assert codes(findings) == ["cell_formula"]
    line = findings.faults[0].line()
    assert "D2" in line
    assert "=5000*2" in line


def test_a_formula_saved_with_its_value_is_read_as_the_value() -> None:
    data = workbook([HEADER, [*ROW[:3], "=5000*2", *ROW[4:]]])
    filled = re.compile(rb"<v ?/>|<v></v>")
    saved = repacked(data, "xl/worksheets/sheet1.xml", lambda xml: filled.sub(b"<v>10000</v>", xml))
    layer, findings = read(saved)
    assert not findings.faults
    assert layer is not None
    assert layer.rows[0].cells["年税收(万元)"] == 10000


def test_a_row_of_totals_is_a_fault() -> None:
    _, findings = read(workbook([HEADER, ROW, ["合计", None, None, 10000]]))
    assert codes(findings) == ["total_row"]


def test_another_sheet_with_content_is_named_and_left() -> None:
    def add(book: Any) -> None:
        book.create_sheet("二季度").append(HEADER)

    layer, findings = read(workbook([HEADER, ROW], add))
    assert layer is not None
    assert [warning.expected.code for warning in findings.warnings] == ["sheet_left"]
    assert "二季度" in findings.warnings[0].line()


def test_hidden_rows_are_told_of() -> None:
    def hide(book: Any) -> None:
        book.active.row_dimensions[2].hidden = True

    layer, findings = read(workbook([HEADER, ROW], hide))
    assert layer is not None
    assert [warning.expected.code for warning in findings.warnings] == ["sheet_hidden"]


def test_a_workbook_without_towers_is_refused() -> None:
    layer, findings = read(workbook([["a", "b"], [1, 2]]))
    assert layer is None
    assert codes(findings) == ["sheet_table"]


def test_more_rows_than_allowed_are_refused() -> None:
    layer, findings = read(workbook([HEADER, ROW, ROW, ROW]), Limits(rows=2))
    assert layer is None
    assert codes(findings) == ["rows_limit"]


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_xml_that_declares_entities_is_refused(part: str) -> None:
    layer, findings = read(repacked(workbook([HEADER, ROW]), part, lambda _: BOMB))
    assert layer is None
    assert codes(findings) == ["xml_entities"]


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_a_part_cut_short_is_a_fault_and_not_a_crash(part: str) -> None:
    layer, findings = read(repacked(workbook([HEADER, ROW]), part, lambda xml: xml[: len(xml) // 2]))
    assert layer is None
    assert codes(findings) == ["zip_damaged"]


def test_text_stored_as_a_number_and_a_number_stored_as_text_are_told_apart() -> None:
    layer, findings = read(workbook([HEADER, [1001, "甲", "CBD", "10,000", 2023, 120.37, 36.09]]))
    assert layer is not None
    assert not findings.faults
    assert layer.rows[0].cells["编号"] == 1001
