"""Who is resident in a tower, how long they have leased, and how many of them are registered and taxed here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from buildingmap.model import Tenant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from buildingmap.snapshot import Holdings

LeaseClass = Literal["ended", "d90", "y1", "y3", "later", "unknown"]
# by the days that are left, low to high
LEASE_CLASSES: Final[tuple[LeaseClass, ...]] = ("ended", "d90", "y1", "y3", "later", "unknown")
DAYS_OF_YEAR: Final = 365
_STEPS: Final[tuple[tuple[int, LeaseClass], ...]] = (
    (90, "d90"),
    (DAYS_OF_YEAR, "y1"),
    (3 * DAYS_OF_YEAR, "y3"),
)


@dataclass(frozen=True, slots=True)
class Split:
    """Companies, or their m², for which something holds (``yes``), does not, or is not known."""

    yes: float
    no: float
    unknown: float

    @property
    def whole(self) -> float:
        """All of them."""
        return self.yes + self.no + self.unknown

    @property
    def least(self) -> float | None:
        """The share, 0 to 1, if it held for none of the unknown; None where there is nothing to share out."""
        return self.yes / self.whole if self.whole > 0 else None

    @property
    def most(self) -> float | None:
        """The share, 0 to 1, if it held for all of the unknown; the same as ``least`` where nothing is unknown."""
        return (self.yes + self.unknown) / self.whole if self.whole > 0 else None


@dataclass(frozen=True, slots=True)
class LocalRates:
    """How many resident companies are registered (属地注册率) and taxed (属地纳税率) here, by count and by m².

    ``without_area``: residents whose area is not known, which the two by area leave out.
    """

    companies: int
    without_area: int
    registered_by_count: Split
    registered_by_area: Split
    taxed_by_count: Split
    taxed_by_area: Split


def has_left(tenant: Tenant, today: date) -> bool:
    """Tell whether a company has moved out by ``today``."""
    return tenant.moved_out_on is not None and tenant.moved_out_on <= today


def residents(holdings: Holdings, building_id: str, today: date) -> tuple[Tenant, ...]:
    """Return the companies that are in a tower on ``today``, in the order of their ids."""
    return tuple(tenant for tenant in holdings.of(Tenant, building_id) if not has_left(tenant, today))


def days_left(tenant: Tenant, today: date) -> int | None:
    """Return the days from ``today`` to the last day of a lease, negative once it has run out; None unknown."""
    return None if tenant.lease_end is None else (tenant.lease_end - today).days


def lease_class(days: int | None) -> LeaseClass:
    """Return the class of a lease with so many days left, bounds inclusive: 90 days, one year, three, later."""
    if days is None:
        return "unknown"
    if days < 0:
        return "ended"
    return next((name for most, name in _STEPS if days <= most), "later")


def local_rates(tenants: Sequence[Tenant]) -> LocalRates:
    """Return the local registration and tax rates of resident companies; the unknown are counted apart."""
    sized = [tenant for tenant in tenants if tenant.area_m2 is not None]
    return LocalRates(
        companies=len(tenants),
        without_area=len(tenants) - len(sized),
        registered_by_count=_split(tenants, lambda t: t.locally_registered, lambda _: 1),
        registered_by_area=_split(sized, lambda t: t.locally_registered, _area),
        taxed_by_count=_split(tenants, lambda t: t.locally_taxed, lambda _: 1),
        taxed_by_area=_split(sized, lambda t: t.locally_taxed, _area),
    )


def _area(tenant: Tenant) -> float:
    return tenant.area_m2 or 0.0


def _split(
    tenants: Sequence[Tenant], of: Callable[[Tenant], bool | None], weight: Callable[[Tenant], float]
) -> Split:
    sums = dict.fromkeys((True, False, None), 0.0)
    for tenant in tenants:
        sums[of(tenant)] += weight(tenant)
    return Split(yes=sums[True], no=sums[False], unknown=sums[None])


def remaining_years(leases: Sequence[tuple[float, int | None]]) -> float | None:
    """Return the weighted average lease term left (WALT, 加权平均剩余租期), years.

    ``leases``: m² and days left of each; Σ(m² × years left) ÷ Σ m² over those whose end is known, one that has run
    out counting 0. None where no end is known.
    """
    known = [(area, max(days, 0)) for area, days in leases if days is not None]
    whole = sum(area for area, _ in known)
    return sum(area * days for area, days in known) / whole / DAYS_OF_YEAR if whole > 0 else None
