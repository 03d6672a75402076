"""Zipped Shapefiles and GeoPackages, as QGIS and ArcGIS write them."""

from __future__ import annotations

import sqlite3
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from buildingmap import crs
from tests.layers.conftest import Read, codes
from tests.layers.making import feature, frame, geopackage, square, zipped, zipped_shapefile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import geopandas as gpd

    Write = Callable[[Path, gpd.GeoDataFrame], Path]

ROW: dict[str, Any] = {
    "id": "A-1",
    "name": "中心大厦",
    "cluster": "cbd",
    "status": "existing",
    "floors": 30,
    "vacancy_rate": 0.125,
    "tax_yuan": 100_000_000.0,
    "tax_year": 2023,
}
FORMATS = pytest.mark.parametrize("write", [zipped_shapefile, geopackage], ids=["shapefile", "geopackage"])
SYSTEMS = ["EPSG:4326", "EPSG:4490", "EPSG:4549", "EPSG:32651", "EPSG:3857", "EPSG:2364"]


def changeable(path: Path) -> sqlite3.Connection:
    """A GeoPackage without the triggers that need GDAL's functions."""
    database = sqlite3.connect(path)
    for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        database.execute(f'DROP TRIGGER "{name}"')
    database.commit()
    return database


@FORMATS
def test_a_layer_of_a_desktop_gis_is_read_as_geojson_is(tmp_path: Path, read: Read, write: Write) -> None:
    layer = read(write(tmp_path, frame([ROW, ROW | {"id": "A-2", "tax_yuan": None}])))
    same = read([feature(0, **ROW), feature(1, **ROW | {"id": "A-2", "tax_yuan": None})])
    assert layer.faults == ()
    assert layer.buildings == same.buildings
    assert shapely.equals(np.array(layer.geometry), np.array(same.geometry)).all()


@FORMATS
@pytest.mark.parametrize("system", SYSTEMS)
def test_any_system_that_is_known_ends_in_wgs84(
    tmp_path: Path, read: Read, write: Write, system: str
) -> None:
    layer = read(write(tmp_path, frame([ROW], crs=system)))
    assert layer.faults == ()
    moved = crs.geometries_from_wgs84("epsg:4549", np.array(layer.geometry))[0]
    meant = crs.geometries_from_wgs84("epsg:4549", np.array([shapely.Polygon(square()[0])]))[0]
    assert shapely.hausdorff_distance(moved, meant) < 0.01


@FORMATS
def test_without_a_system_one_must_be_named(tmp_path: Path, read: Read, write: Write) -> None:
    path = write(tmp_path, frame([ROW], crs=None))
    assert codes(read(path).faults) == ["crs_missing"]
    assert read(path, datum="wgs84").ok


@FORMATS
def test_degrees_may_be_said_to_be_other_degrees_but_not_metres(
    tmp_path: Path, read: Read, write: Write
) -> None:
    path = write(tmp_path, frame([ROW]))
    shifted = read(path, datum="gcj02").geometry[0]
    off = crs.geometries_from_wgs84("epsg:4549", np.array([shifted, read(path).geometry[0]]))
    assert 400 < shapely.distance(*shapely.centroid(off)) < 600
    assert codes(read(path, datum="epsg:4549").faults) == ["crs_conflict"]


@FORMATS
def test_a_column_of_ids_may_be_absent_but_a_cell_may_not(tmp_path: Path, read: Read, write: Write) -> None:
    without = {name: value for name, value in ROW.items() if name != "id"}
    layer = read(write(tmp_path, frame([without, without | {"name": "另一座"}])))
    assert codes(layer.warnings) == ["id_derived"]
    ids = [building.id for building in layer.buildings]
    assert all(one.startswith("name-") and len(one) == 15 for one in ids)
    assert len(set(ids)) == 2


@FORMATS
def test_an_empty_id_is_refused_where_the_column_exists(tmp_path: Path, read: Read, write: Write) -> None:
    layer = read(write(tmp_path, frame([ROW, ROW | {"id": None}])))
    assert [(fault.field, fault.place.number) for fault in layer.faults] == [("id", 2)]


@FORMATS
def test_a_row_without_a_shape_is_refused(tmp_path: Path, read: Read, write: Write) -> None:
    table = frame([ROW, ROW | {"id": "A-2"}])
    table.loc[1, "geometry"] = None
    layer = read(write(tmp_path, table))
    assert [(fault.expected.code, fault.place.number) for fault in layer.faults] == [("shape_missing", 2)]


@FORMATS
def test_lines_are_no_towers(tmp_path: Path, read: Read, write: Write) -> None:
    table = frame([ROW])
    table["geometry"] = table.boundary
    assert codes(read(write(tmp_path, table)).faults) == ["geometry"]


@FORMATS
def test_heights_of_shapes_are_left_out(tmp_path: Path, read: Read, write: Write) -> None:
    table = frame([ROW])
    table["geometry"] = shapely.force_3d(table.geometry.to_numpy(), 12.0)
    assert codes(read(write(tmp_path, table)).warnings) == ["height_dropped"]


@FORMATS
def test_invalid_rings_are_refused_in_every_format(tmp_path: Path, read: Read, write: Write) -> None:
    table = frame([ROW])
    a, b, c, d, _ = square()[0]
    table.loc[0, "geometry"] = shapely.Polygon([a, c, b, d, a])
    assert codes(read(write(tmp_path, table)).faults) == ["shape_valid"]


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
@pytest.mark.parametrize("labelled", [True, False])
def test_a_shapefile_in_gbk_or_utf8_is_read_with_and_without_its_label(
    tmp_path: Path, read: Read, encoding: str, *, labelled: bool
) -> None:
    path = zipped_shapefile(tmp_path, frame([ROW]), encoding=encoding)
    if not labelled:
        next((tmp_path / "parts").glob("*.cpg")).unlink()
        zipped(path, tmp_path / "parts")
    assert read(path).buildings[0].name == "中心大厦"


def test_a_shapefile_that_is_not_in_the_encoding_it_names_is_refused(tmp_path: Path, read: Read) -> None:
    path = zipped_shapefile(tmp_path, frame([ROW]), encoding="GBK")
    next((tmp_path / "parts").glob("*.cpg")).write_text("UTF-8")
    layer = read(zipped(path, tmp_path / "parts"))
    assert ("text_encoding", "name", 1) in [(f.expected.code, f.field, f.place.number) for f in layer.faults]
    next((tmp_path / "parts").glob("*.cpg")).write_text("KLINGON")
    assert codes(read(zipped(path, tmp_path / "parts")).faults) == ["code_page"]


def test_names_that_a_shapefile_cuts_to_ten_letters_are_known(tmp_path: Path, read: Read) -> None:
    row = ROW | {
        "leasable_a": 40_000.0,
        "floor_area": 50_000.0,
        "completion": 2015,
        "district_r": 1e7,
        "grade_stan": "GB/T 39069-2020",
    }
    building = read(
        zipped_shapefile(tmp_path, frame([{name[:10]: value for name, value in row.items()}]))
    ).buildings[0]
    assert (building.leasable_area_m2, building.floor_area_m2, building.completion_year) == (
        40_000,
        50_000,
        2015,
    )
    assert (building.district_revenue_yuan, building.vacancy_rate) == (1e7, 0.125)


def test_text_in_a_number_column_of_a_shapefile_is_no_zero(tmp_path: Path, read: Read) -> None:
    path = zipped_shapefile(tmp_path, frame([ROW]), name="a")
    table = tmp_path / "parts" / "a.dbf"
    content = table.read_bytes()
    number = content.index(b"2023")
    table.write_bytes(content[:number] + b"N/A " + content[number + 4 :])
    layer = read(zipped(path, tmp_path / "parts"))
    assert [(f.expected.code, f.field, f.found) for f in layer.faults] == [
        ("dbf_number", "tax_year", "'N/A'")
    ]


@pytest.mark.parametrize("text", ["N/A", "1.2亿", "nan", "1e999"])
def test_text_in_a_number_column_of_a_geopackage_is_no_zero(tmp_path: Path, read: Read, text: str) -> None:
    path = geopackage(tmp_path, frame([ROW]))
    database = changeable(path)
    database.execute("UPDATE towers SET tax_yuan = ?", (text,))
    database.commit()
    database.close()
    layer = read(path)
    assert not layer.ok
    assert layer.faults[0].field.startswith("tax_yuan")


def test_a_deleted_row_of_a_shapefile_is_deleted(tmp_path: Path, read: Read) -> None:
    path = zipped_shapefile(tmp_path, frame([ROW, ROW | {"id": "A-2"}]), name="a")
    table = tmp_path / "parts" / "a.dbf"
    content = bytearray(table.read_bytes())
    content[int.from_bytes(content[8:10], "little")] = ord("*")
    table.write_bytes(bytes(content))
    layer = read(zipped(path, tmp_path / "parts"))
    assert [building.id for building in layer.buildings] == ["A-2"]
    assert shapely.equals(layer.geometry[0], shapely.Polygon(square(1)[0]))


def test_two_shapefiles_in_an_archive_are_one_too_many(tmp_path: Path, read: Read) -> None:
    path = zipped_shapefile(tmp_path, frame([ROW]), name="a")
    frame([{"name": "a"}]).to_file(tmp_path / "parts" / "b.shp")
    fault = read(zipped(path, tmp_path / "parts")).faults[0]
    assert fault.expected.code == "shp_one"
    assert "b.shp" in fault.found


@pytest.mark.parametrize("ending", [".shx", ".dbf"])
def test_a_shapefile_needs_its_parts(tmp_path: Path, read: Read, ending: str) -> None:
    path = zipped_shapefile(tmp_path, frame([ROW]), name="a")
    (tmp_path / "parts" / f"a{ending}").unlink()
    assert codes(read(zipped(path, tmp_path / "parts")).faults) == ["shp_set"]


def test_a_bare_shapefile_is_told_to_be_zipped(tmp_path: Path, read: Read) -> None:
    zipped_shapefile(tmp_path, frame([ROW]), name="a")
    assert codes(read(tmp_path / "parts" / "a.shp").faults) == ["file_zip_it"]
    assert codes(read(tmp_path / "parts" / "a.dbf").faults) == ["file_zip_it"]


def test_a_shapefile_may_lie_in_a_folder_beside_other_files(tmp_path: Path, read: Read) -> None:
    zipped_shapefile(tmp_path, frame([ROW]), name="楼宇")
    path = tmp_path / "folder.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in (tmp_path / "parts").iterdir():
            archive.write(part, f"导出/{part.name}")
            archive.write(part, f"__MACOSX/导出/._{part.name}")
        archive.writestr("导出/说明.txt", "说明")
    assert read(path).ok


def test_two_tables_of_features_are_named(tmp_path: Path, read: Read) -> None:
    path = geopackage(tmp_path, frame([ROW]))
    frame([ROW]).to_file(path, driver="GPKG", layer="streets", engine="pyogrio")
    fault = read(path).faults[0]
    assert fault.expected.code == "gpkg_one"
    assert "streets" in fault.found


def test_changes_that_are_not_yet_in_a_geopackage_refuse_it(tmp_path: Path, read: Read) -> None:
    path = geopackage(tmp_path, frame([ROW]))
    database = changeable(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("UPDATE towers SET name = '新名'")
    database.commit()
    assert codes(read(path).faults) == ["gpkg_open"]
    database.close()
    assert read(path).buildings[0].name == "新名"


def test_reading_leaves_a_geopackage_as_it_was(tmp_path: Path, read: Read) -> None:
    path = geopackage(tmp_path, frame([ROW]))
    before = path.read_bytes()
    assert read(path).ok
    assert path.read_bytes() == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["layer.gpkg"]
