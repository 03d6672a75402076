"""The plan that nobody had to write is the district's own: it names no sector and no cluster of another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from buildingmap import resources
from buildingmap.cli import main
from buildingmap.model import District, Surroundings
from buildingmap.placement import answer, default_plan, plan_of, planning
from buildingmap.placement.plan_file import expect_known
from buildingmap.web import create_app
from tests.placement.towns import town
from tests.web.conftest import OneVersion
from tests.web.planning import answered

if TYPE_CHECKING:
    from pathlib import Path


def elsewhere(district: District, *, kept: tuple[str, ...] = ()) -> District:
    """The district with sectors of other names, but for those ``kept``, and without its clusters."""
    sectors = [
        sector if sector.id in {"other", *kept} else sector.model_copy(update={"id": f"own_{sector.id}"})
        for sector in district.sectors
    ]
    clusters = [cluster for cluster in district.clusters if cluster.id == "other"]
    return District.model_validate(
        {**district.model_dump(), "sectors": [each.model_dump() for each in sectors],
         "clusters": [each.model_dump() for each in clusters]}
    )  # fmt: skip


def test_in_the_districts_own_it_is_the_plan_of_the_file(district: District) -> None:
    assert default_plan(district) == default_plan()


def test_elsewhere_it_has_no_quotas_tables_or_weights_of_sectors_that_are_not_there(
    district: District,
) -> None:
    own = default_plan(elsewhere(district))
    assert (own.sectors, own.clusters, own.strategy.fit, own.linkage.gains) == ({}, {}, {}, {})
    assert (own.weights.strategy, own.weights.linkage) == (0, 0)
    assert (own.strategy.source, own.linkage.source) == ("", "")
    assert own.towers == default_plan().towers
    assert own.reference == default_plan().reference


def test_what_it_says_of_sectors_that_are_there_stays(district: District) -> None:
    own = default_plan(elsewhere(district, kept=("finance", "trade")))
    assert set(own.sectors) == {"finance", "trade"}
    assert own.linkage.gains == {"finance": {"trade": 0.4}, "trade": {"finance": 0.5}}
    assert own.linkage.source == default_plan().linkage.source
    assert own.strategy.fit == {"other": {"trade": 0.6}}
    assert own.weights == default_plan().weights


@pytest.mark.parametrize("kept", [(), ("finance",), ("digital", "technology")])
def test_a_plan_of_nothing_but_its_towers_is_answered_anywhere(
    district: District, kept: tuple[str, ...]
) -> None:
    there = elsewhere(district, kept=kept)
    snapshot = town(5, there, Surroundings())
    plan = plan_of({"towers": 3}, "plan", district=there)
    expect_known(plan, there, frozenset(), "plan")
    found = answer(planning(snapshot, plan))
    assert found.status == "optimal"
    assert len(found.chosen) == 3


def test_a_program_that_asks_for_the_default_plan_elsewhere_is_answered(district: District) -> None:
    there = elsewhere(district)
    client = create_app(OneVersion(town(5, there, Surroundings()))).test_client()
    token = client.get("/api/session").get_json()["csrf"]

    def asked(body: dict[str, Any]) -> Any:
        response = client.post("/api/plans", json=body, headers={"X-CSRF-Token": token})
        assert response.status_code == 202, response.text
        return answered(client, response.get_json()["id"])

    assert asked({"plan": {"towers": 3}})["state"] == "done"
    assert asked({"plan": {}})["state"] in {"done", "refused"}
    page = client.get("/plan").text
    assert "sectors.own_finance.max" in page
    assert "sectors.finance.max" not in page


def test_the_command_plans_with_a_districts_own_sectors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("BUILDINGMAP_REGISTRY", raising=False)
    text = (resources.data_folder() / "district.toml").read_text(encoding="utf-8")
    for sector in ("shipping", "life_science"):
        text = text.replace(f'id = "{sector}"', f'id = "own_{sector}"')
    own = tmp_path / "district.toml"
    own.write_text(text, encoding="utf-8")
    printed = CliRunner().invoke(
        main, ["plan", "--district", str(own), "--print-plan"], catch_exceptions=False
    )
    assert printed.exit_code == 0, printed.output
    assert "shipping" not in printed.stdout
