"""Where towers go, drawn: everything inside the frame, nothing on top of another, and no words in a picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from buildingmap.map import PlanMark, plan_drawing, sector_symbols
from buildingmap.map.plan_pictures import areas_png, criteria_png, map_png, past_mark_png, spreads_png
from buildingmap.map.sector_symbols import shape_name, symbol_corners
from tests.examples import examples

if TYPE_CHECKING:
    from buildingmap.model import District
    from buildingmap.snapshot import Snapshot

NEAR = st.tuples(st.floats(120.30, 120.43), st.floats(36.06, 36.16))
ANYWHERE = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
FEW = settings(
    max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def marks(places: list[tuple[float, float]], sector: str = "finance") -> list[PlanMark]:
    return [PlanMark(number, f"DK-{number}", sector, lon, lat) for number, (lon, lat) in enumerate(places, 1)]


@given(places=st.lists(NEAR, min_size=1, max_size=20))
@FEW
def test_every_tower_is_inside_the_frame_and_no_symbol_hides_another(
    demo_snapshot: Snapshot, places: list[tuple[float, float]]
) -> None:
    drawing = plan_drawing(demo_snapshot, marks(places))
    for each in drawing.marks:
        assert 0 <= each.x <= drawing.width
        assert 0 <= each.y <= drawing.height
    for one in drawing.marks:
        for other in drawing.marks:
            if one is not other:
                assert math.hypot(one.x - other.x, one.y - other.y) > 12


def test_towers_at_one_place_are_drawn_apart_and_tied_to_it(demo_snapshot: Snapshot) -> None:
    drawing = plan_drawing(demo_snapshot, marks([(120.3745, 36.0895)] * 6))
    assert len({(each.x, each.y) for each in drawing.marks}) == 6
    assert len({(each.at_x, each.at_y) for each in drawing.marks}) == 1
    assert any(each.tied for each in drawing.marks)


def test_north_is_up_and_east_is_right(demo_snapshot: Snapshot) -> None:
    south_west, north_east = plan_drawing(demo_snapshot, marks([(120.37, 36.08), (120.40, 36.12)])).marks
    assert north_east.at_x > south_west.at_x
    assert north_east.at_y < south_west.at_y


def test_drawings_beside_each_other_have_one_extent(demo_snapshot: Snapshot) -> None:
    one, other = marks([(120.31, 36.07)]), marks([(120.42, 36.15)])
    first, second = (plan_drawing(demo_snapshot, each, among=[*one, *other]) for each in (one, other))
    assert (first.width, first.height, first.outlines) == (second.width, second.height, second.outlines)


@given(places=st.lists(ANYWHERE, min_size=1, max_size=6))
@FEW
def test_whatever_place_a_document_names_is_drawn_without_an_infinite_number(
    demo_snapshot: Snapshot, places: list[tuple[float, float]]
) -> None:
    drawing = plan_drawing(demo_snapshot, marks(places))
    written = [each.path for each in drawing.outlines]
    written += [f"{each.x} {each.y}" for each in drawing.marks]
    assert not any("inf" in text or "nan" in text for text in written)


def test_every_sector_has_a_shape_of_its_own(district: District) -> None:
    symbols = sector_symbols(district)
    assert len({symbol.path for symbol in symbols.values()}) == len(symbols)
    corners = [tuple(symbol_corners(district, sector)[0]) for sector in symbols]
    assert len(set(corners)) == len(symbols)
    for lang in ("zh", "en"):
        assert len({shape_name(district, sector, lang) for sector in symbols}) == len(symbols)


def pixels(png: bytes) -> np.ndarray:
    parser = ImageFile.Parser()
    parser.feed(png)
    image: Image.Image = parser.close()
    return np.asarray(image.convert("RGB"))


def test_the_map_as_a_picture_shows_the_symbol_where_the_drawing_has_it(demo_snapshot: Snapshot) -> None:
    drawing = plan_drawing(demo_snapshot, marks([(120.3745, 36.0895), (120.397, 36.119)]))
    found = pixels(map_png(drawing, demo_snapshot.district))
    scale = found.shape[1] / drawing.width
    for each in drawing.marks:
        # inside the square, beside the number, it is white; its edge has the sector's colour
        x, y = round(each.x * scale), round((each.y - 7) * scale)
        assert found[y, x].min() > 240
        edge = found[y, round((each.x - 12) * scale) : round((each.x - 6) * scale)]
        assert (np.abs(edge.astype(int) - [0xB3, 0x6B, 0x00]).sum(axis=1) < 60).any()


@pytest.mark.parametrize(
    "png",
    [
        areas_png([1e5, 0.0], [[2e5, 1e4], [3e5, 2e4], [0.0, 0.0]]),
        criteria_png([[10.0, 5, 0, -3, 2, 1, 4]] * 15),
        criteria_png([]),
        spreads_png([(1.0, 2.0, 3.0), None], 100.0),
        past_mark_png([(20, 20, 20), (21, 25, 34)]),
    ],
)
def test_charts_are_pictures_with_something_on_them(png: bytes) -> None:
    found = pixels(png)
    assert min(found.shape[:2]) > 200
    assert len(np.unique(found.reshape(-1, 3), axis=0)) > 2


def test_a_picture_of_the_same_is_the_same(demo_snapshot: Snapshot) -> None:
    drawing = plan_drawing(demo_snapshot, marks([(120.3745, 36.0895)]))
    assert map_png(drawing, demo_snapshot.district) == map_png(drawing, demo_snapshot.district)
    assert shapely.Point(drawing.marks[0].x, drawing.marks[0].y).within(
        shapely.box(0, 0, drawing.width, drawing.height)
    )
