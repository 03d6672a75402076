"""The p-median of random places beside PySAL's spopt, with either of the solvers that it takes.

``python -m benchmarks.stations [--seeds 1] [--limit 120]``; spopt and pulp come with the extra ``bench``.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.timing import seconds
from buildingmap.placement.stations.median import prepare, solve_median

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEMANDS, SITES, STATIONS = 1_000, 500, 15
LIMIT_SECONDS: Final = 120.0
HEADER: Final = f"{'seed':>4}  {'by':<16}{'answer':<14}{'total distance':>15}{'seconds':>9}{'ratio':>8}"


@dataclass(frozen=True)
class Timed:
    """One answer: ``total`` distance, None where there is none; ``proved`` or not, and after how many seconds."""

    by: str
    total: float | None
    proved: bool
    seconds: float

    def line(self, seed: int, ours: float) -> str:
        """Return the figures as one line under ``HEADER``; ``ours`` is what the ratio is of."""
        said = "none" if self.total is None else "proved" if self.proved else "not proved"
        total = "" if self.total is None else f"{self.total:,.3f}"
        return f"{seed:>4}  {self.by:<16}{said:<14}{total:>15}{self.seconds:>9.2f}{self.seconds / ours:>8.1f}"


def places(seed: int) -> NDArray[np.float64]:
    """Return float64[sites, demands]: distances between random places of a square of side 100."""
    rng = np.random.default_rng(seed)
    sites, demands = rng.random((SITES, 2)) * 100, rng.random((DEMANDS, 2)) * 100
    distances: NDArray[np.float64] = np.hypot(*(sites[:, None] - demands).transpose(2, 0, 1))
    return distances


def ours(distances: NDArray[np.float64]) -> Timed:
    """Return our answer; compiling is not counted, it happens once on a machine."""
    prepare(distances)
    found = solve_median(distances, STATIONS, seconds=LIMIT_SECONDS)
    return Timed("ours", found.value, found.status == "optimal", found.seconds)


def by_spopt(distances: NDArray[np.float64], name: str, limit: float) -> Timed:
    """Return spopt's answer with CBC or HiGHS within ``limit`` seconds; building its model is counted."""
    import pulp  # noqa: PLC0415 - of the extra, and slow
    from spopt.locate import PMedian  # noqa: PLC0415 - the same

    solver = {"CBC": pulp.PULP_CBC_CMD, "HiGHS": pulp.HiGHS}[name](msg=False, timeLimit=limit)
    made: list[Any] = []

    def solve() -> None:
        model = PMedian.from_cost_matrix(distances.T, np.ones(DEMANDS), p_facilities=STATIONS)
        made.append(model)
        try:
            model.solve(solver)
        except (RuntimeError, ValueError, TypeError, AttributeError):
            made.append("no answer")  # spopt reads its result without asking whether there is one

    spent = seconds(solve)
    problem = made[0].problem
    chosen = [row for row, variable in enumerate(made[0].fac_vars) if (variable.value() or 0) > 1 / 2]
    whole = len(chosen) == STATIONS
    return Timed(
        f"spopt, {name}",
        float(distances[chosen].min(axis=0).sum()) if whole else None,
        whole and problem.sol_status == pulp.LpSolutionOptimal,
        spent,
    )


def main(arguments: list[str]) -> int:
    """Print a line for each; end with 1 where ours is not proved in a tenth of the others' limit."""
    reading = argparse.ArgumentParser(prog="python -m benchmarks.stations")
    reading.add_argument("--seeds", type=int, default=1)
    reading.add_argument("--limit", type=float, default=LIMIT_SECONDS)
    options = reading.parse_args(arguments)
    print(HEADER)
    missed = 0
    for seed in range(options.seeds):
        distances = places(seed)
        mine = ours(distances)
        missed += not mine.proved or mine.seconds > options.limit / 10
        print(mine.line(seed, mine.seconds), flush=True)
        for name in ("CBC", "HiGHS"):
            print(by_spopt(distances, name, options.limit).line(seed, mine.seconds), flush=True)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
