"""Each tower of a snapshot as one GeoJSON feature, written once so that an answer is a join of bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from buildingmap.model import Building, District
    from buildingmap.snapshot.figures import Figures

# 1e-7 degrees is a centimetre; more digits only make the answer longer
COORDINATE_DECIMALS = 7


def feature_parts(
    buildings: Sequence[Building], geometry: NDArray[np.object_], figures: Figures, district: District
) -> Iterator[bytes]:
    """Yield one UTF-8 GeoJSON feature (RFC 7946, WGS84) per tower, in row order."""
    shapes = shapely.to_geojson(geometry)
    for row, (building, shape) in enumerate(zip(buildings, shapes, strict=True)):
        yield b'{"type":"Feature","id":%b,"geometry":%b,"properties":%b}' % (
            orjson.dumps(building.id),
            orjson.dumps(_rounded(orjson.loads(shape))),
            orjson.dumps(_properties(building, figures, row, district)),
        )


def _properties(building: Building, figures: Figures, row: int, district: District) -> dict[str, Any]:
    """Return the contract's properties of one tower with the figures of one year, and the derived band."""
    properties = building.properties()
    properties |= {
        "tax_yuan": _known(figures.tax_yuan[row]),
        "district_revenue_yuan": _known(figures.district_revenue_yuan[row]),
        "tax_year": None if figures.tax_year[row] < 0 else int(figures.tax_year[row]),
    }
    band = int(figures.band[row])
    properties["band"] = None if band < 0 else district.bands[band].id
    properties["past_mark"] = None if band < 0 else bool(figures.past_mark[row])
    return {name: _plain(value) for name, value in properties.items()}


def _known(value: float) -> float | None:
    return None if value != value else float(value)  # noqa: PLR0124 - NaN is the one value unlike itself


def _plain(value: Any) -> Any:
    # whole yuan are written without ".0", as people and other tools write them
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    return value


def _rounded(shape: Any) -> Any:
    if isinstance(shape, float):
        return round(shape, COORDINATE_DECIMALS)
    if isinstance(shape, list):
        return [_rounded(entry) for entry in shape]
    if isinstance(shape, dict):
        return {name: _rounded(entry) for name, entry in shape.items()}
    return shape
