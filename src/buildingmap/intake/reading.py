"""From the cells of a table to values by the registry's field names, and a fault for each cell that is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from buildingmap.intake.vocabulary import ASSUMED
from buildingmap.layers.headers import units_of
from buildingmap.layers.tables import LONGEST_CELL
from buildingmap.layers.values import UnreadableError, is_empty, read_cell
from buildingmap.model.faults import Expected, Fault, printable, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from buildingmap.intake.looking import Table
    from buildingmap.intake.mapping import Column
    from buildingmap.intake.mapping import Mapping as Reading
    from buildingmap.layers import Sheet
    from buildingmap.layers.headers import Header

    Progress = Callable[[int, int], None]

MOST_FAULTS: Final = 10_000
_EVERY: Final = 500
_LONGEST_SHOWN: Final = 60
# what adds up over rows; a rent per m² may well be that of several
_AMOUNTS: Final = frozenset({"money", "area"})


@dataclass(frozen=True, slots=True)
class CellFault:
    """A fault with its cell: ``row`` in ``Sheet.rows``, ``column`` from 0, None where it is the row's."""

    fault: Fault
    row: int | None = None
    column: int | None = None


@dataclass(slots=True)
class OfficeRow:
    """One row of an office's table: ``values`` by field, only of cells that are filled and read.

    ``taxes``: annual figures by year, of columns of single years. ``cleared``: fields whose cells are empty.
    """

    position: int
    values: dict[str, Any] = field(default_factory=dict)
    taxes: dict[int, dict[str, Any]] = field(default_factory=dict)
    cleared: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Read:
    """The rows of a table as they were read. ``columns``: position of each field's column, for later faults."""

    rows: list[OfficeRow] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)


def column_faults(mapping: Reading) -> list[Fault]:
    """Return what keeps a mapping from being read: no column that names rows, a unit that nobody has said."""
    faults = []
    fields = {column.field for column in mapping.columns}
    target = mapping.target
    if not target.named_by & fields:
        words = [target.vocabulary.fields[name][1][0] for name in sorted(target.named_by)]
        faults.append(Fault(Expected.of("import_named", choices=", ".join(words))))
    taken: dict[tuple[str, int | None], str] = {}
    for column in mapping.columns:
        if column.field is None:
            continue
        other = taken.setdefault((column.field, column.year), column.header)
        if other is not column.header:
            expected = Expected.of("column_twice", other=shown(other))
            faults.append(Fault(expected, column.field, shown(column.header)))
        if mapping.needs_unit(column):
            faults.append(_unit_fault(mapping, column))
    return faults


def _unit_fault(mapping: Reading, column: Column) -> Fault:
    assert column.field is not None
    units = units_of(mapping.target.vocabulary.fields[column.field][0])
    expected = Expected.of("import_unit", choices=", ".join(units))
    return Fault(expected, column.field, shown(column.header))


def left_out(read: Read, mapping: Reading) -> list[CellFault]:
    """Take out of ``read`` the faults of cells that can be left out, and return them.

    One that says which year, quarter or kind of tax a row is of cannot: without it the row would be of another.
    """
    kept = {column.position for column in mapping.columns if column.field in ASSUMED}
    unread = [fault for fault in read.faults if fault.column not in kept]
    read.faults = [fault for fault in read.faults if fault.column in kept]
    return unread


def read_rows(
    sheet: Sheet, table: Table, mapping: Reading, *, file: str, progress: Progress | None = None
) -> Read:
    """Read every row of a table as ``mapping`` says. ``progress`` is told rows done and rows in all, now and then."""
    read = Read()
    below = _fill_down(sheet, table)
    reader = _Reader(sheet, below, _shared(below, table), read.faults, file)
    headers = {column: mapping.header(column) for column in mapping.columns if column.field is not None}
    for column in headers:
        read.columns.setdefault(str(column.field), column.position)
    for number, position in enumerate(table.rows):
        if progress is not None and number % _EVERY == 0:
            progress(number, len(table.rows))
        read.rows.append(reader.row(position, headers))
    return read


@dataclass(frozen=True, slots=True)
class _Reader:
    sheet: Sheet
    below: Mapping[tuple[int, int], Any]
    shared: frozenset[tuple[int, int]]
    faults: list[CellFault]
    file: str

    def row(self, position: int, headers: Mapping[Column, Header]) -> OfficeRow:
        cells: Sequence[Any] = self.sheet.rows[position]
        row = OfficeRow(position)
        for column, header in headers.items():
            place = column.position
            cell = cells[place] if place < len(cells) else None
            if is_empty(cell):
                cell = self.below.get((position, place))
            if is_empty(cell):
                self._empty(row, column, header)
                continue
            if header.kind in _AMOUNTS and (position, place) in self.shared:
                # one amount for several rows is no row's own: taken for each of them it would count twice
                self._fault(position, column, "cell_merged", shown(cell))
                continue
            try:
                value = _value(cell, header)
            except UnreadableError as unreadable:
                self._fault(position, column, unreadable.code, shown(cell))
                continue
            if header.year is None:
                row.values[header.field] = value
            else:
                row.taxes.setdefault(header.year, {})[header.field] = value
        return row

    def _empty(self, row: OfficeRow, column: Column, header: Header) -> None:
        if (row.position, column.position) in self.sheet.unsaved:
            self._fault(row.position, column, "cell_formula", "")
        elif header.year is None:
            row.cleared.append(header.field)

    def _fault(self, position: int, column: Column, code: str, found: str) -> None:
        expected = Expected.of(code, limit=LONGEST_CELL)
        name = named(column.field or "", column.header)
        fault = Fault(expected, name, found, self.sheet.place(position), file=self.file)
        self.faults.append(CellFault(fault, position, column.position))


def _value(cell: Any, header: Header) -> Any:
    if isinstance(cell, str) and len(cell) > LONGEST_CELL:
        raise UnreadableError("cell_length")
    return read_cell(cell, header)


def named(field_name: str, header: str) -> str:
    """Return how a fault names a column: the field, with the office's own word for it."""
    own = printable(header)[:_LONGEST_SHOWN]
    return field_name if own in {"", field_name} else f"{field_name} ({own})"


def _shared(below: Mapping[tuple[int, int], Any], table: Table) -> frozenset[tuple[int, int]]:
    """Return the filled cells that a merge gives to more than one row of the table, the first of them too."""
    rows = set(table.rows)
    lower = {cell for cell, value in below.items() if cell[0] in rows and not is_empty(value)}
    first = {(row - 1, column) for row, column in lower if row - 1 in rows}
    return frozenset(lower | first)


def _fill_down(sheet: Sheet, table: Table) -> dict[tuple[int, int], Any]:
    """Return what stands in the lower cells of those merged over several rows: the text of the first."""
    below: dict[tuple[int, int], Any] = {}
    for merge in sheet.merges:
        if merge.top <= table.header[1] or merge.bottom == merge.top or merge.top >= len(sheet.rows):
            continue
        first = sheet.rows[merge.top]
        # cells are merged below and beside the last filled one too
        value = first[merge.left] if merge.left < len(first) else None
        for position in range(merge.top + 1, min(merge.bottom + 1, len(sheet.rows))):
            below[position, merge.left] = value
    return below
