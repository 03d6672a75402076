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
    """The tax figures of every tower for one year, or of the year in force (``year`` None).

    ``tax_yuan``, ``district_revenue_yuan``: float64[n], yuan, NaN unknown. ``tax_year``: int16[n], -1 unknown.
    ``band``: int16[n], position in ``district.bands``, -1 unknown.
    ``rank_yuan``: float64[n], what filters and order go by: the tax itself, or in the public view, which holds no
    tax, the lower bound of its band. ``order``: int64[n], rows by it, highest first, unknown last, then by id;
    ``known``: how many of them are known. ``ascending_yuan``: float64[known], the known from low to high, for
    binary search. ``past_mark``: bool[n], whether the tax is at least the district's mark; false where unknown.
    """

    year: int | None
    tax_yuan: Floats
    district_revenue_yuan: Floats
    tax_year: Codes
    band: Codes
    rank_yuan: Floats
    past_mark: NDArray[np.bool_]
    order: Rows
    known: int
    ascending_yuan: Floats
    place_in_order: Rows


def figures_of(
    buildings: Sequence[Building],
    id_rank: Rows,
    district: District,
    *,
    year: int | None,
    undated: bool = False,
) -> Figures:
    """Lay out the tax figures of ``buildings`` for ``year``; ``id_rank``, int64[n], settles ties.

    ``undated``: where a tower's only figure has no year, take it for one of the year. None: each tower's newest.
    """
    if year is None:
        records: list[Any] = list(buildings)
        tax_year = [b.tax_year for b in buildings]
    else:
        records = [next((record for record in b.tax_records if record.year == year), None) for b in buildings]
        tax_year = [None if record is None else year for record in records]
        if undated:
            records = [
                b if not b.tax_records else record for b, record in zip(buildings, records, strict=True)
            ]
    tax = floats([None if record is None else record.tax_yuan for record in records])
    revenue = floats([None if record is None else record.district_revenue_yuan for record in records])
    band = np.searchsorted(district.band_floors_yuan, tax, side="right").astype(np.int16) - 1
    band = np.where(np.isnan(tax), UNKNOWN, band).astype(np.int16)
    years = np.array([UNKNOWN if value is None else value for value in tax_year], dtype=np.int16)
    return _laid_out(
        id_rank,
        district,
        year=year,
        tax_yuan=tax,
        district_revenue_yuan=revenue,
        tax_year=years,
        band=band,
        rank_yuan=tax,
    )


def figures_of_bands(
    band: Codes, tax_year: Codes, id_rank: Rows, district: District, *, year: int | None
) -> Figures:
    """Lay out the bands alone, int16[n], for those who may see no tax: every amount is unknown."""
    unknown = np.full(len(band), np.nan)
    rank = np.where(band < 0, np.nan, district.band_floors_yuan[np.maximum(band, 0)])
    return _laid_out(
        id_rank,
        district,
        year=year,
        tax_yuan=unknown,
        district_revenue_yuan=unknown.copy(),
        tax_year=tax_year,
        band=band,
        rank_yuan=rank,
    )


def _laid_out(
    id_rank: Rows, district: District, *, rank_yuan: Floats, band: Codes, **columns: Any
) -> Figures:
    order = np.lexsort((id_rank, -rank_yuan))  # NaN sorts last
    known = int(np.count_nonzero(~np.isnan(rank_yuan)))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    laid: dict[str, Any] = {
        "band": band,
        "rank_yuan": rank_yuan,
        "past_mark": band >= (district.band_index(district.mark_yuan) or 0),
        "order": order,
        "ascending_yuan": np.ascontiguousarray(rank_yuan[order[:known]][::-1]),
        "place_in_order": place,
    }
    for column in (
        *laid.values(),
        *(columns[name] for name in ("tax_yuan", "district_revenue_yuan", "tax_year")),
    ):
        column.setflags(write=False)
    return Figures(known=known, **laid, **columns)


def floats(values: Sequence[float | None]) -> Floats:
    """Return a column of numbers, float64[n], NaN where unknown."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
