"""Which outlines are parcels, and how each wrong one is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildingmap import crs
from buildingmap.model import Fault
from buildingmap.sites import areas_m2, outline_of_corners, outline_words, parcel_of
from tests.examples import examples
from tests.sites.parcels import ground

if TYPE_CHECKING:
    from buildingmap.crs import Datum
    from buildingmap.model import District

HECTARE = ground(0, 0, 100, 100)
CORNERS = [tuple(corner) for corner in shapely.get_coordinates(HECTARE)[:-1].tolist()]
WRONG: dict[str, tuple[shapely.Geometry, str]] = {
    "point": (shapely.Point(120.37, 36.09), "site_shape"),
    "line": (shapely.LineString(CORNERS), "site_shape"),
    "empty": (shapely.Polygon(), "site_shape"),
    "bow-tie": (shapely.Polygon([CORNERS[0], CORNERS[2], CORNERS[1], CORNERS[3]]), "site_shape"),
    "heights": (shapely.force_3d(HECTARE), "site_shape"),
    "two parts": (shapely.MultiPolygon([HECTARE, ground(200, 0, 300, 100)]), "site_parts"),
    "collection": (shapely.GeometryCollection([HECTARE]), "site_shape"),
    "far away": (shapely.box(116.3, 39.9, 116.301, 39.901), "coordinates_far"),
    "metres": (shapely.box(5e5, 4e6, 5e5 + 100, 4e6 + 100), "site_degrees"),
    "tiny": (ground(0, 0, 0.5, 0.5), "site_area"),
    "huge": (shapely.box(120.30, 36.05, 120.42, 36.16), "site_area"),
    "hole outside": (shapely.Polygon(HECTARE.exterior, [ground(200, 0, 210, 10).exterior]), "site_shape"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_outline_of_a_parcel_is_refused_by_name(district: District, name: str) -> None:
    shape, code = WRONG[name]

    found = parcel_of(shape, district, row_id="DK-01")

    assert isinstance(found, Fault), found
    assert (found.expected.code, found.field, found.building_id) == (code, "geometry", "DK-01")
    assert found.line("zh") != found.line("en")


def test_a_multipolygon_of_one_part_is_its_part(district: District) -> None:
    found = parcel_of(shapely.MultiPolygon([HECTARE]), district)
    assert found == HECTARE


def test_a_ring_that_only_runs_back_on_itself_is_mended(district: District) -> None:
    spike = shapely.Polygon([*CORNERS[:2], (CORNERS[1][0], CORNERS[1][1] + 0.001), CORNERS[1], *CORNERS[2:]])
    found = parcel_of(spike, district)
    assert isinstance(found, shapely.Polygon)
    assert found.is_valid
    assert areas_m2({"": found}, district.metric)[""] == pytest.approx(10_000, rel=1e-3)


@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    datum=st.sampled_from((*crs.DATUMS, "epsg:4549", "epsg:32651")),
    place=st.tuples(st.floats(-800, 800), st.floats(-800, 800)),
    size=st.tuples(st.floats(20, 300), st.floats(20, 300)),
)
def test_corners_in_any_datum_are_the_same_ground(
    district: District, datum: Datum, place: tuple[float, float], size: tuple[float, float]
) -> None:
    (west, south), (width, depth) = place, size
    meant = ground(west, south, west + width, south + depth)
    moved = shapely.get_coordinates(
        crs.geometries_from_wgs84(datum, np.array([meant], dtype=object))
    ).tolist()

    found = outline_of_corners([[(x, y) for x, y in moved[:-1]]], datum, district)

    assert isinstance(found, shapely.Polygon)
    there, here = crs.geometries_from_wgs84("epsg:4549", np.array([meant, found], dtype=object))
    assert shapely.hausdorff_distance(there, here) < 0.01
    assert areas_m2({"": found}, district.metric)[""] == pytest.approx(width * depth, rel=1e-4)


def test_a_hole_is_kept(district: District) -> None:
    hole = [tuple(corner) for corner in shapely.get_coordinates(ground(40, 40, 60, 60))[:-1].tolist()]
    found = outline_of_corners([CORNERS, hole], "wgs84", district)
    assert isinstance(found, shapely.Polygon)
    assert areas_m2({"": found}, district.metric)[""] == pytest.approx(9_600, rel=1e-3)
    assert outline_words(found, "en", district.metric) == "8 corners, 9,600 m²"
    assert outline_words(found, "zh", district.metric) == "8 个角点，9,600 平方米"


@pytest.mark.parametrize(
    ("rings", "code"),
    [
        ([CORNERS[:2]], "ring"),
        ([[CORNERS[0]] * 5], "ring"),
        ([], "ring"),
        ([[(lat, lon) for lon, lat in CORNERS]], "coordinates_swapped"),
        ([[CORNERS[0], CORNERS[2], CORNERS[1], CORNERS[3]]], "site_shape"),
        ([[(float("inf"), 1.0), *CORNERS]], "site_corner"),
        ([[(1e300, 1e300), (2e300, 1e300), (1e300, 2e300)]], "site_degrees"),
    ],
)
def test_corners_that_make_no_parcel_are_named(district: District, rings: Any, code: str) -> None:
    found = outline_of_corners(rings, "wgs84", district)
    assert isinstance(found, Fault), found
    assert found.expected.code == code


@pytest.mark.parametrize("datum", ["epsg:4549", "gcj02", "bd09"])
def test_absurd_corners_in_any_datum_are_a_fault_and_no_crash(district: District, datum: Datum) -> None:
    for corner in (1e308, -1e308, 0.0, 1e-300, 181.0):
        rings = [[(corner, corner), (corner + 1, corner), (corner, corner + 1)]]
        assert isinstance(outline_of_corners(rings, datum, district), Fault)
