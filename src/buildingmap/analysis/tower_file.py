"""One building, one file (一楼一档): what is known of a tower, where from, as of when, and who changed it last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildingmap.analysis.card import Card, tower_card
from buildingmap.analysis.run_rate import RunRate, run_rate
from buildingmap.analysis.stacking import StackingPlan, stacking_plan
from buildingmap.analysis.tenancy import LeaseClass, LocalRates, days_left, has_left, lease_class, local_rates
from buildingmap.model import (
    RECORDS,
    Document,
    ServiceOfficer,
    TaxEntry,
    Tenant,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from buildingmap.model import Building
    from buildingmap.registry import Revision, RowChange
    from buildingmap.snapshot import Snapshot, Stamp

_MOST_REVISIONS: Final = 8
_MOST_ROWS_NAMED: Final = 4
_QUARTERS: Final = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class TenantLine:
    """A company of the tower; ``days_left`` to the end of its lease, negative once it has run out."""

    tenant: Tenant
    days_left: int | None
    lease_class: LeaseClass
    is_resident: bool


@dataclass(frozen=True, slots=True)
class TaxYear:
    """One year's tax, yuan. ``quarters``: of all taxes together, None unknown; ``band``: its id, None unknown.

    ``total``: the record of the year as a whole, None where only quarters are on record.
    """

    year: int
    tax_yuan: float | None
    district_revenue_yuan: float | None
    band: str | None
    past_mark: bool | None
    taxpayers: int | None
    quarters: tuple[float | None, ...]
    total: TaxEntry | None


@dataclass(frozen=True, slots=True)
class LastChange:
    """A revision that gave ``count`` rows of the tower's file what they are now.

    ``rows``: table and id of the first of them, the tower's own row before others.
    """

    stamp: Stamp
    rows: tuple[tuple[str, str], ...]
    count: int


@dataclass(frozen=True, slots=True)
class TowerFile:
    """A tower's whole file as of ``today``. What the snapshot does not hold, the public's for one, is empty.

    ``tenants``: residents, the soonest end of a lease first, then those who have left. ``stamp``: of the tower's own
    row; ``changes``: the newest revisions of the rows that are still there, newest first. ``entries``: every tax
    record, newest first.
    """

    building: Building
    card: Card
    stamp: Stamp | None
    plan: StackingPlan
    tenants: tuple[TenantLine, ...]
    rates: LocalRates
    taxes: tuple[TaxYear, ...]
    forecast: RunRate | None
    entries: tuple[TaxEntry, ...]
    officers: tuple[ServiceOfficer, ...]
    documents: tuple[Document, ...]
    changes: tuple[LastChange, ...]


def tower_file(snapshot: Snapshot, building_id: str, *, today: date) -> TowerFile:
    """Return the file of one tower. Raises UnknownBuildingError."""
    row, holdings = snapshot.row(building_id), snapshot.holdings
    entries = holdings.of(TaxEntry, building_id)
    lines = _tenants(holdings.of(Tenant, building_id), today)
    return TowerFile(
        building=snapshot.buildings[row],
        card=tower_card(snapshot, row),
        stamp=holdings.stamps.get(("building", building_id)),
        plan=stacking_plan(holdings, building_id, today),
        tenants=lines,
        rates=local_rates([line.tenant for line in lines if line.is_resident]),
        taxes=_taxes(snapshot, row, entries),
        forecast=run_rate(entries),
        entries=tuple(sorted(entries, key=_newest_first)),
        officers=holdings.of(ServiceOfficer, building_id),
        documents=holdings.of(Document, building_id),
        changes=_changes(snapshot, building_id),
    )


def _newest_first(entry: TaxEntry) -> tuple[int, int, str]:
    return -entry.year, entry.quarter or 0, entry.tax_type or ""


def _tenants(tenants: Sequence[Tenant], today: date) -> tuple[TenantLine, ...]:
    lines = []
    for tenant in tenants:
        days = days_left(tenant, today)
        lines.append(TenantLine(tenant, days, lease_class(days), is_resident=not has_left(tenant, today)))
    return tuple(
        sorted(
            lines,
            key=lambda line: (not line.is_resident, line.days_left is None, line.days_left, line.tenant.id),
        )
    )


def _taxes(snapshot: Snapshot, row: int, entries: Sequence[TaxEntry]) -> tuple[TaxYear, ...]:
    """Return every year with a total, a quarter or a band, oldest first.

    The amounts are the layer's own, because a bare layer file has no records beside it.
    """
    totals = {entry.year: entry for entry in entries if entry.is_annual_total}
    parts = {(e.year, e.quarter): e.tax_yuan for e in entries if e.quarter and e.tax_type is None}
    records = {record.year: record for record in snapshot.buildings[row].tax_records}
    bands = {year: int(snapshot.figures(year).band[row]) for year in snapshot.years}
    years = {*records, *(year for year, _ in parts), *(year for year, band in bands.items() if band >= 0)}
    found = []
    for year in sorted(years):
        record, total, band = records.get(year), totals.get(year), bands.get(year, -1)
        found.append(
            TaxYear(
                year=year,
                tax_yuan=None if record is None else record.tax_yuan,
                district_revenue_yuan=None if record is None else record.district_revenue_yuan,
                band=None if band < 0 else snapshot.district.bands[band].id,
                past_mark=None if band < 0 else bool(snapshot.figures(year).past_mark[row]),
                taxpayers=None if total is None else total.taxpayer_count,
                quarters=tuple(parts.get((year, quarter)) for quarter in _QUARTERS),
                total=total,
            )
        )
    return tuple(found)


def _changes(snapshot: Snapshot, building_id: str) -> tuple[LastChange, ...]:
    stamps = snapshot.holdings.stamps
    keys = [("building", building_id)]
    keys += [
        (table, record.id)
        for table, kind in RECORDS.items()
        for record in snapshot.holdings.of(kind, building_id)
    ]
    by_version: dict[int, list[tuple[str, str]]] = {}
    for key in keys:
        if key in stamps:
            by_version.setdefault(stamps[key].version, []).append(key)
    return tuple(
        LastChange(stamps[rows[0]], tuple(rows[:_MOST_ROWS_NAMED]), len(rows))
        for _, rows in sorted(by_version.items(), reverse=True)[:_MOST_REVISIONS]
    )


def last_revisions(history: Sequence[tuple[Revision, RowChange]]) -> dict[str, Revision]:
    """Return for each field of a row the revision that gave it the value it has; ``history`` is newest first."""
    found: dict[str, Revision] = {}
    for revision, change in history:
        for name in change.fields:
            found.setdefault(name, revision)
    return found
