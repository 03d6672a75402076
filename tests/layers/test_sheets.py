"""Workbooks written row by row: text stays text, figures have their form, and equal tables make equal bytes."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from python_calamine import CalamineWorkbook

from buildingmap.layers.notes import ExportNote
from buildingmap.layers.writers import Column, Sheet, write_sheets

NOTE = ExportNote(
    title="登记库", synthetic=True, source="", as_of="", exported_at=datetime(2024, 5, 6, 7, 8, 9, 10, tzinfo=UTC),
    filter_text="", version="v1", district="市北区",
)  # fmt: skip
COLUMNS = [Column("名称", 26, "name"), Column("税收(元)", 14, "tax_yuan"), Column("日期", 12, "as_of")]
HOSTILE = (
    "=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "{=1}", "http://evil.example/", "#N/A", "12", "0012",
    "<r><t>evil</t></r>", "<r></r>", "<r/></r>", "</t></is></c>", "&lt;b&gt;", "_x0041_", " lead and trail ", "一\n二",
    "mailto:x@y", "internal:A1", "TRUE", "2024-05-06", "'quoted",
)  # fmt: skip


def written(rows: list[list[object]], columns: list[Column] = COLUMNS) -> bytes:
    return write_sheets([Sheet("楼宇", columns, rows)], NOTE)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_read_back_as_it_was_and_is_never_a_formula_or_a_link(text: str) -> None:
    content = written([[text, None, None]], [Column(text), *COLUMNS[1:]])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]

    # openpyxl leaves to its caller what Excel takes back itself: _x005F_ for an underscore
    assert (unescape(sheet["A2"].value), sheet["A2"].data_type, sheet["A2"].hyperlink) == (text, "s", None)
    assert sheet["A2"].quotePrefix, "whoever edits it in Excel edits text"
    assert (unescape(sheet["A1"].value), sheet["A1"].data_type) == (text, "s")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[1][0] == text


@given(
    st.lists(
        st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1)
    )
)
def test_any_texts_are_read_back_as_they_were(texts: list[str]) -> None:
    content = written([[text, 1, None] for text in texts])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert [sheet.cell(row, 1).value for row in range(2, len(texts) + 2)] == texts


def test_figures_dates_and_the_sheet_have_their_form() -> None:
    content = written([["一号楼", 12345678.0, date(2024, 5, 6)], ["二号楼", float("nan"), None]])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]

    assert (sheet["B2"].value, sheet["B2"].number_format) == (12_345_678, "#,##0.##")
    assert (sheet["C2"].value, sheet["C2"].number_format) == (datetime(2024, 5, 6), "yyyy-mm-dd")  # noqa: DTZ001
    assert sheet["B3"].value is None, "what is no number is no figure"
    assert [cell.font.b for cell in sheet[1]] == [True] * 3
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("C2", "A1:C3")
    assert 26 <= sheet.column_dimensions["A"].width < 27


def test_equal_tables_of_one_moment_make_equal_bytes_with_that_moment_inside() -> None:
    rows: list[list[object]] = [["一号楼", 1.5, None]]
    first = written(rows)

    assert written(rows) == first
    made = openpyxl.load_workbook(io.BytesIO(first)).properties.created
    assert made == datetime(2024, 5, 6, 7, 8, 9)  # noqa: DTZ001 - as the file has it, in UTC


def test_a_text_too_long_for_a_cell_is_left_out_and_named() -> None:
    content = written([["一号楼", None, "x" * 32_768], ["二号楼", None, "x" * 32_767]])
    book = openpyxl.load_workbook(io.BytesIO(content))

    assert book.worksheets[0]["C2"].value is None
    assert book.worksheets[0]["C3"].value == "x" * 32_767
    assert ("内容过长、单元格留空的行", "一号楼") in [
        (row[0].value, row[1].value) for row in book["说明"].rows
    ]
