"""The API described for programs: OpenAPI 3.1, made from the same tables that answer."""

from __future__ import annotations

from importlib.metadata import version as version_of
from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Blueprint, Response, request

from buildingmap.filters.parameters import SORT_FIELDS
from buildingmap.filters.parse import choices
from buildingmap.web.caching import answer
from buildingmap.web.operations import LANG, OPENAPI, OPERATIONS, Operation
from buildingmap.web.problems import PROBLEM_TYPE
from buildingmap.web.queries import only, read_query
from buildingmap.web.schemas import Schema, components, ref
from buildingmap.web.state import answers, snapshot

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
        "paths": {operation.path: {"get": _get(operation, district)} for operation in OPERATIONS},
        "components": {"schemas": components(district), "headers": _HEADERS},
    }


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


def _get(operation: Operation, district: District) -> dict[str, Any]:
    parameters = [_parameter(parameter, district) for parameter in operation.parameters]
    if operation.in_path:
        parameters.insert(
            0,
            {
                "name": operation.in_path,
                "in": "path",
                "required": True,
                "description": "the tower's id",
                "schema": {"type": "string", "minLength": 1, "maxLength": 64},
            },
        )
    return {
        "operationId": operation.name,
        "summary": operation.en,
        "parameters": parameters,
        "responses": _responses(operation),
    }


def _responses(operation: Operation) -> dict[str, Any]:
    schema: Schema = ref(operation.schema) if operation.schema else {}
    own = "Content-Disposition" if operation.is_file else "ETag"
    responses: dict[str, Any] = {
        "200": {
            "description": operation.en,
            "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in (own, "Cache-Control")},
            "content": {operation.content_type: {"schema": schema}},
        },
        "400": _problem("A parameter is wrong; errors names each one"),
    }
    if not operation.is_file:
        responses["304"] = {"description": "The reader has this answer already"}
    if operation.in_path:
        responses["404"] = _problem("No tower has this id")
    return responses


def _problem(words: str) -> dict[str, Any]:
    return {"description": words, "content": {PROBLEM_TYPE: {"schema": ref("Problem")}}}


def _parameter(parameter: Parameter, district: District) -> dict[str, Any]:
    schema = parameter_schema(parameter, district)
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": "query",
        "description": parameter.en,
        "allowEmptyValue": True,
        "schema": schema,
    }
    if schema["type"] == "array":
        described |= {"style": "form", "explode": False}
    return described


def parameter_schema(parameter: Parameter, district: District) -> Schema:
    """Return what values a parameter takes, as JSON Schema."""
    if parameter is LANG:
        return {"type": "string", "enum": ["zh", "en"]}
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
