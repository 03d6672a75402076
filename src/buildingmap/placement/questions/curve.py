"""The search for the plans that no other beats in two criteria: boxes of the plane of two totals, and mixtures.

The plane is searched box by box (Hamacher, Pedersen and Ruzika, Finding representative systems for discrete bicriterion
optimization problems, Operations Research Letters 35, 2007): in each box the best plan by one criterion is sought that
comes to so much by the other. That finds points that no weights lead to, and proves boxes empty. The largest box comes
first, so that points spread along the curve where there are more than are wanted.

Where new towers add to each other by a criterion, one such question can take a minute. Then mixtures of both criteria
come first, each under which two neighbours come to the same (Aneja and Nair, Bicriteria transportation problem,
Management Science 25, 1979): the best plan by a mixture lies on the curve, and what bounds a mixture bounds every
point of it.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from buildingmap.placement.plan_file import CRITERIA
from buildingmap.placement.questions.crew import Answer, Crew
from buildingmap.placement.questions.holding import Held, Nothing, best_held
from buildingmap.placement.questions.weightings import prove_at
from buildingmap.placement.solver.proving import allowance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from buildingmap.placement.plan_file import Criterion
    from buildingmap.placement.questions.weighing import Weighing
    from buildingmap.placement.questions.weightings import Found

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Plan = tuple[Rows, Rows]

# points: nearer than this to each other two points are one
TOLERANCE_POINTS: Final = 0.01
# of the time of a question, what one step of it may take at most; where towers add to each other; and mixtures in all
_LONGEST_STEP: Final = 0.2
_LONGEST_HARD_STEP: Final = 0.15
_MIXED_BY: Final = 0.8
_BATCH: Final = 4
# processes take a second or two to start
_LONG_S: Final = 1.0


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


class Curve:
    """The points of two criteria that no plan beats in both, as far as they are found, and where others may lie."""

    def __init__(
        self,
        weighings: Sequence[Weighing],
        one: Criterion,
        other: Criterion,
        *,
        seconds: float,
        workers: int | None,
        told: Callable[[int, int], bool] | None,
    ) -> None:
        """Begin with nothing; ``weighings``: one for each number of towers there can be; see ``trade_off``."""
        self._weighings, self._told, self._workers = tuple(weighings), told, workers
        self._began = time.monotonic()
        self._deadline = self._began + seconds
        # stopped by who listens; without a plan where there may be one
        self.stopped = self.gave_up = False
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
        self._crew = Crew(self._weighings, 1)
        self._alone = True

    def search(self, most: int) -> None:
        """Seek up to ``most`` points while time lasts."""
        try:
            if self._find_ends():
                if self._has_pairs:
                    self._mix(most)
                self._search_boxes(most)
        finally:
            self._crew.close()

    def _answers(self, answer: Callable[..., Answer], asked: Sequence[tuple[Any, ...]]) -> Iterator[Answer]:
        """Yield the answers to questions that wait for none of each other, as far as time goes.

        Each is told last how many seconds it may take. Where the first took long, processes take the next.
        """
        if self._alone and self._has_pairs and time.monotonic() - self._began > _LONG_S:
            self._crew, self._alone = Crew(self._weighings, self._workers), False
        turns = math.ceil(len(asked) / self._crew.workers)
        seconds = max(0.05, min(self._step, (self._deadline - time.monotonic()) / max(1, turns)))
        yield from self._crew.answers(answer, [(*each, seconds) for each in asked], self._goes_on)

    def _find_ends(self) -> bool:
        """Find both ends; return whether anything lies between."""
        x, y = self._x, self._y
        top, bottom = self._asked([(Held(x, y, -np.inf), []), (Held(y, x, -np.inf), [])])
        if top is None or bottom is None:
            return False
        # of the best by y the best by x, and the other way round
        best_top, best_bottom = self._asked([(Held(y, x, top.x), [top]), (Held(x, y, bottom.y), [bottom])])
        self._leave_ends(top, bottom, best_top, best_bottom)
        top, bottom = _end(top, best_top), _end(bottom, best_bottom)
        if top.x - bottom.x <= TOLERANCE_POINTS or bottom.y - top.y <= TOLERANCE_POINTS:
            # as good by the one, it is better by the other
            self._points = [top if bottom.y - top.y <= TOLERANCE_POINTS else bottom]
            return False
        self._points = [top, bottom]
        return True

    def _leave_ends(
        self, top: Point, bottom: Point, best_top: Point | None, best_bottom: Point | None
    ) -> None:
        """Say where plans may lie beyond ends that are not proved."""
        least = min(0.0, top.x, bottom.x, top.y, bottom.y)
        if not top.proved:
            self.left.append(Box(replace(top, x=top.bound), top, least, top.y))
        if not bottom.proved:
            self.left.append(Box(bottom, replace(bottom, x=least), bottom.y, bottom.bound))
        if best_top is not None and not best_top.proved:
            self.left.append(Box(top, top, best_top.y, best_top.bound))
        if best_bottom is not None and not best_bottom.proved:
            self.left.append(Box(replace(bottom, x=best_bottom.bound), best_bottom, bottom.y, bottom.y))

    def _search_boxes(self, most: int) -> None:
        along = _undominated(self._points)
        self.boxes = [Box(left, right, left.y, right.y) for left, right in pairwise(along)]
        while self.boxes and len(_undominated(self._points)) < most and not self._over():
            self.boxes.sort(key=lambda box: box.size)
            batch = [self.boxes.pop() for _ in range(min(self._batch, len(self.boxes)))]
            lows = [box.low + TOLERANCE_POINTS if box.halved else (box.low + box.high) / 2 for box in batch]
            asked = [(Held(self._x, self._y, low), [box.right]) for box, low in zip(batch, lows, strict=True)]
            found = self._asked(asked)
            for box, low, point in zip(batch, lows, found, strict=False):
                self._split(box, low, point)
            self.boxes += batch[len(found) :]
            self._tell(most)

    def _tell(self, most: int) -> None:
        if self._told is not None and not self._told(min(len(self._points), most), most):
            self.stopped = True

    @property
    def _batch(self) -> int:
        """How many questions are asked at once, however many processors there are: so that answers are the same."""
        return _BATCH if self._has_pairs else 1

    def _mix(self, most: int) -> None:
        """Seek the best plan by the mixture under which two neighbours come to the same, the farthest two first."""
        edges = [(self._points[0], self._points[1])]
        while edges and not self._over() and time.monotonic() < self._mixed_by:
            if len(_undominated(self._points)) >= most:
                return
            edges.sort(key=lambda edge: (edge[0].x - edge[1].x) * (edge[1].y - edge[0].y))
            batch = [edges.pop() for _ in range(min(self._batch, len(edges)))]
            every = [self._even(*edge) for edge in batch]
            starts = [[self._start(each) for each in edge] for edge in batch]
            for edge, shares, found in zip(
                batch, every, self._answers(prove_at, list(zip(every, starts, strict=True))), strict=False
            ):
                edges += self._between(*edge, shares, found)
            self._tell(most)

    def _even(self, left: Point, right: Point) -> Floats:
        """Return float64[criteria] shares under which two points come to the same."""
        shares = np.zeros(len(CRITERIA))
        shares[self._x], shares[self._y] = right.y - left.y, left.x - right.x
        even: Floats = shares / shares.sum()
        return even

    def _start(self, point: Point) -> tuple[int, Plan]:
        towers = len(point.plan[0])
        return next(at for at, each in enumerate(self._weighings) if each.choice.towers == towers), point.plan

    def _between(
        self, left: Point, right: Point, shares: Floats, found: Found | None
    ) -> list[tuple[Point, Point]]:
        """Learn what a mixture of two neighbours led to; return the neighbours that it makes."""
        if found is None:
            return []
        score = float(found.totals @ shares)
        proved = found.bound <= score + allowance(score)
        # a proof may be off by rounding, which a small share of x makes many points of it
        self._lines.append((shares[self._x], shares[self._y], found.bound + allowance(score)))
        if found.totals @ shares <= left.totals @ shares + TOLERANCE_POINTS:
            return []
        x, y = float(found.totals[self._x]), float(found.totals[self._y])
        point = Point(x, y, np.inf, self._x, proved, found.totals, found.plan)
        self._points.append(point)
        return [
            (one, other)
            for one, other in ((left, point), (point, right))
            if one.x - other.x > TOLERANCE_POINTS and other.y - one.y > TOLERANCE_POINTS
        ]

    def _most(self, y: float) -> float:
        """Return what no plan that comes to so much by y exceeds by x, by all that was asked."""
        bounds = [(limit - weight * y) / x for x, weight, limit in self._lines]
        bounds += [limit for at_least, limit in self._steps if at_least <= y]
        return min(bounds, default=np.inf)

    def _with_bounds(self, point: Point) -> Point:
        """Return the point with what all that was asked proves about it."""
        bound = self._most(point.y)
        proved = point.proved or bound <= point.x + TOLERANCE_POINTS
        if point.bound_of == self._x or proved:
            return replace(point, bound=min(bound, point.bound), proved=proved)
        return point

    def points(self) -> list[Point]:
        """Return what is found, by falling x, with what is proved about it."""
        return _undominated([self._with_bounds(each) for each in self._points])

    def _goes_on(self) -> bool:
        # both ends are found in any case
        return not self._points or not self._over()

    def _over(self) -> bool:
        return self.stopped or time.monotonic() >= self._deadline

    def _split(self, box: Box, at_least: float, found: Point | None) -> None:
        """Learn what the upper half of a box led to, or what is next to its left end where that half is empty."""
        if found is None:
            self.left.append(box)
            return
        closed, most = found.proved, found.bound
        if not closed:
            # whatever exceeds it lies above what was asked for
            self.left.append(Box(replace(found, x=most), found, at_least, box.high))
        if found.x <= box.right.x + TOLERANCE_POINTS:
            below = Box(box.left, box.right, box.low, at_least, halved=True)
        else:
            if closed and not self._has_pairs:
                # of equals by x the best by y: where towers add nothing to each other equals are common
                (finer,) = self._asked([(Held(self._y, self._x, found.x), [found])]) or [None]
                found = _end(found, finer)
            self._points.append(found)
            left = box.left
            if found.x >= left.x - TOLERANCE_POINTS:
                # the end of the box was not proved: what exceeds it may lie below as well
                left = replace(left, x=max(left.x, self._most(left.y)))
            below = Box(left, found, box.low, at_least)
            self._push(Box(found, box.right, found.y, box.high))
        if not box.halved:
            self._push(below)

    def _push(self, box: Box) -> None:
        if box.high - box.low > TOLERANCE_POINTS and box.left.x - box.right.x > TOLERANCE_POINTS:
            self.boxes.append(box)

    def _asked(self, questions: Sequence[tuple[Held, list[Point]]]) -> list[Point | None]:
        """Return the best plan of each question, None where none is found; fewer where time was up.

        With each come points that may answer it.
        """
        asked = [(held, [self._start(point) for point in known]) for held, known in questions]
        points: list[Point | None] = []
        for (held, _), found in zip(questions, self._answers(best_held, asked), strict=False):
            if isinstance(found, Nothing):
                self.gave_up = self.gave_up or found is Nothing.TIME_OVER
                points.append(None)
            else:
                points.append(self._point(held, found))
        return points

    def _point(self, asked: Held, found: Found) -> Point:
        if asked.criterion == self._x:
            self._steps.append((asked.at_least, found.bound))
        score = float(found.totals[asked.criterion])
        return Point(
            x=float(found.totals[self._x]),
            y=float(found.totals[self._y]),
            bound=found.bound,
            bound_of=asked.criterion,
            proved=found.bound <= score + allowance(score),
            totals=found.totals,
            plan=found.plan,
        )


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
