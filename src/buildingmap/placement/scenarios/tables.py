"""A scenario, and scenarios side by side, as plain tables: pages, terminal, workbook and report show the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import orjson

from buildingmap.amounts import cut, plain, share, share_at_most
from buildingmap.placement.criterion import CRITERION_NAMES, word
from buildingmap.placement.entry_words import entry_text, value_text
from buildingmap.placement.not_applied import not_applied_text
from buildingmap.placement.outcome import Range, Spread
from buildingmap.placement.plan_file import CRITERIA
from buildingmap.placement.scenarios.comparing import flat_entries
from buildingmap.placement.scenarios.words import said
from buildingmap.placement.sources import plan_sources
from buildingmap.placement.wording import STATUS_WORDS, term_text, why, yuan_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildingmap.model import District, Lang
    from buildingmap.placement.outcome import Outcome
    from buildingmap.placement.planning import PlanAnswer
    from buildingmap.placement.scenarios.scenario import Scenario
    from buildingmap.snapshot import Snapshot

Kind = Literal["count", "m2", "yuan", "points", "share", "gap", "index"]
_DECIMALS: Final[dict[Kind, int]] = {
    "count": 0,
    "m2": 0,
    "points": 1,
    "index": 0,
    "yuan": 0,
    "share": 1,
    "gap": 1,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its kind, which says how it is written; a Spread or a Range is an estimate. None is unknown."""

    value: float | Spread | Range | None
    kind: Kind


Cell = str | Figure


@dataclass(frozen=True, slots=True)
class PlanTable:
    """A table: ``key`` names it for programs; ``heads`` of its columns; the first cell of a row names the row."""

    key: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def are_figures(self) -> tuple[bool, ...]:
        """Which columns hold figures and no text."""
        columns = zip(*self.rows, strict=True) if self.rows else [()] * len(self.heads)
        return tuple(bool(column) and all(isinstance(cell, Figure) for cell in column) for column in columns)


def shown(cell: Cell, lang: Lang) -> str:
    """Return a cell as it is read in ``lang``."""
    if isinstance(cell, str):
        return cell
    if cell.value is None:
        return said("nothing", lang)
    if isinstance(cell.value, Range):
        low, high = (_number(value, cell.kind, lang) for value in (cell.value.low, cell.value.high))
        return said("range", lang, low=low, high=f"{high}{_unit(cell.kind, lang)}")
    if not isinstance(cell.value, Spread):
        return f"{_number(cell.value, cell.kind, lang)}{_unit(cell.kind, lang)}"
    low, middle, high = (
        _number(value, cell.kind, lang) for value in (cell.value.low, cell.value.middle, cell.value.high)
    )
    if low == middle == high:
        return f"{middle}{_unit(cell.kind, lang)}"
    return said("spread", lang, low=low, middle=middle, high=high, unit=_unit(cell.kind, lang))


def _number(value: float, kind: Kind, lang: Lang) -> str:
    if kind == "share":
        return share(value)
    if kind == "gap":
        return share_at_most(value)
    if kind == "yuan":
        return cut(value / yuan_unit(lang), 0)
    return plain(value, _DECIMALS[kind])


def _unit(kind: Kind, lang: Lang) -> str:
    return {"m2": " m²", "yuan": f" {said('yuan_unit', lang)}"}.get(kind, "")


class Names:
    """What ids of sectors, clusters and criteria are called in a language; another id stays as it is."""

    def __init__(self, district: District, lang: Lang) -> None:
        """Take the names from ``district``."""
        self._names = {each.id: each.label(lang) for each in (*district.sectors, *district.clusters)}
        self._lang = lang

    def of(self, subject: str | None) -> str:
        """Return the name of a sector or cluster; None is unknown."""
        return said("unknown", self._lang) if subject is None else self._names.get(subject, subject)

    def criteria(self) -> list[str]:
        """Return the names of the criteria in their order."""
        return [word(CRITERION_NAMES[criterion], self._lang) for criterion in CRITERIA]


def scenario_tables(scenario: Scenario, snapshot: Snapshot, lang: Lang) -> list[PlanTable]:
    """Return the tables of one scenario, those without a row left out.

    ``snapshot`` gives the names of sectors, clusters and stations alone, so any version of the registry will do.
    """
    names, found = Names(snapshot.district, lang), scenario.answer
    tables = [
        _about(scenario, lang),
        towers_table(found, names, lang),
        _criteria(found, names, lang),
        _reasons(found, snapshot, lang),
        _outcome(found.outcome, lang),
        _areas(found.outcome, names, lang),
        _runners_up(found, names, lang),
        _terms(found, snapshot.district, lang),
        _clash(found, snapshot.district, lang),
        _weights(scenario, names, lang),
        _plan(scenario, snapshot.district, lang),
    ]
    return [each for each in tables if each.rows]


def table(key: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], lang: Lang) -> PlanTable:
    """Return the table ``key``; ``heads`` are keys of words, or words as they are."""
    return PlanTable(key, said(key, lang), tuple(heads), tuple(tuple(row) for row in rows))


def heads_of(keys: Sequence[str], lang: Lang) -> list[str]:
    """Return the words of heads."""
    return [said(key, lang) for key in keys]


def status_text(found: PlanAnswer, lang: Lang) -> str:
    """Return what is proved of an answer."""
    bound = "" if found.bound is None else plain(found.bound, 1)
    return word(STATUS_WORDS[found.status], lang).format(bound=bound)


def about_rows(scenario: Scenario, lang: Lang) -> list[tuple[str, Cell]]:
    """Return what a scenario is, each with the key of its word."""
    found = scenario.answer
    return [
        ("status", status_text(found, lang)),
        ("score", Figure(found.score, "points")),
        ("bound", Figure(found.bound, "points")),
        ("gap", Figure(found.gap, "gap")),
        ("taken", Figure(len(found.chosen), "count")),
        ("points_each", Figure(points_each(found), "points")),
        ("candidates", Figure(found.candidates, "count")),
        ("registry_version", f"{scenario.registry_version} ({scenario.fingerprint})"),
        ("made", scenario.made_at.replace("T", " ").replace("Z", " UTC")),
        ("made_by", scenario.made_by or said("nobody", lang)),
        ("program", scenario.program),
        ("seconds", Figure(found.seconds, "points")),
        *((f"{name}_source", source) for name, source in plan_sources(scenario.plan, lang).items()),
        ("not_applied", not_applied_text(found.not_applied, scenario.plan, lang) or said("nothing", lang)),
        ("data", said("synthetic" if found.synthetic else "as_held", lang)),
    ]


def points_each(found: PlanAnswer) -> float | None:
    """Return the mean points of the towers of an answer."""
    return None if found.score is None or not found.chosen else found.score / len(found.chosen)


def outcome_rows(outcome: Outcome | None) -> list[tuple[str, Figure, Figure]]:
    """Return what an answer would do, each with the key of its word, before and after."""
    nothing = Figure(None, "count")
    if outcome is None:
        return []
    before, added = outcome.past_mark_before, outcome.past_mark_added
    past = Spread(before + added.low, before + added.middle, before + added.high)
    return [
        ("past_mark", Figure(before, "count"), Figure(past, "count")),
        ("tax_added", nothing, Figure(outcome.tax_yuan, "yuan")),
        ("without_comparables", nothing, Figure(outcome.without_comparables, "count")),
        ("offered", nothing, Figure(outcome.offered_m2, "m2")),
        ("coming", nothing, Figure(outcome.coming, "count")),
        ("coming_m2", nothing, Figure(outcome.coming_m2, "m2")),
        ("vacant", Figure(outcome.vacant_before_m2, "m2"), Figure(outcome.vacant_then_m2, "m2")),
        ("vacancy", Figure(outcome.vacancy_before, "share"), Figure(outcome.vacancy_then, "share")),
        (
            "concentration",
            Figure(outcome.concentration_before, "index"),
            Figure(outcome.concentration_after, "index"),
        ),
    ]


def _about(scenario: Scenario, lang: Lang) -> PlanTable:
    rows = [(said(key, lang), cell) for key, cell in about_rows(scenario, lang)]
    return table("about", heads_of(["what", "value"], lang), rows, lang)


def towers_table(found: PlanAnswer, names: Names, lang: Lang) -> PlanTable:
    """Return the towers of an answer, numbered from 1, most points first."""
    heads = heads_of(
        ["site", "no", "name", "sector", "cluster", "floor_area", "tax", "comparables", "points"], lang
    )
    rows: list[list[Cell]] = [
        [
            chosen.id,
            Figure(number, "count"),
            chosen.name,
            names.of(chosen.sector),
            names.of(chosen.cluster),
            Figure(chosen.floor_area_m2, "m2"),
            Figure(chosen.tax_yuan, "yuan"),
            Figure(chosen.comparables, "count"),
            Figure(chosen.points, "points"),
        ]
        for number, chosen in enumerate(found.chosen, 1)
    ]
    return table("towers", heads, rows, lang)


def _criteria(found: PlanAnswer, names: Names, lang: Lang) -> PlanTable:
    heads = [said("site", lang), *names.criteria(), said("points", lang)]
    rows: list[list[Cell]] = []
    for chosen in found.chosen:
        parts = {part.criterion: part.points for part in chosen.parts}
        points = [parts.get(criterion) for criterion in CRITERIA]
        rows.append([chosen.id, *(Figure(each, "points") for each in (*points, chosen.points))])
    return table("criteria", heads, rows, lang)


def _reasons(found: PlanAnswer, snapshot: Snapshot, lang: Lang) -> PlanTable:
    rows = [(chosen.id, why(chosen, snapshot, lang)) for chosen in found.chosen]
    return table("reasons", heads_of(["site", "why"], lang), rows, lang)


def _outcome(outcome: Outcome | None, lang: Lang) -> PlanTable:
    rows = [(said(key, lang), before, after) for key, before, after in outcome_rows(outcome)]
    return table("outcome", heads_of(["what", "before", "after"], lang), rows, lang)


def _areas(outcome: Outcome | None, names: Names, lang: Lang) -> PlanTable:
    kinds = (
        ()
        if outcome is None
        else (("sector", outcome.floor_area_by_sector), ("cluster", outcome.floor_area_by_cluster))
    )
    rows = [
        (
            names.of(share.subject),
            said(kind, lang),
            Figure(share.before_m2, "m2"),
            Figure(share.after_m2, "m2"),
        )
        for kind, shares in kinds
        for share in shares
    ]
    return table("areas", heads_of(["name", "kind", "before", "after"], lang), rows, lang)


def _runners_up(found: PlanAnswer, names: Names, lang: Lang) -> PlanTable:
    rows = [
        (
            each.site,
            names.of(each.sector),
            each.replaces or said("nothing", lang),
            Figure(each.gives_up, "points"),
        )
        for each in found.runners_up
    ]
    return table("runners_up", heads_of(["site", "sector", "replaces", "gives_up"], lang), rows, lang)


def _terms(found: PlanAnswer, district: District, lang: Lang) -> PlanTable:
    rows = [(term_text(term, district, lang),) for term in found.terms]
    return table("terms", heads_of(["condition"], lang), rows, lang)


def _clash(found: PlanAnswer, district: District, lang: Lang) -> PlanTable:
    rows = [(term_text(term, district, lang),) for term in found.clash]
    if found.status == "infeasible" and not rows:
        rows = [(said("too_few", lang, candidates=found.candidates, towers=found.towers),)]
    return table("clash", heads_of(["condition"], lang), rows, lang)


def _weights(scenario: Scenario, names: Names, lang: Lang) -> PlanTable:
    weights = scenario.plan.weights
    rows = [
        (name, Figure(weights.of(criterion), "points"), Figure(weights.shares[criterion], "share"))
        for criterion, name in zip(CRITERIA, names.criteria(), strict=True)
    ]
    return table("weights", heads_of(["criterion", "weight", "share"], lang), rows, lang)


def _plan(scenario: Scenario, district: District, lang: Lang) -> PlanTable:
    rows = [
        (entry_text(entry, district, lang), value_text(orjson.loads(value), district, lang))
        for entry, value in flat_entries(scenario.plan).items()
    ]
    return table("plan", heads_of(["entry", "value"], lang), rows, lang)
