"""A plan file: how many towers, on which terms, and what counts how much; TOML or JSON."""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from buildingmap.placement.comparing import Comparison, ComparisonError, weights_from_comparisons
from buildingmap.placement.criterion import CRITERIA, Criterion
from buildingmap.placement.plan_faults import (
    PlanError,
    PlanFault,
    plain,
    unknown_names,
    validation_faults,
    whole_fault,
)
from buildingmap.resources import data_folder

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.model import District

# the criteria are named in a module of their own, which comparisons need too; they are still to be had from here,
# as what is wrong with a plan is
__all__ = [
    "CRITERIA", "Candidates", "Criterion", "Linkage", "PlanError", "PlanFault", "PlanFile", "Quota", "Reference",
    "Strategy", "Weights", "Wish", "default_plan", "expect_known", "parse_plan", "plan_of", "plan_schema", "read_plan",
]  # fmt: skip

Candidates = Literal["sites", "coming"]

_MOST_BYTES: Final = 1_000_000
# shares of weight closer than this are the same: they may have been written and read back
_SAME_SHARE: Final = 1e-9
_MOST_TOWERS: Final = 200

_Id = Annotated[str, Field(min_length=1, max_length=64)]
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Positive = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]
_Metres = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
_Area = Annotated[float, Field(gt=0, le=100_000_000, allow_inf_nan=False)]
_Weight = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
# Saaty's scale goes from 1/9 to 9; rounded fractions are a little outside
_Judgement = Annotated[float, Field(ge=0.1, le=10, allow_inf_nan=False)]
_WHOLE_WEIGHT: Final = 100.0
_LINE_AND_COLUMN: Final = re.compile(r"line (\d+),? column (\d+)")
_Count = Annotated[int, Field(ge=1, le=_MOST_TOWERS)]
# TOML has no null: "any" is what it says for a number of towers that is left open
_Towers = Annotated[
    _Count | None,
    BeforeValidator(
        lambda given: None if given == "any" else given,
        json_schema_input_type=_Count | Literal["any"] | None,
    ),
]


def _each_once(ids: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(ids)) < len(ids):
        raise PydanticCustomError("each_once", "one of them twice")
    return ids


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Weights(_Frozen):
    """What each criterion counts, in any unit; points come from their shares. What is not named counts nothing."""

    access: _Weight = 0
    agglomeration: _Weight = 0
    linkage: _Weight = 0
    vacancy: _Weight = 0
    capacity: _Weight = 0
    strategy: _Weight = 0
    tax: _Weight = 0

    @model_validator(mode="after")
    def _some(self) -> Self:
        if sum(self.of(criterion) for criterion in CRITERIA) <= 0:
            raise PydanticCustomError("no_weight", "no weight")
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
            raise PydanticCustomError("quota", "a max of {max} below the min of {min}", bounds)
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
    leading: Annotated[tuple[_Id, ...], Field(min_length=1), AfterValidator(_each_once)] | None = None
    weights: Weights = Weights(
        access=15, agglomeration=15, linkage=10, vacancy=15, capacity=10, strategy=15, tax=20
    )
    comparisons: dict[Criterion, dict[Criterion, _Judgement]] | None = None
    sectors: dict[_Id, Quota] = {}
    clusters: dict[_Id, Quota] = {}
    fixed: tuple[Wish, ...] = ()
    forbidden: tuple[Wish, ...] = ()
    apart: tuple[Annotated[tuple[_Id, _Id], AfterValidator(_each_once)], ...] = ()
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
            raise PydanticCustomError("weighed_twice", "weights beside comparisons")
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
            said = {"found": error.found, "english": error.expected[0], "chinese": error.expected[1]}
            raise PydanticCustomError("comparison", "{english}", said) from error

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


def default_plan(district: District | None = None) -> PlanFile:
    """Return the plan of ``data/plan.toml``; of sectors and clusters only what it says of those of ``district``."""
    return _packed_plan() if district is None else _of_district(_packed_plan(), district)


@cache
def _packed_plan() -> PlanFile:
    return read_plan(data_folder() / "plan.toml", complete=True)


def _of_district(plan: PlanFile, district: District) -> PlanFile:
    """Return ``plan`` without the quotas and tables of sectors and clusters that ``district`` does not have.

    A criterion whose table has nothing left says nothing, and counts nothing.
    """
    sectors = {sector.id for sector in district.sectors}
    clusters = {cluster.id for cluster in district.clusters}
    fit, gains = _named(plan.strategy.fit, clusters, sectors), _named(plan.linkage.gains, sectors, sectors)
    changed: dict[str, Any] = {
        "sectors": {key: quota for key, quota in plan.sectors.items() if key in sectors},
        "clusters": {key: quota for key, quota in plan.clusters.items() if key in clusters},
        "strategy": plan.strategy.model_copy(update={"fit": fit} if fit else {"fit": {}, "source": ""}),
        "linkage": plan.linkage.model_copy(update={"gains": gains} if gains else {"gains": {}, "source": ""}),
    }
    silent = {name: 0.0 for name, table in (("strategy", fit), ("linkage", gains)) if not table}
    if silent:
        changed["weights"] = plan.weights.model_copy(update=silent)
    return plan.model_copy(update=changed)


def _named(
    table: dict[str, dict[str, float]], keys: set[str], names: set[str]
) -> dict[str, dict[str, float]]:
    found = {
        key: {name: value for name, value in row.items() if name in names}
        for key, row in table.items()
        if key in keys
    }
    return {key: row for key, row in found.items() if row}


def read_plan(path: Path, *, complete: bool = False, district: District | None = None) -> PlanFile:
    """Read a plan from a TOML or JSON file; what it leaves out is taken from the default plan unless ``complete``.

    ``district``: whose default plan that is. Raises PlanError.
    """
    name = path.name
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise PlanError(name, [_unreadable(error)]) from error
    is_json = path.suffix.lower() == ".json"
    return parse_plan(content, name, is_json=is_json, complete=complete, district=district)


def _unreadable(error: OSError) -> PlanFault:
    english, chinese = "a plan as TOML or JSON", "TOML 或 JSON 的规划文件"
    if isinstance(error, FileNotFoundError):
        return whole_fault(f"{english}; there is no such file", f"{chinese}，而没有这个文件")
    return whole_fault(f"{english}; this cannot be read", f"{chinese}，而此处无法读取")


def parse_plan(
    content: bytes, name: str, *, is_json: bool, complete: bool = False, district: District | None = None
) -> PlanFile:
    """Read a plan from its bytes; see ``read_plan``. Raises PlanError."""
    if len(content) > _MOST_BYTES:
        fault = whole_fault(
            f"a plan of at most {_MOST_BYTES:,} bytes", f"至多 {_MOST_BYTES:,} 字节的规划文件"
        )
        raise PlanError(name, [fault])
    try:
        text = content.decode("utf-8-sig")
        given = json.loads(text) if is_json else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlanError(name, [_unparsed(error, "JSON" if is_json else "TOML")]) from error
    return plan_of(given, name, complete=complete, district=district)


def _unparsed(error: Exception, kind: str) -> PlanFault:
    """Say where a text stops being TOML or JSON; the parser's own words are English and about its grammar."""
    if "end of document" in str(error):
        return whole_fault(
            f"{kind} in UTF-8; this ends in the middle", f"UTF-8 编码的 {kind}，而此处未完即止"
        )
    at = _LINE_AND_COLUMN.search(str(error))
    if at is None:
        return whole_fault(f"{kind} in UTF-8", f"UTF-8 编码的 {kind}")
    line, column = at.groups()
    return whole_fault(
        f"{kind} in UTF-8; this cannot be read from line {line}, column {column}",
        f"UTF-8 编码的 {kind}，而第 {line} 行第 {column} 列起无法读懂",
    )


def plan_of(given: Any, name: str, *, complete: bool = False, district: District | None = None) -> PlanFile:
    """Return the plan that a dictionary of plain values states; see ``read_plan``. Raises PlanError."""
    if not isinstance(given, dict):
        raise PlanError(
            name, [PlanFault("plan", plain(given, quoted=True), ("a table of entries", "由条目组成的表"))]
        )
    if not complete:
        given = _completed(given, default_plan(district))
    try:
        return PlanFile.model_validate(given)
    except ValidationError as error:
        raise PlanError(name, validation_faults(error.errors())) from error


def _completed(given: dict[str, Any], usual: PlanFile) -> dict[str, Any]:
    """Return the entries of a plan with those of the default plan, ``usual``, that it leaves out.

    A table replaces the default's whole, since weights and quotas must not mix; only what is measured against
    (``reference``) is taken entry by entry.
    """
    entries = usual.model_dump(exclude_unset=True)
    if given.get("comparisons") is not None:
        # weights that the file does not state follow from its comparisons
        entries.pop("weights", None)
    if "towers" not in given and "floor_area_max_m2" in given:
        # a plan by floor area says itself how many towers there are
        entries.pop("towers", None)
    reference = given.get("reference")
    if isinstance(reference, dict):
        given = {**given, "reference": {**entries.get("reference", {}), **reference}}
    return {**entries, **given}


def expect_known(plan: PlanFile, district: District, site_ids: frozenset[str], name: str) -> None:
    """Raise PlanError for every sector, cluster or site that a plan names and that there is not."""
    sectors = {sector.id: sector for sector in district.sectors}
    clusters = {cluster.id: cluster for cluster in district.clusters}
    faults = [
        *unknown_names("leading", plan.leading or (), sectors, "sectors"),
        *unknown_names("sectors", plan.sectors, sectors, "sectors"),
        *unknown_names("clusters", plan.clusters, clusters, "clusters"),
        *unknown_names("strategy.fit", plan.strategy.fit, clusters, "clusters"),
        *unknown_names("linkage.gains", plan.linkage.gains, sectors, "sectors"),
        *(
            fault
            for table, entries in (("strategy.fit", plan.strategy.fit), ("linkage.gains", plan.linkage.gains))
            for key, named in entries.items()
            for fault in unknown_names(f"{table}.{key}", named, sectors, "sectors")
        ),
    ]
    for entry, wishes in (("fixed", plan.fixed), ("forbidden", plan.forbidden)):
        faults += unknown_names(entry, [wish.site for wish in wishes], site_ids, "sites")
        faults += unknown_names(entry, [wish.sector for wish in wishes if wish.sector], sectors, "sectors")
    faults += unknown_names("apart", [site for pair in plan.apart for site in pair], site_ids, "sites")
    if faults:
        raise PlanError(name, faults, district)
