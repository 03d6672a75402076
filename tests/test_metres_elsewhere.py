"""Districts far from Qingdao: every length and area that the product tells is that of the ground there."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import shapely
from pyproj import Geod

from buildingmap.analysis import tower_card
from buildingmap.model import Boundary, District, Site, Station, Surroundings
from buildingmap.placement import default_plan, parcels
from buildingmap.placement.candidates import candidates
from buildingmap.placement.criteria import distances_m
from buildingmap.placement.places import places_of
from buildingmap.snapshot import Holdings, Snapshot
from buildingmap.web import create_app
from tests.web.conftest import OneVersion

if TYPE_CHECKING:
    from tests.conftest import LayOut

GEOD = Geod(ellps="WGS84")
MOST_OFF = 0.0005
# the middle of a district, WGS84
CITIES = {
    "Qingdao": (120.38, 36.09),
    "Wuhan": (114.21, 30.55),
    "Chengdu": (104.06, 30.66),
    "Melbourne": (144.96, -37.81),
    "New York": (-73.98, 40.75),
    "Seoul": (126.98, 37.55),
    "Kuala Lumpur": (101.69, 3.14),
}
PLANES = {
    "Melbourne": "EPSG:32755 (WGS 84, UTM zone 55S)",
    "Wuhan": "EPSG:4547 (CGCS2000, 3-degree Gauss-Krüger",
}


def geodesic_m(one: shapely.Point, other: shapely.Point) -> float:
    return float(GEOD.inv(one.x, one.y, other.x, other.y)[2])


def ground_m2(shape: shapely.Polygon) -> float:
    return abs(float(GEOD.geometry_area_perimeter(shape)[0]))


class Town:
    """Two towers as points, a station, a cluster's boundary and two parcels about the middle of a district."""

    def __init__(self, city: str, district: District, lay_out: LayOut) -> None:
        lon, lat = CITIES[city]
        self.towers = [shapely.Point(lon - 0.012, lat - 0.01), shapely.Point(lon + 0.018, lat + 0.013)]
        self.station = shapely.Point(lon + 0.031, lat - 0.022)
        self.boundary = shapely.box(lon - 0.02, lat - 0.02, lon + 0.03, lat + 0.02)
        self.parcels = [
            shapely.box(x, y, x + 0.001, y + 0.001) for x, y in ((lon - 0.03, lat), (lon + 0.03, lat + 0.02))
        ]
        envelope = (lon - 0.08, lat - 0.08, lon + 0.08, lat + 0.08)
        surroundings = Surroundings(
            (Boundary("cbd", self.boundary, "rule", "source", date(2024, 1, 1), schematic=False),),
            (Station("s", "站", "Station", ("1",), self.station),),
        )
        sites = tuple(Site(id=f"DK-{number}", name="地块", rule="open") for number in range(2))
        self.snapshot: Snapshot = lay_out(
            [{"cluster": "cbd", "tax_yuan": 1e7, "tax_year": 2023}] * 2,
            shapes=self.towers,
            surroundings=surroundings,
            district=district.model_copy(update={"envelope": envelope}),
            holdings=Holdings(
                records={"site": sites}, site_shapes={f"DK-{n}": s for n, s in enumerate(self.parcels)}
            ),
        )


@pytest.fixture(params=CITIES)
def city(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def town(city: str, district: District, lay_out: LayOut) -> Town:
    return Town(city, district, lay_out)


def test_a_card_s_distances_are_those_on_the_ground(town: Town) -> None:
    card = tower_card(town.snapshot, 0)
    assert card.nearest_station is not None
    station, neighbour = card.nearest_station.distance_m, card.neighbours[0].distance_m
    assert station == pytest.approx(geodesic_m(town.towers[0], town.station), rel=MOST_OFF, abs=0.06)
    assert neighbour == pytest.approx(geodesic_m(*town.towers), rel=MOST_OFF, abs=0.06)


def test_areas_are_those_on_the_ground(town: Town) -> None:
    found = parcels(town.snapshot)
    areas = [parcel.shape_m2 for parcel in found]
    assert areas == pytest.approx([ground_m2(shape) for shape in town.parcels], rel=2 * MOST_OFF)
    cbd = next(facts for facts in _clusters(town.snapshot) if facts["cluster"] == "cbd")
    # the edges of a plane's box bend a little on the ellipsoid
    assert cbd["boundary"]["area_km2"] * 1e6 == pytest.approx(
        ground_m2(town.boundary), rel=2 * MOST_OFF + 1e-4
    )


def _clusters(snapshot: Snapshot) -> list[dict[str, Any]]:
    answer = create_app(OneVersion(snapshot)).test_client().get("/api/summary").data
    clusters: list[dict[str, Any]] = orjson.loads(answer)["official_clusters"]
    return clusters


def test_a_plan_reckons_with_distances_on_the_ground(town: Town) -> None:
    listed = candidates(town.snapshot, "sites", default_plan().reference)
    middles = [shapely.Point(place) for place in places_of(listed, town.snapshot.metric)]
    assert all(shape.covers(middle) for shape, middle in zip(town.parcels, middles, strict=True))
    found = distances_m(listed, town.snapshot.x_m, town.snapshot.y_m)
    meant = [[geodesic_m(middle, tower) for tower in town.towers] for middle in middles]
    assert found.ravel().tolist() == pytest.approx([m for row in meant for m in row], rel=MOST_OFF, abs=0.3)


@pytest.mark.parametrize("city", PLANES)
def test_the_analysis_names_the_plane_it_measures_in(city: str, district: District, lay_out: LayOut) -> None:
    client = create_app(OneVersion(Town(city, district, lay_out).snapshot)).test_client()
    page = client.get("/analysis?lang=en").text
    assert PLANES[city] in page
    assert "of the geodesic anywhere in the district" in page
    assert "大地线" in client.get("/analysis?lang=zh").text
    hot = orjson.loads(client.get("/api/summary").data)["hot_spots"]["parameters"]["crs"]
    assert hot == PLANES[city].split(" ")[0]


def test_geopandas_is_handed_the_plane_s_own_code(town: Town) -> None:
    frame = town.snapshot.frame
    assert frame.crs == town.snapshot.metric.definition
    back = frame.to_crs("EPSG:4326").geometry
    assert all(shapely.equals_exact(a, b, 1e-8) for a, b in zip(back, town.towers, strict=True))
