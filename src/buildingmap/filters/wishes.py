"""What someone looks for in space to let: read from a URL or a form, written back as a URL."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from buildingmap.filters.parameters import FilterError, Parameter
from buildingmap.filters.parse import READABLE, crossed, read_values, written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from buildingmap.model import District

WISHES: Final = (
    Parameter("area_min", "number", "at least this area, m²", "面积不小于（平方米）", low=0, high=1e6),
    Parameter("area_max", "number", "at most this area, m²", "面积不大于（平方米）", low=0, high=1e6),
    Parameter(
        "sector",
        "choice",
        "sector of who looks, any of; ranks, excludes nobody",
        "产业（仅用于排序，可多选）",
    ),
    Parameter(
        "rent_max",
        "number",
        "asking rent of at most, yuan per m² per day",
        "租金不高于（元/平方米·天）",
        low=0,
        high=1000,
    ),
    Parameter(
        "budget_max",
        "number",
        "rent of a year in all of at most, yuan",
        "全年租金总额不高于（元）",
        low=0,
        high=1e12,
    ),
    Parameter(
        "station_max",
        "number",
        "at most so far from a metro station, m",
        "距地铁站不超过（米）",
        low=0,
        high=100_000,
    ),
    Parameter("cluster", "choice", "cluster, any of", "片区（可多选）"),
    Parameter("available_by", "day", "free by this day, YYYY-MM-DD", "最晚可入驻日期（YYYY-MM-DD）"),
)
_BY_NAME: Final = {parameter.name: parameter for parameter in WISHES}


@dataclass(frozen=True, slots=True)
class Wishes:
    """Conditions on space to let; None and () ask for nothing. Bounds are inclusive.

    Areas in m²; ``rent_max`` in yuan per m² per day; ``budget_max`` in yuan for a year of 365 days;
    ``station_max`` in m. ``sector`` ranks and excludes nothing.
    """

    area_min: float | None = None
    area_max: float | None = None
    sector: tuple[str, ...] = ()
    rent_max: float | None = None
    budget_max: float | None = None
    station_max: float | None = None
    cluster: tuple[str, ...] = ()
    available_by: date | None = None

    def query(self) -> str:
        """Write the wishes as the query of a URL, without ``?``; what is not asked is left out."""
        pairs = [(field.name, getattr(self, field.name)) for field in fields(self)]
        return "&".join(f"{n}={quote(written(v), safe=READABLE)}" for n, v in pairs if v not in (None, ()))


def parse_wishes(words: Mapping[str, Sequence[str]], district: District) -> Wishes:
    """Read wishes from parameter names and their values.

    Raises FilterError naming every unknown, repeated or unreadable parameter, and an area range that crosses.
    """
    values, faults = read_values(words, _BY_NAME, district)
    faults += crossed(values, ("area_min", "area_max"))
    if faults:
        raise FilterError(tuple(faults))
    return Wishes(**values)
