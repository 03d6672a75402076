"""The page: what a first visit costs, and how soon a filter is on the screen, in a real browser."""

from __future__ import annotations

import shutil
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from benchmarks import rivals
from benchmarks.timing import fetch, free_port, server

if TYPE_CHECKING:
    from pathlib import Path

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
# One click on the mark. The page marks the moment when its script is through; the frame that shows the change is
# the next one, and a message posted from within it is delivered when that frame is laid out and painted.
CLICK = """
() => new Promise((done) => {
  const mark = performance.mark.bind(performance);
  performance.clearResourceTimings();
  const start = performance.now();
  performance.mark = (name) => {
    mark(name);
    if (name !== "filter-painted") return;
    performance.mark = mark;
    const scripted = performance.now();
    requestAnimationFrame(() => {
      const tick = performance.now();
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        const end = performance.now();
        const asked = performance.getEntriesByType("resource").find((entry) => entry.name.includes("/map/view"));
        const answer = asked.responseEnd;
        done({ answer: answer - start, script: scripted - answer, wait: tick - scripted, frame: end - tick });
      };
      channel.port2.postMessage(0);
    });
  };
  document.getElementById("mark").click();
})
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """A first visit: bytes over the wire, requests, and the milliseconds until the towers are drawn."""

    total_bytes: int
    requests: int
    drawn_ms: float


@dataclass(frozen=True, slots=True)
class Repaint:
    """A click on the mark until its frame is painted, medians in milliseconds.

    ``answer``: until the server's answer is there; ``script``: the page's own work on it; ``wait``: layout, and
    waiting for the screen's next tick; ``frame``: drawing the map, painting, handing over. ``repaint``: the last
    three together, and ``repaint_p95``.
    """

    answer: float
    script: float
    wait: float
    frame: float
    repaint: float
    repaint_p95: float


def measure(path: Path, *, clicks: int) -> tuple[Visit, Repaint]:
    """Serve ``path``, visit it once, and click the mark ``clicks`` times."""
    port = free_port()
    command = ["-m", "buildingmap", "serve", str(path), "--port", str(port)]
    with server(command, port, "/api/buildings?limit=1"), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        wire = page.context.new_cdp_session(page)
        received: list[float] = []
        wire.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
        wire.send("Network.enable")
        start = time.perf_counter()
        page.goto(f"http://127.0.0.1:{port}/")
        page.wait_for_selector("html[data-painted]", state="attached")
        drawn = (time.perf_counter() - start) * 1e3
        page.wait_for_load_state("networkidle")
        visit = Visit(round(sum(received)), len(received), drawn)
        times: list[dict[str, float]] = [page.evaluate(CLICK) for _ in range(clicks)][4:]
        chromium.close()
    repaints = sorted(entry["script"] + entry["wait"] + entry["frame"] for entry in times)
    middle = {part: statistics.median(entry[part] for entry in times) for part in times[0]}
    return visit, Repaint(
        **middle, repaint=statistics.median(repaints), repaint_p95=repaints[int(len(repaints) * 0.95)]
    )


def page_against_folium(path: Path) -> tuple[float, int, float, int]:
    """Return seconds and bytes of a stock Folium page, then of our page with its data, made by the server anew."""
    start = time.perf_counter()
    stock = len(rivals.folium_page(path).encode())
    stock_seconds = time.perf_counter() - start
    port = free_port()
    command = [
        "-m",
        "buildingmap",
        "serve",
        str(path),
        "--port",
        str(port),
        "--limit-seconds",
        "600",
        "--limit-memory-mb",
        "8000",
    ]
    with server(command, port, "/api/openapi.json") as us:
        start = time.perf_counter()
        page = fetch(us, "/")
        towers = fetch(us, "/map/towers")
        script = fetch(us, "/map/folium.js")
        our_seconds = time.perf_counter() - start
    return stock_seconds, stock, our_seconds, len(page) + len(towers) + len(script)
