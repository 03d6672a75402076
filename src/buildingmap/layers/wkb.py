"""Shapes out of well-known binary, as Shapefiles and GeoPackages yield them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from buildingmap.layers.findings import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from buildingmap.layers.findings import Findings
    from buildingmap.layers.limits import Limits
    from buildingmap.model.faults import Place

_ACCEPTED: Final = frozenset({"Point", "Polygon", "MultiPolygon"})
_NAMES: Final = {2: "LineString", 4: "MultiPoint", 5: "MultiLineString", 7: "GeometryCollection"}
_TYPES: Final = {1: "Point", 3: "Polygon", 6: "MultiPolygon", **_NAMES}
_HEADER_BYTES: Final = 5


def shapes_from_wkb(
    blobs: Sequence[bytes | None],
    places: Sequence[Place],
    ids: Sequence[str],
    *,
    limits: Limits,
    findings: Findings,
) -> NDArray[np.object_]:
    """Make flat shapes, object[n], of WKB; None, and a fault, where there is none or it is of another kind.

    Heights and measures are left out with one warning.
    """
    accepted = [_kind(blob) in _ACCEPTED if blob is not None else False for blob in blobs]
    usable = [blob if good else None for blob, good in zip(blobs, accepted, strict=True)]
    shapes = np.array(shapely.from_wkb(usable, on_invalid="ignore"), dtype=object).reshape(len(blobs))
    if _too_large(shapes, limits, findings):
        return np.full(len(blobs), None, dtype=object)
    if bool(np.any(shapely.has_z(shapes))) or bool(np.any(shapely.has_m(shapes))):
        findings.warn("height_dropped")
    shapes = shapely.force_2d(shapes)
    for row, blob in enumerate(blobs):
        refusal = _refusal(blob, shapes[row], accepted=accepted[row])
        if refusal is not None:
            code, found = refusal
            findings.fault(code, place=places[row], building_id=ids[row], name="geometry", found=found)
            shapes[row] = None
        if findings.full:
            break
    return shapes


def _kind(blob: bytes) -> str:
    if len(blob) < _HEADER_BYTES or blob[0] > 1:
        return "no WKB"
    number = int.from_bytes(blob[1:5], "little" if blob[0] else "big") & 0x0FFFFFFF
    return _TYPES.get(number % 1000, f"WKB type {number}")


def _too_large(shapes: NDArray[np.object_], limits: Limits, findings: Findings) -> bool:
    counts = shapely.get_num_coordinates(shapes)
    if int(np.sum(counts)) > limits.vertices:
        findings.fault("vertices_limit", found=int(np.sum(counts)), limit=limits.vertices)
    elif int(np.max(counts, initial=0)) > limits.vertices_of_shape:
        findings.fault("shape_vertices_limit", found=int(np.max(counts)), limit=limits.vertices_of_shape)
    else:
        return False
    return True


def _refusal(blob: bytes | None, shape: BaseGeometry | None, *, accepted: bool) -> tuple[str, Shown] | None:
    if blob is None:
        return "shape_missing", Shown("null")
    if not accepted:
        return "geometry", Shown(_kind(blob))
    if shape is None:
        return "ring", Shown("rings that are cut short or not closed", "环不完整或未闭合")
    if shape.is_empty:
        return "shape_missing", Shown("an empty shape", "空图形")
    return None if np.isfinite(shapely.get_coordinates(shape)).all() else ("positions", Shown("nan or inf"))
