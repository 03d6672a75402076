"""The filter: ours on columns against reading, masking and writing per request, in the process and over HTTP."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from itertools import count as counting
from typing import TYPE_CHECKING, Any

import orjson

from benchmarks import rivals
from benchmarks.timing import fetch, free_port, in_turn, seconds, server
from benchmarks.towers import TAX_MIN, query
from buildingmap import layers, resources
from buildingmap.filters import parse_filter
from buildingmap.registry import LayerRegistry
from buildingmap.web.api import feature_collection
from buildingmap.web.caching import AnswerCache, etag_of
from buildingmap.web.queries import read_query

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from buildingmap.snapshot import Snapshot

THREADS = 8
PATIENT = layers.Limits().raised(seconds=600, memory_mb=8_000)


@dataclass(frozen=True, slots=True)
class Row:
    """Medians in seconds: (a), ours with a new filter each time, ours with a filter asked before."""

    towers: int
    where: str
    matched: int
    rival: float
    cold: float
    warm: float

    def line(self) -> str:
        """Return the row for a person."""
        return (
            f"{self.towers:>8,}  {self.where:<11} {self.matched:>6} {self.rival * 1e3:>11.2f} {self.cold * 1e3:>10.4f}"
            f" {self.rival / self.cold:>10,.0f} x {self.warm * 1e3:>10.4f} {self.rival / self.warm:>10,.0f} x"
        )


HEADER = (
    f"{'towers':>8}  {'where':<11} {'match':>6} {'(a) ms':>11} {'ours ms':>10} {'ratio':>12} {'again ms':>10}"
    f" {'ratio':>12}"
)


def snapshot_of(path: Path) -> Snapshot:
    """Read the layer as ``serve`` does."""
    district = layers.read_district(None)
    around = layers.read_surroundings(district, resources.data_folder())
    return LayerRegistry(path, district=district, surroundings=around, limits=PATIENT).snapshot()


def ids(body: bytes | str) -> set[str]:
    """Return the towers of an answer."""
    collection: dict[str, Any] = orjson.loads(body)
    return {feature["properties"]["id"] for feature in collection["features"]}


def ours(towers: Snapshot, question: str) -> bytes:
    """Answer in the process: read the query, filter the columns, write GeoJSON. Nothing is remembered."""
    flt = parse_filter(read_query(question.encode()), towers.district)
    return feature_collection(towers, flt, question)


def remembered(towers: Snapshot) -> Callable[[], bytes]:
    """Return the way of a question that was asked before: as the server looks it up, without the network."""
    raw = query().encode()
    asked = {(towers.version, raw): parse_filter(read_query(raw), towers.district)}
    answers = AnswerCache()

    def look_up() -> bytes:
        flt = asked[towers.version, raw]
        tag = etag_of(towers.version, "buildings", query())
        return answers.get_or_make((tag,), lambda: feature_collection(towers, flt, query()))

    return look_up


def in_process(path: Path, towers: Snapshot, size: int) -> Row:
    """Measure both sides inside this process, after showing that they choose the same towers."""
    same = ids(ours(towers, query()))
    assert same == ids(rivals.read_mask_write(path))
    rounds = 3 if size > 50_000 else 7
    taxes = counting(TAX_MIN)
    rival, cold = in_turn(
        partial(rivals.read_mask_write, path),
        lambda: ours(towers, query(next(taxes))),
        rounds=rounds,
        each=200,
    )
    again = remembered(towers)
    _, known = in_turn(lambda: None, again, rounds=rounds, each=200)
    return Row(size, "in process", len(same), rival, cold, known)


def over_http(path: Path, size: int) -> Row:
    """Measure both sides over one kept-alive connection each, both on waitress with the same threads."""
    our_port, rival_port = free_port(), free_port()
    patient = ["--limit-seconds", "600", "--limit-memory-mb", "8000", "--threads", str(THREADS)]
    our_command = ["-m", "buildingmap", "serve", str(path), "--port", str(our_port), *patient]
    rival_command = ["-m", "benchmarks.rivals", str(path), str(rival_port), str(THREADS)]
    rival_path = f"/buildings?tax_min={TAX_MIN}"
    with (
        server(our_command, our_port, "/api/buildings?limit=1") as us,
        server(rival_command, rival_port, rival_path) as them,
    ):
        same = ids(fetch(us, f"/api/buildings?{query()}"))
        assert same == ids(fetch(them, rival_path))
        rounds = 3 if size > 50_000 else 7
        taxes = counting(TAX_MIN + 1)
        ask = partial(fetch, them, rival_path)
        rival, cold = in_turn(
            ask, lambda: fetch(us, f"/api/buildings?{query(next(taxes))}"), rounds=rounds, each=200
        )
        _, warm = in_turn(
            lambda: time.sleep(0), lambda: fetch(us, f"/api/buildings?{query()}"), rounds=rounds, each=200
        )
    return Row(size, "over HTTP", len(same), rival, cold, warm)


def build_cost(path: Path) -> tuple[Snapshot, float, float]:
    """Return the snapshot, and the seconds to read and check the file and to write its features once."""
    start = time.perf_counter()
    towers = snapshot_of(path)
    read = time.perf_counter() - start
    return towers, read, seconds(towers.features)
