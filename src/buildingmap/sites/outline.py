"""The outline of a parcel: one Polygon whose rings do not cross, in the district's reach, of a sensible size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from buildingmap import crs
from buildingmap.layers.coordinates import metres_from_district
from buildingmap.layers.footprints import mended
from buildingmap.model import Expected, Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from buildingmap.model import District, Lang

SMALLEST_M2: Final = 1.0
LARGEST_M2: Final = 10_000_000.0
_MOST_CORNERS: Final = 10_000
_FEWEST_CORNERS: Final = 3
_FIELD: Final = "geometry"


def parcel_of(shape: shapely.Geometry, district: District, *, row_id: str = "") -> shapely.Polygon | Fault:
    """Return a shape (WGS84) as the outline of a parcel, or the one fault that it has.

    A MultiPolygon of one part is its part; of several it is refused, because each is a parcel of its own. An outline
    whose rings touch is mended where that changes no area; one whose rings cross is refused.
    """
    fault = outline_fault(shape, district, row_id=row_id)
    if fault is not None:
        return fault
    whole = _polygon(shape)
    assert whole is not None
    if not shapely.is_valid(whole):
        whole = _mended(whole)
        assert whole is not None
    return shapely.remove_repeated_points(whole)


def outline_of_corners(
    rings: Sequence[Sequence[tuple[float, float]]], datum: crs.Datum, district: District, *, row_id: str = ""
) -> shapely.Polygon | Fault:
    """Return the outline (WGS84) that corners in ``datum`` make, or the one fault that they have.

    ``rings``: the outer one first, then holes, each corner x before y; the last need not repeat the first.
    """
    for ring in rings or [()]:
        if len(set(ring)) < _FEWEST_CORNERS:
            return _fault("ring", f"{len(set(ring))} corners", f"{len(set(ring))} 个角点", row_id)
        if not np.isfinite(np.array(ring)).all():
            return _fault("site_corner", "nan or inf", "nan 或 inf", row_id)
    lonlat = [np.column_stack(crs.to_wgs84(datum, *np.array(ring, dtype=np.float64).T)) for ring in rings]
    if not all(np.isfinite(ring).all() for ring in lonlat):
        x, y = rings[0][0]
        return _fault("site_degrees", f"{x:.8g}, {y:.8g}", f"{x:.8g}, {y:.8g}", row_id)
    whole = shapely.Polygon(lonlat[0], lonlat[1:])
    found = parcel_of(whole, district, row_id=row_id)
    if isinstance(found, Fault) and crs.in_degrees(datum) and _near(lonlat[0][:, ::-1], district):
        return _fault("coordinates_swapped", *_first(whole), row_id)
    return found


def _near(lonlat: NDArray[np.float64], district: District) -> bool:
    """Tell whether every corner, float64[n, 2], lies within the district's reach."""
    if not (np.abs(lonlat) <= (180, 90)).all():
        return False
    away_m = metres_from_district(lonlat[:, 0], lonlat[:, 1], district=district)
    return bool((away_m <= district.far_m).all())


def outline_fault(shape: shapely.Geometry, district: District, *, row_id: str = "") -> Fault | None:
    """Return what keeps a shape (WGS84) from being the outline of a parcel, None where nothing does."""
    kind = _kind_fault(shape, row_id)
    if kind is not None:
        return kind
    whole = _polygon(shape)
    assert whole is not None
    if not np.isfinite(shapely.get_coordinates(whole)).all() or not _in_degrees(whole):
        return _fault("site_degrees", *_first(whole), row_id)
    if not shapely.is_valid(whole) and _mended(whole) is None:
        reason = str(shapely.is_valid_reason(whole)).replace("[", " at ").rstrip("]")
        return _fault("site_shape", reason, _REASONS.get(reason.partition(" at ")[0], reason), row_id)
    return _measured(whole, district, row_id)


def _kind_fault(shape: shapely.Geometry, row_id: str) -> Fault | None:
    """Return what is wrong with a shape that is not one flat polygon of a bearable size."""
    if shapely.is_empty(shape) or shapely.has_z(shape):
        found = ("an empty shape", "空图形") if shapely.is_empty(shape) else ("heights", "高程")
        return _fault("site_shape", *found, row_id)
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
        kind = type(shape).__name__
        return _fault("site_shape", kind, kind, row_id)
    parts, corners = len(shapely.get_parts(shape)), int(shapely.get_num_coordinates(shape))
    if parts > 1:
        return _fault("site_parts", f"{parts} parts", f"{parts} 个部分", row_id)
    if corners > _MOST_CORNERS:
        return _fault("site_corners", f"{corners:,}", f"{corners:,}", row_id, limit=f"{_MOST_CORNERS:,}")
    return None


# the reasons that GEOS gives
_REASONS: Final = {
    "Self-intersection": "边线自相交",
    "Ring Self-intersection": "边线自相交",
    "Hole lies outside shell": "洞在外环之外",
    "Too few points in geometry component": "坐标点过少",
}


def _measured(whole: shapely.Polygon, district: District, row_id: str) -> Fault | None:
    middle = shapely.centroid(whole)
    if middle.is_empty:
        return _fault("site_area", "0 m²", "0 平方米", row_id)
    away_m = float(metres_from_district(np.array([middle.x]), np.array([middle.y]), district=district)[0])
    if not away_m <= district.far_m:
        return _fault("coordinates_far", *_first(whole), row_id, limit=f"{district.far_m:.0f}")
    m2 = area_m2(whole, district.metric)
    if not SMALLEST_M2 <= m2 <= LARGEST_M2:
        return _fault("site_area", f"{m2:,.2f} m²", f"{m2:,.2f} 平方米", row_id)
    return None


def _polygon(shape: shapely.Geometry) -> shapely.Polygon | None:
    parts = shapely.get_parts(shape)
    return parts[0] if len(parts) == 1 and isinstance(parts[0], shapely.Polygon) else None


def _mended(whole: shapely.Polygon) -> shapely.Polygon | None:
    found = mended(whole)
    return found if isinstance(found, shapely.Polygon) else None


def _in_degrees(whole: shapely.Polygon) -> bool:
    west, south, east, north = shapely.bounds(whole).tolist()
    return bool(-180 <= west <= east <= 180 and -90 <= south <= north <= 90)  # noqa: PLR2004 - degrees


def _first(whole: shapely.Polygon) -> tuple[str, str]:
    x, y = shapely.get_coordinates(whole)[0].tolist()
    return f"{x:.8g}, {y:.8g}", f"{x:.8g}, {y:.8g}"


def _fault(code: str, found: str, found_zh: str, row_id: str, **values: object) -> Fault:
    expected = Expected.of(code, **values)
    return Fault(expected, _FIELD, found, building_id=row_id, found_zh=found_zh)


def area_m2(whole: shapely.Geometry, metric: crs.MetricSystem) -> float:
    """Return the area of a WGS84 shape in m²."""
    return float(shapely.area(metric.shape(whole)))


def areas_m2(shapes: Mapping[str, shapely.Geometry], metric: crs.MetricSystem) -> dict[str, float]:
    """Return the area of each WGS84 shape in m², under the same key."""
    placed = np.empty(len(shapes), dtype=object)
    placed[:] = list(shapes.values())
    areas = shapely.area(metric.shapes(placed)).tolist() if len(placed) else []
    return dict(zip(shapes, areas, strict=True))


def outline_words(shape: shapely.Geometry, lang: Lang, metric: crs.MetricSystem) -> str:
    """Return an outline (WGS84) in a few words: how many corners and how large."""
    corners = int(shapely.get_num_coordinates(shape)) - len(shapely.get_rings(shape))
    m2 = area_m2(shape, metric)
    return f"{corners} corners, {m2:,.0f} m²" if lang == "en" else f"{corners} 个角点，{m2:,.0f} 平方米"
