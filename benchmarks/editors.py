"""Many editors on few rows: ``python -m benchmarks.editors [--editors 200] [--rows 20] [--edits 5] [--at LOCATION]``.

Each editor reads a row, adds one yuan to what they saw, writes it against the version they saw, and when somebody was
faster reads again. Afterwards each row must have grown by exactly the edits that were acknowledged.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.towers import write_layer
from buildingmap import layers
from buildingmap.model import Surroundings
from buildingmap.registry import Change, ConflictError, Registry, create_registry, open_registry
from buildingmap.snapshot import LayerNote

if TYPE_CHECKING:
    from collections.abc import Sequence

TABLE, FIELD = "tax_record", "tax_yuan"


@dataclass(frozen=True, slots=True)
class Edited:
    """What many editors did: edits that were acknowledged by row, tries that came too late, seconds."""

    acknowledged: dict[str, int]
    conflicts: int
    seconds: float

    @property
    def edits(self) -> int:
        """All acknowledged edits."""
        return sum(self.acknowledged.values())


def hot_rows(registry: Registry, count: int) -> list[str]:
    """Return the ids of the rows that everybody edits."""
    return [row.row_id for row in registry.rows(TABLE) if row.values[FIELD] is not None][:count]


def values_of(registry: Registry, rows: Sequence[str]) -> dict[str, float]:
    """Return the figure of each row."""
    return {row: registry.row(TABLE, row).values[FIELD] for row in rows}


def edit_hot_rows(registry: Registry, rows: Sequence[str], *, editors: int, edits: int) -> Edited:
    """Let ``editors`` threads start at once and make ``edits`` edits each, over ``rows`` in turn."""
    together = threading.Barrier(editors)

    def editor(number: int) -> list[tuple[str, int]]:
        together.wait(60)
        return [
            (row, _add_one(registry, row, f"editor-{number}"))
            for row in (rows[(number + edit) % len(rows)] for edit in range(edits))
        ]

    begun = time.perf_counter()
    with ThreadPoolExecutor(editors) as threads:
        done = [edit for each in threads.map(editor, range(editors)) for edit in each]
    counted = {row: sum(edited == row for edited, _ in done) for row in rows}
    return Edited(counted, sum(late for _, late in done), time.perf_counter() - begun)


def _add_one(registry: Registry, row_id: str, actor: str) -> int:
    """Add one to a row and return how often somebody was faster."""
    late = 0
    while True:
        seen = registry.row(TABLE, row_id)
        change = Change(TABLE, row_id, {FIELD: seen.values[FIELD] + 1}, seen.version)
        try:
            registry.apply([change], actor=actor)
        except ConflictError:
            late += 1
        else:
            return late


def lost_updates(before: dict[str, float], after: dict[str, float], edited: Edited) -> float:
    """Return by how much the rows differ from what was acknowledged, in edits, over all rows."""
    return sum(abs(after[row] - before[row] - edited.acknowledged[row]) for row in before)


def _places() -> dict[str, Any]:
    return {"district": layers.read_district(None), "surroundings": Surroundings()}


def _made(location: str, folder: Path, rows: int) -> Registry:
    places = _places()
    layer = layers.read_layer(write_layer(folder / "towers.geojson", rows), district=places["district"])
    return create_registry(location, note=LayerNote(synthetic=True), layer=layer, **places)


def main(arguments: Sequence[str]) -> int:
    """Edit as asked: the registry that is at ``--at``, as one of several processes; else a new one, and check it."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.editors", description=__doc__)
    asked.add_argument("--editors", type=int, default=200)
    asked.add_argument("--rows", type=int, default=20)
    asked.add_argument("--edits", type=int, default=5)
    asked.add_argument("--at", help="edit the registry that is there and print what was acknowledged as JSON")
    asked.add_argument("--new", help="where to make one, an empty database's URL; else a GeoPackage file")
    given = asked.parse_args(arguments)
    if given.at:
        with open_registry(given.at, **_places()) as registry:
            rows = hot_rows(registry, given.rows)
            print(json.dumps(asdict(edit_hot_rows(registry, rows, editors=given.editors, edits=given.edits))))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _made(given.new or str(folder / "registry.gpkg"), folder, given.rows) as registry:
            return _edited_and_checked(registry, given)


def _edited_and_checked(registry: Registry, given: argparse.Namespace) -> int:
    rows = hot_rows(registry, given.rows)
    before = values_of(registry, rows)
    edited = edit_hot_rows(registry, rows, editors=given.editors, edits=given.edits)
    lost, damage = lost_updates(before, values_of(registry, rows), edited), registry.verify()
    store = "GeoPackage" if registry.database.is_geopackage else "PostgreSQL"
    print(
        f"{store}: {given.editors} editors on {len(rows)} rows, {edited.edits:,} edits acknowledged in"
        f" {edited.seconds:.1f} s, {edited.conflicts:,} told that somebody was faster;"
        f" {lost:g} lost updates, {len(damage)} damages"
    )
    return int(bool(lost or damage))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
