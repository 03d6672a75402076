"""Candidate parcels as a file: GeoJSON, GeoPackage, CSV and Excel, each in words that the import reads back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely

from buildingmap.crs import code_of, geometries_from_wgs84
from buildingmap.layers.writers.features import DatumError, geopackage
from buildingmap.layers.writers.geojson import feature_collection
from buildingmap.layers.writers.sheets import Column, write_table_csv, write_table_excel
from buildingmap.model import Site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.crs import Datum
    from buildingmap.layers.notes import ExportNote
    from buildingmap.model import District, Lang

    Parcels = Sequence[tuple[Site, shapely.Geometry | None]]

_NAME: Final = "sites"
_NUMBERS: Final = frozenset({"area_m2", "floor_area_ratio", "height_limit_m", "earliest_year"})
# field, Chinese header, width in Excel; the English header is the field's own name
_COLUMNS: Final = (
    ("id", "地块编号", 12),
    ("name", "地块名称", 26),
    ("cluster", "片区", 12),
    ("area_m2", "用地面积(平方米)", 16),
    ("floor_area_ratio", "容积率", 10),
    ("height_limit_m", "限高(米)", 10),
    ("earliest_year", "最早供地年份", 12),
    ("rule", "管控", 10),
    ("source", "来源", 26),
    ("as_of", "数据日期", 12),
    ("wkt", "几何", 30),
)
RULE_WORDS: Final = {"open": "开放", "fixed": "固定", "forbidden": "禁止"}


def write_sites_geojson(
    parcels: Parcels, note: ExportNote, *, lang: Lang = "zh", datum: Datum = "wgs84"
) -> bytes:
    """Return a FeatureCollection of the parcels that have a shape (WGS84), moved into ``datum``, which it names."""
    rows = [(site.id, site.values(), shape) for site, shape in parcels if shape is not None]
    return feature_collection(rows, note, lang=lang, datum=datum)


def write_sites_geopackage(
    parcels: Parcels, note: ExportNote, *, lang: Lang = "zh", datum: Datum = "wgs84"
) -> bytes:
    """Return a GeoPackage of the parcels that have a shape. Raises DatumError for a datum without a code."""
    if code_of(datum) is None:
        raise DatumError(datum, "GeoPackage")
    placed = [(site.values(), shape) for site, shape in parcels if shape is not None]
    columns: dict[str, Any] = {}
    for name in Site.model_fields:
        values = [values[name] for values, _ in placed]
        columns[name] = (
            np.array([np.nan if value is None else value for value in values], dtype=np.float64)
            if name in _NUMBERS
            else np.array(values, dtype=object)
        )
    shapes = _moved([shape for _, shape in placed], datum)
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=code_of(datum))
    return geopackage(frame, _NAME, note, lang=lang, datum=datum, geometry_type="Polygon")


def write_sites_csv(
    parcels: Parcels, note: ExportNote, *, district: District, lang: Lang = "zh", datum: Datum = "wgs84"
) -> bytes:
    """Return a CSV table with the outlines as WKT in ``datum``, which their header names unless it is WGS84."""
    return write_table_csv(*_table(parcels, district, lang, datum), replace(note, datum=datum), lang=lang)


def write_sites_excel(
    parcels: Parcels, note: ExportNote, *, district: District, lang: Lang = "zh", datum: Datum = "wgs84"
) -> bytes:
    """Return a workbook (.xlsx) of the same table, the note on its second sheet; no formula anywhere.

    An outline longer than Excel's cell is left out, and the note's sheet names the parcel.
    """
    title = "可建地块" if lang == "zh" else "Sites"
    columns, rows = _table(parcels, district, lang, datum)
    return write_table_excel(title, columns, rows, replace(note, datum=datum), lang=lang)


def _table(
    parcels: Parcels, district: District, lang: Lang, datum: Datum
) -> tuple[list[Column], list[list[Any]]]:
    columns = []
    for field, chinese, width in _COLUMNS:
        header = chinese if lang == "zh" else field
        columns.append(
            Column(f"{header}({datum})" if field == "wkt" and datum != "wgs84" else header, width, field)
        )
    clusters = {cluster.id: cluster.zh for cluster in district.clusters} if lang == "zh" else {}
    placed = _moved([shape for _, shape in parcels if shape is not None], datum).tolist()
    rows = []
    for site, shape in parcels:
        wkt = None if shape is None else shapely.to_wkt(placed.pop(0), rounding_precision=-1)
        words = {
            "cluster": clusters.get(site.cluster or "", site.cluster),
            "rule": RULE_WORDS[site.rule] if lang == "zh" else site.rule,
            "wkt": wkt,
        }
        rows.append([words[field] if field in words else getattr(site, field) for field, _, _ in _COLUMNS])
    return columns, rows


def _moved(shapes: Sequence[shapely.Geometry], datum: Datum) -> NDArray[np.object_]:
    placed = np.empty(len(shapes), dtype=object)
    placed[:] = list(shapes)
    return placed if datum == "wgs84" or not len(placed) else geometries_from_wgs84(datum, placed)
