"""Where candidates lie, in WGS84."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from buildingmap.crs import MetricSystem
    from buildingmap.placement.candidates import Candidates


def places_of(listed: Candidates, metric: MetricSystem) -> list[tuple[float, float]]:
    """Return longitude and latitude of a point inside each, degrees to six digits (a decimetre)."""
    return rounded_lonlat(listed.x_m, listed.y_m, metric)


def rounded_lonlat(
    x_m: NDArray[np.float64], y_m: NDArray[np.float64], metric: MetricSystem
) -> list[tuple[float, float]]:
    """Return longitude and latitude of points in ``metric``, degrees to six digits (a decimetre)."""
    lon, lat = metric.lonlat(x_m, y_m)
    return [(round(x, 6), round(y, 6)) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
