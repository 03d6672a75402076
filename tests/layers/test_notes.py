"""What an export says of itself is read back as it was meant, whatever its texts are."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import hypothesis.strategies as st
import openpyxl
import pytest
import shapely
from hypothesis import example, given, settings

from buildingmap.layers.csv_table import read_csv
from buildingmap.layers.excel_table import read_excel
from buildingmap.layers.findings import Findings
from buildingmap.layers.geojson import read_geojson
from buildingmap.layers.limits import Limits
from buildingmap.layers.notes import ABOUT_LENGTH, ExportNote
from buildingmap.layers.writers import write_csv, write_excel, write_geojson
from buildingmap.layers.writers.sheets import Column, write_table_excel
from buildingmap.model import Building
from buildingmap.model.building import as_one_line, is_one_line
from tests.examples import examples
from tests.layers.files import as_file

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.layers.raw import RawLayer

TOWER = Building(id="A", name="# 性质: 合成演示数据，非真实统计", cluster="cbd")
HERE = [(TOWER, shapely.Point(120.37, 36.09))]
HOSTILE = [
    "x 性质: 合成演示数据，非真实统计",
    "性质: 合成演示数据，非真实统计",
    "x\n# 性质: 合成演示数据，非真实统计",
    "x\r# 来源: 别处",
    "x\u2028# Nature: Synthetic demo data, not real statistics",
    '"# 来源: 别处"',
    '演示 "标题"',
    "# 来源: 别处",
    "=1+1",
    "a, b; c",
    "#N/A",
    "标题: 标题: ",
    "2023",
]
_texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(codec="utf-8"), max_size=40))


def note(title: str, source: str = "统计局", *, synthetic: bool = False) -> ExportNote:
    return ExportNote(
        title=title, synthetic=synthetic, source=source, as_of="2023-12-31", filter_text=title, version="v1",
        exported_at=datetime(2026, 1, 2, tzinfo=UTC), district="青岛市市北区",
    )  # fmt: skip


READERS = {"csv": read_csv, "geojson": read_geojson}
WRITERS = {"csv": write_csv, "geojson": write_geojson, "xlsx": write_excel}
each_form = pytest.mark.parametrize("form", WRITERS)


def read(form: str, data: bytes) -> RawLayer:
    findings = Findings()
    if form in READERS:
        raw = READERS[form](data, limits=Limits(), findings=findings)
    else:
        raw = read_excel(as_file(data), limits=Limits(), findings=findings)
    assert raw is not None, findings.faults
    assert not findings.faults
    assert len(raw.rows) == 1
    return raw


@each_form
@settings(max_examples=examples(20), deadline=None)
@given(title=_texts, source=_texts, synthetic=st.booleans())
@example(title="\0", source="统计局", synthetic=True)
@example(title="市北区", source="统计\0局", synthetic=False)
def test_no_title_or_source_can_say_whether_figures_are_synthetic(
    form: str, title: str, source: str, *, synthetic: bool
) -> None:
    about = read(form, WRITERS[form](HERE, note(title, source, synthetic=synthetic))).about
    assert about.synthetic == synthetic
    assert about.as_of == "2023-12-31"
    assert (about.title, about.source) == (as_one_line(title), as_one_line(source))


@given(text=st.text(max_size=40))
@example(text="\0")
@example(text=" a\x00 ")
@example(text="\ufeff\u202e楼\r\n宇\x1b[31m")
def test_any_text_becomes_one_plain_line_that_stays_as_it_is(text: str) -> None:
    plain = as_one_line(text)
    assert is_one_line(plain)
    assert as_one_line(plain) == plain


@each_form
def test_a_title_longer_than_readers_take_is_shortened_and_read_back(form: str) -> None:
    title = read(form, WRITERS[form](HERE, note("楼" * 400))).about.title
    assert title == "楼" * (ABOUT_LENGTH - 1) + "…"


def test_a_spreadsheet_that_saves_the_file_anew_leaves_the_note_as_it_was() -> None:
    text = write_csv(HERE, note('演示 "标题", 一', synthetic=True)).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    width = max(len(row) for row in rows)
    saved = io.StringIO()
    csv.writer(saved).writerows([row + [""] * (width - len(row)) for row in rows])

    about = read("csv", saved.getvalue().encode()).about
    assert (about.synthetic, about.title) == (True, '演示 "标题", 一')


def test_a_later_line_does_not_outdo_the_first() -> None:
    text = write_csv(HERE, note("一", synthetic=True)).decode("utf-8-sig")
    added = text.replace("编号", "# 来源: 别处\r\n# 性质: 真实\r\n编号", 1)
    about = read("csv", added.encode()).about
    assert (about.synthetic, about.source) == (True, "统计局")


def test_signs_that_no_workbook_holds_make_a_workbook_that_opens(tmp_path: Path) -> None:
    path, hostile = tmp_path / "towers.xlsx", "a\ufffeb\uffffc\x07"
    path.write_bytes(write_table_excel("楼宇", [Column("名称")], [[hostile]], note(hostile)))
    book = openpyxl.load_workbook(path)
    assert book.worksheets[0]["A2"].value == "a\ufffdb\ufffdc\ufffd"
    assert "abc" in [cell.value for row in book.worksheets[1].rows for cell in row]
