"""Scenarios side by side as plain tables, and what differs between them in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from buildingmap.placement.entry_words import entry_text, value_text
from buildingmap.placement.scenarios.tables import (
    Cell,
    Figure,
    Names,
    PlanTable,
    about_rows,
    heads_of,
    outcome_rows,
    table,
)
from buildingmap.placement.scenarios.words import label_of, said
from buildingmap.placement.wording import term_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.model import District, Lang
    from buildingmap.placement.outcome import Outcome
    from buildingmap.placement.scenarios.comparing import AreaAcross, ScenarioComparison
    from buildingmap.snapshot import Snapshot


def comparison_tables(
    found: ScenarioComparison, titles: Sequence[str], snapshot: Snapshot, lang: Lang
) -> list[PlanTable]:
    """Return the tables of a comparison, a column for each scenario, those without a row left out.

    ``titles``: of the scenarios, in their order; ``snapshot`` gives names alone.
    """
    names = Names(snapshot.district, lang)
    tables = [
        _scenarios(found, titles, lang),
        _sites(found, names, lang),
        table("differences", heads_of(["what"], lang), [(line,) for line in differences(found, lang)], lang),
        _areas(found, names, lang),
        _weights(found, names, lang),
        _terms(found, snapshot.district, lang),
        _entries(found, snapshot.district, lang),
    ]
    return [each for each in tables if each.rows]


def differences(found: ScenarioComparison, lang: Lang) -> list[str]:
    """Return what the scenarios share and where they differ, a sentence each."""
    comma = ", " if lang == "en" else "、"
    lines = []
    if found.same_choice and found.sites:
        lines.append(said("same_choice", lang))
    if found.in_all:
        lines.append(said("in_all", lang, count=len(found.in_all), sites=comma.join(found.in_all)))
    else:
        lines.append(said("in_all_none", lang))
    for place, sites in enumerate(found.only):
        key = "only" if sites else "only_none"
        lines.append(said(key, lang, label=label_of(place), sites=comma.join(sites)))
    if found.otherwise:
        lines.append(said("otherwise", lang, sites=comma.join(found.otherwise)))
    return [*lines, comparability(found, lang)]


def comparability(found: ScenarioComparison, lang: Lang) -> str:
    """Return whether the scores can be compared, and what keeps them from it."""
    if not found.score_differs_by:
        return said("comparable", lang)
    comma = ", " if lang == "en" else "、"
    return said(
        "not_comparable", lang, what=comma.join(said(f"{each}_", lang) for each in found.score_differs_by)
    )


def _labels(found: ScenarioComparison) -> list[str]:
    return [label_of(place) for place in range(len(found.scenarios))]


def _scenarios(found: ScenarioComparison, titles: Sequence[str], lang: Lang) -> PlanTable:
    rows: list[list[Cell]] = [[said("title", lang), *(title or said("untitled", lang) for title in titles)]]
    rows += [
        [said(row[0][0], lang), *(cell for _, cell in row)]
        for row in zip(*(about_rows(each, lang) for each in found.scenarios), strict=True)
    ]
    outcomes = [_after(each.answer.outcome) for each in found.scenarios]
    keys = next((tuple(each) for each in outcomes if each), ())
    rows += [[said(key, lang), *(each.get(key, Figure(None, "count")) for each in outcomes)] for key in keys]
    return table("scenarios", [said("what", lang), *_labels(found)], rows, lang)


def _after(outcome: Outcome | None) -> dict[str, Figure]:
    """Return each figure of an outcome as it is after the plan."""
    return {key: after for key, _, after in outcome_rows(outcome)}


def _sites(found: ScenarioComparison, names: Names, lang: Lang) -> PlanTable:
    heads = [said("site", lang), said("no", lang), *_labels(found), said("same", lang)]
    rows: list[list[Cell]] = []
    for number, across in enumerate(found.sites, 1):
        sectors = [said("nothing", lang) if sector is None else names.of(sector) for sector in across.sectors]
        same = said("yes" if across.site in found.in_all else "no_", lang)
        rows.append([across.site, Figure(number, "count"), *sectors, same])
    return table("sites", heads, rows, lang)


def _areas(found: ScenarioComparison, names: Names, lang: Lang) -> PlanTable:
    heads = [said("name", lang), said("kind", lang), said("before", lang)]
    heads += [said("after_of", lang, label=label) for label in _labels(found)]
    rows = [
        _area(across, said(kind, lang), names)
        for kind, areas in (("sector", found.by_sector), ("cluster", found.by_cluster))
        for across in areas
    ]
    return table("areas", heads, rows, lang)


def _area(across: AreaAcross, kind: str, names: Names) -> list[Cell]:
    # registries of two versions may have had different stock: then no one figure stands before all
    before = across.before_m2[0] if len(set(across.before_m2)) == 1 else None
    after = [Figure(area_m2, "m2") for area_m2 in across.after_m2]
    return [names.of(across.subject), kind, Figure(before, "m2"), *after]


def _weights(found: ScenarioComparison, names: Names, lang: Lang) -> PlanTable:
    rows: list[list[Cell]] = [
        [name, *(Figure(share, "share") for share in shares)]
        for name, (_, shares) in zip(names.criteria(), found.weights, strict=True)
    ]
    return table("weights", [said("criterion", lang), *_labels(found)], rows, lang)


def _terms(found: ScenarioComparison, district: District, lang: Lang) -> PlanTable:
    rows: list[list[Cell]] = [
        [term_text(each.term, district, lang), *(said("yes" if held else "no_", lang) for held in each.held)]
        for each in found.terms
    ]
    return table("terms", [said("condition", lang), *_labels(found)], rows, lang)


def _entries(found: ScenarioComparison, district: District, lang: Lang) -> PlanTable:
    rows: list[list[Cell]] = [
        [
            entry_text(each.entry, district, lang),
            *(
                said("nothing", lang) if value is None else value_text(orjson.loads(value), district, lang)
                for value in each.values
            ),
        ]
        for each in found.entries
    ]
    return table("entries", [said("entry", lang), *_labels(found)], rows, lang)
