"""The headers that tell a browser what a page of ours may do: load from this server, and little else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from flask import request

from buildingmap.errors import DistrictError

if TYPE_CHECKING:
    from flask import Flask, Response

    from buildingmap.model import District

_POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "font-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
_FIXED: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
_HOST: Final = re.compile(r"[A-Za-z0-9.\-*]+(:\d{1,5})?", re.ASCII)


def tile_origin(url: str) -> str:
    """Return the origin of a tile server as a source expression; empty for one on this server.

    Raises DistrictError when the address has no plain host name.
    """
    if url.startswith("/") and not url.startswith("//"):
        return ""
    parts = urlsplit(url)
    host = parts.netloc.replace("{s}", "*")
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        raise DistrictError(f"basemap_tiles.url: found {url!r}, expected https://HOST/PATH or /PATH")
    return f"{parts.scheme}://{host}"


def content_security_policy(district: District) -> str:
    """Return the policy of every answer; a tile server of the district's own is the one addition."""
    directives = dict(_POLICY)
    if district.basemap_tiles is not None and (origin := tile_origin(district.basemap_tiles.url)):
        directives["img-src"] += f" {origin}"
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def init_headers(app: Flask, district: District) -> None:
    """Put the headers on every answer, errors included."""
    fixed = (*_FIXED, ("Content-Security-Policy", content_security_policy(district)))

    def _guard(response: Response) -> Response:
        headers = response.headers
        headers.extend(fixed)  # no answer sets any of these itself
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-cache" if request.method in {"GET", "HEAD"} else "no-store"
        return response

    app.after_request(_guard)
