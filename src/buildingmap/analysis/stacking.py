"""The stacking plan: a tower floor by floor, what is let to whom until when, and what stands empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from buildingmap.analysis.tenancy import LeaseClass, days_left, lease_class, remaining_years, residents
from buildingmap.analysis.vacancy import FreeBlock, block_of_unit, free_blocks, in_order
from buildingmap.model import Floor, Unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from buildingmap.model import Tenant
    from buildingmap.snapshot import Holdings

PartKind = Literal["let", "vacant"]


@dataclass(frozen=True, slots=True)
class PlanPart:
    """One piece of a floor, m².

    ``tenant`` is None where it is vacant. ``unit`` is None where only the company's floors are on record, not its
    units: ``area_m2`` is then its area shared evenly over its floors (``estimated``), None where that is unknown.
    ``days_left``: to the end of the lease; ``block``: position among the plan's blocks of vacant space.
    """

    kind: PartKind
    area_m2: float | None
    unit: Unit | None
    tenant: Tenant | None
    days_left: int | None
    lease_class: LeaseClass | None
    block: int | None
    estimated: bool


@dataclass(frozen=True, slots=True)
class PlanFloor:
    """One floor with its parts along it, m²; ``row_id`` is that of its own record, None where it has none.

    ``untold_m2``: leasable area that neither a unit nor a company's floors account for, 0 where the leasable area is
    unknown; ``over_m2``: what the parts have beyond it.
    """

    number: int
    row_id: str | None
    use: str | None
    leasable_m2: float | None
    parts: tuple[PlanPart, ...]
    let_m2: float
    vacant_m2: float
    untold_m2: float
    over_m2: float


@dataclass(frozen=True, slots=True)
class StackingPlan:
    """A tower's floors, top first; sums in m² over them.

    ``unplaced``: residents of whom neither units nor floors are on record. ``blocks``: contiguous vacant space,
    largest first. ``remaining_years``: weighted average lease term left (WALT) by area, None unknown.
    """

    floors: tuple[PlanFloor, ...]
    unplaced: tuple[Tenant, ...]
    blocks: tuple[FreeBlock, ...]
    leasable_m2: float
    let_m2: float
    vacant_m2: float
    untold_m2: float
    remaining_years: float | None

    @property
    def largest(self) -> FreeBlock | None:
        """The largest contiguous vacant space."""
        return self.blocks[0] if self.blocks else None


def stacking_plan(holdings: Holdings, building_id: str, today: date) -> StackingPlan:
    """Lay a tower out by floor as of ``today``; without floors on record where nothing is known of any."""
    blocks = free_blocks(holdings, building_id, today)
    tenants = {tenant.id: tenant for tenant in residents(holdings, building_id, today)}
    units = in_order(holdings.of(Unit, building_id))
    in_block = block_of_unit(blocks)
    parts: dict[int, list[PlanPart]] = {}
    for unit in units:
        tenant = tenants.get(unit.tenant_id or "")
        parts.setdefault(unit.floor, []).append(_of_unit(unit, tenant, in_block, today))
    housed = {unit.tenant_id for unit in units}
    without_units = [tenant for tenant in tenants.values() if tenant.id not in housed]
    for tenant in without_units:
        for number in tenant.floor_numbers:
            parts.setdefault(number, []).append(_of_floors(tenant, today))
    stored = {floor.number: floor for floor in holdings.of(Floor, building_id)}
    floors = tuple(
        _floor(number, stored.get(number), parts.get(number, []))
        for number in sorted({*parts, *stored}, reverse=True)
    )
    leases = [(p.area_m2, p.days_left) for f in floors for p in f.parts if p.kind == "let" and p.area_m2]
    return StackingPlan(
        floors=floors,
        unplaced=tuple(tenant for tenant in without_units if not tenant.floor_numbers),
        blocks=blocks,
        leasable_m2=sum(floor.leasable_m2 or 0.0 for floor in floors),
        let_m2=sum(floor.let_m2 for floor in floors),
        vacant_m2=sum(floor.vacant_m2 for floor in floors),
        untold_m2=sum(floor.untold_m2 for floor in floors),
        remaining_years=remaining_years(leases),
    )


def _of_unit(unit: Unit, tenant: Tenant | None, in_block: Mapping[str, int], today: date) -> PlanPart:
    block = in_block.get(unit.id)
    days = None if tenant is None else days_left(tenant, today)
    return PlanPart(
        kind="let" if block is None else "vacant",
        area_m2=unit.area_m2,
        unit=unit,
        tenant=tenant if block is None else None,
        days_left=days,
        lease_class=lease_class(days) if block is None else None,
        block=block,
        estimated=False,
    )


def _of_floors(tenant: Tenant, today: date) -> PlanPart:
    days = days_left(tenant, today)
    area = None if tenant.area_m2 is None else tenant.area_m2 / len(tenant.floor_numbers)
    return PlanPart("let", area, None, tenant, days, lease_class(days), None, estimated=True)


def _floor(number: int, stored: Floor | None, parts: Sequence[PlanPart]) -> PlanFloor:
    let, vacant = (sum(p.area_m2 or 0.0 for p in parts if p.kind == kind) for kind in ("let", "vacant"))
    leasable = None if stored is None else stored.leasable_area_m2
    rest = 0.0 if leasable is None else round(leasable - let - vacant, 6)
    return PlanFloor(
        number=number,
        row_id=None if stored is None else stored.id,
        use=None if stored is None else stored.use,
        leasable_m2=leasable,
        parts=tuple(parts),
        let_m2=let,
        vacant_m2=vacant,
        untold_m2=max(rest, 0.0),
        over_m2=max(-rest, 0.0),
    )
