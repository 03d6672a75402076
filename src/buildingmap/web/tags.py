"""Entity tags: what was read can be sent back, in whatever encoding it came, and through whatever packed it again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from flask import request
from werkzeug.exceptions import BadRequest, PreconditionRequired

if TYPE_CHECKING:
    from flask import Flask, Response
    from werkzeug.datastructures import ETags

# what packs an answer says so at the end of its strong tag: Flask-Compress after a colon, Apache and Caddy a dash
_PACKED: Final = re.compile(r"[:-](?:zstd|br|gzip|deflate)\Z")
_VERSION: Final = re.compile(r"[0-9]{1,18}")
_READ: Final = frozenset({"GET", "HEAD"})


def unpacked(tag: str) -> str:
    """Return a tag without the encoding that an answer came in."""
    return _PACKED.sub("", tag)


def _tags(given: ETags) -> list[str]:
    return [tag for tag in given.as_set(include_weak=True) if tag]  # an empty one is read as None


def held_by_reader(tag: str) -> str | None:
    """Return the tag in If-None-Match by which the reader has the answer ``tag``, None without one."""
    if "HTTP_IF_NONE_MATCH" not in request.environ:
        return None
    if request.if_none_match.star_tag:
        return tag
    return next((held for held in _tags(request.if_none_match) if unpacked(held) == tag), None)


def version_seen() -> int:
    """Return the row's version that If-Match names. Raises PreconditionRequired without one, BadRequest."""
    if not request.headers.get("If-Match", "").strip():
        raise PreconditionRequired("If-Match: found none, expected the version that was seen")
    seen = {unpacked(tag) for tag in _tags(request.if_match)}
    version = seen.pop() if len(seen) == 1 else ""
    if not _VERSION.fullmatch(version):
        raise BadRequest(f"If-Match: found {request.headers['If-Match']!r}, expected the ETag of the row")
    return int(version)


def init_tags(app: Flask) -> None:
    """Send nobody again what they have, for every answer with a tag; to be called after answers are packed."""

    def _not_again(response: Response) -> Response:
        tag, weak = response.get_etag()
        if tag is None or response.status_code != 200 or request.method not in _READ:  # noqa: PLR2004 - OK
            return response
        held = held_by_reader(tag)
        if held is not None:
            asked = {"REQUEST_METHOD": request.method, "HTTP_IF_NONE_MATCH": response.headers["ETag"]}
            response.make_conditional(asked)
            response.set_etag(held, weak=bool(weak))
        return response

    app.after_request(_not_again)
