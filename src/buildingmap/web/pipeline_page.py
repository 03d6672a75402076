"""The towers to come: a page with map, timeline and tables, the same as JSON, and as a file to keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final, cast

import orjson
from flask import Blueprint, Response, render_template, request

from buildingmap import analysis
from buildingmap.filters import query_string
from buildingmap.layers.writers import Column, write_table_csv, write_table_excel
from buildingmap.map import LEAFLET_VERSION, step_symbols, timeline
from buildingmap.model import STATUSES
from buildingmap.web.api import about
from buildingmap.web.caching import answer
from buildingmap.web.chips import status_label
from buildingmap.web.choosing import chosen, local_day
from buildingmap.web.downloads import content_disposition, export_note, whole_filter
from buildingmap.web.frame import chip_links, page_filter, tower_url
from buildingmap.web.languages import language, text
from buildingmap.web.map_page import place_words
from buildingmap.web.operations import CSV, EXCEL, JSON
from buildingmap.web.pages import figure_of
from buildingmap.web.queries import asked_filter, one_of, read_query
from buildingmap.web.state import answers, snapshot
from buildingmap.web.words import named, tower_name

if TYPE_CHECKING:
    from buildingmap.analysis import ComingTower, Step
    from buildingmap.filters import Filter
    from buildingmap.model import Lang
    from buildingmap.snapshot import Snapshot
    from buildingmap.web.downloads import Format

pipeline_page = Blueprint("pipeline_page", __name__)
_TO_COME: Final = tuple(status for status in STATUSES if status != "existing")
_OF_THE_FORM: Final = ("cluster", "sector", "status")
_WHAT: Final = ("pipeline", "在建与规划楼宇", "towers to come")


@pipeline_page.get("/pipeline")
def page() -> str:
    """Show the towers to come of the address's filter."""
    flt = page_filter().criteria()
    towers, today = snapshot(), local_day()
    figure = figure_of(towers)
    found = analysis.pipeline(chosen(towers, flt), today=today)
    return render_template(
        "pipeline.html",
        found=found,
        drawn=timeline(found.towers, today=today),
        step_symbols=step_symbols(),
        step_names=step_names(),
        state_names=state_names(),
        slippage=slippage,
        number_of={tower.id: number for number, tower in enumerate(found.towers, 1)},
        chips=chip_links("/pipeline", flt),
        groups=_groups(towers, flt),
        kept=_kept(flt),
        map_query=query_string(_on_the_map(flt)),
        shows_money=True,
        query=query_string(flt, lang=language()),
        map_html=figure.html,
        map_version=figure.version,
        leaflet_version=LEAFLET_VERSION,
        words=place_words(towers.district),
        spots=[_spot(towers, tower, number) for number, tower in enumerate(found.towers, 1)],
    )


@pipeline_page.get("/api/pipeline")
def as_json() -> Response:
    """Answer with the towers to come of a filter, as of today."""
    towers, today = snapshot(), local_day()
    flt, _ = asked_filter()
    criteria = flt.criteria()
    return answer(
        answers(),
        lambda: _document(towers, criteria, today),
        version=towers.version,
        name=f"pipeline {today}",
        canonical=query_string(criteria),
        content_type=JSON,
    )


def _document(towers: Snapshot, criteria: Filter, today: date) -> bytes:
    found = analysis.pipeline(chosen(towers, criteria), today=today)
    return orjson.dumps(about(towers) | {"filter": query_string(criteria), "pipeline": found})


@pipeline_page.get("/download/pipeline.csv")
def csv() -> Response:
    """Answer with the towers to come of a filter as CSV."""
    return _download("csv")


@pipeline_page.get("/download/pipeline.xlsx")
def xlsx() -> Response:
    """Answer with the towers to come of a filter as an Excel workbook."""
    return _download("xlsx")


def _download(form: Format) -> Response:
    towers = snapshot()
    asked = read_query(request.query_string)
    lang = cast("Lang", one_of(asked, "lang", (language(), "zh", "en")))
    flt = whole_filter(asked, towers)
    now = datetime.now(UTC).astimezone()
    found = analysis.pipeline(chosen(towers, flt), today=now.date())
    note = export_note(towers, flt, lang, now)
    columns, rows = _columns(), [_cells(tower) for tower in found.towers]
    if form == "csv":
        body, kind = write_table_csv(columns, rows, note, lang=lang), CSV
    else:
        body, kind = write_table_excel(text("Towers to come"), columns, rows, note, lang=lang), EXCEL
    response = Response(body, content_type=kind)
    response.headers["Content-Disposition"] = content_disposition(towers, lang, now, form, what=_WHAT)
    response.headers["Cache-Control"] = "no-store"  # the moment of the export is inside
    return response


def _columns() -> list[Column]:
    heads = [
        Column(text("Id"), 12),
        Column(text("Tower"), 26),
        Column(text("Cluster"), 14),
        Column(text("Leading sector"), 14),
        Column(text("Status")),
        Column(text("Gross floor area, m²"), 16, "floor_area_m2"),
        Column(text("Investment, yuan"), 18, "investment_yuan"),
        Column(text("Responsible")),
        Column(text("Year of hand-over"), 10),
        Column(text("Next milestone")),
        Column(text("Most days behind plan"), 12),
        Column(text("Overdue milestones"), 12),
    ]
    for name in step_names().values():
        heads += [
            Column(f"{name} · {said}", 12) for said in (text("Planned"), text("Expected"), text("Done"))
        ]
        heads.append(Column(f"{name} · {text('days behind plan')}", 10))
    return [*heads, Column(text("Note"), 30)]


def _cells(tower: ComingTower) -> list[Any]:
    names, by_kind = step_names(), {str(step.kind): step for step in tower.steps}
    cells: list[Any] = [
        tower.id,
        tower_name(tower.id),
        named(tower.cluster, "cluster") if tower.cluster else None,
        named(tower.sector, "sector") if tower.sector else None,
        status_label(tower.status),
        tower.floor_area_m2,
        tower.investment_yuan,
        tower.responsible,
        tower.hand_over_year,
        names[tower.next_step] if tower.next_step else None,
        tower.worst_slippage_days,
        tower.overdue_steps,
    ]
    for kind in names:
        cells += _of_step(by_kind.get(kind))
    return [*cells, tower.note]


def _of_step(step: Step | None) -> list[Any]:
    if step is None:
        return [None] * 4
    return [step.planned_on, step.expected_on, step.done_on, step.slippage_days]


def step_names() -> dict[str, str]:
    """Return the milestones' names in the order of building."""
    return {
        "land": text("Land granted"),
        "permit": text("Building permit"),
        "start": text("Start of works"),
        "topping_out": text("Topping out"),
        "hand_over": text("Hand-over"),
    }


def state_names() -> dict[str, str]:
    """Return what the states of a milestone are called."""
    return {
        "done": text("done"),
        "overdue": text("overdue"),
        "expected": text("expected"),
        "planned": text("planned for"),
        "unknown": text("no date"),
    }


def slippage(days: int | None) -> str:
    """Write days against the plan in words."""
    if days is None:
        return "—"
    if days == 0:
        return text("on plan")
    message = text("%(days)s days late") if days > 0 else text("%(days)s days early")
    return message % {"days": f"{abs(days):,}"}


def _groups(towers: Snapshot, flt: Filter) -> list[dict[str, Any]]:
    lang, district = language(), towers.district
    choices = {
        "cluster": (text("Cluster"), [(c.id, c.label(lang)) for c in district.clusters]),
        "sector": (text("Leading sector"), [(s.id, s.label(lang)) for s in district.sectors]),
        "status": (text("Status"), [(status, status_label(status)) for status in _TO_COME]),
    }
    return [
        {"name": name, "label": label, "chosen": getattr(flt, name), "choices": entries}
        for name, (label, entries) in choices.items()
    ]


def _kept(flt: Filter) -> list[tuple[str, str]]:
    """Return what the filter holds beside the form's own fields, so that applying the form keeps it."""
    for name in _OF_THE_FORM:
        flt = flt.without(name)
    query = query_string(flt)
    return [(name, values[0]) for name, values in read_query(query.encode("ascii")).items()]


def _on_the_map(flt: Filter) -> Filter:
    """Return the filter whose towers on the map are those of the page: without those that stand already."""
    to_come = tuple(status for status in flt.status or _TO_COME if status in _TO_COME)
    return replace(flt, status=to_come or _TO_COME)


def _spot(towers: Snapshot, tower: ComingTower, number: int) -> dict[str, Any]:
    row = towers.row(tower.id)
    return {
        "lat": round(float(towers.lat[row]), 6),
        "lon": round(float(towers.lon[row]), 6),
        "number": str(number),
        "name": tower_name(tower.id),
        "href": tower_url(tower.id),
        "css": "late" if tower.overdue_steps else tower.status,
    }
