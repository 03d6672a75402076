"""Any places out as GeoJSON (RFC 7946), with what the export is beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildingmap.layers.notes import ExportNote
    from buildingmap.model import Lang


@dataclass(frozen=True, slots=True)
class Place:
    """A feature: its id, its shape in WGS84 (None is unknown), and plain values by name."""

    id: str
    shape: shapely.Geometry | None
    properties: Mapping[str, Any]


def write_places(
    places: Sequence[Place], note: ExportNote, *, members: Mapping[str, Any], lang: Lang = "zh"
) -> bytes:
    """Return a FeatureCollection in UTF-8; ``members`` stand beside its features, as RFC 7946 allows."""
    document = {
        "type": "FeatureCollection",
        "title": note.title,
        "synthetic": note.synthetic,
        "source": note.source,
        "as_of": note.as_of,
        "exported_at": note.exported_at.isoformat(timespec="seconds"),
        "version": note.version,
        "about": dict(note.lines(lang)),
        **members,
        "features": [
            {
                "type": "Feature",
                "id": place.id,
                "geometry": None if place.shape is None else orjson.loads(shapely.to_geojson(place.shape)),
                "properties": dict(place.properties),
            }
            for place in places
        ],
    }
    return orjson.dumps(document)
