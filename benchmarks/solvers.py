"""One plan by three ways: ours, HiGHS alone on the whole programme, and OR-Tools' CP-SAT on the same choice.

``python -m benchmarks.solvers [--limit 60]``; ortools comes with the extra ``bench``. Each has two threads.
"""

from __future__ import annotations

import argparse
import json
import pickle
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.parcels import with_demo_parcels
from buildingmap.placement import plan_of, planning
from buildingmap.placement.solver.exact import solve_exactly
from buildingmap.placement.solver.programme import items_of
from buildingmap.placement.solver.solving import solve

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.placement.solver.choice import Choice

HEADER: Final = f"{'plan':<30}{'by':<20}{'score':>12}{'bound':>12}{'gap':>9}{'seconds':>9}{'ratio':>8}"
PLANS: Final[dict[str, dict[str, Any]]] = {
    "demo, default terms": {},
    "demo, 8 towers": {"towers": 8},
    "demo, strong neighbours": {"reference": {"neighbour_share": 0.3, "reach_m": 2000}},
}


@dataclass(frozen=True)
class Found:
    """Points of the best plan that was found, None where there is none, and points that no plan exceeds."""

    score: float | None
    bound: float
    seconds: float

    def line(self, plan: str, by: str, ours: float) -> str:
        """Return the figures as one line under ``HEADER``; ``ours`` is what the ratio is of."""
        score = "none" if self.score is None else f"{self.score:,.3f}"
        gap = "" if self.score is None else f"{max(0.0, self.bound - self.score) / abs(self.score):.3%}"
        return (
            f"{plan:<30}{by:<20}{score:>12}{self.bound:>12,.3f}{gap:>9}{self.seconds:>9.2f}"
            f"{self.seconds / ours:>8.1f}"
        )


def by_us(choice: Choice, limit: float) -> Found:
    """Solve as the product does: bounds first, HiGHS for what is left."""
    found = solve(choice, seconds=limit)
    return Found(None if found.plan is None else found.score, found.bound, found.seconds)


def by_highs(choice: Choice, limit: float) -> Found:
    """Give HiGHS the whole programme, conditions multiplied with every item."""
    began = time.monotonic()
    found = solve_exactly(choice, seconds=limit)
    score = None if found.plan is None else choice.score(*found.plan)
    return Found(score, found.bound, time.monotonic() - began)


def by_cp_sat(choice: Choice, limit: float) -> Found:
    """Give CP-SAT the same choice, in a process of its own: OR-Tools brings a HiGHS that clashes with highspy's."""
    items = items_of(choice)
    asked = {
        "site": items.site,
        "sector": items.sector,
        "own": choice.own[items.site, items.sector],
        "nearness": choice.nearness,
        "between": choice.between,
        "apart": choice.apart,
        "towers": choice.towers,
        "conditions": [
            (each.coefficients[items.site, items.sector], each.low, each.high) for each in choice.conditions
        ],
        "limit": limit,
    }
    command = [sys.executable, "-m", "benchmarks.cp_sat"]
    done = subprocess.run(command, input=pickle.dumps(asked), capture_output=True, check=True)
    answer = json.loads(done.stdout)
    rows = np.array(answer["taken"], dtype=np.int64)
    score = choice.score(items.site[rows], items.sector[rows]) if len(rows) else None
    return Found(score, answer["bound"], answer["seconds"])


WAYS: Final[dict[str, Callable[[Choice, float], Found]]] = {
    "ours": by_us,
    "HiGHS alone": by_highs,
    "OR-Tools CP-SAT": by_cp_sat,
}


def main(arguments: list[str]) -> int:
    """Print a line for each plan and way."""
    reading = argparse.ArgumentParser(prog="python -m benchmarks.solvers")
    reading.add_argument("--limit", type=float, default=60.0)
    limit = reading.parse_args(arguments).limit
    snapshot = with_demo_parcels()
    print(HEADER)
    for name, entries in PLANS.items():
        laid_out = planning(snapshot, plan_of(entries, "benchmark"))
        choice, ours = laid_out.choice(laid_out.counts()[0]), 0.0
        for by, way in WAYS.items():
            found = way(choice, limit)
            ours = ours or max(found.seconds, 1e-3)
            print(found.line(name, by, ours), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
