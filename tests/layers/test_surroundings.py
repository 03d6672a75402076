from __future__ import annotations

import json
import shutil
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from buildingmap.errors import DistrictError
from buildingmap.layers import read_surroundings
from buildingmap.resources import data_folder

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.model import District

BOWTIE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
FILES = ("clusters.geojson", "stations.geojson", "basemap.geojson")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        shutil.copy(data_folder() / name, tmp_path / name)
    return tmp_path


def changed(folder: Path, name: str, **changes: Any) -> None:
    """Change the first feature of a file: its properties, or its geometry."""
    path = folder / name
    value = json.loads(path.read_text(encoding="utf-8"))
    first = value["features"][0]
    first["geometry"] = changes.pop("geometry", first["geometry"])
    first["properties"] |= changes
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def refused(district: District, folder: Path) -> str:
    with pytest.raises(DistrictError) as caught:
        read_surroundings(district, folder)
    (line,) = str(caught.value).splitlines()
    return line


def test_both_clusters_the_stations_and_the_basemap_are_there(district: District) -> None:
    surroundings = read_surroundings(district, data_folder())
    assert {boundary.cluster for boundary in surroundings.boundaries} >= {"cbd", "xinduxin"}
    assert {"敦化路", "错埠岭", "双山", "长沙路"} <= {station.zh for station in surroundings.stations}
    assert surroundings.basemap
    for boundary in surroundings.boundaries:
        assert boundary.schematic
        assert boundary.rule
        assert boundary.source


def test_a_surveyed_boundary_says_its_rule_and_day(district: District, folder: Path) -> None:
    changed(folder, "clusters.geojson", rule="规则", source="测绘", as_of="2024-03-01", schematic=False)
    first = read_surroundings(district, folder).boundaries[0]
    assert (first.rule, first.source, first.as_of, first.schematic) == (
        "规则",
        "测绘",
        date(2024, 3, 1),
        False,
    )


@pytest.mark.parametrize(
    ("name", "changes", "word"),
    [
        ("clusters.geojson", {"cluster": "nowhere"}, "cluster"),
        ("clusters.geojson", {"as_of": "yesterday"}, "as_of"),
        ("clusters.geojson", {"rule": "a\x1b[31mb"}, "rule"),
        ("clusters.geojson", {"geometry": {"type": "Point", "coordinates": [120, 36]}}, "Polygon"),
        (
            "clusters.geojson",
            {"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}},
            "valid",
        ),
        ("clusters.geojson", {"geometry": None}, "geometry"),
        ("stations.geojson", {"lines": "3"}, "lines"),
        ("stations.geojson", {"geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}}, "Point"),
        ("basemap.geojson", {"geometry": {"type": "Nonsense"}}, "geometry"),
        ("basemap.geojson", {"kind": 5}, "kind"),
    ],
)
def test_what_is_wrong_is_named(
    district: District, folder: Path, name: str, changes: dict[str, Any], word: str
) -> None:
    changed(folder, name, **changes)
    line = refused(district, folder)
    assert line.startswith(f"{folder / name}: feature 1: ")
    assert word in line
    assert "\x1b" not in line


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xff", b"[]", b'{"features": 5}', b'{"a":' * 1000, b"[" * 100_000]
)
def test_a_file_that_is_no_layer_is_refused(
    district: District, folder: Path, name: str, content: bytes
) -> None:
    (folder / name).write_bytes(content)
    assert str(folder / name) in refused(district, folder)


def test_a_file_that_is_missing_is_refused(district: District, folder: Path) -> None:
    (folder / "stations.geojson").unlink()
    assert "stations.geojson" in refused(district, folder)
