"""Scripts and styles of the package: compressed once, kept by browsers as long as their content stays."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import abort, request, url_for
from werkzeug.security import safe_join

from buildingmap.web.caching import answer
from buildingmap.web.state import answers

if TYPE_CHECKING:
    from flask import Flask, Response

FOREVER: Final = "public, max-age=31536000, immutable"
_FOLDER: Final = Path(__file__).parent / "static"
# not asked of the system: Windows may say that a script is plain text, and then no browser runs it
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}


@lru_cache(maxsize=256)
def _digest(path: Path, _changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _content_digest(path: Path) -> str:
    return _digest(path, path.stat().st_mtime_ns)


def asset(name: str) -> str:
    """Return the address of a static file, with its content's digest. Raises FileNotFoundError."""
    return url_for("static", filename=name, v=_content_digest(_FOLDER / name))


def _static(filename: str) -> Response:
    found = safe_join(str(_FOLDER), filename)
    path = Path(found) if found else _FOLDER
    is_file = os.path.isfile(path)  # noqa: PTH113 - for a name too long for any file pathlib raises
    if not is_file or path.suffix not in _TYPES:
        abort(404)
    digest = _content_digest(path)
    return answer(
        answers(),
        path.read_bytes,
        version=digest,
        name="static",
        canonical=filename,
        content_type=_TYPES[path.suffix],
        cache_control=FOREVER if request.args.get("v") == digest else "no-cache",
    )


def init_static_files(app: Flask) -> None:
    """Serve ``web/static`` under /static/ and give templates ``asset()``."""
    app.view_functions["static"] = _static
    app.jinja_env.globals["asset"] = asset
