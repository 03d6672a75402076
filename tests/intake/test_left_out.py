"""Cells that are left out because they cannot be read, and those that cannot be left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.intake.ledgers import written
from tests.intake.test_import import codes, previewed

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.registry import Registry

HEADERS = ["楼宇名称", "年度", "季度", "税种", "税收（万元）"]
READABLE = ["CBD-02号楼宇", 2024, "一季度", "增值税", 200]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["CBD-01号楼宇", 2024, "上半年", None, 1000], "quarter"),
        (["CBD-01号楼宇", "去年", 1, None, 1000], "cell_number"),
        (["CBD-01号楼宇", 2024, 1, "#N/A", 1000], "cell_error"),
    ],
)
def test_a_row_is_not_taken_for_that_of_another_year_quarter_or_kind(
    tmp_path: Path, demo_registry: Registry, row: list[Any], code: str
) -> None:
    path = written(tmp_path / "税收.xlsx", [["2020年税收台账"], HEADERS, row, READABLE])

    found = previewed(path, demo_registry, leave_unread=True)

    assert (codes(found), found.unread, found.changes) == ([code], (), ())


def test_a_single_tax_of_a_tower_is_not_taken_for_that_of_another_year(
    tmp_path: Path, demo_registry: Registry
) -> None:
    rows: list[list[Any]] = [
        ["2020年楼宇台账"],
        ["编号", "楼宇名称", "税收年份", "税收（万元）", "层数"],
        ["CBD-01", "CBD-01号楼宇", "去年", 90_000, "十二"],
    ]

    found = previewed(written(tmp_path / "a.xlsx", rows), demo_registry, leave_unread=True)

    assert found.chosen.mapping.table == "building"
    assert (codes(found), len(found.unread), found.changes) == (["cell_number"], 1, ())


def test_a_cell_that_holds_an_error_is_told_and_not_taken_for_empty(
    tmp_path: Path, demo_registry: Registry
) -> None:
    rows: list[list[Any]] = [["楼宇名称", "2024年税收（万元）", "空置率"], ["CBD-01号楼宇", "#N/A", "#REF!"]]
    path = written(tmp_path / "a.xlsx", rows)

    found = previewed(path, demo_registry, clear_empty=True)

    assert [(entry.fault.expected.code, entry.column) for entry in found.faults] == [
        ("cell_error", 1),
        ("cell_error", 2),
    ]
    left = previewed(path, demo_registry, clear_empty=True, leave_unread=True)
    assert (len(left.unread), left.changes) == (2, ())


def test_one_amount_merged_over_several_towers_is_no_tower_s_own(
    tmp_path: Path, demo_registry: Registry
) -> None:
    rows: list[list[Any]] = [
        ["楼宇名称", "2024年税收（万元）", "主导产业", "层数"],
        ["CBD-01号楼宇", 9_000, "金融", 20],
        ["CBD-02号楼宇", None, None, 21],
        ["CBD-03号楼宇", 7_000, "商贸", 22],
    ]
    path = written(tmp_path / "a.xlsx", rows, merges=["B2:B3", "C2:C3"])

    refused = previewed(path, demo_registry)
    left = previewed(path, demo_registry, leave_unread=True)

    assert codes(refused) == ["cell_merged", "cell_merged"]
    assert [fault.row for fault in refused.faults] == [1, 2]
    written_taxes = {change.row_id: change.values for change in left.changes if change.table == "tax_record"}
    assert set(written_taxes) == {"CBD-03:2024"}
    assert {change.row_id for change in left.changes if change.table == "building"} == {
        "CBD-01",
        "CBD-02",
        "CBD-03",
    }


def test_a_fault_in_a_tower_s_row_hides_none_in_its_taxes(tmp_path: Path, demo_registry: Registry) -> None:
    rows: list[list[Any]] = [
        ["楼宇名称", "2024年税收（万元）", "空置率", "经度", "纬度"],
        ["CBD-01号楼宇", -500, 85, None, None],
        ["新楼", -600, 0.1, None, None],
    ]

    found = previewed(written(tmp_path / "a.xlsx", rows), demo_registry)

    assert sorted(codes(found)) == ["shape_missing", "tax_yuan", "tax_yuan", "vacancy_rate"]
