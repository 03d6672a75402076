"""What is wrong with a plan is said in our own words, in Chinese and in English."""

from __future__ import annotations

import pickle
import re
from typing import TYPE_CHECKING

import pytest

from buildingmap.placement import PlanError, parse_plan
from buildingmap.placement.plan_faults import PlanFault, unknown_names
from buildingmap.placement.plan_file import PlanFile, expect_known
from tests.placement.wrong_plans import WRONG_PLANS

if TYPE_CHECKING:
    from buildingmap.model import District, Lang

SITES = frozenset({"DK-01", "DK-02", "DK-03"})
# names that a plan file is written in
NAMES = {
    *PlanFile.model_fields, "TOML", "JSON", "UTF", "DK", "site", "sector", "min", "max", "site_coverage", "unnamed",
    "gains", "fit", "reach_m", "plan",
}  # fmt: skip


def refused(text: str, district: District) -> PlanError:
    with pytest.raises(PlanError) as found:
        expect_known(
            parse_plan(text.encode(), "mine.toml", is_json=text.startswith("{")), district, SITES, "mine.toml"
        )
    return found.value


def words_of(fault: PlanFault, lang: Lang) -> str:
    """What we say ourselves: neither the entry, nor what was found, nor the choices of a list."""
    expected = fault.expected[lang == "zh"]
    return re.sub(r"(：|: ).*", "", expected)


@pytest.mark.parametrize("wrong", WRONG_PLANS)
def test_a_wrong_plan_is_told_in_the_reader_s_language_alone(district: District, wrong: str) -> None:
    for fault in refused(WRONG_PLANS[wrong], district).faults:
        english, chinese = (words_of(fault, lang) for lang in ("en", "zh"))
        assert re.search(r"[\u4e00-\u9fff]", chinese), "Chinese is in Chinese"
        latin = {word for word in re.findall(r"[A-Za-z_]+", chinese) if len(word) > 1}
        criteria = set(PlanFile.model_fields["weights"].default.model_dump())
        sectors = {sector.id for sector in district.sectors}
        assert latin <= NAMES | criteria | sectors
        assert not re.search(r"[\u4e00-\u9fff]", english), "English is in English"
        assert "Input should" not in str(fault)


def test_a_fault_names_the_entry_what_was_found_and_what_was_expected(district: District) -> None:
    error = refused('towers = 0\nfixed = "DK-01"', district)
    assert error.text("en").splitlines() == [
        "mine.toml: New towers: found 0, expected a number of at least 1",
        'mine.toml: Must be taken: found DK-01, expected a list of sites, as [{ site = "DK-07", sector = "finance" }]',
    ]
    assert error.text("zh").splitlines() == [
        "mine.toml：新楼宇：实为 0，应为不小于 1 的数",
        'mine.toml：必须入选：实为 DK-01，应为地块的列表，如 [{ site = "DK-07", sector = "finance" }]',
    ]


# as a plan file is written; a person reads their names
KEYS = re.compile(
    r"[a-z]+_[a-z_0-9]+|\b(min|max|weights|comparisons|sectors|clusters|reference|strategy|linkage)\b"
)


@pytest.mark.parametrize("wrong", WRONG_PLANS)
def test_no_key_of_a_plan_file_reaches_a_reader_of_chinese(district: District, wrong: str) -> None:
    error = refused(WRONG_PLANS[wrong], district).within(district)
    for fault in error.faults:
        line = fault.line("zh", district)
        # what may be written is named first, and in brackets
        assert not KEYS.search(re.sub(r"（[a-z_]+）", "", line)), line


def test_a_fault_names_clusters_sectors_and_bounds_in_the_reader_s_language(district: District) -> None:
    text = "[sectors]\nfinance = { min = 9, max = 3 }\n[strategy]\nfit = { cbd = { finance = 2 } }"
    error = refused(text, district).within(district)
    assert error.text("zh").splitlines() == [
        "mine.toml：现代金融：实为 至少 9、至多 3，应为至多之数不小于至少之数",
        "mine.toml：中央商务区对现代金融的契合度：实为 2，应为不大于 1 的数",
    ]
    assert error.text("en").splitlines() == [
        (
            "mine.toml: Finance: found at least 9, at most 3, "
            "expected a number at most that is no smaller than the number at least"
        ),
        "mine.toml: Fit of Finance in CBD: found 2, expected a number of at most 1",
    ]
    assert [fault.entry for fault in error.faults] == ["sectors.finance", "strategy.fit.cbd.finance"]


def test_a_place_in_a_list_is_counted_from_one(district: District) -> None:
    (fault,) = refused('fixed = [{ site = "DK-01" }, { sector = "finance" }]', district).faults
    assert fault.entry == "fixed.1.site"
    assert fault.line("en") == "Must be taken (no. 2, Site): expected a value, but there is none"
    assert fault.line("zh") == "必须入选（第 2 项，地块）：应为一个值，但此处没有"


def test_a_text_that_is_no_toml_says_where_it_stops_being_one(district: District) -> None:
    error = refused('title = "a"\ntowers = many', district)
    assert str(error) == "mine.toml: expected TOML in UTF-8; this cannot be read from line 2, column 10"
    unfinished = refused('title = "a"\ntowers = ', district)
    assert str(unfinished) == "mine.toml: expected TOML in UTF-8; this ends in the middle"


def test_where_there_is_nothing_to_choose_from_that_is_said() -> None:
    (fault,) = unknown_names("fixed", ["DK-01"], frozenset(), "sites")
    assert (
        fault.line()
        == "Must be taken: found DK-01, expected one of the district's sites, of which there are none"
    )
    assert fault.line("zh") == "必须入选：实为 DK-01，应为本区候选地块之一，而目前一个也没有"


def test_what_a_process_of_its_own_refuses_comes_back_whole(district: District) -> None:
    error = refused("towers = 0", district)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - written a moment ago
    assert (again.text("zh"), again.faults) == (error.text("zh"), error.faults)
