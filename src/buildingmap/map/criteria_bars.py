"""Points by criterion as bars, and floor area before and after: lengths in pixels, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.placement import Part, Share

BAR_WIDTH_PX: Final = 480.0
BAR_HEIGHT_PX: Final = 22.0
# below this a number does not fit into its part
_LEAST_FOR_NUMBER_PX: Final = 26.0
_AREA_WIDTH_PX: Final = 220.0


@dataclass(frozen=True, slots=True)
class BarPart:
    """One criterion's part of a bar, pixels; ``number`` counts the criteria from 1, ``is_said``: a figure fits in."""

    part: Part
    number: int
    x: float
    width: float
    is_said: bool


@dataclass(frozen=True, slots=True)
class CriteriaBar:
    """One tower's bar, pixels: what is gained lies right of ``zero_x``, what is lost left of it."""

    width: float
    height: float
    zero_x: float
    parts: tuple[BarPart, ...]


def criteria_bars(towers: Sequence[Sequence[Part]]) -> tuple[CriteriaBar, ...]:
    """Draw each tower's points by criterion, all bars on one scale: their lengths can be compared."""
    gained = max((sum(max(part.points, 0.0) for part in parts) for parts in towers), default=0.0)
    lost = max((sum(max(-part.points, 0.0) for part in parts) for parts in towers), default=0.0)
    scale = BAR_WIDTH_PX / (gained + lost) if gained + lost > 0 else 0.0
    zero = lost * scale
    return tuple(_bar(parts, zero, scale) for parts in towers)


def _bar(parts: Sequence[Part], zero: float, scale: float) -> CriteriaBar:
    right, left, drawn = zero, zero, []
    for number, part in enumerate(parts, 1):
        width = abs(part.points) * scale
        if part.points >= 0:
            x, right = right, right + width
        else:
            left -= width
            x = left
        drawn.append(BarPart(part, number, round(x, 1), round(width, 1), width >= _LEAST_FOR_NUMBER_PX))
    return CriteriaBar(BAR_WIDTH_PX, BAR_HEIGHT_PX, round(zero, 1), tuple(drawn))


@dataclass(frozen=True, slots=True)
class AreaBar:
    """The floor area of one sector or cluster, pixels: what stands, and what would be added."""

    share: Share
    width: float
    before: float
    added: float


def area_bars(shares: Sequence[Share]) -> tuple[AreaBar, ...]:
    """Draw floor area before and after, all bars on one scale."""
    most = max((share.after_m2 for share in shares), default=0.0)
    scale = _AREA_WIDTH_PX / most if most > 0 else 0.0
    return tuple(
        AreaBar(
            share,
            _AREA_WIDTH_PX,
            round(share.before_m2 * scale, 1),
            round((share.after_m2 - share.before_m2) * scale, 1),
        )
        for share in shares
    )
