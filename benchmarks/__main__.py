"""Run every benchmark and print the ratios: ``python -m benchmarks [--quick]``."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks import filtering, importing, pages, planning
from benchmarks.towers import write_layer

SIZES = (500, 10_000, 100_000)


def main(*, quick: bool) -> None:
    sizes = SIZES[:2] if quick else SIZES
    print(
        f"{platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}; medians, both sides in turn"
    )
    with tempfile.TemporaryDirectory() as folder:
        files = {size: write_layer(Path(folder) / f"{size}.geojson", size) for size in (*sizes, 1_000)}
        print("\nFilter by tax, sector and box: (a) read_file, mask, to_json per request")
        print(filtering.HEADER)
        for size in sizes:
            towers, read, features = filtering.build_cost(files[size])
            print(filtering.in_process(files[size], towers, size).line())
            del towers
            print(filtering.over_http(files[size], size).line())
            print(
                f"{'':>10}once per version: read and checked in {read:.1f} s, features written in {features:.2f} s"
            )
        print("\n(b) a stock Folium page of every tower, against our page, script and data")
        for size in sizes:
            stock_s, stock_b, our_s, our_b = pages.page_against_folium(files[size])
            print(
                f"{size:>8,}  stock {stock_s:7.2f} s {stock_b / 1e6:7.2f} MB"
                f"   ours {our_s:7.3f} s {our_b / 1e6:7.2f} MB"
                f"   {stock_s / our_s:6.0f} x sooner, {stock_b / our_b:4.1f} x smaller (neither compressed)"
            )
        print("\nAn import, previewed cell by cell and written as one version")
        rows = 10_000 if quick else 100_000
        with importing.demo_registry(Path(folder) / "office.gpkg") as registry:
            towers_of_it = registry.snapshot().ids
            taxes = importing.write_taxes(Path(folder) / "taxes.csv", rows, towers_of_it)
            print(importing.measure(taxes, registry).line("tax records of a year, CSV"))
            book = importing.write_workbook(Path(folder) / "towers.xlsx", rows)
            print(importing.measure(book, registry).line("towers with taxes, Excel"))
        print("\nPlans of 15 towers, each in a process of its own")
        for line in planning.short(sites=(500,) if quick else (500, 5_000)):
            print(line)
        print("\nIn the browser")
        visit, _ = pages.measure(files[500], clicks=6)
        print(
            f"     500  first visit: {visit.total_bytes / 1000:.0f} KB over the wire in {visit.requests} requests,"
            f" towers drawn after {visit.drawn_ms:.0f} ms (target: under 200 KB)"
        )
        _, repaint = pages.measure(files[1_000], clicks=84)
        print(
            f"   1,000  the mark: answer there after {repaint.answer:.1f} ms, repainted {repaint.repaint:.1f} ms later"
            f" (p95 {repaint.repaint_p95:.1f}): script {repaint.script:.1f}, layout and the screen's tick"
            f" {repaint.wait:.1f}, drawing {repaint.frame:.1f} (target: 16 ms)"
        )


if __name__ == "__main__":
    main(quick="--quick" in sys.argv[1:])
