"""What rows say of one another: the tower and the tenant that each names, and no tax told twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from buildingmap.model import RECORDS, Expected, Fault
from buildingmap.registry.rows import rows_by_id, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

_TOWER_TABLES: Final = tuple(table for table, kind in RECORDS.items() if "building_id" in kind.model_fields)


@dataclass(slots=True)
class Step:
    """A change held against the row in force: JSON-ready values before and after, None where there is no row.

    ``fid``: the number of a row that another program has written already.
    """

    table: str
    row_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    fid: int | None = None


def fault_of(code: str, row_id: str, name: str, found: str, **values: object) -> Fault:
    """Return a fault of a row beside others: the rule's code, the field, and what was found there."""
    return Fault(Expected.of(code, **values), name, repr(found), building_id=row_id)


def dangling(connection: Connection, steps: Iterable[Step]) -> list[Fault]:
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
            faults.append(fault_of("building_id", step.row_id, "building_id", named))
        if tenant is not None and homes.get(tenant) != named:
            faults.append(fault_of("tenant_id", step.row_id, "tenant_id", tenant))
    return faults + _still_used(connection, steps, gone, gone_tenants | _moved_tenants(steps))


def _homes(connection: Connection, after: Sequence[Step], gone_tenants: set[str]) -> dict[str, str]:
    """Return the tower of each tenant that a row names, by the tenant's id."""
    named = {step.after["tenant_id"] for step in after if step.after and step.after.get("tenant_id")}
    fresh = {
        step.row_id: step.after["building_id"] for step in after if step.after and step.table == "tenant"
    }
    stored = rows_by_id(connection, "tenant", sorted(named - set(fresh) - gone_tenants))
    return {row_id: row["building_id"] for row_id, row in stored.items()} | fresh


def _moved_tenants(steps: Iterable[Step]) -> set[str]:
    """Return the tenants whose record goes over to another tower: units that name them must go along."""
    return {
        step.row_id
        for step in steps
        if step.table == "tenant"
        and step.before is not None
        and step.after is not None
        and step.before["building_id"] != step.after["building_id"]
    }


def _known(connection: Connection, table: str, after: Sequence[Step], field_name: str) -> set[str]:
    named = {step.after[field_name] for step in after if step.after and step.after.get(field_name)}
    if not named:
        return set()
    fresh = {step.row_id for step in after if step.table == table}
    missing = named - fresh
    return fresh | set(rows_by_id(connection, table, sorted(missing)))


def _still_used(
    connection: Connection, steps: Iterable[Step], gone: set[str], gone_tenants: set[str]
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
            faults.append(fault_of("record_used", building_id, "id", building_id, count=count))
    unit = table_of("unit").c
    for tenant_id in sorted(gone_tenants):
        users = connection.execute(select(unit.id).where(unit.tenant_id == tenant_id)).scalars()
        left = [user for user in users if ("unit", user) not in moved]
        if left:
            faults.append(fault_of("record_used", tenant_id, "id", tenant_id, count=len(left)))
    return faults


def twice(connection: Connection, steps: Sequence[Step]) -> list[Fault]:
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
        fault_of("tax_entry_twice", second, "year", str(year), other=first)
        for _, year, first, second in found
    ]
