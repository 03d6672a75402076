"""A file as grids of cells, one per sheet, before anyone has said what its columns mean."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from buildingmap.layers.checked import LayerAbout
from buildingmap.model.faults import Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildingmap.layers.raw import Format
    from buildingmap.model.faults import Fault


_LARGEST_WHOLE: Final = 2**53


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells that a workbook shows as one: positions in ``Sheet.rows`` and their columns, from 0, both ends in."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet, or of a file that has none.

    ``rows``: text, numbers, yes and no, None for an empty cell, lists of a GeoJSON property; a date is its ISO text.
    ``numbers[i]`` is what the file calls ``rows[i]``: the row of a spreadsheet, the line of a CSV file, the number
    of a feature, 0 for the header that features do not have. ``shapes``: hexadecimal WKB beside each row of a
    format with geometry, in the file's own system. ``unsaved``: formulas without a value, by row position and column.
    ``hidden_rows``, ``hidden_columns``: positions of those that a workbook hides.
    """

    name: str | None
    rows: tuple[Sequence[Any], ...]
    numbers: tuple[int, ...]
    merges: tuple[Merge, ...] = ()
    hidden: bool = False
    shapes: tuple[str | None, ...] | None = None
    unsaved: Mapping[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()

    @property
    def width(self) -> int:
        """The cells of the widest row."""
        return max(map(len, self.rows), default=0)

    def place(self, position: int) -> Place:
        """Return what a fault calls the row at ``position``."""
        return Place("row" if self.shapes is None else "feature", self.numbers[position], self.name)


@dataclass(frozen=True, slots=True)
class Grid:
    """A file that was read into cells: ``faults`` where it could not be, and then no sheets.

    ``crs``: the file's own definition of its coordinates, None where it has none. ``about``: what one of our own
    exports says of itself. ``statements``: what a file says beside its rows, in words.
    """

    file: str
    format: Format | None = None
    sheets: tuple[Sheet, ...] = ()
    crs: str | None = None
    about: LayerAbout = field(default_factory=LayerAbout)
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    statements: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there are cells to look at."""
        return not self.faults


def cell_json(cell: Any) -> Any:
    """Return a cell as JSON carries it: a date as its ISO text, a number that JSON would round as text."""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        return str(cell)
    if isinstance(cell, int) and abs(cell) > _LARGEST_WHOLE:
        return str(cell)
    return cell
