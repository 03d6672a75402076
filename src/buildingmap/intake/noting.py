"""What is said of an office's table besides its cells: the same look at columns and towers that ``check`` takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from buildingmap.intake.reading import CellFault
from buildingmap.layers.crsnames import labelled
from buildingmap.layers.datum_said import SaidDatum, said_datum
from buildingmap.layers.examining import Examined, Headed, InHand, Said, derived_field, examine
from buildingmap.layers.merging import filled_down
from buildingmap.layers.sheet_notes import sheet_notes, sheets_left
from buildingmap.layers.tower_notes import Tower, tower_notes
from buildingmap.layers.values import is_empty
from buildingmap.model.faults import Expected, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from buildingmap.intake.choosing import Chosen
    from buildingmap.intake.holding import Holder
    from buildingmap.intake.looking import Table
    from buildingmap.intake.mapping import Column
    from buildingmap.intake.mapping import Mapping as Reading
    from buildingmap.intake.reading import OfficeRow
    from buildingmap.layers import Grid, Sheet
    from buildingmap.layers.headers import Header


@dataclass(frozen=True, slots=True)
class Looked:
    """What the look at the columns came to: ``twins`` are those that only repeat another and are not read."""

    faults: list[CellFault]
    notes: list[Fault]
    twins: frozenset[int]
    money_unread: bool


def look(chosen: Chosen) -> Looked:
    """Look at the columns of the chosen table as it is read now, and at what the file says of its datum."""
    table = in_hand(chosen.sheet, chosen.table, chosen.mapping)
    found = examine(table)
    if chosen.mapping.datum_basis != "person":
        found.said += said_of(chosen.grid, chosen.sheet, table, chosen.mapping).said
    found.said += map(Said, _of_sheet(chosen))
    return _looked(found, chosen)


def _of_sheet(chosen: Chosen) -> list[Fault]:
    fields = {
        column.position: (column.field, column.header)
        for column in chosen.mapping.columns
        if column.field is not None
    }
    sheet, table = chosen.sheet, chosen.table
    notes = sheet_notes(sheet, below=table.header[1], rows=table.rows, fields=fields)
    return sheets_left(chosen.grid.sheets, sheet) + notes


def in_hand(sheet: Sheet, table: Table, mapping: Reading) -> InHand:
    """Return the columns of a table as every door looks at them: merged cells filled, keys are positions."""
    below = filled_down(sheet, below=table.header[1])

    def cell(row: int, place: int) -> Any:
        cells = sheet.rows[row]
        own = cells[place] if place < len(cells) else None
        return below.get((row, place)) if is_empty(own) else own

    columns = [
        Headed(
            column.position,
            column.header,
            None if column.field is None else _dated(mapping, column),
            left=column.field is None and column.basis == "person",
        )
        for column in mapping.columns
    ]
    rows = [(sheet.place(row), row) for row in table.rows]
    return InHand(columns, rows, cell, table.title, sheet.place(table.header[1]))


def _dated(mapping: Reading, column: Column) -> Header:
    """Return how a column is read, of the year that the title or a person gives where its own header names none."""
    header = mapping.header(column)
    dated = header.field in mapping.target.vocabulary.of_a_year and not mapping.of("tax_year")
    return replace(header, year=header.year or mapping.year) if dated else header


def said_of(grid: Grid, sheet: Sheet, table: InHand, mapping: Reading) -> SaidDatum:
    """Return the datum that a file says its towers or parcels are in; nothing where it has no places."""
    fields = {column.field for column in mapping.columns}
    if not mapping.target.of_places or (sheet.shapes is None and not fields & {"lon", "lat", "wkt"}):
        return SaidDatum()
    return said_datum(table, statements=grid.statements, own=labelled(grid.crs))


def _looked(found: Examined, chosen: Chosen) -> Looked:
    position_of = {chosen.sheet.place(row): row for row in chosen.table.rows}
    faults, notes = [], []
    for said in found.said:
        fault = replace(said.fault, file=chosen.grid.file)
        if said.refuses:
            faults.append(CellFault(fault, position_of.get(fault.place), said.key))
        else:
            notes.append(fault)
    return Looked(faults, notes, frozenset(found.twins), found.money_unread)


def notes_on_towers(holder: Holder, chosen: Chosen) -> list[Fault]:
    """Return what is said of the towers that the table is about, as they would stand after the import."""
    notes = tower_notes(_towers(holder, chosen), holder.district)
    if holder.mapping.target.of_towers and _ids_derived(holder):
        notes.append(Fault(Expected.of("id_derived"), "id"))
    return [replace(note, file=holder.file) for note in notes]


def _ids_derived(holder: Holder) -> bool:
    given = {row.position: row.values.get("id") for row in holder.read.rows}
    return any(
        row.state == "new" and row.table == "building" and not given[row.position] for row in holder.held.rows
    )


def _towers(holder: Holder, chosen: Chosen) -> Iterator[Tower]:
    taxes = _taxes(holder)
    if not holder.mapping.target.of_towers:
        for building_id, (position, years) in taxes.items():
            known = holder.towers.by_id.get(building_id)
            if known is not None:
                yield _tower(holder, position, building_id, known.values, years)
        return
    stated = {
        column.position: field
        for column in chosen.mapping.columns
        if column.field is None and (field := derived_field(column.header)) is not None
    }
    rows = {row.position: row for row in holder.read.rows}
    for held in holder.held.rows:
        if held.table != "building":
            continue
        cells = chosen.sheet.rows[held.position]
        derived = {field: cells[place] for place, field in stated.items() if place < len(cells)}
        values = {**held.before, **held.wanted}
        years = taxes.get(held.row_id, (held.position, {}))[1]
        own = rows[held.position] if held.state == "new" else None
        yield _tower(holder, held.position, held.row_id, values, years, own=own, derived=derived)


def _tower(
    holder: Holder,
    position: int,
    row_id: str,
    values: Mapping[str, Any],
    years: Mapping[int, float],
    *,
    own: OfficeRow | None = None,
    derived: Mapping[str, Any] | None = None,
) -> Tower:
    """``own``: the row of the table, where the tower is new."""
    return Tower(
        holder.sheet.place(position),
        row_id,
        str(values.get("name", "")),
        str(values.get("status", "")),
        assumed=own is not None and "status" not in own.values,
        located=own is not None and "cluster" not in own.values,
        sector=values.get("sector"),
        sectors=values.get("sectors") or (),
        taxed=any(figure > 0 for figure in years.values()),
        newest_tax=years[max(years)] if years else None,
        derived=derived or {},
    )


def _taxes(holder: Holder) -> dict[str, tuple[int, dict[int, float]]]:
    """Return of each tower the row that its taxes stand in first, and the tax of each year that the table gives."""
    found: dict[str, tuple[int, dict[int, float]]] = {}
    for row in holder.held.rows:
        if row.table != "tax_record":
            continue
        values = {**row.before, **row.wanted}
        tax = values.get("tax_yuan")
        if tax is None:
            continue
        years = found.setdefault(values["building_id"], (row.position, {}))[1]
        years[values["year"]] = max(tax, years.get(values["year"], 0))
    return found
