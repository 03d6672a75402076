"""The public view of a snapshot: bands in place of taxes, and nothing that a tax could be told from.

What the public may not see is not in it, so no filter, order, export, total or tag can give it away.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np
import orjson
import shapely

from buildingmap.model import Building, Milestone, TaxEntry, Tenant
from buildingmap.snapshot.columns import searchable
from buildingmap.snapshot.figures import UNKNOWN
from buildingmap.snapshot.holdings import TABLES, Holdings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from buildingmap.snapshot.columns import Snapshot

    Bands = dict[int, tuple[NDArray[np.int16], NDArray[np.int16]]]

# one taxpayer's figure is the tower's, and either of two knows the other's
FEWEST_TAXPAYERS: Final = 3


def public_view(snapshot: Snapshot) -> Snapshot:
    """Return what the public may see of ``snapshot``.

    A tower's band of a year stays only where at least FEWEST_TAXPAYERS are known to have paid it; elsewhere it is
    withheld, and no different from a tower whose tax is unknown. Sources of single facts go, because their text is
    free. The version is a digest of what stays: a change that the public cannot see changes no public answer.
    """
    if snapshot.is_public:
        return snapshot
    bands = _bands(snapshot)
    buildings = tuple(_without_tax(building) for building in snapshot.buildings)
    milestones = tuple(
        milestone.model_copy(update={"source": None}) for milestone in snapshot.holdings.all(Milestone)
    )
    return replace(
        snapshot,
        version=_digest(snapshot, buildings, milestones, bands),
        buildings=buildings,
        years=tuple(sorted(year for year in bands if year != _NEVER)),
        holdings=Holdings({TABLES[Milestone]: milestones}),
        bands=lambda year: bands.get(year, bands[_NEVER]),
        # the year in force of the public is found anew, from what the public may see
        _figures={},
        _features={},
        _coverage={},
    )


_NEVER: Final = -1


def _any_known(band: NDArray[np.int16]) -> bool:
    return bool((band >= 0).any())


def _without_tax(building: Building) -> Building:
    return building.model_copy(
        update={
            "tax_yuan": None,
            "district_revenue_yuan": None,
            "tax_year": None,
            "tax_history": (),
            "source": None,
        }
    )


def _bands(snapshot: Snapshot) -> Bands:
    """Return the bands that may be shown, by year."""
    counted = _taxpayers(snapshot)
    by_year: Bands = {}
    for year in snapshot.years:
        band = snapshot.figures(year).band
        shown = np.array(
            [counted.get((i, year), 0) >= FEWEST_TAXPAYERS for i in snapshot.ids], dtype=np.bool_
        )
        kept = np.where(shown, band, UNKNOWN).astype(np.int16)
        if _any_known(kept):  # that all of a year is withheld is withheld too
            by_year[year] = kept, np.where(kept >= 0, year, UNKNOWN).astype(np.int16)
    nothing = np.full(len(snapshot), UNKNOWN, dtype=np.int16)
    return {**by_year, _NEVER: (nothing, nothing.copy())}


def _taxpayers(snapshot: Snapshot) -> dict[tuple[str, int], int]:
    """Return how many companies are known to have paid a tower's tax of a year.

    It is the tax record's own count; without one, for the registry's year in force and those after it, the companies
    that are known to have been here through that year's end and pay tax here.
    """
    holdings = snapshot.holdings
    counted: dict[tuple[str, int], int] = {
        (entry.building_id, entry.year): entry.taxpayer_count
        for entry in holdings.all(TaxEntry)
        if entry.is_annual_total and entry.taxpayer_count is not None
    }
    in_force = snapshot.year_in_force
    for year in snapshot.years:
        if in_force is not None and year < in_force:
            continue
        for building_id in snapshot.ids:
            paid = [tenant for tenant in holdings.of(Tenant, building_id) if _paid_in(tenant, year)]
            counted.setdefault((building_id, year), _companies(paid))
    return counted


def _paid_in(tenant: Tenant, year: int) -> bool:
    """Tell whether a tenant is known to pay tax here and to have been here until the end of ``year``.

    What is not known counts against it: a list of today's tenants says nothing of who paid two years ago.
    """
    came = tenant.lease_start
    left = [tenant.moved_out_on, tenant.registration_moved_on]
    return (
        tenant.locally_taxed is True
        and came is not None
        and came.year <= year
        and all(day is None or day.year > year for day in left)
        and (tenant.lease_end is None or tenant.lease_end >= date(year, 12, 31))
    )


def _companies(tenants: Iterable[Tenant]) -> int:
    """Return how many companies these are at least: one with several leases, or two spellings, is one."""
    named = [("".join(searchable(tenant.name).split()), tenant.uscc) for tenant in tenants]
    return min(len({name for name, _ in named}), len({uscc or name for name, uscc in named}))


def _digest(
    snapshot: Snapshot, buildings: tuple[Building, ...], milestones: tuple[Milestone, ...], bands: Bands
) -> str:
    digest = hashlib.sha256(repr((snapshot.note, snapshot.district)).encode())
    digest.update(orjson.dumps([building.properties() for building in buildings]))
    digest.update(orjson.dumps([milestone.values() for milestone in milestones]))
    digest.update(b"".join(shapely.to_wkb(snapshot.geometry).tolist()))
    for year in sorted(bands, key=str):
        digest.update(f"{year}".encode() + bands[year][0].tobytes() + bands[year][1].tobytes())
    return f"public-{digest.hexdigest()[:16]}"
