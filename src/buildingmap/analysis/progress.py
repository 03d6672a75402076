"""The mark, year by year, against what was published and aimed at; and the towers next to pass it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from buildingmap.analysis.measures import EXISTING, existing_rows
from buildingmap.model import TaxMeasure  # noqa: TC001 - the schema of a summary is read from these types

if TYPE_CHECKING:
    from buildingmap.filters import Selection
    from buildingmap.model import Coverage, Target
    from buildingmap.snapshot import Snapshot

ForecastBasis = Literal["last_change", "no_year_before", "not_growing", "beyond_horizon"]
HORIZON_YEARS: Final = 10


@dataclass(frozen=True, slots=True)
class Progress:
    """One year's towers past the mark (税收亿元楼宇).

    ``towers_past_mark``: existing towers of the layer whose ``measure`` (``tax_yuan``: total tax, 全口径税收;
    ``district_revenue_yuan``: 区级收入) is at least the mark that year, None where the year does not count: too few
    of its ``standing`` towers, ``reported``, have a figure. ``published`` and ``target`` are the district's own.
    ``gap``: target minus the towers counted in ``gap_from_year``, which is the same year or else the newest one
    before it that counts; negative once the target is passed.
    """

    year: int
    measure: TaxMeasure
    reported: int
    standing: int | None
    towers_past_mark: int | None
    published: int | None
    target: int | None
    gap: int | None
    gap_from_year: int | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tower of the cultivation list (培育库): existing, and below the mark.

    Money in yuan; ``gap_share``: the gap as a share of the mark; ``growth_share``: the tax of ``tax_year``
    over the year before, minus 1. ``forecast_year``: the first year in which the last change in yuan,
    repeated every year, reaches the mark; ``forecast_basis`` says how it was found or why it is None.
    """

    id: str
    name: str
    name_en: str | None
    cluster: str | None
    tax_year: int | None
    tax_yuan: float
    gap_yuan: float
    gap_share: float
    growth_share: float | None
    forecast_year: int | None
    forecast_basis: ForecastBasis


def progress(snapshot: Snapshot) -> tuple[Progress, ...]:
    """Count the whole layer's towers past the mark for every year in its figures or the district's targets.

    A year has one entry per measure that the district's targets name for it; total tax where they name none.
    """
    targets: dict[tuple[int, TaxMeasure], list[Target]] = {}
    for target in snapshot.district.targets:
        targets.setdefault((target.year, target.measure), []).append(target)
    targeted = {year for year, _ in targets}
    keys = sorted({*targets, *((year, _TOTAL) for year in snapshot.years if year not in targeted)})
    measures = {measure for _, measure in keys}
    counts = {measure: _counts(snapshot, measure) for measure in measures}
    covered = {measure: {each.year: each for each in snapshot.coverage_of(measure)} for measure in measures}
    return tuple(
        _of_year(
            (year, measure), covered[measure].get(year), counts[measure], targets.get((year, measure), [])
        )
        for year, measure in keys
    )


_TOTAL: Final[TaxMeasure] = "tax_yuan"


def _counts(snapshot: Snapshot, measure: TaxMeasure) -> dict[int, int]:
    counts = {}
    for coverage in snapshot.coverage_of(measure):
        if coverage.counts:
            figures = snapshot.figures(coverage.year)
            past = (
                figures.past_mark
                if measure == _TOTAL
                else figures.district_revenue_yuan >= snapshot.district.mark_yuan
            )
            counts[coverage.year] = int(np.count_nonzero(past & (snapshot.status == EXISTING)))
    return counts


def _of_year(
    key: tuple[int, TaxMeasure], coverage: Coverage | None, counts: dict[int, int], targets: list[Target]
) -> Progress:
    year, measure = key
    aims = [target.towers_past_mark for target in targets if target.kind == "target"]
    published = [target.towers_past_mark for target in targets if target.kind == "published"]
    aim = aims[-1] if aims else None
    reached = max((counted for counted in counts if counted <= year), default=None) if aims else None
    return Progress(
        year=year,
        measure=measure,
        reported=0 if coverage is None else coverage.reported,
        standing=None if coverage is None else coverage.standing,
        towers_past_mark=counts.get(year),
        published=published[-1] if published else None,
        target=aim,
        gap=None if aim is None or reached is None else aim - counts[reached],
        gap_from_year=reached,
    )


def next_to_pass(selection: Selection, most: int = 10) -> tuple[Candidate, ...]:
    """Return the towers next to pass the mark, at most ``most``, smallest gap first, ties by id."""
    snapshot, figures = selection.snapshot, selection.figures
    rows = existing_rows(selection)
    rows = rows[figures.tax_yuan[rows] < snapshot.district.mark_yuan]  # false for the unknown
    rows = rows[np.argsort(figures.place_in_order[rows])][:most]
    return tuple(_candidate(selection, row) for row in rows.tolist())


def _candidate(selection: Selection, row: int) -> Candidate:
    snapshot, figures = selection.snapshot, selection.figures
    building = snapshot.buildings[row]
    mark, tax, year = snapshot.district.mark_yuan, float(figures.tax_yuan[row]), int(figures.tax_year[row])
    by_year = {record.year: record.tax_yuan for record in building.tax_records}
    before = by_year.get(year - 1) if year >= 0 else None
    forecast, basis = _forecast(mark - tax, year, None if before is None else tax - before)
    return Candidate(
        id=building.id,
        name=building.name,
        name_en=building.name_en,
        cluster=building.cluster,
        tax_year=year if year >= 0 else None,
        tax_yuan=tax,
        gap_yuan=mark - tax,
        gap_share=(mark - tax) / mark,
        growth_share=tax / before - 1 if before else None,
        forecast_year=forecast,
        forecast_basis=basis,
    )


def _forecast(gap_yuan: float, year: int, change_yuan: float | None) -> tuple[int | None, ForecastBasis]:
    """Return the first year after ``year`` that closes the gap at ``change_yuan`` a year: linear run-rate."""
    if change_yuan is None:
        return None, "no_year_before"
    if change_yuan <= 0:
        return None, "not_growing"
    if gap_yuan > HORIZON_YEARS * change_yuan:
        return None, "beyond_horizon"
    return year + math.ceil(gap_yuan / change_yuan), "last_change"
