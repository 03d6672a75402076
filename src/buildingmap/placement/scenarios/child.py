"""A scenario made again in a process of its own: ``python -m buildingmap.placement.scenarios.child``.

Its standard input is a pickle of (document, snapshot) by the process that starts it and trusts itself. It prints a line
of JSON for each step of the proof, ``{"score": …, "bound": …}``, and then ``{"rerun": …}`` or ``{"error": …}``.
"""

from __future__ import annotations

import math
import pickle
import sys
from dataclasses import fields
from typing import Any

import orjson

from buildingmap.errors import BuildingmapError
from buildingmap.placement.scenarios.scenario import Rerun, read_scenario, rerun


def rerun_json(found: Rerun) -> dict[str, Any]:
    """Return what making a scenario again came to as plain values; of the new answer its score and status."""
    members = {each.name: getattr(found, each.name) for each in fields(found) if each.name != "answer"}
    return members | {"score_after": found.answer.score, "status_after": found.answer.status}


def main() -> None:
    """Read what is asked, answer it."""
    document, snapshot = pickle.load(sys.stdin.buffer)  # noqa: S301 - the parent's own bytes
    try:
        found = rerun(read_scenario(document), snapshot, told=_tell)
    except BuildingmapError as error:
        _print({"error": str(error)})
    else:
        _print({"rerun": rerun_json(found)})


def _tell(score: float, bound: float) -> bool:
    _print({"score": _finite(score), "bound": _finite(bound)})
    return True


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _print(document: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
