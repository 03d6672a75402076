"""A tower's tax by year drawn as bars against the mark, the expected year as a range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.analysis import RunRate, TaxYear

WIDTH_PX: Final = 620.0
HEIGHT_PX: Final = 240.0
_TOP_PX: Final = 26.0
_FOOT_PX: Final = 24.0
_SIDE_PX: Final = 10.0
# the mark is in the drawing where the tower comes to at least this part of it: a bar of a pixel says nothing
_LEAST_SHARE: Final = 0.15
_MOST_YEARS: Final = 12


@dataclass(frozen=True, slots=True)
class TaxBar:
    """One year's bar, pixels: ``top`` of what is known, ``low`` and ``high`` of what is expected, None elsewhere.

    For the year under way the bar up to ``top`` is the sum of its known quarters.
    """

    year: int
    x: float
    width: float
    top: float
    amount_yuan: float
    past_mark: bool
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class TaxBars:
    """The drawing, pixels; ``mark_y`` is None where the mark lies so far above the bars that it would flatten them."""

    width: float
    height: float
    base: float
    mark_y: float | None
    bars: tuple[TaxBar, ...]


def tax_bars(taxes: Sequence[TaxYear], forecast: RunRate | None, mark_yuan: float) -> TaxBars | None:
    """Draw the newest twelve years with a known tax, and the year under way; None where there is neither."""
    amounts = [(tax.year, tax.tax_yuan) for tax in taxes if tax.tax_yuan is not None]
    if forecast is not None:
        amounts = [entry for entry in amounts if entry[0] != forecast.year]
        amounts.append((forecast.year, forecast.known_yuan))
    amounts = amounts[-_MOST_YEARS:]
    if not amounts:
        return None
    most = max([yuan for _, yuan in amounts] + ([forecast.high_yuan] if forecast else []))
    shows_mark = most >= _LEAST_SHARE * mark_yuan
    height = HEIGHT_PX - _TOP_PX - _FOOT_PX
    full = max(most, mark_yuan if shows_mark else 0.0) or 1.0

    def level(yuan: float) -> float:
        return round(_TOP_PX + height * (1 - yuan / full), 1)

    step = (WIDTH_PX - 2 * _SIDE_PX) / len(amounts)
    bars = []
    for place, (year, yuan) in enumerate(amounts):
        ahead = forecast is not None and year == forecast.year
        bars.append(
            TaxBar(
                year=year,
                x=round(_SIDE_PX + step * (place + 0.15), 1),
                width=round(min(step * 0.7, 72.0), 1),
                top=level(yuan),
                amount_yuan=yuan,
                past_mark=yuan >= mark_yuan,
                low=level(forecast.low_yuan) if ahead and forecast else None,
                high=level(forecast.high_yuan) if ahead and forecast else None,
            )
        )
    return TaxBars(WIDTH_PX, HEIGHT_PX, level(0.0), level(mark_yuan) if shows_mark else None, tuple(bars))
