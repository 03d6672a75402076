"""Plans of hundreds and thousands of sites: seconds, proved gap and memory, from the registry's snapshot to the answer.

``python -m benchmarks.planning [--parcels FILE] [--sites 500 5000] [--seeds 3] [--terms default …]``
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.importing import watched
from benchmarks.parcels import random_parcels, real_parcels, with_demo_parcels, with_parcels
from buildingmap.placement import CRITERIA, PlanFile, answer, default_plan, plan_of, planning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# what is asked for, by sites: the gap, and the seconds that the proof may take
TARGETS: Final = {500: (0.01, 60.0), 5_000: (0.05, 300.0)}
_FREE: Final[dict[str, Any]] = {"sectors": {}, "clusters": {}, "spacing_m": 0}
TERMS: Final[dict[str, dict[str, Any]]] = {
    "default": {},
    "none": _FREE,
    "strong, 400 m": {"reference": {"neighbour_share": 0.3, "reach_m": 400}},
    "strong, 2,000 m": {"reference": {"neighbour_share": 0.3, "reach_m": 2000}},
    "strong, none": {"reference": {"neighbour_share": 0.3, "reach_m": 2000}, **_FREE},
}
HEADER: Final = (
    f"{'sites':>6}  {'parcels':<8}{'seed':>4}  {'terms':<16}{'status':<12}{'gap':>8}{'proof, s':>10}"
    f"{'processor, s':>14}{'all, s':>8}{'memory, MB':>12}"
)


@dataclass(frozen=True)
class Planned:
    """One plan: ``seconds`` of the proof, ``all_seconds`` from the snapshot to the answer, bytes of memory at most."""

    sites: int
    parcels: str
    seed: int
    terms: str
    status: str
    gap: float
    seconds: float
    processor_seconds: float
    all_seconds: float
    most_bytes: int

    @property
    def reached(self) -> bool:
        """Whether the gap asked for was proved in the time asked for."""
        gap, seconds = TARGETS.get(self.sites, (0.01, 60.0))
        return self.gap <= gap + 1e-9 and self.all_seconds <= seconds

    def line(self) -> str:
        """Return the figures as one line under ``HEADER``."""
        return (
            f"{self.sites:>6,}  {self.parcels:<8}{self.seed:>4}  {self.terms:<16}{self.status:<12}{self.gap:>8.3%}"
            f"{self.seconds:>10.1f}{self.processor_seconds:>14.1f}{self.all_seconds:>8.1f}"
            f"{self.most_bytes / 1e6:>12,.0f}"
        )


def measure(
    sites: int, seed: int, terms: str, file: Path | None = None, *, gap: float, seconds: float
) -> Planned:
    """Plan 15 towers of ``sites`` parcels × 8 sectors in this process."""
    shapes = random_parcels(sites, seed) if file is None else real_parcels(file, sites, seed)
    snapshot = with_parcels(shapes, seed)
    # parcels are moved into the district's envelope: those beyond its outline count too
    entries = {"towers": 15, "gap": gap, "seconds": seconds, "occupied": "warn", **TERMS[terms]}
    plan = plan_of(entries, "benchmark")
    processor = time.process_time()
    with watched() as cost:
        found = answer(planning(snapshot, plan))
    return Planned(
        sites=sites,
        parcels="random" if file is None else "real",
        seed=seed,
        terms=terms,
        status=found.status,
        gap=np.inf if found.gap is None else found.gap,
        seconds=found.seconds,
        processor_seconds=time.process_time() - processor,
        all_seconds=cost.seconds,
        most_bytes=cost.most_bytes,
    )


def measure_apart(
    sites: int, seed: int, terms: str, file: Path | None = None, *, gap: float, seconds: float
) -> Planned:
    """Plan in a process of its own, so that memory is that of one plan."""
    asked = json.dumps([sites, seed, terms, None if file is None else str(file), gap, seconds])
    command = [sys.executable, "-m", "benchmarks.planning", "--one", asked]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Planned(**json.loads(done.stdout))


def weighted(count: int, seed: int = 0) -> list[PlanFile]:
    """Return the default plan, then with random weights, uniform over all shares."""
    rng = np.random.default_rng(seed)
    plan = default_plan()
    plans = [plan]
    for _ in range(count):
        shares = dict(zip(CRITERIA, rng.dirichlet(np.ones(len(CRITERIA))).tolist(), strict=True))
        weights = plan.weights.model_copy(update=shares)
        plans.append(plan.model_copy(update={"weights": weights}))
    return plans


def demo_line(count: int, gap: float, seconds: float = 60.0) -> str:
    """Plan the demo's own 40 parcels under ``count`` random weightings and return what that cost as one line."""
    snapshot = with_demo_parcels()
    spent, proved = [], 0
    for plan in weighted(count)[1:]:
        began = time.perf_counter()
        asked = plan.model_copy(update={"gap": gap, "seconds": seconds})
        found = answer(planning(snapshot, asked))
        spent.append(time.perf_counter() - began)
        proved += found.status in {"optimal", "within_gap"}
    return (
        f"    40  demo, {count} random weightings, gap {gap:.1%}: median {np.median(spent):.2f} s, 90 % within"
        f" {np.percentile(spent, 90):.2f} s, {proved} of {count} proved"
    )


def demo_default_line(rounds: int = 5) -> str:
    """Plan the demo as ``buildingmap plan`` does without arguments; the best of some rounds."""
    snapshot, spent = with_demo_parcels(), []
    for _ in range(rounds):
        began = time.perf_counter()
        found = answer(planning(snapshot, default_plan()))
        spent.append(time.perf_counter() - began)
    return f"    40  demo, default plan: {found.status}, {min(spent):.2f} s (best of {rounds})"


def short(sites: Sequence[int]) -> Iterator[str]:
    """Yield lines of a short run: the demo, then plain and strong terms at each number of ``sites``."""
    yield demo_default_line()
    yield HEADER
    for count in sites:
        gap, seconds = TARGETS[count]
        for terms in ("default", "strong, 2,000 m"):
            yield measure_apart(count, 1, terms, gap=gap, seconds=seconds).line()


def main(arguments: list[str]) -> int:
    """Run the whole table; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=Path, help="a file of polygons, moved into the district as parcels")
    parser.add_argument("--sites", type=int, nargs="+", default=[500, 5_000])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--terms", nargs="+", choices=list(TERMS), default=list(TERMS))
    parser.add_argument("--weightings", type=int, default=50, help="of the demo")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one:
        sites, seed, terms, file, gap, seconds = json.loads(options.one)
        found = measure(sites, seed, terms, None if file is None else Path(file), gap=gap, seconds=seconds)
        print(json.dumps(asdict(found)))
        return 0
    print(demo_default_line())
    print(demo_line(options.weightings, 0.01))
    print(HEADER)
    missed = 0
    for sites in options.sites:
        gap, seconds = TARGETS.get(sites, (0.01, 60.0))
        for file in dict.fromkeys((None, options.parcels)):
            for terms in options.terms:
                for seed in range(1, options.seeds + 1):
                    found = measure_apart(sites, seed, terms, file, gap=gap, seconds=seconds)
                    missed += not found.reached
                    print(found.line() + ("" if found.reached else "  MISSED"), flush=True)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
