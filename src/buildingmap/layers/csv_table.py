"""CSV: UTF-8 or GBK, commas, semicolons or tabs, and the notes that our own exports begin with."""

from __future__ import annotations

import csv
import io
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from buildingmap.layers.findings import Shown
from buildingmap.layers.notes import NOTE_MARK, about_of_notes, note_of_line, unguarded
from buildingmap.layers.tables import HEADER_WITHIN, LONGEST_CELL, find_header, table_layer
from buildingmap.model.faults import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from buildingmap.layers.findings import Findings
    from buildingmap.layers.limits import Limits
    from buildingmap.layers.raw import RawLayer
    from buildingmap.layers.tables import Line

_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS: Final = ",;\t"
_LOOKED_AT: Final = 400
_FEWEST_NULS: Final = 4
_LONGEST_CHARACTER: Final = 4
_MOST_LINES: Final = 20
_SHOWN_BYTES: Final = 60


def read_csv(data: bytes, *, limits: Limits, findings: Findings) -> RawLayer | None:
    """Read a CSV table; None, and faults, where it cannot be. Rows are numbered by the line they begin on."""
    text = decoded(data, findings, is_meant=_has_known_header)
    if text is None:
        return None
    notes, body, first_line = split_notes(text)
    try:
        lines = csv_lines(body, first_line, guarded=bool(notes))
        top = list(islice(lines, HEADER_WITHIN))
        header = find_header(top)
        if header is None:
            found = Shown(", ".join(str(cell) for cell in top[0][1])[:60]) if top else ""
            findings.fault("header_missing", found=found, limit=HEADER_WITHIN)
            return None
        rest = chain((line for line in top if line[0] > header.row), lines)
        about = about_of_notes(notes) if notes else None
        width = len(header.headers)
        return table_layer(
            _even(rest, width, findings),
            header,
            format_="csv",
            limits=limits,
            findings=findings,
            about=about,
            notes=notes,
        )
    except csv.Error as error:
        findings.fault("csv", found=Shown(str(error)[:60]))
        return None


def decoded(data: bytes, findings: Findings, *, is_meant: Callable[[str], bool]) -> str | None:
    """Return the text: what is valid UTF-8 is UTF-8, what is valid GB 18030 is that, the rest is a fault.

    Many bytes pass for GB 18030: only a text that ``is_meant`` is taken for it.
    """
    if data.startswith(_UTF16) or (b"\0" in data[:_LOOKED_AT] and _is_utf16(data[:_LOOKED_AT])):
        findings.fault("table_utf16", found=Shown("text in UTF-16 (Unicode)", "UTF-16（Unicode）编码的文本"))
        return None
    if b"\0" in data:
        _nul(data, findings)
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        broken_at = error.start
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        _undecodable(data, max(broken_at, error.start), findings)
        return None
    if is_meant(text):
        return text
    _undecodable(data, broken_at, findings)
    return None


def _has_known_header(text: str) -> bool:
    _, body, first_line = split_notes(text)
    try:
        top = list(islice(csv_lines(body, first_line, guarded=False), HEADER_WITHIN))
    except csv.Error:
        return False
    return find_header(top) is not None


def _is_utf16(head: bytes) -> bool:
    """Tell whether bytes are text in UTF-16 without its mark: the 0 of its commas and lines is always on one side."""
    places = [place for place, byte in enumerate(head) if not byte]
    if len(places) < _FEWEST_NULS or len({place % 2 for place in places}) > 1:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # a character that is cut at the end is no error of the text
        return error.start < len(head) - _LONGEST_CHARACTER or len(places) * 4 > len(head)
    return len(places) * 4 > len(head)


def _nul(data: bytes, findings: Findings) -> None:
    """Refuse bytes of value 0, each line that has one, the first few, with what stands before it."""
    position, lines = -1, list[int]()
    while len(lines) < _MOST_LINES and (position := data.find(b"\0", position + 1)) >= 0:
        line = _line_of(data, position)
        if line in lines:
            continue
        lines.append(line)
        before = data[data.rfind(b"\n", 0, position) + 1 : position][-_SHOWN_BYTES:]
        text = _shown(before)
        found = Shown(f"a byte of value 0 after {text!r}", f"“{text}”之后有值为 0 的字节")
        findings.fault("table_nul", place=Place("row", line), found=found)


def _shown(before: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        for start in range(_LONGEST_CHARACTER):
            try:
                return before[start:].decode(encoding)
            except UnicodeDecodeError:
                continue
    return before.decode("utf-8", "replace")


def _line_of(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def _undecodable(data: bytes, position: int, findings: Findings) -> None:
    place = Place("row", _line_of(data, position))
    found = data[position : position + 4].hex(" ")
    findings.fault(
        "table_encoding", place=place, position=position, found=Shown(f"the bytes {found}", f"字节 {found}")
    )


def split_notes(text: str) -> tuple[list[str], str, int]:
    """Split off the leading lines that begin with the mark of a note; return them, the rest, its first line."""
    notes: list[str] = []
    start = 0
    while text.startswith((NOTE_MARK, f'"{NOTE_MARK}'), start):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end + 1
        notes.append(note_of_line(text[start:end].rstrip("\r\n")))
        start = end
    return notes, text[start:], len(notes) + 1


def csv_lines(body: str, first_line: int, *, guarded: bool) -> Iterator[Line]:
    """Yield the line that each row begins on with its cells. Raises csv.Error."""
    csv.field_size_limit(LONGEST_CELL * 4)
    heading = body[: body.find("\n")] if "\n" in body else body
    delimiter = max(_DELIMITERS, key=heading.count)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    line = first_line
    for cells in reader:
        values: list[Any] = [unguarded(cell) for cell in cells] if guarded else cells
        yield line, values
        line = first_line + reader.line_num


def _even(lines: Iterator[Line], width: int, findings: Findings) -> Iterator[Line]:
    for row, cells in lines:
        if cells and len(cells) != width:
            findings.fault("ragged_row", place=Place("row", row), found=len(cells), limit=width)
            continue
        yield row, cells
