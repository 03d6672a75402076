"""The towers of a filter as every page and answer chooses them, those of an office list as of today."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from buildingmap import analysis
from buildingmap.filters import select

if TYPE_CHECKING:
    from buildingmap.filters import Filter, Selection
    from buildingmap.snapshot import Snapshot


def local_day() -> date:
    """Return today, by the clock and time zone of this machine."""
    return datetime.now().astimezone().date()


def chosen(towers: Snapshot, flt: Filter) -> Selection:
    """Return the towers of ``flt``."""
    today = local_day()
    return select(towers, flt, members=lambda key: analysis.listed_rows(towers, key, today))


def of_day(flt: Filter) -> str:
    """Return what the name of an answer has beside its filter: the day, where the filter's towers depend on it."""
    return f" {local_day()}" if flt.list else ""
