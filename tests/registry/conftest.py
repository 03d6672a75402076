from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildingmap import resources
from buildingmap.layers import CheckedLayer, read_layer
from buildingmap.registry import Registry, create_registry, open_registry
from buildingmap.snapshot import LayerNote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildingmap.model import District, Surroundings
    from tests.prepared import Prepared


@pytest.fixture(scope="session")
def demo_layer(district: District, surroundings: Surroundings) -> CheckedLayer:
    path = resources.data_folder() / "buildings.geojson"
    return read_layer(path, district=district, surroundings=surroundings)


def prepare_demo(
    prepared: Prepared, location: str, district: District, surroundings: Surroundings, layer: CheckedLayer
) -> None:
    """Put a registry with the demo's towers at ``location``."""
    note = LayerNote(title="演示登记库", synthetic=True)

    def make(place: str) -> None:
        create_registry(place, district=district, surroundings=surroundings, note=note, layer=layer).close()

    prepared.copy("demo-towers", location, make)


@pytest.fixture
def registry(
    location: str,
    district: District,
    surroundings: Surroundings,
    demo_layer: CheckedLayer,
    prepared: Prepared,
) -> Iterator[Registry]:
    """A registry with the demo's towers."""
    prepare_demo(prepared, location, district, surroundings, demo_layer)
    with open_registry(location, district=district, surroundings=surroundings) as opened:
        yield opened
