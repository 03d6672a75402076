"""Scenarios as files, read back: every tower, its shape and its figures are in each of them."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import openpyxl
import orjson
import pytest
import shapely
from docx import Document

from buildingmap.map.scenario_files import FORMS, note_of, scenario_file
from buildingmap.placement import plan_of, site_shapes, why
from buildingmap.placement.scenarios import compare, comparison_tables, said, scenario_tables
from tests.placement.scenarios import scenario
from tests.placement.towns import town

if TYPE_CHECKING:
    from buildingmap.map.scenario_files import Form
    from buildingmap.model import District, Lang, Surroundings
    from buildingmap.placement.scenarios import Scenario
    from buildingmap.snapshot import Snapshot

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def place(district: District, surroundings: Surroundings) -> Snapshot:
    return town(1, district, surroundings)


@pytest.fixture(scope="module")
def pair(place: Snapshot) -> list[tuple[str, Scenario]]:
    return [
        ("=1+1 均衡", scenario(place, spacing_m=60)),
        ("近地铁", scenario(place, towers=2, weights={"access": 1})),
    ]


def written(form: Form, titled: list[tuple[str, Scenario]], place: Snapshot, lang: Lang = "en") -> bytes:
    shapes = [site_shapes(place)] * len(titled)
    note = note_of(titled, place, now=NOW, lang=lang)
    return scenario_file(form, titled, shapes=shapes, snapshot=place, note=note, lang=lang)


def test_geojson_has_each_tower_with_shape_points_and_spread(
    place: Snapshot, pair: list[tuple[str, Scenario]]
) -> None:
    read = orjson.loads(written("geojson", pair[:1], place))
    made = pair[0][1]
    assert read["synthetic"] is True
    chosen = [each for each in read["features"] if each["properties"]["is"] == "chosen"]
    assert [each["id"] for each in chosen] == [each.id for each in made.answer.chosen]
    for feature, tower in zip(chosen, made.answer.chosen, strict=True):
        facts = feature["properties"]
        shape = shapely.from_geojson(orjson.dumps(feature["geometry"]))
        assert shape.equals(site_shapes(place)[tower.id])
        assert facts["sector"] == tower.sector
        points = sum(value for name, value in facts.items() if name.startswith("points_"))
        assert points == pytest.approx(facts["points"])
        assert tower.tax_yuan is not None
        assert facts["tax_median_yuan"] == tower.tax_yuan.middle
        assert facts["why"] == why(tower, place, "en")
    others = [each for each in read["features"] if each["properties"]["is"] == "runner_up"]
    assert [each["properties"]["site"] for each in others] == [each.site for each in made.answer.runners_up]
    assert plan_of(read["scenarios"][0]["plan"], "file", complete=True) == made.plan


def test_ids_of_features_are_unique_in_a_comparison_too(
    place: Snapshot, pair: list[tuple[str, Scenario]]
) -> None:
    read = orjson.loads(written("geojson", pair, place))
    ids = [each["id"] for each in read["features"]]
    assert len(set(ids)) == len(ids)
    assert read["differences"]


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def test_a_workbook_has_a_sheet_a_table_and_figures_as_numbers(
    place: Snapshot, pair: list[tuple[str, Scenario]]
) -> None:
    found = sheets(written("xlsx", pair[:1], place))
    made = pair[0][1]
    assert list(found)[:4] == ["The scenario", "Towers", "Points by criterion", "Why"]
    assert {"Conditions", "The plan as entered", "What it would do", "About"} <= set(found)
    head, *rows = found["Towers"]
    first = dict(zip(head, rows[0], strict=True))
    tower = made.answer.chosen[0]
    assert tower.tax_yuan is not None
    assert first["Site"] == tower.id
    assert first["Gross floor area, m²"] == pytest.approx(tower.floor_area_m2)
    assert first["Expected tax a year (quartiles), yuan · lower quartile"] == pytest.approx(
        tower.tax_yuan.low
    )
    assert ["Filter", "=1+1 均衡"] in [row[:2] for row in found["About"]]


def test_a_workbook_of_two_has_the_comparison_and_each_of_them(
    place: Snapshot, pair: list[tuple[str, Scenario]]
) -> None:
    found = sheets(written("xlsx", pair, place, "zh"))
    assert list(found)[:3] == ["各方案", "各方案选址与定位", "差异"]
    assert {"A 入选楼宇", "B 入选楼宇"} <= set(found)
    head, title, *_ = found["各方案"]
    assert dict(zip(head, title, strict=True)) | {"A": "=1+1 均衡", "B": "近地铁"} == dict(
        zip(head, title, strict=True)
    )
    assert "A · 下四分位或最低" in head


def test_a_report_names_whose_outlines_its_maps_draw(
    place: Snapshot, pair: list[tuple[str, Scenario]], demo_snapshot: Snapshot
) -> None:
    (credit,) = demo_snapshot.surroundings.attributions
    there = replace(place, surroundings=demo_snapshot.surroundings)
    report = Document(io.BytesIO(written("docx", pair, there, "zh")))
    named = [paragraph.text for paragraph in report.paragraphs if credit in paragraph.text]
    assert len(named) == 2, "one for each map"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_report_has_its_pictures_towers_and_notice(
    place: Snapshot, pair: list[tuple[str, Scenario]], lang: Lang
) -> None:
    one = Document(io.BytesIO(written("docx", pair[:1], place, lang)))
    two = Document(io.BytesIO(written("docx", pair, place, lang)))
    assert len(one.inline_shapes) == 5
    assert len(two.inline_shapes) == 4
    for read in (one, two):
        for shape in read.inline_shapes:
            assert shape._inline.docPr.get("descr")  # noqa: SLF001 - what the file holds
        said = "\n".join(paragraph.text for paragraph in read.paragraphs)
        assert {"zh": "合成演示数据", "en": "Synthetic demo data"}[lang] in said
        assert "{" not in said
        cells = {cell.text for table in read.tables for row in table.rows for cell in row.cells}
        assert {tower.id for tower in pair[0][1].answer.chosen} <= cells


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_file_names_the_source_of_linkages(
    place: Snapshot, pair: list[tuple[str, Scenario]], lang: Lang
) -> None:
    sourced = [(title, scenario(place, linkage={"source": "a guess", "gains": {}})) for title, _ in pair]
    for titled in (sourced[:1], sourced):
        places = orjson.loads(written("geojson", titled, place, lang))
        assert {each["sources"]["linkage"] for each in places["scenarios"]} == {"a guess"}
        first = next(iter(sheets(written("xlsx", titled, place, lang)).values()))
        assert any("a guess" in row for row in first)
        report = Document(io.BytesIO(written("docx", titled, place, lang)))
        name = {"zh": "产业关联来源：a guess", "en": "Source of who gains from whom: a guess"}[lang]
        assert name in [paragraph.text for paragraph in report.paragraphs]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_workbook_s_first_sheet_says_that_the_data_is_synthetic_and_no_title_is_cut(
    place: Snapshot, pair: list[tuple[str, Scenario]], lang: Lang
) -> None:
    for titled in (pair[:1], pair):
        found = sheets(written("xlsx", titled, place, lang))
        first = next(iter(found.values()))
        assert any(said("synthetic", lang) in row for row in first)
        tables = comparison_tables(compare([each for _, each in titled]), ["", ""], place, lang)
        titles = {
            each.title for each in (scenario_tables(titled[0][1], place, lang), tables)[len(titled) - 1]
        }
        assert titles <= set(found)


@pytest.mark.parametrize("form", FORMS)
def test_a_plan_that_cannot_be_met_is_written_with_what_clashes(place: Snapshot, form: Form) -> None:
    content = written(form, [("不可行", scenario(place, sectors={"finance": {"min": 4}}))], place)
    if form == "geojson":
        assert orjson.loads(content)["scenarios"][0]["clash"]
    elif form == "xlsx":
        assert any(title == "Conditions that clash" for title in sheets(content))
    else:
        said = [paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs]
        assert "There are 10 places for 3 towers." not in said
        assert any("at least 4 towers led by Finance" in line for line in said)


@pytest.mark.parametrize("form", FORMS)
def test_files_of_one_moment_are_equal_bytes(
    place: Snapshot, pair: list[tuple[str, Scenario]], form: Form
) -> None:
    assert written(form, pair, place) == written(form, pair, place)
