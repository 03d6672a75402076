"""Why not that one: the best plan that holds a site, or a site with a sector, and what it gives up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildingmap.placement.plan_file import Wish
from buildingmap.placement.planning import PlanAnswer, answer, planning

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.placement.planning import Planning
    from buildingmap.placement.terms import Term


@dataclass(frozen=True, slots=True)
class WhyNot:
    """The best plan with ``site`` (and ``sector``) in it, against the best of all.

    ``gives_up``: points that it falls short; None where no plan can hold it: then ``clash`` names the terms that
    keep it out. ``leave``, ``enter``: sites that go and come; ``change``: sites that stay with another sector.
    ``at_most``: where the better of the two plans is not proved best, what more may be given up, in points.
    """

    site: str
    sector: str | None
    gives_up: float | None
    at_most: float | None
    leave: tuple[str, ...]
    enter: tuple[str, ...]
    change: tuple[str, ...]
    clash: tuple[Term, ...]
    instead: PlanAnswer

    @property
    def in_plan(self) -> bool:
        """Whether the best of all plans holds the site (for the sector, where one was asked about) already."""
        if self.gives_up is None or self.site in self.enter:
            return False
        return self.sector is None or self.site not in self.change


def why_not(
    laid_out: Planning,
    best: PlanAnswer,
    site: str,
    sector: str | None = None,
    *,
    told: Callable[[float, float], bool] | None = None,
) -> WhyNot:
    """Solve the plan again with ``site`` (for ``sector``) fixed and hold it against ``best``.

    Raises PlanError where there is no such site or sector.
    """
    plan = laid_out.plan
    asked = plan.model_copy(update={"fixed": (*plan.fixed, Wish(site=site, sector=sector))})
    instead = answer(planning(laid_out.snapshot, asked, "--why-not"), told=told, others=False)
    before = {chosen.id: chosen.sector for chosen in best.chosen}
    after = {chosen.id: chosen.sector for chosen in instead.chosen}
    given_up = None if best.score is None or instead.score is None else max(0.0, best.score - instead.score)
    doubt = None if best.bound is None or best.score is None else best.bound - best.score
    return WhyNot(
        site=site,
        sector=sector,
        gives_up=given_up,
        at_most=None if given_up is None or doubt is None else given_up + doubt,
        leave=tuple(sorted(before.keys() - after.keys())) if after else (),
        enter=tuple(sorted(after.keys() - before.keys())),
        change=tuple(sorted(key for key in before.keys() & after.keys() if before[key] != after[key])),
        clash=instead.clash,
        instead=instead,
    )
