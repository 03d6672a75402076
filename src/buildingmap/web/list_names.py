"""What the lists that an office lives by are called."""

from __future__ import annotations

from buildingmap.filters import OFFICE_LISTS
from buildingmap.web.languages import text


def list_names() -> dict[str, str]:
    """Return the lists in their order, each with its name."""
    return {key: list_name(key) for key in OFFICE_LISTS}


def list_name(key: str) -> str:
    """Return the name of one list."""
    return {
        "next_past": text("Next past the mark"),
        "about_to_fall": text("About to fall below the mark"),
        "vacancies": text("Vacant space"),
        "leases_30": text("Leases ending within 30 days"),
        "leases_60": text("Leases ending within 60 days"),
        "leases_90": text("Leases ending within 90 days"),
        "leases_ended": text("Leases that have run out"),
        "registration_moved": text("Registration moved away"),
        "duplicate_addresses": text("Shared addresses"),
        "over_leased": text("Leased more than leasable"),
        "stale": text("Figures older than a year"),
        "outside_boundary": text("Outside their cluster's boundary"),
    }[key]
