"""Made-up tenants, units, floors and tax records, for the analyses of a tower's file."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from buildingmap.model import Floor, TaxEntry, Tenant, Unit
from buildingmap.snapshot import Holdings
from buildingmap.snapshot.holdings import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildingmap.model import Record
    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut

TODAY = date(2025, 6, 30)
MARK = 100_000_000


def unit(label: str, area: float = 100, **facts: Any) -> Unit:
    """``3-01`` is the first unit of floor 3."""
    floor, _, position = label.rpartition("-")
    values: dict[str, Any] = {
        "id": f"{facts.get('building_id', 'T-000')}-{label}",
        "building_id": "T-000",
        "floor": int(floor),
        "position": int(position),
        "label": label,
        "area_m2": area,
    }
    return Unit.model_validate(values | facts)


def tenant(number: int, **facts: Any) -> Tenant:
    values: dict[str, Any] = {"id": f"C-{number}", "building_id": "T-000", "name": f"示例企业 {number}"}
    return Tenant.model_validate(values | facts)


def floor(number: int, area: float | None = 300, **facts: Any) -> Floor:
    values: dict[str, Any] = {"id": f"F-{number}", "building_id": "T-000", "number": number}
    return Floor.model_validate(values | {"leasable_area_m2": area} | facts)


def tax(year: int, yuan: float | None, quarter: int | None = None, **facts: Any) -> TaxEntry:
    values: dict[str, Any] = {"id": f"T-000:{year}:{quarter or ''}", "building_id": "T-000", "year": year}
    return TaxEntry.model_validate(values | {"quarter": quarter, "tax_yuan": yuan} | facts)


def holdings(*records: Record) -> Holdings:
    tables: dict[str, tuple[Record, ...]] = {}
    for record in records:
        name = TABLES[type(record)]
        tables[name] = (*tables.get(name, ()), record)
    return Holdings(records=tables)


def office(
    lay_out: LayOut, *records: Record, rows: Sequence[Mapping[str, object]] = ({"status": "existing"},)
) -> Snapshot:
    """Towers T-000, T-001, … with these records beside them."""
    return lay_out(rows, holdings=holdings(*records))
