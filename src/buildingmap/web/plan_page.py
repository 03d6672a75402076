"""The plan as a page: a form, the best plan under it with its reasons, the map, and what else could be."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.exceptions import BadRequest

from buildingmap.filters import FilterError, unknown_parameter
from buildingmap.map import LEAFLET_VERSION, plan_payload, sector_symbols
from buildingmap.model.faults import shown
from buildingmap.placement import (
    CRITERIA,
    WHOLE_NUMBERS,
    PlanError,
    Question,
    default_plan,
    entry_text,
    parse_plan,
    plan_toml,
    planning,
)
from buildingmap.placement.scenarios import keep_scenario, registry_version_of, scenario_of
from buildingmap.web.caching import answer
from buildingmap.web.languages import language, text
from buildingmap.web.map_page import place_words, zooms
from buildingmap.web.operations import JSON
from buildingmap.web.pages import figure_of
from buildingmap.web.plan_form import REFERENCES, field_names, form_of, form_of_query, plan_of_form, query_of
from buildingmap.web.plan_jobs import UNFINISHED, PlanJob, PlanLimitError, PlansBusyError
from buildingmap.web.plan_labels import judgements, script_words
from buildingmap.web.plan_words import MORE_WORDS, answer_words, criterion_names
from buildingmap.web.plans_api import own_plan, plan_jobs, question_of
from buildingmap.web.problems import PLAN_REFUSED, plan_faults, problem
from buildingmap.web.queries import only, read_query
from buildingmap.web.state import answers, snapshot, store
from buildingmap.web.visitors import visitor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from werkzeug import Response as AnyResponse

    from buildingmap.errors import BuildingmapError
    from buildingmap.placement import PlanAnswer, Planning
    from buildingmap.snapshot import Snapshot

plan_page = Blueprint("plan_page", __name__)
_LONGEST_QUERY: Final = 3_000
_MOST_BYTES: Final = 64 * 1024


@plan_page.get("/plan")
def start() -> Response:
    """Show the form as the address fills it, with the answer where it is known."""
    words = read_query(request.query_string)
    words.pop("lang", None)
    towers = snapshot()
    unknown = [name for name in words if name not in field_names(towers.district)]
    if unknown:
        expected = ("a field of the plan's form", "规划表单的字段")
        raise FilterError(tuple(unknown_parameter(name, *expected) for name in unknown))
    form = form_of_query(words, towers.district)
    try:
        plan = plan_of_form(form, towers.district)
    except PlanError as error:
        return _page(form, faults=error)
    question = Question(plan)
    known = plan_jobs().known(question, towers)
    job = None if known is None else plan_jobs().ask(question, towers, visitor().name)
    return _page(form, job=job)


@plan_page.post("/plan")
def ask() -> AnyResponse:
    """Take the form, and begin to solve; a script is told where, a person led there."""
    towers = snapshot()
    form = {name: request.form.getlist(name) for name in field_names(towers.district)}
    try:
        job = plan_jobs().ask(Question(plan_of_form(form, towers.district)), towers, visitor().name)
    except PlanError as error:
        return _refused_for_script(error) if _for_script() else _page(form, faults=error, status=422)
    except (PlanLimitError, PlansBusyError) as error:
        if _for_script():
            raise
        return _page(form, faults=error, status=_status_of(error))
    return _begun(job)


def _status_of(error: BuildingmapError) -> int:
    return 429 if isinstance(error, PlansBusyError) else 422


@plan_page.post("/plan/file")
def of_file() -> AnyResponse:
    """Take a plan file, handed in or pasted, into the form, and begin to solve.

    Where it cannot be used, the pasted text and the form that it was sent with are shown as they are.
    """
    towers = snapshot()
    file = request.files.get("file")
    content = file.read(_MOST_BYTES + 1) if file is not None and file.filename else b""
    name = (file.filename or "") if content and file is not None else "plan"
    pasted = request.form.get("text", "")
    content = content or pasted.encode()
    is_json = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    try:
        plan = parse_plan(content, shown(name)[1:-1][-80:], is_json=is_json, district=towers.district)
        job = plan_jobs().ask(Question(plan), towers, visitor().name)
    except (PlanError, PlanLimitError, PlansBusyError) as error:
        names = [name for name in field_names(towers.district) if name in request.form]
        form = {name: request.form.getlist(name) for name in names} or form_of(
            default_plan(towers.district), towers.district
        )
        return _page(form, refused_file=error, pasted=pasted, status=_status_of(error))
    return _begun(job)


@plan_page.get("/plan/<plan_id>")
def show(plan_id: str) -> Response:
    """Show the form of a question under way or answered, with its progress or answer."""
    only(read_query(request.query_string), "lang")
    job = own_plan(plan_id)
    return _page(form_of(job.question.plan, job.snapshot.district), job=job)


@plan_page.get("/plan/<plan_id>/result")
def result(plan_id: str) -> Response:
    """Answer with the part of the page that shows an answer, for the page's own script."""
    only(read_query(request.query_string), "lang")
    job = own_plan(plan_id)
    template = "plan_result.html" if job.question.ask == "plan" else f"plan_{job.question.ask}.html"
    return _private(render_template(template, **_of_job(job)))


@plan_page.post("/plan/<plan_id>/ask")
def ask_more(plan_id: str) -> AnyResponse:
    """Ask something else about a plan: why not a site, alternatives, a ranking."""
    job = own_plan(plan_id)
    given = {
        name: request.form.get(name, "").strip()
        for name in ("ask", "site", "sector", "one", "other", *WHOLE_NUMBERS)
    }
    wanted: dict[str, Any] = {name: _whole(name, value) for name, value in given.items() if value}
    try:
        asked = plan_jobs().ask(question_of(job.question.plan, wanted), job.snapshot, visitor().name)
    except PlanError as error:
        if _for_script():
            return _refused_for_script(error)
        return _page(form_of(job.question.plan, job.snapshot.district), job=job, faults=error, status=422)
    return _begun(asked)


@plan_page.post("/plan/<plan_id>/save")
def save(plan_id: str) -> AnyResponse:
    """Keep a plan with its answer in the registry, and show it there."""
    job, kept = own_plan(plan_id), store()
    version = registry_version_of(job.snapshot)
    best = plan_jobs().known(job.question.of_plan, job.snapshot)
    if version is None or best is None or not best.chosen:
        raise BadRequest("the plan: found no answer of this registry's, expected one that takes a site")
    scenario = scenario_of(laid_out(job), best, registry_version=version, made_by=visitor().name)
    title = " ".join(request.form.get("title", "").split()) or best.title or text("The best plan")
    made = keep_scenario(kept, scenario, title, actor=visitor().name)
    return redirect(f"/scenarios/{made.id}", 303)


def _whole(name: str, value: str) -> str | int:
    """Return a number of the form as one; what is none stays text, and is refused as such."""
    return int(value) if name in WHOLE_NUMBERS and value.isascii() and value.isdigit() else value


@plan_page.post("/plan/<plan_id>/cancel")
def cancel(plan_id: str) -> AnyResponse:
    """Stop solving, and go back to the form."""
    job = own_plan(plan_id)
    plan_jobs().cancel(job)
    return redirect(f"/plan/{job.id}", 303)


@plan_page.get("/plan/<plan_id>/map")
def map_data(plan_id: str) -> Response:
    """Answer with the candidates' outlines and criteria, for the page's own script."""
    only(read_query(request.query_string))
    job = own_plan(plan_id)
    # weights change nothing of it
    plain = {"weights": default_plan().weights, "comparisons": None, "title": ""}
    asked = job.question.plan.model_copy(update=plain)
    return answer(
        answers(),
        lambda: plan_payload(laid_out(job)),
        version=job.snapshot.version,
        name="plan map",
        canonical=hashlib.sha256(asked.model_dump_json().encode()).hexdigest(),
        content_type=JSON,
    )


@plan_page.get("/plan/<plan_id>/plan.toml")
def plan_as_toml(plan_id: str) -> Response:
    """Answer with the plan as a file that reads back as the same plan."""
    only(read_query(request.query_string))
    return _file(plan_toml(own_plan(plan_id).question.plan).encode(), "application/toml", "plan.toml")


@plan_page.get("/plan/<plan_id>/plan.json")
def plan_json(plan_id: str) -> Response:
    """Answer with the plan as a file."""
    only(read_query(request.query_string))
    job = own_plan(plan_id)
    left_out = {"weights"} if job.question.plan.comparisons is not None else set()
    entries = job.question.plan.model_dump(exclude_none=True, exclude=left_out)
    body = orjson.dumps(entries | {"towers": job.question.plan.towers}, option=orjson.OPT_INDENT_2)
    return _file(body, JSON, "plan.json")


def _file(body: bytes, content_type: str, name: str) -> Response:
    response = Response(body, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@lru_cache(maxsize=4)
def _laid_out(towers: Snapshot, plan: str) -> Planning:
    return planning(towers, parse_plan(plan.encode(), "plan", is_json=True, complete=True))


def laid_out(job: PlanJob) -> Planning:
    """Return a job's plan laid out against the version that it was asked about."""
    entries = job.question.plan.model_dump(exclude={"weights"} if job.question.plan.comparisons else set())
    return _laid_out(job.snapshot, orjson.dumps(entries).decode())


def _for_script() -> bool:
    return request.accept_mimetypes.best == JSON


def _begun(job: PlanJob) -> AnyResponse:
    if not _for_script():
        return redirect(f"/plan/{job.id}", 303)
    return _private(orjson.dumps({"id": job.id, "address": address_of(job)}), JSON)


def address_of(job: PlanJob) -> str:
    """Return the address that shows the form as it is: its fields where they fit, else the job."""
    query = query_of(job.question.plan, job.snapshot.district)
    if len(query) > _LONGEST_QUERY:
        return f"/plan/{job.id}"
    return f"/plan?{query}" if query else "/plan"


def _private(body: str | bytes, content_type: str = "text/html; charset=utf-8") -> Response:
    response = make_response(body)
    response.content_type = content_type
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(
    form: Mapping[str, Sequence[str]],
    *,
    job: PlanJob | None = None,
    faults: BuildingmapError | None = None,
    refused_file: BuildingmapError | None = None,
    pasted: str = "",
    status: int = 200,
) -> Response:
    towers = snapshot() if job is None else job.snapshot
    figure = figure_of(towers)
    wrong = plan_faults(faults, language()) if isinstance(faults, PlanError) else []
    told = faults or refused_file
    body = render_template(
        "plan.html",
        form=form,
        faults=[] if told is None else _fault_lines(told),
        of_file=refused_file is not None,
        pasted=pasted,
        wrong={each["entry"]: each["expected"] for each in wrong},
        opened={each["entry"].split(".")[0] for each in wrong},
        map_html=figure.html,
        map_version=figure.version,
        leaflet_version=LEAFLET_VERSION,
        words=place_words(towers.district),
        plan_words=script_words(towers.district),
        **(_choices(towers) | ({"unfinished": False, "cancelled": False} if job is None else _of_job(job))),
    )
    response = _private(body)
    response.status_code = status
    return response


def _refused_for_script(error: PlanError) -> Response:
    return problem(
        PLAN_REFUSED, error.within(snapshot().district).text(language()), errors=_fault_lines(error)
    )


def _fault_lines(error: BuildingmapError) -> list[dict[str, str]]:
    if not isinstance(error, PlanError):
        lines = error.text(language()).splitlines()
        return [{"entry": "", "label": "", "said": line} for line in lines]
    district, lang = snapshot().district, language()
    return [
        {
            **each,
            "label": entry_text(each["entry"], district, lang),
            "said": _said(each["found"], each["expected"]),
        }
        for each in plan_faults(error, lang)
    ]


def _said(found: str, expected: str) -> str:
    if not found:
        return text("expected %(expected)s", expected=expected)
    return text("found %(found)s, expected %(expected)s", found=found, expected=expected)


def _choices(towers: Snapshot) -> dict[str, Any]:
    """Return what the form chooses from."""
    lang, district = language(), towers.district
    return {
        "sectors": [(sector.id, sector.label(lang)) for sector in district.sectors],
        "clusters": [(cluster.id, cluster.label(lang)) for cluster in district.clusters],
        "criteria": criterion_names(),
        "criterion_ids": CRITERIA,
        "pairs": [(one, other) for at, one in enumerate(CRITERIA) for other in CRITERIA[at + 1 :]],
        "judgements": judgements(),
        "references": [(name, entry_text(f"reference.{name}", district, lang)) for name in REFERENCES],
        "symbols": sector_symbols(district),
        "has_sites": bool(towers.holdings.site_shapes),
        "limits": plan_jobs().limits,
        "zooms": zooms(towers)[1:],
    }


def _of_job(job: PlanJob) -> dict[str, Any]:
    """Return what the templates show of a job: its state, and its answer where there is one."""
    # looked at once: a job may end while its page is written, which would then neither show nor await the answer
    state = job.state
    shown_words: dict[str, Any] = {
        "job": job,
        "unfinished": state in UNFINISHED,
        "cancelled": state == "cancelled",
        "errors": job.errors(language()),
    }
    if state != "done":
        return shown_words
    if job.question.ask == "plan":
        return shown_words | answer_words(job.answer, laid_out(job))
    ask = job.question.ask
    shown_words |= {ask: MORE_WORDS[ask](job.answer, job.snapshot)}
    best: PlanAnswer | None = plan_jobs().known(job.question.of_plan, job.snapshot)
    return shown_words if best is None else shown_words | answer_words(best, laid_out(job))
