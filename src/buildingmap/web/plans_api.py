"""Plans over HTTP for programs: a question in, its progress, its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Blueprint, Response, abort, current_app, request
from werkzeug.exceptions import BadRequest

from buildingmap.placement import (
    ASKS,
    WHOLE_NUMBERS,
    PlanError,
    PlanFault,
    Question,
    default_plan,
    one_of,
    plan_of,
    plan_schema,
)
from buildingmap.web.languages import language
from buildingmap.web.operations import JSON
from buildingmap.web.plan_jobs import PLAN_ID_LENGTH, PlanJob, PlanJobs, PlanLimits
from buildingmap.web.plan_operations import SCHEMA_JSON
from buildingmap.web.queries import only, read_query
from buildingmap.web.state import snapshot
from buildingmap.web.visitors import visitor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

    from buildingmap.placement import PlanFile

plans_api = Blueprint("plans_api", __name__)
EXTENSION: Final = "buildingmap_plans"
# of this length only, so that no other address under it is taken for a plan
_PLAN: Final = f"/api/plans/<string(length={PLAN_ID_LENGTH}):plan_id>"
_TEXTS: Final = ("ask", "site", "sector", "one", "other")
_ENTRIES: Final = ("plan", *_TEXTS, *WHOLE_NUMBERS)
_LONGEST_ID: Final = 64


def init_plans(app: Flask, limits: PlanLimits | None) -> None:
    """Let plans be made within ``limits``."""
    app.extensions[EXTENSION] = PlanJobs(limits)


def plan_jobs() -> PlanJobs:
    """Return the plans of this process."""
    found: PlanJobs = current_app.extensions[EXTENSION]
    return found


def own_plan(plan_id: str) -> PlanJob:
    """Return the visitor's own job; 404 where it is not there, or not theirs."""
    job = plan_jobs().of(plan_id, visitor().name)
    if job is None:
        abort(404, "found no plan of this id: it is another's, or old, or the server was restarted")
    return job


@plans_api.post("/api/plans")
def ask() -> Response:
    """Take a question, and answer it at once where it was answered before."""
    job = plan_jobs().ask(_question(), snapshot(), visitor().name)
    response = job_answer(job, 202 if job.unfinished else 200)
    response.headers["Location"] = f"/api/plans/{job.id}"
    return response


@plans_api.get(_PLAN)
def read(plan_id: str) -> Response:
    """Answer with how far a plan is, and with its answer."""
    return job_answer(own_plan(plan_id))


@plans_api.delete(_PLAN)
def cancel(plan_id: str) -> Response:
    """Stop solving a plan."""
    plan_jobs().cancel(own_plan(plan_id))
    return Response(status=204)


@plans_api.get("/api/plans/schema")
def schema() -> Response:
    """Answer with the JSON Schema of a plan file."""
    only(read_query(request.query_string))
    return Response(orjson.dumps(plan_schema()), content_type=SCHEMA_JSON)


def _question() -> Question:
    try:
        document = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body: found no JSON ({error}), expected an object with a plan") from error
    if not isinstance(document, dict):
        raise BadRequest("the body: found no object, expected one with a plan")
    unknown = [name for name in document if name not in _ENTRIES]
    if unknown:
        raise PlanError("", [PlanFault(unknown[0][:40], "", one_of(_ENTRIES))])
    given = document.get("plan")
    district = snapshot().district
    plan: PlanFile = default_plan(district) if given is None else plan_of(given, "plan", district=district)
    return question_of(
        plan, {name: document[name] for name in _ENTRIES[1:] if document.get(name) is not None}
    )


def question_of(plan: PlanFile, asked: Mapping[str, Any]) -> Question:
    """Return a question about ``plan`` by the entries of a request. Raises PlanError naming the wrong one."""
    for name, value in asked.items():
        if name in WHOLE_NUMBERS:
            low, high = WHOLE_NUMBERS[name]
            if type(value) is not int or not low <= value <= high:
                bounds = f"a whole number from {low} to {high}", f"{low} 至 {high} 的整数"
                raise PlanError("", [PlanFault(name, repr(value)[:60], bounds)])
        elif not isinstance(value, str) or not 1 <= len(value) <= _LONGEST_ID:
            length = "a text of 1 to 64 characters", "1 至 64 个字符的文字"
            raise PlanError("", [PlanFault(name, repr(value)[:60], length)])
    if asked.get("ask", "plan") not in ASKS:
        raise PlanError("", [PlanFault("ask", asked["ask"], one_of(ASKS))])
    return Question(plan, **asked)


def job_answer(job: PlanJob, status: int = 200) -> Response:
    """Answer with a job as it is now."""
    document = {
        "id": job.id,
        "ask": job.question.ask,
        "state": job.state,
        "version": job.snapshot.version,
        "seconds": round(job.seconds, 3),
        "score": job.score,
        "bound": job.bound,
        "gap": job.gap,
        "done": job.done,
        "of": job.of,
        "errors": job.errors(language()),
        "answer": job.answer,
    }
    body = orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)
    response = Response(body, status=status, content_type=JSON)
    response.headers["Cache-Control"] = "no-store"
    return response
