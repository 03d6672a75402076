from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from buildingmap import resources
from buildingmap.registry import read_holdings

if TYPE_CHECKING:
    from buildingmap.model import District
    from buildingmap.snapshot import Snapshot


@pytest.fixture(scope="session")
def demo_office(demo_snapshot: Snapshot, district: District) -> Snapshot:
    """The demo's towers with its tenants, units, taxes by quarter and the rest."""
    return replace(
        demo_snapshot,
        holdings=read_holdings(resources.data_folder() / "holdings.json", district),
        _figures={},
    )
