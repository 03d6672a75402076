from __future__ import annotations

import string
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from buildingmap.model import RECORDS, Fault, Record, Tenant, floors_of, record_from_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildingmap.model import District

CODE = "91000000MA0000000" + uscc.calc_check_digit("91000000MA0000000")


def faults(table: str, row: Mapping[str, object], district: District) -> list[Fault]:
    found = record_from_row(table, row, district)
    assert isinstance(found, list)
    return found


def test_a_tenant_with_a_true_check_digit_is_taken(district: District) -> None:
    row = {"id": "t1", "building_id": "CBD-01", "name": "示例企业", "uscc": CODE, "floors": "3-5,8"}
    found = record_from_row("tenant", row, district)
    assert isinstance(found, Tenant)
    assert found.floor_numbers == (3, 4, 5, 8)


@given(place=st.integers(0, 17), digit=st.sampled_from(string.digits))
def test_one_wrong_digit_in_a_credit_code_is_refused(place: int, digit: str) -> None:
    wrong = CODE[:place] + digit + CODE[place + 1 :]
    assert uscc.is_valid(wrong) is (wrong == CODE)


def test_every_fault_of_a_row_is_named(district: District) -> None:
    row: dict[str, object] = {
        "id": "t1",
        "building_id": "CBD-01",
        "name": "",
        "uscc": CODE[:-1] + ("0" if CODE[-1] != "0" else "1"),
        "area_m2": -3,
        "lease_start": "2024-02-30",
        "sector": "magic",
        "shoe_size": 42,
    }
    found = faults("tenant", row, district)
    assert {fault.field for fault in found} == {
        "name",
        "uscc",
        "area_m2",
        "lease_start",
        "sector",
        "shoe_size",
    }
    assert all(fault.line("zh") and fault.line("en") for fault in found)


def test_a_choice_is_told_by_its_values_in_either_language(district: District) -> None:
    row = {"id": "DK-1", "name": "地块", "rule": "perhaps"}
    (fault,) = faults("site", row, district)
    assert fault.line("en").endswith("found 'perhaps', expected one of open, fixed, forbidden")
    assert fault.line("zh").endswith(
        "实为 'perhaps'，应为以下之一：可选（open）、必选（fixed）、禁止（forbidden）"
    )


def test_what_is_missing_is_said_in_either_language(district: District) -> None:
    (fault,) = faults("site", {"id": "DK-1"}, district)
    assert fault.found_text("en") == "nothing"
    assert fault.found_text("zh") == "空"


def test_a_lease_ends_after_it_starts(district: District) -> None:
    row = {
        "id": "t",
        "building_id": "b",
        "name": "n",
        "lease_start": "2025-01-02",
        "lease_end": "2025-01-01",
    }
    (fault,) = faults("tenant", row, district)
    assert (fault.field, fault.expected.code) == ("lease_end", "lease_order")


@pytest.mark.parametrize(
    ("text", "floors"),
    [("3", (3,)), ("3-5，8", (3, 4, 5, 8)), ("B2-B1", (-2, -1)), ("B1-2", (-1, 1, 2)), ("12F", (12,))],
)
def test_floors_are_read_as_offices_write_them(text: str, floors: Sequence[int]) -> None:
    assert floors_of(text) == tuple(floors)


@pytest.mark.parametrize("text", ["", "待定", "5-3", "999", "1..3", "0"])
def test_what_names_no_floor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        floors_of(text)


@pytest.mark.parametrize("table", RECORDS)
def test_every_field_has_a_sentence_for_what_it_expects(table: str, district: District) -> None:
    kind = RECORDS[table]
    row = {name: object() for name in kind.model_fields}
    found = faults(table, row, district)
    assert {fault.field for fault in found} == set(kind.model_fields)
    assert issubclass(kind, Record)
    assert not get_args(kind)
