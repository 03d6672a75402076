"""An import of a hundred thousand rows: seconds and memory, beside a library that only reads the file."""

from __future__ import annotations

import csv
import random
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import psutil

from buildingmap import intake
from buildingmap.layers import read_district, read_layer, read_surroundings
from buildingmap.registry import Registry, create_registry
from buildingmap.resources import data_folder
from buildingmap.snapshot import LayerNote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEADERS = ["编号", "楼宇名称", "地址", "片区", "状态", "竣工年份", "楼层数", "高度(米)", "建筑面积(平方米)",
            "可租赁面积(平方米)", "空置率", "主导产业", "年税收(万元)", "区级收入(万元)", "税收年份", "来源", "经度",
            "纬度"]  # fmt: skip
_TAX_HEADERS = ["楼宇编号", "年度", "季度", "税种", "税收(元)", "区级收入(元)"]


def tower_rows(count: int) -> list[list[Any]]:
    """Rows of new towers as an office's workbook has them, always the same."""
    rng = random.Random(count)  # noqa: S311 - the same figures in every run
    return [
        [f"B-{number:06d}", f"第{number}号楼", f"示例路 {number} 号", "cbd", "已建成", 2000 + number % 24,
         5 + number % 40, 20 + number % 100, 10_000 + number % 9_000, 8_000 + number % 2_000,
         round(rng.random(), 3), "金融", round(rng.uniform(10, 9_000), 2), round(rng.random() * 9, 2), 2023, "台账",
         120.36 + rng.random() * 0.03, 36.06 + rng.random() * 0.05]
        for number in range(count)
    ]  # fmt: skip


def write_workbook(path: Path, count: int) -> Path:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("台账")
    sheet.append(["全市楼宇台账 2023年"])
    sheet.append(_HEADERS)
    for row in tower_rows(count):
        sheet.append(row)
    book.save(path)
    return path


def write_taxes(path: Path, count: int, towers: tuple[str, ...]) -> Path:
    """Write a year of taxes by quarter and kind of the registry's own towers."""
    rng = random.Random(count)  # noqa: S311 - the same figures in every run
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_TAX_HEADERS)
        for number in range(count):
            turn, tower = divmod(number, len(towers))
            kind, quarter = divmod(turn, 4)
            tax = rng.randrange(10**6, 10**7)
            writer.writerow([towers[tower], 2030, quarter + 1, f"税种{kind}", tax, tax // 10])
    return path


def demo_registry(path: Path) -> Registry:
    district = read_district(None)
    surroundings = read_surroundings(district, data_folder())
    layer = read_layer(data_folder() / "buildings.geojson", district=district, surroundings=surroundings)
    note = LayerNote(title="benchmark", synthetic=True)
    return create_registry(path, district=district, surroundings=surroundings, note=note, layer=layer)


@dataclass
class Cost:
    """Seconds, and the most memory in bytes of this process and its children."""

    seconds: float = 0.0
    most_bytes: int = 0


@contextmanager
def watched() -> Iterator[Cost]:
    """Measure what the block costs."""
    cost, done = Cost(), threading.Event()
    thread = threading.Thread(target=_watch, args=(cost, done))
    began = time.perf_counter()
    thread.start()
    try:
        yield cost
    finally:
        cost.seconds = time.perf_counter() - began
        done.set()
        thread.join()


def _watch(cost: Cost, done: threading.Event) -> None:
    own = psutil.Process()
    while not done.wait(0.05):
        total = 0
        for process in (own, *own.children(recursive=True)):
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        cost.most_bytes = max(cost.most_bytes, total)


@dataclass(frozen=True)
class Imported:
    """What an import cost; ``rival_seconds``: openpyxl reading every cell of the workbook, or pandas the CSV."""

    rows: int
    preview_seconds: float
    apply_seconds: float
    most_bytes: int
    rival_seconds: float
    rival: str

    def line(self, what: str) -> str:
        """Return the figures as one line."""
        return (
            f"{self.rows:>8,}  {what}: previewed in {self.preview_seconds:.1f} s"
            f" ({self.preview_seconds / self.rival_seconds:.2f} x {self.rival} reading it, {self.rival_seconds:.2f} s),"
            f" written in {self.apply_seconds:.1f} s, {self.most_bytes / 1e6:.0f} MB at most"
        )


def measure(file: Path, registry: Registry) -> Imported:
    """Preview and apply ``file``, and let the usual library read it."""
    began = time.perf_counter()
    if file.suffix == ".csv":
        rival = "pandas"
        pd.read_csv(file)
    else:
        rival = "openpyxl"
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        for _ in book.worksheets[0].iter_rows(values_only=True):
            pass
        book.close()
    rival_seconds = time.perf_counter() - began
    with watched() as cost:
        found = intake.preview(intake.choose(intake.opened_file(file), registry), registry)
    assert found.ok, [entry.fault.line() for entry in found.faults[:3]]
    began = time.perf_counter()
    revision = intake.apply(found, registry, actor="benchmark", name=file.name)
    assert revision is not None
    rows = len(found.chosen.table.rows)
    written = time.perf_counter() - began
    return Imported(rows, cost.seconds, written, cost.most_bytes, rival_seconds, rival)
