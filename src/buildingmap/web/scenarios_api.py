"""Saved scenarios over HTTP: listed, read, made again beside the requests, and as files to keep."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

import orjson
from flask import Blueprint, Response, abort, current_app, request

from buildingmap.filters import FilterError, ParameterFault
from buildingmap.map.scenario_files import note_of, scenario_file
from buildingmap.placement import site_shapes
from buildingmap.placement.scenarios import kept_scenario, kept_scenarios, scenario_document
from buildingmap.registry import UnknownRecordError
from buildingmap.web.downloads import content_disposition
from buildingmap.web.languages import language
from buildingmap.web.operations import EXCEL, GEOJSON, JSON, WORD
from buildingmap.web.queries import one_of, only, read_query
from buildingmap.web.scenario_operations import MOST_SCENARIOS
from buildingmap.web.scenario_reruns import RerunJob, RerunJobs
from buildingmap.web.state import snapshot, state, store
from buildingmap.web.visitors import visitor

if TYPE_CHECKING:
    from collections.abc import Sequence

    import shapely
    from flask import Flask

    from buildingmap.map.scenario_files import Form
    from buildingmap.model import Lang
    from buildingmap.placement.scenarios import Kept, Scenario

scenarios_api = Blueprint("scenarios_api", __name__)
EXTENSION: Final = "buildingmap_reruns"
_CONTENT_TYPES: Final[dict[Form, str]] = {"geojson": GEOJSON, "xlsx": EXCEL, "docx": WORD}
_ONE: Final = ("scenario", "规划方案", "plan")
_SEVERAL: Final = ("scenarios", "规划方案比较", "plans compared")


def init_scenarios(app: Flask) -> None:
    """Give the application a place for scenarios that are being made again."""
    app.extensions[EXTENSION] = RerunJobs()


def jobs() -> RerunJobs:
    """Return the jobs of this process."""
    found: RerunJobs = current_app.extensions[EXTENSION]
    return found


@scenarios_api.get("/api/scenarios")
def listing() -> Response:
    """Answer with every saved scenario, the newest first, without its towers."""
    only(read_query(request.query_string), "lang")
    return _json({"scenarios": [kept_json(kept) for kept in kept_scenarios(store())]})


@scenarios_api.get("/api/scenarios/<scenario_id>")
def one(scenario_id: str) -> Response:
    """Answer with one saved scenario in full; its ETag is the row's, for a change."""
    only(read_query(request.query_string), "lang")
    kept = kept_scenario(store(), scenario_id)
    whole = None if kept.scenario is None else orjson.loads(scenario_document(kept.scenario))
    response = _json(kept_json(kept) | {"scenario": whole})
    response.headers["ETag"] = f'"{kept.version}"'
    return response


@scenarios_api.post("/api/scenarios/<scenario_id>/rerun")
def rerun(scenario_id: str) -> Response:
    """Begin to make a scenario again from the version of the registry that it names."""
    kept = kept_scenario(store(), scenario_id)
    scenario = kept.whole
    at = state().past(scenario.registry_version)
    return _json(jobs().start(kept.id, scenario, at, visitor().name).document(), 202)


@scenarios_api.get("/api/scenarios/reruns/<job_id>")
def rerun_state(job_id: str) -> Response:
    """Answer with how far a scenario that is made again is, and what it came to."""
    return _json(_own(job_id).document())


@scenarios_api.delete("/api/scenarios/reruns/<job_id>")
def cancel(job_id: str) -> Response:
    """Stop making a scenario again."""
    jobs().cancel(_own(job_id))
    return Response(status=204)


@scenarios_api.get("/download/scenarios.geojson")
def geojson() -> Response:
    """Answer with one to three scenarios as GeoJSON."""
    return _download("geojson")


@scenarios_api.get("/download/scenarios.xlsx")
def xlsx() -> Response:
    """Answer with one to three scenarios as an Excel workbook."""
    return _download("xlsx")


@scenarios_api.get("/download/scenarios.docx")
def docx() -> Response:
    """Answer with one to three scenarios as a Word report."""
    return _download("docx")


def chosen_scenarios(given: Sequence[str], *, fewest: int = 1) -> list[tuple[Kept, Scenario]]:
    """Return the saved scenarios with these ids, in their order.

    Raises FilterError for a wrong number of them, or one twice; UnknownRecordError; ScenarioError.
    """
    ids = [scenario_id for scenario_id in given if scenario_id]
    if not fewest <= len(ids) <= MOST_SCENARIOS or len(set(ids)) != len(ids):
        expected = f"{fewest} to {MOST_SCENARIOS} scenarios, each once, as in ?id=A&id=B"
        expected_zh = f"{fewest} 至 {MOST_SCENARIOS} 个方案，不重复，例如 ?id=A&id=B"
        raise FilterError((ParameterFault("id", f"{len(ids)}", expected, expected_zh),))
    found = [kept_scenario(store(), scenario_id) for scenario_id in ids]
    return [(kept, kept.whole) for kept in found]


def kept_json(kept: Kept) -> dict[str, Any]:
    """Return a saved scenario without its towers as JSON values; null is what a faulty document does not tell."""
    scenario = kept.scenario
    found = None if scenario is None else scenario.answer
    told = {
        name: getattr(scenario, name, None)
        for name in ("registry_version", "fingerprint", "content", "program")
    }
    told |= {name: getattr(scenario, name, None) for name in ("made_at", "made_by")}
    told |= {
        name: getattr(found, name, None)
        for name in ("synthetic", "kind", "status", "score", "bound", "gap", "candidates")
    }
    row = {
        name: getattr(kept, name) for name in ("id", "title", "version", "changed_at", "changed_by", "fault")
    }
    return row | told | {"towers": None if found is None else len(found.chosen)}


def _own(job_id: str) -> RerunJob:
    job = jobs().of(job_id, visitor().name)
    if job is None:
        abort(
            404,
            "found no scenario being made again under this id: it is another's, or old, or the server new",
        )
    return job


def _download(form: Form) -> Response:
    asked = read_query(request.query_string)
    only(asked, "id", "lang")
    lang = cast("Lang", one_of(asked, "lang", (language(), "zh", "en")))
    found, towers = chosen_scenarios(asked.get("id", [])), snapshot()
    now = datetime.now(UTC).astimezone()
    titled = [(kept.title, scenario) for kept, scenario in found]
    body = scenario_file(
        form,
        titled,
        shapes=[shapes_of(scenario) for _, scenario in found],
        snapshot=towers,
        note=note_of(titled, towers, now=now, lang=lang),
        lang=lang,
    )
    response = Response(body, content_type=_CONTENT_TYPES[form])
    what = _ONE if len(found) == 1 else _SEVERAL
    response.headers["Content-Disposition"] = content_disposition(towers, lang, now, form, what=what)
    response.headers["Cache-Control"] = "no-store"  # the moment of the export is inside
    return response


def shapes_of(scenario: Scenario) -> dict[str, shapely.Geometry]:
    """Return the shapes of a scenario's places as the registry had them then; none where it has no such version."""
    try:
        return site_shapes(state().past(scenario.registry_version))
    except UnknownRecordError:
        return {}


def _json(document: object, status: int = 200) -> Response:
    response = Response(orjson.dumps(document), status=status, content_type=JSON)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = language()
    return response
