"""``buildingmap stations``: service stations in a terminal, and p-medians of the OR-Library."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from buildingmap.cli import main

# published instances with their optima lie beside a checkout where somebody put them; they are no part of it
PUBLISHED = Path(__file__).resolve().parents[3] / "shared" / "data" / "orlib_pmed"


@pytest.fixture(autouse=True)
def demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BUILDINGMAP_REGISTRY", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nothing here"))


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["stations", *words])


def test_without_any_word_the_demo_has_six_stations_proved_best() -> None:
    said = run("--lang", "en")
    assert said.exit_code == 0, said.output
    assert "SYNTHETIC DATA" in said.stdout
    assert "proved: no choice of places is better" in said.stdout
    found = json.loads(run("--json").stdout)
    assert found["status"] == "optimal"
    assert len(found["stations"]) == 6
    assert found["synthetic"]


def test_the_answer_is_said_in_chinese_too() -> None:
    said = run(
        "--measure", "covering", "--radius", "800", "--where", "sites", "--weight", "area", "--lang", "zh"
    )
    assert said.exit_code == 0
    assert "800 米内覆盖" in said.stdout
    assert "已证明：没有更优的选址" in said.stdout


def test_more_stations_than_places_are_refused_in_one_line() -> None:
    refused = run("--where", "sites", "--stations", "60")
    assert refused.exit_code == 1
    assert "found 60 stations for 38 places" in refused.stderr
    assert "parcels left out, as in a plan: 4" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_parcels_that_are_not_free_are_named_in_the_terminal_and_in_json() -> None:
    said = run("--where", "sites", "--stations", "3", "--weight", "towers", "--lang", "en").stdout
    assert "Parcels left out, as in a plan: 4" in said
    assert "DK-42 is left out: 83% of it is road" in said
    found = json.loads(run("--where", "sites", "--stations", "3", "--weight", "towers", "--json").stdout)
    assert found["places"] == 38
    assert [each["why"] for each in found["parcels_left_out"]] == [
        "registry_forbidden",
        "registry_forbidden",
        "occupied_towers",
        "occupied_road",
    ]
    assert "DK-42 不入选：其中 83% 为道路" in {each["zh"] for each in found["parcels_left_out"]}


def test_a_p_median_file_is_proved_and_its_nodes_are_named(tmp_path: Path) -> None:
    # a path of five nodes; the last of two equal pairs counts
    file = tmp_path / "path.txt"
    file.write_text("5 5 2\n1 2 1\n2 3 9\n2 3 2\n3 4 5\n4 5 1\n", encoding="ascii")
    found = json.loads(run("--pmed", str(file), "--json").stdout)
    # 2 and 4 serve 1, 3 and 5 at 1 + 2 + 1
    assert (found["value"], found["bound"], found["status"]) == (4, 4, "optimal")
    assert found["nodes"] == 5
    assert found["p"] == 2
    assert found["seconds"] >= 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3 1 1\n1 9 x\n", "line 2: found '1 9 x', expected two nodes and a cost"),
        ("hello\n", "line 1"),
        ("", "expected"),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "bad.txt"
    file.write_text(text, encoding="ascii")
    refused = run("--pmed", str(file))
    assert refused.exit_code == 1
    assert "bad.txt" in refused.stderr
    assert said in refused.stderr


def test_published_instances_are_proved_at_their_published_optimum() -> None:
    table = PUBLISHED / "optima.csv"
    listed = list(csv.DictReader(table.read_text(encoding="ascii").splitlines())) if table.exists() else []
    for row in listed:
        found = json.loads(run("--pmed", str(PUBLISHED / f"{row['instance']}.txt"), "--json").stdout)
        assert (found["status"], found["value"]) == ("optimal", int(row["optimum"])), row


@pytest.fixture
def path_of_five(tmp_path: Path) -> str:
    """Nodes 1 to 5 in a row, at 1, 2, 5 and 1 from one another; two are opened."""
    file = tmp_path / "path.txt"
    file.write_text("5 4 2\n1 2 1\n2 3 2\n3 4 5\n4 5 1\n", encoding="ascii")
    return str(file)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ((), 4),
        (("--stations", "1"), 16),
        (("--stations", "5"), 0),
        (("--measure", "centre"), 2),
        (("--measure", "centre", "--stations", "1"), 6),
        (("--measure", "covering", "--radius", "1"), 4),
        (("--measure", "covering", "--radius", "2", "--stations", "1"), 3),
    ],
)
def test_a_file_is_asked_the_question_that_was_typed(
    path_of_five: str, words: tuple[str, ...], value: int
) -> None:
    found = json.loads(run("--pmed", path_of_five, *words, "--json").stdout)
    assert (found["value"], found["bound"], found["status"]) == (value, value, "optimal")
    assert f"{value}" in run("--pmed", path_of_five, *words).stdout


@pytest.mark.parametrize("measure", ["p-median", "centre", "covering"])
def test_what_is_found_for_a_file_is_said_in_the_reader_s_language(path_of_five: str, measure: str) -> None:
    words = ["--pmed", path_of_five, "--measure", measure]
    words += ["--radius", "1"] if measure == "covering" else []
    assert "proved: no choice" in run(*words, "--lang", "en").stdout
    chinese = run(*words, "--lang", "zh").stdout
    assert "已证明" in chinese
    assert not re.search("optimal|choice|nodes", chinese)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--radius", "400"), "found --radius beside --pmed"),
        (("--measure", "centre", "--radius", "400"), "found --radius beside --pmed"),
        (("--weight", "area", "--where", "sites"), "found --weight, --where beside --pmed, expected none"),
        (("--district", "own.toml"), "found --district beside --pmed"),
        (("--measure", "covering"), "found --measure covering without --radius"),
        (("--stations", "6"), "found --stations 6, expected at most the 5 nodes"),
    ],
)
def test_what_says_nothing_of_a_file_is_refused_in_one_line(
    path_of_five: str, words: tuple[str, ...], said: str
) -> None:
    refused = run("--pmed", path_of_five, *words, "--lang", "en")
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert re.search(r"[\u4e00-\u9fff]", run("--pmed", path_of_five, *words, "--lang", "zh").stderr)
    assert len(refused.stderr.strip().splitlines()) == 1
    assert not refused.stdout
