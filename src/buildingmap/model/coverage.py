"""Which year's figures are in force: a year counts once enough of the towers that stood in it have reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from buildingmap.model.building import Building

TaxMeasure = Literal["tax_yuan", "district_revenue_yuan"]
# a tower is either in or out; a share such as 0.9 is not exact in binary
_HAIR: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Coverage:
    """How complete the figures of one year are.

    ``reported``: existing towers with a figure of the year; ``standing``: existing towers that stood in it, which are
    those completed by then or in a year not known, and those that reported. ``complete``: whether enough of them
    have; ``counts``: whether headlines, goals, progress and comparisons may go by the year.
    """

    year: int
    reported: int
    standing: int
    complete: bool
    counts: bool


def coverages(towers: Mapping[int, tuple[int, int]], share: float) -> tuple[Coverage, ...]:
    """Judge years by their (reported, standing) towers, oldest first.

    A year counts from ``share`` of its standing towers on. So does a later one that as many towers reported as the
    newest of those, and most that stood: towers that come into the registry without figures take no year back. Where
    no year has ``share``, as in the public view, which withholds figures, those count that have ``share`` of the
    towers of the fullest year.
    """
    complete = {
        year for year, (reported, standing) in towers.items() if 0 < reported >= share * standing - _HAIR
    }
    if complete:
        newest = max(complete)
        least = towers[newest][0]
        enough = complete | {
            year
            for year, (reported, standing) in towers.items()
            if year > newest and reported >= least and reported > standing / 2
        }
    else:
        most = max((reported for reported, _ in towers.values()), default=0)
        enough = {year for year, (reported, _) in towers.items() if 0 < reported >= share * most - _HAIR}
    return tuple(
        Coverage(year, reported, standing, year in complete, year in enough)
        for year, (reported, standing) in sorted(towers.items())
    )


def year_in_force(years: Iterable[Coverage]) -> int | None:
    """Return the newest year that counts; None where none does. Every surface asks this, none picks a year itself."""
    return max((coverage.year for coverage in years if coverage.counts), default=None)


def to_be_said(years: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """Return the years whose coverage must stand beside the headlines: incomplete, not older than that in force."""
    judged = tuple(years)
    in_force = year_in_force(judged)
    return tuple(each for each in judged if not each.complete and (in_force is None or each.year >= in_force))


def coverages_of(buildings: Iterable[Building], share: float) -> tuple[Coverage, ...]:
    """Judge the years of total tax of ``buildings``; of district revenue where no total tax is dated."""
    standing = [building for building in buildings if building.status == "existing"]
    for measure in ("tax_yuan", "district_revenue_yuan"):
        reported = [
            {record.year for record in building.tax_records if getattr(record, measure) is not None}
            for building in standing
        ]
        years = sorted(set().union(*reported))
        if years:
            break
    towers = {
        year: (
            sum(year in each for each in reported),
            sum(
                building.completion_year is None or building.completion_year <= year or year in each
                for building, each in zip(standing, reported, strict=True)
            ),
        )
        for year in years
    }
    return coverages(towers, share)
