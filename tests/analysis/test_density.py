from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from buildingmap import crs
from buildingmap.analysis import DensityBand, tax_density
from buildingmap.analysis.density import density_grid, round_levels
from buildingmap.filters import Filter, select
from tests.analysis.towns import CBD, XINDUXIN, around

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.analysis import DensitySurface
    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut, Row


def surface_of(snapshot: Snapshot, **options: Any) -> DensitySurface:
    return tax_density(select(snapshot, Filter()), **options)


def taxed(lay_out: LayOut, taxes: list[float | None], shapes: Sequence[shapely.Geometry]) -> Snapshot:
    return lay_out([{"tax_yuan": tax, "tax_year": 2023} for tax in taxes], shapes=shapes)


@pytest.fixture(scope="module")
def town(lay_out: LayOut) -> Snapshot:
    taxes: list[float | None] = [1e7 * number for number in range(1, 61)]
    return taxed(lay_out, taxes, [*around(CBD, 40), *around(XINDUXIN, 20)])


def area_of(band: DensityBand) -> shapely.MultiPolygon:
    geometry = {"type": "MultiPolygon", "coordinates": band.coordinates}
    shape = shapely.from_geojson(orjson.dumps(geometry))
    assert isinstance(shape, shapely.MultiPolygon)
    return shape


points = st.lists(
    st.tuples(st.floats(0, 8_000), st.floats(0, 8_000), st.floats(1, 1e9)), min_size=1, max_size=20
)


@given(drawn=points, bandwidth_m=st.sampled_from([150.0, 300.0, 1_000.0]))
def test_the_tax_under_the_surface_is_the_tax_of_the_towers(
    drawn: list[tuple[float, float, float]], bandwidth_m: float
) -> None:
    x_m, y_m, tax = np.array(drawn).T
    grid = density_grid(x_m, y_m, tax, bandwidth_m=bandwidth_m)
    assert grid is not None
    assert grid.integral_yuan == pytest.approx(tax.sum(), rel=1e-6)
    assert max(grid.values.shape) <= 400


def test_one_tower_s_surface_is_the_gaussian_bell_in_yuan_per_square_kilometre() -> None:
    grid = density_grid(np.array([0.0]), np.array([0.0]), np.array([1e8]), bandwidth_m=300)
    assert grid is not None
    # the height of the bell is tax ÷ (2 π σ²), with σ of 0.3 km
    assert grid.values.max() == pytest.approx(1e8 / (2 * np.pi * 0.3**2), rel=0.02)
    row, column = np.unravel_index(grid.values.argmax(), grid.values.shape)
    assert abs(grid.x_m[column]) <= grid.cell_m
    assert abs(grid.y_m[row]) <= grid.cell_m
    side = grid.values[row, column + 6]
    assert side / grid.values.max() == pytest.approx(np.exp(-0.5), rel=0.02)


@pytest.mark.parametrize(
    ("highest", "levels"),
    [
        (2.32e9, (5e7, 1e8, 2e8, 5e8, 1e9, 2e9)),
        (5e9, (5e7, 1e8, 2e8, 5e8, 1e9, 2e9)),
        (5.01e9, (1e8, 2e8, 5e8, 1e9, 2e9, 5e9)),
        (1.5, (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)),
    ],
)
def test_levels_are_round_numbers_below_the_highest(highest: float, levels: tuple[float, ...]) -> None:
    assert round_levels(highest, 6) == pytest.approx(levels)


def test_bands_are_valid_areas_that_follow_each_other_without_overlap(town: Snapshot) -> None:
    surface = surface_of(town)
    assert len(surface.bands) == 6
    for lower, upper in itertools.pairwise(surface.bands):
        assert lower.high_yuan_per_km2 == upper.low_yuan_per_km2
        overlap = shapely.intersection(area_of(lower), area_of(upper))
        assert overlap.area < 0.02 * area_of(upper).area
    assert surface.bands[-1].high_yuan_per_km2 is None
    for band in surface.bands:
        assert shapely.is_valid(area_of(band))
        assert all(polygon.exterior.is_ccw for polygon in area_of(band).geoms)


def test_a_band_s_area_is_metric(town: Snapshot) -> None:
    for band in surface_of(town).bands:
        moved = crs.geometries_from_wgs84("epsg:4549", np.array([area_of(band)], dtype=object))[0]
        assert band.area_km2 == pytest.approx(shapely.area(moved) / 1e6, rel=0.02)


def test_coordinates_are_degrees_of_six_decimals(town: Snapshot) -> None:
    numbers = [
        number for band in surface_of(town).bands for number in shapely.get_coordinates(area_of(band)).ravel()
    ]
    assert all(round(number, 6) == number for number in numbers)
    west, south, east, north = shapely.total_bounds([area_of(band) for band in surface_of(town).bands])
    assert 120.3 < west < east < 120.45
    assert 36.05 < south < north < 36.16


def test_the_peak_lies_in_the_highest_band(lay_out: LayOut) -> None:
    snapshot = taxed(lay_out, [1e8], [shapely.Point(CBD)])
    surface = surface_of(snapshot)
    assert shapely.contains_xy(area_of(surface.bands[-1]), *CBD)
    assert (surface.towers, surface.tax_yuan) == (1, 1e8)


def test_fewer_levels_are_the_highest_ones(town: Snapshot) -> None:
    lows = [band.low_yuan_per_km2 for band in surface_of(town).bands]
    assert [band.low_yuan_per_km2 for band in surface_of(town, levels=2).bands] == lows[-2:]


def test_only_existing_towers_with_a_tax_are_under_the_surface(lay_out: LayOut) -> None:
    rows: list[Row] = [
        {"tax_yuan": 7.0, "tax_year": 2023},
        {},
        {"tax_yuan": 0.0},
        {"tax_yuan": 9.0, "status": "planned"},
    ]
    surface = surface_of(lay_out(rows))
    assert (surface.towers, surface.tax_yuan) == (1, 7)


def test_without_any_tax_there_is_no_surface(lay_out: LayOut) -> None:
    surface = surface_of(taxed(lay_out, [None, 0], around(CBD, 2)))
    assert (surface.reason, surface.bands, surface.highest_yuan_per_km2) == ("no_tax", (), 0)


def test_towers_a_country_apart_are_too_wide_for_one_surface(lay_out: LayOut) -> None:
    far = [shapely.Point(120.37, 36.09), shapely.Point(116.4, 39.9)]
    assert surface_of(taxed(lay_out, [1e8, 1e8], far)).reason == "too_wide"


def test_towers_across_a_city_get_coarser_cells_and_keep_their_tax(lay_out: LayOut) -> None:
    far = [shapely.Point(120.37, 36.09), shapely.Point(120.67, 36.39)]
    surface = surface_of(taxed(lay_out, [1e8, 1e8], far))
    assert surface.reason is None
    assert 50 < surface.cell_m <= 300


def test_a_surface_is_ready_for_json(town: Snapshot) -> None:
    plain = orjson.loads(orjson.dumps(surface_of(town)))
    assert plain["crs"] == "EPSG:4549"
    assert plain["bands"][0]["coordinates"][0][0][0][0] == pytest.approx(120.37, abs=0.05)
