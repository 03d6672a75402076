"""The demo's candidate parcels: where they lie, measured in EPSG:4549, and what a registry keeps of them."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import openpyxl
import pytest
import shapely

from buildingmap import crs, resources
from buildingmap.cli.init import make_demo
from buildingmap.model import Site
from buildingmap.placement import default_plan, planning
from buildingmap.registry import (
    Change,
    RecordFaultsError,
    create_registry,
    move,
    open_registry,
    read_holdings,
    write_records,
)
from buildingmap.sites import occupied, site_findings
from buildingmap.snapshot import Holdings, LayerNote

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from buildingmap.model import District, Surroundings
    from buildingmap.snapshot import Snapshot

STREET_HALF_M = 11.0


# two parcels are wrong on purpose: a tower stands on one, the other is road
WRONG = {"DK-41": "holds_tower", "DK-42": "is_road"}


@pytest.fixture(scope="module")
def everything(district: District) -> Holdings:
    return read_holdings(resources.data_folder() / "holdings.json", district)


@pytest.fixture(scope="module")
def holdings(everything: Holdings) -> Holdings:
    """The parcels that are meant to be built on."""
    sites = tuple(site for site in everything.all(Site) if site.id not in WRONG)
    shapes = {key: shape for key, shape in everything.site_shapes.items() if key not in WRONG}
    return Holdings({"site": sites}, shapes)


@pytest.fixture(scope="module")
def parcels(holdings: Holdings) -> NDArray[np.object_]:
    """The parcels in metres, in the order of their records."""
    drawn = [holdings.site_shapes[site.id] for site in holdings.all(Site)]
    return crs.geometries_from_wgs84("epsg:4549", np.array(drawn, dtype=object))


def in_metres(shapes: list[shapely.Geometry]) -> NDArray[np.object_]:
    return crs.geometries_from_wgs84("epsg:4549", np.array(shapes, dtype=object))


def test_forty_parcels_lie_in_both_clusters_and_elsewhere(holdings: Holdings) -> None:
    sites = holdings.all(Site)
    assert [site.id for site in sites] == [f"DK-{number:02d}" for number in range(1, 41)]
    assert Counter(site.cluster for site in sites) == {"cbd": 12, "xinduxin": 14, "other": 14}


def test_two_more_are_wrong_on_purpose_and_found_out(everything: Holdings, demo_snapshot: Snapshot) -> None:
    demo = replace(demo_snapshot, holdings=everything)
    found = {finding.site: finding for finding in site_findings(demo)}
    assert {key: finding.kind for key, finding in found.items()} == WRONG
    assert all(occupied([finding]) is not None for finding in found.values())
    assert found["DK-41"].other_zh == demo_snapshot.buildings[demo_snapshot.row(found["DK-41"].other)].name
    names = {site.id: site.name for site in everything.all(Site)}
    assert "示例" in names["DK-41"]
    assert "示例" in names["DK-42"]


def test_the_demo_plan_takes_neither_of_them_and_says_so(
    everything: Holdings, demo_snapshot: Snapshot
) -> None:
    laid_out = planning(replace(demo_snapshot, holdings=everything), default_plan())
    assert {term.subject[0] for term in laid_out.terms if term.kind.startswith("occupied")} == set(WRONG)
    allowed = np.atleast_1d(laid_out.choice(15).allowed.any(axis=1))
    listed = laid_out.listed.ids
    assert {site for site, free in zip(listed, allowed, strict=True) if not free} == {
        *WRONG,
        "DK-16",
        "DK-31",
    }


def test_parcels_are_named_by_code_and_a_settled_one_says_why(holdings: Holdings) -> None:
    for site in holdings.all(Site):
        reason = "" if site.rule == "open" else r"（示例：[\u4e00-\u9fff，]+）"
        assert re.fullmatch(rf"{site.id}号地块{reason}", site.name), site.name
    rules = Counter(site.rule for site in holdings.all(Site))
    assert rules == {"open": 37, "fixed": 1, "forbidden": 2}


def test_what_may_be_built_is_in_the_range_of_real_parcels(holdings: Holdings) -> None:
    for site in holdings.all(Site):
        assert site.area_m2 is not None
        assert site.floor_area_ratio is not None
        assert site.height_limit_m is not None
        assert 4_000 <= site.area_m2 <= 20_000
        assert 2.5 <= site.floor_area_ratio <= 7
        assert 60 <= site.height_limit_m <= 180
        assert 2024 <= (site.earliest_year or 0) <= 2028
    by_cluster = {
        cluster: np.mean(
            [site.floor_area_ratio or 0 for site in holdings.all(Site) if site.cluster == cluster]
        )
        for cluster in ("cbd", "xinduxin", "other")
    }
    assert by_cluster["cbd"] > by_cluster["xinduxin"] > by_cluster["other"]


def test_a_parcel_has_the_area_that_it_states(holdings: Holdings, parcels: NDArray[np.object_]) -> None:
    stated = np.array([site.area_m2 for site in holdings.all(Site)])
    assert np.abs(shapely.area(parcels) / stated - 1).max() < 0.005


def test_parcels_stand_apart_from_each_other_and_from_every_tower(
    parcels: NDArray[np.object_], demo_snapshot: Snapshot
) -> None:
    towers = crs.geometries_from_wgs84("epsg:4549", demo_snapshot.geometry)
    nearest = shapely.STRtree(towers).query_nearest(parcels, return_distance=True)[1]
    assert nearest.min() > 8
    left, right = shapely.STRtree(parcels).query(parcels, predicate="dwithin", distance=8.0)
    assert (left == right).all()


def test_no_parcel_reaches_into_a_street_a_park_or_the_water(
    parcels: NDArray[np.object_], surroundings: Surroundings
) -> None:
    streets = in_metres([feature.shape for feature in surroundings.basemap if feature.kind == "street"])
    assert shapely.STRtree(streets).query_nearest(parcels, return_distance=True)[1].min() > STREET_HALF_M
    free = in_metres([feature.shape for feature in surroundings.basemap if feature.kind in {"park", "water"}])
    assert shapely.STRtree(free).query_nearest(parcels, return_distance=True)[1].min() > 5


def test_parcels_lie_in_the_district_and_in_the_cluster_that_they_name(
    holdings: Holdings, surroundings: Surroundings
) -> None:
    district = next(feature.shape for feature in surroundings.basemap if feature.kind == "district")
    boundaries = {boundary.cluster: boundary.shape for boundary in surroundings.boundaries}
    for site in holdings.all(Site):
        shape = holdings.site_shapes[site.id]
        assert shapely.covers(district, shape), site.id
        inside = {cluster for cluster, boundary in boundaries.items() if shapely.intersects(boundary, shape)}
        assert inside == ({site.cluster} if site.cluster in boundaries else set()), site.id


def test_parcels_are_not_all_rectangles_and_their_rings_turn_as_rfc_7946_asks(holdings: Holdings) -> None:
    shapes = list(holdings.site_shapes.values())
    assert all(isinstance(shape, shapely.Polygon) and shape.exterior.is_ccw for shape in shapes)
    corners = Counter(len(shapely.get_coordinates(shape)) - 1 for shape in shapes)
    assert set(corners) == {4, 5, 6}
    assert min(corners.values()) >= 3


def test_a_demo_registry_has_the_parcels_with_source_and_date(location: str, district: District) -> None:
    with make_demo(location) as registry:
        found = registry.snapshot().holdings
        told = read_holdings(resources.data_folder() / "holdings.json", district)
        assert found.all(Site) == told.all(Site)
        assert all(site.source and site.as_of is not None for site in found.all(Site))
        assert set(found.site_shapes) == set(told.site_shapes)
        for site_id, shape in told.site_shapes.items():
            assert shapely.equals_identical(found.site_shapes[site_id], shape)


def test_a_parcel_survives_a_change_its_undoing_a_move_and_the_workbook(
    location: str, tmp_path: Path, district: District, surroundings: Surroundings, holdings: Holdings
) -> None:
    note = LayerNote(title="地块", synthetic=True)
    places: dict[str, Any] = {"district": district, "surroundings": surroundings}
    told = {"DK-01": holdings.site_shapes["DK-01"], "DK-02": holdings.site_shapes["DK-02"]}
    alone = Holdings({"site": holdings.all(Site)}, holdings.site_shapes)
    with create_registry(location, note=note, holdings=alone, **places) as registry:
        other = str(shapely.to_wkb(told["DK-02"], hex=True))
        change = Change("site", "DK-01", {"rule": "fixed", "geometry": other}, 1)
        moved = registry.apply([change], actor="lin")
        assert moved is not None
        assert shapely.equals(registry.snapshot().holdings.site_shapes["DK-01"], told["DK-02"])
        assert shapely.equals(registry.snapshot_at(1).holdings.site_shapes["DK-01"], told["DK-01"])
        registry.undo(moved.version, actor="lin")
        sheet = openpyxl.load_workbook(io.BytesIO(write_records(registry, lang="en")))["Sites"]
    header, first, *rest = sheet.values
    assert len(rest) == 39
    row = dict(zip(map(str, header), first, strict=True))
    assert (row["id"], row["rule"]) == ("DK-01", "open")
    assert shapely.equals(shapely.from_wkt(str(row["wkt"])), told["DK-01"])

    move(location, tmp_path / "moved.gpkg")

    with open_registry(tmp_path / "moved.gpkg", **places) as registry:
        found = registry.snapshot().holdings
        assert found.all(Site) == holdings.all(Site)
        assert shapely.equals_identical(found.site_shapes["DK-01"], told["DK-01"])
        assert registry.verify() == []


@pytest.mark.parametrize(
    "drawn",
    [
        None,
        "POLYGON",
        {"type": "Point", "coordinates": [120.37, 36.09]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[["x", 1], [1, 1], [1, 0], ["x", 1]]]},
    ],
)
def test_a_record_of_a_parcel_without_a_whole_shape_is_refused(
    tmp_path: Path, district: District, drawn: Any
) -> None:
    path = tmp_path / "records.json"
    row = {"id": "DK-01", "name": "DK-01", "geometry": drawn}
    path.write_text(json.dumps({"records": {"site": [row]}}), encoding="utf-8")

    with pytest.raises(RecordFaultsError) as refused:
        read_holdings(path, district)

    (fault,) = refused.value.faults
    assert (fault.field, fault.expected.code, fault.place.number) == ("geometry", "site_shape", 1)
