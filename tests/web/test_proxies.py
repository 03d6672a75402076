"""The configurations in docs/proxy let through what buildingmap takes, and tell it who asks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildingmap.web.import_jobs import MOST_BYTES
from buildingmap.web.imports_api import UPLOADS

if TYPE_CHECKING:
    from flask import Flask

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "proxy"
NGINX = (FOLDER / "nginx.conf").read_text(encoding="utf-8")
CADDY = (FOLDER / "Caddyfile").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [NGINX, CADDY], ids=["nginx", "caddy"])
def test_a_file_that_may_be_imported_comes_through_and_browsers_are_bound_to_https(text: str) -> None:
    largest = max(
        int(size) for size in re.findall(r"(?:client_max_body_size|max_size)\s+(\d+)(?:m|MiB)", text)
    )
    assert MOST_BYTES < largest * 1024 * 1024 <= 1.05 * MOST_BYTES
    assert re.search(r'Strict-Transport-Security "max-age=31536000"', text)


def test_every_address_that_takes_a_file_is_named(app: Flask) -> None:
    for address in (rule.rule for rule in app.url_map.iter_rules() if rule.endpoint in UPLOADS):
        assert f"location = {address} {{" in NGINX
        for line in ("@import path", "@other not path"):
            assert address in re.findall(rf"{line} (.+)", CADDY)[0].split()


def test_nginx_sets_what_a_visitor_could_forge() -> None:
    told = dict(re.findall(r"proxy_set_header (\S+)\s+(\S+);", NGINX))
    assert told["X-Forwarded-For"] == "$remote_addr"
    assert told["X-Forwarded-Host"] == told["Host"] == "$host"
    assert told["X-Forwarded-Proto"] == "$scheme"
    assert told["Forwarded"] == '""'
    inside = NGINX.partition("location / {")[2]
    assert "proxy_set_header" not in inside, "one in a location would take the place of all of them"
    assert "add_header" not in inside
