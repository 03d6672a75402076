"""A plan as the text of a plan file, which reads back as the same plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomli_w

if TYPE_CHECKING:
    from buildingmap.placement.plan_file import PlanFile


def plan_toml(plan: PlanFile) -> str:
    """Return the whole of ``plan`` as TOML, defaults too, so that it stands by itself and reads back equal.

    Weights that follow from comparisons are left to them.
    """
    entries = plan.model_dump(exclude_none=True)
    if plan.comparisons is not None:
        del entries["weights"]
    entries.setdefault("towers", "any")
    return tomli_w.dumps(_plain(entries))


def _plain(value: Any) -> Any:
    """Return lists for tuples: TOML has one kind of array."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
