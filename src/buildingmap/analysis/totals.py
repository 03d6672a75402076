"""What a selection of towers adds up to, and the two tables that charts are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from buildingmap.analysis.measures import EXISTING, Denominator, known_sum, ratio_of_known, weighted_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.filters import Selection
    from buildingmap.snapshot import Figures, Snapshot

    Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a selection; None is unknown.

    Counts by status; ``past_mark``: existing towers whose tax is at least the district's mark (税收亿元楼宇);
    ``with_tax``: towers of any status whose tax, or at least its band, is known; money in yuan and areas in
    m², each the sum of what is known over all statuses; ``vacancy_rate`` (空置率, 0 to 1, weighted by leasable
    area) and
    ``tax_per_m2`` (单位面积税收, yuan per m² per year) over the existing towers that have both figures.
    ``tax_year``: the year or years of the taxes that are counted, ``2023`` or ``2021–2023``; empty where none
    is dated.
    """

    towers: int
    existing: int
    under_construction: int
    planned: int
    past_mark: int
    with_tax: int
    tax_yuan: float | None
    district_revenue_yuan: float | None
    floor_area_m2: float | None
    leasable_area_m2: float | None
    vacancy_rate: float | None
    tax_per_m2: float | None
    tax_per_m2_denominator: Denominator
    tax_year: str


@dataclass(frozen=True, slots=True)
class BandTable:
    """How many existing towers of each cluster are in each tax band (税收分档).

    ``counts[i][j]`` is cluster ``clusters[i]`` in band ``bands[j]``; ``unknown_tax[i]`` of them have no tax
    figure. Clusters stand in the district's order, None last where some tower belongs to none.
    """

    clusters: tuple[str | None, ...]
    bands: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    unknown_tax: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SectorShare:
    """One leading sector (主导产业) among towers; ``sector`` None gathers those without one.

    Tax in yuan, area in m² gross; a share is of all the towers' sum of what is known, 0 to 1.
    """

    sector: str | None
    towers: int
    tax_yuan: float | None
    floor_area_m2: float | None
    share_of_towers: float
    share_of_tax: float | None
    share_of_floor_area: float | None


def totals(selection: Selection) -> Totals:
    """Add up a selection with the tax figures of its filter's year."""
    snapshot, figures, rows = selection.snapshot, selection.figures, selection.rows
    status = snapshot.status[rows]
    tax = figures.tax_yuan[rows]
    floor_area, leasable = snapshot.floor_area_m2[rows], snapshot.leasable_area_m2[rows]
    stands = status == EXISTING
    by_status = np.bincount(status, minlength=3).tolist()
    return Totals(
        towers=len(rows),
        existing=by_status[0],
        under_construction=by_status[1],
        planned=by_status[2],
        past_mark=int(np.count_nonzero(stands & figures.past_mark[rows])),
        with_tax=int(np.count_nonzero(figures.band[rows] >= 0)),
        tax_yuan=known_sum(tax),
        district_revenue_yuan=known_sum(figures.district_revenue_yuan[rows]),
        floor_area_m2=known_sum(floor_area),
        leasable_area_m2=known_sum(leasable),
        vacancy_rate=weighted_mean(snapshot.vacancy_rate[rows][stands], leasable[stands]),
        tax_per_m2=ratio_of_known(tax[stands], floor_area[stands]),
        tax_per_m2_denominator="floor_area_m2",
        tax_year=year_label(figures, rows),
    )


def year_label(figures: Figures, rows: Rows) -> str:
    """Return the year or years of the known taxes of ``rows``, as ``Totals.tax_year`` says."""
    years = figures.tax_year[rows]
    years = years[(years >= 0) & (figures.band[rows] >= 0)]
    if not len(years):
        return ""
    first, last = int(years.min()), int(years.max())
    return str(first) if first == last else f"{first}–{last}"


def bands_by_cluster(selection: Selection) -> BandTable:
    """Count a selection's existing towers by cluster and band."""
    snapshot, rows = selection.snapshot, selection.rows
    rows = rows[snapshot.status[rows] == EXISTING]
    clusters: list[str | None] = [cluster.id for cluster in snapshot.district.clusters]
    bands = tuple(band.id for band in snapshot.district.bands)
    # the unknown, -1, take the last row and the last column
    cluster = snapshot.cluster[rows] % (len(clusters) + 1)
    band = selection.figures.band[rows] % (len(bands) + 1)
    shape = len(clusters) + 1, len(bands) + 1
    flat = np.bincount(cluster.astype(np.int64) * shape[1] + band, minlength=shape[0] * shape[1])
    table: list[list[int]] = flat.reshape(shape).tolist()
    clusters.append(None)
    if not any(table[-1]):
        clusters.pop()
        table.pop()
    return BandTable(
        clusters=tuple(clusters),
        bands=bands,
        counts=tuple(tuple(line[:-1]) for line in table),
        unknown_tax=tuple(line[-1] for line in table),
    )


def sector_mix(selection: Selection) -> tuple[SectorShare, ...]:
    """Share out a selection, of any status, by leading sector; sectors in the district's order, None last."""
    return shares_by_sector(selection.snapshot, selection.figures, selection.rows)


def shares_by_sector(snapshot: Snapshot, figures: Figures, rows: Rows) -> tuple[SectorShare, ...]:
    """Share out ``rows`` (int64[k]) by leading sector; sectors that no tower has are left out."""
    sectors: list[str | None] = [*(sector.id for sector in snapshot.district.sectors), None]
    codes = snapshot.sector[rows] % len(sectors)
    towers = np.bincount(codes, minlength=len(sectors)).tolist()
    tax = _sums(codes, figures.tax_yuan[rows], len(sectors))
    area = _sums(codes, snapshot.floor_area_m2[rows], len(sectors))
    all_tax, all_area = sum(filter(None, tax)), sum(filter(None, area))
    return tuple(
        SectorShare(
            sector=sector,
            towers=towers[code],
            tax_yuan=tax[code],
            floor_area_m2=area[code],
            share_of_towers=towers[code] / len(rows),
            share_of_tax=_share(tax[code], all_tax),
            share_of_floor_area=_share(area[code], all_area),
        )
        for code, sector in enumerate(sectors)
        if towers[code]
    )


def _sums(codes: NDArray[np.int16], values: NDArray[np.float64], kinds: int) -> list[float | None]:
    known = ~np.isnan(values)
    sums = np.bincount(codes[known], weights=values[known], minlength=kinds).tolist()
    seen = np.bincount(codes[known], minlength=kinds).tolist()
    return [total if count else None for total, count in zip(sums, seen, strict=True)]


def _share(part: float | None, whole: float) -> float | None:
    return None if part is None or whole <= 0 else part / whole
