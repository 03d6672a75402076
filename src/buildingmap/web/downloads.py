"""What is filtered, as a file to keep: GeoJSON, CSV or Excel, with its date, source and filter inside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, cast
from urllib.parse import quote

from flask import Blueprint, Response, request

from buildingmap.filters import FilterError, ParameterFault, parse_filter, query_string, unknown_parameter
from buildingmap.layers.writers import (
    ExportNote,
    write_csv,
    write_excel,
    write_geojson,
    write_geopackage,
    write_geoparquet,
    write_shapefile,
    write_template,
)
from buildingmap.registry import write_records
from buildingmap.web.chips import chips
from buildingmap.web.choosing import chosen
from buildingmap.web.languages import language
from buildingmap.web.operations import CSV, EXCEL, GEOJSON, GEOPACKAGE, PARQUET, ZIP
from buildingmap.web.queries import datum_of, one_of, only, read_query
from buildingmap.web.state import past_version, snapshot, store

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.filters import Filter
    from buildingmap.model import Lang
    from buildingmap.snapshot import Snapshot

Format = Literal["geojson", "csv", "xlsx", "gpkg", "shp.zip", "parquet"]
# a download that is not of towers may be a report
Extension = Format | Literal["docx"]

downloads = Blueprint("downloads", __name__)
_CONTENT_TYPES: Final[dict[Format, str]] = {
    "geojson": GEOJSON,
    "csv": CSV,
    "xlsx": EXCEL,
    "gpkg": GEOPACKAGE,
    "shp.zip": ZIP,
    "parquet": PARQUET,
}
_WRITERS: Final[dict[Format, Callable[..., bytes]]] = {
    "geojson": write_geojson,
    "csv": write_csv,
    "xlsx": write_excel,
    "gpkg": write_geopackage,
    "shp.zip": write_shapefile,
    "parquet": write_geoparquet,
}
# these speak the district's words in their cells
_TABLES: Final = frozenset({"csv", "xlsx"})
# these name a datum by its code, and cannot by a word
CODED_FORMS: Final[frozenset[Format]] = frozenset({"gpkg", "shp.zip", "parquet"})
_RECORDS: Final = ("registry", "楼宇登记库", "registry")
_PAGES: Final = ("limit", "offset")


@downloads.get("/download/buildings.geojson")
def geojson() -> Response:
    """Answer with every tower of a filter as GeoJSON."""
    return _download("geojson")


@downloads.get("/download/buildings.csv")
def csv() -> Response:
    """Answer with every tower of a filter as CSV."""
    return _download("csv")


@downloads.get("/download/buildings.xlsx")
def xlsx() -> Response:
    """Answer with every tower of a filter as an Excel workbook."""
    return _download("xlsx")


@downloads.get("/download/buildings.gpkg")
def gpkg() -> Response:
    """Answer with every tower of a filter as a GeoPackage."""
    return _download("gpkg")


@downloads.get("/download/buildings.shp.zip")
def shapefile() -> Response:
    """Answer with every tower of a filter as a zipped Shapefile."""
    return _download("shp.zip")


@downloads.get("/download/buildings.parquet")
def parquet() -> Response:
    """Answer with every tower of a filter as GeoParquet."""
    return _download("parquet")


@downloads.get("/download/records.xlsx")
def records() -> Response:
    """Answer with every table of the registry as a workbook, at the version that is shown; for staff."""
    words = read_query(request.query_string)
    lang = cast("Lang", one_of(words, "lang", (language(), "zh", "en")))
    faults = tuple(
        unknown_parameter(
            name, "lang alone: the workbook holds the whole registry", "只有 lang：工作簿包含整个登记库"
        )
        for name in words
        if name != "lang"
    )
    if faults:
        raise FilterError(faults)
    response = Response(write_records(store(), lang=lang, version=past_version()), content_type=EXCEL)
    now = datetime.now(UTC).astimezone()
    response.headers["Content-Disposition"] = content_disposition(
        snapshot(), lang, now, "xlsx", what=_RECORDS
    )
    response.headers["Cache-Control"] = "no-store"  # the moment of the export is inside
    return response


@downloads.get("/download/template.xlsx")
def template() -> Response:
    """Answer with an empty table of towers to fill in and import."""
    words = read_query(request.query_string)
    only(words, "lang")
    lang = cast("Lang", one_of(words, "lang", (language(), "zh", "en")))
    response = Response(write_template(snapshot().district, lang=lang), content_type=EXCEL)
    named = quote("楼宇信息表模板.xlsx" if lang == "zh" else "table of towers.xlsx", safe="")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"buildings-template.xlsx\"; filename*=UTF-8''{named}"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _download(form: Format) -> Response:
    towers = snapshot()
    words = read_query(request.query_string)
    lang = cast("Lang", one_of(words, "lang", (language(), "zh", "en")))
    datum = datum_of(words, coded=form in CODED_FORMS)
    flt = whole_filter({name: given for name, given in words.items() if name != "datum"}, towers)
    now = datetime.now(UTC).astimezone()
    words_of = {"district": towers.district} if form in _TABLES else {}
    note = export_note(towers, flt, lang, now)
    body = _WRITERS[form](_chosen(towers, flt), note, lang=lang, datum=datum, **words_of)
    response = Response(body, content_type=_CONTENT_TYPES[form])
    response.headers["Content-Disposition"] = content_disposition(towers, lang, now, form)
    response.headers["Cache-Control"] = "no-store"  # the moment of the export is inside
    return response


def whole_filter(words: dict[str, list[str]], towers: Snapshot) -> Filter:
    """Read the filter of a download, which has no pages. Raises FilterError."""
    faults = tuple(
        ParameterFault(
            name,
            "a page",
            "no page: a download holds every tower of the filter",
            "不分页：下载包含筛选的全部楼宇",
            "分页",
        )
        for name in _PAGES
        if name in words
    )
    if faults:
        raise FilterError(faults)
    asked = {name: given for name, given in words.items() if name != "lang"}
    return parse_filter(asked, towers.district, public=towers.is_public)


def _chosen(towers: Snapshot, flt: Filter) -> list[tuple[Any, Any]]:
    rows = chosen(towers, flt).rows.tolist()
    buildings = [towers.buildings[row] for row in rows]
    in_force = towers.year_in_force
    if flt.year is not None:
        buildings = [building.in_year(flt.year) for building in buildings]
    elif in_force is not None:
        buildings = [building.with_figures_of(in_force) for building in buildings]
    return list(zip(buildings, towers.geometry[rows], strict=True))


def export_note(towers: Snapshot, flt: Filter, lang: Lang, now: datetime) -> ExportNote:
    """Return what an export of the towers of ``flt`` says of itself."""
    criteria = [chip.text for chip in chips(flt, towers.district)]
    query = query_string(flt)
    return ExportNote(
        title=towers.note.title,
        synthetic=towers.note.synthetic,
        source=towers.note.source,
        as_of=towers.note.as_of,
        exported_at=now,
        filter_text=f"{('；' if lang == 'zh' else '; ').join(criteria)} ({query})" if query else "",
        version=towers.version,
        district=towers.district.name[lang],
    )


def content_disposition(
    towers: Snapshot,
    lang: Lang,
    now: datetime,
    form: Extension,
    *,
    what: tuple[str, str, str] = ("buildings", "楼宇", "towers"),
) -> str:
    """Return the header that names the file: plain ASCII, and the district's own name for who can read it.

    ``what`` is in it: in plain letters, in Chinese, in English.
    """
    day, synthetic = now.date().isoformat(), towers.note.synthetic
    plain = f"{what[0]}-{'synthetic-' if synthetic else ''}{day}.{form}"
    if lang == "zh":
        named = f"{towers.district.name.zh}{what[1]}{'（合成演示数据）' if synthetic else ''}{day}.{form}"
    else:
        named = f"{towers.district.name.en} {what[2]}{' (synthetic)' if synthetic else ''} {day}.{form}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(named, safe='')}"
