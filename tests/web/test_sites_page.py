"""The candidate parcels over HTTP: page, GeoJSON, an outline looked at, rows changed, files to keep."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import shapely
from jsonschema import Draft202012Validator

from buildingmap.model import Site
from buildingmap.registry import Change, create_registry
from buildingmap.snapshot import Holdings, LayerNote
from tests.browser.hostile import ATTACKS
from tests.sites.parcels import ground, site
from tests.web.offices import as_role, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from buildingmap.layers import CheckedLayer
    from buildingmap.model import District, Surroundings
    from buildingmap.registry import Registry

HECTARE = ground(-2000, 2200, -1900, 2300)
RING = shapely.get_coordinates(HECTARE)[:-1].tolist()


@pytest.fixture(scope="module")
def demo_layer(district: District, surroundings: Surroundings) -> CheckedLayer:
    from buildingmap import resources  # noqa: PLC0415 - the demo's towers
    from buildingmap.layers import read_layer  # noqa: PLC0415 - the same

    return read_layer(
        resources.data_folder() / "buildings.geojson", district=district, surroundings=surroundings
    )


@pytest.fixture
def office(
    tmp_path: Path, district: District, surroundings: Surroundings, demo_layer: CheckedLayer
) -> Iterator[Registry]:
    """The demo's towers; DK-01 is free, on DK-02 stands CBD-01, DK-03 has no shape and a hostile name."""
    sites = (
        site(1, area_m2=10_000.0, floor_area_ratio=2.0, cluster="other"),
        site(2, rule="forbidden"),
        site(3, name=ATTACKS[0]),
    )
    tower = next(
        shape
        for tower, shape in zip(demo_layer.buildings, demo_layer.geometry, strict=True)
        if tower.id == "CBD-01"
    )
    shapes = {"DK-01": HECTARE, "DK-02": shapely.envelope(tower)}
    with create_registry(
        tmp_path / "office.gpkg",
        district=district,
        surroundings=surroundings,
        note=LayerNote(title="登记库", synthetic=True),
        layer=demo_layer,
        holdings=Holdings({"site": sites}, shapes),
    ) as made:
        yield made


def token(client: FlaskClient) -> dict[str, str]:
    return {"X-CSRF-Token": client.get("/api/session").get_json()["csrf"]}


def test_the_page_names_every_parcel_with_what_is_measured_and_what_is_in_doubt(office: Registry) -> None:
    client = as_role(office, "analyst")
    english, chinese = words(client.get("/sites?lang=en").text), words(client.get("/sites?lang=zh").text)
    assert "3 parcels 2 in doubt 1 left out of plans" in english
    assert "10,000 stated 10,000" in english
    assert "20,000 area stated × floor-area ratio" in english
    assert "the tower CBD-01 CBD tower 01 stands on" in english
    assert "it has no shape" in english
    assert "没有图形" in chinese
    assert "占其" in chinese
    assert "Synthetic demo data" in english
    only = words(client.get("/sites?show=doubt&lang=en").text)
    assert "1号地块" not in only
    assert "2号地块" in only


def test_an_analyst_reads_and_an_editor_may_change(office: Registry) -> None:
    assert "draw-site" not in as_role(office, "analyst").get("/sites").text
    page = as_role(office, "editor").get("/sites").text
    assert page.count('class="draw-site"') == 1 + 3
    assert 'name="csrf-token"' in page


def test_the_public_sees_neither_parcels_nor_what_is_found(office: Registry) -> None:
    client = as_role(office, "public")
    for address in (
        "/sites",
        "/api/sites",
        *(f"/download/sites.{form}" for form in ("geojson", "csv", "xlsx", "gpkg")),
    ):
        assert client.get(address).status_code in {401, 403}, address
    assert client.post("/api/sites/check", json={"rings": [RING]}, headers=token(client)).status_code in {
        401,
        403,
    }
    for address in (
        "/",
        "/api/buildings",
        "/map/towers",
        "/map/view",
        "/api/district",
        "/pipeline",
        "/buildings/CBD-01",
    ):
        body = client.get(address).text
        assert "DK-0" not in body, address
        assert "号地块" not in body, address
    assert 'href="/sites"' not in client.get("/").text


def test_the_answer_is_what_its_schema_says_and_holds_both_languages(office: Registry) -> None:
    client = as_role(office, "analyst")
    document = client.get("/api/openapi.json").get_json(force=True)
    answer = client.get("/api/sites")
    assert answer.content_type == "application/geo+json"
    schema = {"$ref": "#/components/schemas/Sites", "components": document["components"]}
    found = answer.get_json(force=True)
    assert list(Draft202012Validator(schema).iter_errors(found)) == []
    by_id = {feature["id"]: feature for feature in found["features"]}
    assert by_id["DK-01"]["properties"]["findings"] == []
    assert by_id["DK-01"]["properties"]["buildable_m2"] == 20_000
    (finding,) = by_id["DK-02"]["properties"]["findings"]
    assert (finding["kind"], finding["other"], by_id["DK-02"]["properties"]["left_out"]) == (
        "holds_tower",
        "CBD-01",
        True,
    )
    assert finding["zh"] != finding["en"]
    assert by_id["DK-03"]["geometry"] is None
    again = client.get("/api/sites", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/api/sites?limit=1").status_code == 400


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_hostile_name_reaches_no_page_as_markup(office: Registry, attack: str) -> None:
    office.apply([Change("site", "DK-01", {"name": attack[:200].strip() or "x"})], actor="lin")
    page = as_role(office, "editor").get("/sites").text
    assert "<script>alert" not in page
    assert "<img" not in page.lower().replace("&lt;img", "")
    table = as_role(office, "analyst").get("/download/sites.csv").get_data(as_text=True)
    assert not re.search(r"(?m)(?:^|,)[=+@]", table.split("地块编号", 1)[1])


def check(client: FlaskClient, document: Any) -> Any:
    return client.post("/api/sites/check", json=document, headers=token(client))


def test_an_outline_is_looked_at_and_nothing_is_written(office: Registry) -> None:
    client, before = as_role(office, "editor"), office.version
    answer = check(client, {"rings": [RING], "values": {"area_m2": 5000.0}})
    assert answer.status_code == 200, answer.text
    found = answer.get_json()
    assert found["area_m2"] == pytest.approx(10_000, rel=1e-3)
    assert [finding["kind"] for finding in found["findings"]] == ["overlaps", "area_differs"]
    own = check(client, {"rings": [RING], "id": "DK-01"}).get_json()
    assert own["findings"] == [], "a parcel does not overlap itself"
    assert office.version == before


@pytest.mark.parametrize(
    ("document", "status", "code"),
    [
        ({"rings": [RING[:2]]}, 422, "角点"),
        ({"rings": [[RING[0], RING[2], RING[1], RING[3]]]}, 422, "自相交"),
        ({"rings": [[corner[::-1] for corner in RING]]}, 422, "经度在前"),
        ({"rings": [[["120", 36.1]]]}, 422, "两个数字"),
        ({"rings": [[[120.3, 36.1, 5]]]}, 422, "两个数字"),
        ({"rings": [RING], "values": {"rule": "green"}}, 422, "以下之一"),
        ({"rings": [RING], "values": {"colour": "red"}}, 422, "字段"),
        ({"rings": [RING], "datum": "mars"}, 400, ""),
        ({"rings": []}, 400, ""),
        ({"rings": [RING], "more": 1}, 400, ""),
        ([], 400, ""),
    ],
)
def test_what_is_no_outline_is_told_in_the_reader_s_words(
    office: Registry, document: Any, status: int, code: str
) -> None:
    answer = check(as_role(office, "editor"), document)
    assert answer.status_code == status, answer.text
    if status == 422:
        assert code in answer.get_json()["faults"][0]["line"]


def test_a_parcel_is_drawn_changed_and_removed_as_three_versions(office: Registry) -> None:
    client = as_role(office, "editor")
    shape = json.loads(shapely.to_geojson(ground(-1500, 2200, -1400, 2300)))
    values = {"id": "DK-50", "name": "新地块", "geometry": shape}
    made = client.post("/api/records/site", json={"values": values}, headers=token(client))
    assert made.status_code == 201, made.text
    assert made.get_json()["values"]["geometry"]["type"] == "Polygon"
    change = {**token(client), "If-Match": made.headers["ETag"]}
    fixed = client.patch("/api/records/site/DK-50", json={"values": {"rule": "fixed"}}, headers=change)
    assert fixed.get_json()["values"]["rule"] == "fixed"
    late = client.patch("/api/records/site/DK-50", json={"values": {"rule": "open"}}, headers=change)
    assert late.status_code == 412
    current = late.get_json()["current"]["values"]
    assert (current["rule"], current["geometry"]["type"]) == ("fixed", "Polygon")
    gone = client.delete(
        "/api/records/site/DK-50", headers={**token(client), "If-Match": fixed.headers["ETag"]}
    )
    assert gone.status_code == 204
    assert [revision.action for revision in office.revisions(limit=3)] == ["delete", "edit", "add"]
    office.undo(office.version, actor="lin")
    assert "DK-50" in {one.id for one in office.snapshot().holdings.all(Site)}


def drawn(client: FlaskClient, east: int) -> str:
    shape = json.loads(shapely.to_geojson(ground(east, 2200, east + 100, 2300)))
    values = {"name": "新地块", "geometry": shape}
    answer = client.post("/api/records/site", json={"values": values}, headers=token(client))
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def test_a_parcel_drawn_without_a_number_gets_the_next_one_that_no_parcel_ever_had(office: Registry) -> None:
    client = as_role(office, "editor")
    assert [drawn(client, east) for east in (-1500, -1300)] == ["DK-04", "DK-05"]
    office.apply([Change("site", "DK-05", None)], actor="lin", action="delete")
    assert drawn(client, -1100) == "DK-06"
    office.apply([Change("site", "site-384c45e92d105f96", {"name": "旧编号"})], actor="lin")
    assert drawn(client, -900) == "DK-07"


def test_of_two_editors_who_draw_at_once_each_gets_a_number(
    office: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = office.snapshot()
    office.apply([Change("site", "DK-04", {"name": "别人刚画的"})], actor="lin", action="add")
    monkeypatch.setattr(office, "snapshot", lambda: before)
    monkeypatch.setattr(office, "history_of", lambda *_: [])
    assert drawn(as_role(office, "editor"), -1500) == "DK-05"


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (shapely.Point(120.35, 36.11), "Point"),
        (shapely.Polygon([RING[0], RING[2], RING[1], RING[3]]), "自相交"),
        (shapely.MultiPolygon([HECTARE, ground(-1500, 2200, -1400, 2300)]), "2 个部分"),
        (shapely.box(116.3, 39.9, 116.301, 39.901), "距本区"),
        (shapely.Polygon(), "空图形"),
    ],
)
def test_the_records_api_takes_no_wrong_outline(office: Registry, shape: shapely.Geometry, said: str) -> None:
    client, before = as_role(office, "editor"), office.version
    values = {"name": "x", "geometry": json.loads(shapely.to_geojson(shape))}
    answer = client.post("/api/records/site", json={"values": values}, headers=token(client))
    assert answer.status_code == 422, answer.text
    (fault,) = answer.get_json()["faults"]
    assert fault["field"] == "geometry"
    assert said in fault["line"]
    assert office.version == before


def test_files_carry_the_synthetic_label_and_the_datum(office: Registry) -> None:
    client = as_role(office, "analyst")
    answer = client.get("/download/sites.geojson?datum=gcj02&lang=en")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="sites-synthetic-')
    document = answer.get_json(force=True)
    assert document["synthetic"] is True
    assert document["crs"]["properties"]["name"] == "GCJ-02"
    assert {feature["id"] for feature in document["features"]} == {"DK-01", "DK-02"}, "the third has no shape"
    book = openpyxl.load_workbook(io.BytesIO(client.get("/download/sites.xlsx?datum=bd09").data))
    assert book.sheetnames == ["可建地块", "说明"]
    header, first, *rest = book["可建地块"].values
    assert "几何(bd09)" in header
    assert (first[0], len(rest)) == ("DK-01", 2)
    assert any("合成演示数据" in str(cell) for line in book["说明"].values for cell in line)
    assert client.get("/download/sites.gpkg?datum=gcj02").status_code == 400
    assert client.get("/download/sites.csv?cluster=cbd").status_code == 400
