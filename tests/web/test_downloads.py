from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING
from urllib.parse import unquote

import geopandas as gpd
import openpyxl
import pyarrow.parquet as pq
import pytest
import shapely

from buildingmap.layers import read_layer
from tests.web.conftest import OneVersion, bare_tower, snapshot_with

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from buildingmap.layers import CheckedLayer
    from buildingmap.model import District
    from buildingmap.snapshot import Snapshot

FORMATS = ["geojson", "csv", "xlsx"]


def read_back(client: FlaskClient, address: str, folder: Path, district: District) -> CheckedLayer:
    response = client.get(address)
    assert response.status_code == 200, response.text
    path = folder / address.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
    path.write_bytes(response.data)
    layer = read_layer(path, district=district)
    assert layer.faults == ()
    return layer


@pytest.mark.parametrize("asked", [f"{form}?lang={lang}" for form in FORMATS for lang in ("zh", "en")])
def test_a_download_is_a_layer_of_all_the_filters_towers(
    client: FlaskClient, towers: Snapshot, district: District, tmp_path: Path, asked: str
) -> None:
    address = f"/download/buildings.{asked}&tax_min=100000000&sort=id"
    layer = read_back(client, address, tmp_path, district)

    assert [building.id for building in layer.buildings] == [f"T-{number:03d}" for number in range(20, 40)]
    assert layer.buildings == tuple(towers.buildings[20:40])
    assert layer.about.synthetic
    assert layer.about.title == "演示数据"


@pytest.mark.parametrize("form", FORMATS)
def test_a_download_holds_the_figures_of_the_year_asked_for(
    client: FlaskClient, district: District, tmp_path: Path, form: str
) -> None:
    layer = read_back(client, f"/download/buildings.{form}?year=2022&q=T-020", tmp_path, district)

    (building,) = layer.buildings
    assert (building.tax_year, building.tax_yuan) == (2022, 80_000_000)
    assert [record.year for record in building.tax_records] == [2022]


@pytest.mark.parametrize("form", FORMATS)
def test_a_download_that_nothing_matches_is_empty_but_whole(client: FlaskClient, form: str) -> None:
    response = client.get(f"/download/buildings.{form}?q=nothing-like-this")

    assert response.status_code == 200
    assert len(response.data) > 100


def test_the_workbook_has_chinese_headers_and_says_where_it_comes_from(client: FlaskClient) -> None:
    response = client.get("/download/buildings.xlsx?tax_min=100000000&cluster=cbd&lang=zh")
    book = openpyxl.load_workbook(io.BytesIO(response.data))
    headers = [cell.value for cell in book.worksheets[0][1]]
    note = {row[0].value: row[1].value for row in book.worksheets[1].iter_rows()}

    assert {"编号", "楼宇名称", "片区", "主导产业", "年税收(元)", "经度", "纬度"} <= set(headers)
    assert note["性质"] == "合成演示数据，非真实统计"
    assert note["来源"] == "test"
    assert "tax_min=100000000&cluster=cbd" in str(note["筛选条件"])
    assert "中央商务区" in str(note["筛选条件"])


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "${alert(1)}"])
def test_a_hostile_name_is_text_in_every_file(
    client: FlaskClient, registry: OneVersion, district: District, tmp_path: Path, name: str
) -> None:
    registry.in_force = snapshot_with(district, bare_tower(9, name=name), version="hostile")
    for form in FORMATS:
        layer = read_back(client, f"/download/buildings.{form}?q=B-9", tmp_path, district)
        assert layer.buildings[0].name == name

    book = openpyxl.load_workbook(io.BytesIO(client.get("/download/buildings.xlsx?q=B-9").data))
    assert {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row} <= {"s", "n"}
    lines = client.get("/download/buildings.csv?q=B-9").data.decode("utf-8-sig").splitlines()
    cells = [cell for row in csv.reader(lines) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "-"))]


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("geojson", "application/geo+json"),
        ("csv", "text/csv; charset=utf-8"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_a_file_is_named_plainly_and_in_the_readers_language(
    client: FlaskClient, form: str, kind: str
) -> None:
    response = client.get(f"/download/buildings.{form}?lang=zh")
    disposition = response.headers["Content-Disposition"]

    assert response.content_type == kind
    assert response.headers["Cache-Control"] == "no-store"
    assert disposition.isascii()
    assert disposition.startswith('attachment; filename="buildings-synthetic-')
    named = unquote(disposition.split("filename*=UTF-8''")[1])
    assert named.startswith("青岛市市北区楼宇（合成演示数据）")
    assert named.endswith(f".{form}")
    english = client.get(f"/download/buildings.{form}?lang=en").headers["Content-Disposition"]
    assert "Shibei District, Qingdao towers (synthetic)" in unquote(english)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("query", ["limit=5", "offset=5", "limit=", "lang=fr", "tax_min=x", "surprise=1"])
def test_a_download_has_no_pages_and_no_unknown_parameters(
    client: FlaskClient, form: str, query: str
) -> None:
    response = client.get(f"/download/buildings.{form}?{query}")

    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert response.get_json(force=True)["errors"][0]["parameter"] == query.split("=", maxsplit=1)[0]


MAP_FILES = [
    f"{form}?datum={datum}" for form in ("gpkg", "shp.zip") for datum in ("wgs84", "cgcs2000", "epsg:4549")
]


@pytest.mark.parametrize("asked", MAP_FILES)
def test_a_file_for_maps_is_a_layer_in_the_datum_asked_for(
    client: FlaskClient, towers: Snapshot, district: District, tmp_path: Path, asked: str
) -> None:
    address = f"/download/buildings.{asked}&tax_min=100000000&sort=id"
    layer = read_back(client, address, tmp_path, district)

    assert [building.id for building in layer.buildings] == [f"T-{number:03d}" for number in range(20, 40)]
    assert layer.about.synthetic
    for shape, row in zip(layer.geometry, range(20, 40), strict=True):
        assert shapely.equals_exact(shapely.normalize(shape), shapely.normalize(towers.geometry[row]), 1e-9)
    if asked.startswith("gpkg"):
        assert layer.buildings == tuple(towers.buildings[20:40])


def test_geoparquet_says_inside_what_it_is(client: FlaskClient) -> None:
    response = client.get("/download/buildings.parquet?q=T-020")
    frame = gpd.read_parquet(io.BytesIO(response.data))
    assert list(frame["id"]) == ["T-020"]
    assert json.loads(pq.read_schema(io.BytesIO(response.data)).metadata[b"buildingmap"])["synthetic"] is True


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_table_in_a_datum_without_a_code_names_it_and_is_read_in_it(
    client: FlaskClient, towers: Snapshot, district: District, tmp_path: Path, datum: str
) -> None:
    for form in FORMATS:
        layer = read_back(client, f"/download/buildings.{form}?q=T-020&datum={datum}", tmp_path, district)
        assert shapely.hausdorff_distance(layer.geometry[0], towers.geometry[20]) < 1e-8
    for form in ("gpkg", "shp.zip", "parquet"):
        refused = client.get(f"/download/buildings.{form}?datum={datum}")
        assert refused.status_code == 400
        assert refused.get_json()["errors"][0]["parameter"] == "datum"


@pytest.mark.parametrize(("lang", "header"), [("zh", "楼宇名称"), ("en", "name")])
def test_the_empty_table_to_fill_in_is_there_for_everyone(
    client: FlaskClient, lang: str, header: str
) -> None:
    response = client.get(f"/download/template.xlsx?lang={lang}")
    assert response.headers["Content-Disposition"].startswith(
        'attachment; filename="buildings-template.xlsx"'
    )
    sheet = openpyxl.load_workbook(io.BytesIO(response.data)).worksheets[0]
    assert header in [cell.value for cell in sheet[1]]
    assert sheet.max_row == 1
    assert client.get("/download/template.xlsx?year=2023").status_code == 400
