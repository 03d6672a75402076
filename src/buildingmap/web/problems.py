"""What goes wrong, said twice: RFC 9457 problem details for programs, a small page for people."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from buildingmap.errors import UnknownBuildingError
from buildingmap.filters import FilterError
from buildingmap.registry import ConflictError, RecordFaultsError, RegistryError, UnknownRecordError
from buildingmap.web.languages import language

if TYPE_CHECKING:
    from flask import Flask

    from buildingmap.filters import ParameterFault
    from buildingmap.model import Lang

PROBLEM_TYPE: Final = "application/problem+json"
_FOR_PROGRAMS: Final = ("/api", "/download", "/map")


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of problem: ``anchor`` is its place on the documentation page, empty for plain HTTP ones."""

    anchor: str
    status: int
    title: str
    zh: str = ""
    en: str = ""

    @property
    def type(self) -> str:
        """Return the ``type`` member: a reference that leads to the explanation."""
        return f"/api/docs#{self.anchor}" if self.anchor else "about:blank"


WRONG_PARAMETER: Final = Problem(
    "problem-parameter",
    400,
    "A parameter is wrong",
    zh="参数名不认识、重复或取值有误；errors 逐一列出参数、所得与应得。",
    en="A parameter is unknown, repeated or wrong; errors says of each what was found and expected.",
)
NO_SUCH_TOWER: Final = Problem(
    "problem-tower",
    404,
    "No tower has this id",
    zh="没有这个编号的楼宇。",
    en="No tower has the id of the address.",
)
CONFLICT: Final = Problem(
    "problem-conflict",
    412,
    "The row has changed since it was read",
    zh="该行在读取后已被他人修改；current 为现值，changed 为不同的字段。",
    en="Someone changed the row since it was read; current is what it holds now, changed the fields that differ.",
)
RECORD_FAULTS: Final = Problem(
    "problem-record",
    422,
    "The values do not pass the check",
    zh="内容未通过检查；faults 逐一列出字段、所得与应得。什么也没有写入。",
    en="The values do not pass the check; faults says of each field what was found and expected. Nothing was written.",
)
NO_SUCH_RECORD: Final = Problem(
    "problem-no-record",
    404,
    "No row or version has this id",
    zh="没有这个编号的记录或版本。",
    en="No row or version of the registry has the id of the address.",
)
NOT_KEPT: Final = Problem(
    "problem-not-kept",
    503,
    "The registry cannot keep the change",
    zh="登记库暂时无法写入（磁盘已满或只读）；原内容不变，仍可查看。",
    en="The registry cannot be written now, for a full or read-only disk; what it holds is unchanged and can be read.",
)
PROBLEMS: Final = (WRONG_PARAMETER, NO_SUCH_TOWER, CONFLICT, RECORD_FAULTS, NO_SUCH_RECORD, NOT_KEPT)

# what a person is told, by status: Chinese, English
_WORDS: Final = {
    400: ("地址有误", "The address is not right"),
    401: ("请先登录", "Please sign in"),
    403: ("没有权限", "You may not do this"),
    404: ("没有这个页面", "There is no such page"),
    405: ("不支持这种操作", "This cannot be done here"),
    412: ("内容已被他人修改", "Someone else has changed this"),
    422: ("内容未通过检查", "The content does not pass the check"),
    500: ("服务器出错了", "The server failed"),
    503: ("登记库暂时无法写入", "The registry cannot be written now"),
}
_OTHER_WORDS: Final = ("无法完成请求", "The request cannot be answered")


def problem(kind: Problem, detail: str, **members: Any) -> Response:
    """Answer with problem details; ``members`` are added to the standard ones."""
    document = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": request.path,
        **members,
    }
    return Response(orjson.dumps(document), status=kind.status, content_type=PROBLEM_TYPE)


def _for_a_program() -> bool:
    path = request.path
    return any(path == root or path.startswith(root + "/") for root in _FOR_PROGRAMS) and path != "/api/docs"


def _page(status: int, lines: tuple[str, ...] = ()) -> Response:
    chinese, english = _WORDS.get(status, _OTHER_WORDS)
    lang = language()
    body = render_template(
        "error.html", status=status, words=english if lang == "en" else chinese, lines=lines, lang=lang
    )
    return Response(body, status=status, content_type="text/html; charset=utf-8")


def _wrong_parameter(error: FilterError) -> Response:
    faults = error.faults
    if not _for_a_program():
        return _page(400, tuple(fault.line(language()) for fault in faults))
    # a program reads English; the map page asks for what it will show to its reader
    lang = language() if request.path.startswith("/map/") else "en"
    return problem(WRONG_PARAMETER, str(error), errors=[_fault(fault, lang) for fault in faults])


def _fault(fault: ParameterFault, lang: Lang) -> dict[str, str]:
    return {"parameter": fault.parameter, "found": fault.found, "expected": fault.expected_in(lang)}


def _no_such_tower(error: UnknownBuildingError) -> Response:
    if not _for_a_program():
        return _page(404, (str(error),))
    return problem(NO_SUCH_TOWER, str(error))


def _conflict(error: ConflictError) -> Response:
    if not _for_a_program():
        return _page(412, tuple(conflict.line() for conflict in error.conflicts))
    first = error.conflicts[0]
    current = None
    if first.current is not None:
        current = {
            "id": first.row_id,
            "version": first.version,
            "values": {name: value for name, value in first.current.items() if name != "geometry"},
            "changed_at": first.changed_at,
            "changed_by": first.changed_by,
        }
    return problem(CONFLICT, str(error), current=current, changed=list(first.changed))


def _record_faults(error: RecordFaultsError) -> Response:
    lang = language()
    if not _for_a_program():
        return _page(422, tuple(fault.line(lang) for fault in error.faults))
    faults = [
        {
            "id": fault.building_id,
            "field": fault.field,
            "found": fault.found_text(lang),
            "expected": fault.expected.text(lang),
            "line": fault.line(lang),
        }
        for fault in error.faults
    ]
    return problem(RECORD_FAULTS, str(error), faults=faults)


def _unknown_record(error: UnknownRecordError) -> Response:
    return problem(NO_SUCH_RECORD, str(error)) if _for_a_program() else _page(404, (str(error),))


def _not_kept(error: RegistryError) -> Response:
    return problem(NOT_KEPT, str(error)) if _for_a_program() else _page(503, (str(error),))


def _http(error: HTTPException) -> Response:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if error.response is not None or status < HTTPStatus.BAD_REQUEST:  # a redirect is not a problem
        return make_response(error.get_response(request.environ))
    if _for_a_program():
        kind = Problem("", status, HTTPStatus(status).phrase)
        response = problem(kind, error.description or kind.title)
    else:
        response = _page(status)
    for name, value in error.get_headers(request.environ):
        if name != "Content-Type":  # Allow with 405, Retry-After with 503
            response.headers[name] = value
    return response


def init_problems(app: Flask) -> None:
    """Answer every error in its reader's form."""
    app.register_error_handler(FilterError, _wrong_parameter)
    app.register_error_handler(UnknownBuildingError, _no_such_tower)
    app.register_error_handler(ConflictError, _conflict)
    app.register_error_handler(RecordFaultsError, _record_faults)
    app.register_error_handler(UnknownRecordError, _unknown_record)
    app.register_error_handler(RegistryError, _not_kept)
    app.register_error_handler(HTTPException, _http)
