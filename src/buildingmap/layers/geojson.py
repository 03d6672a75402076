"""A GeoJSON FeatureCollection (RFC 7946), read without GDAL and without following anything."""

from __future__ import annotations

import codecs
import json
import math
from typing import TYPE_CHECKING, Any, Final

from buildingmap.layers import strictjson
from buildingmap.layers.checked import LayerAbout
from buildingmap.layers.crsnames import crs_of_geojson
from buildingmap.layers.findings import Shown
from buildingmap.layers.notes import ABOUT_LENGTH
from buildingmap.layers.positions import shapes_from_geojson
from buildingmap.layers.raw import RawLayer, RawRow
from buildingmap.model.building import is_one_line
from buildingmap.model.faults import Place
from buildingmap.model.schema import LARGEST_ID_NUMBER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildingmap.layers.findings import Findings
    from buildingmap.layers.limits import Limits

_MOST_NAMES: Final = 5
_LONGEST_STATEMENT: Final = 300
_OWN_MEMBERS: Final = frozenset({"type", "features", "crs", "title", "source", "as_of", "synthetic"})
_NOT_UTF8: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_Features = list[tuple[Place, dict[str, Any]]]


def read_geojson(data: bytes, *, limits: Limits, findings: Findings) -> RawLayer | None:
    """Read the bytes of a GeoJSON file; None, and faults, where it is no FeatureCollection at all."""
    text = _text(data, findings)
    if text is None:
        return None
    deep = strictjson.depth(data)
    if deep > limits.nesting:
        findings.fault("json_depth", found=deep, limit=limits.nesting)
        return None
    del data
    try:
        parsed = strictjson.parse(text)
    except json.JSONDecodeError as error:
        found = Shown(
            f"{error.msg} (line {error.lineno}, column {error.colno})",
            f"第 {error.lineno} 行第 {error.colno} 列无法解析",
        )
        findings.fault("json", found=found)
        return None
    return _collection(parsed, limits, findings)


def _text(data: bytes, findings: Findings) -> str | None:
    if data.startswith(_NOT_UTF8):
        findings.fault("utf8", found=Shown("UTF-16"))
        return None
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raw = data[error.start : error.start + 4].hex(" ")
        found = Shown(f"the bytes {raw} in line {line}", f"第 {line} 行的字节 {raw}")
        findings.fault("utf8", found=found)
        return None


def _collection(parsed: strictjson.ParsedJson, limits: Limits, findings: Findings) -> RawLayer | None:
    value = parsed.value
    if not (isinstance(value, dict) and value.get("type") == "FeatureCollection"):
        kind = value.get("type") if isinstance(value, dict) else value
        findings.fault(
            "feature_collection", found=kind if isinstance(kind, str) else Shown(type(kind).__name__)
        )
        return None
    if not isinstance(value.get("features"), list):
        findings.fault("feature_collection", found=Shown("no list of features", "没有 features 列表"))
        return None
    if len(value["features"]) > limits.rows:
        findings.fault("rows_limit", found=len(value["features"]), limit=limits.rows)
        return None
    crs = crs_of_geojson(value, findings)
    features = _features(value["features"], findings)
    _repeated_names(parsed, features, findings)
    before = len(findings.faults)
    shapes = shapes_from_geojson(
        [(place, _id_text(feature), feature.get("geometry")) for place, feature in features],
        limits=limits,
        findings=findings,
    )
    _numbers(parsed, features, findings, before)
    rows = tuple(
        RawRow(place, _cells(feature, place, findings), shape)
        for (place, feature), shape in zip(features, shapes, strict=True)
    )
    headers = tuple(dict.fromkeys(name for row in rows for name in row.cells))
    return RawLayer("geojson", headers, rows, crs, _about(value, findings), statements=_statements(value))


def _statements(collection: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what members beside the features say in words, and those of objects among them."""
    members = [entry for entry in collection.items() if entry[0] not in _OWN_MEMBERS]
    members += [entry for _, value in members if isinstance(value, dict) for entry in value.items()]
    return tuple(f"{name}: {value}"[:_LONGEST_STATEMENT] for name, value in members if isinstance(value, str))


def _features(values: list[Any], findings: Findings) -> _Features:
    found: _Features = []
    for number, value in enumerate(values, start=1):
        place = Place("feature", number)
        good = (
            isinstance(value, dict)
            and value.get("type") == "Feature"
            and isinstance(value.get("properties"), dict)
        )
        if good:
            found.append((place, value))
        else:
            kind = value.get("type") if isinstance(value, dict) else value
            findings.fault(
                "feature",
                place=place,
                found=Shown("no properties", "没有 properties") if kind == "Feature" else kind,
            )
        if findings.full:
            break
    return found


def _id_text(feature: Mapping[str, Any]) -> str:
    value = feature["properties"].get("id", feature.get("id"))
    return str(value)[:64] if isinstance(value, str | int) else ""


def _cells(feature: Mapping[str, Any], place: Place, findings: Findings) -> dict[str, Any]:
    cells: dict[str, Any] = feature["properties"]
    inside, outside = cells.get("id"), feature.get("id")
    if "id" not in cells and outside is not None:
        cells["id"] = inside = outside
    elif outside is not None and str(inside) != str(outside):
        findings.fault(
            "both_ids", place=place, building_id=_id_text(feature), name="id", found=outside, id=inside
        )
    if inside is not None and _is_id_number(inside):
        cells["id"] = str(int(inside))
    return cells


def _is_id_number(value: Any) -> bool:
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    return whole and abs(value) <= LARGEST_ID_NUMBER


def _repeated_names(parsed: strictjson.ParsedJson, features: _Features, findings: Findings) -> None:
    """Report names that stand twice: where they stand in a feature, else as the file's own fault."""
    if not parsed.repeated:
        return
    unplaced = {id(entry): entry for entry in parsed.repeated}
    for place, feature in features:
        for part in _objects(feature):
            if unplaced.pop(id(part), None) is not None:
                _repeated(part, place, _id_text(feature), findings)
    for entry in unplaced.values():
        _repeated(entry, Place(), "", findings)


def _numbers(parsed: strictjson.ParsedJson, features: _Features, findings: Findings, before: int) -> None:
    """Report NaN and infinities: where they stand in a feature, else as the file's own fault.

    ``before`` is how many faults there were before the positions were looked at, which may have told of them.
    """
    if not parsed.constants:
        return
    for place, feature in features:
        _constants(feature, place, findings)
    if len(findings.faults) == before:
        findings.fault("json_number", found=Shown(parsed.constants[0]))


def _repeated(entry: strictjson.Repeated, place: Place, building_id: str, findings: Findings) -> None:
    for name in entry.names[:_MOST_NAMES]:
        findings.fault("json_repeated", place=place, building_id=building_id, name=name, found=name)


def _constants(feature: Mapping[str, Any], place: Place, findings: Findings) -> None:
    properties = feature["properties"]
    for name, value in properties.items():
        if isinstance(value, float) and not math.isfinite(value):
            findings.fault("json_number", place=place, building_id=_id_text(feature), name=name, found=value)
            properties[name] = None  # one line for one cell: the model need not refuse it again


def _objects(feature: Mapping[str, Any]) -> list[Any]:
    parts = [feature, feature.get("geometry"), feature["properties"]]
    for entry in feature["properties"].values():
        parts.extend(entry if isinstance(entry, list) else [entry])
    return parts


def _about(value: Mapping[str, Any], findings: Findings) -> LayerAbout:
    synthetic = value.get("synthetic", False)
    if not isinstance(synthetic, bool):
        findings.fault("synthetic_flag", name="synthetic", found=synthetic)
    texts = {name: _about_text(value, name, findings) for name in ("title", "source", "as_of")}
    return LayerAbout(synthetic=synthetic is True, **texts)


def _about_text(value: Mapping[str, Any], name: str, findings: Findings) -> str:
    text = value.get(name)
    if text is None:
        return ""
    if isinstance(text, str) and is_one_line(text) and len(text) <= ABOUT_LENGTH:
        return text
    findings.fault("about_text", name=name, found=text)
    return ""
