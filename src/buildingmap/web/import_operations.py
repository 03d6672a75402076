"""The operations on imports, and the shapes of what they answer."""

from __future__ import annotations

from typing import Final

from buildingmap.filters import Parameter
from buildingmap.intake import TARGETS
from buildingmap.web.operations import JSON, Operation
from buildingmap.web.schemas import Schema, closed, ref

_NAME: Final = Parameter("name", "text", "the file's name with its extension", "文件名（含扩展名）", high=120)
_JOB: Final = "/api/imports/{job_id}"

IMPORT_OPERATIONS: Final = (
    Operation(
        "/api/imports",
        "addImport",
        "上传文件并开始读取；请求体为文件内容",
        "Hand a file in, as the body, and begin to read it",
        JSON,
        (_NAME,),
        "Import",
        method="post",
        takes_file=True,
        success=202,
    ),
    Operation(
        _JOB,
        "getImport",
        "导入的进度与预览",
        "How far an import is, and its preview",
        JSON,
        schema="Import",
        is_live=True,
    ),
    Operation(
        _JOB,
        "changeImport",
        "换一种读法，重新预览",
        "Read the file another way and preview it anew",
        JSON,
        schema="Import",
        method="patch",
        body="ImportOptions",
        success=202,
    ),
    Operation(
        f"{_JOB}/apply",
        "applyImport",
        "把预览的全部内容写入，成为一个版本",
        "Write the whole preview as one revision",
        JSON,
        schema="Import",
        method="post",
        success=202,
    ),
    Operation(
        _JOB,
        "cancelImport",
        "停止尚未写入的导入",
        "Stop an import that is not being written",
        JSON,
        method="delete",
        success=204,
    ),
)
_TEXT: Final[Schema] = {"type": "string"}
_OR_NONE: Final[Schema] = {"type": ["string", "null"]}
_FLAG: Final[Schema] = {"type": "boolean"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_YEAR: Final[Schema] = {"type": ["integer", "null"]}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def import_components() -> Schema:
    """Return the named schemas of imports."""
    fault = closed(
        {
            "sheet": _OR_NONE,
            "row": {"type": ["integer", "null"]},
            "column": _OR_NONE,
            "field": _TEXT,
            "found": _TEXT,
            "expected": _TEXT,
            "line": _TEXT,
        }
    )
    row = {
        "row": _COUNT,
        "table": {"enum": list(TARGETS)},
        "id": _TEXT,
        "state": {"enum": ["new", "changed"]},
        "fields": {"type": "object", "additionalProperties": closed({"old": {}, "new": {}})},
    }
    preview = {
        "ok": {"type": "boolean"},
        "up_to_date": {"type": "boolean"},
        "table": {"enum": list(TARGETS)},
        "sheet": _OR_NONE,
        "sheets": _list(_TEXT),
        "datum": _OR_NONE,
        "year": _YEAR,
        "counts": closed(dict.fromkeys(("new", "changed", "unchanged", "missing", "faults"), _COUNT)),
        "columns": _list(closed({"header": _TEXT, "field": _OR_NONE, "unit": _TEXT, "year": _YEAR})),
        "left_out": _list(
            closed({"row": _COUNT, "kind": {"enum": ["title", "total", "note"]}, "text": _TEXT})
        ),
        "rows": _list(closed(row)),
        "faults": _list(fault),
        "unread": _list(fault),
        "warnings": _list(_TEXT),
        "missing": _list(closed({"id": _TEXT, "name": _TEXT})),
    }
    by_column: Schema = {
        "type": "object",
        "description": "by the column's number, from 0",
        "propertyNames": {"pattern": "^[0-9]{1,3}$"},
        "additionalProperties": _TEXT,
    }
    options: dict[str, Schema] = {
        **dict.fromkeys(("sheet", "table", "datum", "source", "as_of"), _TEXT),
        "year": {"type": "integer"},
        "clear_empty": _FLAG,
        "leave_unread": _FLAG,
        "columns": by_column,
        "units": by_column,
    }
    return {
        "ImportOptions": {"type": "object", "properties": options, "additionalProperties": False},
        "ImportPreview": closed(preview),
        "Import": closed(
            {
                "id": _TEXT,
                "file": _TEXT,
                "state": {"enum": ["reading", "ready", "refused", "applying", "applied", "cancelled"]},
                "done": _COUNT,
                "total": _COUNT,
                "errors": _list(_TEXT),
                "version": {"type": ["integer", "null"]},
                "preview": {"anyOf": [ref("ImportPreview"), {"type": "null"}]},
            }
        ),
    }
