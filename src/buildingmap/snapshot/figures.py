"""The tax figures of one year, in columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.model import Building, District

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int16]
    Rows = NDArray[np.int64]

UNKNOWN: Final = -1


@dataclass(frozen=True)
class Figures:
    """The tax figures of every tower for one year, or each tower's newest (``year`` None).

    ``tax_yuan``, ``district_revenue_yuan``: float64[n], yuan, NaN unknown. ``tax_year``: int16[n], -1 unknown.
    ``band``: int16[n], position in ``district.bands``, -1 unknown. ``order``: int64[n], rows by tax, highest
    first, unknown last, then by id; ``known``: how many of them are known.
    ``ascending_tax_yuan``: float64[known], the known taxes from low to high, for binary search.
    """

    year: int | None
    tax_yuan: Floats
    district_revenue_yuan: Floats
    tax_year: Codes
    band: Codes
    order: Rows
    known: int
    ascending_tax_yuan: Floats
    place_in_order: Rows


def figures_of(
    buildings: Sequence[Building], id_rank: Rows, district: District, *, year: int | None
) -> Figures:
    """Lay out the tax figures of ``buildings`` for ``year``; ``id_rank``, int64[n], settles ties."""
    if year is None:
        records: list[Any] = list(buildings)
        tax_year = [b.tax_year for b in buildings]
    else:
        records = [next((record for record in b.tax_records if record.year == year), None) for b in buildings]
        tax_year = [None if record is None else year for record in records]
    tax = floats([None if record is None else record.tax_yuan for record in records])
    revenue = floats([None if record is None else record.district_revenue_yuan for record in records])
    known = ~np.isnan(tax)
    band = np.searchsorted(district.band_floors_yuan, tax, side="right").astype(np.int16) - 1
    band = np.where(known, band, UNKNOWN).astype(np.int16)
    order = np.lexsort((id_rank, -tax))  # NaN sorts last
    count = int(known.sum())
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    columns = (
        tax,
        revenue,
        np.array([UNKNOWN if value is None else value for value in tax_year], dtype=np.int16),
        band,
        order,
    )
    ascending = np.ascontiguousarray(tax[order[:count]][::-1])
    for column in (*columns, ascending, place):
        column.setflags(write=False)
    tax, revenue, year_column, band, order = columns
    return Figures(
        year=year,
        tax_yuan=tax,
        district_revenue_yuan=revenue,
        tax_year=year_column,
        band=band,
        order=order,
        known=count,
        ascending_tax_yuan=ascending,
        place_in_order=place,
    )


def floats(values: Sequence[float | None]) -> Floats:
    """Return a column of numbers, float64[n], NaN where unknown."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
