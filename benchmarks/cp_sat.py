"""OR-Tools' CP-SAT on one choice, for ``benchmarks.solvers``: reads it pickled, prints what was found as JSON.

It must not import buildingmap: highspy and OR-Tools each bring a HiGHS, and one process cannot hold both.
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from itertools import combinations
from typing import Any, Final

import numpy as np
from ortools.sat.python import cp_model

# CP-SAT counts in whole numbers: points are held in ten-thousandths
SCALE: Final = 10_000
THREADS: Final = 2


def answered(choice: dict[str, Any]) -> dict[str, Any]:
    """Return the items taken, a bound in points and the seconds; a variable for each item and each pair with points."""
    began = time.monotonic()
    model = cp_model.CpModel()
    site, own = choice["site"], np.rint(choice["own"] * SCALE).astype(int).tolist()
    taken = [model.new_bool_var("") for _ in own]
    of_site = [np.flatnonzero(site == each).tolist() for each in range(len(choice["nearness"]))]
    model.add(sum(taken) == choice["towers"])
    for rows in of_site:
        model.add_at_most_one(taken[row] for row in rows)
    for one, other in zip(*np.nonzero(np.triu(choice["apart"])), strict=True):
        model.add_at_most_one(taken[row] for row in (*of_site[one], *of_site[other]))
    for coefficients, low, high in choice["conditions"]:
        held = np.rint(coefficients).astype(int).tolist()
        total = sum(part * variable for part, variable in zip(held, taken, strict=True))
        if np.isfinite(low):
            model.add(total >= round(low))
        if np.isfinite(high):
            model.add(total <= round(high))
    points = [part * variable for part, variable in zip(own, taken, strict=True)]
    model.maximize(sum(points) + sum(_pairs(model, choice, taken)))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.1, choice["limit"] - (time.monotonic() - began))
    solver.parameters.num_workers = THREADS
    status = solver.solve(model)
    found = status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
    return {
        "taken": [row for row, variable in enumerate(taken) if found and solver.value(variable)],
        "bound": solver.best_objective_bound / SCALE,
        "seconds": time.monotonic() - began,
    }


def _pairs(model: Any, choice: dict[str, Any], taken: list[Any]) -> list[Any]:
    site, sector, points = choice["site"], choice["sector"], []
    for one, other in combinations(range(len(taken)), 2):
        sites = site[one], site[other]
        worth = choice["nearness"][sites] * choice["between"][sector[one], sector[other]]
        whole = round(float(worth) * SCALE)
        if not whole or sites[0] == sites[1] or choice["apart"][sites]:
            continue
        both = model.new_bool_var("")
        if whole > 0:
            model.add_implication(both, taken[one])
            model.add_implication(both, taken[other])
        else:
            model.add_bool_or(both, ~taken[one], ~taken[other])
        points.append(whole * both)
    return points


if __name__ == "__main__":
    print(json.dumps(answered(pickle.load(sys.stdin.buffer))))  # noqa: S301 - our own parent's bytes
