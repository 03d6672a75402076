"""How far each weight can move before the choice changes, drawn as bars of shares from 0 to 100 %."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.placement import WeightRange

WIDTH_PX: Final = 620.0
_LABEL_PX: Final = 132.0
_RIGHT_PX: Final = 18.0
_TOP_PX: Final = 24.0
_ROW_PX: Final = 30.0
_FOOT_PX: Final = 6.0
_BAR_PX: Final = 12.0
_GRID: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class RangeBar:
    """One weight in the drawing, pixels: the ends of its bar, of the part that is proved, and where it stands now.

    ``low_open``, ``high_open``: that end is not proved; it is drawn without an edge.
    """

    y: float
    low_x: float
    high_x: float
    sure_low_x: float
    sure_high_x: float
    now_x: float
    low_open: bool
    high_open: bool
    found: WeightRange


@dataclass(frozen=True, slots=True)
class WeightRanges:
    """The drawing, pixels: a row per criterion, the grid as (x, share)."""

    width: float
    height: float
    label_width: float
    top: float
    row_height: float
    bar_height: float
    grid: tuple[tuple[float, float], ...]
    bars: tuple[RangeBar, ...]


def weight_ranges_chart(ranges: Sequence[WeightRange]) -> WeightRanges | None:
    """Draw the ranges of all weights in their order; None where there are none."""
    if not ranges:
        return None

    def at(share: float) -> float:
        return round(_LABEL_PX + share * (WIDTH_PX - _LABEL_PX - _RIGHT_PX), 1)

    return WeightRanges(
        width=WIDTH_PX,
        height=_TOP_PX + _ROW_PX * len(ranges) + _FOOT_PX,
        label_width=_LABEL_PX,
        top=_TOP_PX,
        row_height=_ROW_PX,
        bar_height=_BAR_PX,
        grid=tuple((at(share), share) for share in _GRID),
        bars=tuple(
            RangeBar(
                y=_TOP_PX + _ROW_PX * (row + 0.5),
                low_x=at(each.low),
                high_x=at(each.high),
                sure_low_x=at(each.sure_low),
                sure_high_x=at(each.sure_high),
                now_x=at(each.share),
                low_open=not each.low_proved,
                high_open=not each.high_proved,
                found=each,
            )
            for row, each in enumerate(ranges)
        ),
    )
