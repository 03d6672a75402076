"""How far each weight can move before another plan is better: exact break points, found by solving at their ends.

Along a weight the score of a plan is linear and the best score convex and piecewise linear. Where a better plan is
known, the two lines cross; if the plan is still best at the crossing, it is best up to it (Eisner and Severance,
Mathematical techniques for efficient record segmentation in large shared databases, Journal of the ACM 23, 1976).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from buildingmap.placement.plan_file import CRITERIA
from buildingmap.placement.questions.alternatives import changes, taken_of
from buildingmap.placement.questions.weighing import shares_of
from buildingmap.placement.questions.weightings import prove_all, search_at
from buildingmap.placement.solver.proving import allowance

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from buildingmap.placement.plan_file import Criterion
    from buildingmap.placement.planning import Planning
    from buildingmap.placement.questions.crew import Crew
    from buildingmap.placement.questions.weightings import Found, Pool

    Floats = NDArray[np.float64]

_MOST_TURNS: Final = 60
_LONGEST_PROOF_S: Final = 20.0
# places along each weight where plans are sought first
_LOOKS: Final = 21
# a share of weight is known to so much
SHARE_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Turn:
    """What comes in where a weight has moved too far: another plan against the best one."""

    enter: tuple[str, ...]
    leave: tuple[str, ...]
    change: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WeightRange:
    """How far one weight can move, the others kept, before the choice of sites and sectors changes.

    ``share``: of the weight now, 0 to 1; ``low``, ``high``: shares between which the same plan stays best, the
    others keeping their proportions among themselves; ``low_weight``, ``high_weight``: the same in the unit of the
    plan's own weights, the others unchanged, None where it may grow without end. ``low_proved``, ``high_proved``:
    that end is exact; else the plan is known to stay best only from ``sure_low`` to ``sure_high``, and beyond ``low``
    or ``high`` another is better. ``at_low``, ``at_high``: what comes in there, None where the share reaches 0 or 1.
    """

    criterion: Criterion
    weight: float
    share: float
    low: float
    high: float
    low_weight: float
    high_weight: float | None
    sure_low: float
    sure_high: float
    low_proved: bool
    high_proved: bool
    at_low: Turn | None
    at_high: Turn | None


def weight_ranges(
    laid_out: Planning, pool: Pool, own: int, crew: Crew, *, proved: bool, goes_on: Callable[[], bool]
) -> tuple[WeightRange, ...]:
    """Return the range of each weight in which plan number ``own`` of the pool stays best.

    ``proved``: that it is best now is proved. Plans that are found on the way join the pool. The ends of all ranges
    are asked about together, round by round, each where the nearest known rival overtakes.
    """
    shares = shares_of(laid_out)
    lines = [_Line(pool, own, place, shares) for place in range(len(CRITERIA))]
    ends = [_End(line, limit) for line in lines for limit in (0.0, 1.0)]
    for line in lines:
        line.look_around()
    for _ in range(_MOST_TURNS):
        asked = [end for end in ends if end.aims()]
        if not asked or not goes_on():
            break
        batch = np.array([end.line.at(end.share) for end in asked])
        for place, found in prove_all(crew, pool, batch, _LONGEST_PROOF_S, goes_on):
            pool.learn(batch[place], found)
            asked[place].hear(found)
    return tuple(
        _range(laid_out, pool, own, criterion, ends=(ends[2 * place], ends[2 * place + 1]), proved=proved)
        for place, criterion in enumerate(CRITERIA)
    )


def _range(
    laid_out: Planning,
    pool: Pool,
    own: int,
    criterion: Criterion,
    *,
    ends: tuple[_End, _End],
    proved: bool,
) -> WeightRange:
    low, high = ends
    weights = laid_out.plan.weights
    others = sum(weights.of(each) for each in CRITERIA if each != criterion)

    def turn(rival: int | None) -> Turn | None:
        if rival is None:
            return None
        before, after = (taken_of(laid_out, *pool.plans[each][1]) for each in (own, rival))
        return Turn(*changes(before, after))

    return WeightRange(
        criterion=criterion,
        weight=weights.of(criterion),
        share=float(low.line.now),
        low=low.share,
        high=high.share,
        low_weight=_weight(low.share, others) or 0.0,
        high_weight=_weight(high.share, others),
        sure_low=low.sure,
        sure_high=high.sure,
        low_proved=low.proved and proved,
        high_proved=high.proved and proved,
        at_low=turn(low.rival),
        at_high=turn(high.rival),
    )


def _weight(share: float, others: float) -> float | None:
    """Return the weight that has ``share`` beside ``others``; None where no weight is enough."""
    return None if share >= 1 or others <= 0 else others * share / (1 - share)


class _Line:
    """All shares that one weight can have, the others in their proportions."""

    def __init__(self, pool: Pool, own: int, place: int, shares: Floats) -> None:
        self.pool, self.own, self.place = pool, own, place
        self.now = float(shares[place])
        rest = shares.copy()
        rest[place] = 0
        # where nothing else counts there is no other proportion than now
        self.fixed = bool(rest.sum() <= 0)
        self._rest = rest if self.fixed else rest / rest.sum()

    def at(self, share: float) -> Floats:
        """Return float64[criteria]: all shares where this one is ``share``."""
        shares = self._rest * (1 - share)
        shares[self.place] = share
        return shares

    def look_around(self) -> None:
        """Seek plans along the line, so that the first question is asked near the end."""
        if self.fixed:
            return
        for share in np.linspace(0, 1, _LOOKS):
            shares = self.at(float(share))
            self.pool.learn(shares, search_at(self.pool.weighings, shares, self.pool.starts(shares)))

    def crossing(self, limit: float) -> tuple[float, int | None]:
        """Return the share nearest to now, towards ``limit``, where a known plan overtakes, and which plan."""
        totals = self.pool.totals
        ahead = totals - totals[self.own]
        here, there = ahead @ self.at(self.now), ahead @ self.at(limit)
        overtakes = there > allowance(float(totals[self.own] @ self.at(limit)))
        overtakes[self.own] = False
        if not overtakes.any():
            return limit, None
        behind = np.maximum(0.0, -here)
        part = np.where(overtakes, behind / np.where(overtakes, there + behind, 1.0), np.inf)
        rival = int(part.argmin())
        return self.now + float(part[rival]) * (limit - self.now), rival


class _End:
    """One end of a range: the share where it is thought to lie, and whether that is proved."""

    def __init__(self, line: _Line, limit: float) -> None:
        self.line, self._limit = line, limit
        self.share = self.sure = line.now
        self.rival: int | None = None
        self.proved = line.fixed
        self._asked: float | None = None

    def aims(self) -> bool:
        """Whether there is something to ask; then ``share`` is where."""
        if self.proved:
            return False
        self.share, self.rival = self.line.crossing(self._limit)
        if abs(self.share - self.line.now) <= SHARE_TOLERANCE:
            self.proved = True
            return False
        # neither a better plan nor a proof came of asking there
        return self._asked is None or abs(self._asked - self.share) > SHARE_TOLERANCE

    def hear(self, found: Found | None) -> None:
        """Take the answer of a question at ``share``."""
        self._asked = self.share
        pool = self.line.pool
        mine = float(pool.totals[self.line.own] @ self.line.at(self.share))
        if found is not None and found.bound <= mine + allowance(mine):
            self.proved, self.sure = True, self.share
