"""Saved scenarios as pages: the list, one of them, and two or three side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from flask import Blueprint, abort, redirect, render_template, request

from buildingmap.map import UNKNOWN_SECTOR, plan_drawing, sector_symbols
from buildingmap.map.scenario_marks import marks_of
from buildingmap.placement.scenarios import (
    compare,
    comparison_tables,
    differences,
    kept_scenario,
    kept_scenarios,
    label_of,
    remove_scenario,
    rename_scenario,
    scenario_tables,
    shown,
    status_text,
)
from buildingmap.web.languages import language, text
from buildingmap.web.queries import only, read_query
from buildingmap.web.scenario_operations import MOST_SCENARIOS
from buildingmap.web.scenarios_api import chosen_scenarios
from buildingmap.web.state import snapshot, store
from buildingmap.web.visitors import visitor
from buildingmap.web.words import named

if TYPE_CHECKING:
    from werkzeug import Response as AnyResponse

    from buildingmap.map import PlanDrawing
    from buildingmap.placement.scenarios import Kept, PlanTable

scenarios_page = Blueprint("scenarios_page", __name__)
_FEWEST: Final = 2
# told in sentences above the tables
_SAID_ABOVE: Final = frozenset({"differences"})
_FOLDED: Final = frozenset({"plan", "runners_up"})


@scenarios_page.get("/scenarios")
def listing() -> str:
    """Show every saved scenario, with boxes to lay some side by side."""
    only(read_query(request.query_string), "lang")
    return render_template(
        "scenarios.html", rows=[_row(kept) for kept in kept_scenarios(store())], most=MOST_SCENARIOS
    )


@scenarios_page.get("/scenarios/compare")
def comparison() -> str:
    """Show two or three scenarios side by side: maps, differences, tables."""
    asked = read_query(request.query_string)
    only(asked, "id", "lang")
    chosen = chosen_scenarios(asked.get("id", []), fewest=_FEWEST)
    titles = [kept.title for kept, _ in chosen]
    found = compare([scenario for _, scenario in chosen])
    numbers = {across.site: number for number, across in enumerate(found.sites, 1)}
    every = [mark for scenario in found.scenarios for mark in marks_of(scenario)]
    drawings = [
        plan_drawing(snapshot(), marks_of(scenario, numbers=numbers), among=every)
        for scenario in found.scenarios
    ]
    return render_template(
        "scenario_compare.html",
        chosen=[
            {"id": kept.id, "label": label_of(place), "title": kept.title, "drawing": drawings[place]}
            for place, (kept, _) in enumerate(chosen)
        ],
        symbols=_legend(*drawings),
        differences=differences(found, language()),
        tables=_told(comparison_tables(found, titles, snapshot(), language())),
        synthetic_scenario=any(scenario.answer.synthetic for scenario in found.scenarios),
        query="&".join(f"id={quote(kept.id)}" for kept, _ in chosen),
        shown=_shown,
        folded=_FOLDED,
    )


@scenarios_page.get("/scenarios/<scenario_id>")
def one(scenario_id: str) -> str:
    """Show one scenario: how good it is, its map, its towers with reasons, what it would do."""
    only(read_query(request.query_string), "lang")
    kept = kept_scenario(store(), scenario_id)
    scenario, towers, lang = kept.scenario, snapshot(), language()
    drawing = None if scenario is None else plan_drawing(towers, marks_of(scenario))
    return render_template(
        "scenario.html",
        kept=kept,
        scenario=scenario,
        status="" if scenario is None else status_text(scenario.answer, lang),
        drawing=drawing,
        symbols=() if drawing is None else _legend(drawing),
        tables=() if scenario is None else _told(scenario_tables(scenario, towers, lang)),
        synthetic_scenario=scenario is not None and scenario.answer.synthetic,
        query=f"id={quote(kept.id)}",
        rerun_words=_rerun_words(),
        shown=_shown,
        folded=_FOLDED,
    )


@scenarios_page.post("/scenarios/<scenario_id>/rename")
def rename(scenario_id: str) -> AnyResponse:
    """Give a scenario that is still what was seen another title."""
    title = request.form.get("title", "").strip()
    rename_scenario(store(), scenario_id, title, version=_seen(), actor=visitor().name)
    return redirect(f"/scenarios/{quote(scenario_id, safe='')}", 303)


@scenarios_page.post("/scenarios/<scenario_id>/remove")
def remove(scenario_id: str) -> AnyResponse:
    """Delete a scenario that is still what was seen."""
    remove_scenario(store(), scenario_id, version=_seen(), actor=visitor().name)
    return redirect("/scenarios", 303)


def _seen() -> int:
    given = request.form.get("version", "")
    if not (given.isascii() and given.isdigit() and len(given) < 16):  # noqa: PLR2004 - as many digits as there can be
        abort(400, "version: found none, expected the version that was seen")
    return int(given)


def _row(kept: Kept) -> dict[str, Any]:
    scenario = kept.scenario
    found = None if scenario is None else scenario.answer
    return {
        "kept": kept,
        "made": (kept.changed_at if scenario is None else scenario.made_at)[:16].replace("T", " "),
        "by": kept.changed_by if scenario is None else scenario.made_by,
        "scenario": scenario,
        "status": "" if found is None else _short_status(found.status),
        "score": None if found is None else found.score,
        "towers": None if found is None else len(found.chosen),
    }


def _short_status(status: str) -> str:
    names = {
        "optimal": text("proved best"),
        "within_gap": text("proved within its gap"),
        "time_limit": text("not proved to be best"),
        "infeasible": text("no plan possible"),
    }
    return names[status]


def _told(tables: list[PlanTable]) -> list[PlanTable]:
    return [each for each in tables if each.key not in _SAID_ABOVE]


def _shown(cell: Any) -> str:
    return shown(cell, language())


def _legend(*drawings: PlanDrawing) -> list[dict[str, Any]]:
    """Return the symbols that the drawings use, in the district's order, with their names."""
    used = {each.symbol.id for drawing in drawings for each in drawing.marks}
    return [
        {
            "symbol": symbol,
            "label": text("another sector") if key == UNKNOWN_SECTOR else named(key, "sector"),
        }
        for key, symbol in sector_symbols(snapshot().district).items()
        if key in used
    ]


def _rerun_words() -> dict[str, str]:
    return {
        "running": text("Making it again …"),
        "progress": text("Making it again: score %(score)s, no plan scores more than %(bound)s"),
        "same": text("The same answer: same sites, same sectors, same score."),
        "differs": text("The answer differs: score %(before)s before, %(after)s now."),
        "enter": text("Comes in: %(sites)s"),
        "leave": text("Goes out: %(sites)s"),
        "change": text("Another sector: %(sites)s"),
        "registry": text(
            "That version of the registry, or the district's file, is not what it was made from."
        ),
        "cancelled": text("Stopped."),
        "failed": text("It could not be made again: %(why)s"),
        "unreachable": text("The server does not answer."),
    }
