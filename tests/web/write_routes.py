"""Write the table of addresses, methods and roles into docs/confidentiality.md: python -m tests.web.write_routes."""

from __future__ import annotations

from buildingmap.web import create_app
from tests.web.conftest import OneVersion, default_district, snapshot_with
from tests.web.test_routes import DOCUMENT, table_of


def write() -> None:
    """Write the table between its marks."""
    text = DOCUMENT.read_text(encoding="utf-8")
    head, _, rest = text.partition("<!-- routes -->\n")
    tail = rest.partition("<!-- /routes -->")[2]
    table = table_of(create_app(OneVersion(snapshot_with(default_district()))))
    DOCUMENT.write_text(f"{head}<!-- routes -->\n{table}\n<!-- /routes -->{tail}", encoding="utf-8")


if __name__ == "__main__":
    write()
