"""What other programs typed into the registry and was put back, over HTTP: seen by staff, settled by an editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Blueprint, Response, redirect, request

from buildingmap.web.languages import language
from buildingmap.web.state import store
from buildingmap.web.visitors import visitor

if TYPE_CHECKING:
    from werkzeug import Response as AnyResponse

    from buildingmap.registry import Refusal

refusals_api = Blueprint("refusals_api", __name__)
_LARGEST: Final = 2**53


@refusals_api.get("/api/refusals")
def listing() -> Response:
    """Answer with what was put back and nobody has settled, newest first."""
    before = request.args.get("before", type=int)
    page = store().refusals_page(before=None if before is None else max(0, min(before, _LARGEST)))
    found = {
        "refusals": [refusal_json(entry) for entry in page.rows],
        "count": page.count,
        "older": page.older,
    }
    response = Response(orjson.dumps(found), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


@refusals_api.post("/api/revisions/<int:version>/settle")
def settle(version: int) -> Response:
    """Note that somebody has seen what one revision put back."""
    _settle(version)
    return Response(status=204)


@refusals_api.post("/history/<int:version>/settle")
def settle_and_return(version: int) -> AnyResponse:
    """Note that somebody has seen what one revision put back, from its page."""
    _settle(version)
    return redirect(f"/history/{version}", 303)


def _settle(version: int) -> None:
    kept = store()
    kept.revision(version)
    kept.settle(version, actor=visitor().name)


def refusal_json(refusal: Refusal) -> dict[str, Any]:
    """Return a refused row as JSON values, a shape as it was typed; each fault in the reader's language."""
    lang = language()
    return {
        "version": refusal.version,
        "table": refusal.table,
        "id": refusal.row_id,
        "typed": refusal.typed,
        "in_force": refusal.in_force,
        "faults": [
            {
                "field": fault.field,
                "found": fault.found_text(lang),
                "expected": fault.expected.text(lang),
            }
            for fault in refusal.faults
        ],
        "settled_by": refusal.settled_by,
        "settled_at": refusal.settled_at,
    }
