"""The search for the plans that no other beats in two criteria: boxes of the plane of two totals, and mixtures.

The plane is searched box by box (Hamacher, Pedersen and Ruzika, Finding representative systems for discrete bicriterion
optimization problems, Operations Research Letters 35, 2007): in each box the best plan by one criterion is sought that
comes to so much by the other. That finds points that no weights lead to, and proves boxes empty. The largest box comes
first, so that points spread along the curve where there are more than are wanted.

Where new towers add to each other by a criterion, one such question can take minutes. Then mixtures of both criteria
come first: the best plan by a mixture lies on the curve, and what bounds a mixture bounds every point of it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from buildingmap.placement.plan_file import CRITERIA
from buildingmap.placement.solver.choice import Condition
from buildingmap.placement.solver.proving import allowance, prove, prove_held

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from buildingmap.placement.plan_file import Criterion
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


@dataclass(frozen=True, eq=False)
class Point:
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
class Box:
    """Between two neighbours, where y lies from ``low`` to ``high``: what is not yet known to be empty."""

    left: Point
    right: Point
    low: float
    high: float
    halved: bool = False

    @property
    def size(self) -> float:
        """Its area in points × points."""
        return max(0.0, self.left.x - self.right.x) * max(0.0, self.high - self.low)


@dataclass(frozen=True, eq=False)
class _Question:
    """The best plan by criterion ``x`` that comes to ``at_least`` by ``y``; ``known`` is one that does."""

    x: int
    y: int
    at_least: float
    known: Point | None


class Curve:
    """The points of two criteria that no plan beats in both, as far as they are found, and where others may lie."""

    def __init__(
        self,
        weighings: Sequence[Weighing],
        one: Criterion,
        other: Criterion,
        seconds: float,
        told: Callable[[int, int], bool] | None,
    ) -> None:
        """Begin with nothing; ``weighings``: one for each number of towers there can be; see ``trade_off``."""
        self._weighings, self._told = tuple(weighings), told
        self._began = time.monotonic()
        self._deadline = self._began + seconds
        self.stopped = False
        first, second = CRITERIA.index(one), CRITERIA.index(other)
        pairs = [bool(self._weighings) and self._weighings[0].has_pairs(each) for each in (first, second)]
        # what towers add to each other is maximised rather than held, where only one criterion has it
        self.turned = pairs[1] and not pairs[0]
        self._has_pairs = any(pairs)
        self._step = seconds * (_LONGEST_HARD_STEP if self._has_pairs else _LONGEST_STEP)
        self._mixed_by = self._began + seconds * _MIXED_BY
        self._x, self._y = (second, first) if self.turned else (first, second)
        self._points: list[Point] = []
        # no plan comes to more than the third by so much of x and so much of y
        self._lines: list[tuple[float, float, float]] = []
        # no plan that comes to the first by y exceeds the second by x
        self._steps: list[tuple[float, float]] = []
        self.boxes: list[Box] = []
        self.left: list[Box] = []

    def search(self, most: int) -> None:
        """Seek up to ``most`` points while time lasts."""
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
        self.boxes = [Box(left, right, left.y, right.y) for left, right in pairwise(along)]
        while self.boxes and len(_undominated(self._points)) < most and not self._over():
            self.boxes.sort(key=lambda box: box.size)
            self._split(self.boxes.pop())
            if self._told is not None and not self._told(len(self._points), most):
                self.stopped = True

    def _mix(self, top: Point, bottom: Point, most: int) -> None:
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
                    self._points.append(Point(x, y, np.inf, self._x, False, totals, solved.plan))  # noqa: FBT003
            if self._told is not None and not self._told(min(len(self._points), most), most):
                self.stopped = True

    def _with_bounds(self, point: Point) -> Point:
        """Return the point with what all that was asked proves about it."""
        bounds = [(limit - y * point.y) / x for x, y, limit in self._lines]
        bounds += [limit for at_least, limit in self._steps if at_least <= point.y]
        bound = min(bounds, default=np.inf)
        proved = point.proved or bound <= point.x + allowance(point.x)
        if point.bound_of == self._x or proved:
            return replace(point, bound=min(bound, point.bound), proved=proved)
        return point

    def points(self) -> list[Point]:
        """Return what is found, by falling x, with what is proved about it."""
        return _undominated([self._with_bounds(each) for each in self._points])

    def _over(self) -> bool:
        return self.stopped or time.monotonic() >= self._deadline

    def _split(self, box: Box) -> None:
        """Seek the best plan by x in the upper half of a box, or next to its left end where that half is empty."""
        at_least = box.low + TOLERANCE_POINTS if box.halved else (box.low + box.high) / 2
        found = self._best(self._x, self._y, at_least, box.right)
        if found is None:
            self.left.append(box)
            return
        if found.x <= box.right.x + TOLERANCE_POINTS:
            if not found.proved:
                self.left.append(Box(box.left, box.right, at_least, box.high))
            below = Box(box.left, box.right, box.low, at_least, halved=True)
        else:
            if not self._has_pairs:
                # of equals by x the best by y: where towers add nothing to each other equals are common
                found = self._best(self._y, self._x, found.x, found) or found
            self._points.append(found)
            below = Box(box.left, found, box.low, at_least)
            if not found.proved:
                self.left.append(Box(box.left, found, at_least, found.y))
            self._push(Box(found, box.right, found.y, box.high))
        if not box.halved:
            self._push(below)

    def _push(self, box: Box) -> None:
        if box.high - box.low > TOLERANCE_POINTS and box.left.x - box.right.x > TOLERANCE_POINTS:
            self.boxes.append(box)

    def _best(self, x: int, y: int, at_least: float, known: Point | None) -> Point | None:
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
        return Point(
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
            return prove_held(choice, weighed.under(alone[asked.y]), low, starts=starts, seconds=seconds)
        held = Condition("criterion", weighed.own[asked.y], CRITERIA[asked.y], low=low)
        return prove(choice.with_conditions([held]), starts=starts, seconds=seconds)


def _end(first: Point, second: Point | None) -> Point:
    """Return the end of the curve: ``first`` is best by one criterion, ``second`` by the other of all as good."""
    if second is None:
        return first
    return (
        second if first.proved else replace(second, proved=False, bound=first.bound, bound_of=first.bound_of)
    )


def _undominated(points: list[Point]) -> list[Point]:
    """Return the points that no other beats in both; a point that was not proved may have been overtaken."""
    kept: list[Point] = []
    for point in sorted(points, key=lambda each: (-each.x, -each.y)):
        if not kept or point.y > kept[-1].y + TOLERANCE_POINTS:
            kept.append(point)
    return kept
