"""What the fields of the plan's form are called, and the words of its script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from buildingmap.map import sector_symbols
from buildingmap.web.languages import language, text
from buildingmap.web.plan_words import criterion_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildingmap.model import District


def reference_labels() -> dict[str, str]:
    """Return what the values are called that criteria are measured against."""
    return {
        "station_reach_m": text("Reach of a station, m"),
        "reach_m": text("Reach of a tower, m"),
        "stock_m2": text("Stock near that counts as much, m²"),
        "vacant_m2": text("Vacancy near that counts as much, m²"),
        "capacity_m2": text("Floor area that is worth 1, m²"),
        "neighbour_share": text("Share of criteria that new towers add to each other, 0 to 1"),
        "storey_height_m": text("Height of a storey, m"),
        "site_coverage": text("Site coverage, 0 to 1"),
        "floor_area_ratio": text("Floor-area ratio where a site states none"),
        "least_comparables": text("Comparable towers needed"),
    }


def judgements() -> list[tuple[str, str]]:
    """Return Saaty's scale: the value of each judgement, and how it is said of the first against the second."""
    fractions = [(repr(1 / times), text("1/%(times)s as much as", times=times)) for times in range(2, 10)]
    return [
        *((str(times), text("%(times)s times as much as", times=times)) for times in range(9, 1, -1)),
        ("1", text("as much as")),
        *fractions,
    ]


def field_labels(district: District) -> dict[str, str]:
    """Return what every field is called, by its name."""
    lang = language()
    sectors = {sector.id: sector.label(lang) for sector in district.sectors}
    clusters = {cluster.id: cluster.label(lang) for cluster in district.clusters}
    ends = {"min": text("at least"), "max": text("at most")}
    labels = {
        "title": text("Title"),
        "candidates": text("Where towers can go"),
        "occupied": text("Sites that are road, built over or outside the district"),
        "towers": text("New towers"),
        "floor_area_min_m2": text("Floor area in all from, m²"),
        "floor_area_max_m2": text("Floor area in all to, m²"),
        "year": text("Sites that can be had by"),
        "spacing_m": text("Least distance between new towers, m"),
        "gap": text("Share of the score that may stay unproved"),
        "seconds": text("Longest time to solve, s"),
        "leading": text("Sectors that a tower can be for"),
        "fixed": text("Must be taken"),
        "forbidden": text("Must not be taken"),
        "apart": text("Not both of"),
        "strategy.source": text("Source"),
        "linkage.source": text("Source"),
        "strategy.unnamed": text("Fit of what is not named"),
        "site": text("Site"),
        "sector": text("Sector"),
    }
    names = criterion_names()
    labels |= {f"weights.{criterion}": name for criterion, name in names.items()}
    labels |= {
        f"comparisons.{one}.{other}": f"{names[one]} / {names[other]}" for one in names for other in names
    }
    labels |= {f"reference.{name}": label for name, label in reference_labels().items()}
    labels |= _table_labels() | {f"sectors.{key}": name for key, name in sectors.items()}
    labels |= {f"clusters.{key}": name for key, name in clusters.items()}
    for table, entries in (("sectors", sectors), ("clusters", clusters)):
        for key, name in entries.items():
            labels |= {f"{table}.{key}.{end}": f"{name}, {said}" for end, said in ends.items()}
    return labels


def _table_labels() -> dict[str, str]:
    return {
        "weights": text("What counts how much"),
        "comparisons": text("Weights from comparisons in pairs (AHP)"),
        "sectors": text("Towers by leading sector"),
        "clusters": text("Towers by cluster"),
        "reference": text("What criteria are measured against"),
        "strategy": text("What clusters are meant for"),
        "linkage": text("Who gains from whom"),
    }


def entry_label(entry: str, labels: Mapping[str, str]) -> str:
    """Return what an entry of a plan is called: its field's name, or that of the field it is in and its place."""
    if entry in labels:
        return labels[entry]
    within = entry
    while "." in within:
        within = within.rpartition(".")[0]
        if within in labels:
            return text("%(label)s (%(entry)s)", label=labels[within], entry=entry)
    return entry


def script_words(district: District) -> dict[str, Any]:
    """Return the words of the page's own script, as text."""
    lang = language()
    return {
        "lang": lang,
        "sectors": {sector.id: sector.label(lang) for sector in district.sectors},
        "symbols": {sector: symbol.css for sector, symbol in sector_symbols(district).items()},
        "criteria": criterion_names(),
        "solving": text("Solving"),
        "waiting": text("Waiting for a free process"),
        "progress": text("%(score)s points so far, no plan over %(bound)s, gap %(gap)s"),
        "score_only": text("%(score)s points so far"),
        "done_of": text("%(done)s of %(of)s"),
        "cancelled": text("Stopped. The form is as you left it."),
        "failed": text("This could not be solved:"),
        "unreachable": text("The server cannot be reached."),
        "refused": text("Please look at the form:"),
        "taken_for": text("no. %(number)s, for %(sector)s"),
        "runner_up": text("runner-up %(rank)s"),
        "runner_short": text("R%(rank)s"),
        "left_out": text("left out"),
        "fix": text("Fix"),
        "forbid": text("Forbid"),
        "ask_why_not": text("Why not?"),
        "best_sector": text("with its best sector"),
        "value_of": text("%(criterion)s, %(sector)s: %(value)s"),
        "chosen_in": text("chosen in %(share)s of 100 weightings"),
    }
