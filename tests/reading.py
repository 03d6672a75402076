"""Files read into cells in the process of the tests: half a second of a processor less for each, the child aside."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildingmap.layers.grid_exchange import read_grid_answer, write_grid
from buildingmap.layers.grid_reading import grids_here
from buildingmap.layers.limits import Limits
from buildingmap.layers.reading import read_here
from buildingmap.model.faults import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildingmap.layers import CheckedLayer, Grid
    from buildingmap.model import District


def grid_here(path: Path, *, limits: Limits | None = None) -> Grid:
    """Do as ``read_grid`` does, what is exchanged with the reading process included, without that process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_grid(grids_here(Path.cwd() / path, limits=limits or Limits(), scratch=folder), folder)
        return read_grid_answer(folder, printable(str(path)))


@pytest.fixture(autouse=True)
def files_read_here(request: pytest.FixtureRequest) -> Iterator[None]:
    """Read what an import opens in this process; a test that is marked ``command`` has the reading process."""
    with pytest.MonkeyPatch.context() as patched:
        if request.node.get_closest_marker("command") is None:
            patched.setattr("buildingmap.intake.choosing.read_grid", grid_here)
        yield


def layer_here(path: Path, *, district: District) -> CheckedLayer:
    """Do as ``read_layer`` does without a reading process."""
    with tempfile.TemporaryDirectory() as name:
        return read_here(path, district=district, limits=Limits(), scratch=Path(name))
