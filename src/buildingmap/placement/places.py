"""Where candidates lie, in WGS84."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from buildingmap import crs

if TYPE_CHECKING:
    from buildingmap.placement.candidates import Candidates


def places_of(listed: Candidates) -> list[tuple[float, float]]:
    """Return longitude and latitude of a point inside each, degrees to six digits (a decimetre)."""
    points = np.empty(len(listed), dtype=object)
    points[:] = shapely.points(listed.x_m, listed.y_m)
    placed = crs.geometries_to_wgs84("epsg:4549", points)
    return [(round(float(each.x), 6), round(float(each.y), 6)) for each in placed]
