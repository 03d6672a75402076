"""What the schema says and what reading does, held against each other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from buildingmap.layers.findings import Findings
from buildingmap.layers.geojson import read_geojson
from buildingmap.layers.limits import Limits
from buildingmap.layers.rows import towers
from buildingmap.model import Building
from buildingmap.model.schema import layer_schema
from buildingmap.resources import data_folder
from tests.examples import examples
from tests.layers.making import collection, feature

if TYPE_CHECKING:
    from buildingmap.layers.rows import Towers
    from buildingmap.model import District

# what only the reader can say: figures against each other, the calendar, one sector by two of its names
BEYOND_THE_SCHEMA = {"leasable_over_gross", "revenue_over_tax", "newest_tax"}
DAYS = {"grade_date", "as_of"}


class Documented:
    """The schema, asked; small when hypothesis prints it."""

    def __init__(self, validator: jsonschema.Draft202012Validator) -> None:
        self.is_valid = validator.is_valid
        self.validate = validator.validate

    def __repr__(self) -> str:
        return "schema"


@pytest.fixture(scope="module")
def schema(district: District) -> Documented:
    wanted = layer_schema(district)
    jsonschema.Draft202012Validator.check_schema(wanted)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return Documented(jsonschema.Draft202012Validator(wanted, format_checker=checker))


def read(value: Any, district: District) -> tuple[Towers, Findings]:
    findings = Findings()
    data = json.dumps(value, ensure_ascii=True).encode()
    raw = read_geojson(data, limits=Limits(), findings=findings)
    assert raw is not None
    return towers(
        raw, district=district, boundaries=(), datum=None, strict=False, findings=findings
    ), findings


def test_the_demo_layer_keeps_to_the_schema(schema: Documented) -> None:
    schema.validate(json.loads((data_folder() / "buildings.geojson").read_bytes()))


def test_every_field_of_the_contract_is_in_the_schema(district: District) -> None:
    properties = layer_schema(district)["$defs"]["Properties"]["properties"]
    assert set(properties) == {*Building.model_fields, "band", "past_mark"}


def test_sectors_and_clusters_are_the_districts_own(district: District) -> None:
    properties = layer_schema(district)["$defs"]["Properties"]["properties"]
    assert {"finance", "现代金融", "金融"} <= set(properties["sector"]["enum"])
    assert {"cbd", "中央商务区", "CBD"} <= set(properties["cluster"]["enum"])


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
sector_words = st.sampled_from(
    ["finance", "现代金融", "金融", "digital", "other", "Finance", "ＦＩＮＡＮＣＥ", "玄学"]
)
likely = (
    st.integers(-2, 3000)
    | st.sampled_from([0.0, 0.5, 1.0, 1.5, 12.0, 2023.0, 1e11, 1e12, 10**15, 10**16, 1e300])
    | st.sampled_from(
        ["2024-01-31", "2024-02-30", "2024-W01-1", "20240131", "2024-01-31\n", "２０２４-01-31"]
    )
    | st.sampled_from(
        ["existing", "planned", "EXISTING", "cbd", "CBD", "新都心", " a", "a\u202eb", "a\nb", "a" * 250]
    )
    | sector_words
    | st.lists(sector_words, max_size=4)
    | st.text(st.characters(categories=["L", "M", "N", "P", "Z", "C"]), max_size=5)
    | st.lists(
        st.fixed_dictionaries(
            {"year": st.sampled_from([1989, 2022, 2023, 2023.0, True, "2023", None])},
            optional={
                "tax_yuan": st.sampled_from([None, 0, 1e8, -1, "5"]),
                "district_revenue_yuan": st.just(5),
                "x": st.none(),
            },
        ),
        max_size=3,
    )
)


@settings(
    max_examples=examples(1500),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(field=st.sampled_from(sorted(Building.model_fields)), value=json_values | likely)
@example(field="id", value=12.0)
@example(field="id", value=True)
@example(field="id", value="²")
@example(field="id", value="a\n")
@example(field="id", value="楼-1")
@example(field="id", value="a/b")
@example(field="tax_history", value=[{"year": 2023}, {"year": 2023}])
def test_any_value_in_any_field_is_accepted_as_documented_or_refused_with_its_field(
    district: District, schema: Documented, field: str, value: Any
) -> None:
    layer = collection(feature(1, **{field: value}))
    documented = schema.is_valid(layer)
    found, findings = read(layer, district)
    if found.buildings:
        assert not findings.faults
        # more lenient in one thing: the case and width of a sector's or cluster's name
        assert documented or field in {"sector", "sectors", "cluster"}
        return
    faults, _ = findings.of_file("layer.geojson")
    fields = {fault.field for fault in faults}
    codes = {fault.expected.code for fault in faults}
    assert field in fields or codes & BEYOND_THE_SCHEMA
    assert all(fault.line("zh").isprintable() and fault.line("en").isprintable() for fault in faults)
    if documented:
        # stricter in these: a day that is none, a year or sector twice, figures that disagree, signs in an id
        signs = field == "id" and not str(value).isascii()
        assert signs or codes & BEYOND_THE_SCHEMA or field in DAYS | {"tax_history", "sectors"}


@settings(max_examples=examples(500), deadline=None)
@given(value=json_values)
def test_any_value_as_geometry_is_a_place_or_refused(
    district: District, schema: Documented, value: Any
) -> None:
    layer = collection(feature(1) | {"geometry": value})
    found, findings = read(layer, district)
    assert not found.buildings
    assert {fault.field for fault in findings.faults} == {"geometry"}
    assert not schema.is_valid(layer)


numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-200, 200)
positions = st.lists(numbers | st.none(), min_size=1, max_size=4)


@settings(max_examples=examples(500), deadline=None)
@given(
    kind=st.sampled_from(["Point", "Polygon", "MultiPolygon", "LineString"]),
    coordinates=positions
    | st.lists(positions, max_size=5)
    | st.lists(st.lists(positions, max_size=5), max_size=2),
)
def test_a_place_that_is_accepted_is_one_by_the_schema(
    district: District, schema: Documented, kind: str, coordinates: Any
) -> None:
    layer = collection(feature(1) | {"geometry": {"type": kind, "coordinates": coordinates}})
    found, findings = read(layer, district)
    assert bool(found.buildings) != bool(findings.faults)
    if found.buildings:
        assert schema.is_valid(layer)
