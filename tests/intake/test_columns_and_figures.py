"""What an import says of columns and figures that a person would stumble over: two columns, none read, ten times."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from buildingmap import intake
from buildingmap.model.names import figure
from buildingmap.registry import Change
from tests.intake.ledgers import written
from tests.intake.test_import import previewed

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.intake import Preview
    from buildingmap.registry import Registry

TOWER = "CBD-01号楼宇"


def noted(found: Preview) -> list[str]:
    return [fault.expected.code for fault in found.warnings]


def line_of(found: Preview, code: str) -> str:
    return next(fault.line() for fault in found.warnings if fault.expected.code == code)


def with_tax(registry: Registry, year: int, **figures: float) -> None:
    """Let the registry have these figures, yuan, of a year of the first tower and of no other."""
    rows = [row for row in registry.rows("tax_record") if row.values["building_id"] == "CBD-01"]
    changes = [Change("tax_record", row.row_id, None, row.version) for row in rows]
    registry.apply(changes, actor="test", action="edit", note="")
    values = {"building_id": "CBD-01", "year": year, **figures}
    registry.apply([Change("tax_record", f"CBD-01:{year}", values)], actor="test", action="edit", note="")


def test_two_columns_for_one_field_that_differ_are_refused_until_one_is_left_out(
    tmp_path: Path, demo_registry: Registry
) -> None:
    rows: list[list[Any]] = [
        ["楼宇名称", "建筑面积(平方米)", "总建筑面积(万平方米)"],
        [TOWER, 50_000, 5],
        ["CBD-02号楼宇", 60_000, 6.5],
    ]
    path = written(tmp_path / "a.xlsx", rows)
    found = previewed(path, demo_registry)

    (fault,) = found.faults
    assert (fault.row, fault.column, fault.fault.expected.code) == (2, 2, "column_twice")
    assert "建筑面积(平方米) has 60,000" in fault.fault.line()
    assert found.changes == ()

    chosen = intake.choose(intake.opened_file(path), demo_registry)
    mapping = intake.corrected(chosen.mapping, fields={2: (None, None)})
    left = intake.preview(replace(chosen, mapping=mapping), demo_registry)
    assert left.ok
    assert {row.wanted["floor_area_m2"] for row in left.rows} == {50_000, 60_000}


def test_two_columns_that_say_the_same_in_two_units_are_read_once_and_told(
    tmp_path: Path, demo_registry: Registry
) -> None:
    rows: list[list[Any]] = [["楼宇名称", "建筑面积(平方米)", "总建筑面积(万平方米)"], [TOWER, 50_000, 5]]
    found = previewed(written(tmp_path / "a.xlsx", rows), demo_registry)
    assert found.ok
    assert "总建筑面积(万平方米)" in line_of(found, "column_same")


@pytest.mark.parametrize("first", ["finer", "coarser"])
def test_a_figure_that_is_the_other_rounded_agrees_and_the_finer_is_read(
    tmp_path: Path, demo_registry: Registry, first: str
) -> None:
    columns: list[list[Any]] = [
        ["2024年税收(万元)", 12_345, 9_990, None],
        ["2024年全口径税收(亿元)", 1.23, 1, None],
    ]
    if first == "coarser":
        columns.reverse()
    names = ["楼宇名称", TOWER, "CBD-02号楼宇", "CBD-03号楼宇"]
    found = previewed(written(tmp_path / "a.xlsx", list(zip(names, *columns, strict=True))), demo_registry)

    assert found.ok, found.faults
    assert {row.wanted["tax_yuan"] for row in found.rows if row.table == "tax_record"} == {
        123_450_000,
        99_900_000,
    }


def test_a_figure_that_rounds_to_another_than_the_one_beside_it_is_refused(
    tmp_path: Path, demo_registry: Registry
) -> None:
    rows: list[list[Any]] = [
        ["楼宇名称", "2024年税收(万元)", "2024年全口径税收(亿元)"],
        [TOWER, 12_345, 1.22],
    ]
    (fault,) = previewed(written(tmp_path / "a.xlsx", rows), demo_registry).faults
    assert fault.fault.expected.code == "column_twice"
    assert "--column HEADER=" in fault.fault.line()


@pytest.mark.parametrize("year_from", ["title", "person", "column"])
def test_two_columns_for_one_year_are_told_wherever_the_year_comes_from(
    tmp_path: Path, demo_registry: Registry, year_from: str
) -> None:
    rows: list[list[Any]] = [["楼宇名称", "2024年税收(万元)", "税收(万元)"], [TOWER, 12_345, 9_000]]
    if year_from == "title":
        rows.insert(0, ["2024年楼宇税收台账"])
    if year_from == "column":
        rows = [[*rows[0], "年份"], [*rows[1], 2024]]
    chosen = intake.choose(intake.opened_file(written(tmp_path / "a.xlsx", rows)), demo_registry)
    if year_from == "person":
        chosen = replace(chosen, mapping=intake.corrected(chosen.mapping, year=2024))
    found = intake.preview(chosen, demo_registry)

    (fault,) = found.faults
    assert fault.fault.expected.code == "column_twice"
    for lang in ("en", "zh"):
        assert "2024年税收(万元)" in fault.fault.line(lang)
        assert not re.search("None|tax_yuan", fault.fault.line(lang))


@pytest.mark.parametrize(
    "header", ["注册资本(万元)", "总投资（亿元）", "物业费(元)", "资产总额(万元)", "月租金(元)"]
)
def test_money_that_is_nobodys_tax_keeps_no_table_from_being_up_to_date(
    tmp_path: Path, demo_registry: Registry, header: str
) -> None:
    address = demo_registry.row("building", "CBD-01").values["address"]
    rows: list[list[Any]] = [["楼宇名称", "地址", header], [TOWER, address, 3000]]
    assert previewed(written(tmp_path / "a.xlsx", rows), demo_registry).up_to_date


def test_money_that_a_person_leaves_out_keeps_no_table_from_being_up_to_date(
    tmp_path: Path, demo_registry: Registry
) -> None:
    address = demo_registry.row("building", "CBD-01").values["address"]
    rows: list[list[Any]] = [["楼宇名称", "地址", "本年累计入库(万元)"], [TOWER, address, 3000]]
    chosen = intake.choose(intake.opened_file(written(tmp_path / "a.xlsx", rows)), demo_registry)
    assert not intake.preview(chosen, demo_registry).up_to_date

    left = replace(chosen, mapping=intake.corrected(chosen.mapping, fields={2: (None, None)}))
    found = intake.preview(left, demo_registry)
    assert found.up_to_date
    assert not {"column_unknown", "money_unread"} & set(noted(found))


@pytest.mark.parametrize(
    ("title", "headers"),
    [([], ["2023年度入库数", "累计税款"]), ([["单位：万元"]], ["一季度", "二季度"])],
)
def test_a_ledger_none_of_whose_money_is_read_is_never_called_up_to_date(
    tmp_path: Path, demo_registry: Registry, title: list[list[Any]], headers: list[str]
) -> None:
    rows = [*title, ["序号", "楼宇名称", *headers], [1, TOWER, 1200, 1300], [2, "CBD-02号楼宇", 900, 800]]
    found = previewed(written(tmp_path / "a.xlsx", rows), demo_registry)

    assert (found.ok, found.changes, found.up_to_date) == (True, (), False)
    assert all(header in line_of(found, "money_unread") for header in headers)
    assert noted(found).count("column_unknown") == 3


def test_a_table_without_money_may_be_up_to_date(tmp_path: Path, demo_registry: Registry) -> None:
    address = demo_registry.row("building", "CBD-01").values["address"]
    rows: list[list[Any]] = [["楼宇名称", "地址", "税收排名"], [TOWER, address, 3]]
    assert previewed(written(tmp_path / "a.xlsx", rows), demo_registry).up_to_date


def test_a_tax_below_the_registrys_revenue_is_told_at_its_own_cell_with_its_own_figure(
    tmp_path: Path, demo_copy: Registry
) -> None:
    with_tax(demo_copy, 2023, tax_yuan=90_000_000, district_revenue_yuan=40_000_000)
    rows: list[list[Any]] = [
        ["楼宇名称", "2022年区级收入(万元)", "2022年税收(万元)", "2023年税收(万元)"],
        [TOWER, 100, 900, 3000],
    ]
    found = previewed(written(tmp_path / "a.xlsx", rows), demo_copy)

    (fault,) = found.faults
    assert (fault.row, fault.column) == (1, 3)
    line = fault.fault.line()
    assert "Total tax (2023年税收(万元)): found 3000 (30,000,000 yuan)" in line
    assert "the district revenue of 2023 in the registry, 40,000,000 yuan" in line
    assert "登记库中 2023 年区级收入 40,000,000 元" in fault.fault.line("zh")


def test_a_revenue_above_the_registrys_tax_is_told_at_its_own_cell(
    tmp_path: Path, demo_copy: Registry
) -> None:
    with_tax(demo_copy, 2023, tax_yuan=90_000_000)
    rows: list[list[Any]] = [
        ["单位：万元", None, None],
        ["楼宇名称", "2022年区级收入", "2023年区级收入"],
        [TOWER, 5, 9500],
    ]
    (fault,) = previewed(written(tmp_path / "a.xlsx", rows), demo_copy).faults
    assert (fault.row, fault.column) == (2, 2)
    assert "found 9500 万元 (95,000,000 yuan)" in fault.fault.line()
    assert "the total tax of 2023 in the registry, 90,000,000 yuan" in fault.fault.line()


def test_an_area_below_the_registrys_leasable_area_is_told_at_its_own_cell(
    tmp_path: Path, demo_registry: Registry
) -> None:
    leasable = demo_registry.row("building", "CBD-01").values["leasable_area_m2"]
    rows: list[list[Any]] = [["楼宇名称", "建筑面积(平方米)"], [TOWER, leasable - 1000]]
    (fault,) = previewed(written(tmp_path / "a.xlsx", rows), demo_registry).faults
    assert (fault.column, fault.fault.expected.code) == (1, "gross_under_kept")
    assert f"{leasable:,.0f} m²" in fault.fault.line()


@pytest.mark.parametrize(("cell", "times"), [(100_001, 1), (99_999, 0), (999, 1), (1001, 0)])
def test_a_tax_beyond_ten_times_the_one_it_replaces_is_pointed_out_and_not_refused(
    tmp_path: Path, demo_copy: Registry, cell: float, times: int
) -> None:
    with_tax(demo_copy, 2023, tax_yuan=100_000_000)
    rows: list[list[Any]] = [["楼宇名称", "2023年税收(万元)"], [TOWER, cell]]
    found = previewed(written(tmp_path / "a.xlsx", rows), demo_copy)
    assert found.ok
    assert noted(found).count("tax_jump") == times
    if times:
        assert f"found {figure(cell)}" in line_of(found, "tax_jump")
        assert "100,000,000 yuan in the registry" in line_of(found, "tax_jump")


@pytest.mark.parametrize(("cell", "times"), [(150_000, 1), (50_000, 0), (900, 1)])
def test_a_new_years_tax_is_held_against_the_year_before_of_the_same_kind(
    tmp_path: Path, demo_copy: Registry, cell: float, times: int
) -> None:
    with_tax(demo_copy, 2023, tax_yuan=100_000_000)
    rows: list[list[Any]] = [["楼宇名称", "2024年税收(万元)"], [TOWER, cell]]
    found = previewed(written(tmp_path / "a.xlsx", rows), demo_copy)
    assert found.ok
    assert noted(found).count("tax_jump_year") == times
    quarter: list[list[Any]] = [["楼宇名称", "年度", "季度", "税收(万元)"], [TOWER, 2024, 1, cell]]
    # a quarter is no year
    assert "tax_jump_year" not in noted(previewed(written(tmp_path / "b.xlsx", quarter), demo_copy))


def test_a_floor_area_beyond_ten_times_is_pointed_out(tmp_path: Path, demo_registry: Registry) -> None:
    area = demo_registry.row("building", "CBD-01").values["floor_area_m2"]
    rows: list[list[Any]] = [["楼宇名称", "建筑面积(平方米)"], [TOWER, area * 10 + 1]]
    found = previewed(written(tmp_path / "a.xlsx", rows), demo_registry)
    assert found.ok
    assert f"{area:,.0f} m² in the registry" in line_of(found, "area_jump")
