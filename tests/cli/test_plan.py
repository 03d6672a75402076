"""``buildingmap plan`` as a planner meets it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import jsonschema
import pytest
from click.testing import CliRunner

from buildingmap.cli import main
from buildingmap.placement import default_plan, plan_schema, read_plan

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


@pytest.fixture(autouse=True)
def _no_registry_of_ones_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BUILDINGMAP_REGISTRY", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["plan", *words], env={"COLUMNS": "200"}, catch_exceptions=False)


def test_the_demo_gets_an_optimal_plan_for_its_fifteen_towers_to_come() -> None:
    read = json.loads(run("--candidates", "coming", "--json").stdout)
    assert read["status"] == "optimal"
    assert read["synthetic"] is True
    assert len(read["chosen"]) == 15
    for tower in read["chosen"]:
        points = sum(part["alone"] + part["with_others"] for part in tower["parts"])
        assert points == pytest.approx(tower["points"])
    assert sum(tower["points"] for tower in read["chosen"]) == pytest.approx(read["score"])


def test_the_tables_say_what_is_proved_and_that_the_data_is_synthetic() -> None:
    english = run("--candidates", "coming", "--lang", "en").stdout
    assert "SYNTHETIC DATA" in english
    assert "optimal: no plan under these terms scores more" in english
    assert "NEW-05 for Finance" in english
    chinese = run("--candidates", "coming", "--lang", "zh").stdout
    assert "演示数据" in chinese
    assert "最优" in chinese
    assert "NEW-05 定位现代金融" in chinese
    # an estimate is written as on the pages, and nothing is said of what nobody asked for
    for text, estimate in (
        (english, r"Tax of the new towers a year\W+[\d,]+ \([\d,]+–[\d,]+\) million yuan"),
        (chinese, r"新楼宇年税收\W+[\d,]+（[\d,]+–[\d,]+） 万元"),
    ):
        assert re.search(estimate, text), text
        assert not re.search("count nothing|不起作用", text)


def test_the_default_plan_of_an_office_s_own_registry_calls_itself_no_demo(tmp_path: Path) -> None:
    own = str(tmp_path / "own.gpkg")
    made = CliRunner().invoke(main, ["init", "--registry", own, "--title", "登记库"], catch_exceptions=False)
    assert made.exit_code == 0
    said = [
        run("--registry", own, *words).stdout for words in (["--lang", "en"], ["--lang", "zh"], ["--json"])
    ]
    assert not [text for text in said if "demo" in text.lower() or "演示" in text or "SYNTHETIC" in text]
    assert json.loads(said[2])["synthetic"] is False


def test_the_text_names_the_source_of_linkages_and_tells_sectors_from_clusters() -> None:
    english = run("--candidates", "coming", "--lang", "en").stdout
    assert "Source of who gains from whom: " in english
    assert "illustrative" in english
    assert "Floor area by sector, m²: Other" in english
    assert "Floor area by cluster, m²: Other" in english
    assert "产业关联来源：示意值" in run("--candidates", "coming", "--lang", "zh").stdout


def test_a_plan_file_is_read_and_what_it_leaves_out_is_the_default(tmp_path: Path) -> None:
    file = tmp_path / "规划.toml"
    file.write_text('candidates = "coming"\n[sectors]\ntalent = { min = 2 }\n', encoding="utf-8")
    read = json.loads(run(str(file), "--json").stdout)
    assert sum(tower["sector"] == "talent" for tower in read["chosen"]) == 2
    assert read["weights"] == pytest.approx(default_plan().weights.shares)


def test_an_office_without_parcels_is_told_that_there_are_no_places(tmp_path: Path) -> None:
    own = str(tmp_path / "own.gpkg")
    CliRunner().invoke(main, ["init", "--registry", own, "--title", "登记库"], catch_exceptions=False)
    said = run("--registry", own, "--lang", "en")
    assert said.exit_code == 3
    assert "There are 0 places for 15 towers." in said.stdout
    assert "cannot hold together" not in said.stdout


def test_conditions_that_clash_end_with_3_and_are_named(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text('{"candidates": "coming", "sectors": {"talent": {"min": 16}}}', encoding="utf-8")
    said = run(str(file), "--lang", "en")
    assert said.exit_code == 3
    assert "at least 16 towers led by Talent services" in said.stdout


def test_why_not_says_what_another_sector_gives_up() -> None:
    said = run("--candidates", "coming", "--why-not", "NEW-05=talent", "--lang", "en")
    assert said.exit_code == 0
    assert "points less" in said.stdout
    assert "Another sector: NEW-05" in said.stdout


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("towers = 0", "plan.toml: New towers: found 0"),
        ("towers =", "plan.toml: expected TOML in UTF-8"),
        ("spacing = 60", "plan.toml: spacing: found 60"),
        ("[weights]\naccess = -1", "plan.toml: Weight: Access to metro: found -1"),
        (
            'fixed = [{ site = "DK-XX" }]',
            "plan.toml: Must be taken: found DK-XX, expected one of the district's sites",
        ),
        (
            "[sectors]\nfinance = { min = 3, max = 1 }",
            "Finance: found at least 3, at most 1, expected a number at most that is no smaller",
        ),
    ],
)
def test_a_plan_that_cannot_be_used_is_one_line_that_names_the_entry(
    tmp_path: Path, content: str, expected: str
) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(content, encoding="utf-8")
    said = run(str(file))
    assert said.exit_code == 1
    assert expected in said.stderr
    assert said.stdout == ""


def test_a_fit_that_cannot_be_is_named_by_cluster_and_sector(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text("[strategy]\nfit = { cbd = { finance = 2 } }\n", encoding="utf-8")
    said = run(str(file), "--lang", "zh").stderr
    assert "plan.toml：中央商务区对现代金融的契合度：实为 2，应为不大于 1 的数" in said
    assert "strategy" not in said


def test_a_plan_that_is_not_there_is_said() -> None:
    assert (
        "nowhere.toml: expected a plan as TOML or JSON; there is no such file" in run("nowhere.toml").stderr
    )


def test_the_published_schema_takes_the_default_plan() -> None:
    printed = json.loads(run("--schema").stdout)
    assert printed == json.loads(json.dumps(plan_schema()))
    jsonschema.validate(json.loads(default_plan().model_dump_json(exclude_unset=True)), printed)


def test_what_is_left_out_because_something_stands_there_is_said() -> None:
    english = run("--towers", "3", "--lang", "en").stdout
    assert "Left out, because they are not free to build on" in english
    assert "DK-41 is left out: 66% of it is under OTH-07" in english
    assert "DK-42 is left out: 83% of it is road" in english
    chinese = run("--towers", "3", "--lang", "zh").stdout
    assert "因不具备建设条件而不入选" in chinese


def test_what_is_taken_in_doubt_is_said(tmp_path: Path) -> None:
    file = tmp_path / "warn.toml"
    file.write_text(
        'occupied = "warn"\ntowers = 2\nfixed = [{ site = "DK-41" }]\nsectors = {}\n', encoding="utf-8"
    )
    english = run(str(file), "--lang", "en").stdout
    assert "In doubt, and taken all the same" in english
    assert "DK-41: the tower OTH-07 Other tower 07 stands on 2,646 m² of it, 65%" in english


def test_the_sites_are_ranked_beside_the_plan_in_both_languages() -> None:
    english = run("--candidates", "coming", "--ranking", "--lang", "en").stdout
    assert "SYNTHETIC DATA" in english
    assert "Best by TOPSIS for" in english
    chinese = run("--candidates", "coming", "--ranking", "--lang", "zh").stdout
    assert "贴近度" in chinese
    read = json.loads(run("--candidates", "coming", "--ranking", "--json").stdout)
    assert len(read["rows"]) == 15


def test_other_plans_are_listed_with_what_changes() -> None:
    said = run("--candidates", "coming", "--alternatives", "3", "--differ", "2", "--lang", "en")
    assert said.exit_code == 0
    assert "other sector: NEW-" in said.stdout
    read = json.loads(run("--candidates", "coming", "--alternatives", "3", "--json").stdout)
    assert [plan["status"] for plan in read["plans"]] == ["optimal"] * 3


def test_a_trade_off_is_printed_for_two_criteria_and_refused_for_others() -> None:
    said = run("--candidates", "coming", "--trade-off", "strategy,tax", "--lang", "zh")
    assert said.exit_code == 0
    assert "定位契合与预期税收的权衡" in said.stdout
    for wrong in ("tax", "tax,tax", "tax,money"):
        refused = run("--trade-off", wrong)
        assert refused.exit_code == 2
        assert f"found {wrong}, expected two of access" in refused.stderr


def test_how_steady_a_plan_is_is_printed_with_what_is_proved(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text('candidates = "coming"\nseconds = 20\n', encoding="utf-8")
    said = run(str(file), "--steadiness", "--weightings", "3", "--lang", "en")
    assert said.exit_code == 0
    assert "3 of 3 random weightings" in said.stdout
    assert "How far each weight can move" in said.stdout


def test_two_questions_at_once_are_refused() -> None:
    refused = run("--ranking", "--steadiness")
    assert refused.exit_code == 2
    assert "found --ranking and --steadiness, expected one of them" in refused.stderr


def test_the_whole_plan_is_printed_and_written_once(tmp_path: Path) -> None:
    file, new = tmp_path / "plan.toml", tmp_path / "whole.toml"
    file.write_text("[comparisons]\ntax = { access = 3 }\n", encoding="utf-8")
    printed = run(str(file), "--towers", "7", "--print-plan", "--write-plan", str(new))
    assert printed.exit_code == 0
    assert new.read_text(encoding="utf-8") == printed.stdout
    assert read_plan(new).comparisons == {"tax": {"access": 3}}
    assert read_plan(new).towers == 7
    again = run(str(new), "--write-plan", str(new))
    assert again.exit_code == 1
    assert "there already, expected a new file" in again.stderr


def test_comparisons_are_told_how_well_they_agree(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(
        'candidates = "coming"\n[comparisons]\ntax = { access = 3, strategy = 3 }\naccess = { strategy = 9 }\n',
        encoding="utf-8",
    )
    said = run(str(file), "--lang", "en").stdout
    assert "consistency ratio" in said
    assert "They contradict each other" in said
    assert "Compared with nothing, so it counts nothing: Agglomeration" in said


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("zh", "mine.toml：新楼宇：实为 0，应为不小于 1 的数"),
        ("en", "mine.toml: New towers: found 0, expected a number"),
    ],
)
def test_what_is_wrong_with_a_plan_is_told_in_the_language_that_was_asked_for(
    tmp_path: Path, lang: str, told: str
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("towers = 0\n", encoding="utf-8")
    refused = run(str(file), "--lang", lang)
    assert refused.exit_code == 1
    assert told in refused.stderr
    missing = run(str(tmp_path / "none.toml"), "--lang", lang)
    assert {"zh": "没有这个文件", "en": "there is no such file"}[lang] in missing.stderr
