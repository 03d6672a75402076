from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildingmap.layers.columns import Columns, recognise


def columns(*headers: str) -> Columns:
    return recognise(["楼宇名称", *headers], format_="csv")


def one(header: str, cell: Any) -> Any:
    values, faults = columns(header).convert({"楼宇名称": "甲", header: cell})
    assert not faults, [fault.line() for fault in faults]
    values.pop("name")
    (value,) = values.values()
    return value


def fault_of(header: str, cell: Any) -> str:
    _, faults = columns(header).convert({"楼宇名称": "甲", header: cell})
    (fault,) = faults
    return fault.line()


@pytest.mark.parametrize(
    ("header", "cell", "value"),
    [
        ("年税收(万元)", "9999.9999", 99_999_999),
        ("年税收(万元)", 10000, 100_000_000),
        ("年税收(亿元)", "1", 100_000_000),
        ("年税收(亿元)", 0.99999999, 99_999_999),
        ("年税收(元)", "100,000,000", 100_000_000),
        ("年税收(元)", 0.1 + 0.2, 0.30000000000000004),
        ("建筑面积(万平方米)", "1.2", 12_000),
        ("空置率", "80.00%", 0.8),
        ("空置率", "12.5％", 0.125),
        ("空置率(%)", "12.5", 0.125),
        ("空置率(%)", "12.5%", 0.125),
        ("空置率", 0.3, 0.3),
        ("楼层数", "12", 12),
        ("楼层数", 12.0, 12),
        ("年份", "2023年", 2023),
        ("产业标签", "现代金融、数字经济；商贸", ["现代金融", "数字经济", "商贸"]),
        ("产业标签", '["finance", "digital"]', ["finance", "digital"]),
        ("状态", "在建", "under_construction"),
        ("状态", "Existing", "existing"),
        ("评定日期", dt.datetime(2024, 1, 2), "2024-01-02"),  # noqa: DTZ001 - Excel knows no time zone
        ("评定日期", "2024/1/2", "2024-01-02"),
        ("评定日期", "2024年1月2日", "2024-01-02"),
        ("编号", 1001, "1001"),
        ("地址", "  示例路 1 号 ", "示例路 1 号"),
    ],
)
def test_a_cell_is_read_in_the_unit_of_its_header(header: str, cell: Any, value: Any) -> None:
    assert one(header, cell) == value


@pytest.mark.parametrize(
    "cell", ["待定", "/", "—", "-", "无", "5.4万", "1,23", "１２", "1 2", "0x10", "nan", "inf", True]
)
def test_what_is_no_number_is_a_fault_and_never_nought(cell: Any) -> None:
    line = fault_of("年税收(万元)", cell)
    assert "Total tax (年税收(万元))" in line
    assert "found" in line


@pytest.mark.parametrize("header", ["楼宇名称", "年税收(元)", "空置率", "地址"])
def test_an_error_of_a_spreadsheet_is_a_fault(header: str) -> None:
    _, faults = recognise(["楼宇名称", "年税收(元)", "空置率", "地址"], format_="excel").convert(
        {header: "#N/A"}
    )
    assert [fault.expected.code for fault in faults] == ["cell_error"]


@pytest.mark.parametrize("cell", ["2024-13-01", "2024-02-30", "1/2/2024", "yesterday", 45000])
def test_a_day_that_is_not_plain_is_a_fault(cell: Any) -> None:
    assert "YYYY-MM-DD" in fault_of("评定日期", cell)


@pytest.mark.parametrize("cell", [None, "", "  ", "\t"])
def test_only_an_empty_cell_is_unknown(cell: Any) -> None:
    values, faults = columns("年税收(元)").convert({"楼宇名称": "甲", "年税收(元)": cell})
    assert values == {"name": "甲"}
    assert not faults


def test_an_empty_id_is_kept_empty_so_that_none_is_derived() -> None:
    values, _ = columns("编号").convert({"楼宇名称": "甲", "编号": ""})
    assert values["id"] == ""


def test_columns_of_single_years_become_a_history() -> None:
    found = columns("2022年税收(万元)", "2023年税收(万元)", "2023年区级收入(万元)")
    values, faults = found.convert(
        {
            "楼宇名称": "甲",
            "2022年税收(万元)": "9000",
            "2023年税收(万元)": 10000,
            "2023年区级收入(万元)": 3000,
        }
    )
    assert not faults
    assert values["tax_history"] == [
        {"year": 2022, "tax_yuan": 90_000_000},
        {"year": 2023, "tax_yuan": 100_000_000, "district_revenue_yuan": 30_000_000},
    ]


def test_the_year_beside_the_tax_joins_the_columns_of_other_years() -> None:
    found = columns("2022年税收(元)", "年税收(元)", "年份")
    values, _ = found.convert({"楼宇名称": "甲", "2022年税收(元)": 1, "年税收(元)": 2, "年份": 2023})
    assert values["tax_history"] == [{"year": 2022, "tax_yuan": 1}, {"year": 2023, "tax_yuan": 2}]


@pytest.mark.parametrize(
    ("headers", "code", "word"),
    [
        (["楼宇名称", "年税收"], "unit_missing", "万元"),
        (["楼宇名称", "建筑面积"], "unit_missing", "平方米"),
        (["楼宇名称", "建筑面积(万元)"], "unit_odd", "平方米"),
        (["地址", "片区"], "column_name", "楼宇名称"),
    ],
)
def test_a_header_that_could_be_misread_refuses_the_file(headers: list[str], code: str, word: str) -> None:
    (fault,) = recognise(headers, format_="csv").faults
    assert fault.expected.code == code
    assert word in fault.line()


def test_an_unknown_column_is_left_out_with_a_warning() -> None:
    found = columns("物业公司")
    assert [warning.expected.code for warning in found.warnings] == ["column_unknown"]
    assert "物业公司" in found.warnings[0].line()
    assert not found.faults


@given(st.integers(0, 10**11))
def test_every_yuan_survives_being_written_in_ten_thousands(yuan: int) -> None:
    assert one("年税收(万元)", str(Decimal(yuan) / 10_000)) == yuan


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.lists(st.integers()), st.binary()))
def test_any_cell_in_any_column_is_a_value_or_a_fault(cell: Any) -> None:
    headers = [
        "编号",
        "楼宇名称",
        "状态",
        "年税收(万元)",
        "空置率",
        "产业标签",
        "评定日期",
        "年份",
        "楼层数",
        "tax_history",
        "经度",
    ]
    values, faults = recognise(headers, format_="excel").convert(dict.fromkeys(headers, cell))
    assert len(values) + len(faults) >= (0 if cell is None else 1) or str(cell).strip() == ""
