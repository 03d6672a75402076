from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import orjson
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from buildingmap import crs
from buildingmap.analysis import Rank, tower_card
from buildingmap.model import Station, Surroundings
from tests.conftest import place_of
from tests.rows import MARK

if TYPE_CHECKING:
    from tests.conftest import LayOut, Row

DUNHUA = Station("dunhua", "敦化路", "Dunhua Road", ("3",), shapely.Point(120.3802, 36.0885))
SHUANGSHAN = Station("shuangshan", "双山", "Shuangshan", ("3",), shapely.Point(120.3923, 36.1140))

places = st.lists(
    st.tuples(st.floats(120.30, 120.43), st.floats(36.06, 36.16)), min_size=1, max_size=12
) | st.lists(st.just((120.37, 36.09)), min_size=1, max_size=8)


def metres(shape: shapely.Geometry) -> shapely.Geometry:
    moved: shapely.Geometry = crs.geometries_from_wgs84("epsg:4549", np.array([shape], dtype=object))[0]
    return moved


def test_the_card_gives_the_taxes_by_year_with_their_bands(lay_out: LayOut) -> None:
    history = [
        {"year": 2023, "tax_yuan": MARK, "district_revenue_yuan": 1},
        {"year": 2021, "tax_yuan": None, "district_revenue_yuan": 1},
        {"year": 2022, "tax_yuan": MARK - 1},
    ]
    card = tower_card(lay_out([{"tax_history": history}]), 0)
    assert [(tax.year, tax.tax_yuan, tax.band) for tax in card.taxes] == [
        (2021, None, None),
        (2022, MARK - 1, "50m_100m"),
        (2023, MARK, "100m_1b"),
    ]
    assert (card.tax_year, card.tax_yuan, card.district_revenue_yuan) == (2023, MARK, 1)


@pytest.mark.parametrize(
    ("tax", "gap", "past"), [(MARK - 1, 1, False), (MARK, 0, True), (MARK + 9, 0, True), (None, None, None)]
)
def test_the_gap_to_the_mark_is_what_is_missing(
    lay_out: LayOut, tax: float | None, gap: float | None, *, past: bool | None
) -> None:
    card = tower_card(lay_out([{"tax_yuan": tax, "tax_year": 2023}]), 0)
    assert (card.gap_yuan, card.past_mark, card.mark_yuan) == (gap, past, MARK)


def test_tax_per_area_is_given_by_both_areas(lay_out: LayOut) -> None:
    facts: Row = {
        "tax_yuan": 60_000_000,
        "tax_year": 2023,
        "floor_area_m2": 20_000,
        "leasable_area_m2": 15_000,
    }
    card = tower_card(lay_out([facts]), 0)
    assert (card.tax_per_floor_m2, card.tax_per_leasable_m2) == (3_000, 4_000)
    assert tower_card(lay_out([{"tax_yuan": 1, "leasable_area_m2": 0}]), 0).tax_per_leasable_m2 is None


def test_the_rank_is_among_existing_towers_of_the_cluster_with_a_known_tax(lay_out: LayOut) -> None:
    taxes = [300, 200, 200, 100]
    rows: list[Row] = [{"cluster": "cbd", "tax_yuan": tax, "tax_year": 2023} for tax in taxes]
    rows += [
        {"cluster": "xinduxin", "tax_yuan": 900, "tax_year": 2023},
        {"cluster": "cbd", "tax_yuan": 900, "tax_year": 2023, "status": "planned"},
        {"cluster": "cbd"},
        {"tax_yuan": 900, "tax_year": 2023},
    ]
    snapshot = lay_out(rows)
    ranks = [tower_card(snapshot, place).rank_in_cluster for place in range(len(rows))]
    assert ranks == [Rank(1, 4), Rank(2, 4), Rank(2, 4), Rank(4, 4), Rank(1, 1), None, None, None]


def test_a_card_of_an_earlier_year_has_that_year_s_figures_and_rank(lay_out: LayOut) -> None:
    def rising(before: int, newest: int) -> Row:
        history = [{"year": 2022, "tax_yuan": before}, {"year": 2023, "tax_yuan": newest}]
        return {"cluster": "cbd", "tax_history": history}

    snapshot = lay_out([rising(MARK, 5), rising(1, 9)])
    card = tower_card(snapshot, 0, 2022)
    assert (card.tax_year, card.past_mark, card.rank_in_cluster) == (2022, True, Rank(1, 2))
    assert tower_card(snapshot, 0).rank_in_cluster == Rank(2, 2)
    assert tower_card(snapshot, 0, 2000).tax_year is None


def test_the_nearest_station_is_measured_from_the_footprint(lay_out: LayOut) -> None:
    snapshot = lay_out([{}], surroundings=Surroundings(stations=(SHUANGSHAN, DUNHUA)))
    station = tower_card(snapshot, 0).nearest_station
    assert station is not None
    assert (station.id, station.zh, station.en) == ("dunhua", "敦化路", "Dunhua Road")
    assert station.distance_m == pytest.approx(
        shapely.distance(metres(place_of(0)), metres(DUNHUA.point)), abs=0.1
    )
    # about 10 millidegrees of longitude at 36° north
    assert 850 < station.distance_m < 1_000


def test_a_district_without_stations_has_no_nearest_one(lay_out: LayOut) -> None:
    assert tower_card(lay_out([{}]), 0).nearest_station is None


def test_a_tower_alone_has_no_neighbours(lay_out: LayOut) -> None:
    assert tower_card(lay_out([{}]), 0).neighbours == ()


def test_the_distance_of_neighbours_is_from_wall_to_wall(lay_out: LayOut) -> None:
    nearest = tower_card(lay_out([{}, {"name_en": "Tower one"}]), 0).neighbours[0]
    assert (nearest.id, nearest.name, nearest.name_en) == ("T-001", "示例楼1", "Tower one")
    # 0.0003° of longitude between the two walls
    assert nearest.distance_m == pytest.approx(27, abs=0.5)


@given(lonlat=places, size=st.sampled_from([0.0001, 0.001]))
def test_neighbours_are_the_nearest_five_however_far(
    lay_out: LayOut, lonlat: list[tuple[float, float]], size: float
) -> None:
    shapes = [shapely.box(lon, lat, lon + size, lat + size) for lon, lat in lonlat]
    snapshot = lay_out([{} for _ in shapes], shapes=shapes)
    footprint = metres(shapes[0])
    expected = sorted(
        (round(float(shapely.distance(footprint, metres(shape))), 1), snapshot.ids[row])
        for row, shape in enumerate(shapes)
        if row
    )[:5]
    found = [(entry.distance_m, entry.id) for entry in tower_card(snapshot, 0).neighbours]
    assert [distance for distance, _ in found] == [distance for distance, _ in expected]
    assert len({tower for _, tower in found}) == len(found) == min(5, len(shapes) - 1)


def test_a_card_is_ready_for_json(lay_out: LayOut) -> None:
    snapshot = lay_out([{"tax_yuan": 1, "tax_year": 2023}, {}], surroundings=Surroundings(stations=(DUNHUA,)))
    plain = orjson.loads(orjson.dumps(tower_card(snapshot, 0)))
    assert plain["nearest_station"]["id"] == "dunhua"
    assert plain["taxes"][0]["year"] == 2023
