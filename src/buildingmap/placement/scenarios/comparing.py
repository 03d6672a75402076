"""Two or more scenarios side by side: who takes which site for what, and what they were asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from buildingmap.placement.plan_file import CRITERIA, Criterion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildingmap.placement.outcome import Outcome
    from buildingmap.placement.plan_file import PlanFile
    from buildingmap.placement.scenarios.scenario import Scenario
    from buildingmap.placement.terms import Term

# what a score is made of besides the choice itself: entries of a plan
_SCORED_BY = ("weights", "reference", "strategy", "linkage", "candidates")


@dataclass(frozen=True, slots=True)
class SiteAcross:
    """One site: the sector that each scenario takes it for, None where it does not take it."""

    site: str
    sectors: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class AreaAcross:
    """Gross floor area of a sector or cluster, m², before and after each scenario; ``subject`` None is unknown."""

    subject: str | None
    before_m2: tuple[float, ...]
    after_m2: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TermAcross:
    """One condition, and which scenarios hold to it."""

    term: Term
    held: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class EntryAcross:
    """An entry of the plan files that differs, such as ``sectors.finance.max``; None where a plan has none."""

    entry: str
    values: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class ScenarioComparison:
    """Scenarios side by side; every tuple of values is in their order.

    ``sites``: those that any takes, by id. ``in_all``: taken by all for one sector; ``otherwise``: taken by several,
    not for one sector; ``only``: for each scenario the sites that no other takes. ``score_differs_by``: what keeps
    the scores from being compared, empty where they can be: ``weights``, ``reference``, ``strategy``, ``linkage``,
    ``candidates``, ``towers`` and ``registry``.
    """

    scenarios: tuple[Scenario, ...]
    sites: tuple[SiteAcross, ...]
    in_all: tuple[str, ...]
    otherwise: tuple[str, ...]
    only: tuple[tuple[str, ...], ...]
    score_differs_by: tuple[str, ...]
    by_sector: tuple[AreaAcross, ...]
    by_cluster: tuple[AreaAcross, ...]
    weights: tuple[tuple[Criterion, tuple[float, ...]], ...]
    terms: tuple[TermAcross, ...]
    entries: tuple[EntryAcross, ...]

    @property
    def same_choice(self) -> bool:
        """Whether all take the same sites for the same sectors."""
        return len(self.in_all) == len(self.sites)


def compare(scenarios: Sequence[Scenario]) -> ScenarioComparison:
    """Lay scenarios side by side. The order of the scenarios is that of every tuple of values, and changes no more."""
    taken = [{chosen.id: chosen.sector for chosen in each.answer.chosen} for each in scenarios]
    sites = tuple(
        SiteAcross(site, tuple(each.get(site) for each in taken)) for site in sorted(set().union(*taken))
    )
    count = len(scenarios)
    return ScenarioComparison(
        scenarios=tuple(scenarios),
        sites=sites,
        in_all=tuple(each.site for each in sites if None not in each.sectors and len({*each.sectors}) == 1),
        otherwise=tuple(each.site for each in sites if len({*each.sectors} - {None}) > 1),
        only=tuple(
            tuple(each.site for each in sites if _takers(each) == [place] and count > 1)
            for place in range(count)
        ),
        score_differs_by=_score_differs_by(scenarios),
        by_sector=_areas([each.answer.outcome for each in scenarios], "floor_area_by_sector"),
        by_cluster=_areas([each.answer.outcome for each in scenarios], "floor_area_by_cluster"),
        weights=tuple(
            (criterion, tuple(each.answer.weights.get(criterion, 0.0) for each in scenarios))
            for criterion in CRITERIA
        ),
        terms=_terms(scenarios),
        entries=_entries(scenarios),
    )


def _takers(site: SiteAcross) -> list[int]:
    return [place for place, sector in enumerate(site.sectors) if sector is not None]


def _score_differs_by(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    parts: dict[str, set[Any]] = {
        name: {orjson.dumps(_scored(each, name), option=orjson.OPT_SORT_KEYS) for each in scenarios}
        for name in _SCORED_BY
    }
    parts["towers"] = {each.answer.towers for each in scenarios}
    parts["registry"] = {each.content for each in scenarios}
    return tuple(name for name, values in parts.items() if len(values) > 1)


def _scored(scenario: Scenario, name: str) -> Any:
    # only the shares of weights count
    return scenario.answer.weights if name == "weights" else scenario.plan.model_dump(mode="json")[name]


def _areas(outcomes: Sequence[Outcome | None], name: str) -> tuple[AreaAcross, ...]:
    by_subject: list[dict[str | None, Any]] = [
        {} if each is None else {share.subject: share for share in getattr(each, name)} for each in outcomes
    ]
    subjects = sorted(set().union(*by_subject), key=lambda subject: (subject is None, subject or ""))
    return tuple(
        AreaAcross(
            subject,
            *(
                tuple(float(getattr(each[subject], side)) if subject in each else 0.0 for each in by_subject)
                for side in ("before_m2", "after_m2")
            ),
        )
        for subject in subjects
    )


def _terms(scenarios: Sequence[Scenario]) -> tuple[TermAcross, ...]:
    held = [frozenset(each.answer.terms) for each in scenarios]
    every = sorted(frozenset().union(*held), key=lambda term: (term.kind, term.subject, term.value or 0.0))
    return tuple(TermAcross(term, tuple(term in each for each in held)) for term in every)


def _entries(scenarios: Sequence[Scenario]) -> tuple[EntryAcross, ...]:
    flat = [flat_entries(each.plan) for each in scenarios]
    every = ((entry, tuple(each.get(entry) for each in flat)) for entry in sorted(set().union(*flat)))
    return tuple(EntryAcross(entry, values) for entry, values in every if len(set(values)) > 1)


def flat_entries(plan: PlanFile) -> dict[str, str]:
    """Return every entry of a plan but its title by its path, such as ``sectors.finance.max``, its value as JSON."""
    return _flat(plan.model_dump(mode="json", exclude={"title"}))


def _flat(values: Mapping[str, Any], where: str = "") -> dict[str, str]:
    """Return every entry of nested tables by its path, its value as JSON; what is None is left out."""
    found: dict[str, str] = {}
    for key, value in values.items():
        path = f"{where}.{key}" if where else key
        if isinstance(value, dict):
            found |= _flat(value, path)
        elif value is not None:
            found[path] = orjson.dumps(value).decode()
    return found
