"""docs/layer.md says what reading does."""

from __future__ import annotations

import re

import click
import pytest

from buildingmap import crs
from buildingmap.cli.check import check
from buildingmap.layers import Limits
from buildingmap.model import EXPECTATIONS, STATUSES, Building, Expected, Lang
from tests.layers.layer_codes import DOCUMENT, parts, table


def test_every_code_is_in_the_table() -> None:
    assert parts()[1] == table(), "python -m tests.layers.layer_codes writes the table anew"


def test_every_property_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", parts()[0], flags=re.MULTILINE)
    assert [row for row in rows if row in Building.model_fields] == list(Building.model_fields)


def test_every_word_of_crs_every_status_and_every_option_is_named() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for word in (
        *crs.DATUMS,
        *STATUSES,
        "--crs",
        "--strict",
        "--json",
        "--limit-seconds",
        "--limit-memory-mb",
    ):
        assert f"`{word}`" in text


def test_the_limits_are_those_in_force() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    limits = Limits()
    for words in (
        f"{limits.seconds:g} seconds or {limits.memory_mb} MB",
        f"{limits.file_bytes // 2**20} MiB a file",
        f"{limits.rows:,} rows",
        f"{limits.columns} columns",
        f"{limits.vertices:,} positions",
        f"{limits.vertices_of_shape:,} in one shape",
        f"nested {limits.nesting} deep",
    ):
        assert words in " ".join(text.split())
    helps = {option.name: str(option.help) for option in check.params if isinstance(option, click.Option)}
    assert f"({limits.seconds:g})" in helps["limit_seconds"]
    assert f"({limits.memory_mb})" in helps["limit_memory_mb"]


@pytest.mark.parametrize("code", EXPECTATIONS)
def test_both_languages_name_the_same_values(code: str) -> None:
    english, chinese = (set(re.findall(r"\{(\w+)\}", text)) for text in EXPECTATIONS[code])
    assert english == chinese
    expected = Expected.of(code, **dict.fromkeys(english, "7"))
    for lang in ("zh", "en"):
        language: Lang = "zh" if lang == "zh" else "en"
        assert "{" not in expected.text(language)


def test_a_code_that_is_not_listed_is_no_code() -> None:
    with pytest.raises(KeyError):
        Expected.of("nonsense")
