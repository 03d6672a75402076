"""The layer as JSON Schema, made from the model that checks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from buildingmap.model.building import Building

if TYPE_CHECKING:
    from buildingmap.model.district import District

LARGEST_ID_NUMBER: Final = 10**15
# control characters, line separators, marks that turn the direction of text, halves of surrogate pairs; white
# space at either end
_NOT_ONE_LINE: Final = (
    r"[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
    r"|^\s|\s$"
)
# In JavaScript \w is ASCII and in Python \p is unknown: so the pattern is exact in ASCII and open beyond it.
_IDENTIFIER: Final = r"^[^\s\u0000-,/;-@\[-^`{-\u00a0]+$"
_DAY: Final = {"pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "maxLength": 10}
_ABOUT: Final = {"type": "string", "maxLength": 300, "not": {"pattern": _NOT_ONE_LINE}}
_POSITION: Final = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 3}
_RING: Final = {"type": "array", "items": {"$ref": "#/$defs/Position"}, "minItems": 4}
_POLYGON: Final = {"type": "array", "items": {"$ref": "#/$defs/Ring"}, "minItems": 1}


def layer_schema(district: District) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a layer: a GeoJSON FeatureCollection of towers.

    Sectors and clusters are the district's own: ids, labels and aliases. Reading is more lenient in one thing,
    the case and width of their letters, and stricter in those that a schema cannot say: figures held against
    each other, ids that differ, days of the calendar, rings that close and do not cross, where a tower lies,
    and signs beyond ASCII in an id, which have to be letters or digits.
    """
    model = Building.model_json_schema(ref_template="#/$defs/{model}")
    definitions = model.pop("$defs")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{district.name['en']}: towers",
        "type": "object",
        "required": ["type", "features"],
        "properties": {
            "type": {"const": "FeatureCollection"},
            "synthetic": {"type": "boolean"},
            "title": {"anyOf": [_ABOUT, {"type": "null"}]},
            "source": {"anyOf": [_ABOUT, {"type": "null"}]},
            "as_of": {"anyOf": [_ABOUT, {"type": "null"}]},
            "features": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Feature"}},
        },
        "$defs": {
            "Feature": _feature(),
            "Id": _identifier(model),
            "Properties": _properties(model, district),
            "Position": _POSITION,
            "Ring": _RING,
            **{name: _one_line_texts(definition) for name, definition in definitions.items()},
        },
    }


def _feature() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "properties", "geometry"],
        "anyOf": [{"required": ["id"]}, {"properties": {"properties": {"required": ["id"]}}}],
        "properties": {
            "type": {"const": "Feature"},
            "id": {"anyOf": [{"$ref": "#/$defs/Id"}, {"type": "null"}]},
            "properties": {"$ref": "#/$defs/Properties"},
            "geometry": {
                "oneOf": [
                    _geometry("Point", {"$ref": "#/$defs/Position"}),
                    _geometry("Polygon", _POLYGON),
                    _geometry("MultiPolygon", {"type": "array", "items": _POLYGON, "minItems": 1}),
                ]
            },
        },
    }


def _geometry(kind: str, coordinates: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": {"type": {"const": kind}, "coordinates": coordinates},
    }


def _properties(model: dict[str, Any], district: District) -> dict[str, Any]:
    schema: dict[str, Any] = _one_line_texts(model)
    properties = schema["properties"]
    sectors, clusters = _spellings(district.sectors), _spellings(district.clusters)
    properties["id"] = {"$ref": "#/$defs/Id"}
    properties["cluster"] = {"enum": [*clusters, None]}
    properties["sector"] = {"enum": [*sectors, None]}
    properties["sectors"] |= {"items": {"enum": sectors}, "uniqueItems": True}
    for name in ("status", "sectors", "tax_history"):
        properties[name] = {"anyOf": [properties[name], {"type": "null"}]}
    for name in ("band", "past_mark"):
        properties[name] = {"description": "Derived from the tax; ignored when read."}
    # what the contract does not know is left out with a warning, not refused
    return schema | {"additionalProperties": True, "required": ["name"]}


def _identifier(model: dict[str, Any]) -> dict[str, Any]:
    number = {"type": "integer", "minimum": -LARGEST_ID_NUMBER, "maximum": LARGEST_ID_NUMBER}
    text = _one_line_texts(model["properties"]["id"]) | {"pattern": _IDENTIFIER}
    return {"anyOf": [text, number], "description": "No other tower's; a whole number is read as text."}


def _spellings(entries: Any) -> list[str]:
    return list(
        dict.fromkeys(text for entry in entries for text in (entry.id, entry.zh, entry.en, *entry.aliases))
    )


def _one_line_texts(schema: Any) -> Any:
    """Add to every text what a validator of the model refuses: more than one line; and to every day its form."""
    if isinstance(schema, list):
        return [_one_line_texts(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    own = {name: _one_line_texts(value) for name, value in schema.items() if name != "title"}
    if own.get("type") == "string" and "enum" not in own:
        own |= _DAY if own.get("format") == "date" else {"not": {"pattern": _NOT_ONE_LINE}}
    return own
