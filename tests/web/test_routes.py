from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildingmap.web.routes import ROUTES, needed_role

if TYPE_CHECKING:
    from flask import Flask

DOCUMENT = Path(__file__).parents[2] / "docs" / "confidentiality.md"


def of_the_application(app: Flask) -> dict[tuple[str, str], str]:
    """Return each (address, method) of the application with its endpoint."""
    return {
        (rule.rule, method): rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def table_of(app: Flask) -> str:
    """Return the table of the documentation."""
    lines = ["| address | method | role |", "|---|---|---|"]
    for (address, method), endpoint in sorted(of_the_application(app).items()):
        plain = re.sub(r"<(?:[^<>:]+:)?(\w+)>", r"{\1}", address)
        lines.append(f"| `{plain}` | {method} | {ROUTES[endpoint][method]} |")
    return "\n".join(lines)


def test_every_address_and_method_is_in_the_table_of_rights_and_nothing_else_is(app: Flask) -> None:
    there = {(endpoint, method) for (_, method), endpoint in of_the_application(app).items()}

    assert there == {(endpoint, method) for endpoint, methods in ROUTES.items() for method in methods}


def test_the_documentation_shows_the_same_table(app: Flask) -> None:
    written = DOCUMENT.read_text(encoding="utf-8")

    shown = written.partition("<!-- routes -->\n")[2].partition("\n<!-- /routes -->")[0]

    assert shown == table_of(app), "python -m tests.web.write_routes writes it anew"


@pytest.mark.parametrize(("method", "as_if"), [("HEAD", "GET"), ("OPTIONS", "GET")])
def test_asking_for_the_head_of_an_answer_takes_the_same_right(method: str, as_if: str) -> None:
    for endpoint in ROUTES:
        assert needed_role(endpoint, method) == needed_role(endpoint, as_if)


def test_what_is_not_in_the_table_is_no_one_s() -> None:
    assert needed_role("nowhere", "GET") is None
    assert needed_role("pages.map_page", "PUT") is None
