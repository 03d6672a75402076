"""A process that has no room on its disk, or no right to write: ``python -m tests.registry.limited KIND FILE``.

It prints, as JSON, what became of a change and what it can still read. Run by test_concurrency.py.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

from buildingmap import layers
from buildingmap.model import Surroundings
from buildingmap.registry import Change, Registry, RegistryError, open_registry


def no_more_room(path: Path) -> None:
    """Let every write beyond the first pages of any file fail; the registry itself is larger already."""
    assert path.stat().st_size > 200_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))


def change_of_every_tower(registry: Registry) -> list[Change]:
    return [
        Change("building", row.row_id, {"name": f"{row.values['name']} 新"})
        for row in registry.rows("building")
    ]


def tried(registry: Registry) -> dict[str, str]:
    try:
        registry.apply(change_of_every_tower(registry), actor="x")
    except RegistryError as error:
        return {"error": type(error).__name__, "said": str(error)}
    return {"error": "", "said": ""}


def told(registry: Registry) -> dict[str, Any]:
    return {
        "version": registry.version,
        "names": [row.values["name"] for row in registry.rows("building")][:2],
        "towers": len(registry.snapshot()),
        "damage": [str(damage) for damage in registry.verify()],
    }


def main(kind: str, path: Path) -> dict[str, Any]:
    with open_registry(path, district=layers.read_district(None), surroundings=Surroundings()) as registry:
        answer: dict[str, Any] = {"read_only": registry.read_only}
        if kind == "full":
            no_more_room(path)
        answer |= tried(registry) | {"then": told(registry)}
        if kind == "full":
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            answer |= {"with_room": tried(registry), "at_last": told(registry)}
    return answer


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]))))  # noqa: T201 - its answer
