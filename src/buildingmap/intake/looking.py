"""Find the table in a sheet: its title, its header of one to three rows, its rows, and what is no row of it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from buildingmap.intake.vocabulary import TARGETS
from buildingmap.layers.headers import read_header, unit_inside
from buildingmap.layers.tables import is_total
from buildingmap.layers.values import is_empty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.intake.vocabulary import Target
    from buildingmap.layers import Sheet
    from buildingmap.layers.headers import Header

HEADER_WITHIN: Final = 15
_DEEPEST_HEADER: Final = 3
_MOST_CELLS_OF_A_NOTE: Final = 3
_FEWEST_COLUMNS_OF_A_NOTE: Final = 3
_NOTE: Final = re.compile(r"(注|备注|说明|填表|制表|审核|单位|联系|负责|统计|填报|note)", re.IGNORECASE)

# keys that a row may do without, or that hold for the whole file
_MAY_BE_ELSEWHERE: Final = frozenset({"building_id", "year", "quarter", "tax_type", "duty"})

Kind = Literal["title", "total", "note"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row of the sheet that is no row of the table: ``position`` in ``Sheet.rows``, and what stands in it."""

    position: int
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """The table of a sheet. ``headers``: the words of each column, those of merged headers above it joined.

    ``header``: positions of the header's first and last row in ``Sheet.rows``; ``rows`` those of its rows.
    ``left_out``: titles, totals and notes. ``guess``: what the headers say it is a table of, None where they do
    not; ``known`` how many of them are understood then.
    """

    header: tuple[int, int]
    headers: tuple[str, ...]
    rows: tuple[int, ...]
    left_out: tuple[LeftOut, ...]
    guess: str | None
    known: int

    @property
    def title(self) -> str:
        """The words above the header."""
        return " ".join(entry.text for entry in self.left_out if entry.kind == "title")


def find_table(sheet: Sheet) -> Table | None:
    """Return the table of a sheet; None where there are no two cells that could be headers."""
    best: tuple[int, int, int] | None = None
    chosen: tuple[int, tuple[str, ...], str | None] | None = None
    within = 1 if sheet.shapes is not None else min(HEADER_WITHIN, len(sheet.rows))
    filled = _with_merges(sheet, within + _DEEPEST_HEADER)
    for top in range(within):
        if len({text for cell in filled[top] if (text := _text(cell))}) < 2:  # noqa: PLR2004 - a title says one thing
            continue
        for depth in range(1, 2 if sheet.shapes is not None else _DEEPEST_HEADER + 1):
            headers = _headers(filled, top, depth)
            table, known = _fitting(headers)
            # a deeper or later header must say more
            if known > (best[0] if best else 0):
                best, chosen = (known, top, depth), (known, headers, table)
    if best is None or best[0] < 2:  # noqa: PLR2004 - one known word may stand in a title
        first = next((place for place in range(within) if _texts(filled[place]) > 1), None)
        if first is None:
            return None
        best, chosen = (0, first, 1), (0, _headers(filled, first, 1), None)
    assert chosen is not None
    return _table(sheet, best[1], best[1] + best[2] - 1, chosen)


def _table(sheet: Sheet, top: int, bottom: int, chosen: tuple[int, tuple[str, ...], str | None]) -> Table:
    known, headers, guess = chosen
    naming = naming_columns(headers, TARGETS[guess]) if guess else frozenset()
    left = [LeftOut(place, "title", words) for place in range(top) if (words := _words(sheet.rows[place]))]
    rows = []
    for place in range(bottom + 1, len(sheet.rows)):
        cells = sheet.rows[place]
        filled = [number for number, cell in enumerate(cells) if not is_empty(cell)]
        if not filled:
            continue
        kind = _no_row(cells, filled, naming, len(headers))
        if kind is None:
            rows.append(place)
        else:
            left.append(LeftOut(place, kind, _words(cells)))
    return Table((top, bottom), headers, tuple(rows), tuple(left), guess, known)


def naming_columns(headers: Sequence[str], target: Target) -> frozenset[int]:
    """Return the columns that name the tower or the row."""
    found = [read_header(text, target.vocabulary) for text in headers]
    wanted = {*target.named_by, "name"}
    return frozenset(place for place, header in enumerate(found) if header and header.field in wanted)


def _no_row(cells: Sequence[Any], filled: Sequence[int], naming: frozenset[int], width: int) -> Kind | None:
    if any(is_total(cells[number]) for number in {filled[0], *(naming & set(filled))}):
        return "total"
    if width < _FEWEST_COLUMNS_OF_A_NOTE or not all(isinstance(cells[number], str) for number in filled):
        return None
    if len(filled) == 1 and (filled[0] not in naming or _NOTE.match(cells[filled[0]])):
        return "note"
    few = len(filled) <= _MOST_CELLS_OF_A_NOTE
    if few and all(re.search(r"[:：]", cells[number]) or _NOTE.match(cells[number]) for number in filled):
        return "note"
    return None


def _fitting(headers: Sequence[str]) -> tuple[str | None, int]:
    """Return the table that the headers fit best, and how many of them it knows; None, 0 where none is named."""
    best: tuple[int, int, int] = (0, 0, 0)
    chosen, most = None, 0
    for order, (table, target) in enumerate(TARGETS.items()):
        found = {
            (header.field, header.year)
            for text in headers
            if (header := read_header(text, target.vocabulary))
        }
        fields = {field for field, _ in found}
        if not target.named_by & fields:
            continue
        needed = target.of_places or set(target.keys) - _MAY_BE_ELSEWHERE <= fields
        known = len(found)
        score = (int(needed), known + len(target.marks & fields), -order)
        if score > best:
            best, chosen, most = score, table, known
    return chosen, most


def _with_merges(sheet: Sheet, rows: int) -> list[list[Any]]:
    """Return the first rows with each merged cell's text in all of its cells."""
    filled = [list(row) for row in sheet.rows[:rows]]
    for merge in sheet.merges:
        if merge.top >= len(filled) or merge.left >= len(filled[merge.top]):
            continue
        value = filled[merge.top][merge.left]
        for row in filled[merge.top : merge.bottom + 1]:
            for column in range(merge.left, min(merge.right + 1, len(row))):
                row[column] = value
    return filled


def _headers(filled: Sequence[Sequence[Any]], top: int, depth: int) -> tuple[str, ...]:
    stack = filled[top : top + depth]
    if len(stack) < depth:
        return ()
    width = max(map(len, stack))
    return tuple(
        _joined([_text(row[column]) for row in stack if column < len(row)]) for column in range(width)
    )


def _joined(texts: Sequence[str]) -> str:
    """Return the words of a column's header cells, top to bottom, as one header."""
    own = [text for number, text in enumerate(texts) if text and text not in texts[:number]]
    if len(own) < 2:  # noqa: PLR2004 - nothing to join
        return own[0] if own else ""
    above, last = own[:-1], own[-1]
    unit = next((found for text in reversed(own) if (found := unit_inside(text))), "")
    bare = [re.sub(r"[(（\[【].*?[)）\]】]", "", text).strip() for text in (last, *reversed(above))]
    ended = f"({unit})" if unit else ""
    spoken = [last, bare[0] + ended, "".join(bare) + ended, "".join(reversed(bare)) + ended]
    known = [(text, header) for text in spoken for header in _readings(text)]
    return next((text for text, header in known if header.factor), known[0][0] if known else " ".join(own))


def _readings(text: str) -> list[Header]:
    found = (read_header(text, target.vocabulary) for target in TARGETS.values())
    return [header for header in found if header is not None]


def _text(cell: Any) -> str:
    return (
        " ".join(cell.split())
        if isinstance(cell, str)
        else ""
        if cell is None
        else str(cell).removesuffix(".0")
    )


def _texts(cells: Sequence[Any]) -> int:
    return sum(isinstance(cell, str) and bool(cell.strip()) for cell in cells)


def _words(cells: Sequence[Any]) -> str:
    words = [unicodedata.normalize("NFC", _text(cell)) for cell in cells if not is_empty(cell)]
    return " ".join(words)[:200]
