from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildingmap.layers.csv_table import read_csv
from buildingmap.layers.findings import Findings
from buildingmap.layers.limits import Limits

if TYPE_CHECKING:
    from buildingmap.layers.raw import RawLayer

HEADER = "楼宇名称,片区,年税收(万元),年份,经度,纬度"
ROW = "甲大厦,CBD,10000,2023,120.3745,36.0895"


def read(data: str | bytes, limits: Limits | None = None) -> tuple[RawLayer | None, Findings]:
    findings = Findings()
    raw = data.encode() if isinstance(data, str) else data
    return read_csv(raw, limits=limits or Limits(), findings=findings), findings


def codes(findings: Findings) -> list[str]:
    return [fault.expected.code for fault in findings.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_utf8_with_or_without_a_mark_and_gbk_are_read_alike(encoding: str) -> None:
    layer, findings = read(f"{HEADER}\n{ROW}\n".encode(encoding))
    assert layer is not None
    assert not findings.faults
    assert layer.rows[0].cells["楼宇名称"] == "甲大厦"
    assert layer.rows[0].place.number == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_commas_semicolons_and_tabs_part_the_cells(delimiter: str) -> None:
    layer, _ = read(f"{HEADER}\n{ROW}\n".replace(",", delimiter))
    assert layer is not None
    assert len(layer.headers) == 6


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (f"{HEADER}\n".encode("utf-16"), "table_utf16", None),
        (f"{HEADER}\n".encode("utf-16-le"), "table_utf16", None),
        (f"{HEADER}\n甲".encode() + b"\xff\xfe\xff,1,2,3,4,5\n", "table_encoding", 2),
        (b"\x80\x81\x82\xff", "table_encoding", 1),
        (f"{HEADER}\n{ROW}\0\n".encode(), "table_nul", 2),
        (f"{HEADER}\n{ROW}\n{ROW}\nA-3,\0".encode(), "table_nul", 4),
        (b"name,tax\nA,\0 1,\0 2,\0 3,\0 4,\0", "table_nul", 2),
        (f"{HEADER}\n甲,\0".encode("gb18030"), "table_nul", 2),
        ("name,tax\nCafé,1\n".encode("latin-1") + b"\xff", "table_encoding", 2),
    ],
)
def test_what_is_no_text_is_refused_with_its_row_and_what_to_do(
    data: bytes, code: str, line: int | None
) -> None:
    layer, findings = read(data)
    assert layer is None
    (fault,) = findings.faults
    assert (fault.expected.code, fault.place.number) == (code, line)
    assert ".xlsx" in fault.line("en")
    assert "另存为" in fault.line("zh")


def test_title_rows_above_the_header_are_told_of_and_passed_over() -> None:
    layer, findings = read(f"市北区楼宇台账,,,,,\n单位：万元,,,,,\n{HEADER}\n{ROW}\n")
    assert layer is not None
    assert not findings.faults
    assert [warning.expected.code for warning in findings.warnings] == ["title_rows"]
    assert "1, 2" in findings.warnings[0].line()
    assert layer.rows[0].place.number == 4


@pytest.mark.parametrize("word", ["合计", "总计", " 小 计", "合计：", "Total", "SUBTOTAL"])
def test_a_row_of_totals_is_a_fault_and_not_a_tower(word: str) -> None:
    _, findings = read(f"{HEADER}\n{ROW}\n{word},,20000,,,\n")
    assert codes(findings) == ["total_row"]
    assert findings.faults[0].place.number == 3


@pytest.mark.parametrize("name", ["合计大厦", "合计", "Total"])
def test_a_tower_with_a_place_may_be_called_anything(name: str) -> None:
    layer, findings = read(f"{HEADER}\n{name},CBD,10000,2023,120.3745,36.0895\n")
    assert layer is not None
    assert not findings.faults


def test_a_note_below_the_rows_is_a_fault() -> None:
    _, findings = read(f"{HEADER}\n{ROW}\n,,注：数据截至年底,,,\n")
    assert codes(findings) == ["note_row"]


def test_a_row_with_a_cell_too_many_or_too_few_is_a_fault_of_that_row() -> None:
    _, findings = read(f"{HEADER}\n{ROW},x\n甲,CBD\n{ROW}\n")
    assert codes(findings) == ["ragged_row", "ragged_row"]
    assert [fault.place.number for fault in findings.faults] == [2, 3]


def test_blank_lines_are_passed_over_and_still_counted() -> None:
    layer, findings = read(f"{HEADER}\n\n{ROW}\n\n")
    assert layer is not None
    assert not findings.faults
    assert layer.rows[0].place.number == 3


def test_a_quoted_cell_over_two_lines_counts_both() -> None:
    layer, _ = read(f'{HEADER}\n"甲\n大厦",CBD,1,2023,120,36\n{ROW}\n')
    assert layer is not None
    assert [row.place.number for row in layer.rows] == [2, 4]


def test_an_open_quote_is_refused() -> None:
    layer, findings = read(f'{HEADER}\n"甲大厦,CBD\n')
    assert layer is None
    assert codes(findings) == ["csv"]


def test_two_columns_of_one_name_are_refused() -> None:
    _, findings = read("楼宇名称,地址,地址,片区\n甲,1,2,CBD\n")
    assert "column_twice" in codes(findings)


def test_a_filled_cell_without_a_header_is_refused() -> None:
    _, findings = read("楼宇名称,,片区\n甲,1,CBD\n")
    assert codes(findings) == ["header_empty"]


def test_a_table_without_known_headers_is_refused() -> None:
    layer, findings = read("a,b,c\n1,2,3\n")
    assert layer is None
    assert codes(findings) == ["header_missing"]


def test_more_rows_or_columns_than_allowed_are_refused() -> None:
    few = Limits(rows=2, columns=6)
    assert codes(read(f"{HEADER}\n" + f"{ROW}\n" * 3, few)[1]) == ["rows_limit"]
    assert codes(read(f"{HEADER},a\n{ROW},1\n", few)[1]) == ["columns_limit"]


def test_the_notes_of_an_export_are_read_as_what_it_says_of_itself() -> None:
    layer, _ = read(
        f"# 标题: 演示\n# 性质: 合成演示数据，非真实统计\n# 数据截至: 2023-12-31\n{HEADER}\n'=1+1,CBD,1,2023,120,36\n"
    )
    assert layer is not None
    assert layer.about.synthetic
    assert layer.about.title == "演示"
    assert layer.rows[0].cells["楼宇名称"] == "=1+1"
    assert layer.rows[0].place.number == 5


def test_an_apostrophe_in_a_file_that_is_no_export_stays() -> None:
    layer, _ = read(f"{HEADER}\n'=1+1,CBD,1,2023,120,36\n")
    assert layer is not None
    assert layer.rows[0].cells["楼宇名称"] == "'=1+1"


NOTED = "# 性质: 合成演示数据，非真实统计\n{more}楼宇名称,经度,纬度\n甲,120.37,36.09\n"


def test_a_quotation_mark_at_the_end_of_a_title_stays() -> None:
    raw, _ = read(NOTED.format(more='# 标题: 所谓"楼宇"\n'))
    assert raw is not None
    assert (raw.about.title, raw.about.synthetic) == ('所谓"楼宇"', True)


def test_the_first_note_of_a_kind_counts() -> None:
    raw, _ = read(NOTED.format(more='"# 性质: 真实, 统计"\n'))
    assert raw is not None
    assert raw.about.synthetic
