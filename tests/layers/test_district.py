from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildingmap.errors import DistrictError
from buildingmap.layers import read_district
from buildingmap.resources import data_folder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def default() -> str:
    return (data_folder() / "district.toml").read_text(encoding="utf-8")


def refused(path: Path) -> list[str]:
    with pytest.raises(DistrictError) as caught:
        read_district(path)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(str(path)) for line in lines)
    return lines


def test_the_default_district_is_shibei() -> None:
    district = read_district()
    assert district.name["zh"] == "青岛市市北区"
    assert district.mark_yuan == 100_000_000
    assert district.sector_id("现代金融") == "finance"


def test_an_office_reads_its_own_copy(tmp_path: Path, default: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(default.replace("青岛市市北区", "某市某区"), encoding="utf-8")
    assert read_district(own).name["zh"] == "某市某区"


def test_metres_follow_from_where_the_district_is(tmp_path: Path, default: str) -> None:
    assert read_district().metric.code == "EPSG:4549"
    own = tmp_path / "own.toml"
    wuhan = default.replace("[120.302, 36.067, 120.427, 36.158]", "[114.10, 30.48, 114.32, 30.62]")
    own.write_text(wuhan, encoding="utf-8")
    assert read_district(own).metric.code == "EPSG:4547"
    own.write_text(wuhan.replace("far_m", 'metric_crs = "EPSG:4526"\nfar_m'), encoding="utf-8")
    assert read_district(own).metric.code == "EPSG:4526"


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ("far_m = 5000", 'far_m = "near"', "far_m"),
        ("mark_yuan = 100_000_000", "mark_yuan = 90_000_000", "mark"),
        ('id = "cbd"', 'id = "C B D"', "clusters.0.id"),
        ('id = "10m_30m"', 'id = "lt_10m"', "ids must differ"),
        ("[120.302, 36.067, 120.427, 36.158]", "[120.427, 36.067, 120.302, 36.158]", "envelope"),
        ("far_m = 5000", "far_m = 5000\nnear_m = 5", "near_m"),
        ("far_m = 5000", 'far_m = 5000\nmetric_crs = "EPSG:3857"', "metric_crs: found 'EPSG:3857'"),
        ("far_m = 5000", 'far_m = 5000\nmetric_crs = "EPSG:999999"', "expected an EPSG code"),
        ("far_m = 5000", 'far_m = 5000\nmetric_crs = "metres"', "metric_crs"),
        ('zh = "青岛市市北区"', r'zh = "市北\u0000区"', "name.zh: Value error, found a control character"),
        ('zh = "现代金融"', r'zh = "现代\u001b金融"', "zh: Value error, found a control character"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, default: str, before: str, after: str, word: str) -> None:
    own = tmp_path / "own.toml"
    assert before in default
    own.write_text(default.replace(before, after), encoding="utf-8")
    assert any(word in line for line in refused(own))


def test_every_fault_has_its_line(tmp_path: Path, default: str) -> None:
    own = tmp_path / "own.toml"
    broken = default.replace("far_m = 5000", "far_m = -1").replace('id = "cbd"', 'id = "中央"')
    own.write_text(broken, encoding="utf-8")
    assert len(refused(own)) == 2


def test_a_file_that_is_none_is_one_line(tmp_path: Path) -> None:
    assert len(refused(tmp_path / "nowhere.toml")) == 1
    assert len(refused(tmp_path)) == 1
    for content in (b"name = ", b"\xff\xfe", b"a = 1\n" * 300_000):
        (tmp_path / "bad.toml").write_bytes(content)
        assert len(refused(tmp_path / "bad.toml")) == 1
