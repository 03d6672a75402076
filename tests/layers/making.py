"""Small layers in every format, made on the spot."""

from __future__ import annotations

import json
import warnings
import zipfile
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LON, LAT = 120.3745, 36.0895


def square(number: int = 0, *, lon: float = LON, lat: float = LAT) -> list[list[list[float]]]:
    """The rings of a footprint of about 27 m by 33 m in the CBD."""
    west, south = lon + 0.0006 * (number % 50), lat + 0.0006 * (number // 50)
    east, north = west + 0.0003, south + 0.0003
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def feature(number: int = 0, *, geometry: Any = None, **properties: Any) -> dict[str, Any]:
    """A tower that passes every check, but for what the properties say."""
    return {
        "type": "Feature",
        "properties": {
            "id": f"T-{number:03}",
            "name": f"示范楼 {number}",
            "status": "existing",
            "cluster": "cbd",
        }
        | properties,
        "geometry": geometry or {"type": "Polygon", "coordinates": square(number)},
    }


def collection(*features: Any, **members: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", **members, "features": list(features)}


def written(path: Path, value: Any) -> Path:
    path.write_text(
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), encoding="utf-8"
    )
    return path


def frame(rows: Sequence[Mapping[str, Any]], *, crs: str | None = "EPSG:4326") -> gpd.GeoDataFrame:
    """Rows as a table with square footprints."""
    table = {name: [row.get(name) for row in rows] for name in rows[0]}
    shapes = [shapely.Polygon(square(number)[0]) for number in range(len(rows))]
    return (
        gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326").to_crs(crs)
        if crs
        else gpd.GeoDataFrame(table, geometry=shapes)
    )


def zipped_shapefile(
    folder: Path, table: gpd.GeoDataFrame, *, encoding: str = "UTF-8", name: str = "楼宇"
) -> Path:
    parts = folder / "parts"
    parts.mkdir()
    cut = table.rename(columns={column: column[:10] for column in table.columns if column != "geometry"})
    _to_file(cut, parts / f"{name}.shp", driver="ESRI Shapefile", encoding=encoding)
    return zipped(folder / "layer.zip", parts)


def zipped(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for part in sorted(folder.iterdir()):
            out.write(part, part.name)
    return archive


def _to_file(table: gpd.GeoDataFrame, path: Path, **options: str) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        table.to_file(path, engine="pyogrio", **options)


def geopackage(folder: Path, table: gpd.GeoDataFrame, *, layer: str = "towers") -> Path:
    path = folder / "layer.gpkg"
    _to_file(table, path, driver="GPKG", layer=layer)
    return path
