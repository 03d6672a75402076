"""The demo stands on the ground it is named after: on land, in Shibei, each tower and parcel in its cluster.

First by the demo's own layers; then, where the real outlines (OpenStreetMap, ODbL) lie beside the checkout, by those.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from buildingmap import crs, resources
from buildingmap.map import map_figure
from buildingmap.model import BasemapFeature, Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from buildingmap.snapshot import Snapshot

# three towers stand across the road from the CBD's boundary on purpose
ACROSS_THE_ROAD = {"CBD-52", "CBD-53", "CBD-54"}
REAL = resources.data_folder().parents[1] / "shared" / "data" / "osm"
SHIBEI, NEIGHBOUR = "市北区", "市南区"
# north of the border with the neighbouring district along 延吉路
BORDER_LAT = 36.0868

needs_real_outlines = pytest.mark.skipif(not REAL.is_dir(), reason=f"no real outlines in {REAL}")


def features(path: Path) -> list[tuple[dict[str, Any], BaseGeometry]]:
    entries = json.loads(path.read_text(encoding="utf-8"))["features"]
    return [(entry["properties"], shapely.from_geojson(json.dumps(entry["geometry"]))) for entry in entries]


def demo(name: str) -> list[tuple[dict[str, Any], BaseGeometry]]:
    return features(resources.data_folder() / f"{name}.geojson")


def metric(shapes: Iterable[BaseGeometry]) -> BaseGeometry:
    """All shapes as one, in metres."""
    return shapely.union_all(crs.geometries_from_wgs84("epsg:4549", np.array(list(shapes), dtype=object)))


def of_kind(kind: str) -> BaseGeometry:
    return metric(shape for about, shape in demo("basemap") if about["kind"] == kind)


def towers() -> dict[str, BaseGeometry]:
    return {about["id"]: metric([shape]) for about, shape in demo("buildings")}


def parcels() -> dict[str, BaseGeometry]:
    path = resources.data_folder() / "holdings.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["records"]["site"]
    return {row["id"]: metric([shapely.from_geojson(json.dumps(row["geometry"]))]) for row in rows}


def boundaries() -> dict[str, BaseGeometry]:
    return {about["cluster"]: metric([shape]) for about, shape in demo("clusters")}


def real_district(name: str) -> BaseGeometry:
    return metric(
        shape for about, shape in features(REAL / "inner_districts.geojson") if about["name"] == name
    )


def real_land() -> BaseGeometry:
    return metric(shape for _, shape in features(REAL / "shibei_subdistricts.geojson"))


def overlap(one: BaseGeometry, other: BaseGeometry) -> float:
    return float(one.intersection(other).area / one.union(other).area)


def test_every_tower_and_parcel_is_on_land_in_the_district() -> None:
    district, water = of_kind("district"), of_kind("water")
    everything = towers() | parcels()
    assert len(everything) == 123 + 42
    assert [name for name, shape in everything.items() if not district.covers(shape)] == []
    assert [name for name, shape in everything.items() if water.intersects(shape)] == []


def test_every_tower_stands_in_the_cluster_it_names_and_in_no_other() -> None:
    outlines = boundaries()
    shapes = towers()
    wrong = []
    for about, _ in demo("buildings"):
        inside = {cluster for cluster, outline in outlines.items() if outline.intersects(shapes[about["id"]])}
        named = {about["cluster"]} & set(outlines)
        if inside != named and about["id"] not in ACROSS_THE_ROAD:
            wrong.append((about["id"], inside))
    assert wrong == []
    assert all(outlines["cbd"].distance(shapes[name]) < 150 for name in ACROSS_THE_ROAD)


def test_the_clusters_lie_wholly_in_the_district_and_the_cbd_north_of_its_border() -> None:
    district = of_kind("district")
    assert all(district.covers(outline) for outline in boundaries().values())
    assert min(shape.bounds[1] for about, shape in demo("clusters") if about["cluster"] == "cbd") > BORDER_LAT


def test_the_sea_is_west_and_touches_the_land_without_covering_it() -> None:
    district, water = of_kind("district"), of_kind("water")
    assert water.intersection(district).area == pytest.approx(0, abs=1)
    assert water.touches(district)
    assert water.bounds[0] < district.bounds[0]
    assert water.bounds[2] < district.centroid.x


def test_the_outline_and_the_coast_say_whose_they_are_and_so_does_the_map(demo_snapshot: Snapshot) -> None:
    credited = {about["kind"] for about, _ in demo("basemap") if "attribution" in about}
    assert credited == {"district", "water"}
    (credit,) = demo_snapshot.surroundings.attributions
    assert "© OpenStreetMap contributors" in credit
    assert "ODbL" in credit
    assert json.dumps(credit, ensure_ascii=True) in map_figure(demo_snapshot).script


def test_a_credit_is_text_on_the_map_and_a_basemap_without_one_names_nobody(demo_snapshot: Snapshot) -> None:
    def script(attribution: str) -> str:
        drawn = BasemapFeature("park", "", shapely.box(120.3, 36.0, 120.4, 36.1), attribution)
        return map_figure(replace(demo_snapshot, surroundings=Surroundings(basemap=(drawn,)))).script

    assert "<b>" not in script("<b>")
    assert "addAttribution" in script("<b>")
    assert "addAttribution" not in script("")


@needs_real_outlines
def test_the_outline_is_shibei_s() -> None:
    assert overlap(of_kind("district"), real_district(SHIBEI)) >= 0.95
    assert overlap(of_kind("district"), real_land()) >= 0.95


@needs_real_outlines
def test_both_clusters_lie_wholly_in_the_real_shibei() -> None:
    real = real_district(SHIBEI)
    for cluster, outline in boundaries().items():
        assert outline.difference(real).area < 1, cluster
        assert outline.difference(real_land()).area < 1, cluster


@needs_real_outlines
def test_no_tower_or_parcel_is_in_the_real_sea_or_in_another_district() -> None:
    real, sea = real_land(), metric(shape for _, shape in features(REAL / "sea_in_bbox.geojson"))
    everything = towers() | parcels()
    assert [name for name, shape in everything.items() if sea.intersects(shape)] == []
    assert [name for name, shape in everything.items() if not real.covers(shape)] == []


@needs_real_outlines
def test_one_of_the_stations_is_the_neighbour_s() -> None:
    stations = {about["name"]: metric([shape]) for about, shape in demo("stations")}
    ours, theirs = real_district(SHIBEI), real_district(NEIGHBOUR)
    assert [name for name, point in stations.items() if theirs.covers(point)] == ["宁夏路"]
    assert sum(ours.covers(point) for point in stations.values()) == 5
