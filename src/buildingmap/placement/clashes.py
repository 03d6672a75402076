"""Which conditions clash: a set without which there is a plan, and none of which can be left out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import highspy
import numpy as np

from buildingmap.placement.solver.programme import items_of, model_of, rows_of, solver

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.placement.solver.choice import Choice
    from buildingmap.placement.terms import Term


def feasible(choice: Choice, *, seconds: float = 10.0) -> bool:
    """Whether any plan meets the conditions of ``choice``; true where HiGHS cannot tell within ``seconds``."""
    items = items_of(choice)
    if len(items) < choice.towers:
        return False
    model = model_of(np.zeros(len(items)), rows_of(choice, items), np.ones(len(items)), np.arange(len(items)))
    highs = solver(model, time_limit=seconds)
    highs.run()
    return bool(highs.getModelStatus() != highspy.HighsModelStatus.kInfeasible)


def clashing(terms: tuple[Term, ...], choice_under: Callable[[tuple[Term, ...]], Choice]) -> tuple[Term, ...]:
    """Return terms that cannot hold together, as few as leaving out one after the other leads to.

    ``choice_under`` makes the choice under given terms. Without any single one of those returned the others have a
    plan (Chinneck and Dravnieks' deletion filter); a smaller set may exist elsewhere. Empty: even without any term
    there are too few sites for the towers.
    """
    kept = list(terms)
    # quotas and areas last: they say more about a plan than that one site is fixed
    for term in sorted(terms, key=lambda each: each.kind not in {"fixed", "registry_fixed", "spacing"}):
        without = tuple(each for each in kept if each is not term)
        if not feasible(choice_under(without)):
            kept.remove(term)
    return tuple(kept)
