"""One change of the registry: checked, written with its audit row, all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from buildingmap.registry import guards
from buildingmap.registry.changes import Change, Revision, hash_of, written
from buildingmap.registry.database import when_kept
from buildingmap.registry.errors import Conflict, ConflictError, RecordFaultsError, RegistryError
from buildingmap.registry.geometry import UNREADABLE
from buildingmap.registry.integrity import Step, dangling, fault_of, twice
from buildingmap.registry.looking import tell
from buildingmap.registry.outside import take_in
from buildingmap.registry.rows import TABLES, checked, rows_by_id, stored, table_of, values_of
from buildingmap.registry.schema import REGISTRY
from buildingmap.registry.sealing import locked_state, now, sealed
from buildingmap.registry.settings import SETTINGS, checked_settings, put_settings, settings_of
from buildingmap.registry.trail import noted, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection
    from sqlalchemy.engine import RowMapping

    from buildingmap.model import District, Fault

__all__ = ["catch_up", "locked_state", "now", "rows_by_id", "sealed", "write"]


@dataclass(slots=True)
class _Work:
    steps: list[Step] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


def write(
    connection: Connection,
    changes: Sequence[Change],
    *,
    district: District,
    actor: str,
    action: str,
    note: str,
    keep_empty: bool = False,
) -> Revision | None:
    """Write ``changes`` and their audit row inside the transaction of ``connection``.

    Returns None when every row is as the changes want it already, unless ``keep_empty``. Raises ConflictError,
    RecordFaultsError and RegistryError; the caller's transaction must then end without being kept.
    """
    catch_up(connection, district)
    try:
        work = _held_against_rows(connection, changes, district)
        is_told = not _told_otherwise(connection, work.steps)
    except (DBAPIError, *UNREADABLE):  # no note tells of it, and it cannot even be read
        is_told = False
    if not is_told:
        _take_in(connection, district, everything=True)
        work = _held_against_rows(connection, changes, district)
    state = locked_state(connection)
    if work.conflicts:
        raise ConflictError(work.conflicts)
    if not work.faults:
        work.faults += dangling(connection, work.steps)
    if work.faults:
        raise RecordFaultsError(work.faults)
    if not work.steps and not keep_empty:
        return None
    version, at = state["version"] + 1, now()
    if not state["version"]:  # the first words of a trail are about the registry itself
        work.steps.insert(0, Step(SETTINGS, SETTINGS, None, settings_of(state)))
    with guards.as_ours(connection):
        _put(connection, work.steps, {"version": version, "changed_at": at, "changed_by": actor})
        faults = twice(connection, work.steps)
        if faults:
            raise RecordFaultsError(faults)
        rows = [(step.table, step.row_id, written(step.before), written(step.after)) for step in work.steps]
        revision = Revision(version, at, actor, action, note, len(rows), hash_of(rows), state["head"], "")
        return sealed(connection, revision, rows)


def catch_up(connection: Connection, district: District) -> None:
    """Take in what other programs wrote, before rows are held against one another."""
    if noted(connection):
        _take_in(connection, district)
    locked_state(connection)


def _take_in(connection: Connection, district: District, *, everything: bool = False) -> None:
    taken = take_in(connection, district=district, everything=everything)
    # a change that is refused takes this back too: whoever looks next finds it again
    when_kept(connection, partial(tell, taken))


def _told_otherwise(connection: Connection, steps: Sequence[Step]) -> bool:
    """Return whether a row to be changed is not what the trail last said of it, although no note tells of that."""
    for table in {step.table for step in steps}:
        own = {step.row_id: written(step.before) for step in steps if step.table == table}
        words = told(connection, table, list(own))
        if any(
            (words[row_id].after if row_id in words else None) != before for row_id, before in own.items()
        ):
            return True
    return False


def _held_against_rows(connection: Connection, changes: Sequence[Change], district: District) -> _Work:
    work = _Work()
    by_table: dict[str, list[Change]] = {}
    for change in changes:
        if change.table not in (*TABLES, SETTINGS):
            raise RegistryError(f"found table {change.table!r}, expected one of {', '.join(TABLES)}")
        by_table.setdefault(change.table, []).append(change)
    for table in TABLES:
        asked = by_table.get(table, [])
        if len({change.row_id for change in asked}) != len(asked):
            raise RegistryError(f"{table}: found one row twice among the changes, expected each row once")
        present = rows_by_id(connection, table, [change.row_id for change in asked])
        for change in asked:
            _hold(change, present.get(change.row_id), district, work)
    for change in by_table.get(SETTINGS, []):
        _hold_settings(connection, change, work)
    return work


def _hold_settings(connection: Connection, change: Change, work: _Work) -> None:
    before = settings_of(connection.execute(select(REGISTRY)).mappings().one())
    found = checked_settings({**before, **(change.values or {})}, before)
    if isinstance(found, list):
        work.faults += found
    elif found != before:
        work.steps.append(Step(SETTINGS, SETTINGS, before, found))


def _hold(change: Change, row: RowMapping | None, district: District, work: _Work) -> None:
    before = None if row is None else values_of(change.table, row)
    expected = change.expected_version
    if expected is not None and expected != (0 if row is None else row["version"]):
        work.conflicts.append(_conflict(change, row, before))
        return
    if change.values is None:
        if before is None:
            work.faults.append(fault_of("record_known", change.row_id, "id", change.row_id))
        else:
            work.steps.append(Step(change.table, change.row_id, before, None))
        return
    found = checked(change.table, {**(before or {}), **change.values, "id": change.row_id}, district)
    if isinstance(found, list):
        work.faults += found
    elif found != before:
        work.steps.append(Step(change.table, change.row_id, before, found))


def _conflict(change: Change, row: RowMapping | None, current: dict[str, Any] | None) -> Conflict:
    wanted = change.values or {}
    changed = () if current is None else tuple(name for name in wanted if current.get(name) != wanted[name])
    return Conflict(
        change.table,
        change.row_id,
        change.expected_version or 0,
        None if row is None else row["version"],
        current,
        changed,
        "" if row is None else row["changed_by"],
        "" if row is None else row["changed_at"],
    )


def _put(connection: Connection, steps: Sequence[Step], stamp: dict[str, Any]) -> None:
    for step in steps:
        if step.table == SETTINGS and step.after is not None:
            put_settings(connection, step.after)
    for name in TABLES:
        table = table_of(name)
        own = [step for step in steps if step.table == name]
        new = [
            stored(name, step.after) | stamp for step in own if step.before is None and step.after is not None
        ]
        changed = [
            stored(name, step.after) | stamp
            for step in own
            if step.before is not None and step.after is not None
        ]
        gone = [{"row_id": step.row_id} for step in own if step.after is None]
        if new:
            connection.execute(insert(table), new)
        if changed:
            fields: dict[str, Any] = {column: bindparam(column) for column in changed[0] if column != "id"}
            rows = [{**row, "row_id": row["id"]} for row in changed]
            for row in rows:
                del row["id"]
            connection.execute(update(table).where(table.c.id == bindparam("row_id")).values(fields), rows)
        if gone:
            connection.execute(delete(table).where(table.c.id == bindparam("row_id")), gone)
