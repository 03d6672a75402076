"""``buildingmap import`` in a terminal."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from tests.cli.test_registry_commands import kept, place, run
from tests.intake.ledgers import MONTHLY, MONTHLY_MERGES, monthly, written
from tests.reading import files_read_here

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.registry import Registry

__all__ = ["files_read_here", "kept", "place"]


@pytest.mark.command
def test_it_shows_the_preview_and_asks(place: str, kept: Registry, tmp_path: Path) -> None:
    path = str(monthly(tmp_path / "月报.xlsx"))
    no = run("import", path, "--registry", place, "--lang", "zh", typed="n\n")
    assert no.exit_code == 0, no.output
    assert "第 7 行不计入：合计 3000.5 900" in no.output
    assert "全口径税收 → 全口径税收 万元" in no.output
    assert "新增 2，改动 2" in no.output
    assert kept.version == 1

    yes = run("import", path, "--registry", place, "--lang", "en", typed="y\n")
    assert "version 2: 4 rows written; buildingmap undo 2 takes it back" in yes.output
    again = run("import", path, "--registry", place, "--lang", "en")
    assert "the registry has all of this already" in again.output


def test_faults_end_it_with_one_and_a_line_each(place: str, kept: Registry, tmp_path: Path) -> None:
    rows = [list(row) for row in MONTHLY]
    rows[4][2] = "待定"
    path = written(tmp_path / "月报.xlsx", rows, merges=MONTHLY_MERGES)
    copy = tmp_path / "核对.xlsx"
    refused = run("import", str(path), "--registry", place, "--lang", "zh", "--yes", "--annotate", str(copy))
    assert refused.exit_code == 1
    assert "第 5 行: 全口径税收: 实为 '待定'" in refused.output
    assert kept.version == 1
    assert openpyxl.load_workbook(copy)["台账"]["C5"].comment is not None

    done = run("import", str(path), "--registry", place, "--yes", "--leave-unread", "--json")
    document = json.loads(done.output)
    assert (document["ok"], document["version"], len(document["unread"])) == (True, 2, 1)


def test_columns_units_and_the_year_can_be_said_and_remembered(
    place: str, kept: Registry, tmp_path: Path
) -> None:
    path = str(written(tmp_path / "a.xlsx", [["楼名", "交税"], ["CBD-01号楼宇", 3]]))
    reading = ("--column", "交税=tax_yuan", "--unit", "交税=亿元", "--year", "2024", "--table", "building")
    done = run(
        "import",
        path,
        "--registry",
        place,
        *reading,
        "--yes",
        "--remember",
        "街道表",
        "--as-of",
        "2024-12-31",
    )
    assert done.exit_code == 0, done.output
    assert kept.row("tax_record", "CBD-01:2024").values["tax_yuan"] == 300_000_000
    assert [row.values["name"] for row in kept.rows("import_mapping")] == ["街道表"]

    later = str(written(tmp_path / "b.xlsx", [["楼名", "交税"], ["CBD-02号楼宇", 4]]))
    assert run("import", later, "--registry", place, "--year", "2025", "--yes").exit_code == 0
    assert kept.row("tax_record", "CBD-02:2025").values["tax_yuan"] == 400_000_000

    wrong = run("import", later, "--registry", place, "--column", "颜色=name")
    assert wrong.exit_code == 2
    assert "expected one of the table's headers" in wrong.output


def test_a_dry_run_writes_nothing(place: str, kept: Registry, tmp_path: Path) -> None:
    done = run(
        "import", str(monthly(tmp_path / "a.xlsx")), "--registry", place, "--dry-run", "--yes", "--lang", "en"
    )
    assert done.exit_code == 0
    assert "a dry run: nothing was written" in done.output
    assert kept.version == 1


def test_parcels_are_recognised_and_what_is_there_is_told_before_they_are_written(
    place: str, kept: Registry, tmp_path: Path
) -> None:
    outline = (
        "POLYGON((120.3505 36.1100, 120.3515 36.1100, 120.3515 36.1108, 120.3505 36.1108, 120.3505 36.1100))"
    )
    rows: list[list[Any]] = [
        ["地块编号", "用地面积(亩)", "容积率", "几何"],
        ["XK-1", 12, 3, outline],
        ["DK-01", 6.615, 4, None],
    ]
    path = str(written(tmp_path / "地块.xlsx", rows))
    shown = run("import", path, "--registry", place, "--lang", "en", "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert "Sites, from" in shown.output
    assert "用地面积(亩) → Area 亩" in shown.output
    assert "Site XK-1 XK-1: new" in shown.output
    done = run("import", path, "--registry", place, "--lang", "en", "--yes")
    assert "2 rows written" in done.output
    assert kept.row("site", "XK-1").values["area_m2"] == 8000
    assert kept.row("site", "DK-01").values["floor_area_ratio"] == 4


def test_a_preview_names_tables_and_fields_and_writes_figures(
    place: str, kept: Registry, tmp_path: Path
) -> None:
    path, copy = str(monthly(tmp_path / "月报.xlsx")), tmp_path / "核对.xlsx"
    said = run("import", path, "--registry", place, "--lang", "zh", "--dry-run", "--annotate", str(copy))
    assert said.exit_code == 0, said.output
    notes = [
        cell.comment.text for row in openpyxl.load_workbook(copy)["台账"] for cell in row if cell.comment
    ]
    assert any("空置率: " in note for note in notes)
    assert kept.version == 1
    done = run("import", path, "--registry", place, "--lang", "zh", "--yes")
    again = written(tmp_path / "b.xlsx", [["楼宇名称", "2024年税收(元)"], ["CBD-01号楼宇", 99_999_999]])
    changed = run("import", str(again), "--registry", place, "--lang", "zh", "--dry-run")
    assert "税收记录 CBD-01:2024 CBD-01号楼宇: " in changed.output
    assert "全口径税收: 10,000,000 → 99,999,999" in changed.output
    told = run("history", "2", "--registry", place, "--lang", "zh")
    for output in (said.output, done.output, changed.output, told.output, *notes):
        assert not re.search(r"\d\.0\b|[a-z]+_(?:yuan|m2|rate|record)", output)


def test_a_ledger_none_of_whose_money_is_read_ends_with_one(
    place: str, kept: Registry, tmp_path: Path
) -> None:
    rows: list[list[Any]] = [["楼宇名称", "本年累计入库(万元)", "备注"], ["CBD-01号楼宇", 12_000, "x"]]
    done = run(
        "import", str(written(tmp_path / "a.xlsx", rows)), "--registry", place, "--yes", "--lang", "zh"
    )
    assert done.exit_code == 1
    assert "登记库中已全部如此" not in done.output
    assert "金额列均未读取" in done.output
    assert "实为 本年累计入库(万元)" in done.output
    assert kept.version == 1
