"""What a filter is."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Final, Self

LARGEST_LIMIT: Final = 10_000
DEFAULT_LIMIT: Final = 1_000

Tidy = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice of towers. Bounds are inclusive; several values of one field mean "any of them".

    ``tax_min``, ``tax_max`` in yuan; ``vacancy_min``, ``vacancy_max`` shares from 0 to 1; ``floor_area_min``,
    ``floor_area_max`` in m² gross; ``bbox`` west, south, east, north in WGS84 degrees; ``year`` whose figures
    count, None being the year in force; ``list`` keys of ``OFFICE_LISTS``. A tower whose value is unknown passes
    no bound on that value.
    """

    tax_min: float | None = None
    tax_max: float | None = None
    band: Tidy = ()
    sector: Tidy = ()
    tag: Tidy = ()
    cluster: Tidy = ()
    status: Tidy = ()
    vacancy_min: float | None = None
    vacancy_max: float | None = None
    floor_area_min: float | None = None
    floor_area_max: float | None = None
    bbox: tuple[float, float, float, float] | None = None
    year: int | None = None
    list: Tidy = ()
    q: str = ""
    sort: str = ""
    limit: int = DEFAULT_LIMIT
    offset: int = 0

    def criteria(self) -> Self:
        """Return the same choice of towers without order and page."""
        return replace(self, sort="", limit=DEFAULT_LIMIT, offset=0)

    def without(self, name: str, value: str | None = None) -> Self:
        """Return the filter without one criterion, or without one of its values."""
        changed: Any = getattr(self, name)
        if value is not None and isinstance(changed, tuple):
            changed = tuple(entry for entry in changed if entry != value)
        else:
            changed = next(field.default for field in fields(self) if field.name == name)
        change: dict[str, Any] = {name: changed}
        return replace(self, **change)
