"""What the second-best sector of each new tower would cost: the plan solved again, whatever else then changes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from buildingmap.placement.solver.proving import allowance
from buildingmap.placement.solver.solving import solve
from buildingmap.placement.solver.switching import Switching, without

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.placement.planning import Planning
    from buildingmap.placement.solver.choice import Choice
    from buildingmap.placement.solver.solving import Solved

# a plan that is found at once may wait so long for this; a harder one as long again as it took itself
_LEAST_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class OtherSector:
    """The best other sector of a tower, by id: ``gives_up``, points that the best plan with it falls short of the best.

    Both None: no plan under the terms has another sector there.
    """

    sector: str | None
    gives_up: float | None


def other_sectors(
    laid_out: Planning, best: Solved, towers: int, told: Callable[[float, float], bool] | None = None
) -> list[OtherSector | None]:
    """Return for every tower of ``best`` what its best other sector gives up, the whole plan solved again.

    None where that is not known: ``best`` is not proved best, time was up, or ``told`` (hears score and bound of the
    best) returned False. It takes as long as the plan itself or five seconds, within the plan's own limit.
    """
    if best.plan is None or best.status != "optimal":
        return [None] * towers
    seconds = min(laid_out.plan.seconds - best.seconds, max(_LEAST_SECONDS, best.seconds))
    asked = _Asked(laid_out, best, towers, time.monotonic() + seconds, told)
    return [asked.of(place) for place in range(towers)]


class _Asked:
    def __init__(
        self,
        laid_out: Planning,
        best: Solved,
        towers: int,
        deadline: float,
        told: Callable[[float, float], bool] | None,
    ) -> None:
        assert best.plan is not None
        self._laid_out, self._best, self._told, self._deadline = laid_out, best, told, deadline
        self._sites, self._sectors = best.plan
        self._stopped = False
        self._others = [laid_out.choice(count) for count in laid_out.counts() if count != towers]
        self._switching = Switching(
            laid_out.choice(towers), best.plan, deadline=deadline, goes_on=self._goes_on
        )

    def _goes_on(self) -> bool:
        if not self._stopped and self._told is not None:
            self._stopped = not self._told(self._best.score, self._best.bound)
        return not self._stopped

    def of(self, place: int) -> OtherSector | None:
        """Return what the best other sector of a tower gives up; None where that is not known."""
        if not self._goes_on() or time.monotonic() >= self._deadline:
            return None
        best = self._switching.best(place)
        bound = best.bound
        for choice in self._others:
            more = self._with_other(place, choice, best.score)
            bound = max(bound, more.bound)
            best = more if more.score > best.score else best
        if bound == -np.inf:
            return OtherSector(None, None)
        if best.plan is None or bound > best.score + allowance(best.score):
            return None
        sites, sectors = best.plan
        (sector,) = sectors[sites == self._sites[place]].tolist()
        return OtherSector(self._laid_out.assessment.sectors[sector], max(0.0, self._best.score - best.score))

    def _with_other(self, place: int, choice: Choice, floor: float) -> Solved:
        """Return the best plan of another number of towers, or a bound that shows that none exceeds ``floor``."""
        return solve(
            without(choice, int(self._sites[place]), int(self._sectors[place])),
            seconds=max(0.0, self._deadline - time.monotonic()),
            told=lambda _, bound: bound > floor and self._goes_on(),
        )
