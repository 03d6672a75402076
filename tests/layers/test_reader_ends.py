"""What is said when reading a file ends outright: an officer learns the sheet, what was found and what to do."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import openpyxl
import openpyxl.styles
import pytest

from buildingmap.layers import read_grid
from buildingmap.layers.exchange import ERRORS
from buildingmap.layers.findings import REACHED, Findings
from buildingmap.layers.limits import Limits
from buildingmap.layers.supervise import tell_ending
from tests.intake.ledgers import written

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ABORTED, KILLED, CRASHED, TIMED_OUT = -6, -9, -11, -24
NO_MEMORY = "memory allocation of 3200000000 bytes failed"


def with_cell_at(path: Path, cell: str) -> Path:
    written(path, [["楼宇名称", "地址"], ["甲", "乙"]])
    book = openpyxl.load_workbook(path)
    book.worksheets[0][cell] = "x"
    book.save(path)
    return path


def with_part(path: Path, part: str, changed: Callable[[str], str]) -> Path:
    """Change the XML of one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = changed(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("code", "errors", "expected"),
    [
        (ABORTED, NO_MEMORY, "memory_limit"),
        (ABORTED, "terminate called after throwing an instance of 'std::bad_alloc'", "memory_limit"),
        (KILLED, "", "memory_limit"),
        (TIMED_OUT, "", "time_limit"),
        (ABORTED, "free(): invalid pointer", "reader_failed"),
        (CRASHED, "", "reader_failed"),
        (1, "Traceback (most recent call last): PanicException: index out of bounds", "reader_failed"),
        (1, "Traceback (most recent call last): MemoryError", "memory_limit"),
    ],
)
def test_an_ending_is_told_in_an_officers_words_with_its_sheet(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], code: int, errors: str, expected: str
) -> None:
    (tmp_path / ERRORS).write_text(errors, encoding="utf-8")
    (tmp_path / REACHED).write_text("二季度", encoding="utf-8")
    findings = Findings()
    tell_ending(tmp_path, code, Limits(), findings)
    assert tuple(capfd.readouterr()) == ("", "")

    (fault,) = findings.faults
    assert (fault.expected.code, fault.place.sheet) == (expected, "二季度")
    for lang, advice in (
        ("en", ("split it", "save it under a new name")),
        ("zh", ("拆分文件", "另存为新文件")),
    ):
        line = fault.line(lang)  # type: ignore[arg-type]
        assert any(words in line for words in advice)
        assert not [word for word in ("SIG", "Traceback", "Panic") if word in line]


@pytest.mark.parametrize("cell", ["XFD1048576", "A1048576", "XFD2"])
def test_a_cell_far_beyond_the_table_is_named_instead_of_filling_the_memory(
    tmp_path: Path, cell: str
) -> None:
    (fault,) = read_grid(with_cell_at(tmp_path / "a.xlsx", cell)).faults
    assert (fault.expected.code, fault.place.sheet) == ("cell_far", "台账")
    assert cell in fault.line("en")
    assert cell in fault.line("zh")
    assert "删除" in fault.line("zh")


@pytest.mark.parametrize("cell", ["XFD3", "AMJ3", "A1048576", "XFD1048576"])
def test_an_empty_cell_however_far_is_no_part_of_the_table(tmp_path: Path, cell: str) -> None:
    path = with_cell_at(tmp_path / "a.xlsx", cell)
    book = openpyxl.load_workbook(path)
    book.worksheets[0][cell].value = None
    book.worksheets[0][cell].font = openpyxl.styles.Font(bold=True)
    book.worksheets[0].row_dimensions[1_048_576].height = 20
    book.save(path)
    (sheet,) = read_grid(path).sheets
    assert [list(row) for row in sheet.rows] == [["楼宇名称", "地址"], ["甲", "乙"]]


def test_a_cell_without_a_place_counts_in_the_row_that_holds_it(tmp_path: Path) -> None:
    path = with_part(
        written(tmp_path / "a.xlsx", [["楼宇名称", "地址"], ["甲", "乙"]]),
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace("</sheetData>", '<row r="1048576"><c><v>1</v></c></row></sheetData>'),
    )
    (fault,) = read_grid(path).faults
    assert (fault.expected.code, fault.place.number) == ("cell_far", 1_048_576)


def test_a_sheet_that_needs_more_memory_than_there_is_is_told_as_that(tmp_path: Path) -> None:
    path = with_cell_at(tmp_path / "a.xlsx", "SF199999")
    (fault,) = read_grid(path, limits=Limits(memory_mb=512)).faults
    assert (fault.expected.code, fault.place.sheet) == ("memory_limit", "台账")


def test_a_reader_without_memory_answers_an_import_as_it_answers_a_check(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [' + "{}," * 12_000_000 + "{}]}")
    (fault,) = read_grid(path, limits=Limits(memory_mb=256)).faults
    assert fault.expected.code == "memory_limit"


@pytest.mark.parametrize("before", ["", "楼,路\n" * 2000])
def test_a_byte_of_value_nought_in_a_table_is_told_with_its_row(tmp_path: Path, before: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"楼宇名称,地址\n{before}丙,\0丁\n".encode())
    (fault,) = read_grid(path).faults
    assert (fault.expected.code, fault.place.number) == ("table_nul", 2 + before.count("\n"))
    assert "“丙,”之后" in fault.line("zh")
