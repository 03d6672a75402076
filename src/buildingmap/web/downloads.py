"""What is filtered, as a file to keep: GeoJSON, CSV or Excel, with its date, source and filter inside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, cast
from urllib.parse import quote

from flask import Blueprint, Response, request

from buildingmap.filters import FilterError, ParameterFault, parse_filter, query_string, select
from buildingmap.layers.writers import ExportNote, write_csv, write_excel, write_geojson
from buildingmap.web.chips import chips
from buildingmap.web.languages import language
from buildingmap.web.operations import CSV, EXCEL, GEOJSON
from buildingmap.web.queries import one_of, read_query
from buildingmap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.filters import Filter
    from buildingmap.model import Lang
    from buildingmap.snapshot import Snapshot

Format = Literal["geojson", "csv", "xlsx"]

downloads = Blueprint("downloads", __name__)
_CONTENT_TYPES: Final[dict[Format, str]] = {"geojson": GEOJSON, "csv": CSV, "xlsx": EXCEL}
_WRITERS: Final[dict[Format, Callable[..., bytes]]] = {
    "geojson": write_geojson,
    "csv": write_csv,
    "xlsx": write_excel,
}
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


def _download(form: Format) -> Response:
    towers = snapshot()
    words = read_query(request.query_string)
    lang = cast("Lang", one_of(words, "lang", (language(), "zh", "en")))
    flt = whole_filter(words, towers)
    now = datetime.now(UTC).astimezone()
    words_of = {} if form == "geojson" else {"district": towers.district}
    body = _WRITERS[form](_chosen(towers, flt), export_note(towers, flt, lang, now), lang=lang, **words_of)
    response = Response(body, content_type=_CONTENT_TYPES[form])
    response.headers["Content-Disposition"] = content_disposition(towers, lang, now, form)
    response.headers["Cache-Control"] = "no-store"  # the moment of the export is inside
    return response


def whole_filter(words: dict[str, list[str]], towers: Snapshot) -> Filter:
    """Read the filter of a download, which has no pages. Raises FilterError."""
    faults = tuple(
        ParameterFault(name, "a page", "no page: a download holds every tower of the filter")
        for name in _PAGES
        if name in words
    )
    if faults:
        raise FilterError(faults)
    return parse_filter({name: given for name, given in words.items() if name != "lang"}, towers.district)


def _chosen(towers: Snapshot, flt: Filter) -> list[tuple[Any, Any]]:
    rows = select(towers, flt).rows.tolist()
    buildings = [towers.buildings[row] for row in rows]
    if flt.year is not None:
        buildings = [building.in_year(flt.year) for building in buildings]
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
    form: Format,
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
