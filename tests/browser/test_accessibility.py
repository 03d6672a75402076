"""axe-core finds nothing on any page, light or dark, in either language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Visiting

pytestmark = pytest.mark.browser
PAGES = {
    "map": "/",
    "card": "/?tower=XDX-18&compare=XDX-18,CBD-34&tax_min=50000000",
    "compare": "/compare?id=CBD-34&id=XDX-18&id=NEW-01",
    "print": "/print?tax_min=50000000",
    "analysis": "/analysis?tax_min=10000000&cluster=cbd,xinduxin",
    "api": "/api/docs",
    "error": "/no-such-page",
}


def violations(page: Page, *, of_colours: bool = False) -> list[str]:
    # what is well is not described, which takes axe as long again
    options: dict[str, object] = {"resultTypes": ["violations"]}
    if of_colours:
        options["runOnly"] = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(visiting: Visiting, name: str, lang: str) -> None:
    visit = visiting()
    path = PAGES[name]
    if name == "error":
        visit.expect("404")
    page = visit.open(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    if name == "card":
        page.locator("#card h2").wait_for()
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, of_colours=True) == []


def test_axe_finds_nothing_where_filters_are_open_on_a_phone(visiting: Visiting) -> None:
    visit = visiting(viewport={"width": 390, "height": 844})
    page = visit.open("/?cluster=cbd")
    for fold in page.locator("details > summary").all():
        fold.click()
    assert violations(page) == []
