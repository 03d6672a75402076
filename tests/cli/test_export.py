"""``buildingmap export`` in a terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import openpyxl
import pytest

from buildingmap.model import Surroundings
from buildingmap.registry import LayerRegistry
from tests.cli.test_registry_commands import run, shared_place
from tests.reading import files_read_here, layer_here

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.model import District

__all__ = ["files_read_here", "shared_place"]


@pytest.mark.parametrize("form", ["geojson", "csv", "xlsx", "gpkg", "zip"])
def test_the_towers_past_the_mark_are_written_and_read_back(
    shared_place: str, district: District, tmp_path: Path, form: str
) -> None:
    path = tmp_path / f"亿元楼宇.{form}"
    done = run(
        "export",
        str(path),
        "--registry",
        shared_place,
        "--tax-min",
        "100000000",
        "--datum",
        "cgcs2000",
        "--lang",
        "zh",
    )
    assert done.exit_code == 0, done.output
    assert "20 栋楼宇" in done.output
    assert "合成" in done.output
    layer = layer_here(path, district=district)
    assert layer.faults == ()
    assert (len(layer.buildings), layer.about.synthetic) == (20, True)


def test_a_layer_file_can_be_exported_as_it_is(tmp_path: Path, district: District, shared_place: str) -> None:
    first, second = tmp_path / "a.geojson", tmp_path / "b.gpkg"
    assert run("export", str(first), "--registry", shared_place).exit_code == 0
    assert run("export", str(second), str(first)).exit_code == 0
    assert layer_here(second, district=district).buildings == layer_here(first, district=district).buildings


def test_an_office_list_chooses_towers_as_it_does_on_the_map(
    shared_place: str, district: District, tmp_path: Path
) -> None:
    path = tmp_path / "outside.geojson"
    done = run("export", str(path), "--registry", shared_place, "--list", "outside_boundary")
    assert done.exit_code == 0, done.output
    snapshot = LayerRegistry(path, district=district, surroundings=Surroundings()).snapshot()
    assert 0 < len(snapshot) < 10
    again = run("export", str(tmp_path / "same.geojson"), str(path), "--list", "outside_boundary")
    assert f"{len(snapshot)} " in again.output


def test_a_file_that_is_there_is_never_written_over(shared_place: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("mine")
    done = run("export", str(path), "--registry", shared_place)
    assert done.exit_code == 1
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("a.kml", [], "expected one of .geojson"),
        ("a.csv", ["--datum", "mars"], "'--datum': found datum 'mars'"),
        ("a.csv", ["--tax-min", "many"], "--tax-min"),
    ],
)
def test_what_cannot_be_asked_for_ends_with_two(
    shared_place: str, tmp_path: Path, name: str, options: list[str], words: str
) -> None:
    done = run("export", str(tmp_path / name), "--registry", shared_place, *options, "--lang", "en")
    assert done.exit_code == 2
    assert words in done.output


def test_a_datum_without_a_code_is_refused_for_a_geopackage(shared_place: str, tmp_path: Path) -> None:
    done = run("export", str(tmp_path / "a.gpkg"), "--registry", shared_place, "--datum", "gcj02")
    assert done.exit_code == 1
    assert "found gcj02" in done.output
    assert not (tmp_path / "a.gpkg").exists()


def test_the_whole_registry_is_a_workbook_with_a_sheet_for_each_table(
    shared_place: str, tmp_path: Path
) -> None:
    path = tmp_path / "台账.xlsx"
    done = run("export", str(path), "--registry", shared_place, "--records", "--lang", "zh")
    assert done.exit_code == 0, done.output
    assert "合成" in done.output
    book = openpyxl.load_workbook(path)
    assert {"楼宇", "税收记录", "入驻企业", "房源单元", "说明"} <= set(book.sheetnames)
    assert book["楼宇"].max_row == 124


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.csv", []), ("a.xlsx", ["--tax-min", "1"]), ("a.xlsx", ["--datum", "gcj02"])],
)
def test_a_part_of_the_registry_is_no_workbook_of_it(
    shared_place: str, tmp_path: Path, name: str, options: list[str]
) -> None:
    done = run("export", str(tmp_path / name), "--registry", shared_place, "--records", *options)
    assert done.exit_code == 2
    assert "--records: found" in done.output
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    ("form", "datum"), [("geojson", "gcj02"), ("gpkg", "epsg:4549"), ("csv", "bd09"), ("xlsx", "wgs84")]
)
def test_the_parcels_are_written_and_change_nothing_when_they_come_back(
    shared_place: str, tmp_path: Path, form: str, datum: str
) -> None:
    path = tmp_path / f"地块.{form}"
    done = run("export", str(path), "--sites", "--registry", shared_place, "--datum", datum, "--lang", "zh")
    assert done.exit_code == 0, done.output
    assert "42 个地块" in done.output
    assert "合成" in done.output
    back = run("import", str(path), "--registry", shared_place, "--json", "--lang", "en")
    document = json.loads(back.output)
    assert (document["ok"], document["table"]) == (True, "site")
    assert document["counts"] == {"new": 0, "changed": 0, "unchanged": 42, "missing": 0}
    assert any("DK-41" in line and "stands on" in line for line in document["warnings"])
    assert any("DK-42" in line and "are road" in line for line in document["warnings"])


@pytest.mark.parametrize(
    ("file", "more"),
    [
        ("a.zip", ()),
        ("a.parquet", ()),
        ("a.csv", ("--cluster", "cbd")),
        ("a.xlsx", ("--records",)),
        ("a.csv", ("x.geojson",)),
    ],
)
def test_parcels_take_no_filter_no_layer_and_no_other_format(
    shared_place: str, tmp_path: Path, file: str, more: tuple[str, ...]
) -> None:
    done = run("export", str(tmp_path / file), *more, "--sites", "--registry", shared_place)
    assert done.exit_code == 2, done.output
    assert not (tmp_path / file).exists()
