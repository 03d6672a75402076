from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from playwright.sync_api import sync_playwright

from buildingmap.model import Surroundings
from buildingmap.registry import open_registry
from tests.browser.hostile import hostile_snapshot
from tests.browser.serving import Served, Serving
from tests.browser.visiting import REPORT_VIOLATIONS, WIDE, Visit
from tests.web.offices import small_office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext

    from buildingmap.model import District
    from buildingmap.registry import Registry
    from buildingmap.snapshot import Snapshot
    from tests.prepared import Prepared

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


@pytest.fixture
def own_office(tmp_path: Path, district: District, prepared: Prepared) -> Iterator[Registry]:
    """The small office, in a file that the test may change."""
    place = tmp_path / "office.gpkg"
    prepared.copy("small-office", place, lambda made: small_office(Path(made), district).close())
    with open_registry(place, district=district, surroundings=Surroundings()) as office:
        yield office


class Visiting(Protocol):
    """Opens a window of the browser on a server, the demo's unless another is named."""

    def __call__(self, served: Serving | None = None, **context: Any) -> Visit: ...


class Windows:
    """The browser's windows of one module: a window that a test has left is opened to the next, without its cookies.

    A window of its own for each test would load and compile every script again.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[BrowserContext]] = {}

    def take(self, options: dict[str, Any]) -> BrowserContext:
        free = self._free.setdefault(repr(sorted(options.items())), [])
        if free:
            return free.pop()
        made = self._browser.new_context(**options)
        made.add_init_script(REPORT_VIOLATIONS)
        return made

    def give_back(self, context: BrowserContext, options: dict[str, Any]) -> None:
        for page in context.pages:
            page.close()
        context.clear_cookies()
        self._free[repr(sorted(options.items()))].append(context)

    def close(self) -> None:
        for context in [context for free in self._free.values() for context in free]:
            context.close()


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Iterator[Windows]:
    opened = Windows(browser)
    yield opened
    opened.close()


@pytest.fixture
def visiting(windows: Windows, demo: Served) -> Iterator[Visiting]:
    visits: list[Visit] = []
    taken: list[tuple[BrowserContext, dict[str, Any]]] = []

    def visit(served: Serving | None = None, **options: Any) -> Visit:
        wanted = {"viewport": WIDE, "locale": "zh-CN"} | options
        context = windows.take(wanted)
        taken.append((context, wanted))
        visits.append(Visit(context, (served or demo).origin))
        return visits[-1]

    yield visit
    complaints = [text for opened in visits for text in opened.unexpected()]
    for context, options in taken:
        windows.give_back(context, options)
    assert complaints == []


@pytest.fixture
def visit(visiting: Visiting) -> Visit:
    """One window on the demo."""
    return visiting()
