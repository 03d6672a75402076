"""The shapes of every answer as JSON Schema, closed: a member that is not described here is a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from buildingmap.analysis import Card, GoalProgress, Matching, Pipeline, Summary
from buildingmap.model import STATUSES, Building
from buildingmap.placement import Alternatives, PlanAnswer, Ranking, Steadiness, TradeOff, WhyNot
from buildingmap.placement.stations import StationsAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.model import District

Schema = dict[str, Any]
PLAN_ANSWERS: Final[tuple[type[Any], ...]] = (PlanAnswer, WhyNot, Alternatives, Ranking, TradeOff, Steadiness)
_ANSWERS: Final[tuple[type[Any], ...]] = (
    Card, Summary, Pipeline, Matching, GoalProgress, StationsAnswer, *PLAN_ANSWERS,
)  # fmt: skip
_COMPONENT: Final = "#/components/schemas/{model}"
_TEXT: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_POSITION: Final[Schema] = {
    "type": "array",
    "prefixItems": [
        {"type": "number", "minimum": -180, "maximum": 180, "description": "longitude, WGS84 degrees"},
        {"type": "number", "minimum": -90, "maximum": 90, "description": "latitude, WGS84 degrees"},
    ],
    "items": False,
    "minItems": 2,
}
_LAYER_POSITION: Final[Schema] = {
    "type": "array",
    "prefixItems": [
        {"type": "number", "description": "longitude in degrees or easting in metres, by the layer's crs"},
        {"type": "number", "description": "latitude in degrees or northing in metres, by the layer's crs"},
    ],
    "items": False,
    "minItems": 2,
}


def ref(name: str) -> Schema:
    """Return a reference to the component ``name``."""
    return {"$ref": _COMPONENT.format(model=name)}


def closed(properties: Schema, *, optional: Sequence[str] = (), **others: Any) -> Schema:
    """Return an object with exactly these members, all of them required but ``optional``."""
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    } | others


def components(district: District) -> Schema:
    """Return every named schema of the API; ids of bands, sectors and clusters are those of ``district``."""
    named = {
        "Feature": closed(_feature()),
        "FeatureCollection": closed(_collection()),
        "Tower": closed(
            _feature() | {"card": ref("Card"), **_about(), "links": {"type": "array", "items": ref("Link")}}
        ),
        "Properties": closed(_properties(district) | _derived(district)),
        "Layer": closed(_layer(), optional=("crs",)),
        "LayerFeature": closed(
            _feature() | {"geometry": ref("LayerGeometry"), "properties": ref("LayerProperties")}
        ),
        "LayerProperties": closed(_properties(district)),
        "Geometry": _geometry(_POSITION),
        "LayerGeometry": _geometry(_LAYER_POSITION),
        "Link": closed(
            {"rel": {"enum": ["self", "next", "prev", "collection"]}, "type": _TEXT, "href": _TEXT}
        ),
        "District": _district(district),
        "PipelineAnswer": closed({**_about(), "filter": _TEXT, "pipeline": ref("Pipeline")}),
        "MatchingAnswer": closed({**_about(), "wishes": _TEXT, "matching": ref("Matching")}),
        "ServiceStationsAnswer": closed({**_about(), "found": ref("StationsAnswer")}),
        "GoalsAnswer": closed(
            {**_about(), "today": _TEXT, "goals": {"type": "array", "items": ref("GoalProgress")}}
        ),
        "Problem": _problem(),
    }
    _, dataclasses = TypeAdapter.json_schemas(
        [(kind.__name__, "serialization", _adapter(kind)) for kind in _ANSWERS],
        ref_template=_COMPONENT,
    )
    return named | {name: _tight(schema) for name, schema in dataclasses["$defs"].items()}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """Return the adapter of an answer; what its room imports for types alone, pydantic looks for in this function."""
    from buildingmap.placement import Comparison, Taken, Term, WeightRange  # noqa: F401, PLC0415
    from buildingmap.placement.criterion import Criterion  # noqa: F401, PLC0415
    from buildingmap.placement.solver.solving import Status  # noqa: F401, PLC0415

    return TypeAdapter(kind)


def _about() -> Schema:
    return {
        "title": _TEXT,
        "synthetic": {"type": "boolean"},
        "source": _TEXT,
        "as_of": _TEXT,
        "version": _TEXT,
    }


def _feature() -> Schema:
    return {
        "type": {"const": "Feature"},
        "id": {"type": "string", "minLength": 1, "maxLength": 64},
        "geometry": ref("Geometry"),
        "properties": ref("Properties"),
    }


def _collection() -> Schema:
    return {
        "type": {"const": "FeatureCollection"},
        **_about(),
        "filter": {"type": "string", "description": "the filter as a query, canonical"},
        "year": {"type": ["integer", "null"]},
        "numberMatched": _COUNT,
        "numberReturned": _COUNT,
        "links": {"type": "array", "items": ref("Link"), "minItems": 1, "maxItems": 3},
        "features": {"type": "array", "items": ref("Feature")},
    }


def _geometry(position: Schema) -> Schema:
    ring = {"type": "array", "items": position, "minItems": 4}
    polygon = {"type": "array", "items": ring, "minItems": 1}
    polygons = {"type": "array", "items": polygon, "minItems": 1}
    coordinates = {"Point": position, "Polygon": polygon, "MultiPolygon": polygons}
    return {
        "oneOf": [closed({"type": {"const": kind}, "coordinates": of}) for kind, of in coordinates.items()]
    }


def _properties(district: District) -> Schema:
    schema = Building.model_json_schema(mode="serialization", ref_template=_COMPONENT)
    properties: Schema = {name: _tight(entry) for name, entry in schema["properties"].items()}
    properties["id"].pop("pattern")  # Python's letters are more than ECMAScript's
    sectors, clusters = _ids(district.sectors), _ids(district.clusters)
    record = _tight(schema["$defs"]["TaxRecord"])
    return properties | {
        "cluster": {"enum": [*clusters, None]},
        "sector": {"enum": [*sectors, None]},
        "sectors": {"type": "array", "items": {"enum": sectors}, "uniqueItems": True},
        "tax_history": {"type": "array", "items": record},
    }


def _derived(district: District) -> Schema:
    return {
        "band": {"enum": [*_ids(district.bands), None], "description": "derived from tax_yuan"},
        "past_mark": {"type": ["boolean", "null"], "description": "whether tax_yuan is at least the mark"},
    }


def _layer() -> Schema:
    return {
        "type": {"const": "FeatureCollection"},
        "crs": closed({"type": {"const": "name"}, "properties": closed({"name": _TEXT})}),
        **_about(),
        "filter": _TEXT,
        "exported_at": {"type": "string", "format": "date-time"},
        "about": {"type": "object", "additionalProperties": _TEXT},
        "features": {"type": "array", "items": ref("LayerFeature")},
    }


def _ids(entries: Sequence[Any]) -> list[str]:
    return [entry.id for entry in entries]


def _tight(schema: Any) -> Any:
    """Close what pydantic leaves open: serialised, every member is there and no other is."""
    if isinstance(schema, list):
        return [_tight(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    if "properties" in schema:
        members = {name: _tight(entry) for name, entry in schema["properties"].items()}
        words = {"description": schema["description"]} if "description" in schema else {}
        return closed(members, **words)
    return {name: _tight(entry) for name, entry in schema.items() if name not in {"title", "default"}}


def _district(district: District) -> Schema:
    both = {"zh": _TEXT, "en": _TEXT}
    named = {"type": "array", "items": closed({"id": _TEXT, **both}), "minItems": 1}
    return closed(
        {
            "name": closed(both),
            "envelope": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4},
            "mark_yuan": {"const": district.mark_yuan},
            "note": {"anyOf": [closed(both), {"type": "null"}]},
            "bands": {
                "type": "array",
                "items": closed({"id": _TEXT, **both, "min_yuan": {"type": "number", "minimum": 0}}),
                "minItems": 1,
            },
            "sectors": named,
            "clusters": named,
            "statuses": {"const": list(STATUSES)},
            "years": {"type": "array", "items": {"type": "integer"}},
            "year_in_force": {"type": ["integer", "null"]},
            "coverage": {
                "type": "array",
                "items": closed(
                    {
                        "year": {"type": "integer"},
                        "reported": _COUNT,
                        "standing": _COUNT,
                        "complete": {"type": "boolean"},
                        "counts": {"type": "boolean"},
                    }
                ),
            },
            "version": _TEXT,
        }
    )


def _problem() -> Schema:
    fault = closed({"parameter": _TEXT, "found": _TEXT, "expected": _TEXT})
    return closed(
        {
            "type": {"type": "string", "format": "uri-reference"},
            "title": _TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": _TEXT,
            "instance": _TEXT,
            "errors": {"type": "array", "items": fault, "minItems": 1},
        },
        optional=("errors",),
    )
