"""What the audit trail says is in force: the last word on each row, with who said it and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import func, select

from buildingmap.registry.schema import AUDIT, AUDIT_CHANGE, OUTSIDE_WRITE
from buildingmap.registry.settings import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

_MOST_IN_ONE_QUESTION: Final = 500
_NOTES: Final = select(OUTSIDE_WRITE.c.fid).limit(1)


@dataclass(frozen=True, slots=True)
class Told:
    """The last word of the trail on a row: its values as canonical JSON, None for one that is gone; and its stamp."""

    after: str | None
    version: int
    changed_at: str
    changed_by: str

    @property
    def values(self) -> dict[str, Any] | None:
        """The values in force, JSON-ready."""
        found: dict[str, Any] | None = None if self.after is None else orjson.loads(self.after)
        return found

    @property
    def stamp(self) -> dict[str, Any]:
        """What the row must say of itself."""
        return {"version": self.version, "changed_at": self.changed_at, "changed_by": self.changed_by}


def told(
    connection: Connection, table: str, ids: Sequence[str] | None = None, *, version: int | None = None
) -> dict[str, Told]:
    """Return the last word on the rows of a table, by id; on those of ``ids`` only where they are given.

    ``version``: the last word as of then.
    """
    if ids is None:
        return _asked(connection, table, None, version)
    found: dict[str, Told] = {}
    for start in range(0, len(ids), _MOST_IN_ONE_QUESTION):
        found |= _asked(connection, table, list(ids[start : start + _MOST_IN_ONE_QUESTION]), version)
    return found


def _asked(connection: Connection, table: str, ids: list[str] | None, version: int | None) -> dict[str, Told]:
    column = AUDIT_CHANGE.c
    last = select(func.max(column.fid)).where(column.table_name == table).group_by(column.row_id)
    if ids is not None:
        last = last.where(column.row_id.in_(ids))
    if version is not None:
        last = last.where(column.version <= version)
    asked = (
        select(column.row_id, column.after, column.version, AUDIT.c.at, AUDIT.c.actor)
        .join(AUDIT, AUDIT.c.version == column.version)
        .where(column.fid.in_(last))
    )
    return {row_id: Told(*rest) for row_id, *rest in connection.execute(asked)}


def told_settings(connection: Connection) -> dict[str, Any] | None:
    """Return the settings in force; None before the trail told of them."""
    found = told(connection, SETTINGS, [SETTINGS]).get(SETTINGS)
    return None if found is None else found.values


def end_of(connection: Connection) -> tuple[int, str] | None:
    """Return the version and the seal of the last revision."""
    row = connection.execute(select(AUDIT.c.version, AUDIT.c.hash).order_by(AUDIT.c.version.desc())).first()
    return None if row is None else (row[0], row[1])


def in_force(
    connection: Connection, tables: Iterable[str], *, version: int | None = None
) -> dict[str, dict[str, tuple[dict[str, Any], Told]]]:
    """Return the rows that the trail says there are, or were at ``version``, by table and id.

    Whatever the tables hold: another program may have written there.
    """
    return {
        table: {
            row_id: (word.values or {}, word)
            for row_id, word in sorted(told(connection, table, version=version).items())
            if word.after is not None
        }
        for table in tables
    }


def noted(connection: Connection) -> bool:
    """Return whether another program has written what was not looked at yet."""
    return connection.execute(_NOTES).first() is not None
