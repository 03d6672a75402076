from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.hostile import hostile_snapshot
from tests.browser.serving import Served, Serving
from tests.browser.visiting import WIDE, Visit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext

    from buildingmap.model import District
    from buildingmap.snapshot import Snapshot

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
]
_INSTALLED = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    installed = next(filter(None, map(shutil.which, _INSTALLED)), None)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=installed, args=_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def demo(demo_snapshot: Snapshot) -> Iterator[Served]:
    """The demo layer, served."""
    served = Served(demo_snapshot)
    yield served
    served.stop()


@pytest.fixture(scope="session")
def hostile(district: District) -> Iterator[Served]:
    """A layer whose every text is an attack, served."""
    served = Served(hostile_snapshot(district))
    yield served
    served.stop()


class Visiting(Protocol):
    """Opens a window of the browser on a server, the demo's unless another is named."""

    def __call__(self, served: Serving | None = None, **context: Any) -> Visit: ...


@pytest.fixture
def visiting(browser: Browser, demo: Served) -> Iterator[Visiting]:
    visits: list[Visit] = []
    contexts: list[BrowserContext] = []

    def visit(served: Serving | None = None, **options: Any) -> Visit:
        context = browser.new_context(**({"viewport": WIDE, "locale": "zh-CN"} | options))
        contexts.append(context)
        visits.append(Visit(context, (served or demo).origin))
        return visits[-1]

    yield visit
    complaints = [text for opened in visits for text in opened.unexpected()]
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def visit(visiting: Visiting) -> Visit:
    """One window on the demo."""
    return visiting()
