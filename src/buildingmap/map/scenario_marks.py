"""The towers of a scenario as marks to be drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildingmap.map.plan_drawing import PlanMark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildingmap.placement.scenarios import Scenario


def marks_of(scenario: Scenario, *, numbers: Mapping[str, int] | None = None) -> list[PlanMark]:
    """Return the towers of a scenario, numbered from 1 in their order, or as ``numbers`` has it by site."""
    return [
        PlanMark(
            place if numbers is None else numbers[chosen.id], chosen.id, chosen.sector, chosen.lon, chosen.lat
        )
        for place, chosen in enumerate(scenario.answer.chosen, 1)
    ]
