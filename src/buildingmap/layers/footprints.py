"""Whether a footprint's rings make one: validity, mending that changes no area, size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from buildingmap.layers.findings import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely import MultiPolygon, Polygon

    from buildingmap.crs import MetricSystem
    from buildingmap.layers.findings import Findings
    from buildingmap.layers.raw import RawRow

SMALLEST_M2: Final = 1.0
LARGEST_M2: Final = 1_000_000.0
_SAME_AREA: Final = 1e-9
# the reasons that GEOS gives
_CHINESE: Final = {
    "Self-intersection": "自相交",
    "Ring Self-intersection": "环自相交",
    "Hole lies outside shell": "洞在外环之外",
    "Holes are nested": "洞互相嵌套",
    "Nested shells": "外环互相嵌套",
    "Duplicate Rings": "环重复",
    "Interior is disconnected": "内部不连通",
    "Too few points in geometry component": "坐标点过少",
}


def checked_footprints(
    shapes: NDArray[np.object_],
    rows: Sequence[RawRow],
    ids: Sequence[str],
    *,
    metric: MetricSystem,
    findings: Findings,
) -> NDArray[np.object_]:
    """Return WGS84 ``shapes`` (object[n], None where refused before) as they may be used; None where refused.

    An invalid footprint is mended where the rings' own area, in ``metric``, stays the same to 1e-9, and warned
    about; otherwise it is refused, as is one smaller than 1 m² or larger than 1 km².
    """
    result = shapes.copy()
    there = np.flatnonzero([shape is not None for shape in shapes])
    polygons = there[np.isin(shapely.get_type_id(shapes[there]), (3, 6))] if len(there) else there
    if not len(polygons):
        return result
    in_metres = metric.shapes(shapes[polygons])
    areas = shapely.area(in_metres)
    for position in np.flatnonzero(~shapely.is_valid(in_metres)):
        row = polygons[position]
        where = {"place": rows[row].place, "building_id": ids[row], "name": "geometry"}
        reason = _reason(shapes[row])
        whole = mended(in_metres[position])
        if whole is None:
            findings.fault("shape_valid", found=reason, **where)
            result[row] = None
            continue
        findings.warn("shape_mended", found=reason, **where)
        result[row] = metric.shapes_to_wgs84(np.array([whole], dtype=object))[0]
        areas[position] = whole.area
    for position in np.flatnonzero(~((areas >= SMALLEST_M2) & (areas <= LARGEST_M2))):
        row = polygons[position]
        if result[row] is not None:
            findings.fault(
                "footprint_area",
                place=rows[row].place,
                building_id=ids[row],
                name="geometry",
                found=Shown(f"{areas[position]:,.2f} m²", f"{areas[position]:,.2f} 平方米"),
            )
            result[row] = None
    return result


def _reason(shape: shapely.Geometry) -> Shown:
    reason = str(shapely.is_valid_reason(shape))
    name, bracket, place = reason.partition("[")
    return Shown(reason, _CHINESE.get(name, name) + bracket + place)


def mended(footprint: Polygon | MultiPolygon) -> Polygon | MultiPolygon | None:
    """Return a valid footprint of the same area, or None where there is none.

    The area to keep is what the rings say: each shell's less its holes', summed. A bowtie, a hole outside its
    shell or parts that overlap change it when mended, and so are not mended.
    """
    parts = shapely.get_parts(footprint)
    expected = sum(
        shapely.Polygon(part.exterior).area - sum(shapely.Polygon(hole).area for hole in part.interiors)
        for part in parts
    )
    whole = shapely.make_valid(footprint, method="structure", keep_collapsed=False)
    if not isinstance(whole, shapely.Polygon | shapely.MultiPolygon) or whole.is_empty or not whole.is_valid:
        return None
    return whole if abs(whole.area - expected) <= _SAME_AREA * max(expected, whole.area) else None
