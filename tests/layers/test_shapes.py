from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from buildingmap import crs
from buildingmap.layers.footprints import mended
from tests.layers.conftest import Read, codes
from tests.layers.making import LAT, LON, collection, feature, square

Ring = Sequence[tuple[float, float]]


def polygon(*rings: Ring) -> dict[str, Any]:
    """Rings in metres about the middle of the CBD, as a GeoJSON Polygon."""
    return {"type": "Polygon", "coordinates": [placed(ring) for ring in rings]}


def multipolygon(*polygons: Sequence[Ring]) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": [[placed(ring) for ring in rings] for rings in polygons]}


def placed(ring: Ring) -> list[list[float]]:
    x, y = crs.from_wgs84("epsg:4549", np.array([LON]), np.array([LAT]))
    metres = np.array(ring, dtype=float) + np.array([x[0], y[0]])
    positions: list[list[float]] = np.column_stack(
        crs.to_wgs84("epsg:4549", metres[:, 0], metres[:, 1])
    ).tolist()
    return positions


SQUARE: Ring = [(0, 0), (30, 0), (30, 30), (0, 30), (0, 0)]
HOLE = [(10, 10), (20, 10), (20, 20), (10, 20), (10, 10)]
BOWTIE = [(0, 0), (30, 30), (30, 0), (0, 30), (0, 0)]
FAR_SQUARE = [(100, 0), (130, 0), (130, 30), (100, 30), (100, 0)]
NEXT_SQUARE = [(30, 0), (60, 0), (60, 30), (30, 30), (30, 0)]
OVERLAPPING = [(15, 15), (45, 15), (45, 45), (15, 45), (15, 15)]
TWICE_ROUND = [*SQUARE, *SQUARE[1:]]
SPIKED = [(0, 0), (30, 0), (30, 30), (30, 60), (30, 30), (0, 30), (0, 0)]


def test_points_polygons_and_multipolygons_keep_their_kind_and_order(read: Read) -> None:
    shapes = [
        polygon(SQUARE, HOLE),
        {"type": "Point", "coordinates": [LON, LAT]},
        multipolygon([SQUARE, HOLE], [FAR_SQUARE]),
        polygon(FAR_SQUARE),
    ]
    layer = read([feature(n, geometry=shape) for n, shape in enumerate(shapes)])
    assert layer.faults == ()
    assert [type(shape).__name__ for shape in layer.geometry] == [shape["type"] for shape in shapes]
    areas = shapely.area(crs.geometries_from_wgs84("epsg:4549", np.array(layer.geometry)))
    assert areas == pytest.approx([800, 0, 1700, 900], rel=1e-6)


@pytest.mark.parametrize("ring", [SQUARE[::-1], [*SQUARE[:3], SQUARE[2], *SQUARE[3:]]])
def test_orientation_and_repeated_corners_do_not_matter(read: Read, ring: Ring) -> None:
    layer = read([feature(geometry=polygon(ring))])
    assert layer.ok
    assert layer.warnings == ()


@pytest.mark.parametrize(
    "shape",
    [
        polygon(BOWTIE),
        polygon(SQUARE, FAR_SQUARE),
        polygon(SQUARE, OVERLAPPING),
        polygon(SQUARE, HOLE, HOLE),
        polygon(TWICE_ROUND),
        multipolygon([SQUARE], [OVERLAPPING]),
        multipolygon([SQUARE], [SQUARE]),
        multipolygon([SQUARE], [HOLE]),
        polygon([(0, 0), (30, 0), (60, 0), (0, 0)]),
    ],
    ids=[
        "bowtie",
        "hole outside",
        "hole across",
        "hole twice",
        "twice round",
        "overlap",
        "same",
        "inside",
        "line",
    ],
)
def test_rings_that_mending_would_change_are_refused(read: Read, shape: dict[str, Any]) -> None:
    layer = read([feature(1, geometry=shape)])
    assert codes(layer.faults)[0] in {"shape_valid", "footprint_area"}
    assert layer.faults[0].building_id == "T-001"


@pytest.mark.parametrize(
    ("shape", "area"),
    [(multipolygon([SQUARE], [NEXT_SQUARE]), 1800), (polygon(SPIKED), 900)],
    ids=["parts side by side", "a spike without area"],
)
def test_rings_are_mended_where_the_area_stays_and_it_is_said(
    read: Read, shape: dict[str, Any], area: float
) -> None:
    layer = read([feature(geometry=shape)])
    assert codes(layer.warnings) == ["shape_mended"]
    assert shapely.area(crs.geometries_from_wgs84("epsg:4549", np.array(layer.geometry)))[0] == pytest.approx(
        area, rel=1e-6
    )
    assert bool(shapely.is_valid(layer.geometry[0]))


corner = st.tuples(st.integers(0, 12), st.integers(0, 12))


@given(st.lists(corner, min_size=3, max_size=8))
def test_mending_gives_a_valid_shape_of_the_same_area_or_nothing(corners: list[tuple[int, int]]) -> None:
    ring = shapely.Polygon([*corners, corners[0]])
    whole = mended(ring)
    if whole is not None:
        assert whole.is_valid
        assert whole.area == pytest.approx(ring.area, rel=1e-9)
    elif ring.is_valid:
        assert ring.area == 0


@pytest.mark.parametrize(
    ("side_m", "faults"), [(0.9, ["footprint_area"]), (1.1, []), (990, []), (1010, ["footprint_area"])]
)
def test_a_footprint_has_1_m2_to_1_km2(read: Read, side_m: float, faults: list[str]) -> None:
    ring = [(0, 0), (side_m, 0), (side_m, side_m), (0, side_m), (0, 0)]
    layer = read([feature(geometry=polygon(ring))])
    assert codes(layer.faults) == faults


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        (None, "shape_missing"),
        ("POINT (1 2)", "geometry"),
        ({}, "geometry"),
        ({"type": "LineString", "coordinates": [[LON, LAT], [LON, LAT]]}, "geometry"),
        ({"type": "MultiPoint", "coordinates": [[LON, LAT]]}, "geometry"),
        ({"type": "GeometryCollection", "geometries": []}, "geometry"),
        ({"type": ["Point"], "coordinates": [LON, LAT]}, "geometry"),
        ({"type": "Point"}, "positions"),
        ({"type": "Point", "coordinates": []}, "positions"),
        ({"type": "Point", "coordinates": [LON]}, "positions"),
        ({"type": "Point", "coordinates": [str(LON), str(LAT)]}, "positions"),
        ({"type": "Point", "coordinates": [LON, None]}, "positions"),
        ({"type": "Point", "coordinates": [LON, True]}, "positions"),
        ({"type": "Point", "coordinates": [[LON, LAT]]}, "positions"),
        ({"type": "Point", "coordinates": [LON, LAT, 1, 2]}, "positions"),
        ({"type": "Point", "coordinates": {"0": LON, "1": LAT}}, "positions"),
        ({"type": "Polygon", "coordinates": []}, "positions"),
        ({"type": "Polygon", "coordinates": [[]]}, "ring"),
        ({"type": "Polygon", "coordinates": [LON, LAT]}, "ring"),
        ({"type": "Polygon", "coordinates": [[[LON, LAT]] * 3]}, "ring"),
        ({"type": "Polygon", "coordinates": [square()[0][:-1]]}, "ring"),
        ({"type": "Polygon", "coordinates": [[["a", "b"]] * 4]}, "positions"),
        ({"type": "Polygon", "coordinates": [["ab"] * 4]}, "positions"),
        ({"type": "MultiPolygon", "coordinates": [[]]}, "ring"),
        ({"type": "MultiPolygon", "coordinates": square()}, "ring"),
    ],
)
def test_what_is_no_footprint_is_refused_at_its_feature(read: Read, geometry: Any, code: str) -> None:
    bad = feature(2)
    bad["geometry"] = geometry
    layer = read([feature(1), bad])
    assert codes(layer.faults) == [code]
    assert (layer.faults[0].place.number, layer.faults[0].building_id) == (2, "T-002")


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_positions_that_are_no_numbers_are_refused(read: Read, text: str) -> None:
    ring = square()
    ring[0][1][0] = "@"  # type: ignore[call-overload]
    layer = json.dumps(collection(feature(1), feature(2, geometry={"type": "Polygon", "coordinates": ring})))
    faults = read(layer.replace('"@"', text)).faults
    assert [(fault.expected.code, fault.place.number) for fault in faults] == [("positions", 2)]


def test_heights_are_left_out_and_that_is_said_once(read: Read) -> None:
    tall = [[[*position, 120.0] for position in square()[0]]]
    layer = read([feature(n, geometry={"type": "Polygon", "coordinates": tall}) for n in range(2)])
    assert codes(layer.warnings) == ["height_dropped"]
    assert not shapely.has_z(np.array(layer.geometry)).any()
