from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from buildingmap import crs, resources
from buildingmap.layers import check_layer
from buildingmap.model import Milestone, Project, ServiceOfficer, TaxEntry, Tenant, Unit
from buildingmap.registry import RecordFaultsError, RegistryError, read_holdings

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.model import District, Surroundings
    from buildingmap.snapshot import Holdings, Snapshot

LAYERS = ("buildings", "clusters", "stations", "basemap")
SCRIPTS = ("make_demo.py", "demo_places.py", "demo_basemap.py", "demo_holdings.py", "demo_sites.py")
MARK_YUAN = 100_000_000
# what these are is in their records, which have tests of their own
BY_THEIR_RECORDS = {"CBD-21", "XDX-05", "CBD-40", "OTH-12", "XDX-14"}


def layer(name: str) -> dict[str, Any]:
    text = (resources.data_folder() / f"{name}.geojson").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def properties(name: str = "buildings") -> list[dict[str, Any]]:
    return [feature["properties"] for feature in layer(name)["features"]]


def standing() -> list[dict[str, Any]]:
    return [tower for tower in properties() if tower["status"] == "existing"]


def shapes(name: str = "buildings") -> list[shapely.Geometry]:
    return [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in layer(name)["features"]]


def past_mark(year: int) -> int:
    records = [record for tower in standing() for record in tower["tax_history"] if record["year"] == year]
    return sum(record["tax_yuan"] >= MARK_YUAN for record in records)


@pytest.mark.command
def test_the_script_writes_the_same_bytes_again(tmp_path: Path) -> None:
    for script in SCRIPTS:
        shutil.copy(resources.data_folder() / script, tmp_path)
    subprocess.run([sys.executable, "make_demo.py"], cwd=tmp_path, check=True, capture_output=True)
    for name in LAYERS:
        written = (tmp_path / f"{name}.geojson").read_bytes()
        assert written == (resources.data_folder() / f"{name}.geojson").read_bytes(), name
    records = (tmp_path / "holdings.json").read_bytes()
    assert records == (resources.data_folder() / "holdings.json").read_bytes()


def test_every_file_says_what_it_is() -> None:
    demo = layer("buildings")
    assert demo["synthetic"] is True
    assert "synthetic" in demo["title"]
    assert "合成" in demo["title"]
    assert all("非真实统计" in tower["source"] for tower in properties())
    for name in ("clusters", "stations", "basemap"):
        assert layer(name)["schematic"] is True, name
        assert "示意" in layer(name)["source"], name


def test_the_published_counts_come_out() -> None:
    assert Counter(tower["cluster"] for tower in standing()) == {"cbd": 54, "xinduxin": 24, "other": 30}
    assert sum(tower["status"] != "existing" for tower in properties()) == 15
    assert past_mark(2023) == 20
    assert past_mark(2019) == 12


def test_the_years_between_lead_from_one_count_to_the_other() -> None:
    counts = [past_mark(year) for year in range(2019, 2024)]
    assert counts == sorted(counts)


def test_the_mark_has_a_tower_on_it_and_one_a_yuan_short() -> None:
    taxes = sorted(tower["tax_yuan"] for tower in standing())
    assert taxes.count(MARK_YUAN) == 1
    assert taxes.count(MARK_YUAN - 1) == 1
    assert sum(0.9 * MARK_YUAN <= tax < MARK_YUAN for tax in taxes) >= 3
    assert 1 <= sum(tax >= 10 * MARK_YUAN for tax in taxes) <= 2


def test_the_towers_that_the_docs_point_at_are_what_they_say() -> None:
    text = (resources.data_folder().parent / "docs" / "demo-data.md").read_text(encoding="utf-8")
    towers = {tower["id"]: tower for tower in properties()}
    assert set(re.findall(r"`((?:CBD|XDX|OTH|NEW)-\d\d)`", text)) - {"CBD-07"} - BY_THEIR_RECORDS == {
        *(name for name, tower in towers.items() if tower["tax_yuan"] in {MARK_YUAN, MARK_YUAN - 1}),
        *(name for name, tower in towers.items() if (tower["tax_yuan"] or 0) >= 10 * MARK_YUAN),
        *(name for name, shape in zip(towers, shapes(), strict=True) if isinstance(shape, shapely.Point)),
        "CBD-52",
        "CBD-53",
        "CBD-54",
    }


def test_the_layer_passes_its_own_check_without_a_word(
    district: District, surroundings: Surroundings
) -> None:
    path = resources.data_folder() / "buildings.geojson"
    checked = check_layer(path, district=district, surroundings=surroundings, strict=True)
    assert [fault.line() for fault in (*checked.faults, *checked.warnings)] == []
    assert checked.rows == 123
    assert checked.about.synthetic


def test_no_two_towers_have_one_address() -> None:
    addresses = [tower["address"] for tower in properties()]
    assert len(set(addresses)) == len(addresses) > 100


def test_towers_are_named_by_code_at_invented_addresses() -> None:
    for tower in properties():
        code = tower["id"]
        assert re.fullmatch(r"(CBD|XDX|OTH|NEW)-\d\d", code)
        assert tower["name"] == f"{code}号楼宇"
        assert re.fullmatch(r"(CBD|Xinduxin|Other|New) tower \d\d", tower["name_en"])
        assert re.fullmatch(r"示例[一二三四五六七八九]路 \d+ 号", tower["address"])


def test_figures_of_a_tower_agree() -> None:
    for tower in properties():
        assert 0.595 <= tower["leasable_area_m2"] / tower["floor_area_m2"] <= 0.755, tower["id"]
        assert 3 <= tower["height_m"] / tower["floors"] <= 6, tower["id"]
        if tower["vacancy_rate"] is not None:
            assert 0.03 <= tower["vacancy_rate"] <= 0.45, tower["id"]
        if tower["grade"] is not None:
            assert tower["grade_standard"] == "GB/T 39069-2020"
            assert tower["grade_date"] <= tower["as_of"]


def test_a_tower_has_tax_from_2019_or_from_its_first_full_year() -> None:
    for tower in standing():
        first = max(2019, tower["completion_year"] + 1)
        assert [record["year"] for record in tower["tax_history"]] == list(range(first, 2024)), tower["id"]


def test_new_towers_have_no_tax_and_some_no_function_yet() -> None:
    new = [tower for tower in properties() if tower["status"] != "existing"]
    assert {tower["status"] for tower in new} == {"planned", "under_construction"}
    for tower in new:
        assert tower["tax_yuan"] is None
        assert tower["tax_history"] == []
        assert tower["completion_year"] > 2023
    assert 0 < sum(tower["sector"] is None for tower in new) < len(new)


def test_each_cluster_leans_to_its_own_sectors() -> None:
    def share(cluster: str, sectors: set[str]) -> float:
        towers = [tower for tower in standing() if tower["cluster"] == cluster]
        return sum(tower["sector"] in sectors for tower in towers) / len(towers)

    assert share("cbd", {"finance", "headquarters", "trade"}) > 0.6
    assert share("xinduxin", {"digital", "technology", "talent"}) > 0.6


def test_more_floor_brings_more_tax_but_not_by_rule() -> None:
    towers = standing()
    area = np.array([tower["floor_area_m2"] for tower in towers])
    tax = np.array([tower["tax_yuan"] for tower in towers])
    assert 0.4 < np.corrcoef(np.log(area), np.log(tax))[0, 1] < 0.95


def test_footprints_stand_apart_with_rings_turned_as_rfc_7946_asks() -> None:
    footprints = shapes()
    tree = shapely.STRtree(footprints)
    left, right = tree.query(footprints, predicate="intersects")
    assert [(a, b) for a, b in zip(left, right, strict=True) if a < b] == []
    assert {type(shape).__name__ for shape in footprints} == {"Polygon", "MultiPolygon", "Point"}
    polygons = [
        part for shape in (*footprints, *shapes("basemap"), *shapes("clusters")) for part in areas(shape)
    ]
    assert all(polygon.is_valid and polygon.exterior.is_ccw for polygon in polygons)


def areas(shape: shapely.Geometry) -> list[shapely.Polygon]:
    return [part for part in shapely.get_parts(shape) if isinstance(part, shapely.Polygon)]


def test_declared_cluster_and_official_boundary_differ_for_three_towers(demo_snapshot: Snapshot) -> None:
    boundaries = {boundary.cluster: boundary.shape for boundary in demo_snapshot.surroundings.boundaries}
    outside = [
        tower.id
        for tower, shape in zip(demo_snapshot.buildings, demo_snapshot.geometry, strict=True)
        if tower.cluster in boundaries and not boundaries[tower.cluster].contains(shape)
    ]
    assert outside == ["CBD-52", "CBD-53", "CBD-54"]


@pytest.mark.parametrize(
    ("cluster", "km2", "lon", "lat"), [("cbd", 2.46, 120.375, 36.0957), ("xinduxin", 3.98, 120.397, 36.119)]
)
def test_boundaries_have_the_published_extent(
    surroundings: Surroundings, cluster: str, km2: float, lon: float, lat: float
) -> None:
    boundary = next(boundary for boundary in surroundings.boundaries if boundary.cluster == cluster)
    assert boundary.schematic
    geometry = np.array([boundary.shape, shapely.Point(lon, lat)], dtype=object)
    shape, centre = crs.geometries_from_wgs84("epsg:4549", geometry)
    assert shapely.area(shape) / 1e6 == pytest.approx(km2, rel=0.03)
    assert shapely.distance(shapely.centroid(shape), centre) < 100


def test_metro_lines_run_through_their_stations(surroundings: Surroundings) -> None:
    assert len(surroundings.stations) == 6
    lines = {feature.name: feature.shape for feature in surroundings.basemap if feature.kind == "metro"}
    for station in surroundings.stations:
        for line in station.lines:
            assert lines[f"地铁{line}号线"].distance(station.point) < 1e-9, station.zh


def test_the_basemap_names_only_what_is_published(surroundings: Surroundings, district: District) -> None:
    named = {feature.name for feature in surroundings.basemap if feature.kind == "street"}
    published = {"山东路", "福州路", "延吉路", "辽源路", "长沙路", "清江路", "南昌路", "黑龙江路"}
    assert named == published | {""}
    kinds = {feature.kind for feature in surroundings.basemap}
    assert kinds == {"district", "street", "metro", "water", "park"}
    envelope = shapely.box(*district.envelope)
    land = [feature.shape for feature in surroundings.basemap if feature.kind != "water"]
    assert all(envelope.covers(shape) for shape in land)


def test_the_files_stay_small() -> None:
    sizes = {name: (resources.data_folder() / f"{name}.geojson").stat().st_size for name in LAYERS}
    assert sizes["buildings"] < 250_000
    assert sizes["basemap"] < 40_000


@pytest.fixture(scope="module")
def holdings(district: District) -> Holdings:
    return read_holdings(resources.data_folder() / "holdings.json", district)


def test_the_records_say_that_they_are_synthetic_and_name_nobody(holdings: Holdings) -> None:
    text = (resources.data_folder() / "holdings.json").read_text(encoding="utf-8")
    assert json.loads(text)["synthetic"] is True
    for records in holdings.records.values():
        assert {record.source for record in records} == {"合成演示数据，非真实统计 / synthetic demo data"}
    assert all(re.fullmatch(r"示例企业 \d{4}", tenant.name) for tenant in holdings.all(Tenant))
    # division 000000 is no place, so the code is no company's
    assert all(tenant.uscc and tenant.uscc.startswith("91000000DEM") for tenant in holdings.all(Tenant))
    assert all(officer.name.startswith("示例") for officer in holdings.all(ServiceOfficer))


def test_the_taxes_of_the_records_are_those_of_the_towers(holdings: Holdings) -> None:
    for tower in standing():
        entries = holdings.of(TaxEntry, tower["id"])
        annual = {entry.year: entry.tax_yuan for entry in entries if entry.is_annual_total}
        assert annual == {record["year"]: record["tax_yuan"] for record in tower["tax_history"]}
        quarters = [entry.tax_yuan for entry in entries if entry.quarter and entry.year == 2023]
        kinds = [entry.tax_yuan for entry in entries if entry.tax_type]
        assert sum(filter(None, quarters)) == sum(filter(None, kinds)) == annual[2023]


def test_the_units_of_a_tower_are_its_leasable_area_and_as_vacant_as_it_says(holdings: Holdings) -> None:
    told = 0
    for tower in standing():
        units = holdings.of(Unit, tower["id"])
        if not units:
            continue
        told += 1
        area = sum(unit.area_m2 for unit in units)
        vacant = sum(unit.area_m2 for unit in units if unit.tenant_id is None)
        assert area == pytest.approx(tower["leasable_area_m2"], abs=1)
        assert vacant / area == pytest.approx(tower["vacancy_rate"], abs=0.07)
    assert told == 99


def test_what_an_office_must_find_is_in_the_records(holdings: Holdings) -> None:
    tenants = holdings.all(Tenant)
    assert sum(tenant.registration_moved_on is not None for tenant in tenants) > 20
    assert sum(tenant.moved_out_on is not None for tenant in tenants) == 24
    leased = sum(tenant.area_m2 or 0 for tenant in holdings.of(Tenant, "OTH-12"))
    assert leased > sum(unit.area_m2 for unit in holdings.of(Unit, "OTH-12"))
    payers = {
        entry.building_id: entry.taxpayer_count
        for entry in holdings.all(TaxEntry)
        if entry.year == 2023 and entry.is_annual_total
    }
    assert {tower for tower, count in payers.items() if count is not None and count < 3} == {
        "CBD-21",
        "XDX-05",
        "CBD-40",
    }
    addresses = Counter(tenant.registered_address for tenant in holdings.of(Tenant, "XDX-14"))
    assert max(count for address, count in addresses.items() if address) == 7


def test_every_tower_to_come_has_its_project_and_milestones(holdings: Holdings) -> None:
    coming = {tower["id"] for tower in properties() if tower["status"] != "existing"}
    assert {project.building_id for project in holdings.all(Project)} == coming
    assert Counter(step.building_id for step in holdings.all(Milestone)) == dict.fromkeys(coming, 5)


def test_a_record_file_with_faults_is_refused_whole_and_by_name(tmp_path: Path, district: District) -> None:
    path = tmp_path / "records.json"
    rows = [{"id": "a", "building_id": "X", "name": "a"}, {"id": "b", "building_id": "X", "uscc": "1"}]
    path.write_text(json.dumps({"records": {"tenant": rows}}), encoding="utf-8")

    with pytest.raises(RecordFaultsError) as refused:
        read_holdings(path, district)

    assert {(fault.place.number, fault.field) for fault in refused.value.faults} == {(2, "name"), (2, "uscc")}


@pytest.mark.parametrize("text", ["", "[]", '{"records": 1}', '{"records": {"nothing": []}}'])
def test_a_file_that_holds_no_records_is_said_in_a_line(
    tmp_path: Path, district: District, text: str
) -> None:
    path = tmp_path / "records.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(RegistryError, match="expected"):
        read_holdings(path, district)
