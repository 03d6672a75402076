"""What stands empty in a tower, joined to the largest pieces that someone could take as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildingmap.analysis.spaces import WHOLE_SHARE
from buildingmap.analysis.tenancy import has_left
from buildingmap.model import Floor, Tenant, Unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from buildingmap.snapshot import Holdings

_LAST: Final = 10**9


@dataclass(frozen=True, slots=True)
class FreeBlock:
    """Contiguous vacant space: neighbours by number on one floor, or whole floors on top of each other.

    ``floors`` low to high; ``units``: ids, in their order; ``area_m2``; ``available_from``: the last day on which a
    part becomes available, None for now; ``rent_low``, ``rent_high``: asking rents of its units, yuan per m² per
    day, None where none is known.
    """

    building_id: str
    floors: tuple[int, ...]
    units: tuple[str, ...]
    labels: tuple[str, ...]
    area_m2: float
    whole_floors: bool
    available_from: date | None
    rent_low: float | None
    rent_high: float | None


def is_vacant(unit: Unit, left: frozenset[str]) -> bool:
    """Tell whether a unit is vacant: it has no tenant, or one of ``left``, who have moved out."""
    return unit.tenant_id is None or unit.tenant_id in left


def gone_tenants(holdings: Holdings, building_id: str, today: date) -> frozenset[str]:
    """Return the ids of a tower's tenants who have moved out by ``today``."""
    return frozenset(t.id for t in holdings.of(Tenant, building_id) if has_left(t, today))


def in_order(units: Sequence[Unit]) -> list[Unit]:
    """Return units by floor, low to high, along each floor by position, those without one last."""
    return sorted(
        units, key=lambda unit: (unit.floor, _LAST if unit.position is None else unit.position, unit.id)
    )


def free_blocks(holdings: Holdings, building_id: str, today: date) -> tuple[FreeBlock, ...]:
    """Return a tower's vacant space in its largest contiguous pieces, largest first; each vacant unit is in one.

    A floor is free as a whole when each of its units is vacant and they add up to 95 % of its leasable area, where
    that is known; such floors on top of each other are one piece.
    """
    left = gone_tenants(holdings, building_id, today)
    by_floor: dict[int, list[Unit]] = {}
    for unit in in_order(holdings.of(Unit, building_id)):
        by_floor.setdefault(unit.floor, []).append(unit)
    leasable = {floor.number: floor.leasable_area_m2 for floor in holdings.of(Floor, building_id)}
    whole = [number for number, units in by_floor.items() if _is_free(units, left, leasable.get(number))]
    pieces = [[unit for number in stack for unit in by_floor[number]] for stack in _stacks(whole)]
    found = [_block(units, today, whole_floors=True) for units in pieces]
    for number, units in by_floor.items():
        if number not in whole:
            found += [_block(run, today, whole_floors=False) for run in _runs(units, left)]
    return tuple(sorted(found, key=lambda block: (-block.area_m2, block.floors, block.units)))


def _is_free(units: Sequence[Unit], left: frozenset[str], leasable_m2: float | None) -> bool:
    area = sum(unit.area_m2 for unit in units)
    return all(is_vacant(unit, left) for unit in units) and area >= WHOLE_SHARE * (leasable_m2 or 0)


def _stacks(floors: Sequence[int]) -> list[list[int]]:
    """Return runs of adjacent floors; there is no floor 0, so 1 lies on -1."""
    found: list[list[int]] = []
    for number in floors:
        if found and number == (1 if found[-1][-1] == -1 else found[-1][-1] + 1):
            found[-1].append(number)
        else:
            found.append([number])
    return found


def _runs(units: Sequence[Unit], left: frozenset[str]) -> list[list[Unit]]:
    """Return the vacant units of one floor in runs of neighbours; a unit without a position stands alone."""
    found: list[list[Unit]] = []
    for unit in units:
        if not is_vacant(unit, left):
            continue
        last = found[-1][-1].position if found else None
        if last is not None and unit.position == last + 1:
            found[-1].append(unit)
        else:
            found.append([unit])
    return found


def _block(units: Sequence[Unit], today: date, *, whole_floors: bool) -> FreeBlock:
    later = [unit.available_from for unit in units if unit.available_from and unit.available_from > today]
    rents = [u.asking_rent_yuan_m2_day for u in units if u.asking_rent_yuan_m2_day is not None]
    return FreeBlock(
        building_id=units[0].building_id,
        floors=tuple(sorted({unit.floor for unit in units})),
        units=tuple(unit.id for unit in units),
        labels=tuple(unit.label for unit in units),
        area_m2=round(sum(unit.area_m2 for unit in units), 6),
        whole_floors=whole_floors,
        available_from=max(later, default=None),
        rent_low=min(rents, default=None),
        rent_high=max(rents, default=None),
    )


def block_of_unit(blocks: Sequence[FreeBlock]) -> Mapping[str, int]:
    """Return the position among ``blocks`` of each unit that lies in one."""
    return {unit: place for place, block in enumerate(blocks) for unit in block.units}
