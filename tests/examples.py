"""How many random examples a property is tried on: few while one works, all of them where it is decided what lands."""

from __future__ import annotations

import os
from typing import Final

VARIABLE: Final = "BUILDINGMAP_EXAMPLES"
# `make test` takes few, `.ci/run` all; many is for a night
SHARES: Final = {"few": 0.25, "all": 1.0, "many": 25.0}
_FEWEST: Final = 4


def examples(count: int) -> int:
    """Return how many examples this run takes where all would be ``count``."""
    return max(min(count, _FEWEST), round(count * SHARES[os.environ.get(VARIABLE, "few")]))
