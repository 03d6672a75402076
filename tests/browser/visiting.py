"""A visitor's browser window that notes whatever a visitor must never meet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Request, Response

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`);
});
"""
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


class Visit:
    """One window on one server: ``complaints`` gathers what no page may do, ``expect`` allows one kind of it."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.origin = origin
        self.complaints: list[str] = []
        self._expected: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"console {message.type}: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:")):
            self.complaints.append(f"request to another origin: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.url}")

    def expect(self, pattern: str) -> None:
        """Allow complaints that match ``pattern``: this test brings them about itself."""
        self._expected.append(pattern)

    def unexpected(self) -> list[str]:
        return [text for text in self.complaints if not any(re.search(p, text) for p in self._expected)]

    def open(self, path: str) -> Page:
        """Go to a page; where it draws a map, wait until that is painted."""
        self.page.goto(self.origin + path)
        if self.page.locator("body[data-towers]").count():
            self.painted()
        return self.page

    def painted(self, query: str | None = None) -> None:
        """Wait until the page shows the filter ``query``, or any."""
        wanted = "html[data-painted]" if query is None else f'html[data-painted="{query or "all"}"]'
        self.page.wait_for_selector(wanted)

    def address(self) -> str:
        """The address as it stands, without the server."""
        return self.page.evaluate("location.pathname + location.search")  # type: ignore[no-any-return]

    def on_map(self) -> list[list[int]]:
        """The [lon, lat] of every symbol that the map shows, ascending, in millionths of a degree."""
        script = """() => {
            const found = [];
            window.foliumMap.map.eachLayer((layer) => {
                if (layer instanceof L.CircleMarker && layer.shown) {
                    const { lng, lat } = layer.getLatLng();
                    found.push([lng, lat].map((degrees) => Math.round(degrees * 1e6)));
                }
            });
            return found;
        }"""
        found: list[list[int]] = self.page.evaluate(script)
        return sorted(found)

    def names(self) -> list[str]:
        """The names in the list, in its order; every page of it."""
        self.page.evaluate(
            "() => { const more = document.getElementById('more'); while (!more.hidden) more.click(); }"
        )
        return self.page.locator("#list li:visible .tower b").all_text_contents()

    def total(self, name: str) -> str:
        text = self.page.locator(f'[data-total="{name}"]').text_content()
        return text or ""

    def chips(self) -> list[str]:
        """The texts of the active filters, without what is said of them."""
        texts = self.page.locator("#chips .chip:not(.clear)").all_text_contents()
        return [text.split("×")[0].strip() for text in texts]

    def fits(self) -> bool:
        """Whether nothing reaches beyond the right edge of the window."""
        wide: dict[str, Any] = self.page.evaluate(
            "() => ({ page: document.documentElement.scrollWidth, window: document.documentElement.clientWidth })"
        )
        return bool(wide["page"] <= wide["window"])
