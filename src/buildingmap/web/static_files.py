"""Scripts and styles of the package: compressed once, kept by browsers as long as their content stays."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import current_app, g, request, url_for

if TYPE_CHECKING:
    from flask import Flask, Response

FOREVER: Final = "public, max-age=31536000, immutable"
_FOLDER: Final = Path(__file__).parent / "static"


@cache
def _digest(name: str, _changed_ns: int) -> str:
    return hashlib.sha256((_FOLDER / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """Return the address of a static file, with its content's digest. Raises FileNotFoundError."""
    return url_for("static", filename=name, v=_digest(name, (_FOLDER / name).stat().st_mtime_ns))


def _static(filename: str) -> Response:
    # part of a compressed file would be of no use to anyone, so a range is answered with the whole
    request.environ.pop("HTTP_RANGE", None)
    response = current_app.send_static_file(filename)
    call_on_close = response.response
    if "v" in request.args:
        response.headers["Cache-Control"] = FOREVER
    if response.status_code == 200:  # noqa: PLR2004 - OK
        response.direct_passthrough = False
        response.set_data(response.get_data())
        g.answer_key = f"static {filename} {response.headers['ETag']}"
    return response


def init_static_files(app: Flask) -> None:
    """Serve ``web/static`` under /static/ and give templates ``asset()``."""
    app.view_functions["static"] = _static
    app.jinja_env.globals["asset"] = asset
