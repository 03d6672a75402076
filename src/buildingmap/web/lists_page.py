"""The lists that an office lives by: all of them with their counts, each as a page and as a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

from flask import Blueprint, Response, abort, render_template, request

from buildingmap import analysis
from buildingmap.filters import OFFICE_LISTS, query_string
from buildingmap.layers.writers import write_table_csv, write_table_excel
from buildingmap.web.choosing import chosen, local_day
from buildingmap.web.downloads import content_disposition, export_note, whole_filter
from buildingmap.web.frame import chip_links, page_filter
from buildingmap.web.languages import language
from buildingmap.web.list_names import list_name, list_names
from buildingmap.web.list_words import column_name, file_columns, how, in_file, is_number, said
from buildingmap.web.operations import CSV, EXCEL
from buildingmap.web.queries import one_of, read_query
from buildingmap.web.state import snapshot
from buildingmap.web.words import named, tower_name

if TYPE_CHECKING:
    from buildingmap.analysis import ListLine, OfficeList
    from buildingmap.filters import Filter
    from buildingmap.model import Lang
    from buildingmap.snapshot import Snapshot
    from buildingmap.web.downloads import Format

lists_page = Blueprint("lists_page", __name__)
_MOST_SHOWN: Final = 500


@lists_page.get("/lists")
def index() -> str:
    """Show every list with what it holds of the address's filter."""
    flt, towers, today = page_filter().criteria(), snapshot(), local_day()
    entries = []
    for key, name in list_names().items():
        lines = _within(towers, flt, analysis.office_list(towers, key, today))
        entries.append(
            {
                "key": key,
                "name": name,
                "how": how(key),
                "lines": len(lines),
                "towers": len({line.building_id for line in lines}),
                "map_query": _map_query(flt, key),
            }
        )
    return render_template(
        "lists.html",
        entries=entries,
        today=today,
        chips=chip_links("/lists", flt),
        query=query_string(flt),
    )


@lists_page.get("/lists/<key>")
def page(key: str) -> str:
    """Show one list."""
    flt, towers, today = page_filter().criteria(), snapshot(), local_day()
    found = analysis.office_list(towers, _known(key), today)
    lines = _within(towers, flt, found)
    return render_template(
        "list.html",
        key=key,
        name=list_name(key),
        how=how(key),
        today=today,
        found=found,
        lines=lines[:_MOST_SHOWN],
        count=len(lines),
        towers=len({line.building_id for line in lines}),
        cluster_of={building.id: building.cluster for building in towers.buildings},
        chips=chip_links(f"/lists/{key}", flt),
        query=query_string(flt, lang=language()),
        map_query=_map_query(flt, key),
        column_name=column_name,
        is_number=is_number,
        said=said,
    )


@lists_page.get("/download/lists/<key>.csv")
def csv(key: str) -> Response:
    """Answer with one list as CSV."""
    return _download(_known(key), "csv")


@lists_page.get("/download/lists/<key>.xlsx")
def xlsx(key: str) -> Response:
    """Answer with one list as an Excel workbook."""
    return _download(_known(key), "xlsx")


def _known(key: str) -> str:
    if key not in OFFICE_LISTS:
        abort(404, f"found the list {key!r}, expected one of {', '.join(OFFICE_LISTS)}")
    return key


def _within(towers: Snapshot, flt: Filter, found: OfficeList) -> list[ListLine]:
    """Return the lines of the filter's towers."""
    if not query_string(flt):
        return list(found.lines)
    wanted = {towers.ids[row] for row in chosen(towers, flt).rows.tolist()}
    return [line for line in found.lines if line.building_id in wanted]


def _map_query(flt: Filter, key: str) -> str:
    """Return the map's filter that shows a list's towers."""
    return "&".join(filter(None, (query_string(flt.without("list")), f"list={key}")))


def _download(key: str, form: Format) -> Response:
    towers = snapshot()
    asked = read_query(request.query_string)
    lang = cast("Lang", one_of(asked, "lang", (language(), "zh", "en")))
    flt = whole_filter(asked, towers)
    now = datetime.now(UTC).astimezone()
    found = analysis.office_list(towers, key, now.date())
    columns = file_columns(found.columns)
    rows = [_cells(towers, found, line) for line in _within(towers, flt.criteria(), found)]
    note = export_note(towers, flt, lang, now)
    note = replace(note, title=f"{note.title} · {list_name(key)}: {how(key)}")
    if form == "csv":
        body, kind = write_table_csv(columns, rows, note, lang=lang), CSV
    else:
        body, kind = write_table_excel(list_name(key), columns, rows, note, lang=lang), EXCEL
    response = Response(body, content_type=kind)
    what = (key.replace("_", "-"), list_name(key), list_name(key))
    response.headers["Content-Disposition"] = content_disposition(towers, lang, now, form, what=what)
    response.headers["Cache-Control"] = "no-store"  # the moment of the export is inside
    return response


def _cells(towers: Snapshot, found: OfficeList, line: ListLine) -> list[Any]:
    cluster = towers.buildings[towers.row(line.building_id)].cluster
    cells = [in_file(column, value) for column, value in zip(found.columns, line.cells, strict=True)]
    where = named(cluster, "cluster") if cluster else None
    return [line.building_id, tower_name(line.building_id), where, *cells]
