"""What happened, as one list: the registry's revisions and what happened to its accounts, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildingmap.accounts import AccountEvent
from buildingmap.registry import Revision

if TYPE_CHECKING:
    from buildingmap.accounts import Accounts
    from buildingmap.registry import Registry

A_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first, and from where the page of older ones goes on; ``older`` is None on the last page."""

    entries: tuple[Revision | AccountEvent, ...]
    older: dict[str, int] | None


def page_of(
    registry: Registry, accounts: Accounts | None, *, before: int | None, events_before: int | None
) -> Page:
    """Return one page of revisions below version ``before`` and account events below number ``events_before``."""
    revisions = registry.revisions(before=before, limit=A_PAGE + 1)
    events = [] if accounts is None else accounts.events(before=events_before, limit=A_PAGE + 1)
    merged: list[Revision | AccountEvent] = [*revisions, *events]
    merged.sort(key=_when, reverse=True)
    shown = tuple(merged[:A_PAGE])
    if len(merged) <= A_PAGE:
        return Page(shown, None)
    cursors = {
        "before": min((entry.version for entry in shown if isinstance(entry, Revision)), default=before),
        "events_before": min(
            (entry.number for entry in shown if isinstance(entry, AccountEvent)), default=events_before
        ),
    }
    return Page(shown, {name: value for name, value in cursors.items() if value is not None})


def _when(entry: Revision | AccountEvent) -> tuple[str, int]:
    return entry.at, entry.version if isinstance(entry, Revision) else entry.number
