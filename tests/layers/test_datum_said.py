"""The words by which offices name a datum, and those that only look like it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from buildingmap.layers.datum_said import datums_of, said_datum
from buildingmap.layers.examining import Headed, InHand
from buildingmap.layers.headers import read_header
from buildingmap.model.faults import Place

if TYPE_CHECKING:
    from buildingmap.layers.datum_said import SaidDatum


def said(*cells: str, statements: list[str] | None = None) -> SaidDatum:
    """What a table says whose column 坐标系 holds ``cells``, with ``statements`` above it."""
    columns = [Headed(name, name, read_header(name)) for name in ("楼宇名称", "经度", "纬度", "坐标系")]
    rows: list[tuple[Place, Any]] = [
        (Place("row", number), {"坐标系": cell}) for number, cell in enumerate(cells, 2)
    ]
    return said_datum(InHand(columns, rows, lambda row, key: row.get(key)), statements=statements or [])


@pytest.mark.parametrize(
    ("word", "datum"),
    [
        ("CGCS2000", "cgcs2000"),
        ("2000国家大地坐标系", "cgcs2000"),
        ("国家大地2000", "cgcs2000"),
        ("大地2000坐标系", "cgcs2000"),
        ("国家2000", "cgcs2000"),
        ("EPSG:4490", "cgcs2000"),
        ("4490", "cgcs2000"),
        ("CGCS2000 / EPSG:4549", "epsg:4549"),
        ("EPSG 4549", "epsg:4549"),
        ("GPS", "wgs84"),
        ("GPS坐标", "wgs84"),
        ("WGS-84", "wgs84"),
        ("火星坐标", "gcj02"),
        ("高德", "gcj02"),
        ("百度坐标", "bd09"),
    ],
)
def test_a_column_of_datums_is_believed_in_the_words_that_offices_use(word: str, datum: str) -> None:
    found = said(word, word)
    assert found.datum == datum
    assert not [entry for entry in found.said if entry.refuses]


@pytest.mark.parametrize(
    "text",
    [
        "坐标采集联系电话：0532-8549 4549",
        "坐标问题请致电 84904490",
        "经纬度核对人电话 4549",
        "flat 4326, platinum lounge",
        "高德大厦 4490 室",
        "腾讯大厦",
    ],
)
def test_telephones_and_names_of_towers_say_no_datum(text: str) -> None:
    assert datums_of(text) == set()


def test_a_system_in_metres_and_its_datum_do_not_contradict_each_other() -> None:
    assert said("EPSG:4549", statements=["坐标系：CGCS2000"]).datum == "epsg:4549"


@pytest.mark.parametrize("word", ["北京54", "青岛城建坐标系", "local grid"])
def test_a_datum_that_is_not_known_is_asked_about_in_words_of_its_own(word: str) -> None:
    for found in (said(word), said("", statements=[f"坐标系：{word}"])):
        (doubt,) = found.said
        assert (found.datum, doubt.refuses) == (None, True)
        assert doubt.fault.expected.code == "datum_unknown"
        assert word in doubt.fault.line("zh")
        assert "CGCS2000" in doubt.fault.line("en")


def test_two_known_datums_are_told_as_two() -> None:
    (doubt,) = said("GCJ-02", "BD-09").said
    assert doubt.fault.expected.code == "datum_unclear"
