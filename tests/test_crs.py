from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from buildingmap import crs

if TYPE_CHECKING:
    from collections.abc import Callable

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
    x, y = crs.from_wgs84("epsg:4549", lon, lat)
    gcj_x, gcj_y = crs.from_wgs84("epsg:4549", *crs.gcj02_from_wgs84(lon, lat))
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
    x, y = crs.from_wgs84("epsg:4549", np.array([120.0, 120.0]), np.array([36.0, 37.0]))
    assert x == pytest.approx([500_000, 500_000], abs=NEAR_M)
    assert y[1] - y[0] == pytest.approx(110_964, abs=30)


# west, south, east, north; the plane; how far EPSG:4549, right for Qingdao alone, is off in lengths
PLACES = {
    "Qingdao": ((120.302, 36.067, 120.427, 36.158), "EPSG:4549", 0.0001),
    "Wuhan": ((114.10, 30.48, 114.32, 30.62), "EPSG:4547", 0.0035),
    "Chengdu": ((104.00, 30.60, 104.12, 30.72), "EPSG:4544", 0.025),
    "Lujiazui": ((121.49, 31.21, 121.55, 31.26), "EPSG:4550", 0.0001),
    "Melbourne": ((144.90, -37.85, 145.00, -37.77), "EPSG:32755", 0.05),
    "New York": ((-74.03, 40.68, -73.90, 40.88), "EPSG:32618", 0.01),
    "Seoul": ((126.90, 37.45, 127.10, 37.60), "EPSG:32652", 0.004),
    # 300 km from the meridian of its zone at the equator: UTM alone is off by 0.07 %
    "Kuala Lumpur": ((101.61, 3.03, 101.76, 3.25), None, 0.02),
}


def lengths_off(envelope: tuple[float, float, float, float], there: Callable[..., Any]) -> float:
    """Return the worst share by which 400 lengths in an envelope differ from the geodesic, 20 m and longer."""
    west, south, east, north = envelope
    at_random = np.random.default_rng(20261130)
    lon, lat = at_random.uniform(west, east, (2, 400)), at_random.uniform(south, north, (2, 400))
    # half of them short, as from a tower to a station
    lon[1, ::2], lat[1, ::2] = lon[0, ::2] + (east - west) / 50, lat[0, ::2] + (north - south) / 50
    geodesic = Geod(ellps="WGS84").inv(lon[0], lat[0], lon[1], lat[1])[2]
    x_m, y_m = there(lon.ravel(), lat.ravel())
    (x0, x1), (y0, y1) = x_m.reshape(2, -1), y_m.reshape(2, -1)
    assert geodesic.min() > 20
    return float(np.abs(np.hypot(x1 - x0, y1 - y0) / geodesic - 1).max())


@pytest.mark.parametrize("place", PLACES)
def test_a_length_anywhere_in_a_district_is_within_a_twentieth_of_a_per_cent_of_the_geodesic(
    place: str,
) -> None:
    envelope, code, _ = PLACES[place]
    plane = crs.metric_system(envelope)
    assert plane.code == code
    found = lengths_off(envelope, plane.metres)
    assert found <= 0.0005
    # and what is told of it on the analysis page holds
    assert found <= plane.off + 1e-6
    assert plane.off <= 0.0005


@pytest.mark.parametrize("place", ["Wuhan", "Chengdu", "Melbourne", "New York", "Seoul", "Kuala Lumpur"])
def test_the_zone_of_qingdao_would_be_off_elsewhere(place: str) -> None:
    envelope, _, off = PLACES[place]
    assert lengths_off(envelope, lambda lon, lat: crs.from_wgs84("epsg:4549", lon, lat)) > off


def test_utm_is_left_where_it_is_off_by_more() -> None:
    envelope = PLACES["Kuala Lumpur"][0]
    utm = lengths_off(envelope, lambda lon, lat: crs.transform_lonlat(crs.WGS84, "EPSG:32647", lon, lat))
    assert utm > 0.0005
    plane = crs.metric_system(envelope)
    assert plane.label("en") == "WGS 84, transverse Mercator of the district's own at 101.69° E 3.14° N"
    assert plane.label("zh") == "WGS 84，本区自定横轴墨卡托投影，原点 101.69° E 3.14° N"
    assert plane.off < 0.00001


@given(st.tuples(st.floats(-179, 178), st.floats(-85, 84)))
def test_no_district_on_earth_has_lengths_off_by_more(corner: tuple[float, float]) -> None:
    lon, lat = corner
    plane = crs.metric_system((lon, lat, lon + 0.2, lat + 0.15))
    assert plane.off <= 0.0005
    x_m, y_m = plane.metres(np.array([lon + 0.1]), np.array([lat + 0.1]))
    back_lon, back_lat = plane.lonlat(x_m, y_m)
    assert (back_lon[0], back_lat[0]) == pytest.approx((lon + 0.1, lat + 0.1), abs=1e-8)


def test_a_plane_is_named_in_both_languages() -> None:
    assert crs.metric_system(PLACES["Qingdao"][0]).label("en") == (
        "EPSG:4549 (CGCS2000, 3-degree Gauss-Krüger, 120° E)"
    )
    assert crs.metric_system(PLACES["Wuhan"][0]).label("zh") == (
        "EPSG:4547（2000国家大地坐标系，3度带高斯－克吕格投影，中央经线114°E）"
    )
    assert crs.metric_system(PLACES["Melbourne"][0]).label("en") == "EPSG:32755 (WGS 84, UTM zone 55S)"


def test_a_district_may_say_its_plane_itself() -> None:
    # offices of Melbourne survey in MGA
    plane = crs.metric_system(PLACES["Melbourne"][0], "EPSG:28355")
    assert plane.label("en") == "EPSG:28355 (GDA94 / MGA zone 55)"
    assert lengths_off(PLACES["Melbourne"][0], plane.metres) <= 0.0005
    assert crs.metric_system(PLACES["Qingdao"][0], "EPSG:4549") == crs.metric_system(PLACES["Qingdao"][0])


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("EPSG:3857", "off by 238.6 m in a kilometre of the district, expected one off by at most 0.5 m"),
        ("EPSG:4326", "WGS 84), expected a projected system in metres"),
        ("EPSG:2225", "expected a projected system in metres"),
        ("EPSG:99999", "expected an EPSG code such as EPSG:4549"),
    ],
)
def test_a_plane_that_does_not_serve_is_refused(code: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        crs.metric_system(PLACES["Qingdao"][0], code)


def test_shapes_move_corner_by_corner() -> None:
    shapes = np.array([shapely.Point(120.37, 36.09), shapely.box(120.37, 36.09, 120.38, 36.10)])
    there = crs.geometries_from_wgs84("gcj02", shapes)
    back = crs.geometries_to_wgs84("gcj02", there)
    assert shapely.equals_exact(back, shapes, tolerance=1e-9).all()
    metres = crs.geometries_from_wgs84("epsg:4549", shapes)
    again = crs.geometries_to_wgs84("epsg:4549", metres)
    assert shapely.equals_exact(again, shapes, tolerance=1e-9).all()


@pytest.mark.parametrize(
    ("text", "datum"),
    [
        ("wgs84", "wgs84"),
        ("GCJ-02", "gcj02"),
        ("EPSG:4326", "wgs84"),
        ("epsg:4490", "cgcs2000"),
        ("EPSG:32651", "epsg:32651"),
        ("ＥＰＳＧ：28355", "epsg:28355"),
        (" 5186 ", "epsg:5186"),
        ("EPSG::4547", "epsg:4547"),
    ],
)
def test_a_datum_is_a_word_or_any_epsg_code(text: str, datum: str) -> None:
    assert crs.read_datum(text) == datum


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        (
            "mars",
            "found datum 'mars', expected wgs84, cgcs2000, gcj02, bd09, or an EPSG code",
            "坐标系为 'mars'，应为",
        ),
        ("EPSG:999999", "found datum 'EPSG:999999', expected", "例如 EPSG:4547"),
        ("EPSG:5773", "found datum 'EPSG:5773' (EGM96 height), expected", "(EGM96 height)"),
        ("EPSG:4978", "found datum 'EPSG:4978' (WGS 84), expected", "经纬度、投影坐标系的 EPSG 代码"),
        ("+proj=tmerc", "found datum '+proj=tmerc', expected", "应为"),
        ("", "found datum '', expected", "应为"),
    ],
)
def test_a_code_that_no_place_can_be_in_is_refused_with_its_name(
    text: str, english: str, chinese: str
) -> None:
    with pytest.raises(crs.UnknownDatumError) as refused:
        crs.read_datum(text)
    assert refused.value.text("en").startswith(english)
    assert chinese in refused.value.text("zh")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("datum", "lon", "lat"),
    [
        ("epsg:32651", 120.37, 36.09),
        ("epsg:28355", 144.96, -37.81),
        ("epsg:5186", 126.98, 37.55),
        ("epsg:4526", 114.27, 30.55),
        # feet, as New York's own files are in
        ("epsg:2263", -73.98, 40.75),
        # degrees of another datum
        ("epsg:4283", 144.96, -37.81),
    ],
)
def test_coordinates_of_any_code_come_back(datum: str, lon: float, lat: float) -> None:
    there = crs.from_wgs84(datum, np.array([lon]), np.array([lat]))
    back = crs.to_wgs84(datum, *there)
    assert (back[0][0], back[1][0]) == pytest.approx((lon, lat), abs=1e-8)
    assert crs.in_degrees(datum) == (abs(there[0][0]) <= 180)


def test_a_datum_is_named_in_both_languages() -> None:
    assert crs.datum_name("epsg:32651", "en") == "EPSG:32651 (WGS 84, UTM zone 51N)"
    assert crs.datum_name("epsg:32651", "zh") == "EPSG:32651（WGS 84，UTM 投影 51N 带）"
    assert crs.datum_name("epsg:4526", "zh").endswith("中央经线114°E，坐标冠38带号）")
    assert crs.datum_name("epsg:5186", "zh") == "EPSG:5186（KGD2002 / Central Belt 2010）"
    assert crs.datum_name("gcj02", "zh") == "GCJ-02，高德、腾讯地图所用"


def test_a_text_names_a_code_only_after_epsg() -> None:
    assert crs.datums_named_in("坐标系：EPSG:4547，电话 0532-4549") == {"epsg:4547"}
    assert crs.datums_named_in("经度(epsg:32651)") == {"epsg:32651"}
    assert crs.datums_named_in("EPSG:99999") == set()


@pytest.mark.parametrize(
    ("datum", "beneath"),
    [
        ("epsg:4549", "cgcs2000"),
        ("epsg:32651", "wgs84"),
        ("epsg:5186", None),
        ("gcj02", None),
        ("wgs84", None),
    ],
)
def test_a_projection_stands_on_a_datum(datum: str, beneath: str | None) -> None:
    assert crs.datum_beneath(datum) == beneath
