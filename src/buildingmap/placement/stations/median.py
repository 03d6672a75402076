"""The p-median (Hakimi 1964) with a proof: the sites from which all demands are served at the least total cost."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from buildingmap.placement.stations import kernels
from buildingmap.placement.stations.bounding import Bounded, Bounding, Effort
from buildingmap.placement.stations.located import Located, infeasible
from buildingmap.placement.stations.remaining import pair_costs, solve_remaining

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from buildingmap.placement.solver.solving import Status

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Mask = NDArray[np.bool_]

# of the whole: it comes near what the linear programme shows
WHOLE: Final = Effort(3000, step=1.0, patience=40, enough=0.01, momentum=0.9)
_FIRST: Final = Effort(100, patience=10, momentum=0.8)
_AGAIN: Final = Effort(80, patience=10, momentum=0.8)
_PROBE: Final = Effort(30, patience=4)
_TRIAL: Final = Effort(20, patience=4)
# so many sites in a row that could not be ruled out end the probing of a part
_MOST_VAIN: Final = 2
_TRIALS: Final = 6
# two more stations among so few sites are tried one by one
_FEW: Final = 30
_PAIR: Final = 2
# parts in which relaxations are searched for better choices too
_LISTENED: Final = 40
_NEAR_BEST: Final = 1.03
_FEWER: Final = 0.8
_HALF: Final = 0.5
# pairs of site and demand, per demand, that HiGHS is given; of a part only where many stations are asked for
_PAIRS: Final = 3
_FEWER_PAIRS: Final = 0.6
_MANY: Final = 30
_PROGRAMME_SECONDS: Final = 5.0
_SHARE_OF_TIME: Final = 3


def solve_median(costs: Floats, count: int, *, seconds: float = 60.0) -> Located:
    """Choose ``count`` sites so that Σ over demands of the least cost at a chosen site is least.

    ``costs``: float64[sites, demands], at least 0, such as weight × metres. Lagrangian bounds rule sites out and split
    what is left by opening a site or closing it; HiGHS decides small remainders. Equal questions have equal answers
    unless ``seconds`` end the work. Where costs are whole numbers the proof is exact, else to a part in 10⁷.
    """
    began = time.monotonic()
    sites = len(costs)
    if count < 1 or sites == 0:
        return infeasible(time.monotonic() - began)
    if count >= sites or costs.shape[1] == 0:
        chosen = np.arange(min(count, sites), dtype=np.int64)
        value = float(costs[chosen].min(axis=0).sum())
        return Located(chosen, value, value, "optimal", time.monotonic() - began)
    return _Search(costs, count, began + seconds).run(began)


def prepare(costs: Floats) -> None:
    """Load the compiled loops that costs like these need, or compile them: seconds the first time on a machine."""
    few = np.ascontiguousarray(Bounding(costs).costs[:_FEW, :_FEW])
    kernels.warm(few)


@dataclass(eq=False)
class _Part:
    """The choices that hold all ``opened`` sites and others of ``rows``, of which ``allowed`` pairs only together.

    ``low``: no choice of the part costs less.
    """

    opened: list[int]
    rows: Rows
    allowed: Mask
    multipliers: Floats
    low: float = -np.inf
    fresh: bool = True
    probed: int | None = None

    def keep(self, mask: Mask) -> None:
        self.rows, self.allowed = self.rows[mask], self.allowed[np.ix_(mask, mask)]

    def drop(self, row: int) -> None:
        mask = np.ones(len(self.rows), dtype=bool)
        mask[row] = False
        self.keep(mask)

    def forbid(self, row: int, others: Rows) -> None:
        self.allowed[row, others] = self.allowed[others, row] = False


class _Search:
    def __init__(self, costs: Floats, count: int, deadline: float) -> None:
        self.costs, self.count, self.deadline = costs, count, deadline
        self.bounding = Bounding(costs)
        self.value = np.inf
        self.chosen: Rows = np.empty(0, dtype=np.int64)
        self.seen: set[bytes] = set()
        self.branches = 0
        # pairs of site and demand that HiGHS is given; fewer once it has run out of time
        self.pairs = _PAIRS * costs.shape[1]

    @property
    def limit(self) -> float:
        return self.bounding.limit(self.value)

    def run(self, began: float) -> Located:
        self.take(kernels.greedy(self.bounding.costs, self.count), improve=True)
        sites = len(self.costs)
        whole = _Part(
            [],
            np.arange(sites, dtype=np.int64),
            np.ones((sites, sites), dtype=bool),
            self.bounding.start(self.chosen),
        )
        parts = [whole]
        while parts and not self.over():
            inner = self.advance(parts[-1])
            if inner is not None:
                parts.append(inner)
            elif not self.over():
                parts.pop()
        status: Status = "time_limit" if parts and self.value > 0 else "optimal"
        bound = min(self.value, max(0.0, whole.low)) if status == "time_limit" else self.value
        if status == "time_limit" and whole.low > self.limit:
            status, bound = "optimal", self.value
        return Located(self.chosen, self.value, bound, status, time.monotonic() - began, self.branches)

    def over(self) -> bool:
        return self.value <= 0 or time.monotonic() > self.deadline

    def take(self, sites: Rows, *, improve: bool) -> None:
        """Hold a choice against the best one, after exchanges where it is asked for or comes near."""
        sites = np.sort(sites.astype(np.int64))
        key = sites.tobytes()
        if key in self.seen:
            return
        self.seen.add(key)
        value = float(self.costs[sites].min(axis=0).sum())
        if improve or value < _NEAR_BEST * self.value:
            sites = np.sort(kernels.interchange(self.bounding.costs, sites, 1e-9 * value))
            value = float(self.costs[sites].min(axis=0).sum())
        if value < self.value:
            self.value, self.chosen = value, sites

    def advance(self, part: _Part) -> _Part | None:
        """Work on a part until it is done (None), or until a part of it has to be looked at first."""
        self.branches += part.fresh
        while not self.over():
            if self.settled(part):
                return None
            shown = self.bounded(part)
            if part.low > self.limit:
                return None
            if self.narrowed(part, shown):
                continue
            duals, fraction = shown.duals[shown.keep], shown.fraction[shown.keep]
            before = self.value
            if self.programmed(part, duals, shown.bound):
                return None
            if self.value < before:
                continue
            if part.probed is None or len(part.rows) < _FEWER * part.probed:
                self.probe(part, duals)
                continue
            inner = self.branch(part, fraction)
            if inner is not None:
                return inner
        return None

    def cap(self, part: _Part) -> Floats:
        """Return what each demand costs at the sites that are open."""
        opened = self.bounding.costs[part.opened]
        return opened.min(axis=0) if part.opened else self.bounding.ceiling

    def settled(self, part: _Part) -> bool:
        """Decide parts that leave little to choose, at once."""
        count = self.count - len(part.opened)
        while len(part.rows) and count > 1:
            # a site that is allowed with too few others is in no choice; each is allowed with itself
            fits = part.allowed.sum(axis=1) >= count
            if fits.all():
                break
            part.keep(fits)
        rows, costs = part.rows, self.bounding.costs
        if count == 0:
            self.take(np.array(part.opened), improve=False)
        elif count == 1 and len(rows):
            totals = np.minimum(costs[rows], self.cap(part)).sum(axis=1, dtype=np.float64)
            self.take(np.array([*part.opened, rows[totals.argmin()]]), improve=False)
        elif len(rows) == count:
            self.take(np.array([*part.opened, *rows]), improve=False)
        elif count == _PAIR and count < len(rows) <= _FEW:
            first, second, value = kernels.pair(costs, rows, self.cap(part))
            if value < self.value:
                self.take(np.array([*part.opened, rows[first], rows[second]]), improve=False)
        elif len(rows) > count:
            return False
        return True

    def bounded(self, part: _Part) -> Bounded:
        whole = part.fresh and not part.opened
        listened = part.fresh and self.branches <= _LISTENED
        again = _FIRST if part.fresh else _AGAIN
        shown = self.bounding.relax(
            part.rows,
            self.count - len(part.opened),
            part.multipliers,
            self.cap(part),
            best=lambda: self.value,
            effort=WHOLE if whole else again,
            told=self.listener(part) if listened else None,
        )
        part.fresh = False
        part.multipliers, part.low = shown.multipliers, max(part.low, shown.bound)
        return shown

    def listener(self, part: _Part) -> Callable[[Floats, Floats], None]:
        """Return what hears a relaxation as it goes and tries the choices that it suggests."""
        count = self.count - len(part.opened)

        def told(duals: Floats, fraction: Floats) -> None:
            for order, improve in ((duals, False), (-fraction, True)):
                rows = part.rows[np.argsort(order, kind="stable")[:count]]
                self.take(np.array([*part.opened, *rows]), improve=improve)

        return told

    def narrowed(self, part: _Part, shown: Bounded) -> bool:
        """Leave out what a bound rules out, open what it asks for; returns whether to bound the part anew."""
        keep, must = shown.keep, shown.must & shown.keep
        many, count = len(part.rows), self.count - len(part.opened)
        if must.sum() > count:
            part.keep(np.zeros(many, dtype=bool))
            return True
        if must.any():
            part.opened = [*part.opened, *part.rows[must].tolist()]
            keep = keep & part.allowed[must].all(axis=0) & ~must
        part.keep(keep)
        return bool(must.any()) or len(part.rows) <= count or len(part.rows) < _FEWER * many

    def programmed(self, part: _Part, duals: Floats, bound: float) -> bool:
        """Give a small remainder to HiGHS; returns whether it decided the part.

        Of the whole, where many stations are asked for, HiGHS is given what there is room for: the choices that cost
        little more than the bound are all among it, and the best one often is.
        """
        count = self.count - len(part.opened)
        if count < _MANY and part.opened:
            return False
        costs = self.bounding.costs[part.rows]
        base = self.cap(part) if part.opened else None
        rises = pair_costs(costs, base, duals=duals, multipliers=part.multipliers, count=count)
        room, most = self.limit - bound, self.pairs
        whole = np.count_nonzero(rises <= room) <= most
        if not whole:
            if part.opened or part.probed is not None or count < _MANY:
                return False
            room = float(np.partition(rises, most, axis=None)[most])
            room = min(self.limit - bound, float(np.max(rises, where=rises < room, initial=0.0)))
        left = self.deadline - time.monotonic()
        seconds = min(_PROGRAMME_SECONDS, left) if part.opened else left / _SHARE_OF_TIME
        found = solve_remaining(costs, base, rises <= room, count, limit=bound + room, seconds=seconds)
        if found.taken is not None:
            self.take(np.array([*part.opened, *part.rows[found.taken]]), improve=False)
        if not found.decided:
            self.pairs = int(_FEWER_PAIRS * np.count_nonzero(rises <= room))
        else:
            # nothing among what was left out costs as little
            part.low = max(part.low, min(bound + room, self.value))
        return found.decided and (whole or part.low > self.limit)

    def probe(self, part: _Part, duals: Floats) -> None:
        """Rule out sites, and pairs of them, by opening each for a trial; those that look worst first."""
        alive = np.ones(len(part.rows), dtype=bool)
        vain, most_vain = 0, _MOST_VAIN if part.opened else len(part.rows)
        for row in np.argsort(-duals, kind="stable").tolist():
            if self.over():
                return
            if self.opening(part, row, _PROBE, alive) > self.limit:
                alive[row] = False
                vain = 0
            else:
                vain += 1
                if vain > most_vain:
                    break
        part.keep(alive)
        part.probed = len(part.rows)

    def opening(self, part: _Part, row: int, effort: Effort, alive: Mask) -> float:
        """Bound the choices of a part that hold ``row``; notes the sites that cannot be open beside it."""
        count = self.count - len(part.opened) - 1
        others = alive & part.allowed[row]
        others[row] = False
        beside = np.flatnonzero(others)
        if len(beside) < count:
            return np.inf
        cap = np.minimum(self.cap(part), self.bounding.costs[part.rows[row]])
        shown = self.bounding.relax(
            part.rows[beside], count, part.multipliers, cap, best=lambda: self.value, effort=effort
        )
        if shown.bound <= self.limit:
            part.forbid(row, beside[~shown.keep])
        return shown.bound

    def closing(self, part: _Part, row: int) -> float:
        """Bound the choices of a part that do not hold ``row``."""
        count = self.count - len(part.opened)
        others = np.delete(part.rows, row)
        return self.bounding.relax(
            others, count, part.multipliers, self.cap(part), best=lambda: self.value, effort=_TRIAL
        ).bound

    def branch(self, part: _Part, fraction: Floats) -> _Part | None:
        """Split a part by the site that raises both bounds most: returns what holds it, keeps what does not.

        None where a trial has ruled a site out instead.
        """
        gap = max(self.limit - part.low, 1e-12)
        best, chosen = -1.0, 0
        undecided = np.argsort(np.abs(np.minimum(fraction, 1) - _HALF), kind="stable")
        everyone = np.ones(len(part.rows), dtype=bool)
        for row in undecided[:_TRIALS].tolist():
            opened = self.opening(part, row, _TRIAL, everyone)
            if opened > self.limit:
                part.drop(row)
                return None
            closed = self.closing(part, row)
            gains = (min(max(bound - part.low, 1e-3 * gap), gap) for bound in (opened, closed))
            score = float(np.prod(list(gains)))
            if score > best:
                best, chosen = score, row
        beside = part.allowed[chosen].copy()
        beside[chosen] = False
        inner = _Part(
            [*part.opened, int(part.rows[chosen])],
            part.rows[beside],
            part.allowed[np.ix_(beside, beside)],
            part.multipliers,
            part.low,
        )
        part.drop(chosen)
        return inner
