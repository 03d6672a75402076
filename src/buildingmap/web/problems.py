"""What goes wrong, said twice: RFC 9457 problem details for programs, a small page for people."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Response, current_app, make_response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError

from buildingmap.errors import UnknownBuildingError
from buildingmap.filters import PARAMETERS, FilterError
from buildingmap.intake import IntakeError
from buildingmap.model.faults import shown
from buildingmap.placement import PlanError
from buildingmap.placement.scenarios import ScenarioError
from buildingmap.registry import (
    ConflictError,
    RecordFaultsError,
    RegistryBusyError,
    RegistryDamagedError,
    RegistryError,
    RegistryWriteError,
    UnknownRecordError,
)
from buildingmap.web.languages import language
from buildingmap.web.plan_jobs import PlanLimitError, PlansBusyError
from buildingmap.web.records_api import shown_values
from buildingmap.web.state import snapshot
from buildingmap.web.visitors import may

if TYPE_CHECKING:
    from flask import Flask

    from buildingmap.filters import ParameterFault
    from buildingmap.model import Lang

PROBLEM_TYPE: Final = "application/problem+json"
_FOR_PROGRAMS: Final = ("/api", "/download", "/map")
_JSON: Final = "application/json"
_BUSY_SECONDS: Final = 30
_WRITING_SECONDS: Final = 5
_MOST_LOGGED: Final = 20


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
DAMAGED: Final = Problem(
    "problem-damaged",
    503,
    "The registry cannot be read",
    zh="登记库现在无法读取：有记录未通过检查，或文件损坏、数据库没有应答；工作人员可看到详情。",
    en="The registry cannot be read now: its rows do not pass the check, or its store does not answer. Staff see more.",
)
NOT_KEPT: Final = Problem(
    "problem-not-kept",
    503,
    "The registry cannot keep the change",
    zh="登记库暂时无法写入（磁盘已满或只读）；原内容不变，仍可查看。",
    en="The registry cannot be written now, for a full or read-only disk; what it holds is unchanged and can be read.",
)
BUSY: Final = Problem(
    "problem-busy",
    503,
    "Somebody else is writing to the registry",
    zh="他人或其他程序正在写入登记库，您的修改没有写入；请稍后再试。查看不受影响。",
    en="Another person or program is writing to the registry; your change was not made. Try again in a moment; reading "
    "goes on.",
)
IMPORT_REFUSED: Final = Problem(
    "problem-import",
    422,
    "The import cannot be done as asked",
    zh="无法这样导入；detail 逐行说明原因。什么也没有写入。",
    en="The import cannot be done as asked; detail says why, a line for each reason. Nothing was written.",
)
PLAN_REFUSED: Final = Problem(
    "problem-plan",
    422,
    "The plan cannot be made as asked",
    zh="方案内容有误，或超出服务器的限制；errors 逐一列出条目、所得与应得。",
    en="The plan is wrong, or larger than this server answers; errors says of each entry what was found and expected.",
)
PLANS_BUSY: Final = Problem(
    "problem-plans-busy",
    429,
    "Too many plans are under way",
    zh="正在求解的方案过多；请先取消一个，或稍后再试。",
    en="Too many plans are being solved: cancel one of yours, or try again in a minute.",
)
SCENARIO_REFUSED: Final = Problem(
    "problem-scenario",
    422,
    "The scenario cannot be used",
    zh="这份方案文档无法使用；detail 逐行说明原因。",
    en="The document of the scenario cannot be used; detail says why, a line for each reason.",
)
PROBLEMS: Final = (
    WRONG_PARAMETER,
    NO_SUCH_TOWER,
    CONFLICT,
    RECORD_FAULTS,
    NO_SUCH_RECORD,
    NOT_KEPT,
    BUSY,
    DAMAGED,
    IMPORT_REFUSED,
    PLAN_REFUSED,
    PLANS_BUSY,
    SCENARIO_REFUSED,
)

# what a person is told, by status: Chinese, English
_WORDS: Final = {
    400: ("地址有误", "The address is not right"),
    401: ("请先登录", "Please sign in"),
    403: ("没有权限", "You may not do this"),
    404: ("没有这个页面", "There is no such page"),
    405: ("不支持这种操作", "This cannot be done here"),
    412: ("内容已被他人修改", "Someone else has changed this"),
    422: ("内容未通过检查", "The content does not pass the check"),
    429: ("请求过多，请稍后再试", "Too much is under way, please try again in a minute"),
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
    if request.accept_mimetypes.best == _JSON:
        return True
    return any(path == root or path.startswith(root + "/") for root in _FOR_PROGRAMS) and path != "/api/docs"


def _page(status: int, lines: tuple[str, ...] = (), *, words: tuple[str, str] | None = None) -> Response:
    chinese, english = words or _WORDS.get(status, _OTHER_WORDS)
    lang = language()
    body = render_template(
        "error.html", status=status, words=english if lang == "en" else chinese, lines=lines, lang=lang
    )
    return Response(body, status=status, content_type="text/html; charset=utf-8")


def _in_words(kind: Problem) -> str:
    return kind.en if language() == "en" else kind.zh


def _wrong_parameter(error: FilterError) -> Response:
    faults = error.faults
    if not _for_a_program():
        return _page(400, tuple(_parameter_line(fault) for fault in faults))
    # a program reads English; the map page asks for what it will show to its reader
    lang = language() if request.path.startswith("/map/") else "en"
    return problem(WRONG_PARAMETER, str(error), errors=[_fault(fault, lang) for fault in faults])


def _parameter_line(fault: ParameterFault) -> str:
    """Return a wrong parameter for a person: what it is, and its name in the address.

    The public is told of no parameter that there is for staff alone.
    """
    lang = language()
    theirs = [each for each in PARAMETERS if not each.staff or may("analyst")]
    known = next((each for each in theirs if each.name == fault.parameter), None)
    words = "" if known is None else f"{known.en}: " if lang == "en" else f"{known.zh}："
    return words + fault.line(lang)


def _fault(fault: ParameterFault, lang: Lang) -> dict[str, str]:
    return {"parameter": fault.parameter, "found": fault.found_in(lang), "expected": fault.expected_in(lang)}


def _no_such_tower(error: UnknownBuildingError) -> Response:
    if not _for_a_program():
        return _page(404, (f"{shown(error.building_id)}: {_in_words(NO_SUCH_TOWER)}",))
    return problem(NO_SUCH_TOWER, str(error))


def _conflict(error: ConflictError) -> Response:
    if not _for_a_program():
        return _page(412, tuple(conflict.line(language()) for conflict in error.conflicts))
    first = error.conflicts[0]
    current = None
    if first.current is not None:
        current = {
            "id": first.row_id,
            "version": first.version,
            "values": shown_values(first.current),
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
    kind = NO_SUCH_RECORD
    return problem(kind, str(error)) if _for_a_program() else _page(404, (_in_words(kind),))


def _log(words: str) -> None:
    """Leave a line in the server's log; an address is anybody's text and may hold line ends."""
    current_app.logger.error("%s %r: %s", request.method, request.path, words)


def _failed(error: Exception) -> Response:
    """Answer an error that nobody thought of, and tell the log all of it."""
    _log("".join(traceback.format_exception(error)))
    return _http(InternalServerError())


def _not_kept(error: RegistryError) -> Response:
    _log(repr(str(error)))
    is_read = request.method in {"GET", "HEAD"} and not isinstance(error, RegistryWriteError)
    kind = DAMAGED if is_read else NOT_KEPT
    # where the registry lies is nobody's business outside
    told = str(error) if may("analyst") else ""
    if _for_a_program():
        return problem(kind, told or kind.en)
    return _page(503, (told,) if told else (), words=(kind.zh, kind.en) if is_read else None)


def _busy(_error: RegistryBusyError) -> Response:
    words = BUSY.en if language() == "en" else BUSY.zh
    if _for_a_program():
        response = problem(BUSY, words)
    else:
        response = _page(503, (words,), words=("登记库正忙", "The registry is busy"))
    response.headers["Retry-After"] = str(_WRITING_SECONDS)
    return response


def _damaged(error: RegistryDamagedError) -> Response:
    # a fault says what was found: to the public that would be a tax, and the log is read by others too
    _log(
        "damaged: "
        + ", ".join(f"{fault.building_id!r} {fault.field}" for fault in error.faults[:_MOST_LOGGED])
    )
    lines = tuple(fault.line(language()) for fault in error.faults) if may("analyst") else ()
    if not _for_a_program():
        return _page(503, lines, words=(DAMAGED.zh, DAMAGED.en))
    return problem(DAMAGED, "\n".join(lines) or DAMAGED.en)


def _import_refused(error: IntakeError) -> Response:
    told = str(error)
    return problem(IMPORT_REFUSED, told) if _for_a_program() else _page(422, tuple(told.splitlines()))


def plan_faults(error: PlanError, lang: Lang) -> list[dict[str, str]]:
    """Return what is wrong with a plan, one by one."""
    return [
        {"entry": each.entry, "found": each.found_text(lang), "expected": each.expected[lang == "zh"]}
        for each in error.faults
    ]


def _plan_refused(error: PlanError) -> Response:
    lang = language()
    told = error.within(snapshot().district).text(lang)
    if not _for_a_program():
        return _page(422, tuple(told.splitlines()))
    return problem(PLAN_REFUSED, told, errors=plan_faults(error, lang))


def _plan_limit(error: PlanLimitError) -> Response:
    told = error.text(language())
    return problem(PLAN_REFUSED, told, errors=[]) if _for_a_program() else _page(422, (told,))


def _plans_busy(error: PlansBusyError) -> Response:
    told = error.text(language())
    response = problem(PLANS_BUSY, told) if _for_a_program() else _page(429, (told,))
    response.headers["Retry-After"] = str(_BUSY_SECONDS)
    return response


def _scenario_refused(error: ScenarioError) -> Response:
    told = str(error)
    return problem(SCENARIO_REFUSED, told) if _for_a_program() else _page(422, tuple(told.splitlines()))


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
    app.register_error_handler(RegistryDamagedError, _damaged)
    app.register_error_handler(UnknownRecordError, _unknown_record)
    app.register_error_handler(RegistryBusyError, _busy)
    app.register_error_handler(RegistryError, _not_kept)
    app.register_error_handler(IntakeError, _import_refused)
    app.register_error_handler(PlanError, _plan_refused)
    app.register_error_handler(PlanLimitError, _plan_limit)
    app.register_error_handler(PlansBusyError, _plans_busy)
    app.register_error_handler(ScenarioError, _scenario_refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _failed)
