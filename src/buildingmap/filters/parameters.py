"""Every parameter of the filter, once: parser, command line, API and documentation read this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from buildingmap.errors import BuildingmapError
from buildingmap.filters.filter import DEFAULT_LIMIT, LARGEST_LIMIT
from buildingmap.model.faults import shown

if TYPE_CHECKING:
    from buildingmap.model import Lang

Kind = Literal["number", "integer", "choice", "bbox", "text", "sort", "day"]

SORT_FIELDS: Final = (
    "tax_yuan",
    "district_revenue_yuan",
    "floor_area_m2",
    "leasable_area_m2",
    "vacancy_rate",
    "floors",
    "completion_year",
    "name",
    "id",
)


# the lists that an office lives by; ``analysis`` makes them
OFFICE_LISTS: Final = (
    "next_past",
    "about_to_fall",
    "vacancies",
    "leases_30",
    "leases_60",
    "leases_90",
    "leases_ended",
    "registration_moved",
    "duplicate_addresses",
    "over_leased",
    "stale",
    "outside_boundary",
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: ``low`` and ``high`` bound it inclusively; values of a choice come from the district.

    ``staff``: what it chooses by is confidential, so that the public has no such parameter. ``most``: it must be
    given, so many times at most, each time another value; None for one that may be left out.
    """

    name: str
    kind: Kind
    en: str
    zh: str
    low: float | None = None
    high: float | None = None
    paging: bool = False
    staff: bool = False
    most: int | None = None


PARAMETERS: Final = (
    Parameter(
        "tax_min", "number", "annual tax of at least this many yuan", "年税收不低于（元）", low=0, high=1e15
    ),
    Parameter(
        "tax_max", "number", "annual tax of at most this many yuan", "年税收不高于（元）", low=0, high=1e15
    ),
    Parameter("band", "choice", "tax band, any of", "税收分档（可多选）"),
    Parameter("sector", "choice", "leading sector, any of", "主导产业（可多选）"),
    Parameter("tag", "choice", "sector tag, any of", "产业标签（可多选）"),
    Parameter("cluster", "choice", "cluster, any of", "片区（可多选）"),
    Parameter("status", "choice", "status, any of", "建设状态（可多选）"),
    Parameter(
        "vacancy_min", "number", "vacancy rate of at least, 0 to 1", "空置率不低于（0–1）", low=0, high=1
    ),
    Parameter(
        "vacancy_max", "number", "vacancy rate of at most, 0 to 1", "空置率不高于（0–1）", low=0, high=1
    ),
    Parameter(
        "floor_area_min",
        "number",
        "gross floor area of at least, m²",
        "建筑面积不小于（平方米）",
        low=0,
        high=1e9,
    ),
    Parameter(
        "floor_area_max",
        "number",
        "gross floor area of at most, m²",
        "建筑面积不大于（平方米）",
        low=0,
        high=1e9,
    ),
    Parameter("bbox", "bbox", "west,south,east,north in WGS84 degrees", "范围：西,南,东,北（WGS84 度）"),
    Parameter(
        "year",
        "integer",
        "year whose tax figures count; the newest complete year when absent",
        "税收年份（缺省为最新完整年度）",
        low=1990,
        high=2100,
    ),
    Parameter(
        "list",
        "choice",
        "towers of an office list, any of; for staff",
        "列入工作清单的楼宇（可多选，限工作人员）",
        staff=True,
    ),
    Parameter("q", "text", "words in id, name or address, all of them", "编号、名称、地址中的文字", high=100),
    Parameter(
        "sort",
        "sort",
        "field to sort by, a leading - for descending; default -tax_yuan",
        "排序字段，前加 - 为降序；缺省为 -tax_yuan",
        paging=True,
    ),
    Parameter(
        "limit",
        "integer",
        f"most towers in one answer, {DEFAULT_LIMIT} when absent",
        f"每页最多楼宇数（缺省 {DEFAULT_LIMIT}）",
        low=1,
        high=LARGEST_LIMIT,
        paging=True,
    ),
    Parameter(
        "offset", "integer", "towers to pass over first", "跳过的楼宇数", low=0, high=10_000_000, paging=True
    ),
)


@dataclass(frozen=True, slots=True)
class ParameterFault:
    """One wrong parameter: its name, what was found, what was expected, in English and in Chinese.

    ``found_zh`` is what was found in Chinese where ``found`` is a phrase of our own and not the parameter's value.
    """

    parameter: str
    found: str
    expected: str
    expected_zh: str = ""
    found_zh: str = ""

    def found_in(self, lang: Lang) -> str:
        """Return what was found, in ``lang`` where it is a phrase of our own."""
        return self.found_zh if lang == "zh" and self.found_zh else self.found

    def expected_in(self, lang: Lang) -> str:
        """Return what was expected in ``lang``; English where there is no Chinese."""
        return (self.expected_zh if lang == "zh" else "") or self.expected

    def line(self, lang: Lang = "en") -> str:
        """Return the fault on one line."""
        if lang == "zh":
            return f"{self.parameter}：实为 {self.found_in(lang)}，应为{self.expected_in(lang)}"
        return f"{self.parameter}: found {self.found}, expected {self.expected}"


def unknown_parameter(name: str, expected: str, expected_zh: str) -> ParameterFault:
    """Return the fault of a parameter whose name nobody knows."""
    return ParameterFault(shown(name)[1:-1], "an unknown parameter", expected, expected_zh, "不认识的参数")


class FilterError(BuildingmapError):
    """A filter that cannot be read; ``faults`` names every wrong parameter."""

    def __init__(self, faults: tuple[ParameterFault, ...]) -> None:
        """Keep every fault."""
        super().__init__("; ".join(fault.line() for fault in faults))
        self.faults = faults

    def text(self, lang: Lang) -> str:
        """Return every fault, one after the other."""
        return ("；" if lang == "zh" else "; ").join(fault.line(lang) for fault in self.faults)
