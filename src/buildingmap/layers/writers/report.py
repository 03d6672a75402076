"""A report as a Word document (.docx): headings, paragraphs, tables and pictures, whatever they are about."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from buildingmap.layers.writers.pinned import PinnedZip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document as Word
    from docx.table import _Cell

    from buildingmap.layers.notes import ExportNote
    from buildingmap.model import Lang

_PAGE_MM: Final = (210, 297)
_MARGIN_MM: Final = 18
TEXT_MM: Final = _PAGE_MM[0] - 2 * _MARGIN_MM
_FONTS: Final = ("Calibri", "Microsoft YaHei")
_INK: Final = RGBColor(0x18, 0x21, 0x2C)
_SHADE: Final = "E3EEFA"
_NOTICE: Final = "FFF2CF"
_LANGUAGES: Final[dict[Lang, str]] = {"zh": "zh-CN", "en": "en-GB"}
_LONGEST_TITLE: Final = 255
# letters that a column of a table makes room for; rows that are measured
_LEAST_LETTERS, _MOST_LETTERS, _PADDING_LETTERS, _MEASURED = 5, 60, 4, 500
_NO_CHARACTER: Final = "\ufffd"
_KEPT: Final = frozenset("\t\n")
# controls, halves of characters, private and unassigned ones; marks that turn the direction of a line
_REFUSED: Final = frozenset({"Cc", "Cs", "Co", "Cn"})
_TURNS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; ``level`` from 1."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``notice`` sets it off from the rest."""

    text: str
    notice: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of texts: its first row repeats on every page. ``are_figures``: columns that are set to the right."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    are_figures: Sequence[bool] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture (PNG) with what it says in words, for those who do not see it, and the caption below it."""

    png: bytes
    alt: str
    caption: str
    width_mm: float = TEXT_MM


Block = Heading | Paragraph | Bullets | TextTable | Picture


def write_report(title: str, blocks: Sequence[Block], note: ExportNote, *, lang: Lang = "zh") -> bytes:
    """Return a Word document (.docx), A4: title, ``blocks``, and what the export is; its pages are numbered.

    Text is text: no field, link or markup comes of it, and characters that XML or a line's direction would obey are
    replaced. Where ``note`` says that the data is synthetic, the head of every page does. Equal content of one
    moment makes equal bytes.
    """
    document = Document()
    _lay_out(document, title, note, lang)
    _add_heading(document, title, 0)
    for block in blocks:
        _add(document, block)
    _add_heading(document, "关于本文件" if lang == "zh" else "About this file", 1)
    _add(document, TextTable(("项目", "内容") if lang == "zh" else ("What", "Value"), note.lines(lang)))
    return _saved(document)


def plain_text(text: str) -> str:
    """Return ``text`` without what XML refuses or what would turn or break a line unseen."""
    return "".join(_plain(char) for char in text)


def _plain(char: str) -> str:
    if char in _KEPT:
        return " "
    return _NO_CHARACTER if char in _TURNS or unicodedata.category(char) in _REFUSED else char


def _lay_out(document: Word, title: str, note: ExportNote, lang: Lang) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = (Mm(side) for side in _PAGE_MM)
    section.left_margin = section.right_margin = Mm(_MARGIN_MM)
    section.top_margin = section.bottom_margin = Mm(_MARGIN_MM)
    for style in document.styles:
        if style.name in {"Normal", "Title", "Caption", "List Bullet", "Heading 1", "Heading 2"}:
            _set_fonts(style, lang)
    document.styles["Normal"].font.size = Pt(10)
    properties = document.core_properties
    made = note.exported_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    properties.title, properties.language = plain_text(title)[:_LONGEST_TITLE], _LANGUAGES[lang]
    properties.author = properties.last_modified_by = "buildingmap"
    properties.comments = ""
    properties.created = properties.modified = made
    nature = dict(note.lines(lang)).get("性质" if lang == "zh" else "Nature", "")
    head = section.header.paragraphs[0]
    head.text = plain_text(" · ".join(part for part in (nature, note.district, title) if part))
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _add_page_number(foot)


def _set_fonts(style: Any, lang: Lang) -> None:
    style.font.name = _FONTS[0]
    style.font.color.rgb = _INK
    properties = style.element.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), _FONTS[1])
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), _LANGUAGES[lang])
    language.set(qn("w:eastAsia"), _LANGUAGES["zh"])
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    properties.append(language)


def _add_page_number(paragraph: Any) -> None:
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        if kind:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:instrText")
            part.text = text
        run._r.append(part)  # noqa: SLF001 - python-docx has no fields of its own


def _add(document: Word, block: Block) -> None:
    if isinstance(block, Heading):
        _add_heading(document, block.text, block.level)
    elif isinstance(block, Paragraph):
        added = document.add_paragraph(plain_text(block.text))
        if block.notice:
            _shade(added._p.get_or_add_pPr(), _NOTICE)  # noqa: SLF001 - python-docx knows no shading
    elif isinstance(block, Bullets):
        for item in block.items:
            document.add_paragraph(plain_text(item), style="List Bullet")
    elif isinstance(block, TextTable):
        _add_table(document, block)
    else:
        _add_picture(document, block)


def _add_heading(document: Word, text: str, level: int) -> None:
    document.add_heading(plain_text(text), level)


def _add_picture(document: Word, picture: Picture) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    shape = paragraph.add_run().add_picture(io.BytesIO(picture.png), width=Mm(picture.width_mm))
    described = shape._inline.docPr  # noqa: SLF001 - python-docx has no alternative texts
    described.set("descr", plain_text(picture.alt))
    document.add_paragraph(plain_text(picture.caption), style="Caption")


def _add_table(document: Word, content: TextTable) -> None:
    table = document.add_table(rows=0, cols=len(content.heads), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    right = list(content.are_figures) or [False] * len(content.heads)
    widths_mm = _widths_mm(content)
    for column, width_mm in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width_mm)
    # cells of a table are slow to reach by their number; a row's own are not
    head = table.add_row()
    _mark_row(head, "w:tblHeader")
    for cell, text, to_right, width_mm in zip(head.cells, content.heads, right, widths_mm, strict=True):
        _fill(cell, text, width_mm, bold=True, to_right=to_right)
        _shade(cell._tc.get_or_add_tcPr(), _SHADE)  # noqa: SLF001 - python-docx knows no shading
    for row in content.rows:
        added = table.add_row()
        _mark_row(added, "w:cantSplit")
        for cell, text, to_right, width_mm in zip(added.cells, row, right, widths_mm, strict=True):
            _fill(cell, text, width_mm, bold=False, to_right=to_right)
    document.add_paragraph()


def _widths_mm(content: TextTable) -> list[float]:
    """Share the width of the text out among the columns, by the longest text of each within bounds."""
    longest = [
        max(
            _letters(content.heads[place]) / 2, *(_letters(row[place]) for row in content.rows[:_MEASURED]), 0
        )
        for place in range(len(content.heads))
    ]
    wanted = [min(max(each, _LEAST_LETTERS), _MOST_LETTERS) + _PADDING_LETTERS for each in longest]
    return [TEXT_MM * each / sum(wanted) for each in wanted]


def _letters(text: str) -> int:
    """Return how wide a text is in Latin letters; a Chinese one counts double."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _fill(cell: _Cell, text: str, width_mm: float, *, bold: bool, to_right: bool) -> None:
    # Word takes a column's width from its cells
    cell.width = Mm(width_mm)
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(plain_text(text))
    run.bold, run.font.size = bold, Pt(8.5)
    if to_right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _mark_row(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))  # noqa: SLF001 - python-docx repeats no rows


def _shade(properties: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    properties.append(shade)


def _saved(document: Word) -> bytes:
    """Return the document's bytes, every entry of the archive under one and the same date."""
    made, out = io.BytesIO(), io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as archive, PinnedZip(out, "w", zipfile.ZIP_DEFLATED) as pinned:
        for name in archive.namelist():
            pinned.writestr(name, archive.read(name))
    return out.getvalue()
