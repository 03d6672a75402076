"""A report as Word: what is in it can be read back, and no text of it is ever more than text."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest
from docx import Document
from docx.oxml.ns import qn

from buildingmap.layers.notes import ExportNote
from buildingmap.layers.writers.report import (
    Bullets,
    Heading,
    Paragraph,
    Picture,
    TextTable,
    plain_text,
    write_report,
)

if TYPE_CHECKING:
    from buildingmap.layers.writers.report import Block

NOTE: Final = ExportNote(
    title="登记库", synthetic=True, source="test", as_of="2024-01-31", exported_at=datetime(2026, 3, 1, tzinfo=UTC),
    filter_text="", version="v1", district="市北区",
)  # fmt: skip
HOSTILE: Final = (
    "</w:t><w:br/>&amp;<script>",
    "\x00\x08\x0b\x1f\ud800\ufffe",
    "正\u202e反\u2066x\u2069",
    "=cmd|' /C calc'!A0",
    '{ HYPERLINK "file:///etc/passwd" }',
    "很长" * 3000,
    "line\nline\ttab\rreturn\x0cform",
)  # fmt: skip


def png() -> bytes:
    """One grey point."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0\x80"))
        + chunk(b"IEND", b"")
    )


def blocks(text: str = "文字") -> list[Block]:
    return [
        Heading(text),
        Paragraph(text, notice=True),
        Bullets([text, "乙"]),
        TextTable(("名称", "数"), [(text, "1"), ("乙", "2")], (False, True)),
        Picture(png(), f"替代 {text}", f"图 {text}"),
    ]


def test_a_report_has_its_title_headings_table_picture_and_note() -> None:
    read = Document(io.BytesIO(write_report("规划报告", blocks(), NOTE)))
    said = [paragraph.text for paragraph in read.paragraphs]
    assert {"规划报告", "文字", "乙", "图 文字", "关于本文件"} <= set(said)
    styles = {paragraph.style.name for paragraph in read.paragraphs if paragraph.style is not None}
    assert {"Title", "Heading 1", "Caption", "List Bullet"} <= styles
    assert [[cell.text for cell in row.cells] for row in read.tables[0].rows] == [
        ["名称", "数"], ["文字", "1"], ["乙", "2"],
    ]  # fmt: skip
    assert ["性质", "合成演示数据，非真实统计"] in [
        [c.text for c in row.cells] for row in read.tables[-1].rows
    ]
    assert "合成演示数据，非真实统计" in read.sections[0].header.paragraphs[0].text
    assert read.core_properties.title == "规划报告"


def test_the_head_of_a_table_repeats_and_a_picture_says_what_it_shows() -> None:
    read = Document(io.BytesIO(write_report("x", blocks(), NOTE)))
    first = read.tables[0].rows[0]._tr  # noqa: SLF001 - what the file holds
    assert first.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
    described = [shape._inline.docPr.get("descr") for shape in read.inline_shapes]  # noqa: SLF001 - the same
    assert described == ["替代 文字"]


def test_data_that_is_real_is_not_called_synthetic() -> None:
    real = ExportNote(**{name: getattr(NOTE, name) for name in ExportNote.__slots__} | {"synthetic": False})
    read = Document(io.BytesIO(write_report("x", blocks(), real, lang="en")))
    assert "ynthetic" not in "".join(p.text for p in (*read.paragraphs, *read.sections[0].header.paragraphs))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text_wherever_it_stands(text: str) -> None:
    content = write_report(text, blocks(text), NOTE)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        body = archive.read("word/document.xml").decode()
        assert not any("://" in archive.read(name).decode() and "TargetMode" in archive.read(name).decode()
                       for name in archive.namelist() if name.endswith(".rels"))  # fmt: skip
    assert "instrText" not in body
    assert "<script" not in body
    read = Document(io.BytesIO(content))
    assert plain_text(text) in [paragraph.text for paragraph in read.paragraphs]
    assert read.tables[0].rows[1].cells[0].text == plain_text(text)
    assert not any("\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069" for char in body)


def test_equal_reports_of_one_moment_are_equal_bytes() -> None:
    assert write_report("x", blocks(), NOTE) == write_report("x", blocks(), NOTE)
