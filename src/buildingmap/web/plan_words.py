"""What the page of a plan shows of an answer: its sentences, bars and tables in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from buildingmap.amounts import UNKNOWN, plain, share_at_most
from buildingmap.map import area_bars, criteria_bars, sector_symbols, trade_off_chart, weight_ranges_chart
from buildingmap.placement import (
    CRITERION_NAMES,
    STATUS_WORDS,
    not_applied_text,
    places,
    points_given_up,
    scores_as_much,
    source_texts,
    term_text,
    why,
    word,
)
from buildingmap.placement.scenarios import Figure, outcome_rows, said, shown
from buildingmap.sites import finding_text
from buildingmap.web.languages import language, text
from buildingmap.web.plan_formulas import computation_texts, criterion_formulas
from buildingmap.web.words import named, number

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.placement import (
        Alternatives,
        Chosen,
        Instead,
        Outcome,
        PlanAnswer,
        Planning,
        Ranking,
        Steadiness,
        Term,
        TradeOff,
        Turn,
        WhyNot,
    )
    from buildingmap.placement.solver.solving import Status
    from buildingmap.snapshot import Snapshot

MOST_PLACES: Final = 300
_FIELDS: Final = {
    "floor_area_min": "floor_area_min_m2",
    "floor_area_max": "floor_area_max_m2",
    "fixed": "fixed",
    "forbidden": "forbidden",
    "year": "year",
    "spacing": "spacing_m",
    "towers": "towers",
    "leading": "leading",
    "apart": "apart",
    "occupied_towers": "occupied",
    "occupied_road": "occupied",
    "occupied_outside": "occupied",
}


def criterion_names() -> dict[str, str]:
    """Return what the criteria are called."""
    return {criterion: word(pair, language()) for criterion, pair in CRITERION_NAMES.items()}


def answer_words(found: PlanAnswer, laid_out: Planning) -> dict[str, Any]:
    """Return what the templates show of the answer to a plan."""
    snapshot, lang = laid_out.snapshot, language()
    symbols = sector_symbols(snapshot.district)
    bars = criteria_bars([chosen.parts for chosen in found.chosen])
    numbers = {chosen.id: place for place, chosen in enumerate(found.chosen, 1)}
    ranks = {each.site: rank for rank, each in enumerate(found.runners_up, 1)}
    return {
        "found": found,
        "status": status_text(found),
        "gap": share_at_most(found.gap) if found.gap else "",
        "symbols": symbols,
        "criteria": criterion_names(),
        "formulas": criterion_formulas(laid_out.plan, snapshot.district),
        "computation": computation_texts(laid_out.plan, snapshot.metric),
        "sources": source_texts(laid_out.plan, lang),
        "not_applied": not_applied_text(found.not_applied, laid_out.plan, lang),
        "taken": [
            {
                "number": place,
                "chosen": chosen,
                "bar": bar,
                "why": why(chosen, snapshot, lang),
                "findings": [finding_text(finding, lang) for finding in chosen.findings],
                "tax": _tax(chosen),
            }
            for place, (chosen, bar) in enumerate(zip(found.chosen, bars, strict=True), 1)
        ],
        "numbers": numbers,
        "runners_up": [
            {"rank": rank, "instead": each, "gives_up": _given_up(each)}
            for rank, each in enumerate(found.runners_up, 1)
        ],
        "outcome": None if found.outcome is None else _outcome(found.outcome),
        "terms": [term_words(term, snapshot) for term in found.terms],
        "clash": [term_words(term, snapshot) for term in found.clash],
        "places": _places(laid_out, found, numbers, ranks),
        "place_count": len(laid_out.listed),
        "sector_choices": [
            (sector, named(sector, "sector")) for sector in laid_out.plan.leading_sectors(snapshot.district)
        ],
        "compared": found.comparison,
        "drawn": _drawn(found),
    }


def status_text(found: PlanAnswer) -> str:
    """Return in words how far a plan is proved."""
    return _status(found.status, found.bound)


def _status(status: Status, bound: float | None) -> str:
    return word(STATUS_WORDS[status], language()).format(bound="" if bound is None else plain(bound, 1))


def term_words(term: Term, snapshot: Snapshot) -> dict[str, str]:
    """Return a term in words, with the form's field that sets it; empty for what the registry says."""
    subject = term.subject[0] if term.subject else ""
    if term.kind.startswith(("sector_", "cluster_")):
        table, end = term.kind.split("_")
        field = f"{table}s.{subject}.{end}"
    else:
        field = _FIELDS.get(term.kind, "")
    return {"text": term_text(term, snapshot.district, language()), "field": field}


def why_not_words(found: WhyNot, snapshot: Snapshot) -> dict[str, Any]:
    """Return what the templates show of the answer to why a site was left out."""
    instead = found.instead
    return {
        "asked": found,
        "same": found.gives_up is not None and scores_as_much(found.gives_up),
        "gives_up": "" if found.gives_up is None else points_given_up(found.gives_up),
        "at_most": None if found.at_most is None else points_given_up(found.at_most),
        "of_sector": "" if found.sector is None else named(found.sector, "sector"),
        "sectors_after": {chosen.id: named(chosen.sector, "sector") for chosen in instead.chosen},
        "why_not_clash": [term_words(term, snapshot) for term in found.clash],
        "why_not_status": status_text(instead),
    }


def alternatives_words(found: Alternatives, _snapshot: Snapshot) -> dict[str, Any]:
    """Return what the templates show of the best plans that differ."""
    return {
        "found": found,
        "plans": [
            {
                "plan": plan,
                "status": _status(plan.status, plan.bound),
                "gives_up": points_given_up(plan.gives_up),
                "sectors": {taken.site: named(taken.sector, "sector") for taken in plan.taken},
            }
            for plan in found.plans
        ],
    }


def ranking_words(found: Ranking, _snapshot: Snapshot) -> dict[str, Any]:
    """Return what the templates show of the ranking."""
    return {"found": found}


def trade_off_words(found: TradeOff, _snapshot: Snapshot) -> dict[str, Any]:
    """Return what the templates show of a trade-off."""
    names = criterion_names()
    return {
        "found": found,
        "one": names[found.one],
        "other": names[found.other],
        "chart": trade_off_chart(found),
        "points": [
            {"point": point, "sectors": {taken.site: named(taken.sector, "sector") for taken in point.taken}}
            for point in found.points
        ],
    }


def steadiness_words(found: Steadiness, _snapshot: Snapshot) -> dict[str, Any]:
    """Return what the templates show of how steady a choice is."""
    chosen = [site for site in found.sites if site.times]
    return {
        "found": found,
        "worst_gap": "" if found.worst_gap is None else share_at_most(found.worst_gap),
        "names": criterion_names(),
        "chart": weight_ranges_chart(found.ranges),
        "ranges": [
            {"range": each, "low": _turn(each.at_low), "high": _turn(each.at_high)} for each in found.ranges
        ],
        "sites": chosen[:MOST_PLACES],
        "frequency": {site.site: site.share for site in chosen},
    }


def _turn(turn: Turn | None) -> str:
    """Return in words what changes where a weight has moved too far; empty where it never does."""
    if turn is None:
        return ""
    parts = (
        (text("Comes in"), turn.enter),
        (text("Goes out"), turn.leave),
        (text("Another sector"), turn.change),
    )
    return "; ".join(f"{said}: {', '.join(sites)}" for said, sites in parts if sites)


MORE_WORDS: Final[dict[str, Callable[[Any, Snapshot], dict[str, Any]]]] = {
    "why_not": why_not_words,
    "alternatives": alternatives_words,
    "ranking": ranking_words,
    "trade_off": trade_off_words,
    "steadiness": steadiness_words,
}


def answer_line(found: PlanAnswer) -> str:
    """Return one line that tells of a new answer."""
    if not found.chosen:
        return text("No plan meets all conditions.") if found.status == "infeasible" else status_text(found)
    return text(
        "New plan: %(towers)s towers, %(score)s points; %(status)s.",
        towers=len(found.chosen),
        score=number(found.score, 1),
        status=status_text(found),
    )


def _tax(chosen: Chosen) -> str:
    return UNKNOWN if chosen.tax_yuan is None else shown(Figure(chosen.tax_yuan, "yuan"), language())


def _given_up(each: Instead) -> str:
    return UNKNOWN if each.gives_up is None else number(max(0.0, each.gives_up), 1)


def _outcome(outcome: Outcome) -> dict[str, Any]:
    lang = language()
    rows = [row for row in outcome_rows(outcome) if row[0] != "without_comparables"]
    return {
        "rows": [(said(key, lang), shown(before, lang), shown(after, lang)) for key, before, after in rows],
        "without_comparables": outcome.without_comparables,
        "charts": [
            (text("Gross floor area by sector"), "sector", area_bars(outcome.floor_area_by_sector)),
            (text("Gross floor area by cluster"), "cluster", area_bars(outcome.floor_area_by_cluster)),
        ],
    }


def _places(
    laid_out: Planning, found: PlanAnswer, numbers: dict[str, int], ranks: dict[str, int]
) -> list[dict[str, Any]]:
    taken = {chosen.id: chosen.sector for chosen in found.chosen}
    listed = sorted(
        places(laid_out, taken),
        key=lambda place: (numbers.get(place.id, 10**6), ranks.get(place.id, 10**6), -place.points, place.id),
    )
    return [
        {
            "place": place,
            "number": numbers.get(place.id),
            "rank": ranks.get(place.id),
            "state": _state(place.id, place.rule, numbers, ranks),
        }
        for place in listed[:MOST_PLACES]
    ]


def _state(place_id: str, rule: str, numbers: dict[str, int], ranks: dict[str, int]) -> str:
    if place_id in numbers:
        return text("taken, no. %(number)s", number=numbers[place_id])
    if rule == "forbidden":
        return text("forbidden by the registry")
    if place_id in ranks:
        return text("runner-up %(rank)s", rank=ranks[place_id])
    return text("left out")


def _drawn(found: PlanAnswer) -> dict[str, Any]:
    """Return what the page's script draws on the map: what is taken for what, and the runners-up in order."""
    return {
        "taken": [
            {"id": chosen.id, "sector": chosen.sector, "points": round(chosen.points, 1)}
            for chosen in found.chosen
        ],
        "runners_up": [each.site for each in found.runners_up],
        "said": answer_line(found),
        "weights": found.weights if found.comparison else None,
    }
