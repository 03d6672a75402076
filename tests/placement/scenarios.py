"""Scenarios to try things on: plans of a small town, solved; and a registry to keep them in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from buildingmap import resources
from buildingmap.layers import read_layer
from buildingmap.model import Site
from buildingmap.placement import answer, plan_of, planning
from buildingmap.placement.scenarios import scenario_of
from buildingmap.registry import create_registry, read_holdings
from buildingmap.snapshot import LayerNote

if TYPE_CHECKING:
    from buildingmap.model import District, Surroundings
    from buildingmap.placement.scenarios import Scenario
    from buildingmap.snapshot import Snapshot
    from tests.prepared import Prepared

FREE: Final[dict[str, Any]] = {"sectors": {}, "clusters": {}, "spacing_m": 0}
MADE_AT: Final = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def scenario(snapshot: Snapshot, **entries: Any) -> Scenario:
    """The scenario of a plan with these entries, made by ``lin`` from version 3."""
    laid_out = planning(snapshot, plan_of(FREE | {"towers": 3} | entries, "test"))
    return scenario_of(laid_out, answer(laid_out), registry_version=3, made_by="lin", made_at=MADE_AT)


def prepare_parcels(
    prepared: Prepared, location: str, district: District, surroundings: Surroundings
) -> None:
    """Put a registry with the demo's towers and parcels at ``location``, and none of its other records."""

    def make(place: str) -> None:
        data = resources.data_folder()
        held = read_holdings(data / "holdings.json", district)
        create_registry(
            place,
            district=district,
            surroundings=surroundings,
            note=LayerNote(title="演示登记库", synthetic=True),
            layer=read_layer(data / "buildings.geojson", district=district, surroundings=surroundings),
            holdings=replace(held, records={"site": tuple(held.all(Site))}),
        ).close()

    prepared.copy("demo-parcels", location, make)
