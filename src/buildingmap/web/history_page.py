"""The registry's past as pages: what changed, when, by whom; taken back or brought back."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request

from buildingmap.filters import FilterError, ParameterFault
from buildingmap.web.past_events import page_of
from buildingmap.web.state import PAST_COOKIE, state, store
from buildingmap.web.visitors import access, csrf_token, visitor

if TYPE_CHECKING:
    from flask import Response
    from werkzeug import Response as AnyResponse

    from buildingmap.registry import RowChange

history_page = Blueprint("history_page", __name__)
_LARGEST: Final = 2**53
_MOST_ROWS_SHOWN: Final = 500


@history_page.get("/history")
def revisions() -> Response:
    """Show the revisions and what happened to accounts; with ``since`` (a day) how the layer has changed since."""
    kept = store()
    day = request.args.get("since", "")
    before, events_before = _number("before"), _number("events_before")
    found = page_of(kept, access().accounts, before=before, events_before=events_before)
    changed = None
    since = None
    if day:
        since = kept.version_on(_moment(day))
        changed = kept.difference(since, kept.version)
    return _page(
        "history.html",
        entries=found.entries,
        older=None if found.older is None else urlencode(found.older),
        day=day,
        since=since,
        changed=_shown(changed),
        changed_count=None if changed is None else len(changed),
        refused=None if before or events_before else kept.refusals_page(before=_number("refused_before")),
    )


@history_page.get("/history/<int:version>")
def revision(version: int) -> Response:
    """Show what one revision changed."""
    kept = store()
    changes = kept.changes_of(version)
    return _page(
        "revision.html",
        revision=kept.revision(version),
        changed=_shown(changes),
        changed_count=len(changes),
        refused=kept.refusals_page(version, before=_number("refused_before")),
        newest=kept.version,
    )


@history_page.get("/history/<table>/<row_id>")
def tower_changes(table: str, row_id: str) -> Response:
    """Show every change of one row."""
    return _page("row_history.html", table=table, row_id=row_id, history=store().history_of(table, row_id))


@history_page.post("/history/<int:version>/undo")
def undo(version: int) -> AnyResponse:
    """Take one revision back."""
    made = store().undo(version, actor=visitor().name)
    return redirect("/history" if made is None else f"/history/{made.version}", 303)


@history_page.post("/history/<int:version>/restore")
def restore(version: int) -> AnyResponse:
    """Make the layer what it was at a version."""
    made = store().restore(version, actor=visitor().name)
    return redirect("/history" if made is None else f"/history/{made.version}", 303)


@history_page.post("/history/show")
def show() -> AnyResponse:
    """Show the pages as of a version, or of the end of a day; with neither, as of now again."""
    kept, day = store(), request.form.get("day", "")
    version = kept.version_on(_moment(day)) if day else request.form.get("version", type=int)
    response = redirect("/", 303)
    if version is None or version == kept.version:
        response.delete_cookie(PAST_COOKIE)
    else:
        state().past(version)  # what cannot be shown must not keep this browser from every page
        response.set_cookie(PAST_COOKIE, str(version), httponly=True, samesite="Lax")
    return response


def _moment(day: str) -> datetime:
    """Return the end of ``day`` by this machine's clock."""
    try:
        found = datetime.strptime(day, "%Y-%m-%d").astimezone()
    except ValueError:
        fault = ParameterFault(
            "day" if request.form else "since", repr(day), "a day as YYYY-MM-DD", "YYYY-MM-DD 格式的日期"
        )
        raise FilterError((fault,)) from None
    return min(datetime.combine(found.date(), time.max).astimezone(), datetime.now(UTC))


def _number(name: str) -> int | None:
    found = request.args.get(name, type=int)
    return None if found is None else max(-_LARGEST, min(found, _LARGEST))


def _shown(changes: list[RowChange] | None) -> list[RowChange] | None:
    return None if changes is None else changes[:_MOST_ROWS_SHOWN]


def _page(template: str, **values: Any) -> Response:
    response = make_response(render_template(template, csrf=csrf_token(), **values))
    response.headers["Cache-Control"] = "no-store"
    return response
