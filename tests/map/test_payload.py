from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import shapely

from buildingmap.map import band_symbols, other_symbols, towers_payload

if TYPE_CHECKING:
    from buildingmap.model import District
    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut

SHAPES = [
    shapely.Polygon(
        [(120.37, 36.09), (120.3705, 36.09), (120.3705, 36.0906), (120.37, 36.0906)],
        holes=[[(120.3702, 36.0902), (120.3703, 36.0902), (120.3703, 36.0903)]],
    ),
    shapely.MultiPolygon(
        [shapely.box(120.38, 36.09, 120.3802, 36.0902), shapely.box(120.381, 36.09, 120.3812, 36.0902)]
    ),
    shapely.Point(120.39, 36.1),
    shapely.box(120.39, 36.11, 120.3902, 36.1102),
]


@pytest.fixture
def towers(lay_out: LayOut) -> Snapshot:
    rows: list[dict[str, object]] = [
        {"tax_yuan": 99_999_999, "tax_year": 2023, "sector": "finance", "cluster": "cbd"},
        {"tax_yuan": 100_000_000, "tax_year": 2023},
        {"vacancy_rate": 0.25},
        {"status": "planned"},
    ]
    return lay_out(rows, shapes=SHAPES)


def columns_of(towers: Snapshot, year: int | None = None) -> dict[str, Any]:
    columns: dict[str, Any] = orjson.loads(towers_payload(towers, year))
    return columns


def decoded(polygons: list[list[list[int]]]) -> shapely.Geometry:
    parts = []
    for rings in polygons:
        walked = [
            list(
                zip(
                    (x / 1e6 for x in accumulate(ring[0::2])),
                    (y / 1e6 for y in accumulate(ring[1::2])),
                    strict=True,
                )
            )
            for ring in rings
        ]
        parts.append(shapely.Polygon(walked[0], walked[1:]))
    return shapely.MultiPolygon(parts)


def test_a_footprint_comes_back_from_its_steps(towers: Snapshot) -> None:
    columns = columns_of(towers)
    for row in (0, 1, 3):
        sent = decoded(columns["shapes"][row])
        assert shapely.area(shapely.symmetric_difference(sent, SHAPES[row])) < 1e-12
    assert columns["shapes"][2] == []


def test_a_yuan_below_the_mark_is_a_circle_and_the_mark_itself_a_diamond(
    towers: Snapshot, district: District
) -> None:
    columns = columns_of(towers)
    below, past = (columns["symbols"][columns["symbol"][row]] for row in (0, 1))
    assert below["css"].startswith("low")
    assert past["css"] == "high-1"
    assert past["radius"] > below["radius"]
    assert len(columns["symbols"]) == len(district.bands) + 3


def test_an_unknown_tax_and_a_planned_tower_have_symbols_of_their_own(towers: Snapshot) -> None:
    columns = columns_of(towers)
    assert columns["symbols"][columns["symbol"][2]]["css"] == "hollow unknown"
    assert columns["symbols"][columns["symbol"][3]]["css"] == "hollow planned"


def test_the_unknown_is_null_and_whole_yuan_are_whole(towers: Snapshot) -> None:
    columns = columns_of(towers)
    assert columns["tax_yuan"] == [99_999_999, 100_000_000, None, None]
    assert columns["sector"][1] == -1
    assert columns["vacancy_rate"] == [None, None, 0.25, None]


def test_a_year_without_figures_leaves_every_tax_unknown(towers: Snapshot) -> None:
    assert columns_of(towers, 2019)["tax_yuan"] == [None] * 4


def test_no_two_symbols_share_both_shape_and_size(district: District) -> None:
    symbols = [*band_symbols(district), *other_symbols()]
    hollow = {symbol.path for symbol in symbols if "hollow" in symbol.css}
    filled = [symbol.path for symbol in symbols if "hollow" not in symbol.css]
    assert len(hollow) == 3
    assert len(set(filled)) == len(filled)
