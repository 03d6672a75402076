"""People read names and figures, never the keys of a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from buildingmap.model import RECORDS, Building, Expected, Fault, Place, building_from_row, record_from_row
from buildingmap.model.faults import shown
from buildingmap.model.names import (
    ACTION_NAMES,
    FIELD_NAMES,
    TABLE_NAMES,
    field_name,
    figure,
    table_name,
    value_text,
)

if TYPE_CHECKING:
    from buildingmap.model import District, Lang

KEY = re.compile(r"[a-z]+_[a-z_0-9]+")


def test_every_table_and_field_of_the_registry_has_a_name_in_both_languages() -> None:
    assert set(TABLE_NAMES) == {"registry", "building", *RECORDS}
    fields = {"building": set(Building.model_fields)}
    fields |= {table: set(kind.model_fields) for table, kind in RECORDS.items()}
    fields["registry"] = {"version", "changed_at", "changed_by", "uid", "head", "synthetic", "created_at"}
    for table, names in fields.items():
        for field in names:
            for lang in ("en", "zh"):
                assert not KEY.search(field_name(field, lang, table=table)), (table, field)
    for english, chinese in (*TABLE_NAMES.values(), *FIELD_NAMES.values(), *ACTION_NAMES.values()):
        assert not KEY.search(english)
        assert re.search(r"[\u4e00-\u9fff]", chinese)


def test_a_fault_of_a_form_names_its_field_in_the_reader_s_language() -> None:
    fault = Fault(Expected.of("tax_yuan"), "tax_yuan", shown(-99_999_999.0), building_id="T-1")
    assert fault.line("en").startswith("T-1: Total tax: found -99,999,999, expected ")
    assert fault.line("zh").startswith("T-1: 全口径税收: 实为 -99,999,999，应为")


def test_a_fault_of_a_file_keeps_the_file_s_own_word_beside_the_name() -> None:
    at = {"place": Place("row", 3), "file": "a.xlsx"}
    named = Fault(Expected.of("tax_yuan"), "tax_yuan (年税收(万元))", "-1", **at)  # type: ignore[arg-type]
    assert "全口径税收 (年税收(万元)): 实为 -1" in named.line("zh")
    keyed = Fault(Expected.of("tax_yuan"), "tax_yuan", "-1", **at)  # type: ignore[arg-type]
    assert "Total tax (tax_yuan): found -1" in keyed.line("en")
    other = Fault(Expected.of("column_unknown"), "", "'备注2'", **at)  # type: ignore[arg-type]
    assert "备注2" in other.line("zh")


def test_a_sum_that_is_expected_is_a_figure() -> None:
    told = Expected.of("tax_under_kept", other=99_999_999.0, year=2024)
    assert "no smaller than the district revenue of 2024 in the registry, 99,999,999 yuan" in told.text("en")


def test_a_table_is_expected_by_its_name() -> None:
    assert Expected.of("record_field", table="tax_record").text("zh") == "税收记录 表的字段"
    said = Expected.of("table", choices="building, tax_record").text("en")
    assert said == "a table of the registry: Tower, Tax record"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (99999999.0, "99,999,999"),
        (100_000_000, "100,000,000"),
        (123456.78, "123,456.78"),
        (10_000, "10,000"),
        (2024, "2024"),
        (0.15, "0.15"),
        (-3.0, "-3"),
        (1e15, "1,000,000,000,000,000"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
    ],
)
def test_a_number_is_written_as_people_write_it(value: float, text: str) -> None:
    assert figure(value) == shown(value) == text


def test_a_value_of_the_registry_is_written_for_people() -> None:
    assert [value_text(value, "zh") for value in (None, True, 4e7, ["finance", "digital"])] == [
        "–", "是", "40,000,000", "finance、digital",
    ]  # fmt: skip
    assert value_text(["finance", "digital"], "en") == "finance, digital"
    assert value_text(False, "en") == "no"  # noqa: FBT003 - a value of a row, not an option
    assert table_name("no table", "zh") == "no table"


def test_a_choice_is_written_by_its_name_where_its_field_is_known(district: District) -> None:
    def written(value: object, field: str, lang: Lang) -> str:
        return value_text(value, lang, field=field, district=district)

    assert written("xinduxin", "cluster", "zh") == "新都心"
    assert written("finance", "sector", "en") == "Finance"
    assert written(["finance", "digital"], "sectors", "zh") == "现代金融、数字经济"
    assert written("planned", "status", "zh") == "规划"
    assert written("head", "duty", "en") == "head of the tower"
    # a name is not a choice, and a cluster of another district stays as it is
    assert written("planned", "name", "zh") == "planned"
    assert written("hanyang", "cluster", "zh") == "hanyang"
    assert value_text("finance", "zh", field="sector") == "finance"


def test_what_is_no_name_stays_as_it_is() -> None:
    assert field_name("楼宇名称", "en") == "楼宇名称"


def only_fault(found: object) -> Fault:
    """The one fault that a row has."""
    assert isinstance(found, list)
    (fault,) = found
    assert isinstance(fault, Fault)
    return fault


def test_what_may_be_chosen_is_named_with_the_id_that_programs_write(district: District) -> None:
    fault = only_fault(building_from_row({"id": "T", "name": "楼", "cluster": "nowhere"}, district))
    assert "本区片区之一：中央商务区（cbd）、新都心（xinduxin）、其他（other）" in fault.line("zh")
    assert "one of the district's clusters: CBD (cbd), Xinduxin (xinduxin), Other (other)" in fault.line("en")
    fault = only_fault(building_from_row({"id": "T", "name": "楼", "status": "拆除"}, district))
    assert "以下之一：已建成（existing）、在建（under_construction）、规划（planned）" in fault.line("zh")
    fault = only_fault(record_from_row("milestone", {"id": "M", "building_id": "T", "kind": "?"}, district))
    assert "施工许可（permit）" in fault.line("zh")
