"""What an import shows before it writes, and what it writes: the whole of it or nothing; on both stores."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from stdnum.cn import uscc

from buildingmap import intake, resources
from buildingmap.registry import Change, ConflictError
from tests.intake.ledgers import MONTHLY, MONTHLY_MERGES, monthly, written

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.intake import Preview
    from buildingmap.registry import Registry

BASE = "91370203MA0000000"
WRONG = BASE + ("A" if uscc.calc_check_digit(BASE) != "A" else "B")
CODE = BASE + uscc.calc_check_digit(BASE)


def previewed(path: Path, registry: Registry, **options: Any) -> Preview:
    return intake.preview(intake.choose(intake.opened_file(path), registry), registry, **options)


def codes(found: Preview) -> list[str]:
    return [entry.fault.expected.code for entry in found.faults]


@pytest.mark.command
def test_a_partial_table_changes_only_what_it_carries(tmp_path: Path, registry: Registry) -> None:
    before = registry.row("building", "CBD-01").values
    found = previewed(monthly(tmp_path / "月报.xlsx"), registry, as_of="2024-12-31")

    assert found.count() == {"new": 2, "changed": 2, "unchanged": 0}
    assert len(found.missing) == len(registry.snapshot()) - 2
    revision = intake.apply(found, registry, actor="lin", name="月报.xlsx")

    assert revision is not None
    assert (revision.action, revision.note, revision.actor) == ("import", "月报.xlsx", "lin")
    after = registry.row("building", "CBD-01").values
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"vacancy_rate", "source", "as_of"}
    assert (after["vacancy_rate"], after["source"], after["as_of"]) == (0.12, "月报.xlsx", "2024-12-31")
    tax = registry.row("tax_record", "CBD-02:2024").values
    assert (tax["tax_yuan"], tax["district_revenue_yuan"]) == (20_005_000, 6_000_000)
    assert registry.verify() == []


def test_the_preview_shows_each_cell_old_and_new(tmp_path: Path, demo_registry: Registry) -> None:
    old = demo_registry.row("building", "CBD-02").values["vacancy_rate"]
    found = previewed(monthly(tmp_path / "月报.xlsx"), demo_registry)
    row = next(row for row in found.rows if (row.table, row.row_id) == ("building", "CBD-02"))

    assert row.state == "changed"
    assert row.cells["vacancy_rate"] == (old, 0.25)
    assert found.chosen.sheet.numbers[row.position] == 6


def test_the_same_table_twice_changes_nothing_the_second_time(tmp_path: Path, registry: Registry) -> None:
    path = monthly(tmp_path / "月报.xlsx")
    intake.apply(previewed(path, registry), registry, actor="lin", name="a")
    version = registry.version
    found = previewed(path, registry)

    assert found.count() == {"new": 0, "changed": 0, "unchanged": 4}
    assert intake.apply(found, registry, actor="lin", name="a") is None
    assert registry.version == version


def test_one_undo_takes_the_whole_import_back(tmp_path: Path, registry: Registry) -> None:
    before = {row.row_id: row.values for row in registry.rows("building")}
    taxes = {row.row_id: row.values for row in registry.rows("tax_record")}
    revision = intake.apply(
        previewed(monthly(tmp_path / "a.xlsx"), registry), registry, actor="lin", name="a"
    )
    assert revision is not None
    registry.undo(revision.version, actor="lin")

    assert {row.row_id: row.values for row in registry.rows("building")} == before
    assert {row.row_id: row.values for row in registry.rows("tax_record")} == taxes


def test_every_unreadable_cell_is_told_by_sheet_row_and_column_and_none_becomes_zero(
    tmp_path: Path, registry: Registry
) -> None:
    rows = [list(row) for row in MONTHLY]
    rows[4][2], rows[5][2], rows[5][4] = "待定", "/", "5.4万"
    path = written(tmp_path / "月报.xlsx", rows, merges=MONTHLY_MERGES)
    version = registry.version
    found = previewed(path, registry)

    assert [(entry.row, entry.column) for entry in found.faults] == [(4, 2), (5, 2), (5, 4)]
    line = found.faults[0].fault.line()
    assert line.endswith(
        "sheet '台账', row 5: Total tax (全口径税收): found '待定', expected a number, or an empty cell"
    )
    assert found.changes == ()
    with pytest.raises(intake.ImportRefusedError, match="待定"):
        intake.apply(found, registry, actor="lin", name="a")
    assert registry.version == version

    left = previewed(path, registry, leave_unread=True)
    assert (left.ok, len(left.unread)) == (True, 3)
    intake.apply(left, registry, actor="lin", name="a")
    tax = registry.row("tax_record", "CBD-01:2024").values
    assert (tax["tax_yuan"], tax["district_revenue_yuan"]) == (None, 3_000_000)


def test_an_empty_cell_says_nothing_unless_it_is_asked_to_empty_the_field(
    tmp_path: Path, demo_registry: Registry
) -> None:
    rows: list[list[Any]] = [["楼宇名称", "地址", "空置率"], ["CBD-01号楼宇", None, 0.5]]
    path = written(tmp_path / "a.xlsx", rows)
    (kept,) = (row for row in previewed(path, demo_registry).rows if row.table == "building")
    assert "address" not in kept.cells

    (emptied,) = (
        row for row in previewed(path, demo_registry, clear_empty=True).rows if row.table == "building"
    )
    assert emptied.cells["address"][1] is None


def test_a_new_tower_needs_a_place_and_gets_the_cluster_it_stands_in(
    tmp_path: Path, registry: Registry
) -> None:
    snapshot = registry.snapshot()
    row = snapshot.row("CBD-01")
    rows: list[list[Any]] = [["楼宇名称", "经度", "纬度", "建筑面积(平方米)"], ["新楼", None, None, 5000]]
    assert codes(previewed(written(tmp_path / "a.xlsx", rows), registry)) == ["shape_missing"]

    rows[1][1:3] = [float(snapshot.lon[row]), float(snapshot.lat[row])]
    found = previewed(written(tmp_path / "b.xlsx", rows), registry)
    assert found.count()["new"] == 1
    intake.apply(found, registry, actor="lin", name="b")
    (made,) = (tower for tower in registry.snapshot().buildings if tower.name == "新楼")
    assert made.cluster == "cbd"


def test_a_point_does_not_take_the_place_of_a_footprint(tmp_path: Path, demo_registry: Registry) -> None:
    snapshot = demo_registry.snapshot()
    row = snapshot.row("CBD-01")
    rows: list[list[Any]] = [
        ["楼宇名称", "经度", "纬度"],
        ["CBD-01号楼宇", float(snapshot.lon[row]) + 0.001, float(snapshot.lat[row])],
    ]
    found = previewed(written(tmp_path / "a.xlsx", rows), demo_registry)

    assert found.count() == {"new": 0, "changed": 0, "unchanged": 1}
    assert "place_kept" in [fault.expected.code for fault in found.warnings]


def test_an_offices_own_number_does_not_make_a_second_tower(tmp_path: Path, demo_registry: Registry) -> None:
    path = written(tmp_path / "a.xlsx", [["编号", "楼宇名称", "地址"], ["17", "CBD-01号楼宇", "x"]])
    found = previewed(path, demo_registry)
    assert codes(found) == ["import_other_id"]
    assert "CBD-01" in found.faults[0].fault.line()


def test_taxes_by_quarter_find_their_tower_by_id_or_name(tmp_path: Path, registry: Registry) -> None:
    rows: list[list[Any]] = [
        ["楼宇", "年度", "季度", "税种", "税收(万元)", "纳税户数"],
        ["CBD-01", 2024, "一季度", None, 250, 12],
        ["CBD-02号楼宇", "2024年", "Q2", "增值税", "1,250.5", 3],
    ]
    rows[1][0] = "CBD-01号楼宇"
    found = previewed(written(tmp_path / "a.xlsx", rows), registry)
    assert found.ok, codes(found)
    intake.apply(found, registry, actor="lin", name="a")

    first = registry.row("tax_record", "CBD-01:2024:Q1").values
    assert (first["quarter"], first["tax_yuan"], first["taxpayer_count"]) == (1, 2_500_000, 12)
    second = registry.row("tax_record", "CBD-02:2024:Q2:增值税").values
    assert second["tax_yuan"] == 12_505_000


def test_a_tower_that_is_not_there_and_a_row_twice_are_faults(
    tmp_path: Path, demo_registry: Registry
) -> None:
    rows: list[list[Any]] = [
        ["楼宇编号", "年度", "税收(元)", "季度"],
        ["NO-1", 2024, 1, 1],
        ["CBD-01", 2024, 1, 1],
        ["CBD-01", 2024, 2, "第1季度"],
        [None, 2024, 2, 2],
    ]
    found = previewed(written(tmp_path / "a.xlsx", rows), demo_registry)
    assert codes(found) == ["import_tower", "import_twice", "import_keys"]
    assert "row 3" in found.faults[1].fault.line()


def test_tenants_below_a_merged_tower_belong_to_it(tmp_path: Path, registry: Registry) -> None:
    rows: list[list[Any]] = [
        ["所在楼宇", "企业名称", "统一社会信用代码", "楼层", "租赁面积(平方米)", "到期日", "属地注册"],
        ["CBD-01号楼宇", "甲公司", CODE, "3-5层", 800, "2026/12/31", "是"],
        [None, "乙公司", None, "6", 120.5, "2027年1月5日", "否"],
    ]
    path = written(tmp_path / "a.xlsx", rows, merges=["A2:A3"])
    found = previewed(path, registry)
    assert found.ok, [entry.fault.line() for entry in found.faults]
    assert found.count()["new"] == 2
    intake.apply(found, registry, actor="lin", name="a")

    tenants = {row.values["name"]: row.values for row in registry.rows("tenant")}
    assert tenants["乙公司"]["building_id"] == "CBD-01"
    assert tenants["甲公司"]["lease_end"] == "2026-12-31"
    assert (tenants["甲公司"]["locally_registered"], tenants["乙公司"]["locally_registered"]) == (True, False)
    # a company that goes by a new name is known by its code
    rows[1][1] = "甲集团"
    again = previewed(written(tmp_path / "b.xlsx", rows, merges=["A2:A3"]), registry)
    assert again.count() == {"new": 0, "changed": 1, "unchanged": 1}


def test_a_wrong_check_digit_is_a_fault_of_its_cell(tmp_path: Path, demo_registry: Registry) -> None:
    rows: list[list[Any]] = [
        ["所在楼宇", "企业名称", "统一社会信用代码"],
        ["CBD-01号楼宇", "甲", WRONG],
    ]
    found = previewed(written(tmp_path / "a.xlsx", rows), demo_registry)
    assert codes(found) == ["uscc"]
    assert (found.faults[0].row, found.faults[0].column) == (1, 2)


def test_rows_of_the_same_towers_that_are_not_named_are_shown_as_missing(
    tmp_path: Path, registry: Registry
) -> None:
    names = {"T1": "甲", "T2": "乙"}
    registry.apply(
        [Change("tenant", key, {"building_id": "CBD-01", "name": name}) for key, name in names.items()],
        actor="lin",
    )
    found = previewed(written(tmp_path / "a.xlsx", [["楼宇", "企业名称"], ["CBD-01号楼宇", "甲"]]), registry)
    assert [row_id for row_id, _ in found.missing] == ["T2"]


def test_a_total_that_the_rows_do_not_add_up_to_is_pointed_out(
    tmp_path: Path, demo_registry: Registry
) -> None:
    rows = [list(row) for row in MONTHLY]
    rows[6][2] = 9999
    found = previewed(written(tmp_path / "a.xlsx", rows, merges=MONTHLY_MERGES), demo_registry)
    lines = [fault.line() for fault in found.warnings if fault.expected.code == "total_differs"]
    assert len(lines) == 1
    assert "30,005,000" in lines[0]


def test_a_row_that_moved_since_the_preview_refuses_the_whole_import(
    tmp_path: Path, registry: Registry
) -> None:
    found = previewed(monthly(tmp_path / "a.xlsx"), registry)
    registry.apply([Change("building", "CBD-02", {"address": "新址"})], actor="wang")
    version = registry.version

    with pytest.raises(ConflictError, match="wang"):
        intake.apply(found, registry, actor="lin", name="a")
    assert registry.version == version
    assert registry.row("building", "CBD-01").values["vacancy_rate"] != 0.12


def test_an_import_can_be_stopped_and_leaves_nothing(tmp_path: Path, demo_registry: Registry) -> None:
    def stop(done: int, rows: int) -> None:
        if done >= rows / 2:
            raise intake.ImportCancelledError("stopped")

    version = demo_registry.version
    with pytest.raises(intake.ImportCancelledError):
        previewed(monthly(tmp_path / "a.xlsx"), demo_registry, progress=stop)
    assert demo_registry.version == version


def test_the_annotated_copy_is_the_users_table_with_every_finding(
    tmp_path: Path, demo_registry: Registry
) -> None:
    rows = [list(row) for row in MONTHLY]
    rows[4][2], rows[5][5] = "待定", "=cmd|' /C calc'!A1"
    path = written(tmp_path / "a.xlsx", rows, merges=MONTHLY_MERGES, more={"第二页": [["x", 1]]})
    book = openpyxl.load_workbook(path)
    book["台账"]["F6"].data_type = "s"
    book.save(path)
    found = previewed(path, demo_registry)
    copy = openpyxl.load_workbook(io.BytesIO(intake.annotated(found, lang="zh")))

    assert copy.sheetnames == ["第二页", "台账", "导入说明"]
    page = copy["台账"]
    assert page["C5"].value == "待定"
    assert page["C5"].comment is not None
    assert "应为数字" in page["C5"].comment.text
    assert page["E6"].comment is not None
    assert "0.25" in page["E6"].comment.text
    assert {str(merge) for merge in page.merged_cells.ranges} == set(MONTHLY_MERGES)
    assert (page["F6"].value, page["F6"].data_type) == ("=cmd|' /C calc'!A1", "s")
    listed = [[cell.value for cell in row] for row in copy["导入说明"].iter_rows(min_row=2)]
    assert ["台账", 5, "C", "问题"] in [row[:4] for row in listed]


def test_the_demo_layer_imported_into_its_own_registry_changes_nothing(demo_registry: Registry) -> None:
    found = previewed(resources.data_folder() / "buildings.geojson", demo_registry)
    assert found.ok
    assert found.count()["changed"] == found.count()["new"] == 0
    assert found.count()["unchanged"] > len(demo_registry.snapshot())


def test_a_layer_of_another_city_imports_through_a_mapping_with_every_unreadable_cell_listed(
    tmp_path: Path, registry: Registry
) -> None:
    towers = [("甲", "28000", "7"), ("乙", "5.4万", "/"), ("丙", "待定", "22/30")]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [114.26 + number / 1000, 30.56]},
            "properties": {"id": number, "name": name, "volume": volume, "floor_num": floors, "Field22": ""},
        }
        for number, (name, volume, floors) in enumerate(towers, 1)
    ]
    path = tmp_path / "wuhan.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    chosen = intake.choose(intake.opened_file(path), registry)
    place = chosen.table.headers.index("volume")
    mapping = intake.corrected(chosen.mapping, fields={place: ("floor_area_m2", None)})
    chosen = replace(chosen, mapping=intake.corrected(mapping, units={place: "平方米"}))
    found = intake.preview(chosen, registry, leave_unread=True)

    assert [entry.fault.found for entry in found.unread] == ["'5.4万'", "'/'", "'待定'", "'22/30'"]
    intake.apply(found, registry, actor="lin", name="wuhan.geojson")
    stored = [registry.row("building", str(number)).values for number in (1, 2, 3)]
    assert [values["floor_area_m2"] for values in stored] == [28_000, None, None]
    assert [values["floors"] for values in stored] == [7, None, None]
