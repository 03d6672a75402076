from __future__ import annotations

import copy
import dataclasses
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import orjson
import pytest
import shapely
from hypothesis import given

from buildingmap.errors import UnknownBuildingError
from tests.rows import layers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.snapshot import Figures, Snapshot
    from tests.conftest import LayOut, Row

HISTORY = [
    {"year": 2022, "tax_yuan": 120_000_000, "district_revenue_yuan": 30_000_000},
    {"year": 2021, "tax_yuan": None, "district_revenue_yuan": 1_000_000},
    {"year": 2023, "tax_yuan": 99_999_999},
]


@pytest.fixture(scope="module")
def towers(lay_out: LayOut) -> Snapshot:
    return lay_out(
        [
            {
                "id": "HIGH",
                "tax_history": HISTORY,
                "cluster": "CBD",
                "sector": "金融",
                "sectors": ["finance"],
            },
            {"id": "OLD", "tax_yuan": 10_000_000, "tax_year": 2021, "status": "planned"},
            {"id": "BARE"},
        ]
    )


def columns(thing: Snapshot | Figures) -> dict[str, NDArray[Any]]:
    return {
        field.name: value
        for field in dataclasses.fields(thing)
        if isinstance(value := getattr(thing, field.name), np.ndarray)
    }


def test_no_column_of_a_version_can_be_written(towers: Snapshot) -> None:
    everything = columns(towers) | columns(towers.figures()) | columns(towers.figures(2022))
    everything["footprints_m"] = towers.footprints_m
    assert len(everything) > 20
    for name, column in everything.items():
        assert not column.flags.writeable, name
        with pytest.raises(ValueError, match="read-only"):
            column[...] = column.copy()


def test_no_field_of_a_version_can_be_replaced(towers: Snapshot) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        towers.version = "v2"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        towers.figures().year = 2000  # type: ignore[misc]


def test_a_frame_handed_out_can_be_changed_without_changing_the_version(towers: Snapshot) -> None:
    before = copy.deepcopy(columns(towers))
    frame = towers.frame.copy()
    frame["tax_yuan"] = 0.0
    frame["geometry"] = frame.geometry.buffer(100)
    for name, column in columns(towers).items():
        assert np.array_equal(column, before[name], equal_nan=column.dtype.kind == "f"), name


def test_the_frame_is_in_metres_and_lies_where_the_columns_say(towers: Snapshot) -> None:
    assert isinstance(towers.frame, gpd.GeoDataFrame)
    assert towers.frame.crs == "EPSG:4549"
    assert towers.frame.contains(gpd.GeoSeries.from_xy(towers.x_m, towers.y_m, crs="EPSG:4549")).all()
    assert towers.frame.area.between(800, 1000).all()  # a box of about 27 m by 33 m


def test_without_a_year_the_figures_are_those_of_the_year_in_force(towers: Snapshot) -> None:
    figures = towers.figures()
    assert towers.year_in_force == 2023
    assert figures.tax_yuan[0] == 99_999_999
    assert np.isnan(figures.tax_yuan[1:]).all()
    assert figures.tax_year.tolist() == [2023, -1, -1]
    assert towers.year_label == "2023"


def test_where_no_standing_tower_has_a_dated_figure_each_tower_s_newest_counts(lay_out: LayOut) -> None:
    planned: list[Row] = [{"tax_yuan": 1, "tax_year": year, "status": "planned"} for year in (2021, 2023)]
    towers = lay_out([*planned, {"tax_yuan": 5}])
    assert towers.year_in_force is None
    assert towers.figures().tax_yuan.tolist() == [1, 1, 5]
    assert towers.year_label == "2021–2023"


def test_an_undated_figure_counts_as_one_of_the_year_in_force(lay_out: LayOut) -> None:
    towers = lay_out([{"tax_yuan": 1, "tax_year": 2023}, {"tax_yuan": 5}])
    assert towers.figures().tax_yuan.tolist() == [1, 5]
    assert np.isnan(towers.figures(2023).tax_yuan[1])


def test_the_figures_of_a_year_are_that_year_s_alone(towers: Snapshot) -> None:
    figures = towers.figures(2022)
    assert figures.tax_yuan[0] == 120_000_000
    assert np.isnan(figures.tax_yuan[1:]).all()
    assert figures.district_revenue_yuan[0] == 30_000_000
    assert figures.tax_year.tolist() == [2022, -1, -1]
    assert towers.years == (2021, 2022, 2023)


def test_a_record_without_tax_is_of_its_year_and_in_no_band(towers: Snapshot) -> None:
    figures = towers.figures(2021)
    assert figures.tax_year.tolist() == [2021, 2021, -1]
    assert figures.band.tolist() == [-1, 1, -1]
    assert figures.known == 1


def test_figures_are_computed_once_a_year(towers: Snapshot) -> None:
    assert towers.figures(2022) is towers.figures(2022)
    assert towers.figures(2022) is not towers.figures(2023)


@given(rows=layers)
def test_the_order_by_tax_is_total_and_puts_the_unknown_last(lay_out: LayOut, rows: list[Row]) -> None:
    figures = lay_out(rows).figures()
    ranked = figures.tax_yuan[figures.order]
    known = ranked[: figures.known]
    assert sorted(figures.order.tolist()) == list(range(len(rows)))
    assert np.isnan(ranked[figures.known :]).all()
    assert (np.diff(known) <= 0).all()
    assert figures.ascending_yuan.tolist() == known[::-1].tolist()
    assert figures.order[figures.place_in_order].tolist() == list(range(len(rows)))


@given(rows=layers)
def test_the_band_is_the_highest_whose_floor_the_tax_reaches(lay_out: LayOut, rows: list[Row]) -> None:
    snapshot = lay_out(rows)
    floors = [band.min_yuan for band in snapshot.district.bands]
    for tax, band in zip(snapshot.figures().tax_yuan.tolist(), snapshot.figures().band.tolist(), strict=True):
        expected = -1 if np.isnan(tax) else max(place for place, floor in enumerate(floors) if tax >= floor)
        assert band == expected


def test_labels_and_aliases_of_a_row_become_codes_of_the_district(towers: Snapshot) -> None:
    assert towers.district.clusters[towers.cluster[0]].id == "cbd"
    assert towers.district.sectors[towers.sector[0]].id == "finance"
    assert towers.cluster.tolist()[1:] == [-1, -1]
    assert towers.status.tolist() == [0, 2, 0]


def test_a_feature_says_whether_its_tower_is_past_the_mark_in_the_year_asked_for(towers: Snapshot) -> None:
    newest = orjson.loads(towers.features()[0])["properties"]
    before = orjson.loads(towers.features(2022)[0])["properties"]
    assert (newest["tax_yuan"], newest["past_mark"], newest["band"]) == (99_999_999, False, "50m_100m")
    assert (before["tax_yuan"], before["past_mark"], before["band"]) == (120_000_000, True, "100m_1b")
    bare = orjson.loads(towers.features()[2])["properties"]
    assert (bare["tax_yuan"], bare["past_mark"], bare["band"]) == (None, None, None)


def test_a_feature_keeps_its_place_to_the_centimetre(towers: Snapshot) -> None:
    shape = shapely.from_geojson(orjson.dumps(orjson.loads(towers.features()[0])["geometry"]))
    assert shapely.hausdorff_distance(shape, towers.geometry[0]) < 1e-7


def test_text_is_searched_without_regard_to_width_or_case(lay_out: LayOut) -> None:
    snapshot = lay_out([{"name": "ＣＢＤ１号", "name_en": "Tower Straße"}])
    assert "cbd1号" in snapshot.search_text[0]
    assert "strasse" in snapshot.search_text[0]


def test_an_unknown_id_is_said_to_be_unknown(towers: Snapshot) -> None:
    assert towers.row("OLD") == 1
    with pytest.raises(UnknownBuildingError, match="no tower has the id 'nowhere'"):
        towers.row("nowhere")


def test_a_layer_without_towers_is_a_version_too(lay_out: LayOut) -> None:
    empty = lay_out([])
    assert len(empty) == 0
    assert empty.years == ()
    assert empty.year_label == ""
    assert len(empty.frame) == 0
    assert empty.features() == ()
