"""The trade-off between two criteria: every plan that no other beats in both, found exactly and without weights.

The plane of two totals is searched box by box (Hamacher, Pedersen and Ruzika, Finding representative systems for
discrete bicriterion optimization problems, Operations Research Letters 35, 2007): in each box the best plan by one
criterion is sought that comes to so much by the other. That finds points that no weights lead to, and proves boxes
empty. The largest box comes first, so that points spread along the curve where there are more than are wanted.

Where new towers add to each other by a criterion, one such question can take minutes. Then mixtures of both criteria
come first: the best plan by a mixture lies on the curve, and what bounds a mixture bounds every point of it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from buildingmap.placement.plan_file import CRITERIA, PlanError
from buildingmap.placement.questions.alternatives import (
    Taken,
    changes,
    rows_of_taken,
    taken_of,
    taken_of_answer,
)
from buildingmap.placement.questions.weighing import shares_of, weighing
from buildingmap.placement.solver.choice import Condition
from buildingmap.placement.solver.proving import allowance, prove, prove_held

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from buildingmap.placement.plan_file import Criterion
    from buildingmap.placement.planning import PlanAnswer, Planning
    from buildingmap.placement.questions.weighing import Weighing
    from buildingmap.placement.solver.solving import Solved

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Plan = tuple[Rows, Rows]

# points: nearer than this to each other two points are one
TOLERANCE_POINTS: Final = 0.01
# of the time of a question, what one step of it may take at most; where towers add to each other; and mixtures in all
_LONGEST_STEP: Final = 0.2
_LONGEST_HARD_STEP: Final = 0.05
_MIXED_BY: Final = 0.6
# shares of the criterion that is maximised, each halving the widest distance so far
_MIXTURES: Final = tuple(odd / 2**depth for depth in range(1, 5) for odd in range(1, 2**depth, 2))


@dataclass(frozen=True, slots=True)
class TradePoint:
    """One plan on the curve.

    ``one``, ``other``: what it comes to by either criterion alone, in points: 100 for a full tower, what new towers
    are to each other included. ``score``: under the plan's weights. ``proved``: no plan is as good in one and better
    in the other; else ``bound`` is what ``bound_of`` could at most be for plans as good in the other.
    Against the best plan ``enter``, ``leave``, ``change`` as in ``Alternative``.
    """

    one: float
    other: float
    score: float
    proved: bool
    bound_of: Criterion | None
    bound: float | None
    enter: tuple[str, ...]
    leave: tuple[str, ...]
    change: tuple[str, ...]
    taken: tuple[Taken, ...]


@dataclass(frozen=True, slots=True)
class Unsearched:
    """A part of the curve between neighbouring points in which others may lie: from below to these figures."""

    one_from: float
    one_to: float
    other_from: float
    other_to: float


@dataclass(frozen=True, slots=True)
class TradeOff:
    """The curve: points by falling ``one`` and rising ``other``.

    ``whole``: these are all of them; else ``unsearched`` says where others may lie, because there are more than
    ``most`` or time was up. ``complete``: time was not up. ``best_one``, ``best_other``: what the best plan under
    the weights comes to, which may lie inside the curve; None where there is no plan; ``best_on_curve``: it is one of
    the points. ``tolerance``: points closer than this are one.
    """

    version: str
    synthetic: bool
    one: Criterion
    other: Criterion
    points: tuple[TradePoint, ...]
    whole: bool
    complete: bool
    unsearched: tuple[Unsearched, ...]
    most: int
    best_one: float | None
    best_other: float | None
    best_on_curve: bool
    tolerance: float
    seconds: float


@dataclass(frozen=True, eq=False)
class _Point:
    """A plan with its totals by the criterion that is maximised (x) and the one that is held (y).

    ``bound``: what no plan exceeds by the criterion at ``bound_of`` without falling behind by the other.
    """

    x: float
    y: float
    bound: float
    bound_of: int
    proved: bool
    totals: Floats
    plan: Plan


@dataclass(frozen=True, eq=False)
class _Box:
    """Between two neighbours, where y lies from ``low`` to ``high``: what is not yet known to be empty."""

    left: _Point
    right: _Point
    low: float
    high: float
    halved: bool = False

    @property
    def size(self) -> float:
        return max(0.0, self.left.x - self.right.x) * max(0.0, self.high - self.low)


def trade_off(
    laid_out: Planning,
    one: Criterion,
    other: Criterion,
    *,
    best: PlanAnswer | None = None,
    most: int = 25,
    seconds: float | None = None,
    told: Callable[[int, int], bool] | None = None,
) -> TradeOff:
    """Return the plans that meet the terms and that no other beats in both criteria.

    ``best`` is marked beside them. ``seconds``, the plan's own where it is None, is for the whole curve. ``told``
    hears how many points are found, of how many at most, and ends the work by returning False. Raises PlanError
    where the two criteria are one, or there is none of that name.
    """
    for criterion in (one, other):
        if criterion not in CRITERIA:
            raise PlanError(f"trade-off: found {criterion!r}, expected one of {', '.join(CRITERIA)}")
    if one == other:
        raise PlanError(f"trade-off: found {one} twice, expected two criteria")
    curve = _Curve(laid_out, one, other, laid_out.plan.seconds if seconds is None else seconds, told)
    curve.search(most)
    return curve.answer(best, most)


@dataclass(frozen=True, eq=False)
class _Question:
    """The best plan by criterion ``x`` that comes to ``at_least`` by ``y``; ``known`` is one that does."""

    x: int
    y: int
    at_least: float
    known: _Point | None


class _Curve:
    def __init__(
        self,
        laid_out: Planning,
        one: Criterion,
        other: Criterion,
        seconds: float,
        told: Callable[[int, int], bool] | None,
    ) -> None:
        self._laid_out, self._one, self._other, self._told = laid_out, one, other, told
        self._began = time.monotonic()
        self._deadline = self._began + seconds
        self._stopped = False
        self._weighings = [weighing(laid_out, towers) for towers in laid_out.counts()]
        first, second = CRITERIA.index(one), CRITERIA.index(other)
        pairs = [bool(self._weighings) and self._weighings[0].has_pairs(each) for each in (first, second)]
        # what towers add to each other is maximised rather than held, where only one criterion has it
        self._turned = pairs[1] and not pairs[0]
        self._has_pairs = any(pairs)
        self._step = seconds * (_LONGEST_HARD_STEP if self._has_pairs else _LONGEST_STEP)
        self._mixed_by = self._began + seconds * _MIXED_BY
        self._x, self._y = (second, first) if self._turned else (first, second)
        self._points: list[_Point] = []
        # no plan comes to more than the third by so much of x and so much of y
        self._lines: list[tuple[float, float, float]] = []
        # no plan that comes to the first by y exceeds the second by x
        self._steps: list[tuple[float, float]] = []
        self._boxes: list[_Box] = []
        self._left: list[_Box] = []

    def search(self, most: int) -> None:
        top = self._best(self._x, self._y, -np.inf, None)
        if top is None:
            return
        bottom = self._best(self._y, self._x, -np.inf, None)
        if bottom is None:
            return
        # of the best by y the best by x, and the other way round
        top = _end(top, self._best(self._y, self._x, top.x, top))
        bottom = _end(bottom, self._best(self._x, self._y, bottom.y, bottom))
        self._points = [top]
        if top.x - bottom.x <= TOLERANCE_POINTS or bottom.y - top.y <= TOLERANCE_POINTS:
            return
        self._points.append(bottom)
        if self._has_pairs:
            self._mix(top, bottom, most)
        along = _undominated(self._points)
        self._boxes = [_Box(left, right, left.y, right.y) for left, right in pairwise(along)]
        while self._boxes and len(_undominated(self._points)) < most and not self._over():
            self._boxes.sort(key=lambda box: box.size)
            self._split(self._boxes.pop())
            if self._told is not None and not self._told(len(self._points), most):
                self._stopped = True

    def _mix(self, top: _Point, bottom: _Point, most: int) -> None:
        """Seek the best plans by mixtures of both criteria, each scaled by how far it reaches along the curve."""
        for share in _MIXTURES:
            if self._over() or time.monotonic() >= self._mixed_by or len(_undominated(self._points)) >= most:
                return
            shares = np.zeros(len(CRITERIA))
            shares[self._x], shares[self._y] = share / (top.x - bottom.x), (1 - share) / (bottom.y - top.y)
            shares /= shares.sum()
            known = max(self._points, key=lambda each: float(each.totals @ shares))
            every = []
            for weighed in self._weighings:
                starts = [known.plan] if len(known.plan[0]) == weighed.choice.towers else []
                left = max(0.05, min(self._step, self._deadline - time.monotonic()))
                every.append((prove(weighed.under(shares), starts=starts, seconds=left), weighed))
            self._lines.append((shares[self._x], shares[self._y], max(each.bound for each, _ in every)))
            for solved, weighed in every:
                if solved.plan is not None:
                    totals = weighed.totals(*solved.plan)
                    x, y = float(totals[self._x]), float(totals[self._y])
                    self._points.append(_Point(x, y, np.inf, self._x, False, totals, solved.plan))  # noqa: FBT003
            if self._told is not None and not self._told(min(len(self._points), most), most):
                self._stopped = True

    def _with_bounds(self, point: _Point) -> _Point:
        """Return the point with what all that was asked proves about it."""
        bounds = [(limit - y * point.y) / x for x, y, limit in self._lines]
        bounds += [limit for at_least, limit in self._steps if at_least <= point.y]
        bound = min(bounds, default=np.inf)
        proved = point.proved or bound <= point.x + allowance(point.x)
        if point.bound_of == self._x or proved:
            return replace(point, bound=min(bound, point.bound), proved=proved)
        return point

    def _over(self) -> bool:
        return self._stopped or time.monotonic() >= self._deadline

    def _split(self, box: _Box) -> None:
        """Seek the best plan by x in the upper half of a box, or next to its left end where that half is empty."""
        at_least = box.low + TOLERANCE_POINTS if box.halved else (box.low + box.high) / 2
        found = self._best(self._x, self._y, at_least, box.right)
        if found is None:
            self._left.append(box)
            return
        if found.x <= box.right.x + TOLERANCE_POINTS:
            if not found.proved:
                self._left.append(_Box(box.left, box.right, at_least, box.high))
            below = _Box(box.left, box.right, box.low, at_least, halved=True)
        else:
            if not self._has_pairs:
                # of equals by x the best by y: where towers add nothing to each other equals are common
                found = self._best(self._y, self._x, found.x, found) or found
            self._points.append(found)
            below = _Box(box.left, found, box.low, at_least)
            if not found.proved:
                self._left.append(_Box(box.left, found, at_least, found.y))
            self._push(_Box(found, box.right, found.y, box.high))
        if not box.halved:
            self._push(below)

    def _push(self, box: _Box) -> None:
        if box.high - box.low > TOLERANCE_POINTS and box.left.x - box.right.x > TOLERANCE_POINTS:
            self._boxes.append(box)

    def _best(self, x: int, y: int, at_least: float, known: _Point | None) -> _Point | None:
        """Return the best plan by criterion ``x`` that comes to ``at_least`` by ``y``; None where none is found."""
        asked = _Question(x, y, at_least, known)
        every = []
        for weighed in self._weighings:
            left = min(self._step, self._deadline - time.monotonic())
            every.append((self._solve(weighed, asked, max(0.05, left)), weighed))
        found = [each for each in every if each[0].plan is not None]
        if not found:
            return None
        solved, weighed = max(found, key=lambda each: each[0].score)
        assert solved.plan is not None
        # a number of towers whose plans were not all looked at may hide a better one
        bound = max(each.bound for each, _ in every)
        if x == self._x:
            self._steps.append((at_least, bound))
        totals = weighed.totals(*solved.plan)
        return _Point(
            x=float(totals[self._x]),
            y=float(totals[self._y]),
            bound=bound,
            bound_of=x,
            proved=bound <= solved.score + allowance(solved.score),
            totals=totals,
            plan=solved.plan,
        )

    def _solve(self, weighed: Weighing, asked: _Question, seconds: float) -> Solved:
        alone = np.eye(len(CRITERIA))
        choice = weighed.under(alone[asked.x])
        known = asked.known
        starts = [known.plan] if known is not None and len(known.plan[0]) == choice.towers else []
        if not np.isfinite(asked.at_least):
            return prove(choice, starts=starts, seconds=seconds)
        # rounding: the plan that this figure comes from must stay allowed
        low = asked.at_least - 1e-7 * max(1.0, abs(asked.at_least))
        if weighed.has_pairs(asked.y):
            return prove_held(
                choice,
                weighed.under(alone[asked.y]),
                low,
                slope=self._slope(asked.x),
                starts=starts,
                seconds=seconds,
            )
        held = Condition("criterion", weighed.own[asked.y], CRITERIA[asked.y], low=low)
        return prove(choice.with_conditions([held]), starts=starts, seconds=seconds)

    def _slope(self, x: int) -> float:
        """Return how much x is given up for y along the curve so far, from its ends."""
        if len(self._points) < 2:  # noqa: PLR2004 - both ends
            return 1.0
        run = max(TOLERANCE_POINTS, max(p.x for p in self._points) - min(p.x for p in self._points))
        rise = max(TOLERANCE_POINTS, max(p.y for p in self._points) - min(p.y for p in self._points))
        return run / rise if x == self._x else rise / run

    def answer(self, best: PlanAnswer | None, most: int) -> TradeOff:
        laid_out = self._laid_out
        shares = shares_of(laid_out)
        before = () if best is None else taken_of_answer(best)
        known = [self._with_bounds(each) for each in self._points]
        points = [self._point(each, shares, before) for each in _undominated(known)]
        points.sort(key=lambda each: (-each.one, each.other))
        best_totals = self._totals_of(before)
        unsearched = [self._unsearched(box) for box in (*self._boxes, *self._left)]
        one, other = CRITERIA.index(self._one), CRITERIA.index(self._other)
        return TradeOff(
            version=laid_out.snapshot.version,
            synthetic=laid_out.snapshot.note.synthetic,
            one=self._one,
            other=self._other,
            points=tuple(points),
            whole=not unsearched and all(point.proved for point in points) and not self._stopped,
            complete=not self._left and (not self._boxes or len(points) >= most),
            unsearched=tuple(sorted(unsearched, key=lambda each: -each.one_to)),
            most=most,
            best_one=None if best_totals is None else float(best_totals[one]),
            best_other=None if best_totals is None else float(best_totals[other]),
            best_on_curve=best_totals is not None
            and any(
                abs(point.one - best_totals[one]) <= TOLERANCE_POINTS
                and abs(point.other - best_totals[other]) <= TOLERANCE_POINTS
                for point in points
            ),
            tolerance=TOLERANCE_POINTS,
            seconds=round(time.monotonic() - self._began, 3),
        )

    def _point(self, point: _Point, shares: Floats, before: tuple[Taken, ...]) -> TradePoint:
        taken = taken_of(self._laid_out, *point.plan)
        enter, leave, change = changes(before, taken) if before else ((), (), ())
        return TradePoint(
            one=float(point.totals[CRITERIA.index(self._one)]),
            other=float(point.totals[CRITERIA.index(self._other)]),
            score=float(shares @ point.totals),
            proved=point.proved,
            bound_of=None if point.proved else CRITERIA[point.bound_of],
            bound=None if point.proved else point.bound,
            enter=enter,
            leave=leave,
            change=change,
            taken=taken,
        )

    def _totals_of(self, taken: tuple[Taken, ...]) -> Floats | None:
        if not taken:
            return None
        sites, sectors = rows_of_taken(self._laid_out, taken)
        return self._weighings[0].totals(sites, sectors)

    def _unsearched(self, box: _Box) -> Unsearched:
        x_from, x_to, y_from, y_to = box.right.x, box.left.x, box.low, box.high
        if self._turned:
            return Unsearched(y_from, y_to, x_from, x_to)
        return Unsearched(x_from, x_to, y_from, y_to)


def _end(first: _Point, second: _Point | None) -> _Point:
    """Return the end of the curve: ``first`` is best by one criterion, ``second`` by the other of all as good."""
    if second is None:
        return first
    return (
        second if first.proved else replace(second, proved=False, bound=first.bound, bound_of=first.bound_of)
    )


def _undominated(points: list[_Point]) -> list[_Point]:
    """Return the points that no other beats in both; a point that was not proved may have been overtaken."""
    kept: list[_Point] = []
    for point in sorted(points, key=lambda each: (-each.x, -each.y)):
        if not kept or point.y > kept[-1].y + TOLERANCE_POINTS:
            kept.append(point)
    return kept
