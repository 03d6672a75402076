"""The records that make a tower's file (一楼一档), each one row of the registry, and the check of one row."""

from __future__ import annotations

import json
import re
from datetime import date
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
from stdnum.cn import uscc as uscc_number
from stdnum.exceptions import ValidationError as NumberError

from buildingmap.model.building import (
    MOST_M2,
    MOST_YUAN,
    ClusterId,
    Day,
    SectorId,
    Year,
    choices_of,
    chosen_from,
    type_line,
    whole,
)
from buildingmap.model.faults import Expected, Fault, printable, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildingmap.model.district import District

LOWEST_FLOOR: Final = -20
HIGHEST_FLOOR: Final = 200
_RANGE: Final = re.compile(r"(B?-?\d{1,3})(?:\s*[-–~至]\s*(B?-?\d{1,3}))?", re.IGNORECASE)
_MOST_JSON: Final = 1_000_000
_QUOTED: Final = re.compile(r"'([^']*)'")


def floors_of(text: str) -> tuple[int, ...]:
    """Return the floors that a text such as ``3-5, 8`` or ``B2-B1`` names, low to high, each once.

    There is no floor 0; ``B1`` is -1. Raises ValueError for anything else.
    """
    found: set[int] = set()
    for part in re.split(r"[,，、;；]", text.replace("层", "").replace("F", "").replace("f", "")):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"found {part!r}, expected floors such as 3-5 or B1")
        low = _floor(match[1])
        high = low if match[2] is None else _floor(match[2])
        if not LOWEST_FLOOR <= low <= high <= HIGHEST_FLOOR:
            raise ValueError(f"found {part!r}, expected floors from {LOWEST_FLOOR} to {HIGHEST_FLOOR}")
        found |= set(range(low, high + 1)) - {0}
    if not found:
        raise ValueError(f"found {text!r}, expected at least one floor")
    return tuple(sorted(found))


def _floor(text: str) -> int:
    return -int(text[1:].lstrip("-")) if text[0] in "Bb" else int(text)


def _ranges(text: str) -> str:
    floors_of(text)
    return text


def _uscc(text: str) -> str:
    try:
        return str(uscc_number.validate(text))
    except NumberError as error:
        raise ValueError(str(error)) from error


def _not_ground_zero(number: int) -> int:
    if not number:
        raise ValueError("there is no floor 0")
    return number


def _json(text: str) -> str:
    if len(text) > _MOST_JSON:
        raise ValueError("too long")
    try:
        json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return text


_Id = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.:\-]+$"), type_line]
_Line60 = Annotated[str, Field(max_length=60), type_line]
_Line200 = Annotated[str, Field(min_length=1, max_length=200), type_line]
_Line300 = Annotated[str, Field(max_length=300), type_line]
_Area = Annotated[float, Field(gt=0, le=MOST_M2, allow_inf_nan=False)]
_Yuan = Annotated[float, Field(ge=0, le=MOST_YUAN, allow_inf_nan=False)]
_Number = Annotated[float, Field(allow_inf_nan=False)]
_Floor = Annotated[
    int, Field(ge=LOWEST_FLOOR, le=HIGHEST_FLOOR), BeforeValidator(whole), AfterValidator(_not_ground_zero)
]
_Count = Annotated[int, Field(ge=0, le=100_000), BeforeValidator(whole)]


class Record(BaseModel):
    """One row of a table of the registry: its id, where its facts come from and as of when they hold."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, regex_engine="python-re")

    id: _Id
    source: _Line300 | None = None
    as_of: Day | None = None

    def values(self) -> dict[str, Any]:
        """Return every field, JSON-ready."""
        return self.model_dump(mode="json")


class TaxEntry(Record):
    """Tax of one tower in a year, or in one ``quarter`` of it, in all or of one ``tax_type``; yuan.

    The year as a whole (quarter and tax type None) is what the mark is held against.
    ``taxpayer_count``: how many companies paid it.
    """

    building_id: _Id
    year: Year
    quarter: Annotated[int, Field(ge=1, le=4), BeforeValidator(whole)] | None = None
    tax_type: _Line60 | None = None
    tax_yuan: _Yuan | None = None
    district_revenue_yuan: _Yuan | None = None
    taxpayer_count: _Count | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        tax, revenue = self.tax_yuan, self.district_revenue_yuan
        if tax is not None and revenue is not None and revenue > tax:
            raise _disagreement("district_revenue_yuan", "revenue_over_tax", revenue, tax_yuan=tax)
        return self

    @property
    def is_annual_total(self) -> bool:
        """Whether this is the year as a whole, all taxes together."""
        return self.quarter is None and self.tax_type is None


class Tenant(Record):
    """A company in a tower (入驻企业). ``floors`` such as ``3-5,8``; ``area_m2`` is what it leases.

    ``locally_registered`` (属地注册) and ``locally_taxed`` (属地纳税): None is unknown. ``registration_moved_on``:
    the day its registration left the district. A tenant whose ``moved_out_on`` has passed is no longer resident.
    """

    building_id: _Id
    name: _Line200
    uscc: Annotated[str, AfterValidator(_uscc)] | None = None
    sector: SectorId | None = None
    floors: Annotated[str, Field(max_length=200), AfterValidator(_ranges)] | None = None
    area_m2: _Area | None = None
    lease_start: Day | None = None
    lease_end: Day | None = None
    locally_registered: bool | None = None
    locally_taxed: bool | None = None
    registered_address: _Line300 | None = None
    registration_moved_on: Day | None = None
    moved_out_on: Day | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.lease_start is not None and self.lease_end is not None and self.lease_end < self.lease_start:
            raise _disagreement("lease_end", "lease_order", self.lease_end, lease_start=self.lease_start)
        return self

    @property
    def floor_numbers(self) -> tuple[int, ...]:
        """The floors it occupies, low to high; empty where unknown."""
        return () if self.floors is None else floors_of(self.floors)


class Floor(Record):
    """A floor of a tower with the area that can be let on it; -1 is the first below ground."""

    building_id: _Id
    number: _Floor
    leasable_area_m2: _Area | None = None
    use: _Line60 | None = None


class Unit(Record):
    """A lettable unit of a floor; without a ``tenant_id`` it is vacant.

    ``position`` counts units along the floor from 1: neighbours by number share a wall.
    """

    building_id: _Id
    floor: _Floor
    label: _Line60
    area_m2: _Area
    position: _Count | None = None
    tenant_id: _Id | None = None
    available_from: Day | None = None
    asking_rent_yuan_m2_day: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] | None = None


class ServiceOfficer(Record):
    """Who serves a tower: its head (楼长) or its service officer (服务专员)."""

    building_id: _Id
    name: _Line200
    duty: Literal["head", "service"] = "service"
    phone: _Line60 | None = None
    since: Day | None = None


class Document(Record):
    """A document that facts of a tower come from: what it is and where it lies, not its content."""

    building_id: _Id | None = None
    title: _Line200
    kind: _Line60 | None = None
    reference: _Line300 | None = None
    issued_on: Day | None = None


class Project(Record):
    """A tower to come: what is invested and who answers for it. Its ``id`` is unique, one project per tower."""

    building_id: _Id
    investment_yuan: Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)] | None = None
    responsible: _Line200 | None = None
    note: _Line300 | None = None


class Milestone(Record):
    """A step of a tower to come: planned, now expected, and done."""

    building_id: _Id
    kind: Literal["land", "permit", "start", "topping_out", "hand_over"]
    planned_on: Day | None = None
    expected_on: Day | None = None
    done_on: Day | None = None


class Goal(Record):
    """A target of a year: ``measure`` is ``towers_past_mark``, another that can be computed, or an office's own.

    ``reached`` is typed in for a measure that cannot be computed.
    """

    year: Year
    measure: _Line60
    label: _Line200 | None = None
    value: _Number
    unit: _Line60 | None = None
    reached: _Number | None = None


class Site(Record):
    """A candidate parcel for new towers; its Polygon stands beside it, WGS84."""

    name: _Line200
    cluster: ClusterId | None = None
    area_m2: Annotated[float, Field(gt=0, le=10_000_000, allow_inf_nan=False)] | None = None
    floor_area_ratio: Annotated[float, Field(gt=0, le=50, allow_inf_nan=False)] | None = None
    height_limit_m: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] | None = None
    earliest_year: Year | None = None
    rule: Literal["open", "fixed", "forbidden"] = "open"


class Plan(Record):
    """A saved scenario: its title and its document in JSON, with the registry version it was made from."""

    title: _Line200
    document: Annotated[str, AfterValidator(_json)]
    # PostgreSQL keeps it in 32 bits
    registry_version: Annotated[int, Field(ge=0, le=2_000_000_000)] | None = None


class ImportMapping(Record):
    """How an office's columns are read; the ``id`` is the fingerprint of its headers."""

    name: _Line200
    document: Annotated[str, AfterValidator(_json)]


# by table, parents before those that refer to them
RECORDS: Final[dict[str, type[Record]]] = {
    "tax_record": TaxEntry,
    "tenant": Tenant,
    "floor": Floor,
    "unit": Unit,
    "service_officer": ServiceOfficer,
    "document": Document,
    "project": Project,
    "milestone": Milestone,
    "goal": Goal,
    "site": Site,
    "plan": Plan,
    "import_mapping": ImportMapping,
}
_DAYS: Final = dict.fromkeys(
    (
        "lease_start",
        "lease_end",
        "registration_moved_on",
        "moved_out_on",
        "available_from",
        "since",
        "issued_on",
        "planned_on",
        "expected_on",
        "done_on",
    ),
    "day",
)
_CODES: Final = _DAYS | {
    "name": "line_200",
    "title": "line_200",
    "label": "line_200",
    "responsible": "line_200",
    "floors": "floor_ranges",
    "number": "floor_number",
    "floor": "floor_number",
    "earliest_year": "year",
    "locally_registered": "flag",
    "locally_taxed": "flag",
    "registered_address": "line_300",
    "reference": "line_300",
    "note": "line_300",
    "asking_rent_yuan_m2_day": "rent",
    "position": "taxpayer_count",
    "value": "number",
    "reached": "number",
    "height_limit_m": "height_m",
    "document": "text_json",
    "registry_version": "taxpayer_count",
    "tax_type": "line_60",
    "use": "line_60",
    "kind": "line_60",
    "phone": "line_60",
    "measure": "line_60",
    "unit": "line_60",
}
_OWN_CODES: Final = {("site", "area_m2"): "site_area_m2", ("unit", "label"): "line_60"}


def record_from_row(table: str, row: Mapping[str, Any], district: District) -> Record | list[Fault]:
    """Check one row of ``table`` (a key of RECORDS), its keys the record's field names.

    Returns the record, or every fault of the row.
    """
    kind = RECORDS[table]
    try:
        return kind.model_validate(dict(row), context={"district": district})
    except ValidationError as error:
        known = row.get("id")
        row_id = printable(known) if isinstance(known, str) else ""
        return [_fault(details, table, row_id, district) for details in error.errors(include_url=False)]


def _fault(details: Any, table: str, row_id: str, district: District) -> Fault:
    if not details["loc"]:
        context = details["ctx"]
        expected = Expected.of(details["type"], **context["values"])
        return Fault(expected, context["field"], context["found"], building_id=row_id)
    field = str(details["loc"][0])
    missing = details["type"] == "missing"
    return Fault(
        _expected(details, table, field, district),
        field,
        "nothing" if missing else shown(details["input"]),
        building_id=row_id,
        found_zh="空" if missing else "",
    )


def _expected(details: Any, table: str, field: str, district: District) -> Expected:
    if details["type"] == "extra_forbidden":
        return Expected.of("record_field", table=table)
    if details["type"] == "literal_error":
        return Expected.of("choice", **chosen_from(_QUOTED.findall(details["ctx"]["expected"])))
    if field in {"sector", "cluster"}:
        return Expected.of(field, **choices_of(field, district))
    return Expected.of(_OWN_CODES.get((table, field)) or _CODES.get(field, field))


def _disagreement(field: str, code: str, found: object, **values: object) -> PydanticCustomError:
    written = found.isoformat() if isinstance(found, date) else found
    context = {"field": field, "found": shown(written), "values": values}
    return PydanticCustomError(code, "fields disagree", context)
