"""A filter applied to the columns of a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from buildingmap.filters.parse import choices
from buildingmap.snapshot import searchable

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from buildingmap.filters.filter import Filter
    from buildingmap.snapshot import Figures, Snapshot

    Rows = NDArray[np.int64]
    Members = Callable[[str], Rows]

_DEFAULT_SORT: Final = "-tax_yuan"
_OF_FIGURES: Final = {"tax_yuan": "rank_yuan", "district_revenue_yuan": "district_revenue_yuan"}
_FOUR_TRUE: Final = 0x01010101


@dataclass(frozen=True, slots=True)
class Selection:
    """The towers of ``snapshot`` that ``filter`` chooses.

    ``rows``: int64[matched], rows of the snapshot in the filter's order; ``figures``: of the filter's year.
    """

    snapshot: Snapshot
    filter: Filter
    figures: Figures
    rows: Rows

    @property
    def matched(self) -> int:
        """How many towers match."""
        return len(self.rows)

    @property
    def page(self) -> Rows:
        """The rows of the filter's page: ``limit`` rows from ``offset``."""
        return self.rows[self.filter.offset : self.filter.offset + self.filter.limit]


def select(snapshot: Snapshot, flt: Filter, *, members: Members | None = None) -> Selection:
    """Apply ``flt`` to the columns. Order: by ``flt.sort``, unknown last, ties by id.

    ``members`` gives the rows of an office list, int64[k], by its key; a filter that names lists needs it.
    """
    figures = snapshot.figures(flt.year)
    rows = _within_tax(figures, flt)
    rows = _within_codes(snapshot, figures, flt, rows)
    rows = _within_bounds(snapshot, flt, rows)
    if flt.list:
        rows = _within_lists(snapshot, flt, rows, members)
    if flt.bbox is not None:
        rows = _within_bbox(snapshot, flt.bbox, rows)
    if flt.q:
        words = searchable(flt.q).split()
        texts = snapshot.search_text
        rows = np.array(
            [row for row in rows.tolist() if all(word in texts[row] for word in words)], dtype=np.int64
        )
    if flt.sort not in {"", _DEFAULT_SORT}:
        rows = _sorted(snapshot, figures, flt.sort, rows)
    return Selection(snapshot, flt, figures, rows)


def _within_tax(figures: Figures, flt: Filter) -> Rows:
    """Return the rows within the tax bounds, highest first: a slice, because the order is kept by tax."""
    if flt.tax_min is None and flt.tax_max is None:
        return figures.order
    ascending, first, last = figures.ascending_yuan, 0, figures.known
    if flt.tax_min is not None:
        last = figures.known - int(ascending.searchsorted(flt.tax_min, side="left"))
    if flt.tax_max is not None:
        first = figures.known - int(ascending.searchsorted(flt.tax_max, side="right"))
    return figures.order[first:last]


def _within_codes(snapshot: Snapshot, figures: Figures, flt: Filter, rows: Rows) -> Rows:
    district = snapshot.district
    for name, codes in (
        ("band", figures.band),
        ("sector", snapshot.sector),
        ("cluster", snapshot.cluster),
        ("status", snapshot.status),
    ):
        asked: tuple[str, ...] = getattr(flt, name)
        if asked:
            allowed = choices(name, district)
            if len(asked) == 1:
                rows = rows[codes[rows] == allowed.index(asked[0])]
                continue
            wanted = np.zeros(len(allowed) + 1, dtype=np.bool_)  # the last is for UNKNOWN, never wanted
            for entry in asked:
                wanted[allowed.index(entry)] = True
            rows = rows[wanted[codes[rows]]]
    if flt.tag:
        allowed = choices("tag", district)
        bits = np.uint64(sum(1 << allowed.index(entry) for entry in flt.tag))
        rows = rows[(snapshot.tags[rows] & bits) != 0]
    return rows


def _within_lists(snapshot: Snapshot, flt: Filter, rows: Rows, members: Members | None) -> Rows:
    if members is None:
        raise ValueError(f"found the lists {flt.list!r}, expected to be told their members")
    listed = np.zeros(len(snapshot), dtype=np.bool_)
    for key in flt.list:
        listed[members(key)] = True
    return rows[listed[rows]]


def _within_bounds(snapshot: Snapshot, flt: Filter, rows: Rows) -> Rows:
    # a comparison with NaN is false, so the unknown pass no bound
    if flt.vacancy_min is not None:
        rows = rows[snapshot.vacancy_rate[rows] >= flt.vacancy_min]
    if flt.vacancy_max is not None:
        rows = rows[snapshot.vacancy_rate[rows] <= flt.vacancy_max]
    if flt.floor_area_min is not None:
        rows = rows[snapshot.floor_area_m2[rows] >= flt.floor_area_min]
    if flt.floor_area_max is not None:
        rows = rows[snapshot.floor_area_m2[rows] <= flt.floor_area_max]
    return rows


def _within_bbox(snapshot: Snapshot, bbox: tuple[float, float, float, float], rows: Rows) -> Rows:
    """Keep the footprints that touch the box: by envelope, and exactly where that is only partly inside."""
    west, south, east, north = bbox
    bounds = snapshot.bounds[rows]
    above = bounds >= np.array((west, south, west, south))
    below = bounds <= np.array((east, north, east, north))
    near = above[:, 2] & above[:, 3] & below[:, 0] & below[:, 1]
    # four bytes of True at once: for the few rows that are left here, every call saved is felt
    whole = ((above & below).view(np.uint32).ravel() == _FOUR_TRUE)[near]
    rows = rows[near]
    if not whole.all():
        part = np.flatnonzero(~whole)
        whole[part] = shapely.intersects(snapshot.geometry[rows[part]], shapely.box(*bbox))
        rows = rows[whole]
    return rows


def _sorted(snapshot: Snapshot, figures: Figures, sort: str, rows: Rows) -> Rows:
    descending, name = sort.startswith("-"), sort.removeprefix("-")
    if name == "id":
        keys = snapshot.id_rank[rows].astype(np.float64)
    elif name == "name":
        names = sorted({snapshot.buildings[row].name for row in rows.tolist()})
        rank = {text: place for place, text in enumerate(names)}
        keys = np.array([rank[snapshot.buildings[row].name] for row in rows.tolist()], dtype=np.float64)
    else:
        holder = figures if name in _OF_FIGURES else snapshot
        keys = getattr(holder, _OF_FIGURES.get(name, name))[rows]
    return rows[np.lexsort((snapshot.id_rank[rows], -keys if descending else keys))]
