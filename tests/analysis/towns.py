"""Towers spread over a made-up town, for the analyses that look at where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut

CBD = (120.3745, 36.0895)
XINDUXIN = (120.397, 36.119)
# half of a footprint, degrees
_HALF = 0.00015


def around(
    centre: tuple[float, float], count: int, *, spread: float = 0.002, seed: int = 7
) -> list[shapely.Geometry]:
    """Footprints scattered around a place; ``spread`` is a standard deviation in degrees."""
    drawn = np.random.default_rng(seed).normal(centre, spread, (count, 2))
    return [shapely.box(lon - _HALF, lat - _HALF, lon + _HALF, lat + _HALF) for lon, lat in drawn.tolist()]


def two_centres(lay_out: LayOut, *, each: int = 30, **facts: Any) -> Snapshot:
    """Two dense centres 3.9 km apart, declared as they lie, and four towers far from both."""
    far = [shapely.Point(120.31 + 0.02 * step, 36.075 + 0.001 * step) for step in range(4)]
    shapes = [*around(CBD, each, seed=1), *around(XINDUXIN, each, seed=2), *far]
    clusters = ["cbd"] * each + ["xinduxin"] * each + ["other"] * 4
    return lay_out([{"cluster": cluster} | facts for cluster in clusters], shapes=shapes)
