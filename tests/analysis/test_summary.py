from __future__ import annotations

from typing import TYPE_CHECKING

import jsonschema
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import TypeAdapter

from buildingmap.analysis import ALL_PARTS, FAST_PARTS, Summary, summary, summary_json
from buildingmap.filters import Filter, parse_filter, select
from tests.analysis.towns import two_centres
from tests.rows import layers

if TYPE_CHECKING:
    from buildingmap.model import District
    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut, Row

VALIDATOR = jsonschema.Draft202012Validator(TypeAdapter(Summary).json_schema(mode="serialization"))


@pytest.fixture(scope="module")
def town(lay_out: LayOut) -> Snapshot:
    return two_centres(lay_out, tax_yuan=5e7, tax_year=2023, sector="finance")


def test_a_summary_has_every_part_and_is_ready_for_json(town: Snapshot) -> None:
    document = summary(select(town, Filter()))
    plain = summary_json(document)
    assert all(plain[part] is not None for part in ALL_PARTS)
    assert orjson.loads(orjson.dumps(document)) == plain
    assert plain["totals"]["towers"] == 64
    assert plain["hot_spots"]["reason"] == "no_variation"


def test_parts_that_were_not_asked_for_are_not_there(town: Snapshot) -> None:
    document = summary_json(summary(select(town, Filter()), FAST_PARTS))
    assert {part for part in ALL_PARTS if document[part] is not None} == set(FAST_PARTS)


def test_a_summary_says_which_layer_and_which_filter_it_is_of(lay_out: LayOut, district: District) -> None:
    flt = parse_filter(
        {"tax_min": ["1e8"], "sector": ["finance"], "sort": ["name"], "limit": ["1"]}, district
    )
    document = summary(select(lay_out([], synthetic=True), flt), FAST_PARTS)
    assert document.synthetic is True
    assert document.title == "演示数据"
    assert document.filter == "tax_min=100000000&sector=finance"
    assert (document.version, document.mark_yuan) == ("v1", 100_000_000)


def test_order_and_page_change_nothing(town: Snapshot) -> None:
    plain = summary(select(town, Filter()))
    assert summary(select(town, Filter(sort="name", limit=2, offset=5))) == plain


def test_progress_is_of_the_whole_layer_whatever_the_filter(town: Snapshot) -> None:
    nothing = summary(select(town, Filter(tax_min=1e15)))
    assert nothing.totals is not None
    assert nothing.totals.towers == 0
    assert nothing.progress == summary(select(town, Filter())).progress


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=layers)
def test_whatever_is_known_or_unknown_the_summary_fits_its_own_schema(
    lay_out: LayOut, rows: list[Row]
) -> None:
    document = summary_json(summary(select(lay_out(rows), Filter())))
    VALIDATOR.validate(document)
