from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from buildingmap import crs

# the mainland's extent, a little inside the box that GCJ-02 is defined in
china = st.tuples(st.floats(74, 134), st.floats(18, 53))
district = st.tuples(st.floats(120.2, 120.5), st.floats(36.0, 36.2))
NEAR_M = 0.000_01


def arrays(points: list[tuple[float, float]]) -> tuple[crs.Coordinates, crs.Coordinates]:
    table = np.array(points, dtype=np.float64)
    return table[:, 0], table[:, 1]


@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000", "gcj02", "bd09"])
@given(points=st.lists(china, min_size=1, max_size=5))
def test_degrees_go_there_and_back(datum: crs.Datum, points: list[tuple[float, float]]) -> None:
    lon, lat = arrays(points)
    back_lon, back_lat = crs.to_wgs84(datum, *crs.from_wgs84(datum, lon, lat))
    assert np.abs(back_lon - lon).max() < 1e-9
    assert np.abs(back_lat - lat).max() < 1e-9


@given(st.lists(district, min_size=1, max_size=5))
def test_metres_go_there_and_back(points: list[tuple[float, float]]) -> None:
    lon, lat = arrays(points)
    back_lon, back_lat = crs.to_wgs84("epsg:4549", *crs.from_wgs84("epsg:4549", lon, lat))
    assert np.abs(back_lon - lon).max() < 1e-9
    assert np.abs(back_lat - lat).max() < 1e-9


@given(st.lists(district, min_size=1, max_size=5))
def test_gcj02_lies_some_460_m_from_wgs84_in_qingdao(points: list[tuple[float, float]]) -> None:
    lon, lat = arrays(points)
    x, y = crs.metres_from_lonlat(lon, lat)
    gcj_x, gcj_y = crs.metres_from_lonlat(*crs.gcj02_from_wgs84(lon, lat))
    off = np.hypot(gcj_x - x, gcj_y - y)
    assert ((off > 430) & (off < 500)).all()


@given(st.lists(china, min_size=1, max_size=5))
def test_bd09_lies_a_kilometre_or_so_from_gcj02(points: list[tuple[float, float]]) -> None:
    lon, lat = arrays(points)
    bd_lon, bd_lat = crs.bd09_from_gcj02(lon, lat)
    assert (np.hypot(bd_lon - lon, bd_lat - lat) < 0.012).all()
    assert (np.hypot(bd_lon - lon, bd_lat - lat) > 0.004).all()


def test_gcj02_leaves_the_rest_of_the_world_alone() -> None:
    lon, lat = np.array([-0.1276, 151.2093, 2.35]), np.array([51.5072, -33.8688, 48.85])
    moved = crs.gcj02_from_wgs84(lon, lat)
    assert np.array_equal(moved, (lon, lat))


def test_metres_are_those_of_the_projection_that_qingdao_uses() -> None:
    # on the central meridian the easting is the false easting; a degree of latitude is 110.95 km here
    x, y = crs.metres_from_lonlat(np.array([120.0, 120.0]), np.array([36.0, 37.0]))
    assert x == pytest.approx([500_000, 500_000], abs=NEAR_M)
    assert y[1] - y[0] == pytest.approx(110_964, abs=30)


def test_shapes_move_corner_by_corner() -> None:
    shapes = np.array([shapely.Point(120.37, 36.09), shapely.box(120.37, 36.09, 120.38, 36.10)])
    there = crs.geometries_from_wgs84("gcj02", shapes)
    back = crs.geometries_to_wgs84("gcj02", there)
    assert shapely.equals_exact(back, shapes, tolerance=1e-9).all()
    metres = crs.geometries_to_metres(shapes)
    again = crs.geometries_between(crs.METRIC, crs.WGS84, metres)
    assert shapely.equals_exact(again, shapes, tolerance=1e-9).all()


@pytest.mark.parametrize(
    ("definition", "datum"),
    [
        ("EPSG:4326", "wgs84"),
        ("EPSG:4490", "cgcs2000"),
        ("EPSG:4549", "epsg:4549"),
        ("EPSG:3857", None),
        (None, None),
    ],
)
def test_a_files_own_definition_has_a_word_or_none(definition: str | None, datum: str | None) -> None:
    assert crs.datum_of(definition) == datum
