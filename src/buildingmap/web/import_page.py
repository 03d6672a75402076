"""The import as a page: a file handed in, the guess beside sample rows, the preview, then all of it or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from flask import Blueprint, Response, make_response, redirect, render_template, request
from openpyxl.utils import get_column_letter
from werkzeug.exceptions import BadRequest

from buildingmap import intake
from buildingmap.crs import datum_name
from buildingmap.filters import parse_filter
from buildingmap.intake import TARGETS
from buildingmap.layers.headers import units_of
from buildingmap.layers.writers import Column, write_table_csv
from buildingmap.model.names import field_name
from buildingmap.web.downloads import content_disposition, export_note
from buildingmap.web.import_jobs import BUSY, Job, Options, error_lines
from buildingmap.web.imports_api import MOST_SHOWN, fault_json, field_of, jobs, own_job
from buildingmap.web.languages import language, text
from buildingmap.web.operations import CSV, EXCEL
from buildingmap.web.state import snapshot, store
from buildingmap.web.visitors import csrf_token, visitor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug import Response as AnyResponse

    from buildingmap.intake import Chosen, Preview
    from buildingmap.intake.reading import CellFault
    from buildingmap.model import District

import_page = Blueprint("import_page", __name__)
_SHOWN: Final = 200
_SAMPLES: Final = 3
# the choice of a column that is not recognised, for as long as nobody has chosen
_UNKNOWN: Final = "?"
_LONGEST_SAMPLE: Final = 24


@import_page.get("/import")
def start() -> Response:
    """Show where a file is dropped, and the imports under way."""
    names = [row.values["name"] for row in store().rows("import_mapping")]
    return _page("import.html", jobs=jobs().all_of(visitor().name), remembered=names)


@import_page.post("/import")
def upload() -> AnyResponse:
    """Take the file of the form."""
    kept = store()
    file = request.files.get("file")
    if file is None or not file.filename:
        raise BadRequest("file: found none, expected a table or a layer")
    job = jobs().take(file.filename, visitor().name, file.save, kept)
    return redirect(f"/import/{job.id}", 303)


@import_page.get("/import/<job_id>")
def show(job_id: str) -> Response:
    """Show how far an import is, its reading and its preview."""
    job = own_job(job_id)
    lang = language()
    # looked at first and once: a job may go on while its page is written, which must then wait for it
    state = job.state
    found, chosen = job.preview, job.chosen
    return _page(
        "import_job.html",
        job=job,
        state=state,
        busy=state in BUSY,
        errors=error_lines(job.error, lang)[:_SHOWN],
        chosen=chosen,
        reading=None if chosen is None else _reading(chosen),
        found=found,
        money_unread=found is not None and found.money_unread,
        shown=None if found is None else _shown(found),
        datums=[(datum, datum_name(datum, lang)) for datum in store().district.metric.datums],
        datum_named=""
        if chosen is None or not chosen.mapping.datum
        else datum_name(chosen.mapping.datum, lang),
        targets=[(target.table, target.label(lang)) for target in TARGETS.values()],
        most=_SHOWN,
    )


@import_page.post("/import/<job_id>/reading")
def read_again(job_id: str) -> AnyResponse:
    """Read the file as the form says, and preview it anew."""
    job = own_job(job_id)
    jobs().read_again(job, _options(request.form, job), store())
    return redirect(f"/import/{job.id}", 303)


@import_page.post("/import/<job_id>/apply")
def apply(job_id: str) -> AnyResponse:
    """Write what the preview shows; remember the reading where that was asked for."""
    job = own_job(job_id)
    name = request.form.get("remember", "").strip()
    if name and job.chosen is not None and job.preview is not None and job.preview.ok:
        intake.remember(job.chosen, store(), actor=visitor().name, name=name)
    jobs().apply(job, store(), actor=visitor().name)
    return redirect(f"/import/{job.id}", 303)


@import_page.post("/import/<job_id>/cancel")
def cancel(job_id: str) -> AnyResponse:
    """Stop an import; nothing of it is kept."""
    jobs().cancel(own_job(job_id))
    return redirect("/import", 303)


@import_page.get("/import/<job_id>/annotated.xlsx")
def annotated(job_id: str) -> Response:
    """Answer with the user's own table and every finding in it."""
    _, found = _previewed(job_id)
    what = ("import-annotated", "导入核对", "import, annotated")
    return _file(intake.annotated(found, lang=language()), EXCEL, "xlsx", what)


@import_page.get("/import/<job_id>/findings.csv")
def findings(job_id: str) -> Response:
    """Answer with every fault and unreadable cell as a table."""
    job, found = _previewed(job_id)
    lang = language()
    names = ("sheet", "row", "column", "field", "found", "expected")
    words = (text("Sheet"), text("Row"), text("Column"), text("Field"), text("Found"), text("Should be"))
    entries = [_fault_row(found, entry) for entry in (*found.faults, *found.unread)]
    towers = snapshot()
    note = export_note(towers, parse_filter({}, towers.district), lang, datetime.now(UTC).astimezone())
    columns = [Column(word) for word in words]
    rows = [[entry[name] for name in names] for entry in entries]
    body = write_table_csv(columns, rows, replace(note, title=job.name), lang=lang)
    return _file(body, CSV, "csv", ("import-findings", "导入问题", "import, findings"))


def _file(
    body: bytes, content_type: str, form: Literal["csv", "xlsx"], what: tuple[str, str, str]
) -> Response:
    response = Response(body, content_type=content_type)
    now = datetime.now(UTC).astimezone()
    response.headers["Content-Disposition"] = content_disposition(
        snapshot(), language(), now, form, what=what
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _previewed(job_id: str) -> tuple[Job, Preview]:
    job = own_job(job_id)
    if job.preview is None:
        raise BadRequest(f"the import is {job.state}, expected one with a preview")
    return job, job.preview


def _options(form: Mapping[str, str], job: Job) -> Options:
    sheet, table, chosen = form.get("sheet") or None, form.get("table") or None, job.chosen
    other_sheet = chosen is None or sheet not in {None, chosen.sheet.name}
    other_table = chosen is None or table not in {None, chosen.mapping.table}
    # another sheet or another kind of table is guessed anew: the columns of the form are the old one's
    moved = other_sheet or other_table
    fields = {} if moved else _by_place(form, "field-")
    units = {} if moved else _by_place(form, "unit-")
    year = form.get("year", "").strip()
    return Options(
        sheet=sheet,
        table=None if other_sheet else table if other_table else job.options.table,
        fields={place: field_of(value) for place, value in fields.items() if value != _UNKNOWN},
        units=units,
        datum=form.get("datum") or None,
        year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,  # noqa: PLR2004
        source=form.get("source", "").strip() or None,
        as_of=form.get("as_of", "").strip() or None,
        clear_empty="clear_empty" in form,
        leave_unread="leave_unread" in form,
    )


def _by_place(form: Mapping[str, str], prefix: str) -> dict[int, str]:
    pairs = ((name.removeprefix(prefix), value) for name, value in form.items() if name.startswith(prefix))
    return {int(place): value for place, value in pairs if place.isascii() and place.isdigit()}


def _reading(chosen: Chosen) -> list[dict[str, Any]]:
    """Return each column with sample cells, what it may be read as, and what the guess comes from."""
    lang = language()
    fields = chosen.mapping.target.vocabulary.fields
    rows = [chosen.sheet.rows[row] for row in chosen.table.rows[:_SAMPLES]]
    columns = []
    for column in chosen.mapping.columns:
        place = column.position
        kind = None if column.field is None else fields[column.field][0]
        choices = [
            (name, words[0] if lang == "zh" and words else name) for name, (_, words) in fields.items()
        ]
        if column.field and column.year:
            choices.append((f"{column.field}@{column.year}", f"{column.year} {dict(choices)[column.field]}"))
        columns.append(
            {
                "column": column,
                "letter": get_column_letter(place + 1),
                "samples": [_sample(row[place] if place < len(row) else None) for row in rows],
                "choices": choices,
                "chosen": f"{column.field}@{column.year}" if column.year else column.field or "",
                # what is not recognised is told again and again, until somebody says that it need not be read
                "unknown": "" if column.field or column.basis == "person" else _UNKNOWN,
                "units": () if kind is None else units_of(kind),
                "basis": _basis(column.basis if not column.unit else column.unit_basis),
                "asks": chosen.mapping.needs_unit(column),
            }
        )
    return columns


def _sample(cell: Any) -> str:
    written = "" if cell is None else str(cell).removesuffix(".0")
    return written if len(written) <= _LONGEST_SAMPLE else written[: _LONGEST_SAMPLE - 1] + "…"


def _basis(basis: str) -> str:
    return {
        "header": text("from the header"),
        "title": text("from the title"),
        "figures": text("agrees with the registry's figures"),
        "shapes": text("agrees with the areas of the shapes"),
        "person": text("chosen"),
        "remembered": text("remembered"),
    }.get(basis, "")


def _shown(found: Preview) -> dict[str, Any]:
    """Return what the page lists of a preview, its first rows."""
    lang = language()
    changed = [row for row in found.rows if row.state != "unchanged"]
    numbers = found.chosen.sheet.numbers
    rows = []
    for row in changed[:_SHOWN]:
        cells = [
            (
                field_name(name, lang, table=row.table),
                *(_shown_value(row.table, name, value, found.district) for value in pair),
            )
            for name, pair in row.cells.items()
        ]
        rows.append({"row": numbers[row.position], "preview": row, "cells": cells})
    return {
        "rows": rows,
        "changed": len(changed),
        "faults": [_fault_row(found, entry) for entry in found.faults[:_SHOWN]],
        "unread": [_fault_row(found, entry) for entry in found.unread[:_SHOWN]],
        "warnings": [fault.line(lang) for fault in found.warnings[:_SHOWN]],
        "missing": found.missing[:MOST_SHOWN],
        "left_out": [(numbers[entry.position], entry) for entry in found.chosen.table.left_out[:_SHOWN]],
        "counts": found.count(),
    }


def _fault_row(found: Preview, entry: CellFault) -> dict[str, Any]:
    """Return a fault as a row of a table for people: its field by name, under the header that the file has for it."""
    lang = language()
    return fault_json(found, entry, lang) | {"field": entry.fault.field_text(lang)}


def _shown_value(table: str, name: str, value: Any, district: District) -> str:
    if name == "geometry" and value is not None:
        return intake.shape_text(value, language(), district.metric) if table == "site" else text("a shape")
    return intake.text_of(value, language(), name, district)


def _page(template: str, **values: Any) -> Response:
    response = make_response(render_template(template, csrf=csrf_token(), import_states=_states(), **values))
    response.headers["Cache-Control"] = "no-store"
    return response


def _states() -> dict[str, str]:
    return {
        "reading": text("being read"),
        "ready": text("ready"),
        "refused": text("refused"),
        "applying": text("being written"),
        "applied": text("written"),
        "cancelled": text("discarded"),
    }
