"""Towers about to cross the mark: those next past it (培育库), and those past it that may fall below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from buildingmap.analysis.measures import EXISTING
from buildingmap.analysis.office_list import ListLine, OfficeList
from buildingmap.analysis.progress import next_to_pass
from buildingmap.analysis.run_rate import reported_early, run_rate
from buildingmap.filters import Filter, select
from buildingmap.model import TaxEntry

if TYPE_CHECKING:
    from datetime import date

    from buildingmap.analysis.run_rate import RunRate
    from buildingmap.snapshot import Snapshot

# a tower that misses at most this part of the mark is near it
NEAR_SHARE: Final = 0.5
# one that is past the mark by less than this part of it stands on thin ice
THIN_SHARE: Final = 0.1


def next_past(snapshot: Snapshot, _today: date) -> OfficeList:
    """List the existing towers below the mark that miss at most half of it, or whose quarters may come to it."""
    mark, lines = snapshot.district.mark_yuan, []
    for tower in next_to_pass(select(snapshot, Filter()), most=len(snapshot)):
        forecast = _forecast(snapshot, tower.id)
        outlook = None if forecast is None else forecast.outlook(mark)
        reasons = ["near"] if tower.gap_share <= NEAR_SHARE else []
        if outlook in {"reached", "past"}:
            reasons.append("forecast_past")
        elif outlook == "either":
            reasons.append("forecast_either")
        if not reasons:
            continue
        cells = (
            tower.tax_year,
            tower.tax_yuan,
            tower.gap_yuan,
            tower.gap_share,
            tower.growth_share,
            *_expected(forecast),
            tower.forecast_year,
            tuple(reasons),
        )
        lines.append(ListLine(tower.id, cells))
    columns = ("tax_year", "tax_yuan", "gap_yuan", "gap_share", "growth_share", *_EXPECTED)
    return OfficeList((*columns, "trend_year", "reasons"), tuple(lines))


def about_to_fall(snapshot: Snapshot, _today: date) -> OfficeList:
    """List the existing towers past the mark that a further fall, or their own quarters, may take below it."""
    mark, figures, found = snapshot.district.mark_yuan, snapshot.figures(), []
    past = figures.past_mark & (snapshot.status == EXISTING)
    for row in np.flatnonzero(past).tolist():
        building, tax, year = (
            snapshot.buildings[row],
            float(figures.tax_yuan[row]),
            int(figures.tax_year[row]),
        )
        before = {record.year: record.tax_yuan for record in building.tax_records}.get(year - 1)
        forecast = _forecast(snapshot, building.id)
        reasons = ["thin"] if tax - mark < THIN_SHARE * mark else []
        if before is not None and tax + (tax - before) < mark:
            reasons.append("falling")
        outlook = None if forecast is None else forecast.outlook(mark)
        if outlook in {"below", "either"}:
            reasons.append(f"forecast_{outlook}")
        if reasons:
            growth = None if not before else tax / before - 1
            cells = (
                year if year >= 0 else None,
                tax,
                tax - mark,
                growth,
                *_expected(forecast),
                tuple(reasons),
            )
            found.append(ListLine(building.id, cells))
    columns = ("tax_year", "tax_yuan", "margin_yuan", "growth_share", *_EXPECTED, "reasons")
    return OfficeList(columns, tuple(sorted(found, key=lambda line: (line.cells[2], line.building_id))))


_EXPECTED: Final = ("expected_year", "expected_low_yuan", "expected_high_yuan")


def _forecast(snapshot: Snapshot, building_id: str) -> RunRate | None:
    """Return what a tower's year to come is likely to bring: its own total, where it has reported before the others."""
    entries = snapshot.holdings.of(TaxEntry, building_id)
    return run_rate(entries) or reported_early(entries, snapshot.year_in_force)


def _expected(forecast: RunRate | None) -> tuple[int | None, float | None, float | None]:
    if forecast is None:
        return None, None, None
    # to the yuan: more digits would pretend to be known
    return forecast.year, round(forecast.low_yuan), round(forecast.high_yuan)
