"""What an import would do, cell by cell, before anything is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from buildingmap.intake.doubting import doubts
from buildingmap.intake.holding import Holder, RowPreview, State, Terms
from buildingmap.intake.identity import Holdings, Parcels, Towers
from buildingmap.intake.jumping import jumps
from buildingmap.intake.noting import look, notes_on_towers
from buildingmap.intake.placing import Placed, place_rows
from buildingmap.intake.reading import MOST_FAULTS, CellFault, column_faults, left_out, read_rows
from buildingmap.layers.values import UnreadableError, is_empty, read_cell
from buildingmap.model.faults import Expected, Fault, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildingmap.intake.choosing import Chosen
    from buildingmap.intake.noting import Looked
    from buildingmap.intake.reading import Progress, Read
    from buildingmap.model import District
    from buildingmap.registry import Change, Registry

_TOTALLED: Final = frozenset({"money", "area", "land"})
_SAME_SHARE: Final = 0.001
_EVERY: Final = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do. Nothing is written while there are ``faults``.

    ``rows``: one for each row of the registry that the table is about. ``unread``: cells that were left out because
    they cannot be read, where that was asked for. ``missing``: rows of the registry, id and label, that this table
    does not name although it is about their towers or years. ``changes`` expect each row at the version it was seen.
    ``money_unread``: the table has columns of money and none of them is read.
    """

    chosen: Chosen
    rows: tuple[RowPreview, ...]
    faults: tuple[CellFault, ...]
    unread: tuple[CellFault, ...]
    warnings: tuple[Fault, ...]
    missing: tuple[tuple[str, str], ...]
    changes: tuple[Change, ...]
    registry_version: int
    money_unread: bool
    district: District

    @property
    def up_to_date(self) -> bool:
        """Whether the registry has all that the table says: never where the money in it was not even read."""
        return self.ok and not self.changes and not self.money_unread

    @property
    def ok(self) -> bool:
        """Whether it can be applied."""
        return not self.faults

    def count(self) -> dict[State, int]:
        """Return how many rows would be new, changed and unchanged."""
        found = Counter(row.state for row in self.rows)
        return {"new": found["new"], "changed": found["changed"], "unchanged": found["unchanged"]}


def preview(
    chosen: Chosen,
    registry: Registry,
    *,
    clear_empty: bool = False,
    leave_unread: bool = False,
    source: str | None = None,
    as_of: str | None = None,
    progress: Progress | None = None,
) -> Preview:
    """Read the chosen table and hold it against the registry in force; nothing is written.

    ``clear_empty``: an empty cell empties the field of a row that is there, instead of leaving it as it is.
    ``leave_unread``: a cell that cannot be read is left out, and listed, instead of refusing the import, unless
    it says which year, quarter or kind a row is of.
    ``source``, ``as_of``: what a new or changed row is said to come from, and the day its facts hold, where it does
    not say so itself; the file's name and today by default. ``progress`` may raise ImportCancelledError.
    """
    looked, faults = look(chosen), column_faults(chosen.mapping)
    if faults:
        told = [CellFault(replace(fault, file=chosen.grid.file)) for fault in faults]
        return _unreadable(chosen, (*told, *looked.faults), looked, registry)
    version = registry.version
    grid, sheet, table, mapping = chosen.grid, chosen.sheet, chosen.table, chosen.mapping
    read = read_rows(sheet, table, mapping, file=grid.file, without=looked.twins, progress=_half(progress, 0))
    unread = left_out(read, mapping) if leave_unread else []
    read.faults += looked.faults
    totals = _totals(chosen, read)
    placed = Placed()
    if mapping.target.of_places:
        placed = place_rows(read, grid, sheet, mapping, district=registry.district)
    terms = Terms(clear_empty, source or grid.file.replace("\\", "/").rsplit("/", 1)[-1][:300] or None,
                  as_of or datetime.now(UTC).date().isoformat())  # fmt: skip
    holder = _holder(chosen, read, registry, terms, placed)
    _hold(holder, _half(progress, 1))
    held = holder.held
    jumped = [jump.fault for jump in jumps(holder)]
    warnings = [*looked.notes, *grid.warnings, *placed.warnings, *totals, *jumped]
    warnings += [*(warning.fault for warning in held.warnings), *notes_on_towers(holder, chosen)]
    if mapping.target.of_sites:
        warnings += doubts(holder, registry.snapshot())
    return Preview(
        chosen,
        tuple(held.rows),
        tuple(sorted(read.faults, key=_by_cell)[:MOST_FAULTS]),
        tuple(unread),
        tuple(warnings[:MOST_FAULTS]),
        tuple(_missing(holder)),
        tuple(held.changes) if not read.faults else (),
        version,
        looked.money_unread,
        registry.district,
    )


def _unreadable(chosen: Chosen, faults: tuple[CellFault, ...], looked: Looked, registry: Registry) -> Preview:
    notes = (*looked.notes, *chosen.grid.warnings)
    return Preview(
        chosen, (), faults, (), notes, (), (), registry.version, looked.money_unread, registry.district
    )


def _holder(chosen: Chosen, read: Read, registry: Registry, terms: Terms, placed: Placed) -> Holder:
    of_places = chosen.mapping.target.of_places
    return Holder(
        chosen.sheet,
        chosen.mapping,
        read,
        chosen.grid.file,
        Towers.of(registry),
        Parcels.of(registry),
        Holdings.of(registry, "tax_record" if of_places else chosen.mapping.table),
        registry.district,
        registry.surroundings,
        terms,
        placed.shapes,
    )


def _hold(holder: Holder, progress: Progress | None) -> None:
    rows = holder.read.rows
    for number, row in enumerate(rows):
        if progress is not None and number % _EVERY == 0:
            progress(number, len(rows))
        holder.hold(row)


def _half(progress: Progress | None, half: int) -> Progress | None:
    """Return a progress that counts one of the two passes over the rows."""
    if progress is None:
        return None
    return lambda done, rows: progress(done + half * rows, 2 * rows)


def _by_cell(fault: CellFault) -> tuple[int, int]:
    return (-1 if fault.row is None else fault.row, -1 if fault.column is None else fault.column)


def _totals(chosen: Chosen, read: Read) -> list[Fault]:
    """Return a warning for each grand total that is not what its rows add up to."""
    table, mapping = chosen.table, chosen.mapping
    totals = [entry for entry in table.left_out if entry.kind == "total"]
    warnings = []
    # with subtotals it is not known which rows a total adds up
    if len(totals) != 1:
        return []
    cells = chosen.sheet.rows[totals[0].position]
    for column in mapping.columns:
        if column.field is None or mapping.target.vocabulary.fields[column.field][0] not in _TOTALLED:
            continue
        if column.position >= len(cells) or is_empty(cells[column.position]):
            continue
        try:
            total = float(read_cell(cells[column.position], mapping.header(column)))
        except (UnreadableError, ValueError):
            continue
        summed = sum(_value(row.values, row.taxes, column.field, column.year) for row in read.rows)
        if abs(total - summed) > _SAME_SHARE * max(abs(total), abs(summed)):
            place = chosen.sheet.place(totals[0].position)
            expected = Expected.of("total_differs", sum=f"{summed:,.0f}")
            warnings.append(
                Fault(expected, column.header[:60], shown(round(total)), place, file=chosen.grid.file)
            )
    return warnings


def _value(
    values: Mapping[str, Any], taxes: Mapping[int, Mapping[str, Any]], field: str, year: int | None
) -> float:
    return float((values if year is None else taxes.get(year, {})).get(field) or 0)


def _missing(holder: Holder) -> list[tuple[str, str]]:
    """Return the rows of the registry that the table could have named and did not, id and label."""
    touched = holder.held.touched
    if holder.mapping.target.of_places:
        rows = (holder.parcels if holder.mapping.target.of_sites else holder.towers).by_id.values()
        return [(row.row_id, row.values["name"]) for row in rows if row.row_id not in touched]
    names = {row_id: row.values["name"] for row_id, row in holder.towers.by_id.items()}
    scope = {_scope(holder.mapping.table, holder.holdings.by_id[row_id].values)
             for row_id in touched if row_id in holder.holdings.by_id}  # fmt: skip
    return [
        (row.row_id, f"{names.get(row.values['building_id'], '')} {_named(row.values)}".strip())
        for row in holder.holdings.by_id.values()
        if row.row_id not in touched and _scope(holder.mapping.table, row.values) in scope
    ]


def _named(values: Mapping[str, Any]) -> str:
    return str(values.get("name") or values.get("label") or "")


def _scope(table: str, values: Mapping[str, Any]) -> Any:
    if table == "tax_record":
        return values["year"], values["quarter"], values["tax_type"]
    return values["building_id"]
