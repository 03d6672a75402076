"""The goals of each year: bars with their numbers, and a form for those who may change them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Blueprint, Response, render_template, request

from buildingmap import analysis
from buildingmap.amounts import UNKNOWN, area, rounded
from buildingmap.analysis import GOAL_MEASURES
from buildingmap.web.api import about
from buildingmap.web.caching import answer
from buildingmap.web.choosing import local_day
from buildingmap.web.coverage_words import coverage_notes
from buildingmap.web.languages import language, text
from buildingmap.web.operations import JSON
from buildingmap.web.queries import only, read_query
from buildingmap.web.state import answers, snapshot
from buildingmap.web.words import money, per_m2, percent

if TYPE_CHECKING:
    from buildingmap.analysis import GoalProgress, Progress

goals_page = Blueprint("goals_page", __name__)
_MONEY: Final = frozenset({"total_tax_yuan", "district_revenue_yuan"})
_AREAS: Final = frozenset({"floor_area_m2", "leasable_area_m2", "handed_over_area_m2"})
_SHARES: Final = frozenset({"occupancy_rate", "vacancy_rate"})
_EDITED: Final = ("year", "measure", "label", "value", "unit", "reached", "source")


@goals_page.get("/goals")
def page() -> str:
    """Show every goal, newest year first."""
    only(read_query(request.query_string), "lang")
    towers, today = snapshot(), local_day()
    names = measure_names()
    return render_template(
        "goals.html",
        today=today,
        goals=[_said(goal, names) for goal in analysis.goals(towers, today=today)],
        coverage=coverage_notes(towers),
        targets=[_target(entry) for entry in analysis.progress(towers) if entry.target is not None][::-1],
        measure_names=names,
        form_words=_form_words(),
        field_names=_field_names(),
    )


@goals_page.get("/api/goals")
def as_json() -> Response:
    """Answer with every goal and what is reached of it, as of today."""
    only(read_query(request.query_string))
    towers, today = snapshot(), local_day()
    return answer(
        answers(),
        lambda: orjson.dumps(about(towers) | {"today": today, "goals": analysis.goals(towers, today=today)}),
        version=towers.version,
        name=f"goals {today}",
        canonical="",
        content_type=JSON,
    )


def measure_names() -> dict[str, str]:
    """Return what the measures that can be computed are called."""
    names = {
        "towers_past_mark": text("Towers past 100 million yuan"),
        "total_tax_yuan": text("Total tax"),
        "district_revenue_yuan": text("District revenue"),
        "tax_per_m2": text("Tax per m² of gross floor area"),
        "existing_towers": text("Existing towers"),
        "floor_area_m2": text("Gross floor area"),
        "leasable_area_m2": text("Leasable area"),
        "occupancy_rate": text("Occupancy rate"),
        "vacancy_rate": text("Vacancy rate"),
        "handed_over_towers": text("Towers handed over in the year"),
        "handed_over_area_m2": text("Gross floor area handed over in the year"),
    }
    return {measure: names[measure] for measure in GOAL_MEASURES}


def _written(measure: str, unit: str | None, value: float | None) -> str:
    if value is None:
        return UNKNOWN
    if measure in _MONEY:
        return money(value)
    if measure in _AREAS:
        return area(value)
    if measure in _SHARES:
        return percent(value)
    if measure == "tax_per_m2":
        return per_m2(value)
    shown = rounded(value, 2)
    return f"{shown} {unit}" if unit else shown


def _said(goal: GoalProgress, names: dict[str, str]) -> dict[str, Any]:
    return {
        "goal": goal,
        "name": goal.label or names.get(goal.measure, goal.measure),
        "measure": names.get(goal.measure) if goal.label else None,
        "value": _written(goal.measure, goal.unit, goal.value),
        "reached": _written(goal.measure, goal.unit, goal.reached),
        "basis": _basis(goal),
        "bar": _bar(goal.share),
        "edited": {name: asdict(goal)["typed" if name == "reached" else name] for name in _EDITED},
    }


def _basis(goal: GoalProgress) -> str:
    if goal.basis == "figures":
        same = goal.reached_year == goal.year
        message = (
            text("from the figures of %(year)s")
            if same
            else text("too few figures of the year yet: those of %(year)s")
        )
        return message % {"year": goal.reached_year}
    return {
        "milestones": text("from the milestones done"),
        "now": text("as the layer stands today"),
        "typed": text("as entered"),
        None: text("nothing known yet"),
    }[goal.basis]


def _bar(share: float | None) -> float | None:
    """Return how much of a bar is filled, in percent, at most 100."""
    return None if share is None else round(min(share, 1.0) * 100, 1)


def _target(entry: Progress) -> dict[str, Any]:
    assert entry.target is not None
    reached = None if entry.gap is None else entry.target - entry.gap
    share = None if reached is None or not entry.target else reached / entry.target
    return {"entry": entry, "reached": reached, "share": share, "bar": _bar(share)}


def _field_names() -> dict[str, str]:
    return {
        "year": text("Year"),
        "measure": text("Measure"),
        "label": text("Name shown"),
        "value": text("Goal"),
        "unit": text("Unit"),
        "reached": text("Reached, where it cannot be computed"),
        "source": text("Source"),
    }


def _form_words() -> dict[str, str]:
    """Return what the form's script says."""
    return {
        "lang": language(),
        "saving": text("Saving…"),
        "unreachable": text("The server cannot be reached."),
        "refused": text("Not saved:"),
        "conflict": text(
            "Not saved: %(who)s changed this goal meanwhile. What you typed is kept; saving again overwrites theirs."
        ),
        "theirs": text("now: %(value)s"),
        "gone": text("Not saved: this goal has been deleted."),
        "really": text("Delete for good?"),
        "number": text("a number is expected"),
    }
