"""A layer as a file for maps and analysis: GeoPackage, zipped Shapefile, GeoParquet, in any datum with a code."""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pyogrio

from buildingmap import crs
from buildingmap.errors import BuildingmapError
from buildingmap.layers.notes import NOTE_MARK
from buildingmap.model import Building

if TYPE_CHECKING:
    from collections.abc import Sequence

    import shapely

    from buildingmap.crs import Datum
    from buildingmap.layers.notes import ExportNote
    from buildingmap.model import Lang

    Towers = Sequence[tuple[Building, shapely.Geometry]]

_NAME: Final = "buildings"
_SEPARATOR: Final = ";"
_NUMBERS: Final = frozenset(
    {"completion_year", "floors", "height_m", "floor_area_m2", "leasable_area_m2", "vacancy_rate", "tax_yuan",
     "district_revenue_yuan", "tax_year"}
)  # fmt: skip
# ten letters of a name, 254 bytes of a text, and no place for a list
_NAME_LENGTH: Final = 10
_TEXT_BYTES: Final = 254
_ZIP_DAY: Final = (1980, 1, 1, 0, 0, 0)
_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_LIMITS: Final = {
    "zh": (
        "Shapefile 的限制：列名只保留前 10 个字符；文本最长 254 字节，超出部分已截去；只含最新年度税收，"
        "历年税收未写入；点和面分别为两个 Shapefile。GeoPackage 没有这些限制。"
    ),
    "en": (
        "Limits of a Shapefile: names of columns are cut to 10 letters; texts to 254 bytes; only the newest year's "
        "tax is kept, not the history; points and footprints are two Shapefiles. A GeoPackage has none of these limits."
    ),
}


class DatumError(BuildingmapError):
    """A datum that a format has no honest label for."""

    def __init__(self, datum: str, form: str) -> None:
        """Name the datum and the format."""
        super().__init__(
            f"datum: found {datum}, expected wgs84, cgcs2000 or an EPSG code: {form} has no code for it; "
            "CSV, Excel and GeoJSON take it"
        )
        self.datum = datum


def _frame(towers: Towers, datum: Datum, form: str, *, history: bool) -> gpd.GeoDataFrame:
    """Return the towers with the contract's columns, a text for each list, shapes in ``datum``. Raises DatumError."""
    if crs.code_of(datum) is None:
        raise DatumError(datum, form)
    rows = [_row(building) for building, _ in towers]
    names = [name for name in Building.model_fields if history or name != "tax_history"]
    columns: dict[str, Any] = {}
    for name in names:
        values = [row[name] for row in rows]
        columns[name] = np.array(
            [np.nan if value is None else value for value in values] if name in _NUMBERS else values,
            dtype=np.float64 if name in _NUMBERS else object,
        )
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [shape for _, shape in towers]
    moved = shapes if datum == "wgs84" or not rows else crs.geometries_from_wgs84(datum, shapes)
    return gpd.GeoDataFrame(columns, geometry=moved, crs=crs.code_of(datum))


def _row(building: Building) -> dict[str, Any]:
    row = building.properties()
    row["sectors"] = _SEPARATOR.join(building.sectors) or None
    row["tax_history"] = json.dumps(row["tax_history"]) if row["tax_history"] else None
    return row


def _about(note: ExportNote, datum: Datum, lang: Lang) -> str:
    lines = replace(note, datum=datum).lines(lang)
    return "\n".join(f"{NOTE_MARK}{word}: {' '.join(text.split())}" for word, text in lines)


def _folder() -> str:
    # a server that starts looks for those of processes that were killed
    return f"buildingmap-export-{os.getpid()}-"


def write_geopackage(towers: Towers, note: ExportNote, *, lang: Lang = "zh", datum: Datum = "wgs84") -> bytes:
    """Return a GeoPackage with one table of towers; the note is the table's description. Raises DatumError."""
    frame = _frame(towers, datum, "GeoPackage", history=True)
    return geopackage(frame, _NAME, note, lang=lang, datum=datum)


def geopackage(
    frame: gpd.GeoDataFrame,
    name: str,
    note: ExportNote,
    *,
    lang: Lang,
    datum: Datum,
    geometry_type: str = "Unknown",
) -> bytes:
    """Return a GeoPackage whose one table ``name`` is ``frame``, in ``datum`` already; the note describes it."""
    # the moment that GDAL writes into the file is that of the export
    moment = note.exported_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": moment})
    with tempfile.TemporaryDirectory(prefix=_folder()) as folder:
        path = Path(folder) / f"{name}.gpkg"
        about = {"IDENTIFIER": note.title or name, "DESCRIPTION": _about(note, datum, lang)}
        pyogrio.write_dataframe(
            frame,
            path,
            driver="GPKG",
            layer=name,
            geometry_type=geometry_type,
            promote_to_multi=False,
            layer_options=about,
        )
        return path.read_bytes()


def write_shapefile(towers: Towers, note: ExportNote, *, lang: Lang = "zh", datum: Datum = "wgs84") -> bytes:
    """Return a zip with a Shapefile of the towers and a README of its note and its limits. Raises DatumError.

    Points and footprints cannot share one: a layer of both becomes two, ``buildings`` and ``buildings_points``.
    """
    frame = _frame(towers, datum, "Shapefile", history=False)
    for name in frame.columns.drop("geometry"):
        if name not in _NUMBERS:
            frame[name] = [_cut(text) if isinstance(text, str) else None for text in frame[name]]
    frame = frame.rename(columns={name: name[:_NAME_LENGTH] for name in Building.model_fields})
    points = (frame.geometry.geom_type == "Point").to_numpy()
    out = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix=_folder()) as name, zipfile.ZipFile(out, "w") as archive:
        folder = Path(name)
        if not points.all() or not len(frame):
            _put_parts(archive, _shapefile(frame[~points], folder / f"{_NAME}.shp", "MultiPolygon", note))
        if points.any():
            stem = _NAME if points.all() else f"{_NAME}_points"
            _put_parts(archive, _shapefile(frame[points], folder / f"{stem}.shp", "Point", note))
        text = f"{_about(note, datum, lang)}\n\n{_LIMITS['zh']}\n\n{_LIMITS['en']}\n"
        _put(archive, "README.txt", b"\xef\xbb\xbf" + text.encode())
    return out.getvalue()


def _shapefile(frame: gpd.GeoDataFrame, path: Path, kind: str, note: ExportNote) -> Path:
    options = {"ENCODING": "UTF-8", "DBF_DATE_LAST_UPDATE": note.exported_at.strftime("%Y-%m-%d")}
    pyogrio.write_dataframe(frame, path, driver="ESRI Shapefile", geometry_type=kind, layer_options=options)
    return path


def _put_parts(archive: zipfile.ZipFile, path: Path) -> None:
    for part in _PARTS:
        _put(archive, path.with_suffix(part).name, path.with_suffix(part).read_bytes())


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _ZIP_DAY), content, zipfile.ZIP_DEFLATED)


def _cut(text: str) -> str:
    return text.encode()[:_TEXT_BYTES].decode("utf-8", "ignore").rstrip()


def write_geoparquet(towers: Towers, note: ExportNote, *, lang: Lang = "zh", datum: Datum = "wgs84") -> bytes:
    """Return GeoParquet 1.0; the note stands in the file's metadata under ``buildingmap``. Raises DatumError."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - only for this format

    frame = _frame(towers, datum, "GeoParquet", history=True)
    plain = io.BytesIO()
    frame.to_parquet(plain, index=False)
    table = pq.read_table(io.BytesIO(plain.getvalue()))
    own = {"synthetic": note.synthetic, "title": note.title, "source": note.source, "as_of": note.as_of,
           "version": note.version, "exported_at": note.exported_at.isoformat(timespec="seconds"),
           "filter": note.filter_text, "datum": datum, "about": dict(note.lines(lang))}  # fmt: skip
    kept = table.schema.metadata or {}
    described = table.replace_schema_metadata(
        {**kept, b"buildingmap": json.dumps(own, ensure_ascii=False).encode()}
    )
    out = io.BytesIO()
    pq.write_table(described, out)
    return out.getvalue()
