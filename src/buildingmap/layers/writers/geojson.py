"""A layer as GeoJSON (RFC 7946)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.layers.notes import ExportNote
    from buildingmap.model import Building, Lang


def write_geojson(
    towers: Sequence[tuple[Building, shapely.Geometry]], note: ExportNote, *, lang: Lang = "zh"
) -> bytes:
    """Return a FeatureCollection in UTF-8 of towers and their WGS84 shapes, with the contract's properties."""
    about = dict(note.lines(lang))
    document = {
        "type": "FeatureCollection",
        "title": note.title,
        "synthetic": note.synthetic,
        "source": note.source,
        "as_of": note.as_of,
        "exported_at": note.exported_at.isoformat(timespec="seconds"),
        "filter": note.filter_text,
        "version": note.version,
        "about": about,
        "features": [_feature(building, shape) for building, shape in towers],
    }
    return orjson.dumps(document)


def _feature(building: Building, shape: shapely.Geometry) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": building.id,
        "geometry": orjson.loads(shapely.to_geojson(shape)),
        "properties": building.properties(),
    }
