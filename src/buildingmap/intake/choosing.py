"""A file opened, one of its sheets chosen, and its table read as it was before or as it is likely meant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildingmap.intake.errors import ImportRefusedError, IntakeError
from buildingmap.intake.guessing import guess
from buildingmap.intake.identity import Parcels, Towers
from buildingmap.intake.looking import Table, find_table
from buildingmap.intake.mapping import remembered
from buildingmap.intake.noting import in_hand, said_of
from buildingmap.intake.vocabulary import TARGETS
from buildingmap.layers import Grid, Limits, Sheet, read_grid
from buildingmap.model.faults import Expected, Fault

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.intake.mapping import Mapping
    from buildingmap.registry import Registry

# a ledger of a whole district is larger than a layer; a person waits for it and sees it move
IMPORT_LIMITS = Limits(seconds=120.0, memory_mb=900)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sheet of a file with its table and the reading of it; ``remembered``: the office had it read so before."""

    grid: Grid
    sheet: Sheet
    table: Table
    mapping: Mapping
    remembered: bool

    @property
    def sheets(self) -> tuple[str, ...]:
        """The names of the file's sheets; empty where it has none."""
        return tuple(sheet.name for sheet in self.grid.sheets if sheet.name is not None)


def opened_file(path: Path, *, name: str | None = None, limits: Limits = IMPORT_LIMITS) -> Grid:
    """Read the file at ``path`` into cells. Raises ImportRefusedError with every fault.

    ``name``: what its user calls it, where it was taken in under another name.
    """
    grid = read_grid(path, limits=limits)
    if name is not None:
        grid = replace(
            grid,
            file=name,
            faults=tuple(replace(fault, file=name) for fault in grid.faults),
            warnings=tuple(replace(fault, file=name) for fault in grid.warnings),
        )
    if not grid.ok:
        raise ImportRefusedError(grid.faults)
    return grid


def choose(
    grid: Grid, registry: Registry, *, sheet: str | None = None, as_table: str | None = None
) -> Chosen:
    """Choose a sheet, by name or the one whose headers say most, and read its table.

    Raises ImportRefusedError where no sheet has a table, IntakeError for a sheet or a table there is not.
    """
    if as_table is not None and as_table not in TARGETS:
        raise IntakeError(f"found table {as_table!r}, expected one of {', '.join(TARGETS)}")
    found = [(entry, find_table(entry)) for entry in grid.sheets if sheet in (None, entry.name)]
    tables = [(entry, table) for entry, table in found if table is not None]
    if sheet is not None and not found:
        names = ", ".join(str(entry.name) for entry in grid.sheets if entry.name)
        raise IntakeError(
            f"{grid.file}: found no sheet {sheet!r}, expected one of {names or 'none: it has no sheets'}"
        )
    if not tables:
        raise ImportRefusedError([Fault(Expected.of("import_table"), file=grid.file)])
    chosen, table = max(tables, key=lambda pair: (not pair[0].hidden, pair[1].known, len(pair[1].rows)))
    known = None if as_table is not None else remembered(registry, table.headers)
    there = Towers.of(registry), Parcels.of(registry)
    mapping = known or guess(chosen, table, *there, metric=registry.district.metric, as_table=as_table)
    if known is not None:
        # what a title says of this file, its year for one, holds for this file
        fresh = guess(chosen, table, *there, metric=registry.district.metric, as_table=known.table)
        mapping = _with_fresh(known, fresh)
    said = said_of(grid, chosen, in_hand(chosen, table, mapping), mapping).datum
    if said is not None:
        # what this file says of itself goes before what others with its headers were
        mapping = replace(mapping, datum=said, datum_basis="file")
    return Chosen(grid, chosen, table, mapping, known is not None)


def _with_fresh(known: Mapping, fresh: Mapping) -> Mapping:
    datum = known.datum or fresh.datum
    basis = known.datum_basis if known.datum else fresh.datum_basis
    return replace(known, year=fresh.year, year_basis=fresh.year_basis, datum=datum, datum_basis=basis)
