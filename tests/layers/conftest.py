from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from buildingmap.layers.limits import Limits
from buildingmap.layers.reading import read_here
from tests.layers.making import collection, written

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.layers import CheckedLayer
    from buildingmap.model import District, Fault, Surroundings


class Read(Protocol):
    """Read a file, or a value written as GeoJSON, in this process."""

    def __call__(self, what: Any, **options: Any) -> CheckedLayer: ...


@pytest.fixture
def read(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, district: District, surroundings: Surroundings
) -> Read:
    def reading(what: Any, *, limits: Limits | None = None, **options: Any) -> CheckedLayer:
        if isinstance(what, list):
            what = collection(*what)
        if isinstance(what, dict | str):
            what = written(tmp_path / "layer.geojson", what)
        return read_here(
            what,
            district=district,
            boundaries=surroundings.boundaries,
            limits=limits or Limits(),
            scratch=tmp_path_factory.mktemp("scratch"),
            **options,
        )

    return reading


def codes(faults: tuple[Fault, ...]) -> list[str]:
    return [fault.expected.code for fault in faults]
