"""What a list of an office is: lines, each of one tower, with the same columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line: the tower it belongs to, and a plain value for each column of the list, None unknown."""

    building_id: str
    cells: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class OfficeList:
    """A list: the names of its columns beside the tower, and its lines in their order.

    A column's name says its unit: ``_yuan``, ``_m2``, ``_m``, ``_share`` (0 to 1), ``_on`` and ``_as_of`` (days).
    """

    columns: tuple[str, ...]
    lines: tuple[ListLine, ...]

    @property
    def towers(self) -> tuple[str, ...]:
        """The ids of its towers, each once, in the order of their first line."""
        return tuple(dict.fromkeys(line.building_id for line in self.lines))
