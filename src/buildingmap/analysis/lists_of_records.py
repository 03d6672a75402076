"""Lists of what an office must look after: registrations gone, shared addresses, old figures, towers out of place."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import shapely

from buildingmap.analysis.measures import EXISTING
from buildingmap.analysis.office_list import ListLine, OfficeList
from buildingmap.analysis.tenancy import has_left, residents
from buildingmap.model import TaxEntry, Tenant, Unit
from buildingmap.snapshot import searchable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from buildingmap.model import Record
    from buildingmap.snapshot import Snapshot

FRESH_DAYS: Final = 365
_QUARTER_ENDS: Final = ((3, 31), (6, 30), (9, 30), (12, 31))


def registration_moved(snapshot: Snapshot, today: date) -> OfficeList:
    """List the companies whose registration has left the district, the latest first."""
    found = [
        ListLine(
            building_id,
            (
                tenant.registration_moved_on,
                tenant.name,
                tenant.area_m2,
                not has_left(tenant, today),
                tenant.locally_taxed,
                tenant.id,
            ),
        )
        for building_id in snapshot.ids
        for tenant in snapshot.holdings.of(Tenant, building_id)
        if tenant.registration_moved_on is not None and tenant.registration_moved_on <= today
    ]
    found.sort(key=lambda line: (-line.cells[0].toordinal(), line.building_id, line.cells[-1]))
    columns = ("registration_moved_on", "tenant", "area_m2", "is_resident", "locally_taxed", "tenant_id")
    return OfficeList(columns, tuple(found))


def duplicate_addresses(snapshot: Snapshot, today: date) -> OfficeList:
    """List the towers that share an address, and the residents that share a registered address.

    Addresses are the same where they differ in white space, case or width of letters only. Two lines of one company
    (by its credit code, else by its name) share nothing.
    """
    towers: dict[str, list[tuple[str, str, str]]] = {}
    companies: dict[str, list[tuple[str, str, str]]] = {}
    for building in snapshot.buildings:
        if building.address:
            towers.setdefault(_folded(building.address), []).append((building.id, building.address, ""))
        for tenant in residents(snapshot.holdings, building.id, today):
            if tenant.registered_address:
                entry = (building.id, tenant.registered_address, tenant.uscc or tenant.name)
                companies.setdefault(_folded(tenant.registered_address), []).append((*entry[:2], tenant.id))
    names = {tenant.id: tenant for tenant in snapshot.holdings.all(Tenant)}
    lines = [
        ListLine(building_id, ("towers", address, len(group), None, None))
        for group in towers.values()
        if len(group) > 1
        for building_id, address, _ in group
    ]
    for group in companies.values():
        sharing = len({names[row].uscc or names[row].name for _, _, row in group})
        if sharing > 1:
            lines += [
                ListLine(building_id, ("companies", address, sharing, names[row].name, row))
                for building_id, address, row in group
            ]
    lines.sort(
        key=lambda line: (
            line.cells[0] != "towers",
            -line.cells[2],
            _folded(line.cells[1]),
            line.building_id,
            line.cells[4] or "",
        )
    )
    return OfficeList(("sharers", "address", "sharing", "tenant", "tenant_id"), tuple(lines))


def _folded(address: str) -> str:
    return "".join(searchable(address).split())


def stale(snapshot: Snapshot, today: date) -> OfficeList:
    """List the towers of which some figure is older than a year, or has no date, with what it is."""
    oldest = today - timedelta(days=FRESH_DAYS)
    lines = []
    for row, building in enumerate(snapshot.buildings):
        dates: dict[str, date | None] = {
            "facts": building.as_of,
            "tax": _newest_tax(snapshot, row) if snapshot.status[row] == EXISTING else oldest,
            "tenants": _newest(snapshot.holdings.of(Tenant, building.id), oldest),
            "units": _newest(snapshot.holdings.of(Unit, building.id), oldest),
        }
        reasons = tuple(_old(dates, oldest))
        if reasons:
            shown = (building.as_of, _newest_tax(snapshot, row), *(
                None if not snapshot.holdings.of(kind, building.id) else dates[name]
                for name, kind in (("tenants", Tenant), ("units", Unit))
            ))  # fmt: skip
            lines.append(ListLine(building.id, (*shown, reasons)))
    lines.sort(key=lambda line: (line.cells[0] or date.min, line.building_id))
    columns = ("facts_as_of", "tax_as_of", "tenants_as_of", "units_as_of", "reasons")
    return OfficeList(columns, tuple(lines))


def _old(dates: Mapping[str, date | None], oldest: date) -> Iterator[str]:
    for name, day in dates.items():
        if day is None:
            yield f"{name}_undated"
        elif day < oldest:
            yield f"{name}_old"


def _newest(records: tuple[Record, ...], otherwise: date) -> date | None:
    """Return the newest date of records; ``otherwise`` without records, None where none is dated."""
    if not records:
        return otherwise
    return max((record.as_of for record in records if record.as_of is not None), default=None)


def _newest_tax(snapshot: Snapshot, row: int) -> date | None:
    """Return the last day of the newest year or quarter whose tax is known."""
    building = snapshot.buildings[row]
    days = [date(r.year, 12, 31) for r in building.tax_records if r.tax_yuan is not None]
    days += [
        date(entry.year, *_QUARTER_ENDS[entry.quarter - 1])
        for entry in snapshot.holdings.of(TaxEntry, building.id)
        if entry.quarter is not None and entry.tax_type is None and entry.tax_yuan is not None
    ]
    return max(days, default=None)


def outside_boundary(snapshot: Snapshot, _today: date) -> OfficeList:
    """List the towers declared in a cluster whose boundary their representative point lies outside of."""
    shapes: dict[str, list[Any]] = {}
    schematic: dict[str, bool] = {}
    for boundary in snapshot.surroundings.boundaries:
        shapes.setdefault(boundary.cluster, []).append(boundary.shape)
        schematic[boundary.cluster] = schematic.get(boundary.cluster, False) or boundary.schematic
    whole = {cluster: shapely.union_all(parts) for cluster, parts in shapes.items()}
    metric = {c: snapshot.metric.shape(s) for c, s in whole.items()}
    lines = []
    for row, building in enumerate(snapshot.buildings):
        lon, lat = float(snapshot.lon[row]), float(snapshot.lat[row])
        declared = building.cluster
        if declared not in whole or shapely.intersects_xy(whole[declared], lon, lat):
            continue
        point = shapely.Point(float(snapshot.x_m[row]), float(snapshot.y_m[row]))
        away = round(float(shapely.distance(point, metric[declared])), 1)
        inside = next((c for c, shape in whole.items() if shapely.intersects_xy(shape, lon, lat)), None)
        lines.append(ListLine(building.id, (declared, away, inside, schematic[declared])))
    lines.sort(key=lambda line: (-line.cells[1], line.building_id))
    return OfficeList(("declared", "outside_m", "inside", "schematic"), tuple(lines))
