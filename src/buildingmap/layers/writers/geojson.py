"""A layer as GeoJSON (RFC 7946)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely

from buildingmap.crs import geometries_from_wgs84
from buildingmap.layers.crsnames import crs_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildingmap.crs import Datum
    from buildingmap.layers.notes import ExportNote
    from buildingmap.model import Building, Lang


def write_geojson(
    towers: Sequence[tuple[Building, shapely.Geometry]],
    note: ExportNote,
    *,
    lang: Lang = "zh",
    datum: Datum = "wgs84",
) -> bytes:
    """Return a FeatureCollection in UTF-8 of towers and their shapes, with the contract's properties.

    RFC 7946 knows WGS84 alone: another ``datum`` is named in a ``crs`` member, as the format's older version had it.
    """
    return feature_collection(
        [(building.id, building.properties(), shape) for building, shape in towers],
        note,
        lang=lang,
        datum=datum,
    )


def feature_collection(
    rows: Sequence[tuple[str, Mapping[str, Any], shapely.Geometry]],
    note: ExportNote,
    *,
    lang: Lang,
    datum: Datum,
) -> bytes:
    """Return a FeatureCollection in UTF-8 of rows, each its id, its properties and its shape in WGS84."""
    about = dict(replace(note, datum=datum).lines(lang))
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [shape for _, _, shape in rows]
    if datum != "wgs84" and len(rows):
        shapes = geometries_from_wgs84(datum, shapes)
    document = {
        "type": "FeatureCollection",
        **({} if datum == "wgs84" else {"crs": {"type": "name", "properties": {"name": crs_name(datum)}}}),
        "title": note.title,
        "synthetic": note.synthetic,
        "source": note.source,
        "as_of": note.as_of,
        "exported_at": note.exported_at.isoformat(timespec="seconds"),
        "filter": note.filter_text,
        "version": note.version,
        "about": about,
        "features": [
            {
                "type": "Feature",
                "id": row_id,
                "geometry": orjson.loads(shapely.to_geojson(shape)),
                "properties": properties,
            }
            for (row_id, properties, _), shape in zip(rows, shapes, strict=True)
        ],
    }
    return orjson.dumps(document)
