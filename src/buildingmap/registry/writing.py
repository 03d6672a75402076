"""One change of the registry: checked, written with its audit row, all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete, func, insert, select, update

from buildingmap.model import RECORDS, Expected, Fault
from buildingmap.registry.changes import Change, Revision, hash_of, written
from buildingmap.registry.errors import Conflict, ConflictError, RecordFaultsError, RegistryError
from buildingmap.registry.rows import TABLES, checked, stored, table_of, values_of
from buildingmap.registry.schema import AUDIT, AUDIT_CHANGE, REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection
    from sqlalchemy.engine import RowMapping

    from buildingmap.model import District

_MOST_IN_ONE_QUESTION: Final = 500
_TOWER_TABLES: Final = tuple(table for table, kind in RECORDS.items() if "building_id" in kind.model_fields)


@dataclass(slots=True)
class _Step:
    """A change held against the row that is there: JSON-ready values before and after."""

    table: str
    row_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(slots=True)
class _Work:
    steps: list[_Step] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


def now(moment: datetime | None = None) -> str:
    """Return ``moment`` (aware), or the present, as the registry writes times: UTC, to the microsecond."""
    moment = datetime.now(UTC) if moment is None else moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def locked_state(connection: Connection) -> Any:
    """Return the registry's own row, which no other writer can move until the transaction ends."""
    state = connection.execute(select(REGISTRY).with_for_update()).mappings().one_or_none()
    if state is None:
        raise RegistryError("the registry has no content yet: buildingmap init makes one")
    return state


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
    state = locked_state(connection)
    work = _held_against_rows(connection, changes, district)
    if work.conflicts:
        raise ConflictError(work.conflicts)
    if not work.faults:
        work.faults += _dangling(connection, work.steps)
    if work.faults:
        raise RecordFaultsError(work.faults)
    if not work.steps and not keep_empty:
        return None
    version, at = state["version"] + 1, now()
    _put(connection, work.steps, {"version": version, "changed_at": at, "changed_by": actor})
    twice = _twice(connection, work.steps)
    if twice:
        raise RecordFaultsError(twice)
    rows = [(step.table, step.row_id, written(step.before), written(step.after)) for step in work.steps]
    revision = Revision(version, at, actor, action, note, len(rows), hash_of(rows), state["head"], "")
    return sealed(connection, revision, rows)


def sealed(connection: Connection, revision: Revision, rows: Sequence[Any] = ()) -> Revision:
    """Write the audit row of ``revision``, with its hash, and make its version the registry's; return it."""
    revision = replace(revision, hash=revision.sealed())
    _audit(connection, revision, rows)
    connection.execute(update(REGISTRY).values(version=revision.version, head=revision.hash))
    return revision


def _audit(connection: Connection, revision: Revision, rows: Sequence[Any]) -> None:
    names = ("version", "at", "actor", "action", "note", "row_count", "changes_hash", "previous", "hash")
    connection.execute(insert(AUDIT), {name: getattr(revision, name) for name in names})
    if rows:
        connection.execute(
            insert(AUDIT_CHANGE),
            [
                {
                    "version": revision.version,
                    "table_name": table,
                    "row_id": row_id,
                    "before": before,
                    "after": after,
                }
                for table, row_id, before, after in rows
            ],
        )


def _held_against_rows(connection: Connection, changes: Sequence[Change], district: District) -> _Work:
    work = _Work()
    by_table: dict[str, list[Change]] = {}
    for change in changes:
        if change.table not in TABLES:
            raise RegistryError(f"found table {change.table!r}, expected one of {', '.join(TABLES)}")
        by_table.setdefault(change.table, []).append(change)
    for table in TABLES:
        asked = by_table.get(table, [])
        if len({change.row_id for change in asked}) != len(asked):
            raise RegistryError(f"{table}: found one row twice among the changes, expected each row once")
        present = rows_by_id(connection, table, [change.row_id for change in asked])
        for change in asked:
            _hold(change, present.get(change.row_id), district, work)
    return work


def rows_by_id(connection: Connection, table: str, ids: Sequence[str]) -> dict[str, RowMapping]:
    """Return the stored rows of ``table`` with these ids, by id."""
    columns = table_of(table)
    if len(ids) > 20 * _MOST_IN_ONE_QUESTION:
        wanted = set(ids)
        found = connection.execute(select(columns)).mappings()
        return {row["id"]: row for row in found if row["id"] in wanted}
    rows: dict[str, RowMapping] = {}
    for start in range(0, len(ids), _MOST_IN_ONE_QUESTION):
        part = list(ids[start : start + _MOST_IN_ONE_QUESTION])
        rows |= {
            row["id"]: row
            for row in connection.execute(select(columns).where(columns.c.id.in_(part))).mappings()
        }
    return rows


def _hold(change: Change, row: RowMapping | None, district: District, work: _Work) -> None:
    before = None if row is None else values_of(change.table, row)
    expected = change.expected_version
    if expected is not None and expected != (0 if row is None else row["version"]):
        work.conflicts.append(_conflict(change, row, before))
        return
    if change.values is None:
        if before is None:
            work.faults.append(_fault("record_known", change.row_id, "id", change.row_id))
        else:
            work.steps.append(_Step(change.table, change.row_id, before, None))
        return
    found = checked(change.table, {**(before or {}), **change.values, "id": change.row_id}, district)
    if isinstance(found, list):
        work.faults += found
    elif found != before:
        work.steps.append(_Step(change.table, change.row_id, before, found))


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


def _fault(code: str, row_id: str, name: str, found: str, **values: object) -> Fault:
    return Fault(Expected.of(code, **values), name, repr(found), building_id=row_id)


def _dangling(connection: Connection, steps: Iterable[_Step]) -> list[Fault]:
    """Return a fault for every row that would name a tower or a tenant which is not there."""
    after = [step for step in steps if step.after is not None]
    gone = {step.row_id for step in steps if step.table == "building" and step.after is None}
    gone_tenants = {step.row_id for step in steps if step.table == "tenant" and step.after is None}
    towers = _known(connection, "building", after, "building_id") - gone
    homes = _homes(connection, after, gone_tenants)
    faults = []
    for step in after:
        assert step.after is not None
        named, tenant = step.after.get("building_id"), step.after.get("tenant_id")
        if named is not None and named not in towers:
            faults.append(_fault("building_id", step.row_id, "building_id", named))
        if tenant is not None and homes.get(tenant) != named:
            faults.append(_fault("tenant_id", step.row_id, "tenant_id", tenant))
    return faults + _still_used(connection, steps, gone, gone_tenants | _moved_tenants(steps))


def _homes(connection: Connection, after: Sequence[_Step], gone_tenants: set[str]) -> dict[str, str]:
    """Return the tower of each tenant that a row names, by the tenant's id."""
    named = {step.after["tenant_id"] for step in after if step.after and step.after.get("tenant_id")}
    fresh = {
        step.row_id: step.after["building_id"] for step in after if step.after and step.table == "tenant"
    }
    stored = rows_by_id(connection, "tenant", sorted(named - set(fresh) - gone_tenants))
    return {row_id: row["building_id"] for row_id, row in stored.items()} | fresh


def _moved_tenants(steps: Iterable[_Step]) -> set[str]:
    """Return the tenants whose record goes over to another tower: units that name them must go along."""
    return {
        step.row_id
        for step in steps
        if step.table == "tenant"
        and step.before is not None
        and step.after is not None
        and step.before["building_id"] != step.after["building_id"]
    }


def _known(connection: Connection, table: str, after: Sequence[_Step], field_name: str) -> set[str]:
    named = {step.after[field_name] for step in after if step.after and step.after.get(field_name)}
    if not named:
        return set()
    fresh = {step.row_id for step in after if step.table == table}
    missing = named - fresh
    return fresh | set(rows_by_id(connection, table, sorted(missing)))


def _still_used(
    connection: Connection, steps: Iterable[_Step], gone: set[str], gone_tenants: set[str]
) -> list[Fault]:
    moved = {(step.table, step.row_id) for step in steps}
    faults = []
    for building_id in sorted(gone):
        count = 0
        for table in _TOWER_TABLES:
            column = table_of(table).c
            users = connection.execute(select(column.id).where(column.building_id == building_id)).scalars()
            count += sum((table, user) not in moved for user in users)
        if count:
            faults.append(_fault("record_used", building_id, "id", building_id, count=count))
    unit = table_of("unit").c
    for tenant_id in sorted(gone_tenants):
        users = connection.execute(select(unit.id).where(unit.tenant_id == tenant_id)).scalars()
        left = [user for user in users if ("unit", user) not in moved]
        if left:
            faults.append(_fault("record_used", tenant_id, "id", tenant_id, count=len(left)))
    return faults


def _put(connection: Connection, steps: Sequence[_Step], stamp: dict[str, Any]) -> None:
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


def _twice(connection: Connection, steps: Sequence[_Step]) -> list[Fault]:
    """Return a fault for each tower, year, quarter and tax type that would have two records."""
    if not any(step.table == "tax_record" for step in steps):
        return []
    column = table_of("tax_record").c
    key = (
        column.building_id,
        column.year,
        func.coalesce(column.quarter, 0),
        func.coalesce(column.tax_type, ""),
    )
    found = connection.execute(
        select(column.building_id, column.year, func.min(column.id), func.max(column.id))
        .group_by(*key)
        .having(func.count() > 1)
    )
    return [
        _fault("tax_entry_twice", second, "year", str(year), other=first) for _, year, first, second in found
    ]
