"""The table in a sheet, and the first reading of its columns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from buildingmap import crs, intake
from buildingmap.intake.looking import find_table
from buildingmap.layers import Sheet
from tests.intake.ledgers import monthly, written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from buildingmap.intake import Chosen
    from buildingmap.registry import Registry


def sheet(*rows: Sequence[Any]) -> Sheet:
    return Sheet("表", rows, tuple(range(1, len(rows) + 1)))


def chosen(path: Path, registry: Registry, **options: Any) -> Chosen:
    return intake.choose(intake.opened_file(path), registry, **options)


def readings(found: Chosen) -> dict[str, tuple[str | None, str, int | None]]:
    return {column.header: (column.field, column.unit, column.year) for column in found.mapping.columns}


def test_title_header_total_and_note_are_told_apart_and_shown(
    tmp_path: Path, demo_registry: Registry
) -> None:
    found = chosen(monthly(tmp_path / "月报.xlsx"), demo_registry)

    assert [(entry.kind, entry.text) for entry in found.table.left_out] == [
        ("title", "市北区楼宇税收统计表（2024年）"),
        ("title", "单位：万元"),
        ("total", "合计 3000.5 900"),
        ("note", "填表人：张三 审核：李四"),
    ]
    assert [found.sheet.numbers[row] for row in found.table.rows] == [5, 6]


def test_merged_headers_are_read_with_the_unit_and_the_year_of_the_title(
    tmp_path: Path, demo_registry: Registry
) -> None:
    found = chosen(monthly(tmp_path / "月报.xlsx"), demo_registry)

    assert readings(found) == {
        "序号": (None, "", None),
        "楼宇名称": ("name", "", None),
        "全口径税收": ("tax_yuan", "万元", None),
        "区级收入": ("district_revenue_yuan", "万元", None),
        "空置率": ("vacancy_rate", "", None),
        "备注": (None, "", None),
    }
    assert (found.mapping.year, found.mapping.year_basis) == (2024, "title")


def test_years_below_a_merged_header_are_taxes_of_those_years(
    tmp_path: Path, demo_registry: Registry
) -> None:
    rows: list[list[Any]] = [
        ["楼宇名称", "税收(亿元)", None],
        [None, "2023年", "2024年"],
        ["CBD-01号楼宇", 1.0, 1.2],
    ]
    found = chosen(written(tmp_path / "a.xlsx", rows, merges=["A1:A2", "B1:C1"]), demo_registry)

    assert list(readings(found).values()) == [
        ("name", "", None),
        ("tax_yuan", "亿元", 2023),
        ("tax_yuan", "亿元", 2024),
    ]


@pytest.mark.parametrize(
    ("headers", "table"),
    [
        (["楼宇编号", "年度", "季度", "税收(万元)"], "tax_record"),
        (["编号", "年份", "全口径税收(元)", "区级收入(元)"], "tax_record"),
        (["楼宇名称", "地址", "建筑面积(平方米)"], "building"),
        (["楼宇名称", "2023年税收(万元)", "2024年税收(万元)"], "building"),
        (["序号", "企业名称", "统一社会信用代码", "所在楼宇", "租赁面积(平方米)"], "tenant"),
        (["楼宇", "楼层", "房号", "面积(平方米)", "租金(元/平方米·天)"], "unit"),
        (["楼宇名称", "楼层", "可租赁面积(平方米)", "用途"], "floor"),
        (["楼宇名称", "姓名", "联系电话"], "service_officer"),
    ],
)
def test_the_headers_say_what_it_is_a_table_of(headers: list[str], table: str) -> None:
    found = find_table(sheet(headers, ["x"] * len(headers)))
    assert found is not None
    assert found.guess == table


def test_of_several_sheets_the_one_that_says_most_is_read_and_any_can_be_chosen(
    tmp_path: Path, demo_registry: Registry
) -> None:
    more = {
        "填报说明": [["请各街道按月填报"], ["电话", "123"]],
        "企业": [["企业名称", "所在楼宇"], ["甲", "乙"]],
    }
    path = written(tmp_path / "a.xlsx", [["楼宇名称", "地址", "层数"], ["CBD-01号楼宇", "x", 3]], more=more)

    assert chosen(path, demo_registry).sheet.name == "台账"
    assert chosen(path, demo_registry).sheets == ("企业", "填报说明", "台账")
    other = chosen(path, demo_registry, sheet="企业")
    assert (other.sheet.name, other.mapping.table) == ("企业", "tenant")
    with pytest.raises(
        intake.IntakeError, match=r"found no sheet '八月', expected one of 企业, 填报说明, 台账"
    ):
        chosen(path, demo_registry, sheet="八月")


def test_a_unit_that_nobody_wrote_is_the_one_in_which_the_figures_are_known(
    tmp_path: Path, demo_registry: Registry
) -> None:
    snapshot = demo_registry.snapshot()
    towers = [building for building in snapshot.buildings if building.tax_yuan][:8]
    rows: list[list[Any]] = [["楼宇编号", "楼宇名称", "税收", "税收年份"]]
    rows += [[tower.id, tower.name, (tower.tax_yuan or 0) * 1.03 / 10_000, 2024] for tower in towers]
    (column,) = chosen(written(tmp_path / "a.xlsx", rows), demo_registry).mapping.of("tax_yuan")

    assert (column.unit, column.unit_basis) == ("万元", "figures")


def test_a_unit_that_is_not_known_is_asked_for(tmp_path: Path, demo_registry: Registry) -> None:
    path = written(tmp_path / "a.xlsx", [["楼宇名称", "税收", "税收年份"], ["CBD-01号楼宇", 3, 2024]])
    found = intake.preview(chosen(path, demo_registry, as_table="building"), demo_registry)

    assert [entry.fault.expected.code for entry in found.faults] == ["import_unit"]
    assert "万元" in found.faults[0].fault.line("zh")


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09", "epsg:4549"])
def test_the_datum_is_the_one_in_which_known_towers_lie_where_they_stand(
    tmp_path: Path, demo_registry: Registry, datum: crs.Datum
) -> None:
    snapshot = demo_registry.snapshot()
    x, y = crs.from_wgs84(datum, np.array(snapshot.lon[:6]), np.array(snapshot.lat[:6]))
    rows: list[list[Any]] = [["楼宇名称", "经度", "纬度"]]
    rows += [[snapshot.buildings[row].name, float(x[row]), float(y[row])] for row in range(6)]
    found = chosen(written(tmp_path / "a.xlsx", rows), demo_registry)

    assert (found.mapping.datum, found.mapping.datum_basis) == (datum, "figures")
    assert intake.preview(found, demo_registry).count() == {"new": 0, "changed": 0, "unchanged": 6}


def test_a_reading_is_remembered_for_tables_with_the_same_headers(tmp_path: Path, registry: Registry) -> None:
    path = written(tmp_path / "a.xlsx", [["楼名", "交税", "年份"], ["CBD-01号楼宇", 3, 2024]])
    found = chosen(path, registry)
    mapping = intake.corrected(found.mapping, fields={1: ("tax_yuan", None)})
    mapping = intake.corrected(mapping, units={1: "亿元"})
    intake.remember(
        replace(found, mapping=mapping),
        registry,
        actor="lin",
        name="月报",
    )

    again = chosen(
        written(tmp_path / "b.xlsx", [["楼名", "交税", "年份"], ["CBD-02号楼宇", 4, 2025]]), registry
    )

    assert again.remembered
    (column,) = again.mapping.of("tax_yuan")
    assert (column.unit, column.basis) == ("亿元", "remembered")
    other = chosen(
        written(tmp_path / "c.xlsx", [["楼名", "税款", "年份"], ["CBD-02号楼宇", 4, 2025]]), registry
    )
    assert not other.remembered


def test_a_field_a_unit_or_a_datum_that_there_is_not_is_refused_in_a_line(
    tmp_path: Path, demo_registry: Registry
) -> None:
    mapping = chosen(monthly(tmp_path / "a.xlsx"), demo_registry).mapping
    with pytest.raises(intake.IntakeError, match="found field 'colour', expected one of id, name"):
        intake.corrected(mapping, fields={0: ("colour", None)})
    with pytest.raises(intake.IntakeError, match="全口径税收: found unit '美元', expected one of 元, 千元"):
        intake.corrected(mapping, units={2: "美元"})
    with pytest.raises(intake.IntakeError, match="found datum 'mars'"):
        intake.corrected(mapping, datum="mars")
    with pytest.raises(intake.IntakeError, match="found column 9"):
        intake.corrected(mapping, fields={9: (None, None)})


def test_empty_cells_may_be_merged_below_and_beside_a_table(tmp_path: Path, demo_registry: Registry) -> None:
    rows: list[list[Any]] = [
        ["楼宇名称", "2024年税收（万元）"],
        ["CBD-01号楼宇", 1000],
        ["CBD-02号楼宇", 2000],
    ]
    path = written(tmp_path / "a.xlsx", rows, merges=["A5:A8", "D2:D9", "F2:F3", "Z40:Z43"])

    assert intake.preview(chosen(path, demo_registry), demo_registry).count()["new"] == 2
