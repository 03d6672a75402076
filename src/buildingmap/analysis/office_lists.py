"""The lists that an office lives by, each computed once for a version and a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

import numpy as np

from buildingmap.analysis import lists_of_records, lists_of_space, lists_of_tax
from buildingmap.filters import OFFICE_LISTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from numpy.typing import NDArray

    from buildingmap.analysis.office_list import OfficeList
    from buildingmap.snapshot import Snapshot

_MADE_BY: Final[dict[str, Callable[[Snapshot, date], OfficeList]]] = {
    "next_past": lists_of_tax.next_past,
    "about_to_fall": lists_of_tax.about_to_fall,
    "vacancies": lists_of_space.vacancies,
    "leases_30": lists_of_space.leases_within(30),
    "leases_60": lists_of_space.leases_within(60),
    "leases_90": lists_of_space.leases_within(90),
    "leases_ended": lists_of_space.leases_ended,
    "registration_moved": lists_of_records.registration_moved,
    "duplicate_addresses": lists_of_records.duplicate_addresses,
    "over_leased": lists_of_space.over_leased,
    "stale": lists_of_records.stale,
    "outside_boundary": lists_of_records.outside_boundary,
}
assert tuple(_MADE_BY) == OFFICE_LISTS


# what is kept goes with its version, and a version is kept by nothing here
_kept: WeakKeyDictionary[Snapshot, tuple[date, dict[str, OfficeList]]] = WeakKeyDictionary()


def office_list(snapshot: Snapshot, key: str, today: date) -> OfficeList:
    """Return one list, of ``OFFICE_LISTS``, as of ``today``; made once for a version and a day."""
    day, made = _kept.get(snapshot, (None, {}))
    if day != today:
        made = {}
        _kept[snapshot] = today, made
    found = made.get(key)
    if found is None:
        # two threads may both make it: they make the same
        found = made[key] = _MADE_BY[key](snapshot, today)
    return found


def listed_rows(snapshot: Snapshot, key: str, today: date) -> NDArray[np.int64]:
    """Return the rows of a list's towers, int64[k], ascending, each once."""
    rows = sorted(snapshot.row(building_id) for building_id in office_list(snapshot, key, today).towers)
    return np.array(rows, dtype=np.int64)
