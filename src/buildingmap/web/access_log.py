"""Who read what is confidential: noted with each answer, shown to administrators."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus, urlencode

import orjson
from flask import Blueprint, Response, abort, make_response, render_template, request

from buildingmap.accounts import Asked
from buildingmap.accounts.account import folded
from buildingmap.filters import FilterError, ParameterFault
from buildingmap.model.faults import printable, shown
from buildingmap.registry.writing import now as written
from buildingmap.web.languages import language
from buildingmap.web.queries import only, read_query, whole_number
from buildingmap.web.routes import NOT_CONFIDENTIAL, needed_role
from buildingmap.web.visitors import access, visitor_or_public

if TYPE_CHECKING:
    from flask import Flask

    from buildingmap.accounts import Read, ReadLog

access_log = Blueprint("access_log", __name__)
_A_PAGE: Final = 100
_MOST: Final = 1_000
_TEXTS: Final = ("account", "address", "route", "since", "until")


def init_access_log(app: Flask) -> None:
    """Note each answer that shows staff what is confidential, and each that was refused to somebody who signed in."""
    app.after_request(_noted)


def _noted(response: Response) -> Response:
    reads, endpoint, who = access().reads, request.endpoint, visitor_or_public()
    if reads is None or endpoint is None or endpoint in NOT_CONFIDENTIAL:
        return response
    if who.role == "public" and (who.account is None or needed_role(endpoint, request.method) == "public"):
        return response
    reads.note(
        account=who.name,
        address=request.remote_addr or "",
        route=request.path,
        asked=request.query_string.decode("utf-8", "replace"),
        status=response.status_code,
    )
    return response


def _log() -> ReadLog:
    found = access().reads
    if found is None:
        abort(404, "no access log is kept here")
    return found


@access_log.get("/access-log")
def page() -> Response:
    """Show the log, newest first, of an account, an address, a route or some days."""
    values, asked, before = _question("lang")
    found = _log().found(asked, before=before, limit=_A_PAGE + 1)
    rest = {name: value for name, value in values.items() if value}
    older = {**rest, "before": found[_A_PAGE - 1][0]} if len(found) > _A_PAGE else None
    body = render_template(
        "access_log.html",
        reads=[(read, printable(unquote_plus(read.filter))) for _, read in found[:_A_PAGE]],
        values=values,
        days=_log().days,
        older=None if older is None else urlencode(older),
        filtered=bool(rest),
    )
    response = make_response(body)
    response.headers["Cache-Control"] = "no-store"
    return response


@access_log.get("/api/access-log")
def as_json() -> Response:
    """Answer with the log, newest first; ``next_before`` leads to older ones and is null at the end."""
    _, asked, before = _question("limit", "lang")
    limit = whole_number(read_query(request.query_string), "limit", _MOST) or _A_PAGE
    found = _log().found(asked, before=before, limit=limit + 1)
    shown_reads = found[:limit]
    return live_json(
        {
            "days": _log().days,
            "reads": [_entry(number, read) for number, read in shown_reads],
            "next_before": shown_reads[-1][0] if len(found) > limit else None,
        }
    )


def live_json(document: object) -> Response:
    """Return an answer that is made anew each time and kept by nobody."""
    response = Response(orjson.dumps(document), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = language()
    return response


def _entry(number: int, read: Read) -> dict[str, Any]:
    names = ("at", "account", "address", "route", "filter", "status")
    return {"number": number, **{name: getattr(read, name) for name in names}}


def _question(*also: str) -> tuple[dict[str, str], Asked, int | None]:
    """Return what is looked for as it was typed and as it is asked, and below which number. Raises FilterError."""
    words = read_query(request.query_string)
    only(words, *_TEXTS, "before", *also)
    values = {name: (words.get(name) or [""])[0].strip() for name in _TEXTS}
    asked = Asked(
        account=folded(values["account"]),
        address=values["address"],
        route=values["route"],
        since=_moment("since", values["since"], time.min),
        until=_moment("until", values["until"], time.max),
    )
    return values, asked, whole_number(words, "before")


def _moment(name: str, day: str, of_day: time) -> str:
    """Return the beginning or end of ``day`` by this machine's clock, as the log writes times; empty for no day."""
    if not day:
        return ""
    try:
        found = datetime.combine(datetime.strptime(day, "%Y-%m-%d").date(), of_day)  # noqa: DTZ007 - a day has no zone
    except ValueError:
        fault = ParameterFault(name, shown(day), "a day as YYYY-MM-DD", "YYYY-MM-DD 格式的日期")
        raise FilterError((fault,)) from None
    try:
        return written(found.astimezone())
    except (
        ValueError,
        OverflowError,
    ):  # the first or last day there is, beyond which no other zone's clock goes
        return written(found.replace(tzinfo=UTC))
