"""The API described for people: a page written by the server, which loads nothing from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, redirect, render_template, request

from buildingmap.web.import_operations import IMPORT_OPERATIONS
from buildingmap.web.languages import language
from buildingmap.web.openapi import parameter_schema
from buildingmap.web.operations import OPERATIONS, Operation
from buildingmap.web.plan_operations import PLAN_OPERATIONS
from buildingmap.web.problems import PROBLEMS
from buildingmap.web.queries import only, read_query
from buildingmap.web.record_operations import RECORD_OPERATIONS
from buildingmap.web.scenario_operations import SCENARIO_OPERATIONS
from buildingmap.web.site_operations import SITE_OPERATIONS
from buildingmap.web.state import snapshot
from buildingmap.web.stations_operations import STATION_OPERATIONS

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from buildingmap.filters import Parameter
    from buildingmap.model import District
    from buildingmap.snapshot import Snapshot

_ALL: Final = (
    *OPERATIONS,
    *SITE_OPERATIONS,
    *STATION_OPERATIONS,
    *SCENARIO_OPERATIONS,
    *RECORD_OPERATIONS,
    *IMPORT_OPERATIONS,
    *PLAN_OPERATIONS,
)
api_docs = Blueprint("api_docs", __name__)


@api_docs.get("/api")
@api_docs.get("/api/")
def start() -> ResponseReturnValue:
    """Lead to the documentation."""
    only(read_query(request.query_string), "lang")
    query = request.query_string.decode("ascii")
    return redirect(f"/api/docs?{query}" if query else "/api/docs")


@api_docs.get("/api/docs")
def docs() -> str:
    """Show every operation, parameter and answer."""
    only(read_query(request.query_string), "lang")
    towers = snapshot()
    return render_template(
        "api.html",
        operations=[_operation(operation, towers) for operation in _ALL],
        problems=[
            {
                "anchor": problem.anchor,
                "status": problem.status,
                "title": problem.title,
                "words": _words(problem),
            }
            for problem in PROBLEMS
        ],
    )


def _words(named: Any) -> str:
    words: str = named.en if language() == "en" else named.zh
    return words


def _operation(operation: Operation, towers: Snapshot) -> dict[str, Any]:
    examples = list(operation.examples)
    if "{building_id}" in operation.path and towers.ids:
        first = operation.path.replace("{building_id}", towers.ids[towers.figures().order[0]])
        examples = [first, *examples]
    return {
        "path": operation.path,
        "method": operation.method.upper(),
        "success": operation.success,
        "body": operation.body,
        "if_match": operation.if_match,
        "name": operation.name,
        "words": _words(operation),
        "content_type": operation.content_type,
        "schema": operation.schema,
        "parameters": [_parameter(parameter, towers.district) for parameter in operation.parameters],
        "examples": examples,
    }


def _parameter(parameter: Parameter, district: District) -> dict[str, Any]:
    schema = parameter_schema(parameter, district)
    grouping = "" if parameter.name == "year" else ","  # 2023 is a year, 2,023 a number
    bounds = [f"{schema[name]:{grouping}.0f}" for name in ("minimum", "maximum") if name in schema]
    return {
        "name": parameter.name,
        "words": _words(parameter),
        "type": schema["type"],
        "bounds": "–".join(bounds),
        "choices": schema.get("enum") or schema.get("items", {}).get("enum", ()),
    }
