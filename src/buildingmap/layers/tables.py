"""Tables as offices keep them: where the header stands, and which rows are no towers."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from buildingmap.layers.checked import LayerAbout
from buildingmap.layers.findings import Shown
from buildingmap.layers.headers import read_header
from buildingmap.layers.raw import Format, RawLayer, RawRow
from buildingmap.layers.values import is_empty
from buildingmap.model.faults import Place, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildingmap.layers.findings import Findings
    from buildingmap.layers.limits import Limits

HEADER_WITHIN: Final = 10
LONGEST_CELL: Final = 131_072
_FEWEST_HEADERS: Final = 2
_TOTALS: Final = frozenset(
    {"合计", "总计", "小计", "总数", "共计", "累计", "total", "totals", "subtotal", "grand total", "sum"}
)
_FEWEST_COLUMNS_OF_A_NOTE: Final = 3

Line = tuple[int, "Sequence[Any]"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The header found in a table: its row number, its cells, the numbers of the title rows above and their words."""

    row: int
    headers: tuple[str, ...]
    titles: tuple[int, ...]
    words: tuple[str, ...] = ()


def find_header(lines: Sequence[Line]) -> Sheet | None:
    """Return the first of ``lines`` that names towers: at least two known headers, a name among them."""
    titles: list[int] = []
    words: list[str] = []
    for row, cells in lines[:HEADER_WITHIN]:
        known = [read_header(cell) for cell in cells if isinstance(cell, str)]
        fields = {header.field for header in known if header is not None}
        if "name" in fields and len(fields) >= _FEWEST_HEADERS:
            headers = tuple("" if is_empty(cell) else str(cell).strip() for cell in cells)
            return Sheet(row, headers, tuple(titles), tuple(words))
        if not all(is_empty(cell) for cell in cells):
            titles.append(row)
            words += [cell for cell in cells if isinstance(cell, str)]
    return None


def table_layer(
    lines: Iterator[Line],
    header: Sheet,
    *,
    format_: Format,
    limits: Limits,
    findings: Findings,
    sheet: str | None = None,
    about: LayerAbout | None = None,
    notes: Sequence[str] = (),
) -> RawLayer | None:
    """Return the rows below ``header`` as a raw layer; None, and faults, where a limit is passed.

    Blank rows are passed over. Rows of totals and notes are faults: they are no towers, and are never dropped
    in silence.
    """
    headers = header.headers
    while headers and not headers[-1]:
        headers = headers[:-1]
    if len(headers) > limits.columns:
        findings.fault("columns_limit", found=len(headers), limit=limits.columns)
        return None
    top = Place("row", header.row, sheet)
    if header.titles:
        findings.warn("title_rows", place=top, found=Shown(", ".join(map(str, header.titles))))
    twice = _twice(headers)
    names = _columns_of(headers, {"id", "name"})
    places = _columns_of(headers, {"lon", "lat", "wkt"})
    rows: list[RawRow] = []
    for row, cells in lines:
        if all(is_empty(cell) for cell in cells):
            continue
        if len(rows) >= limits.rows:
            findings.fault("rows_limit", limit=limits.rows)
            return None
        place = Place("row", row, sheet)
        if _is_tower(cells, headers, names, places, place=place, findings=findings):
            rows.append(RawRow(place, dict(zip(headers, cells, strict=False))))
            _hold_twice(twice, headers, cells, place, findings)
        if findings.full:
            break
    _told_same([headers[number] for number in twice], top, findings)
    left = tuple(dict.fromkeys(text for text in headers if text))
    about = LayerAbout() if about is None else about
    return RawLayer(format_, left, tuple(rows), about=about, statements=(*header.words, *notes))


def _columns_of(headers: Sequence[str], fields: set[str]) -> list[int]:
    found = [read_header(text) for text in headers]
    return [place for place, header in enumerate(found) if header is not None and header.field in fields]


def _twice(headers: Sequence[str]) -> dict[int, int]:
    """Return the columns of a field whose header stands before, too, with the place of the first."""
    known = [place for place, text in enumerate(headers) if text and read_header(text) is not None]
    return {place: headers.index(headers[place]) for place in known if headers.index(headers[place]) != place}


def _told_same(headers: Sequence[str], top: Place, findings: Findings) -> None:
    for text in headers:
        findings.warn("column_same", place=top, found=Shown(text), other=text)


def _hold_twice(
    twice: dict[int, int], headers: Sequence[str], cells: Sequence[Any], place: Place, findings: Findings
) -> None:
    """Refuse the columns of ``twice`` that say another thing than the first of their name, and forget them then."""
    for number, first in list(twice.items()):
        one, two = (cells[at] if at < len(cells) else None for at in (first, number))
        if one != two:
            del twice[number]
            values = {"other": headers[first], "value": "" if one is None else shown(one)}
            findings.fault("column_twice", place=place, name=headers[number], found=two, **values)


def _is_tower(
    cells: Sequence[Any],
    headers: Sequence[str],
    names: Sequence[int],
    places: Sequence[int],
    *,
    place: Place,
    findings: Findings,
) -> bool:
    filled = [number for number, cell in enumerate(cells) if not is_empty(cell)]
    for number in filled:
        if number >= len(headers) or not headers[number]:
            findings.fault("header_empty", place=place, found=cells[number])
            return False
        if isinstance(cells[number], str) and len(cells[number]) > LONGEST_CELL:
            findings.fault("cell_length", place=place, name=headers[number], limit=LONGEST_CELL)
            return False
    if not set(places) & set(filled):
        # totals and notes stand nowhere; a tower may be called anything
        first = {*(number for number in names if number < len(cells)), filled[0]}
        total = next((cells[number] for number in sorted(first) if is_total(cells[number])), None)
        if total is not None:
            findings.fault("total_row", place=place, found=total)
            return False
    if len(filled) == 1 and len(headers) >= _FEWEST_COLUMNS_OF_A_NOTE and filled[0] not in names[-1:]:
        findings.fault("note_row", place=place, found=cells[filled[0]])
        return False
    return True


def is_total(cell: Any) -> bool:
    """Tell whether a cell says that its row adds others up."""
    if not isinstance(cell, str):
        return False
    text = "".join(unicodedata.normalize("NFKC", cell).casefold().split()).strip(":：")
    return text in _TOTALS or text.replace("grandtotal", "grand total") in _TOTALS
