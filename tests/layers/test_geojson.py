from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildingmap.layers import Limits, strictjson
from tests.layers.conftest import Read, codes
from tests.layers.making import collection, feature, written

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.model import Fault


def only(faults: tuple[Fault, ...]) -> Fault:
    assert len(faults) == 1, [fault.line() for fault in faults]
    return faults[0]


def test_a_good_tower_is_read_as_it_stands(read: Read) -> None:
    layer = read(
        [feature(name="中心大厦", tax_yuan=100_000_000, tax_year=2023, sector="现代金融", floors=12.0)]
    )
    building = layer.buildings[0]
    assert layer.ok
    assert (building.name, building.tax_yuan, building.sector, building.floors) == (
        "中心大厦",
        1e8,
        "finance",
        12,
    )


def test_the_layer_says_what_it_is(read: Read) -> None:
    layer = read(collection(feature(), synthetic=True, title="演示", source="自制", as_of="2024-01-31"))
    about = layer.about
    assert (about.synthetic, about.title, about.source, about.as_of) == (True, "演示", "自制", "2024-01-31")


@pytest.mark.parametrize(
    ("member", "value"), [("synthetic", "yes"), ("title", "a\nb"), ("source", 5), ("as_of", "a" * 301)]
)
def test_what_a_layer_says_of_itself_is_checked_too(read: Read, member: str, value: object) -> None:
    assert only(read(collection(feature(), **{member: value})).faults).field == member


def test_a_byte_order_mark_is_passed_over(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "layer.geojson"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(collection(feature())).encode())
    assert read(path).ok


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "utf-16-le", "utf-32"])
def test_geojson_in_another_encoding_is_refused(tmp_path: Path, read: Read, encoding: str) -> None:
    path = tmp_path / "layer.geojson"
    path.write_bytes(json.dumps(collection(feature(name="中心大厦")), ensure_ascii=False).encode(encoding))
    assert codes(read(path).faults)[0] in {"utf8", "json", "file_extension"}


def test_broken_json_is_shown_by_line_and_column(read: Read) -> None:
    fault = only(read('{"type": "FeatureCollection",\n "features": [,]}').faults)
    assert fault.expected.code == "json"
    assert "line 2, column 15" in fault.found


@pytest.mark.parametrize(
    "value",
    [
        "[]",
        "12",
        '"text"',
        "null",
        '{"type": "Feature"}',
        '{"type": "FeatureCollection"}',
        '{"type": "FeatureCollection", "features": {}}',
        '{"type": "Topology", "objects": {}}',
    ],
)
def test_what_is_no_feature_collection_is_refused(read: Read, value: str) -> None:
    assert set(codes(read(value).faults)) <= {"feature_collection", "file_extension"}
    assert not read(value).ok


@pytest.mark.parametrize(
    "value", [None, [], "x", {"type": "Feature"}, {"type": "Feature", "properties": None}]
)
def test_what_is_no_feature_is_refused_at_its_number(read: Read, value: object) -> None:
    fault = read([feature(), value]).faults[0]
    assert (fault.expected.code, fault.place.kind, fault.place.number) == ("feature", "feature", 2)


def test_a_layer_without_towers_is_refused(read: Read) -> None:
    assert codes(read([]).faults) == ["no_rows"]


def test_the_id_may_stand_in_the_feature_or_in_its_properties(read: Read) -> None:
    inside, outside, both, number = (feature(n) for n in range(4))
    outside["id"] = outside["properties"].pop("id")
    both["id"] = both["properties"]["id"]
    number["properties"]["id"] = 12
    ids = [building.id for building in read([inside, outside, both, number]).buildings]
    assert ids == [
        "T-000",
        "T-001",
        "T-002",
        "12",
    ]


def test_two_different_ids_of_one_feature_are_refused(read: Read) -> None:
    fault = only(read([feature() | {"id": "other"}]).faults)
    assert (fault.expected.code, fault.field) == ("both_ids", "id")


def test_a_feature_without_an_id_is_refused(read: Read) -> None:
    without = feature()
    del without["properties"]["id"]
    assert only(read([without]).faults).field == "id"


def test_the_same_id_twice_names_both_places(read: Read) -> None:
    fault = only(read([feature(1), feature(2), feature(3, id="T-001")]).faults)
    assert (fault.place.number, fault.building_id) == (3, "T-001")
    assert "feature 1" in fault.line("en")


def test_a_name_that_stands_twice_in_an_object_is_refused_where_it_stands(read: Read) -> None:
    text = json.dumps(collection(feature(1), feature(2, tax_yuan=1, tax_year=2023)))
    fault = only(read(text.replace('"tax_yuan": 1', '"tax_yuan": 1, "tax_yuan": 2')).faults)
    assert (fault.expected.code, fault.field, fault.place.number) == ("json_repeated", "tax_yuan", 2)
    whole = only(read(text.replace('"features"', '"title": "a", "title": "b", "features"')).faults)
    assert (whole.expected.code, whole.place.kind) == ("json_repeated", "file")


def test_no_number_outside_the_fields_is_refused_too(read: Read) -> None:
    text = json.dumps(collection(feature(), other="@")).replace('"@"', "NaN")
    assert codes(read(text).faults) == ["json_number"]


def test_unknown_properties_are_named_once_each_and_left_out(read: Read) -> None:
    layer = read([feature(n, 物业费=25, parking=300) for n in range(3)])
    assert layer.ok
    assert codes(layer.warnings) == ["column_unknown", "column_unknown"]


def test_bands_are_never_trusted_from_the_file(read: Read) -> None:
    taxed = {"tax_yuan": 100_000_000, "tax_year": 2023}
    agreeing = read([feature(**taxed, band="100m_1b", past_mark=True)])
    assert agreeing.warnings == ()
    lying = read([feature(**taxed, band="lt_10m", past_mark=False)])
    assert lying.ok
    assert codes(lying.warnings) == ["derived_differs", "derived_differs"]


def test_chinese_property_names_are_read_with_their_units(read: Read) -> None:
    chinese = {
        "type": "Feature",
        "properties": {
            "编号": "甲-1",
            "楼宇名称": "中心大厦",
            "片区": "新都心",
            "年税收(万元)": 10000,
            "年份": 2023,
        },
        "geometry": {"type": "Point", "coordinates": [120.397, 36.119]},
    }
    building = read([chinese]).buildings[0]
    assert (building.id, building.cluster, building.tax_yuan, building.tax_year) == (
        "甲-1",
        "xinduxin",
        1e8,
        2023,
    )


def test_a_cluster_that_is_absent_comes_from_the_official_boundary(read: Read) -> None:
    places = {"cbd": [120.3745, 36.0895], "xinduxin": [120.397, 36.119], "other": [120.32, 36.08]}
    points = [{"type": "Point", "coordinates": place} for place in places.values()]
    rows = [feature(n, cluster=None, geometry=point) for n, point in enumerate(points)]
    layer = read(rows)
    assert [building.cluster for building in layer.buildings] == list(places)
    assert codes(layer.warnings) == ["cluster_located"]
    assert dict(layer.warnings[0].expected.values)["count"] == "3"


def test_assumptions_are_said_once_and_counted(read: Read) -> None:
    layer = read([feature(n, status=None, tax_yuan=1) for n in range(4)])
    assert [building.status for building in layer.buildings] == ["existing"] * 4
    assert codes(layer.warnings) == ["status_assumed", "tax_undated"]


def test_a_thousand_faults_are_enough(read: Read) -> None:
    layer = read([feature(n, floors=-1) for n in range(1500)])
    assert len(layer.faults) == 1001
    assert layer.faults[-1].expected.code == "faults_limit"
    assert layer.rows == 1500


def test_every_fault_of_a_row_is_told_at_once(read: Read) -> None:
    layer = read([feature(floors=0, vacancy_rate=1.2, sector="玄学", status="open", tax_yuan=-1)])
    assert {fault.field for fault in layer.faults} == {
        "floors",
        "vacancy_rate",
        "sector",
        "status",
        "tax_yuan",
    }
    assert {fault.building_id for fault in layer.faults} == {"T-000"}


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=4)
    | st.sampled_from(['"', "\\", '\\"', "[", "}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


def depth_of(value: Any) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


@given(values)
def test_depth_is_counted_without_parsing(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert strictjson.depth(text.encode()) == depth_of(value)
    assert strictjson.parse(text).value == value or any(map(str.isdigit, text))


def test_depth_is_counted_across_the_chunks_it_is_read_in() -> None:
    filler = json.dumps("\\" * (1 << 20) + '"[[[')
    assert strictjson.depth(f'[{filler}, [{filler}, "{" " * (1 << 20)}"]]'.encode()) == 2


def test_a_row_past_the_limit_refuses_the_file(read: Read) -> None:
    assert codes(read([feature(n) for n in range(5)], limits=Limits(rows=4)).faults) == ["rows_limit"]


def test_written_says_what_it_wrote(tmp_path: Path, read: Read) -> None:
    assert read(written(tmp_path / "a.json", collection(feature()))).file.endswith("a.json")


@pytest.mark.parametrize(
    "figures", [{}, {"tax_yuan": None}, {"tax_yuan": None, "district_revenue_yuan": None}]
)
def test_a_year_without_any_figure_is_no_record(read: Read, figures: dict[str, None]) -> None:
    history = [{"year": 2022, **figures}, {"year": 2023, "tax_yuan": 1, "district_revenue_yuan": None}]
    (fault,) = read([feature(1, tax_history=history)]).faults
    assert (fault.expected.code, fault.field, fault.found) == ("tax_of_year", "tax_history", "2022")


def test_a_year_of_which_one_figure_is_known_is_a_record(read: Read) -> None:
    history = [{"year": 2022, "district_revenue_yuan": 0}, {"year": 2023, "tax_yuan": 0}]
    (building,) = read([feature(1, tax_history=history)]).buildings
    assert [record.year for record in building.tax_history] == [2022, 2023]
