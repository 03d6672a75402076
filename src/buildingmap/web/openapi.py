"""The API described for programs: OpenAPI 3.1, made from the same tables that answer."""

from __future__ import annotations

import re
from http import HTTPStatus
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Blueprint, Response, request

from buildingmap.crs import DATUMS, code_of
from buildingmap.filters.parameters import OFFICE_LISTS, SORT_FIELDS
from buildingmap.filters.parse import choices
from buildingmap.registry.rows import TABLES
from buildingmap.web.caching import answer
from buildingmap.web.import_operations import IMPORT_OPERATIONS, import_components
from buildingmap.web.operations import CODED_DATUM, DATUM, LANG, OPENAPI, OPERATIONS, Operation
from buildingmap.web.plan_jobs import PLAN_ID_LENGTH
from buildingmap.web.plan_operations import PLAN_OPERATIONS, plan_components
from buildingmap.web.problems import PROBLEM_TYPE
from buildingmap.web.queries import only, read_query
from buildingmap.web.record_operations import RECORD_OPERATIONS
from buildingmap.web.record_schemas import record_components
from buildingmap.web.scenario_operations import SCENARIO_OPERATIONS, scenario_components
from buildingmap.web.schemas import Schema, components, ref
from buildingmap.web.site_operations import SITE_OPERATIONS, site_components
from buildingmap.web.state import answers, snapshot
from buildingmap.web.stations_operations import STATION_CHOICES, STATION_OPERATIONS

if TYPE_CHECKING:
    from buildingmap.filters import Parameter
    from buildingmap.model import District

# no control characters but those that count as white space, which is folded
_ONE_LINE: Final = r"^[^\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f]*$"

openapi = Blueprint("openapi", __name__)


@openapi.get("/api/openapi.json")
def document() -> Response:
    """Answer with the description of the API."""
    towers = snapshot()
    only(read_query(request.query_string))
    return answer(
        answers(),
        lambda: orjson.dumps(description(towers.district)),
        version=towers.version,
        name="openapi",
        canonical="",
        content_type=OPENAPI,
    )


def description(district: District) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document; the choices of its parameters are those of ``district``."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "buildingmap",
            "version": version_of("buildingmap"),
            "summary": "The towers of a district, their tax bands and figures",
            "description": "Money in yuan, areas in m², coordinates in WGS84 degrees (longitude, latitude).",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": _paths(district),
        "components": {
            "schemas": components(district)
            | record_components()
            | import_components()
            | site_components(district)
            | scenario_components()
            | plan_components(),
            "headers": _HEADERS,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "an API token of an account"}
            },
        },
        "security": [{}, {"token": []}],
    }


def _paths(district: District) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for operation in (
        *OPERATIONS,
        *SITE_OPERATIONS,
        *STATION_OPERATIONS,
        *SCENARIO_OPERATIONS,
        *RECORD_OPERATIONS,
        *IMPORT_OPERATIONS,
        *PLAN_OPERATIONS,
    ):
        paths.setdefault(operation.path, {})[operation.method] = _described(operation, district)
    return paths


_HEADERS: dict[str, Any] = {
    "ETag": {
        "description": "a weak tag of this answer; sent back as If-None-Match it saves the transfer",
        "required": True,
        "schema": {"type": "string", "pattern": '^W/"[!-~]+"$'},
    },
    "Cache-Control": {"required": True, "schema": {"type": "string"}},
    "Content-Disposition": {
        "description": "the file's name: plain in filename, in the reader's language in filename*",
        "required": True,
        "schema": {"type": "string", "pattern": '^attachment; filename="[a-z0-9.-]+"; filename\\*=UTF-8'},
    },
}


_IN_PATH: Final[dict[str, tuple[str, Schema]]] = {
    "building_id": ("the tower's id", {"type": "string", "minLength": 1, "maxLength": 64}),
    "table": ("a table of the registry", {"type": "string", "enum": sorted(TABLES)}),
    "row_id": ("the row's id", {"type": "string", "minLength": 1, "maxLength": 64}),
    "plan_id": (
        "the plan's id",
        {"type": "string", "minLength": PLAN_ID_LENGTH, "maxLength": PLAN_ID_LENGTH},
    ),
    "scenario_id": ("a saved scenario's id", {"type": "string", "minLength": 1, "maxLength": 100}),
    "job_id": ("the id of what was begun", {"type": "string", "minLength": 1, "maxLength": 64}),
    "key": ("the key of an office list", {"type": "string", "enum": list(OFFICE_LISTS)}),
    "version": ("a version of the registry", {"type": "integer", "minimum": 1, "maximum": 2**53}),
}


def _described(operation: Operation, district: District) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.en,
        "parameters": [
            *_path_parameters(operation),
            *_header_parameters(operation),
            *(_parameter(parameter, district) for parameter in operation.parameters),
        ],
        "responses": _responses(operation),
    }
    if operation.body:
        content = {"application/json": {"schema": ref(operation.body)}}
        described["requestBody"] = {"required": True, "content": content}
    if operation.takes_file:
        described["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
    return described


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    names = re.findall(r"{(\w+)}", operation.path)
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _IN_PATH[name][0],
            "schema": _IN_PATH[name][1],
        }
        for name in names
    ]


def _header_parameters(operation: Operation) -> list[dict[str, Any]]:
    text: Schema = {"type": "string"}
    csrf = {
        "name": "X-CSRF-Token",
        "in": "header",
        "description": "csrf of /api/session; not needed with an API token",
        "schema": text,
    }
    match = {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "the row's ETag as it was read, whatever the encoding",
        "schema": {"type": "string", "pattern": r'^"[0-9]{1,18}(:(zstd|br|gzip))?"$'},
    }
    return [*([match] if operation.if_match else []), *([csrf] if operation.is_change else [])]


def _responses(operation: Operation) -> dict[str, Any]:
    success: dict[str, Any] = {"description": operation.en, "headers": _answer_headers(operation)}
    if operation.success != HTTPStatus.NO_CONTENT:
        schema: Schema = ref(operation.schema) if operation.schema else {}
        success["content"] = {operation.content_type: {"schema": schema}}
    good = (operation.success, *(status for status in operation.also if status < HTTPStatus.BAD_REQUEST))
    responses = {str(status): success for status in good} | {
        str(status): _problem(words) for status, words in _WRONG.items() if _may_be(status, operation)
    }
    if not (operation.is_file or operation.is_live or operation.is_change):
        responses["304"] = {"description": "The reader has this answer already"}
    return responses


_WRONG: Final = {
    400: "A parameter or the body is wrong; errors names each parameter",
    401: "Nobody has signed in, and this is not for the public",
    403: "This is not for the visitor's role, or the request does not come from this server's own page",
    404: "There is no such tower, row or version",
    412: "The row has changed since it was read; current holds what it is now",
    422: "The values do not pass the check; faults names each field",
    428: "If-Match is missing",
    429: "Too many plans are under way; Retry-After says when to try again",
    503: "The registry cannot be written now",
}


def _may_be(status: int, operation: Operation) -> bool:
    """Return whether an operation may answer with a problem of this status."""
    if status in {412, 428}:
        return operation.if_match
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return status in operation.also
    if status in {422, 503}:
        return operation.is_change
    return status != HTTPStatus.NOT_FOUND or "{" in operation.path or operation.is_live


def _answer_headers(operation: Operation) -> dict[str, Any]:
    if operation.is_live or operation.is_change:
        return {}
    own = "Content-Disposition" if operation.is_file else "ETag"
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (own, "Cache-Control")}


def _problem(words: str) -> dict[str, Any]:
    return {"description": words, "content": {PROBLEM_TYPE: {"schema": ref("Problem")}}}


def _parameter(parameter: Parameter, district: District) -> dict[str, Any]:
    schema = parameter_schema(parameter, district)
    described: dict[str, Any] = {"name": parameter.name, "in": "query", "description": parameter.en}
    if parameter.most is not None:
        many = {"type": "array", "items": schema | {"minLength": 1}, "minItems": 1, "uniqueItems": True}
        schema = many | {"maxItems": parameter.most}
        return described | {"required": True, "style": "form", "explode": True, "schema": schema}
    described |= {"allowEmptyValue": True, "schema": schema}
    if schema["type"] == "array":
        described |= {"style": "form", "explode": False}
    return described


def datum_schema(*, coded: bool = False) -> Schema:
    """Return how a datum is written: one of crs.DATUMS, of them only the ``coded`` ones, or an EPSG code."""
    words = "|".join(datum for datum in DATUMS if not coded or code_of(datum) is not None)
    return {"type": "string", "pattern": f"^({words}|epsg:[0-9]{{4,6}})$", "examples": ["epsg:4549"]}


def parameter_schema(parameter: Parameter, district: District) -> Schema:
    """Return what values a parameter takes, as JSON Schema."""
    if parameter is LANG:
        return {"type": "string", "enum": ["zh", "en"]}
    if parameter in {DATUM, CODED_DATUM}:
        return datum_schema(coded=parameter is CODED_DATUM)
    if parameter.name in STATION_CHOICES:
        return {"type": "string", "enum": list(STATION_CHOICES[parameter.name])}
    if parameter.kind == "choice":
        return {
            "type": "array",
            "items": {"type": "string", "enum": list(choices(parameter.name, district))},
            "minItems": 1,
        }
    if parameter.kind == "bbox":
        degrees = {"type": "number", "minimum": -180, "maximum": 180}
        return {"type": "array", "items": degrees, "minItems": 4, "maxItems": 4}
    texts: dict[str, Schema] = {
        "day": {"type": "string", "format": "date"},
        "sort": {"type": "string", "enum": [sign + name for name in SORT_FIELDS for sign in ("", "-")]},
        "text": {"type": "string", "maxLength": int(parameter.high or 0), "pattern": _ONE_LINE},
    }
    return texts.get(parameter.kind) or {
        "type": parameter.kind,
        "minimum": parameter.low,
        "maximum": parameter.high,
    }
