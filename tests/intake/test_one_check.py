"""A file is told the same whichever door it comes in by: ``check`` and ``import`` say every fault and note alike."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import shapely

from buildingmap import intake
from buildingmap.layers.limits import Limits
from buildingmap.layers.reading import read_here
from tests.intake.ledgers import written
from tests.intake.test_import import previewed
from tests.layers.making import LAT, LON, collection, feature

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from buildingmap.layers import CheckedLayer
    from buildingmap.model import District, Fault, Surroundings
    from buildingmap.registry import Registry

HEADER = ["编号", "楼宇名称", "状态", "片区", "主导产业", "产业标签", "2023年税收(万元)", "经度", "纬度"]
ROW: list[Any] = ["N-1", "新楼甲", "已建成", "CBD", "现代金融", "现代金融", 2000, LON, LAT]
OTHER: list[Any] = ["N-2", "新楼乙", "已建成", "CBD", "现代金融", "现代金融", 3000, LON + 0.001, LAT]


def with_cell(header: str, value: Any) -> list[Any]:
    row = list(ROW)
    row[HEADER.index(header)] = value
    return row


def hiding(path: Path) -> Path:
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["E"].hidden = True
    book.save(path)
    return path


def more_columns(*headers: str, cells: list[Any]) -> list[list[Any]]:
    return [[*HEADER, *headers], [*ROW, *cells], [*OTHER, *cells]]


CASES: dict[str, tuple[str, Callable[[Path], Path], str]] = {
    "a status assumed of a name that holds 在建": (
        "status_of_name",
        lambda path: written(path, [HEADER, [*with_cell("状态", None)[:1], "新楼（在建）", None, *ROW[3:]]]),
        "N-1",
    ),
    "a planned tower with tax": (
        "tax_to_come",
        lambda path: written(path, [HEADER, with_cell("状态", "规划")]),
        "planned",
    ),
    "a leading sector that is not among the sectors": (
        "sector_apart",
        lambda path: written(path, [HEADER, with_cell("产业标签", "trade")]),
        "found Finance, expected a leading sector that is among the sectors of the tower: Commerce and trade",
    ),
    "a band that the tax does not bear out": (
        "derived_differs",
        lambda path: written(path, more_columns("是否过亿", cells=["是"])),
        "2",
    ),
    "hidden rows and columns": (
        "sheet_hidden",
        lambda path: hiding(written(path, [HEADER, ROW, OTHER])),
        "rows 3; columns E",
    ),
    "a merged cell filled down": (
        "merge_filled",
        lambda path: written(path, [HEADER, ROW, [*OTHER[:4], None, *OTHER[5:]]], merges=["E2:E3"]),
        "rows 2-3",
    ),
    "a merged cell filled down across clusters": (
        "merge_across",
        lambda path: written(path, [HEADER, ROW, [*OTHER[:3], "其他", None, *OTHER[5:]]], merges=["E2:E3"]),
        "(CBD, 其他)",
    ),
    "a sheet left out": (
        "sheet_left",
        lambda path: written(path, [HEADER, ROW], more={"二季度": [["x", "y"], [1, 2]]}),
        "二季度",
    ),
    "a column that is not read": (
        "column_unknown",
        lambda path: written(path, more_columns("物业公司", cells=["甲物业"])),
        "物业公司",
    ),
    "two columns for one field that agree": (
        "column_same",
        lambda path: written(path, more_columns("所属片区", cells=["CBD"])),
        "所属片区",
    ),
    "coordinates that a column says are GCJ-02": (
        "datum_said",
        lambda path: written(path, more_columns("坐标系", cells=["GCJ-02"])),
        "gcj02",
    ),
    "two columns for one field that differ": (
        "column_twice",
        lambda path: written(path, more_columns("所属片区", cells=["邮轮港"])),
        "row 2",
    ),
    "coordinates in a datum that nobody knows": (
        "datum_unknown",
        lambda path: written(path, more_columns("坐标系", cells=["青岛城建坐标系"])),
        "青岛城建坐标系",
    ),
    "coordinates that a column says are two things": (
        "datum_unclear",
        lambda path: written(path, [[*HEADER, "坐标系"], [*ROW, "GCJ-02"], [*OTHER, "WGS84"]]),
        "row 3",
    ),
    "an amount merged over two towers": (
        "cell_merged",
        lambda path: written(path, [HEADER, ROW, [*OTHER[:6], None, *OTHER[7:]]], merges=["G2:G3"]),
        "Total tax (2023年税收(万元)): found 2000, expected an amount",
    ),
    "a formula saved without its value": (
        "cell_formula",
        lambda path: written(path, [HEADER, with_cell("2023年税收(万元)", "=1000*2")]),
        "row 2",
    ),
}


def check(path: Path, district: District, surroundings: Surroundings, scratch: Path) -> CheckedLayer:
    return read_here(
        path, district=district, boundaries=surroundings.boundaries, limits=Limits(), scratch=scratch
    )


def lines(faults: tuple[Fault, ...] | list[Fault], code: str) -> list[str]:
    return [fault.line() for fault in faults if fault.expected.code == code]


@pytest.mark.parametrize("case", CASES)
def test_both_doors_say_it(
    case: str, tmp_path: Path, demo_registry: Registry, district: District, surroundings: Surroundings
) -> None:
    code, make, word = CASES[case]
    path = make(tmp_path / "a.xlsx")
    checked = check(path, district, surroundings, tmp_path)
    found = previewed(path, demo_registry)
    faults = [entry.fault for entry in found.faults]

    for door in (lines([*checked.faults, *checked.warnings], code), lines([*faults, *found.warnings], code)):
        assert len(door) >= 1, (checked.faults, checked.warnings, faults, found.warnings)
        assert word in door[0], door
    assert checked.ok == found.ok
    if code in {
        "datum_unknown",
        "datum_unclear",
    }:  # whoever is asked for the datum need not be told that it is missing
        assert not lines([*checked.warnings, *found.warnings], "crs_unlabelled")


def test_nothing_is_said_of_a_table_that_is_right(
    tmp_path: Path, demo_registry: Registry, district: District, surroundings: Surroundings
) -> None:
    path = written(tmp_path / "a.xlsx", [HEADER, ROW, OTHER])
    checked = check(path, district, surroundings, tmp_path)
    found = previewed(path, demo_registry)
    assert (checked.ok, found.ok) == (True, True)
    expected = ["crs_unlabelled"]
    assert [fault.expected.code for fault in checked.warnings] == expected
    assert [fault.expected.code for fault in found.warnings] == expected


@pytest.mark.parametrize(
    "column",
    [
        ("Number of floors (above ground)", 20),
        ("地址（详细）", "甲路 1 号"),
        ("竣工年份（预计）", 2001),
        ("英文名称(全称)", "A"),
    ],
)
def test_both_doors_take_a_remark_in_brackets_for_no_unit(
    column: tuple[str, Any],
    tmp_path: Path,
    demo_registry: Registry,
    district: District,
    surroundings: Surroundings,
) -> None:
    path = written(tmp_path / "a.xlsx", more_columns(column[0], cells=[column[1]]))
    checked = check(path, district, surroundings, tmp_path)
    found = previewed(path, demo_registry)
    assert (checked.faults, found.faults) == ((), ())
    assert not lines([*checked.warnings, *found.warnings], "column_unknown")


@pytest.mark.parametrize(
    "header", ["层数(地下)", "Number of floors (below ground)", "楼层数(万元)", "空置率(同比增幅)"]
)
def test_both_doors_leave_out_a_column_that_brackets_make_another(
    header: str, tmp_path: Path, demo_registry: Registry, district: District, surroundings: Surroundings
) -> None:
    path = written(tmp_path / "a.xlsx", more_columns(header, cells=[3]))
    checked = check(path, district, surroundings, tmp_path)
    found = previewed(path, demo_registry)
    for ok, warnings in ((checked.ok, checked.warnings), (found.ok, found.warnings)):
        assert ok
        assert header in lines(list(warnings), "column_unknown")[0]


def test_a_formula_without_its_value_in_a_column_that_is_not_read_harms_nothing(
    tmp_path: Path, demo_registry: Registry, district: District, surroundings: Surroundings
) -> None:
    path = written(tmp_path / "a.xlsx", more_columns("经办人", cells=["=1+1"]))
    assert check(path, district, surroundings, tmp_path).ok
    assert previewed(path, demo_registry).ok


@pytest.mark.parametrize("where", ["property", "member", "inside a member"])
def test_a_layer_that_says_it_is_gcj02_is_converted_by_both_doors_and_both_say_so(
    where: str, tmp_path: Path, demo_registry: Registry, district: District, surroundings: Surroundings
) -> None:
    said = {"coord_system": "GCJ-02"}
    tower = feature(7, **(said if where == "property" else {}))
    inside: dict[str, dict[str, Any]] = {"member": said, "inside a member": {"metadata": said}}
    members = inside.get(where, {})
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(collection(tower, **members)), encoding="utf-8")
    plain = tmp_path / "plain.geojson"
    plain.write_text(json.dumps(collection(feature(7))), encoding="utf-8")

    checked = check(path, district, surroundings, tmp_path)
    found = previewed(path, demo_registry)
    moved = check(plain, district, surroundings, tmp_path).geometry[0]
    assert shapely.distance(checked.geometry[0], moved) > 0.004  # some 460 m
    assert found.chosen.mapping.datum == "gcj02"
    row = next(row for row in found.rows if row.table == "building")
    assert row.wanted["geometry"].lower() == shapely.to_wkb(checked.geometry[0], hex=True).lower()
    for notes in (checked.warnings, found.warnings):
        (line,) = lines(list(notes), "datum_said")
        assert "converted" in line


def test_what_a_person_says_of_the_datum_goes_before_what_the_file_says(
    tmp_path: Path, demo_registry: Registry
) -> None:
    path = CASES["coordinates that a column says are two things"][1](tmp_path / "a.xlsx")
    chosen = intake.choose(intake.opened_file(path), demo_registry)
    asked = replace(chosen, mapping=intake.corrected(chosen.mapping, datum="gcj02"))
    found = intake.preview(asked, demo_registry)
    assert found.ok
    assert "datum_said" not in [fault.expected.code for fault in found.warnings]
