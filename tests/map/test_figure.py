from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import shapely

from buildingmap.errors import MapAssetError
from buildingmap.map import MAP_ASSETS, asset_bytes, map_extent, map_figure
from buildingmap.map.assets import local_assets
from buildingmap.model import BasemapFeature, Boundary, District, Station, Surroundings
from buildingmap.model.district import BasemapTiles

if TYPE_CHECKING:
    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut

HOSTILE = "</script><script>alert(1)</script> ${alert(2)} \\`"


@pytest.fixture
def around() -> Surroundings:
    return Surroundings(
        boundaries=(
            Boundary(
                "cbd", shapely.box(120.368, 36.084, 120.381, 36.095), HOSTILE, HOSTILE, None, schematic=True
            ),
        ),
        stations=(Station("s", HOSTILE, HOSTILE, ("3",), shapely.Point(120.38, 36.09)),),
        basemap=(
            BasemapFeature("street", HOSTILE, shapely.LineString([(120.37, 36.085), (120.38, 36.09)])),
            BasemapFeature("district", HOSTILE, shapely.box(120.3, 36.06, 120.42, 36.15)),
        ),
    )


@pytest.fixture
def towers(lay_out: LayOut, around: Surroundings) -> Snapshot:
    return lay_out([{"name": HOSTILE.replace("\n", " ")}, {}], surroundings=around)


def test_a_map_is_the_same_at_every_start(towers: Snapshot) -> None:
    assert map_figure(towers) == map_figure(towers)


def test_a_map_names_no_address_outside(towers: Snapshot) -> None:
    figure = map_figure(towers)
    assert not re.search(r"(https?:)?//[a-z]", figure.html + figure.script)


def test_the_html_of_a_map_holds_neither_script_nor_style(towers: Snapshot) -> None:
    html = map_figure(towers).html
    assert "<script" not in html
    assert "style" not in html


def test_no_text_of_the_registry_or_of_its_surroundings_is_in_the_script(towers: Snapshot) -> None:
    assert "alert" not in map_figure(towers).script


def test_the_script_hands_over_the_map_with_boundaries_stations_and_basemap(towers: Snapshot) -> None:
    script = map_figure(towers).script
    for layer in ("basemap", "boundaries", "stations"):
        assert f'"{layer}": geo_json_{layer}' in script
    assert "boundary cbd" in script
    assert "base street" in script


def test_a_tile_server_s_attribution_is_only_text(lay_out: LayOut, district: District) -> None:
    tiles = BasemapTiles(url="https://tiles.example.cn/{z}/{x}/{y}.png", attribution=HOSTILE)
    own = district.model_copy(update={"basemap_tiles": tiles})
    script = map_figure(lay_out([{}], district=own)).script
    assert "tiles.example.cn" in script
    assert "<script>alert" not in script
    assert "${alert" not in script


def test_a_link_without_a_local_file_is_an_error_that_names_it() -> None:
    with pytest.raises(MapAssetError, match=r"cdn\.example"):
        local_assets([("leaflet", "x"), ("heatmap", "https://cdn.example/heat.js")])


def test_leaflet_comes_from_the_installed_package_without_its_source_map() -> None:
    for name in MAP_ASSETS:
        assert len(asset_bytes(name)) > 10_000
    assert b"sourceMappingURL" not in asset_bytes("leaflet.js")


@pytest.mark.parametrize("name", ["leaflet-src.js", "../__init__.py", "", "layers.png"])
def test_no_other_file_of_the_package_is_served(name: str) -> None:
    with pytest.raises(MapAssetError, match="expected one of"):
        asset_bytes(name)


def test_a_map_opens_on_the_boundaries_that_hold_towers(towers: Snapshot) -> None:
    (south, west), (north, east) = map_extent(towers)
    assert (west, south, east, north) == pytest.approx((120.366, 36.082, 120.383, 36.097))


def test_a_map_of_towers_far_from_any_boundary_opens_on_the_towers(
    lay_out: LayOut, around: Surroundings
) -> None:
    far = lay_out([{}], shapes=[shapely.box(120.5, 36.3, 120.51, 36.31)], surroundings=around)
    (south, west), (north, east) = map_extent(far)
    assert (west, south, east, north) == pytest.approx((120.498, 36.298, 120.512, 36.312))
