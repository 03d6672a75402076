"""Scenarios in a registry, on both stores: saved, made again from the past, renamed, removed, brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildingmap.placement import answer, plan_of, planning
from buildingmap.placement.scenarios import (
    Kept,
    ScenarioError,
    found_scenario,
    keep_scenario,
    kept_scenario,
    kept_scenarios,
    registry_version_of,
    remove_scenario,
    rename_scenario,
    rerun,
    scenario_of,
)
from buildingmap.registry import (
    Change,
    ConflictError,
    RecordFaultsError,
    Registry,
    UnknownRecordError,
    open_registry,
)
from tests.placement.scenarios import prepare_parcels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildingmap.model import District, Surroundings
    from tests.prepared import Prepared

FREE = {"towers": 3, "sectors": {}, "clusters": {}}


@pytest.fixture
def registry(
    location: str, district: District, surroundings: Surroundings, prepared: Prepared
) -> Iterator[Registry]:
    """The demo's towers and parcels in a store."""
    prepare_parcels(prepared, location, district, surroundings)
    with open_registry(location, district=district, surroundings=surroundings) as opened:
        yield opened


def saved(registry: Registry, title: str = "方案一") -> Kept:
    laid_out = planning(registry.snapshot(), plan_of(FREE, "test"))
    version = registry_version_of(laid_out.snapshot)
    assert version is not None
    made = scenario_of(laid_out, answer(laid_out), registry_version=version, made_by="lin")
    return keep_scenario(registry, made, title, actor="lin")


def test_a_scenario_is_made_again_to_the_same_answer_after_the_registry_has_changed(
    registry: Registry,
) -> None:
    kept = saved(registry)
    whole = kept.whole
    assert whole.registry_version == 1
    first = whole.answer.chosen[0].id
    row = registry.row("site", first)
    # gone and back again: the row is another in the store, and the past the same
    registry.apply([Change("site", first, None)], actor="zhao")
    registry.apply([Change("building", "CBD-03", {"vacancy_rate": 0.9})], actor="zhao")
    without = registry.snapshot()
    registry.apply([Change("site", first, row.values, 0)], actor="zhao")

    again = rerun(kept_scenario(registry, kept.id).whole, registry.snapshot_at(whole.registry_version))
    assert again.same
    assert again.same_content
    assert again.answer.score == whole.answer.score
    assert again.answer.chosen == whole.answer.chosen

    now = rerun(whole, without)
    assert not now.same
    assert not now.same_content
    assert first in now.leave
    assert registry.verify() == []


def test_saving_changes_the_version_of_the_registry_but_not_what_plans_are_made_from(
    registry: Registry,
) -> None:
    first, second = saved(registry, "甲"), saved(registry, "乙")
    assert registry.version == 3
    assert first.whole.fingerprint != second.whole.fingerprint
    assert first.whole.content == second.whole.content
    assert first.whole.answer.chosen == second.whole.answer.chosen
    assert [each.title for each in kept_scenarios(registry)] in (["甲", "乙"], ["乙", "甲"])


def test_a_scenario_is_renamed_and_removed_only_as_it_was_seen_and_brought_back(registry: Registry) -> None:
    kept = saved(registry)
    renamed = rename_scenario(registry, kept.id, "方案二", version=kept.version, actor="zhao")
    assert (renamed.title, renamed.changed_by) == ("方案二", "zhao")
    assert renamed.scenario == kept.scenario
    with pytest.raises(ConflictError):
        rename_scenario(registry, kept.id, "方案三", version=kept.version, actor="wang")
    with pytest.raises(ConflictError):
        remove_scenario(registry, kept.id, version=kept.version, actor="wang")
    remove_scenario(registry, kept.id, version=renamed.version, actor="wang")
    assert kept_scenarios(registry) == []
    with pytest.raises(UnknownRecordError):
        kept_scenario(registry, kept.id)
    registry.undo(registry.version, actor="wang")
    assert kept_scenario(registry, kept.id).scenario == kept.scenario
    actions = [(each.actor, each.action) for each in registry.revisions(limit=4)]
    assert actions == [("wang", "undo"), ("wang", "delete"), ("zhao", "edit"), ("lin", "add")]


@pytest.mark.parametrize("title", ["", "x" * 201, "two\nlines", "turned\u202eround"])
def test_a_title_that_is_none_keeps_nothing(registry: Registry, title: str) -> None:
    with pytest.raises(RecordFaultsError):
        saved(registry, title)
    assert registry.version == 1


def test_a_scenario_is_found_by_its_id_and_by_a_title_that_only_it_has(registry: Registry) -> None:
    first, second = saved(registry, "甲"), saved(registry, "甲")
    assert found_scenario(registry, first.id).id == first.id
    with pytest.raises(UnknownRecordError, match="found 2 scenarios '甲', expected an id"):
        found_scenario(registry, "甲")
    remove_scenario(registry, second.id, version=second.version, actor="lin")
    assert found_scenario(registry, "甲").id == first.id
    with pytest.raises(UnknownRecordError, match="found 0 scenarios '丙'"):
        found_scenario(registry, "丙")


def test_a_document_that_is_no_scenario_is_listed_with_its_fault(registry: Registry) -> None:
    registry.apply([Change("plan", "plan-x", {"title": "别的", "document": '{"a": 1}'}, 0)], actor="lin")
    (kept,) = kept_scenarios(registry)
    assert kept.scenario is None
    assert "scenario: format: expected a value" in kept.fault
    with pytest.raises(ScenarioError):
        _ = kept.whole
