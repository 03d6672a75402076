"""The numbers of parcels that come without one."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# 地块; a number of the planning authority's never looks like it
_PREFIX: Final = "DK-"
_OURS: Final = re.compile(r"DK-([0-9]{1,9})")


def free_numbers(taken: Iterable[str]) -> Iterator[str]:
    """Yield numbers for new parcels, DK-43 and on where DK-42 is the highest of those ``taken``; without end."""
    matches = (_OURS.fullmatch(each) for each in taken)
    highest = max((int(match[1]) for match in matches if match), default=0)
    return (f"{_PREFIX}{number:02d}" for number in count(highest + 1))
