"""A plan file: how many towers, on which terms, and what counts how much; TOML or JSON."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from buildingmap.errors import BuildingmapError
from buildingmap.placement.comparing import Comparison, ComparisonError, weights_from_comparisons
from buildingmap.placement.criterion import CRITERIA, Criterion
from buildingmap.resources import data_folder

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.model import District

# the criteria are named in a module of their own, which comparisons need too; they are still to be had from here
__all__ = [
    "CRITERIA", "Candidates", "Criterion", "Linkage", "PlanError", "PlanFile", "Quota", "Reference", "Strategy",
    "Weights", "Wish", "default_plan", "expect_known", "parse_plan", "plan_of", "plan_schema", "read_plan",
]  # fmt: skip

Candidates = Literal["sites", "coming"]

_MOST_BYTES: Final = 1_000_000
# shares of weight closer than this are the same: they may have been written and read back
_SAME_SHARE: Final = 1e-9
_MOST_TOWERS: Final = 200
_SHOWN: Final = 60

_Id = Annotated[str, Field(min_length=1, max_length=64)]
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Positive = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]
_Metres = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
_Area = Annotated[float, Field(gt=0, le=100_000_000, allow_inf_nan=False)]
_Weight = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
# Saaty's scale goes from 1/9 to 9; rounded fractions are a little outside
_Judgement = Annotated[float, Field(ge=0.1, le=10, allow_inf_nan=False)]
_WHOLE_WEIGHT: Final = 100.0
_Count = Annotated[int, Field(ge=1, le=_MOST_TOWERS)]
# TOML has no null: "any" is what it says for a number of towers that is left open
_Towers = Annotated[
    _Count | None,
    BeforeValidator(
        lambda given: None if given == "any" else given,
        json_schema_input_type=_Count | Literal["any"] | None,
    ),
]


@dataclass(frozen=True, slots=True)
class PlanFault:
    """One thing wrong with a plan: ``entry`` is its place (``weights.tax``); ``expected`` in English and Chinese."""

    entry: str
    found: str
    expected: tuple[str, str]


class PlanError(BuildingmapError):
    """A plan cannot be used: one line for each thing wrong, with the file, the entry, the found and the expected."""

    def __init__(self, message: str, faults: tuple[PlanFault, ...] = ()) -> None:
        """Say ``message``; ``faults`` are the same for whoever shows them one by one."""
        super().__init__(message)
        self.faults = faults


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Weights(_Frozen):
    """What each criterion counts, in any unit; points come from their shares."""

    access: _Weight = 15
    agglomeration: _Weight = 15
    linkage: _Weight = 10
    vacancy: _Weight = 15
    capacity: _Weight = 10
    strategy: _Weight = 15
    tax: _Weight = 20

    @model_validator(mode="after")
    def _some(self) -> Self:
        if sum(self.of(criterion) for criterion in CRITERIA) <= 0:
            raise PydanticCustomError("no_weight", "found nothing but 0, expected one criterion to count")
        return self

    def of(self, criterion: Criterion) -> float:
        """Return the weight as it was given."""
        return float(getattr(self, criterion))

    @property
    def shares(self) -> dict[Criterion, float]:
        """Each weight's share of all of them; they come to 1."""
        whole = sum(self.of(criterion) for criterion in CRITERIA)
        return {criterion: self.of(criterion) / whole for criterion in CRITERIA}


class Quota(_Frozen):
    """Of the towers chosen, how many: from ``min`` to ``max``, both inclusive; None is no bound."""

    min: Annotated[int, Field(ge=0, le=_MOST_TOWERS)] = 0
    max: Annotated[int, Field(ge=0, le=_MOST_TOWERS)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max is not None and self.max < self.min:
            bounds = {"max": self.max, "min": self.min}
            raise PydanticCustomError("quota", "found a max of {max} below the min of {min}", bounds)
        return self


class Wish(_Frozen):
    """A site, or a site with one sector."""

    site: _Id
    sector: _Id | None = None


class Reference(_Frozen):
    """What the criteria are measured against; docs/plan.md has the formulas."""

    station_reach_m: _Positive = 600
    reach_m: _Positive = 800
    stock_m2: _Positive = 150_000
    vacant_m2: _Positive = 100_000
    capacity_m2: _Positive = 60_000
    neighbour_share: _Share = 0.1
    storey_height_m: Annotated[float, Field(ge=2, le=20)] = 4.2
    site_coverage: Annotated[float, Field(gt=0, le=1)] = 0.4
    floor_area_ratio: Annotated[float, Field(gt=0, le=50)] = 3.5
    least_comparables: Annotated[int, Field(ge=1, le=1000)] = 5


class Strategy(_Frozen):
    """How well a sector fits what a cluster is meant to become, 0 to 1, by cluster and sector."""

    source: str = ""
    unnamed: _Share = 0.3
    fit: dict[_Id, dict[_Id, _Share]] = {}


class Linkage(_Frozen):
    """How much a sector gains from another nearby, 0 to 1, by the one that gains and the other."""

    source: str = ""
    gains: dict[_Id, dict[_Id, _Share]] = {}


class PlanFile(_Frozen):
    """The terms of a plan; what is left out has a default."""

    title: Annotated[str, Field(max_length=200)] = ""
    candidates: Candidates = "sites"
    towers: _Towers = None
    floor_area_min_m2: _Area | None = None
    floor_area_max_m2: _Area | None = None
    year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    spacing_m: _Metres = 60
    occupied: Literal["exclude", "warn"] = "exclude"
    leading: Annotated[tuple[_Id, ...], Field(min_length=1)] | None = None
    weights: Weights = Weights()
    comparisons: dict[Criterion, dict[Criterion, _Judgement]] | None = None
    sectors: dict[_Id, Quota] = {}
    clusters: dict[_Id, Quota] = {}
    fixed: tuple[Wish, ...] = ()
    forbidden: tuple[Wish, ...] = ()
    apart: tuple[tuple[_Id, _Id], ...] = ()
    reference: Reference = Reference()
    strategy: Strategy = Strategy()
    linkage: Linkage = Linkage()
    gap: _Share = 0.0
    seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0

    @model_validator(mode="after")
    def _weighed_once(self) -> Self:
        """Take the weights from the comparisons where there are any; beside them they may only repeat them."""
        compared = self.comparison
        if compared is None:
            return self
        follow = Weights(
            **{each: _WHOLE_WEIGHT * compared.weights.get(each, 0.0) for each in CRITERIA},
        )
        if "weights" in self.model_fields_set and any(
            abs(self.weights.shares[each] - follow.shares[each]) > _SAME_SHARE for each in CRITERIA
        ):
            raise ValueError(
                "found weights beside comparisons they do not follow from, expected one of the two"
            )
        object.__setattr__(self, "weights", follow)
        return self

    @property
    def comparison(self) -> Comparison | None:
        """What follows from the comparisons of the plan; None where it states weights."""
        if self.comparisons is None:
            return None
        try:
            return weights_from_comparisons(
                {(one, other): value for one, row in self.comparisons.items() for other, value in row.items()}
            )
        except ComparisonError as error:
            raise ValueError(str(error)) from error

    def leading_sectors(self, district: District) -> tuple[str, ...]:
        """Return the sectors that a new tower can be for: those named, else all of the district but ``other``."""
        if self.leading is not None:
            return self.leading
        return tuple(sector.id for sector in district.sectors if sector.id != "other")


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema of a plan file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "buildingmap plan",
        **PlanFile.model_json_schema(),
    }


@cache
def default_plan() -> PlanFile:
    """Return the plan of ``data/plan.toml``."""
    return read_plan(data_folder() / "plan.toml", complete=True)


def read_plan(path: Path, *, complete: bool = False) -> PlanFile:
    """Read a plan from a TOML or JSON file; what it leaves out is taken from the default plan unless ``complete``.

    Raises PlanError.
    """
    name = path.name
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise PlanError(f"{name}: {error.strerror}, expected a plan as TOML or JSON") from error
    return parse_plan(content, name, is_json=path.suffix.lower() == ".json", complete=complete)


def parse_plan(content: bytes, name: str, *, is_json: bool, complete: bool = False) -> PlanFile:
    """Read a plan from its bytes; see ``read_plan``. Raises PlanError."""
    if len(content) > _MOST_BYTES:
        raise PlanError(f"{name}: found more than {_MOST_BYTES} bytes, expected a plan")
    try:
        text = content.decode("utf-8-sig")
        given = json.loads(text) if is_json else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        kind = "JSON" if is_json else "TOML"
        raise PlanError(f"{name}: expected {kind} in UTF-8 ({_plain(str(error))})") from error
    return plan_of(given, name, complete=complete)


def plan_of(given: Any, name: str, *, complete: bool = False) -> PlanFile:
    """Return the plan that a dictionary of plain values states; see ``read_plan``. Raises PlanError."""
    if not isinstance(given, dict):
        raise PlanError(f"{name}: found {_plain(given)}, expected a table of entries")
    if not complete:
        # a table in the file replaces the default's table of the same name, whole: quotas must not mix
        given = {**_default_entries(given), **given}
    try:
        return PlanFile.model_validate(given)
    except ValidationError as error:
        faults = tuple(_fault(details) for details in error.errors())
        raise PlanError("\n".join(_line(name, details) for details in error.errors()), faults) from error


def _default_entries(given: dict[str, Any]) -> dict[str, Any]:
    entries = default_plan().model_dump(exclude_unset=True)
    if given.get("comparisons") is not None:
        # weights that the file does not state follow from its comparisons
        entries.pop("weights", None)
    if "towers" not in given and "floor_area_max_m2" in given:
        # a plan by floor area says itself how many towers there are
        entries.pop("towers", None)
    return entries


def expect_known(plan: PlanFile, district: District, site_ids: frozenset[str], name: str) -> None:
    """Raise PlanError for every sector, cluster or site that a plan names and that there is not."""
    sectors = {sector.id for sector in district.sectors}
    clusters = {cluster.id for cluster in district.clusters}
    faults = [
        *_unknown("leading", plan.leading or (), sectors, "sectors"),
        *_unknown("sectors", plan.sectors, sectors, "sectors"),
        *_unknown("clusters", plan.clusters, clusters, "clusters"),
        *_unknown("strategy.fit", plan.strategy.fit, clusters, "clusters"),
        *_unknown("linkage.gains", plan.linkage.gains, sectors, "sectors"),
        *(
            fault
            for table, entries in (("strategy.fit", plan.strategy.fit), ("linkage.gains", plan.linkage.gains))
            for key, named in entries.items()
            for fault in _unknown(f"{table}.{key}", named, sectors, "sectors")
        ),
    ]
    for entry, wishes in (("fixed", plan.fixed), ("forbidden", plan.forbidden)):
        faults += _unknown(entry, [wish.site for wish in wishes], site_ids, "sites")
        faults += _unknown(entry, [wish.sector for wish in wishes if wish.sector], sectors, "sectors")
    faults += _unknown("apart", [site for pair in plan.apart for site in pair], site_ids, "sites")
    if faults:
        lines = [
            f"{name}: {fault.entry}: found {fault.found}, expected {fault.expected[0]}" for fault in faults
        ]
        raise PlanError("\n".join(lines), tuple(faults))


_WHAT_ZH: Final = {"sectors": "产业", "clusters": "片区", "sites": "候选地块"}


def _unknown(entry: str, given: Any, known: Any, what: str) -> list[PlanFault]:
    more = len(known) > 12  # noqa: PLR2004 - a line's length
    listed = sorted(known)[:12]
    english = ", ".join(listed) + (", …" if more else "")
    chinese = "、".join(listed) + (" 等" if more else "")
    expected = (
        f"one of the district's {what}: {english or 'none'}",
        f"本区{_WHAT_ZH[what]}之一：{chinese or '无'}",
    )
    return [PlanFault(entry, _plain(one), expected) for one in given if one not in known]


def _line(name: str, details: Any) -> str:
    where = ".".join(str(part) for part in details["loc"])
    missing = details["type"] in _SAID_WHOLE
    found = "" if missing else f"found {_plain(details['input'])}, "
    return f"{name}: {_plain(where)}: {found}{_plain(details['msg'])}"


# errors whose message says what was found
_SAID_WHOLE: Final = frozenset({"missing", "value_error", "no_weight", "quota"})
# what pydantic expects, in Chinese, by its type of error; {} is the bound
_EXPECTED_ZH: Final = {
    "greater_than_equal": "不小于 {ge}",
    "greater_than": "大于 {gt}",
    "less_than_equal": "不大于 {le}",
    "less_than": "小于 {lt}",
    "int_parsing": "整数",
    "int_type": "整数",
    "int_from_float": "整数",
    "float_parsing": "数字",
    "float_type": "数字",
    "finite_number": "有限的数字",
    "string_too_long": "至多 {max_length} 个字符",
    "string_too_short": "至少 {min_length} 个字符",
    "string_type": "文字",
    "too_short": "至少 {min_length} 项",
    "missing": "必填",
    "extra_forbidden": "没有这个条目",
    "literal_error": "{expected} 之一",
    "no_weight": "至少一项指标的权重大于 0",
    "quota": "至多 {max} 不得少于至少 {min}",
}


def _fault(details: Any) -> PlanFault:
    kind = details["type"]
    found = "" if kind in _SAID_WHOLE else _plain(details["input"])
    message = _plain(details["msg"]).removeprefix("Value error, ")
    words = _EXPECTED_ZH.get(kind, message).format(**details.get("ctx", {}))
    return PlanFault(_plain(".".join(str(part) for part in details["loc"])), found, (message, words))


def _plain(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    text = "".join(each if each.isprintable() else " " for each in text)
    return text if len(text) <= _SHOWN * 2 else text[:_SHOWN] + "…"
