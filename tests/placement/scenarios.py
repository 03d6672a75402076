"""Scenarios to try things on: plans of a small town, solved."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from buildingmap.placement import answer, plan_of, planning, scenario_of

if TYPE_CHECKING:
    from buildingmap.placement import Scenario
    from buildingmap.snapshot import Snapshot

FREE: Final[dict[str, Any]] = {"sectors": {}, "clusters": {}, "spacing_m": 0}
MADE_AT: Final = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def scenario(snapshot: Snapshot, **entries: Any) -> Scenario:
    """The scenario of a plan with these entries, made by ``lin`` from version 3."""
    laid_out = planning(snapshot, plan_of(FREE | {"towers": 3} | entries, "test"))
    return scenario_of(laid_out, answer(laid_out), registry_version=3, made_by="lin", made_at=MADE_AT)
