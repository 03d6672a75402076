"""The names of the criteria, in the order in which they are computed, weighed and shown."""

from __future__ import annotations

from typing import Final, Literal

Criterion = Literal["access", "agglomeration", "linkage", "vacancy", "capacity", "strategy", "tax"]
CRITERIA: Final[tuple[Criterion, ...]] = (
    "access", "agglomeration", "linkage", "vacancy", "capacity", "strategy", "tax",
)  # fmt: skip
