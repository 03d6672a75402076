"""``buildingmap scenarios`` as a planner meets it."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from buildingmap.cli import main
from tests.placement.scenarios import prepare_parcels

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from buildingmap.model import District, Surroundings
    from tests.prepared import Prepared

PLAN = 'candidates = "coming"\n[sectors]\n'


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words), env={"COLUMNS": "200"}, catch_exceptions=False)


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory,
    district: District,
    surroundings: Surroundings,
    prepared: Prepared,
) -> Path:
    """A registry with the demo's towers and two saved scenarios, 均衡 and 另一."""
    made = tmp_path_factory.mktemp("planner")
    plan = made / "plan.toml"
    plan.write_text(PLAN, encoding="utf-8")
    other = made / "other.toml"
    other.write_text(PLAN + "talent = { min = 2 }\n", encoding="utf-8")
    registry = str(made / "r.gpkg")
    prepare_parcels(prepared, registry, district, surroundings)
    for file, title in ((plan, "均衡"), (other, "另一")):
        saved = run("plan", str(file), "--registry", registry, "--save", title, "--json")
        assert saved.exit_code == 0
        assert f": {title}" in saved.stderr
        assert json.loads(saved.stdout)["status"] == "optimal"
    return made


def on(folder: Path, *words: str) -> Result:
    return run("scenarios", *words, "--registry", str(folder / "r.gpkg"))


def test_scenarios_are_listed_and_shown(folder: Path) -> None:
    listed = json.loads(on(folder, "list", "--json").stdout)
    assert {each["title"] for each in listed} == {"均衡", "另一"}
    assert all(each["towers"] == 15 and each["synthetic"] for each in listed)
    assert "均衡" in on(folder, "list").stdout
    shown = on(folder, "show", "均衡", "--lang", "en").stdout
    assert "synthetic, not real statistics" in shown
    assert "NEW-05 for Finance" in shown
    assert json.loads(on(folder, "show", "均衡", "--json").stdout)["registry_version"] == 1


def test_a_scenario_is_made_again_and_the_exit_code_says_whether_it_is_the_same(folder: Path) -> None:
    same = on(folder, "rerun", "均衡", "--lang", "en")
    assert same.exit_code == 0
    assert "the same answer" in same.stdout
    document = json.loads(on(folder, "show", "均衡", "--json").stdout)
    document["answer"]["chosen"][0]["sector"] = "talent"
    plan = [{"id": "plan-t", "title": "改过", "document": json.dumps(document), "registry_version": 1}]
    with_changed(folder, plan)
    differs = on(folder, "rerun", "改过", "--lang", "en")
    assert differs.exit_code == 3
    assert "another sector: " in differs.stdout
    assert json.loads(on(folder, "rerun", "改过", "--json").stdout)["same"] is False
    assert on(folder, "remove", "改过").exit_code == 0


def with_changed(folder: Path, rows: list[dict[str, object]]) -> None:
    from buildingmap.cli.location import opened  # noqa: PLC0415 - for this alone
    from buildingmap.registry import Change  # noqa: PLC0415 - the same

    with opened(str(folder / "r.gpkg")) as kept:
        kept.apply([Change("plan", str(row["id"]), row, 0) for row in rows], actor="test")


def test_scenarios_are_compared(folder: Path) -> None:
    said = on(folder, "compare", "均衡", "另一", "--lang", "en").stdout
    assert "Talent services, at least" in said
    assert "The scores can be compared" in said
    read = json.loads(on(folder, "compare", "均衡", "另一", "--json").stdout)
    assert len(read["sites"]) == 15
    assert read["score_differs_by"] == []
    assert "expected 2 to 3" in on(folder, "compare", "均衡").stderr


@pytest.mark.parametrize("form", ["geojson", "xlsx", "docx"])
def test_a_file_is_new_and_for_its_owner_alone(folder: Path, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"方案.{form}"
    assert on(folder, "export", str(file), "均衡", "另一").exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = on(folder, "export", str(file), "均衡")
    assert again.exit_code == 1
    assert "expected a new file" in again.stderr
    assert on(folder, "export", str(tmp_path / "x.pdf"), "均衡").exit_code == 2


def test_a_scenario_is_renamed_and_removed(folder: Path) -> None:
    document = on(folder, "show", "均衡", "--json").stdout
    with_changed(folder, [{"id": "plan-r", "title": "旧名", "document": document}])
    assert on(folder, "rename", "旧名", "新名").exit_code == 0
    assert on(folder, "show", "旧名").exit_code == 1
    assert on(folder, "remove", "新名").exit_code == 0
    assert "found 0 scenarios '新名'" in on(folder, "show", "新名").stderr


def test_saving_needs_a_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BUILDINGMAP_REGISTRY", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    said = run("plan", "--candidates", "coming", "--save", "x")
    assert said.exit_code == 1
    assert "--save: expected a registry; buildingmap init makes one" in said.stderr
