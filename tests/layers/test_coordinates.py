from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildingmap import crs
from buildingmap.layers.crsnames import known_crs
from buildingmap.layers.datum_said import datums_of
from tests.examples import examples
from tests.layers.conftest import Read, codes
from tests.layers.making import LAT, LON, collection, feature

NAMES = {
    "wgs84": "urn:ogc:def:crs:OGC:1.3:CRS84",
    "cgcs2000": "urn:ogc:def:crs:EPSG::4490",
    "epsg:4549": "urn:ogc:def:crs:EPSG::4549",
}


def at(x: float, y: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [x, y]}


def in_datum(datum: crs.Datum, lon: float = LON, lat: float = LAT) -> dict[str, Any]:
    x, y = crs.from_wgs84(datum, np.array([lon]), np.array([lat]))
    return at(float(x[0]), float(y[0]))


def named(name: str) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": name}}


def metres_off(shape: shapely.Geometry, lon: float = LON, lat: float = LAT) -> float:
    both = crs.geometries_from_wgs84("epsg:4549", np.array([shape, shapely.Point(lon, lat)]))
    return float(shapely.distance(*both))


@pytest.mark.parametrize("datum", [*crs.DATUMS, "epsg:4549", "epsg:32651"])
def test_every_word_of_crs_puts_a_tower_where_it_stands(read: Read, datum: crs.Datum) -> None:
    layer = read([feature(geometry=in_datum(datum))], datum=datum)
    assert layer.ok
    assert metres_off(layer.geometry[0]) < 0.001


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(40), deadline=None
)
@given(
    st.sampled_from((*crs.DATUMS, "epsg:4549", "epsg:32651")),
    st.tuples(st.floats(120.302, 120.427), st.floats(36.067, 36.158)),
)
def test_anywhere_in_the_district(read: Read, datum: crs.Datum, place: tuple[float, float]) -> None:
    layer = read([feature(geometry=in_datum(datum, *place))], datum=datum)
    assert layer.faults == ()
    assert metres_off(layer.geometry[0], *place) < 0.001


@pytest.mark.parametrize(("datum", "name"), NAMES.items())
def test_a_named_crs_is_honoured(read: Read, datum: crs.Datum, name: str) -> None:
    layer = read(collection(feature(geometry=in_datum(datum)), crs=named(name)))
    assert layer.ok
    assert metres_off(layer.geometry[0]) < 0.001


@pytest.mark.parametrize(
    "name",
    [
        "EPSG:999999",
        "urn:x",
        "",
        "GCJ02",
        "+proj=merc",
        "/etc/passwd",
        "https://epsg.io/4326",
        "EPSG:5773",
    ],
)
def test_an_unknown_name_of_a_crs_is_refused(read: Read, name: str) -> None:
    faults = read(collection(feature(), crs=named(name))).faults
    assert codes(faults) == ["crs_name"]
    assert known_crs(name) is None


@pytest.mark.parametrize(
    "member", [{"type": "link"}, {"type": "url"}, {}, [], "EPSG:4326", 4326, {"type": 5}]
)
def test_any_other_crs_member_is_refused(read: Read, member: object) -> None:
    assert codes(read(collection(feature(), crs=member)).faults) == ["crs_link"]


def test_swapped_coordinates_are_refused_not_turned(read: Read) -> None:
    layer = read([feature(1, geometry=at(LAT, LON)), feature(2)])
    assert [(fault.expected.code, fault.building_id) for fault in layer.faults] == [
        ("coordinates_swapped", "T-001")
    ]


def test_swapped_metres_are_refused_too(read: Read) -> None:
    x, y = in_datum("epsg:4549")["coordinates"]
    assert codes(read([feature(geometry=at(y, x))], datum="epsg:4549").faults) == ["coordinates_swapped"]


def test_metres_without_a_crs_are_refused_and_the_option_is_named(read: Read) -> None:
    fault = read([feature(geometry=in_datum("epsg:4549"))]).faults[0]
    assert fault.expected.code == "coordinates_projected"
    assert "--crs epsg:4549" in fault.line("en")
    assert "--crs epsg:4549" in fault.line("zh")


def test_degrees_where_metres_are_said_are_refused(read: Read) -> None:
    assert codes(read([feature()], datum="epsg:4549").faults) == ["coordinates_metres"]


@pytest.mark.parametrize(("x", "y"), [(181, 0), (-181, 0), (0, 91), (0, -91), (1e300, -1e300), (500_000, 5)])
def test_out_of_range_is_refused(read: Read, x: float, y: float) -> None:
    assert codes(read([feature(geometry=at(x, y))]).faults) == ["coordinates_range"]


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09", "cgcs2000"])
@pytest.mark.parametrize("place", [(114.26, 30.56), (0, 0), (-180, -90), (180, 90), (121.0, 36.1)])
def test_far_from_the_district_is_warned_about_or_refused(
    read: Read, datum: crs.Datum, place: tuple[float, float]
) -> None:
    layer = read([feature(geometry=at(*place))], datum=datum)
    assert layer.ok
    assert codes(layer.warnings) == ["coordinates_far"]
    assert codes(read([feature(geometry=at(*place))], datum=datum, strict=True).faults) == ["coordinates_far"]


def test_five_kilometres_from_the_envelope_is_still_near(read: Read) -> None:
    east = 120.427
    near, far = east + 4_900 / 90_000, east + 5_100 / 90_000
    layer = read([feature(1, geometry=at(near, 36.1)), feature(2, geometry=at(far, 36.1))])
    assert [warning.building_id for warning in layer.warnings] == ["T-002"]


@pytest.mark.parametrize(
    ("own", "said"), [("wgs84", "epsg:4549"), ("epsg:4549", "gcj02"), ("cgcs2000", "epsg:4549")]
)
def test_degrees_and_metres_are_not_mixed(read: Read, own: crs.Datum, said: crs.Datum) -> None:
    layer = collection(feature(geometry=in_datum(own)), crs=named(NAMES[own]))
    assert codes(read(layer, datum=said).faults) == ["crs_conflict"]


def test_a_mislabelled_layer_can_be_said_to_be_gcj02(read: Read) -> None:
    layer = read(collection(feature(geometry=in_datum("gcj02")), crs=named(NAMES["wgs84"])), datum="gcj02")
    assert metres_off(layer.geometry[0]) < 0.001


@pytest.mark.parametrize(
    ("text", "datum"),
    [
        ("坐标系：EPSG:4547", "epsg:4547"),
        ("2000国家大地坐标系，EPSG:4547", "epsg:4547"),
        ("WGS84 / UTM 51N (EPSG:32651)", "epsg:32651"),
        ("经度(epsg:28355)", "epsg:28355"),
    ],
)
def test_a_code_in_words_is_the_system_and_not_the_datum_beneath_it(text: str, datum: str) -> None:
    assert datums_of(text) == {datum}
