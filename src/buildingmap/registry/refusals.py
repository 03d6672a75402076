"""What another program typed and was put back, kept for staff to see until one of them has settled it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import func, select, update

from buildingmap.model import Expected, Fault
from buildingmap.registry import guards
from buildingmap.registry.schema import OUTSIDE_REFUSED
from buildingmap.registry.sealing import now

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine import RowMapping

A_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row as another program typed it, None where it was deleted, what is in force, None where none is, and why.

    ``version``: the revision that tells of it. ``settled_by``: who of the staff has taken note, None while nobody has.
    """

    number: int
    version: int
    table: str
    row_id: str
    typed: dict[str, Any] | None
    in_force: dict[str, Any] | None
    faults: tuple[Fault, ...]
    settled_by: str | None
    settled_at: str | None

    @property
    def cells(self) -> list[tuple[str, Any, Any, Fault | None]]:
        """What to show: each field with its value in force, the typed one, and the fault where there is one.

        Every field that was typed otherwise; of a row that was added or deleted those that have a fault.
        """
        faults = {fault.field: fault for fault in self.faults}
        typed, in_force = self.typed or {}, self.in_force or {}
        names = {**faults, **self.fields} if self.typed and self.in_force else faults
        return [(name, in_force.get(name), typed.get(name), faults.get(name)) for name in names]

    @property
    def fields(self) -> dict[str, tuple[Any, Any]]:
        """The fields that were typed otherwise, each with the value in force and the typed one."""
        typed, in_force = self.typed or {}, self.in_force or {}
        return {
            name: (in_force.get(name), typed.get(name))
            for name in {**in_force, **typed}
            if in_force.get(name) != typed.get(name)
        }


@dataclass(frozen=True, slots=True)
class Refusals:
    """One page of what was put back; ``count``: of all there is, ``older``: before what the next page begins."""

    rows: list[Refusal]
    count: int
    older: int | None


def refusals(
    connection: Connection, *, version: int | None = None, before: int | None = None, limit: int = A_PAGE
) -> Refusals:
    """Return what was put back, newest first: that of one revision, or else all that nobody has settled.

    ``before``: only what was put back before the refusal of that number.
    """
    column = OUTSIDE_REFUSED.c
    meant = column.settled_at.is_(None) if version is None else column.version == version
    count = connection.execute(select(func.count()).select_from(OUTSIDE_REFUSED).where(meant)).scalar_one()
    asked = select(OUTSIDE_REFUSED).where(meant).order_by(column.fid.desc()).limit(limit + 1)
    if before is not None:
        asked = asked.where(column.fid < before)
    rows = [_refusal(row) for row in connection.execute(asked).mappings()]
    shown = rows[:limit]
    return Refusals(shown, count, shown[-1].number if len(rows) > limit else None)


def settle(connection: Connection, version: int, *, actor: str) -> None:
    """Note who has seen what one revision put back."""
    column = OUTSIDE_REFUSED.c
    with guards.as_ours(connection):
        connection.execute(
            update(OUTSIDE_REFUSED)
            .where(column.version == version, column.settled_at.is_(None))
            .values(settled_by=actor, settled_at=now())
        )


def _refusal(row: RowMapping) -> Refusal:
    return Refusal(
        row["fid"],
        row["version"],
        row["table_name"],
        row["row_id"],
        _read(row["typed"]),
        _read(row["in_force"]),
        tuple(_fault(kept, row["row_id"]) for kept in orjson.loads(row["faults"] or "[]")),
        row["settled_by"],
        row["settled_at"],
    )


def _fault(kept: dict[str, Any], row_id: str) -> Fault:
    expected = Expected.of(kept["code"], **kept["values"])
    return Fault(expected, kept["field"], kept["found"], building_id=row_id, found_zh=kept["found_zh"])


def _read(text: str | None) -> dict[str, Any] | None:
    values: dict[str, Any] | None = None if text is None else orjson.loads(text)
    return values
