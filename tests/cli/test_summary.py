from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner
from rich.console import Console

from buildingmap.analysis import summary
from buildingmap.cli import main
from buildingmap.cli.filter_options import option_name
from buildingmap.cli.summary import default_language
from buildingmap.cli.summary_tables import print_summary
from buildingmap.filters import PARAMETERS, Filter, select
from buildingmap.layers import read_district, read_surroundings
from buildingmap.registry import LayerRegistry
from buildingmap.resources import data_folder
from buildingmap.web import create_app
from tests.web.conftest import OneVersion

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from click.testing import Result

    from buildingmap.model import Lang
    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["summary", *words], env={"COLUMNS": "200"}, catch_exceptions=False)


def printed(snapshot: Snapshot, lang: Lang = "zh", *, flt: Filter | None = None) -> str:
    console = Console(file=io.StringIO(), width=220, force_terminal=True, color_system=None)
    print_summary(summary(select(snapshot, flt or Filter())), snapshot.district, lang, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def feature(number: int, **properties: object) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [120.37 + 0.001 * number, 36.09]},
        "properties": {"id": f"A-{number}", "name": f"一号楼{number}", "status": "existing"} | properties,
    }


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    taxes = [99_999_999, 100_000_000, 250_000_000]
    features = [
        feature(number, tax_yuan=tax, tax_year=2023, sector="finance", cluster="cbd")
        for number, tax in enumerate(taxes)
    ]
    path = tmp_path / "office.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def test_the_demo_layer_is_summed_up_when_none_is_named() -> None:
    result = run("--lang", "zh")
    assert result.exit_code == 0
    for title in ("总览", "税收分档", "主导产业构成", "目标进度", "培育库", "片区", "区位商", "官方边界"):
        assert title in result.output
    for title in ("自然集聚区", "税收热点", "税收密度"):
        assert title in result.output
    assert "4（按2023年）" in result.output
    assert "演示数据：均为虚构" in result.output


def test_english_is_english_throughout_but_for_names() -> None:
    result = run("--lang", "en")
    assert result.exit_code == 0
    for title in ("Totals", "Leading sectors", "Next to pass the mark", "Hot spots of tax", "Tax density"):
        assert title in result.output
    assert "SYNTHETIC DATA" in result.output


def test_only_a_synthetic_layer_is_called_synthetic(layer: Path) -> None:
    result = run(str(layer), "--lang", "en")
    assert result.exit_code == 0
    assert "SYNTHETIC" not in result.output


def test_the_filter_is_exact_at_the_mark(layer: Path) -> None:
    document = json.loads(run(str(layer), "--json", "--tax-min", "100000000").output)
    assert document["totals"]["towers"] == document["totals"]["past_mark"] == 2
    document = json.loads(run(str(layer), "--json", "--tax-max", "99999999").output)
    assert (document["totals"]["towers"], document["totals"]["past_mark"]) == (1, 0)


def test_values_of_one_option_come_together_or_one_by_one() -> None:
    together = run("--json", "--sector", "finance,digital", "--cluster", "CBD").output
    one_by_one = run("--json", "--sector", "digital", "--sector", "finance", "--cluster", "cbd").output
    assert together == one_by_one
    assert json.loads(together)["filter"] == "sector=finance,digital&cluster=cbd"


def test_the_document_is_the_one_that_the_api_serves(layer: Path) -> None:
    district = read_district()
    registry = LayerRegistry(
        layer, district=district, surroundings=read_surroundings(district, data_folder())
    )
    served = create_app(registry).test_client().get("/api/summary?tax_min=1e8").json
    assert json.loads(run(str(layer), "--json", "--tax-min", "1e8").output) == served


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--tax-min", "1亿"], "--tax-min: found '1亿', expected a number"),
        (["--sector", "banking"], "--sector: found 'banking', expected any of headquarters"),
        (["--floor-area-min", "-1"], "--floor-area-min: found '-1'"),
        (["--bbox", "1,2,3"], "--bbox: found '1,2,3'"),
        (["--tax-min", "2", "--tax-max", "1"], "--tax-min: found 2, expected no more than tax_max=1"),
    ],
)
def test_a_wrong_option_ends_with_2_and_a_line_that_names_it(words: Sequence[str], named: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert named in result.stderr
    assert result.stdout == ""


def test_every_wrong_option_is_named_and_an_unknown_one_too() -> None:
    result = run("--tax-min", "x", "--year", "y")
    assert result.stderr.splitlines()[0].startswith("--tax-min: ")
    assert result.stderr.splitlines()[1].startswith("--year: ")
    assert run("--colour", "red").exit_code == 2


def test_a_layer_with_faults_ends_with_1_and_its_lines_in_the_language_asked_for(layer: Path) -> None:
    layer.write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature(1, tax_yuan=-5)]}), encoding="utf-8"
    )
    english, chinese = run(str(layer), "--lang", "en"), run(str(layer), "--lang", "zh")
    assert english.exit_code == chinese.exit_code == 1
    assert "Total tax (tax_yuan): found -5, expected yuan" in english.stderr
    assert "全口径税收 (tax_yuan): 实为 -5" in chinese.stderr
    assert english.stdout == chinese.stdout == ""


def test_a_file_or_a_district_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    missing = run(str(tmp_path / "none.geojson"))
    assert missing.exit_code == 1
    assert len(missing.stderr.splitlines()) == 1
    no_district = run("--district", str(tmp_path / "none.toml"))
    assert no_district.exit_code == 1
    assert "none.toml" in no_district.stderr


def test_a_layer_in_another_system_is_read_as_what_it_is(layer: Path) -> None:
    as_wgs84 = json.loads(run(str(layer), "--json").output)
    as_gcj02 = json.loads(run(str(layer), "--json", "--crs", "gcj02").output)
    assert as_wgs84["totals"] == as_gcj02["totals"]
    assert as_wgs84["tax_density"]["bands"] != as_gcj02["tax_density"]["bands"]


def test_there_is_an_option_for_every_criterion_and_none_for_pages() -> None:
    help_text = run("--help").output
    for parameter in PARAMETERS:
        assert (f"{option_name(parameter.name)} " in help_text) is not parameter.paging


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_text_out_of_a_layer_is_only_ever_text(lay_out: LayOut, lang: Lang) -> None:
    names = ["[red]红[/red]", "[link=https://x.example]楼[/link]", ":skull: 楼", "[/]", "{towers}", "a\\[b]"]
    rows = [{"name": name, "tax_yuan": 5e7, "tax_year": 2023} for name in names]
    output = printed(lay_out(rows), lang)
    for name in names:
        assert name in output
    assert "\x1b]8" not in output


def test_escapes_in_what_a_layer_says_of_itself_are_shown_and_not_obeyed(lay_out: LayOut) -> None:
    snapshot = lay_out([])
    object.__setattr__(snapshot.note, "title", "T\x1b[2J\u202e\nrm")
    output = printed(snapshot)
    assert "T\\u001b[2J\\u202e\\u000arm" in output
    assert "\x1b[2J" not in output


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("status", ["existing", "planned"])
def test_a_layer_of_which_nothing_is_known_can_be_printed(lay_out: LayOut, lang: Lang, status: str) -> None:
    assert "—" in printed(lay_out([{"status": status}] * 3), lang)
    assert printed(lay_out([]), lang)


def test_every_reason_and_difference_has_words_in_both_languages(lay_out: LayOut) -> None:
    same_tax = lay_out([{"tax_yuan": 5e7, "tax_year": 2023, "cluster": "cbd"}] * 40)
    assert "40 栋楼宇的税收完全相同" in printed(same_tax)
    assert "all 40 towers pay the same tax" in printed(same_tax, "en")
    assert "no tower with a known tax" in printed(lay_out([{}]), "en")


def test_the_terminal_writes_the_demo_s_figures_as_its_page_does(demo_snapshot: Snapshot) -> None:
    client = create_app(OneVersion(demo_snapshot)).test_client()
    for lang in ("zh", "en"):
        terminal = printed(demo_snapshot, lang)
        # totals, sectors, towers next to pass; what follows has more columns than the terminal
        page = client.get(f"/analysis?lang={lang}").text.split('id="clusters"')[0]
        assert "19.6%" in page
        figures = set(re.findall(r"[\d,.]+(?:%| [亿万]元|M\b|B\b| m²| 元/㎡|/m²| km²)", page))
        assert len(figures) > 40
        assert {figure for figure in figures if figure not in terminal} == set()


@pytest.mark.parametrize(
    ("variables", "lang"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "zh_TW.UTF-8"}, "zh"),
    ],
)
def test_the_language_is_that_of_the_locale(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], lang: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert default_language() == lang


def test_the_json_is_written_in_utf_8_for_people_to_read(layer: Path) -> None:
    output = run(str(layer), "--json").stdout_bytes
    assert "一号楼".encode() in output
    assert orjson.loads(output)["title"] == ""


def test_the_terminal_says_how_far_the_new_year_has_come_and_counts_the_complete_one(lay_out: LayOut) -> None:
    history = [{"year": 2023, "tax_yuan": 100_000_000}]
    new = {"tax_history": [*history, {"year": 2024, "tax_yuan": 1}]}
    snapshot = lay_out([{"tax_history": history}] * 19 + [new])
    said = printed(snapshot, "en")
    assert "2024: 1 of 20 towers reported" in said
    assert "Total tax, 2023" in said
    assert "1 of 20 towers reported" in "".join(line for line in said.splitlines() if " 2024 " in line)
    assert "2024年：已报 1/20 座" in printed(snapshot)
