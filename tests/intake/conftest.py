from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildingmap.registry import open_registry
from tests.reading import files_read_here
from tests.registry.conftest import demo_layer, prepare_demo, registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from buildingmap.layers import CheckedLayer
    from buildingmap.model import District, Surroundings
    from buildingmap.registry import Registry
    from tests.prepared import Prepared

__all__ = ["demo_layer", "files_read_here", "registry"]


@pytest.fixture(scope="session")
def demo_registry(
    tmp_path_factory: pytest.TempPathFactory,
    district: District,
    surroundings: Surroundings,
    demo_layer: CheckedLayer,
    prepared: Prepared,
) -> Iterator[Registry]:
    """A registry with the demo's towers that many tests look at and none writes to; a GeoPackage."""
    location = str(tmp_path_factory.mktemp("demo") / "registry.gpkg")
    prepare_demo(prepared, location, district, surroundings, demo_layer)
    with open_registry(location, district=district, surroundings=surroundings) as opened:
        yield opened
        assert opened.version == 1


@pytest.fixture
def demo_copy(
    tmp_path: Path,
    district: District,
    surroundings: Surroundings,
    demo_layer: CheckedLayer,
    prepared: Prepared,
) -> Iterator[Registry]:
    """A registry with the demo's towers for a test that writes to it, where either store would do: a GeoPackage."""
    location = str(tmp_path / "registry.gpkg")
    prepare_demo(prepared, location, district, surroundings, demo_layer)
    with open_registry(location, district=district, surroundings=surroundings) as opened:
        yield opened
