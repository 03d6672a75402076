"""The trade-off between two criteria: every plan that no other beats in both, found without weights; see ``curve``."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildingmap.placement.plan_faults import PlanError, PlanFault, one_of
from buildingmap.placement.plan_file import CRITERIA
from buildingmap.placement.questions.alternatives import (
    Taken,
    changes,
    rows_of_taken,
    taken_of,
    taken_of_answer,
)
from buildingmap.placement.questions.curve import TOLERANCE_POINTS, Curve
from buildingmap.placement.questions.weighing import shares_of, weighing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from buildingmap.placement.plan_file import Criterion
    from buildingmap.placement.planning import PlanAnswer, Planning
    from buildingmap.placement.questions.curve import Box, Point
    from buildingmap.placement.questions.weighing import Weighing

    Floats = NDArray[np.float64]


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


def trade_off(
    laid_out: Planning,
    one: Criterion,
    other: Criterion,
    *,
    best: PlanAnswer | None = None,
    most: int = 25,
    seconds: float | None = None,
    workers: int | None = None,
    told: Callable[[int, int], bool] | None = None,
) -> TradeOff:
    """Return the plans that meet the terms and that no other beats in both criteria.

    ``best`` is marked beside them. ``seconds``, the plan's own where it is None, is for the whole curve. ``workers``:
    processes, as many as processors where it is None. ``told`` hears how many points are found, of how many at most,
    and ends the work by returning False. Raises PlanError where the two criteria are one, or there is none of that
    name.
    """
    for criterion in (one, other):
        if criterion not in CRITERIA:
            raise PlanError("", [PlanFault("trade-off", repr(criterion), one_of(CRITERIA))])
    if one == other:
        raise PlanError("", [PlanFault("trade-off", f"{one}, {other}", ("two criteria", "两项不同的指标"))])
    began = time.monotonic()
    weighings = [weighing(laid_out, towers) for towers in laid_out.counts()]
    given = laid_out.plan.seconds if seconds is None else seconds
    curve = Curve(weighings, one, other, seconds=given, workers=workers, told=told)
    curve.search(most)
    return _Answer(laid_out, weighings, one, other, curve).whole(best, most, began)


class _Answer:
    """A curve in the plan's own words."""

    def __init__(
        self,
        laid_out: Planning,
        weighings: Sequence[Weighing],
        one: Criterion,
        other: Criterion,
        curve: Curve,
    ) -> None:
        self._laid_out, self._weighings, self._curve = laid_out, weighings, curve
        self._one, self._other = one, other

    def whole(self, best: PlanAnswer | None, most: int, began: float) -> TradeOff:
        laid_out, curve = self._laid_out, self._curve
        shares = shares_of(laid_out)
        before = () if best is None else taken_of_answer(best)
        points = [self._point(each, shares, before) for each in curve.points()]
        points.sort(key=lambda each: (-each.one, each.other))
        best_totals = self._totals_of(before)
        unsearched = [self._unsearched(box) for box in (*curve.boxes, *curve.left)]
        one, other = CRITERIA.index(self._one), CRITERIA.index(self._other)
        return TradeOff(
            version=laid_out.snapshot.version,
            synthetic=laid_out.snapshot.note.synthetic,
            one=self._one,
            other=self._other,
            points=tuple(points),
            whole=not (unsearched or curve.stopped or curve.gave_up)
            and all(point.proved for point in points),
            complete=not (curve.left or curve.gave_up) and (not curve.boxes or len(points) >= most),
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
            seconds=round(time.monotonic() - began, 3),
        )

    def _point(self, point: Point, shares: Floats, before: tuple[Taken, ...]) -> TradePoint:
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

    def _unsearched(self, box: Box) -> Unsearched:
        x_from, x_to, y_from, y_to = box.right.x, box.left.x, box.low, box.high
        if self._curve.turned:
            return Unsearched(y_from, y_to, x_from, x_to)
        return Unsearched(x_from, x_to, y_from, y_to)
