"""The demo layer with milestones of its towers to come, goals of its years, and units to let; all made up."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from buildingmap import resources
from buildingmap.analysis import STEP_KINDS
from buildingmap.layers import read_surroundings
from buildingmap.model import District, Goal, Milestone, Project, Unit
from buildingmap.registry import LayerRegistry
from buildingmap.snapshot import Holdings, Snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.model import Record


def milestones_of(building_id: str, *, start: date, done: int, late_days: int) -> list[Milestone]:
    """Five milestones, planned 240 days apart, the first ``done`` done, each ``late_days`` later than the last."""
    found = []
    for place, kind in enumerate(STEP_KINDS):
        planned = start + timedelta(days=240 * place)
        actual = planned + timedelta(days=late_days * place)
        facts: dict[str, Any] = {"planned_on": planned}
        if place < done:
            facts["done_on"] = actual
        elif place == done and late_days:
            facts["expected_on"] = actual
        found.append(Milestone(id=f"{building_id}-{kind}", building_id=building_id, kind=kind, **facts))
    return found


def coming_records(building_ids: Sequence[str], *, today: date) -> dict[str, tuple[Record, ...]]:
    """Milestones and a project for each tower but the last two, which have none."""
    milestones: list[Record] = []
    projects: list[Record] = []
    for place, building_id in enumerate(building_ids[:-2]):
        milestones += milestones_of(
            building_id,
            start=today - timedelta(days=130 * place),
            done=min(place // 3, 4),
            late_days=(0, 35, -10, 90)[place % 4],
        )
        projects.append(
            Project(
                id=f"P-{building_id}",
                building_id=building_id,
                investment_yuan=4e8 + 7e7 * place,
                responsible=f"示例专员 {place + 1:02d}",
            )
        )
    goals: list[Record] = [
        Goal(id="G-1", year=2023, measure="towers_past_mark", value=24),
        Goal(id="G-2", year=2024, measure="招引总部企业", value=10, reached=4, unit="家"),
    ]
    return {"milestone": tuple(milestones), "project": tuple(projects), "goal": tuple(goals)}


def unit_records(building_ids: Sequence[str], *, today: date) -> tuple[Record, ...]:
    """Six units on each of four floors, about half of them let; the second tower's rents are not known."""
    found: list[Record] = []
    for place, building_id in enumerate(building_ids):
        for at in range(24):
            floor, position = 8 + at // 6, at % 6 + 1
            is_let = (at * 7 + place * 5) % 9 in {1, 4, 7} and floor > 9
            found.append(
                Unit(
                    id=f"{building_id}-{floor}{position:02d}",
                    building_id=building_id,
                    floor=floor,
                    position=position,
                    label=f"{floor}{position:02d}",
                    area_m2=120.0 + 35 * position + 20 * place,
                    tenant_id=f"C-{building_id}-{at}" if is_let else None,
                    available_from=today + timedelta(days=45 * place)
                    if place % 3 == 2 and not is_let
                    else None,
                    asking_rent_yuan_m2_day=None if place == 1 else 2.4 + 0.3 * (place % 7),
                )
            )
    return tuple(found)


def coming_snapshot(today: date | None = None) -> Snapshot:
    """The demo layer with these records laid beside it."""
    folder = resources.data_folder()
    with (folder / "district.toml").open("rb") as file:
        district = District.model_validate(tomllib.load(file))
    surroundings = read_surroundings(district, folder)
    demo = LayerRegistry(
        folder / "buildings.geojson", district=district, surroundings=surroundings
    ).snapshot()
    ids = sorted(b.id for b in demo.buildings if b.status != "existing")
    day = today or date.today()  # noqa: DTZ011 - the page's own clock
    standing = [f"CBD-{number:02d}" for number in range(1, 7)] + ["XDX-01", "XDX-02"]
    records = coming_records(ids, today=day) | {"unit": unit_records(standing, today=day)}
    return replace(demo, holdings=Holdings(records=records))
