"""Lists of space: what stands empty, leases that end, and towers that have leased more than they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildingmap.analysis.measures import EXISTING
from buildingmap.analysis.office_list import ListLine, OfficeList
from buildingmap.analysis.tenancy import days_left, residents
from buildingmap.analysis.vacancy import free_blocks
from buildingmap.model import Floor, Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from buildingmap.snapshot import Snapshot

# areas are kept to a tenth of a m², and sums of a few hundred of them are off by less than this
TOLERANCE_M2: Final = 1.0


def vacancies(snapshot: Snapshot, today: date) -> OfficeList:
    """List the contiguous vacant space of existing towers, largest first."""
    blocks = [
        block
        for row, building_id in enumerate(snapshot.ids)
        if snapshot.status[row] == EXISTING
        for block in free_blocks(snapshot.holdings, building_id, today)
    ]
    blocks.sort(key=lambda block: (-block.area_m2, block.building_id, block.units))
    columns = ("area_m2", "floors", "units", "available_on", "rent_low", "rent_high")
    return OfficeList(
        columns,
        tuple(
            ListLine(
                block.building_id,
                (
                    block.area_m2,
                    block.floors,
                    block.labels,
                    block.available_from,
                    block.rent_low,
                    block.rent_high,
                ),
            )
            for block in blocks
        ),
    )


def leases_within(days: int) -> Callable[[Snapshot, date], OfficeList]:
    """Return the list of residents whose lease ends within so many days, today included."""
    return lambda snapshot, today: _leases(snapshot, today, lambda left: 0 <= left <= days)


def leases_ended(snapshot: Snapshot, today: date) -> OfficeList:
    """List the residents whose lease has run out."""
    return _leases(snapshot, today, lambda left: left < 0)


def _leases(snapshot: Snapshot, today: date, wanted: Callable[[int], bool]) -> OfficeList:
    found = []
    for building_id in snapshot.ids:
        for tenant in residents(snapshot.holdings, building_id, today):
            left = days_left(tenant, today)
            if left is not None and wanted(left):
                cells = (
                    tenant.lease_end,
                    left,
                    tenant.name,
                    tenant.sector,
                    tenant.floors,
                    tenant.area_m2,
                    tenant.id,
                )
                found.append(ListLine(building_id, cells))
    found.sort(key=lambda line: (line.cells[0], line.building_id, line.cells[-1]))
    columns = ("lease_end_on", "days_left", "tenant", "sector", "tenant_floors", "area_m2", "tenant_id")
    return OfficeList(columns, tuple(found))


def over_leased(snapshot: Snapshot, today: date) -> OfficeList:
    """List towers whose residents lease more than there is, and floors whose units come to more than the floor."""
    found = [line for building_id in snapshot.ids for line in _over(snapshot, building_id, today)]
    found.sort(key=lambda line: (-line.cells[4], line.building_id))
    return OfficeList(("extent", "floor", "leasable_m2", "leased_m2", "over_m2", "over_share"), tuple(found))


def _over(snapshot: Snapshot, building_id: str, today: date) -> Iterator[ListLine]:
    holdings = snapshot.holdings
    floors = {floor.number: floor.leasable_area_m2 for floor in holdings.of(Floor, building_id)}
    own = snapshot.buildings[snapshot.row(building_id)].leasable_area_m2
    leased = sum(tenant.area_m2 or 0.0 for tenant in residents(holdings, building_id, today))
    amounts: list[tuple[str, int | None, float | None, float]] = [("tower", None, own, leased)]
    by_floor: dict[int, float] = {}
    for unit in holdings.of(Unit, building_id):
        by_floor[unit.floor] = by_floor.get(unit.floor, 0.0) + unit.area_m2
    amounts += [("floor", number, floors.get(number), area) for number, area in sorted(by_floor.items())]
    for extent, number, leasable, area in amounts:
        if leasable is None or area <= leasable + TOLERANCE_M2:
            continue
        over = round(area - leasable, 6)
        share = over / leasable if leasable else None
        yield ListLine(building_id, (extent, number, leasable, round(area, 6), over, share))
