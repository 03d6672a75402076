from __future__ import annotations

from decimal import Decimal

import pytest

from buildingmap.layers.headers import FIELDS, NEEDS_UNIT, read_header


@pytest.mark.parametrize(
    ("header", "field", "factor"),
    [
        ("楼宇名称", "name", "1"),
        ("地址", "address", "1"),
        ("片区", "cluster", "1"),
        ("主导产业", "sector", "1"),
        ("建筑面积(平方米)", "floor_area_m2", "1"),
        ("建筑面积（㎡）", "floor_area_m2", "1"),
        ("建筑面积 ( m² )", "floor_area_m2", "1"),
        ("建筑面积【万平方米】", "floor_area_m2", "1e4"),
        ("楼层数", "floors", "1"),
        ("空置率", "vacancy_rate", "1"),
        ("空置率(%)", "vacancy_rate", "0.01"),
        ("空置率（％）", "vacancy_rate", "0.01"),
        ("年税收(万元)", "tax_yuan", "1e4"),
        ("年税收（亿元）", "tax_yuan", "1e8"),
        ("全口径税收(元)", "tax_yuan", "1"),
        ("年份", "tax_year", "1"),
        ("经度", "lon", "1"),
        ("纬度", "lat", "1"),
        ("Tax (yuan)", "tax_yuan", "1"),
        ("TAX_YUAN", "tax_yuan", "1"),
        ("floor_area_m2", "floor_area_m2", "1"),
        ("高度(米)", "height_m", "1"),
    ],
)
def test_a_header_names_its_field_and_its_unit(header: str, field: str, factor: str) -> None:
    found = read_header(header)
    assert found is not None
    assert (found.field, found.factor, found.year) == (field, Decimal(factor), None)


@pytest.mark.parametrize(
    ("header", "field", "year", "factor"),
    [
        ("2023年税收(万元)", "tax_yuan", 2023, "1e4"),
        ("2023年度区级收入（元）", "district_revenue_yuan", 2023, "1"),
        ("2022 年全口径税收(亿元)", "tax_yuan", 2022, "1e8"),
        ("2021年年税收(元)", "tax_yuan", 2021, "1"),
        ("tax_yuan_2020", "tax_yuan", 2020, "1"),
    ],
)
def test_a_header_may_carry_a_year_of_its_own(header: str, field: str, year: int, factor: str) -> None:
    found = read_header(header)
    assert found is not None
    assert (found.field, found.year, found.factor) == (field, year, Decimal(factor))


@pytest.mark.parametrize("header", ["年税收", "区级收入", "建筑面积", "高度", "2023年税收"])
def test_money_area_and_height_without_a_unit_have_no_factor(header: str) -> None:
    found = read_header(header)
    assert found is not None
    assert found.factor is None
    assert not found.odd_unit


@pytest.mark.parametrize("header", ["建筑面积(万元)", "年税收(平方米)", "高度(层)", "年税收(美元)"])
def test_a_unit_of_another_kind_is_odd(header: str) -> None:
    found = read_header(header)
    assert found is not None
    assert found.odd_unit


@pytest.mark.parametrize(
    "header", ["", "备注", "volume", "2023年", "2023年楼宇名称", "(元)", "税收(万元)2023"]
)
def test_words_that_are_no_field_name_none(header: str) -> None:
    assert read_header(header) is None


def test_every_contract_name_is_a_header_without_further_words() -> None:
    for field, (kind, _) in FIELDS.items():
        found = read_header(field)
        assert found is not None
        assert found.field == field
        assert found.factor == 1 or kind not in NEEDS_UNIT
