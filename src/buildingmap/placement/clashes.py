"""Which conditions clash: the fewest that cannot hold together."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np
from scipy import sparse

from buildingmap.placement.solver.choice import cliques
from buildingmap.placement.solver.programme import model_of, solver
from buildingmap.placement.terms import OF_SITE, PAIRWISE, Meaning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.placement.candidates import Candidates
    from buildingmap.placement.solver.programme import Block
    from buildingmap.placement.terms import Term
    from buildingmap.snapshot import Snapshot

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Rows = NDArray[np.int64]

_SECONDS: Final = 20.0
# of as few terms those that say more about a plan than that one site is fixed
_LESS_SAID: Final = {"fixed", "registry_fixed", "spacing", "leading"}
_PREFERRED: Final = 1e-3
_HALF: Final = 0.5
# leaving terms out, and a single question of it
_LONGEST_S: Final = 100.0
_PLENTY_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Clash:
    """``terms`` that cannot hold together; ``smallest``: no fewer terms clash, else as few as time showed."""

    terms: tuple[Term, ...]
    smallest: bool


def clashing(
    terms: Sequence[Term], listed: Candidates, snapshot: Snapshot, *, seconds: float = _SECONDS
) -> Clash | None:
    """Return the fewest terms that no plan of ``listed`` meets together; None where there is a plan, or may be one.

    Whatever is not said by a term is open: how many towers there are, and for which of the district's sectors.
    Without any place there is no plan and no term to name: the clash is empty.

    A plan that leaves some terms unmet says that one of those clashes with the rest; the fewest terms that hold one
    of every such set are held fast, and the plan that breaks fewest others is asked for, until there is none (Ignatiev,
    Previti, Liffiton and Marques-Silva, Smallest MUS extraction with minimal hitting set dualization, CP 2015). Where
    ``seconds`` end this, terms are left out while the rest is shown to clash still, for 100 s at most.
    """
    if not len(listed):
        return Clash((), smallest=True)
    programme = _Elastic(terms, listed, snapshot)
    weights = np.array([1.0 + _PREFERRED * (term.kind in _LESS_SAID) for term in terms])
    deadline = time.monotonic() + seconds
    broken: list[Mask] = []
    while time.monotonic() < deadline:
        held = _fewest_of_each(broken, weights)
        unmet = programme.unmet(held, max(0.1, deadline - time.monotonic()))
        if unmet is None:
            return _clash(terms, held, smallest=True)
        if not unmet.any():
            break
        broken.append(unmet)
    held = np.ones(len(terms), dtype=bool)
    if programme.can_hold(held):
        return None
    # rules for single sites can be many, and most are beside the point: they go together
    is_of_site = np.array([term.kind in OF_SITE for term in terms], dtype=bool)
    order = np.argsort(-weights, kind="stable")
    deadline = time.monotonic() + _LONGEST_S
    for places in (order[is_of_site[order]], *order[~is_of_site[order]][:, None]):
        _leave_out(programme, held, places, deadline)
    return _clash(terms, held, smallest=False)


def _leave_out(programme: _Elastic, held: Mask, places: Rows, deadline: float) -> None:
    """Take int64[k] ``places`` out of ``held`` where the rest clashes still: all at once, else by halves."""
    if not len(places) or time.monotonic() > deadline:
        return
    held[places] = False
    if not programme.can_hold(held):
        return
    held[places] = True
    if len(places) > 1:
        for half in np.array_split(places, 2):
            _leave_out(programme, held, half, deadline)


def _clash(terms: Sequence[Term], held: Mask, *, smallest: bool) -> Clash:
    return Clash(tuple(term for term, is_held in zip(terms, held, strict=True) if is_held), smallest)


def _fewest_of_each(sets: list[Mask], weights: Floats) -> Mask:
    """Return bool[terms]: of the least weight, one of each set at least."""
    if not sets:
        return np.zeros(len(weights), dtype=bool)
    rows = sparse.csr_matrix(np.array(sets, dtype=np.float64))
    block = (rows, np.ones(len(sets)), np.full(len(sets), np.inf))
    highs = solver(model_of(-weights, [block], np.ones(len(weights)), np.arange(len(weights))))
    highs.run()
    taken: Mask = np.array(highs.getSolution().col_value) > _HALF
    return taken


class _Elastic:
    """Every plan of some places, however many towers, and for each term whether it is met."""

    def __init__(self, terms: Sequence[Term], listed: Candidates, snapshot: Snapshot) -> None:
        self._terms = terms
        self._meaning = Meaning(listed, [sector.id for sector in snapshot.district.sectors], snapshot)
        sites, sectors = self._meaning.shape
        self._items = sites * sectors
        owner = sparse.kron(sparse.eye(sites), np.ones((1, sectors)), format="csr")
        self._blocks = [
            self._rows(owner, -np.inf, 1.0, None),
            self._rows(sparse.csr_matrix(np.ones((1, self._items))), 1.0, np.inf, None),
        ]
        # of which term each block is, -1 of none
        self._place = [-1, -1]
        for place, term in enumerate(terms):
            blocks = self._of(term, place, owner)
            self._blocks += blocks
            self._place += [place] * len(blocks)

    def _of(self, term: Term, place: int, owner: sparse.csr_matrix) -> list[Block]:
        """Return a term's rows: met, or let go as far as any plan can break them."""
        if term.kind in PAIRWISE:
            groups = cliques(self._meaning.apart(term))
            return [self._rows(owner[group].sum(axis=0), -np.inf, 1.0, place) for group in groups]
        marked = self._meaning.marked(term)
        low, high = self._meaning.bounds(term)
        row = sparse.csr_matrix(marked.reshape(1, -1))
        sides = ((low, np.inf), (-np.inf, high))
        return [self._rows(row, *side, place) for side in sides if np.isfinite(side).any()]

    def _rows(self, matrix: sparse.csr_matrix, low: float, high: float, place: int | None) -> Block:
        matrix = sparse.csr_matrix(matrix)
        count = matrix.shape[0]
        let_go = sparse.lil_matrix((count, len(self._terms)))
        if place is not None:
            # a site has one sector, so that no plan comes to more than the best of each
            most = matrix.toarray().reshape(-1, *self._meaning.shape).max(axis=2).sum()
            let_go[0, place] = low if np.isfinite(low) else min(0.0, high - most)
        return sparse.hstack([matrix, let_go]).tocsr(), np.full(count, low), np.full(count, high)

    def can_hold(self, held: Mask) -> bool:
        """Whether any plan meets all terms of bool[terms]; true where HiGHS cannot tell in time."""
        blocks = [
            (matrix[:, : self._items], low, high)
            for (matrix, low, high), place in zip(self._blocks, self._place, strict=True)
            if place < 0 or held[place]
        ]
        nothing = np.zeros(self._items)
        model = model_of(nothing, blocks, nothing + 1, np.arange(self._items))
        highs = solver(model, time_limit=_PLENTY_S)
        highs.run()
        return bool(highs.getModelStatus() != highspy.HighsModelStatus.kInfeasible)

    def unmet(self, held: Mask, seconds: float) -> Mask | None:
        """Return bool[terms]: those that a plan does not meet that meets all ``held`` and, in time, most others.

        None: there is no such plan. Where HiGHS finds none in time and cannot tell, none is called unmet.
        """
        free = (~held).astype(np.float64)
        profits = np.concatenate([np.zeros(self._items), -np.ones(len(held))])
        upper = np.concatenate([np.ones(self._items), free])
        highs = solver(
            model_of(profits, self._blocks, upper, np.arange(len(profits))), time_limit=max(0.1, seconds)
        )
        highs.run()
        if highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return None
        solution = np.array(highs.getSolution().col_value)
        if len(solution) != len(profits) or not highs.getSolution().value_valid:
            return np.zeros(len(held), dtype=bool)
        unmet: Mask = solution[self._items :] > _HALF
        return unmet
