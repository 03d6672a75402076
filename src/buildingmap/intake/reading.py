"""From the cells of a table to values by the registry's field names, and a fault for each cell that is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from buildingmap.intake.vocabulary import ASSUMED
from buildingmap.layers.examining import named
from buildingmap.layers.headers import units_of
from buildingmap.layers.merging import filled_down, shared_cells
from buildingmap.layers.tables import LONGEST_CELL
from buildingmap.layers.values import UnreadableError, is_empty, read_cell
from buildingmap.model.faults import Expected, Fault, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from buildingmap.intake.looking import Table
    from buildingmap.intake.mapping import Column
    from buildingmap.intake.mapping import Mapping as Reading
    from buildingmap.layers import Sheet
    from buildingmap.layers.headers import Header

    Progress = Callable[[int, int], None]

MOST_FAULTS: Final = 10_000
_EVERY: Final = 500
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
    """The rows of a table as they were read.

    For later faults: ``columns``, position of each field's first column; ``places``, that of each field and year.
    """

    rows: list[OfficeRow] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    places: dict[tuple[str, int | None], int] = field(default_factory=dict)

    def place_of(self, field_name: str, year: int | None) -> int | None:
        """Return the column that a figure of ``year`` was read from: its own, else one that is of no single year."""
        found = self.places.get((field_name, year), self.places.get((field_name, None)))
        return self.places.get(("tax_history", None)) if found is None else found


def column_faults(mapping: Reading) -> list[Fault]:
    """Return what keeps a mapping from being read: no column that names rows, a unit that nobody has said."""
    faults = []
    fields = {column.field for column in mapping.columns}
    target = mapping.target
    if not target.named_by & fields:
        words = [target.vocabulary.fields[name][1][0] for name in sorted(target.named_by)]
        faults.append(Fault(Expected.of("import_named", choices=", ".join(words))))
    return faults + [_unit_fault(mapping, column) for column in mapping.columns if mapping.needs_unit(column)]


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
    sheet: Sheet,
    table: Table,
    mapping: Reading,
    *,
    file: str,
    without: Collection[int] = (),
    progress: Progress | None = None,
) -> Read:
    """Read every row of a table as ``mapping`` says, but for the columns ``without``.

    ``progress`` is told rows done and rows in all, now and then.
    """
    read = Read()
    below = filled_down(sheet, below=table.header[1])
    reader = _Reader(sheet, below, shared_cells(below, table.rows), read.faults, file)
    headers = {
        column: mapping.header(column)
        for column in mapping.columns
        if column.field is not None and column.position not in without
    }
    for column in headers:
        read.columns.setdefault(str(column.field), column.position)
        read.places[str(column.field), column.year] = column.position
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
