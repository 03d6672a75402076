"""Questions about a plan, as values that can be kept, compared and sent to another process."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from buildingmap.model import Site
from buildingmap.placement.candidates import candidate_ids
from buildingmap.placement.criterion import CRITERIA
from buildingmap.placement.plan_faults import PlanError, PlanFault, one_of, plain
from buildingmap.placement.plan_file import PlanFile, Wish, expect_known
from buildingmap.placement.planning import answer, planning
from buildingmap.placement.questions.alternatives import MOST_ALTERNATIVES, alternatives
from buildingmap.placement.questions.ranking import ranking
from buildingmap.placement.questions.steadiness import steadiness
from buildingmap.placement.questions.trade_off import trade_off
from buildingmap.placement.questions.why_not import why_not
from buildingmap.snapshot import Holdings, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.placement.criterion import Criterion
    from buildingmap.placement.planning import PlanAnswer

    # hears score and bound, or how many of how many are done; False ends the work
    Heard = Callable[[float | None, float | None, int | None, int | None], bool]

Ask = Literal["plan", "why_not", "alternatives", "ranking", "trade_off", "steadiness"]
ASKS: Final[tuple[Ask, ...]] = ("plan", "why_not", "alternatives", "ranking", "trade_off", "steadiness")
# by entry: the least and the most that may be asked for
WHOLE_NUMBERS: Final = {"count": (1, MOST_ALTERNATIVES), "differ": (1, 200), "weightings": (1, 5000)}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about ``plan``, and the entries that only some questions use.

    Why ``site`` (with ``sector``) is not in it; the ``count`` best plans that differ in ``differ`` sites; what
    criterion ``one`` costs in criterion ``other``; how often each site is chosen under ``weightings`` random weights.
    """

    plan: PlanFile
    ask: Ask = "plan"
    site: str | None = None
    sector: str | None = None
    count: int = 5
    differ: int = 1
    one: str = "access"
    other: str = "tax"
    weightings: int = 1000

    @property
    def key(self) -> str:
        """A digest that two questions share exactly where they ask the same."""
        used: dict[Ask, tuple[object, ...]] = {
            "why_not": (self.site, self.sector),
            "alternatives": (self.count, self.differ),
            "trade_off": (self.one, self.other),
            "steadiness": (self.weightings,),
        }
        asked = repr((self.ask, used.get(self.ask)))
        return hashlib.sha256(f"{asked}\n{self.plan.model_dump_json()}".encode()).hexdigest()

    @property
    def of_plan(self) -> Question:
        """The question for the best plan, which every other one starts from."""
        return Question(self.plan)


def candidate_count(snapshot: Snapshot, plan: PlanFile) -> int:
    """Return how many places a plan chooses from."""
    return len(candidate_ids(snapshot, plan.candidates))


def expect_answerable(question: Question, snapshot: Snapshot, name: str = "plan") -> None:
    """Raise PlanError, at once and without solving, where a question names what there is not."""
    site_ids = frozenset(candidate_ids(snapshot, question.plan.candidates))
    expect_known(question.plan, snapshot.district, site_ids, name)
    if question.ask == "trade_off":
        _expect_two_criteria(question, name)
    if question.ask != "why_not":
        return
    if question.site is None:
        expected = ("the id of a site to ask about", "要询问的地块编号")
        raise PlanError(name, [PlanFault("site", "", expected)])
    wish = Wish(site=question.site, sector=question.sector)
    expect_known(PlanFile(fixed=(wish,)), snapshot.district, site_ids, name)


def _expect_two_criteria(question: Question, name: str) -> None:
    faults = [
        PlanFault(entry, plain(found), one_of(CRITERIA))
        for entry, found in (("one", question.one), ("other", question.other))
        if found not in CRITERIA
    ]
    if not faults and question.one == question.other:
        faults.append(
            PlanFault("other", question.other, ("another criterion than the first", "与第一项不同的指标"))
        )
    if faults:
        raise PlanError(name, faults)


def answered(
    question: Question, snapshot: Snapshot, *, best: PlanAnswer | None = None, told: Heard | None = None
) -> Any:
    """Answer a question: a PlanAnswer, WhyNot, Alternatives, Ranking, TradeOff or Steadiness.

    ``best`` is the plan's own answer where it is known already.
    """
    laid_out = planning(snapshot, question.plan)

    def scored(score: float, bound: float) -> bool:
        return told is None or told(score, bound, None, None)

    def counted(done: int, of: int) -> bool:
        return told is None or told(None, None, done, of)

    if question.ask == "plan":
        return answer(laid_out, told=scored)
    found = answer(laid_out, told=scored) if best is None else best
    if question.ask == "alternatives":
        return alternatives(laid_out, found, count=question.count, differ=question.differ, told=counted)
    if question.ask == "ranking":
        return ranking(laid_out, found)
    if question.ask == "trade_off":
        one, other = cast("Criterion", question.one), cast("Criterion", question.other)
        return trade_off(laid_out, one, other, best=found, told=counted)
    if question.ask == "steadiness":
        # a server's processors are not for plans alone
        workers = max(1, (os.cpu_count() or 1) - 1)
        return steadiness(laid_out, found, weightings=question.weightings, workers=workers, told=counted)
    assert question.site is not None
    return why_not(laid_out, found, question.site, question.sector, told=scored)


def for_planning(snapshot: Snapshot) -> Snapshot:
    """Return ``snapshot`` without what no plan looks at: of the records only the sites, nothing kept from answers."""
    held = snapshot.holdings
    sites = {"site": tuple(held.all(Site))}
    return replace(snapshot, holdings=Holdings(sites, held.site_shapes), _figures={}, _features={})
