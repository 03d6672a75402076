"""What the quarters of a year that has not ended let expect of it, by more than one way, with the ways named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildingmap.model import TaxEntry

EstimateBasis = Literal["same_quarters", "even_quarters", "all_quarters", "total"]
Outlook = Literal["reached", "past", "either", "below"]
_QUARTERS: Final = 4
_MOST_BASE_YEARS: Final = 3


@dataclass(frozen=True, slots=True)
class Estimate:
    """The tax of the year by one way, yuan.

    ``same_quarters``: the known quarters divided by the share that the same quarters had of ``base_year``
    (``share``); ``even_quarters``: as if each quarter brought the same; ``all_quarters``: the sum of all four, and
    ``total``: the year's own total, which are no forecast.
    """

    basis: EstimateBasis
    base_year: int | None
    share: float
    tax_yuan: float


@dataclass(frozen=True, slots=True)
class RunRate:
    """The year under way: its known ``quarters`` and their sum in yuan, and each estimate of the whole.

    The spread from ``low_yuan`` to ``high_yuan`` is that between the ways, not a probability; with one way alone it
    is nothing, which is not certainty.
    """

    year: int
    quarters: tuple[int, ...]
    known_yuan: float
    estimates: tuple[Estimate, ...]

    @property
    def low_yuan(self) -> float:
        """The lowest estimate."""
        return min(estimate.tax_yuan for estimate in self.estimates)

    @property
    def high_yuan(self) -> float:
        """The highest estimate."""
        return max(estimate.tax_yuan for estimate in self.estimates)

    def outlook(self, mark_yuan: float) -> Outlook:
        """Hold it against the mark: reached by the known quarters, past by every way, by some, or by none."""
        if self.known_yuan >= mark_yuan:
            return "reached"
        if self.low_yuan >= mark_yuan:
            return "past"
        return "either" if self.high_yuan >= mark_yuan else "below"


def run_rate(entries: Sequence[TaxEntry]) -> RunRate | None:
    """Return the forecast of one tower's newest year from its quarters; None where the year's total is known.

    ``entries``: the tower's tax records. Only quarters of all taxes together count; base years are the newest three
    before it whose total and same quarters are known.
    """
    totals = {e.year: e.tax_yuan for e in entries if e.is_annual_total and e.tax_yuan is not None}
    quarters: dict[int, dict[int, float]] = {}
    for entry in entries:
        if entry.quarter is not None and entry.tax_type is None and entry.tax_yuan is not None:
            quarters.setdefault(entry.year, {})[entry.quarter] = entry.tax_yuan
    year = max(quarters, default=None)
    if year is None or year <= max(totals, default=year - 1):
        return None
    known = quarters[year]
    if len(known) == _QUARTERS:
        estimates: list[Estimate] = [Estimate("all_quarters", None, 1.0, sum(known.values()))]
    else:
        even = len(known) / _QUARTERS
        estimates = _by_years_before(year, known, quarters, totals)
        estimates.append(Estimate("even_quarters", None, even, sum(known.values()) / even))
    return RunRate(year, tuple(sorted(known)), sum(known.values()), tuple(estimates))


def reported_early(entries: Sequence[TaxEntry], in_force: int | None) -> RunRate | None:
    """Return a tower's newest total where it is of a year after ``in_force``, the one that the others are in."""
    totals = {e.year: e.tax_yuan for e in entries if e.is_annual_total and e.tax_yuan is not None}
    year = max(totals, default=None)
    if year is None or in_force is None or year <= in_force:
        return None
    return RunRate(year, (), totals[year], (Estimate("total", None, 1.0, totals[year]),))


def _by_years_before(
    year: int,
    known: Mapping[int, float],
    quarters: Mapping[int, Mapping[int, float]],
    totals: Mapping[int, float],
) -> list[Estimate]:
    found = []
    for before in sorted((y for y in totals if y < year), reverse=True):
        same = [quarters.get(before, {}).get(quarter) for quarter in known]
        part = sum(amount for amount in same if amount is not None)
        # quarters beyond the year's own total contradict it: nothing can be told from that year
        if None in same or not 0 < part <= totals[before]:
            continue
        share = part / totals[before]
        found.append(Estimate("same_quarters", before, share, sum(known.values()) / share))
    return found[:_MOST_BASE_YEARS]
