from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
import pytest
from click.testing import CliRunner

from buildingmap import crs
from buildingmap.cli import main
from buildingmap.cli.datum import DATUM_WORDS
from buildingmap.resources import data_folder
from tests.layers.making import collection, feature, frame, geopackage, written, zipped_shapefile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

DEMO = data_folder() / "buildings.geojson"


def run(*arguments: object, **environment: str) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)], env=environment, catch_exceptions=False)


def document(*arguments: object) -> dict[str, Any]:
    result = run(*arguments, "--json")
    value: dict[str, Any] = json.loads(result.stdout)
    assert set(value) == {"ok", "rows", "faults", "warnings"}
    assert result.exit_code == (0 if value["ok"] else 1)
    assert result.stderr == ""
    return value


def test_the_demo_layer_can_be_used_and_is_summed_up() -> None:
    result = run(DEMO, "--lang", "en")
    assert result.exit_code == 0
    assert f"{DEMO}: 123 towers, can be used" in result.stdout
    assert "past the mark: 20" in result.stdout
    assert "CBD 60" in result.stdout


def test_the_summary_is_in_chinese_where_the_terminal_is() -> None:
    assert "税收过线楼宇: 20" in run(DEMO, LC_ALL="zh_CN.UTF-8").stdout
    assert "past the mark: 20" in run(DEMO, LC_ALL="C").stdout
    assert "past the mark: 20" in run(DEMO, "--lang", "en", LC_ALL="zh_CN.UTF-8").stdout


def test_a_fault_is_one_line_with_file_place_id_field_found_and_expected(tmp_path: Path) -> None:
    path = written(tmp_path / "layer.geojson", collection(feature(1), feature(2, floors=0, vacancy_rate=1.5)))
    result = run(path, "--lang", "en")
    assert result.exit_code == 1
    share = "a share from 0 to 1 (or a percentage with its sign)"
    assert result.stdout.splitlines() == [
        f"{path}: feature 2: T-002: Floors (floors): found 0, expected a whole number of floors from 1 to 200",
        f"{path}: feature 2: T-002: Vacancy rate (vacancy_rate): found 1.5, expected {share}",
    ]
    chinese = run(path, "--lang", "zh").stdout.splitlines()
    assert chinese[0] == f"{path}: 第 2 要素: T-002: 楼层 (floors): 实为 0，应为1 至 200 之间的整数楼层数"


def test_a_fault_as_json(tmp_path: Path) -> None:
    path = written(tmp_path / "layer.geojson", collection(feature(1, floors=0, 物业费=3)))
    found = document(path, "--lang", "en")
    assert (found["ok"], found["rows"]) == (False, 1)
    assert found["faults"] == [
        {
            "file": str(path),
            "place": {"kind": "feature", "number": 1, "sheet": None},
            "id": "T-001",
            "field": "floors",
            "found": "0",
            "expected": "a whole number of floors from 1 to 200",
            "code": "floors",
        }
    ]
    assert [warning["code"] for warning in found["warnings"]] == ["column_unknown"]


def test_warnings_are_marked_and_do_not_refuse(tmp_path: Path) -> None:
    far = feature(1, geometry={"type": "Point", "coordinates": [114.26, 30.56]})
    path = written(tmp_path / "layer.geojson", collection(far))
    result = run(path, "--lang", "en")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].startswith(
        f"warning: {path}: feature 1: T-001: Place or outline (geometry): found 114.26, 30.56"
    )
    assert run(path, "--strict").exit_code == 1


def test_a_missing_file_is_a_fault_and_not_a_usage_error(tmp_path: Path) -> None:
    assert [fault["code"] for fault in document(tmp_path / "nowhere.geojson")["faults"]] == ["file_missing"]


@pytest.mark.parametrize(
    "options", [["--crs", "mars"], ["--lang", "fr"], ["--limit-seconds", "0"], ["--nonsense"]]
)
def test_a_wrong_option_is_a_usage_error(options: list[str]) -> None:
    result = run(DEMO, *options)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_a_district_that_cannot_be_used_is_a_usage_error(tmp_path: Path) -> None:
    result = run(DEMO, "--district", written(tmp_path / "own.toml", "mark_yuan = -5"))
    assert result.exit_code == 2
    assert "mark_yuan" in result.stderr


def test_an_offices_own_sectors_are_in_force(tmp_path: Path) -> None:
    text = (
        (data_folder() / "district.toml")
        .read_text(encoding="utf-8")
        .replace('id = "finance"', 'id = "money"')
    )
    own = written(tmp_path / "own.toml", text)
    for name in ("clusters.geojson", "stations.geojson", "basemap.geojson"):
        (tmp_path / name).write_bytes((data_folder() / name).read_bytes())
    layer = written(tmp_path / "layer.geojson", collection(feature(sector="money")))
    assert document(layer, "--district", own)["ok"]
    assert [fault["field"] for fault in document(layer)["faults"]] == ["sector"]


@pytest.mark.parametrize("write", [zipped_shapefile, geopackage])
def test_every_spatial_format_is_read_by_the_command(tmp_path: Path, write: Any) -> None:
    path = write(tmp_path, frame([{"id": "A", "name": "甲", "cluster": "cbd", "status": "planned"}]))
    assert document(path) == {"ok": True, "rows": 1, "faults": [], "warnings": []}


def test_limits_can_be_raised_and_lowered(tmp_path: Path) -> None:
    many = json.dumps(feature())
    path = tmp_path / "many.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [' + ",".join([many] * 150_000) + "]}")
    assert [fault["code"] for fault in document(path, "--limit-seconds", "1")["faults"]] == ["time_limit"]
    assert [fault["code"] for fault in document(path, "--limit-memory-mb", "256")["faults"]] == [
        "memory_limit"
    ]


def test_the_words_of_crs_are_those_of_the_library() -> None:
    assert DATUM_WORDS.split(", or ")[0] == ", ".join(crs.DATUMS)


def options(command: click.Command, name: str) -> Iterator[click.Option]:
    """The options of that name of a command and of all under it."""
    with click.Context(command) as context:
        yield from (
            one for one in command.get_params(context) if isinstance(one, click.Option) and name in one.opts
        )
    for each in getattr(command, "commands", {}).values():
        yield from options(each, name)


def test_every_command_takes_any_epsg_code_as_crs() -> None:
    found = list(options(main, "--crs"))
    assert len(found) >= 6
    for option in found:
        assert option.type.convert("EPSG:32651", option, None) == "epsg:32651"
        with pytest.raises(click.BadParameter, match=r"EPSG:5773' \(EGM96 height\)"):
            option.type.convert("EPSG:5773", option, None)


def test_a_table_in_any_system_is_read_where_it_stands(tmp_path: Path) -> None:
    x, y = crs.from_wgs84("epsg:32651", np.array([120.375]), np.array([36.095]))
    path = tmp_path / "a.csv"
    path.write_text(f"楼宇名称,经度,纬度\n甲,{x[0]:.3f},{y[0]:.3f}\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["check", str(path), "--crs", "EPSG:32651", "--json"])
    assert json.loads(done.stdout)["ok"]
    assert "coordinates_far" not in {entry["code"] for entry in json.loads(done.stdout)["warnings"]}
    degrees = CliRunner().invoke(main, ["check", str(path), "--crs", "4326", "--json"])
    assert not json.loads(degrees.stdout)["ok"]
    unknown = CliRunner().invoke(main, ["check", str(path), "--crs", "EPSG:999999"])
    assert unknown.exit_code == 2
    assert "found datum 'EPSG:999999', expected wgs84" in unknown.stderr


def test_the_schema_is_printed_as_json() -> None:
    result = CliRunner().invoke(main, ["schema"], catch_exceptions=False)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.command
def test_help_imports_nothing_heavy() -> None:
    script = """
import sys
from buildingmap.cli import main
main(["check", "--help"], standalone_mode=False)
print(sorted({"numpy", "pandas", "shapely", "pydantic", "pyproj", "flask", "folium"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.command
@pytest.mark.parametrize("encoding", ["gbk", "latin-1"])
def test_a_console_that_cannot_print_a_name_gets_an_escape(tmp_path: Path, encoding: str) -> None:
    path = written(
        tmp_path / "layer.geojson", collection(feature(1, name="楼🏢", floors=-1, sector="\U0001f3e2大"))
    )
    command = [str(Path(sys.executable).with_name("buildingmap")), "check", str(path), "--lang", "zh"]
    done = subprocess.run(
        command, capture_output=True, check=False, env={"PYTHONIOENCODING": encoding, "PATH": ""}
    )
    assert done.returncode == 1
    assert done.stderr == b""
    assert len(done.stdout.decode(encoding).splitlines()) == 2
