from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
from click.testing import CliRunner

from buildingmap.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["template", *map(str, words)], catch_exceptions=False)


def test_the_empty_table_is_written_to_a_new_workbook_and_to_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "towers.xlsx"
    assert run(path, "--lang", "zh").exit_code == 0
    assert openpyxl.load_workbook(path).sheetnames == ["楼宇", "说明"]
    before = path.read_bytes()
    assert run(path, "--lang", "en").exit_code == 1
    assert path.read_bytes() == before
    assert run(tmp_path / "towers.csv").exit_code == 2
