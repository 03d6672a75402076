"""Imports over HTTP for programs and for the page's own script: a file in, its preview, applied or dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Blueprint, Response, abort, current_app, request
from openpyxl.utils import get_column_letter
from werkzeug.exceptions import BadRequest

from buildingmap.web.import_jobs import MOST_BYTES, ImportJobs, Job, Options, error_lines
from buildingmap.web.languages import language
from buildingmap.web.state import store
from buildingmap.web.visitors import may, visitor

if TYPE_CHECKING:
    from flask import Flask

    from buildingmap.intake import CellFault, Preview

imports_api = Blueprint("imports_api", __name__)
EXTENSION: Final = "buildingmap_imports"
UPLOADS: Final = frozenset({"imports_api.add", "import_page.upload"})
MOST_SHOWN: Final = 1000
_JSON: Final = "application/json"
_OPTIONS: Final = {
    "sheet": str, "table": str, "datum": str, "source": str, "as_of": str, "year": int, "clear_empty": bool,
    "leave_unread": bool, "columns": dict, "units": dict,
}  # fmt: skip


def init_imports(app: Flask) -> None:
    """Let editors hand in files larger than any other request."""
    app.extensions[EXTENSION] = ImportJobs()
    app.before_request(_larger_for_editors)


def _larger_for_editors() -> None:
    if request.endpoint in UPLOADS and may("editor"):
        request.max_content_length = MOST_BYTES


def jobs() -> ImportJobs:
    """Return the imports of this process."""
    found: ImportJobs = current_app.extensions[EXTENSION]
    return found


def own_job(job_id: str) -> Job:
    """Return the visitor's own job; 404 where it is not there, or not theirs."""
    job = jobs().of(job_id, visitor().name)
    if job is None:
        abort(
            404,
            "found no import of this id: it is another's, or older than an hour, or the server was restarted",
        )
    return job


@imports_api.post("/api/imports")
def add() -> Response:
    """Take the body as a file, its name in ``name``, and begin to read it."""
    name = request.args.get("name", "")
    if not name:
        raise BadRequest("name: found none, expected the file's name with its extension")
    kept = store()

    def save(path: Any) -> None:
        with path.open("wb") as file:
            while chunk := request.stream.read(1 << 20):
                file.write(chunk)

    return _answer(jobs().take(name, visitor().name, save, kept), 202)


@imports_api.get("/api/imports/<job_id>")
def read(job_id: str) -> Response:
    """Answer with how far an import is, and with its preview when it is ready."""
    return _answer(own_job(job_id))


@imports_api.patch("/api/imports/<job_id>")
def read_again(job_id: str) -> Response:
    """Read the file another way and preview it anew."""
    job = own_job(job_id)
    jobs().read_again(job, _options(), store())
    return _answer(job, 202)


@imports_api.post("/api/imports/<job_id>/apply")
def apply(job_id: str) -> Response:
    """Write the preview as one revision."""
    job = own_job(job_id)
    jobs().apply(job, store(), actor=visitor().name)
    return _answer(job, 202)


@imports_api.delete("/api/imports/<job_id>")
def cancel(job_id: str) -> Response:
    """Stop an import that is not being written."""
    jobs().cancel(own_job(job_id))
    return Response(status=204)


def _options() -> Options:
    try:
        document = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body: found no JSON ({error}), expected an object of options") from error
    if not isinstance(document, dict):
        raise BadRequest("the body: expected an object of options")
    for name, value in document.items():
        if name not in _OPTIONS or type(value) is not _OPTIONS[name]:
            raise BadRequest(
                f"{name[:40]!r}: found {value!r:.60}, expected one of {', '.join(_OPTIONS)}, of its type"
            )
    columns, units = document.pop("columns", {}), document.pop("units", {})
    return Options(
        **document,
        fields={_position(key): field_of(value) for key, value in columns.items()},
        units={_position(key): str(value) for key, value in units.items()},
    )


def _position(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4):  # noqa: PLR2004 - no table has 1,000 columns
        raise BadRequest(f"columns: found {text[:20]!r}, expected the number of a column, from 0")
    return int(text)


def field_of(value: object) -> tuple[str | None, int | None]:
    """Return the field and year that ``tax_yuan@2023`` names; an empty text leaves the column out."""
    field, _, year = str(value or "").partition("@")
    return field or None, int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None  # noqa: PLR2004


def _answer(job: Job, status: int = 200) -> Response:
    lang = language()
    document = {
        "id": job.id,
        "file": job.name,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "errors": error_lines(job.error, lang)[:MOST_SHOWN],
        "version": job.version,
        "preview": None if job.preview is None else preview_json(job.preview, lang),
    }
    response = Response(orjson.dumps(document), status=status, content_type=_JSON)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = lang
    return response


def preview_json(found: Preview, lang: Any) -> dict[str, Any]:
    """Return a preview as JSON values, the first 1,000 rows of each list."""
    chosen = found.chosen
    return {
        "ok": found.ok,
        "up_to_date": found.up_to_date,
        "table": chosen.mapping.table,
        "sheet": chosen.sheet.name,
        "sheets": chosen.sheets,
        "datum": chosen.mapping.datum,
        "year": chosen.mapping.year,
        "counts": found.count() | {"missing": len(found.missing), "faults": len(found.faults)},
        "columns": [
            {"header": column.header, "field": column.field, "unit": column.unit, "year": column.year}
            for column in chosen.mapping.columns
        ],
        "left_out": [
            {"row": chosen.sheet.numbers[entry.position], "kind": entry.kind, "text": entry.text}
            for entry in chosen.table.left_out[:MOST_SHOWN]
        ],
        "rows": [
            {
                "row": chosen.sheet.numbers[row.position],
                "table": row.table,
                "id": row.row_id,
                "state": row.state,
                "fields": {name: {"old": old, "new": new} for name, (old, new) in row.cells.items()},
            }
            for row in [row for row in found.rows if row.state != "unchanged"][:MOST_SHOWN]
        ],
        "faults": [fault_json(found, entry, lang) for entry in found.faults[:MOST_SHOWN]],
        "unread": [fault_json(found, entry, lang) for entry in found.unread[:MOST_SHOWN]],
        "warnings": [fault.line(lang) for fault in found.warnings[:MOST_SHOWN]],
        "missing": [{"id": row_id, "name": name} for row_id, name in found.missing[:MOST_SHOWN]],
    }


def fault_json(found: Preview, entry: CellFault, lang: Any) -> dict[str, Any]:
    """Return a fault with its sheet, row and column as a spreadsheet names them."""
    sheet = found.chosen.sheet
    return {
        "sheet": sheet.name,
        "row": None if entry.row is None else sheet.numbers[entry.row],
        "column": None if entry.column is None else get_column_letter(entry.column + 1),
        "field": entry.fault.field,
        "found": entry.fault.found_text(lang),
        "expected": entry.fault.expected.text(lang),
        "line": entry.fault.line(lang),
    }
