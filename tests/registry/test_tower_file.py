"""A tower's file as either store keeps it: who changed what last."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from buildingmap.analysis import last_revisions, tower_file
from buildingmap.registry import Change

if TYPE_CHECKING:
    from buildingmap.registry import Registry

TODAY = date(2026, 6, 30)


def test_a_file_knows_who_changed_each_of_its_rows_last(registry: Registry) -> None:
    facts = registry.apply([Change("building", "CBD-03", {"floors": 77})], actor="wang")
    values = {"building_id": "CBD-03", "name": "甲公司", "lease_end": "2027-01-31", "area_m2": 120.5}
    added = registry.apply([Change("tenant", "C-1", values, 0)], actor="li")
    assert facts is not None
    assert added is not None

    found = tower_file(registry.snapshot(), "CBD-03", today=TODAY)

    assert found.stamp is not None
    assert (found.stamp.changed_by, found.stamp.version) == ("wang", facts.version)
    assert [(change.stamp.changed_by, change.rows) for change in found.changes[:2]] == [
        ("li", (("tenant", "C-1"),)),
        ("wang", (("building", "CBD-03"),)),
    ]
    assert [line.days_left for line in found.tenants] == [215]
    assert found.building.floors == 77


def test_each_fact_is_dated_by_the_revision_that_gave_it_its_value(registry: Registry) -> None:
    first = registry.version
    registry.apply([Change("building", "CBD-03", {"floors": 77})], actor="wang")
    registry.apply([Change("building", "CBD-03", {"height_m": 300.5})], actor="li")
    undone = registry.apply([Change("building", "CBD-03", {"height_m": 301.5})], actor="zhao")
    assert undone is not None
    registry.undo(undone.version, actor="li")

    found = last_revisions(registry.history_of("building", "CBD-03"))

    assert found["name"].version == first
    assert found["floors"].actor == "wang"
    assert (found["height_m"].action, found["height_m"].actor) == ("undo", "li")
