"""A tower, its tax records, and the check of one row."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from buildingmap.model.faults import Expected, Fault, shown
from buildingmap.model.names import CHOICE_NAMES, choices_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from buildingmap.model.district import District

Status = Literal["existing", "under_construction", "planned"]
STATUSES: Final[tuple[Status, ...]] = ("existing", "under_construction", "planned")
# as many as there are years to have a tax of
_MOST_YEARS: Final = 2100 - 1990 + 1
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOST_YUAN: Final = 100_000_000_000
MOST_M2: Final = 2_000_000

# Control characters, lone surrogates and the marks that reverse the direction of text have no place in a name.
_REFUSED_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff")


def is_one_line(text: str) -> bool:
    """Tell whether a text is one plain line: no controls, direction marks, noncharacters, outer white space."""
    # what is refused is never printable, and most names are
    plain = text.isprintable() or not any(_is_refused(char) for char in text)
    return plain and text == text.strip()


def as_one_line(text: str) -> str:
    """Return a text as one plain line: white space of any kind as single spaces, whatever else is refused dropped."""
    if not text.isprintable():
        text = "".join(char for char in text if char.isspace() or not _is_refused(char))
    return " ".join(text.split())


def _is_refused(char: str) -> bool:
    return (
        unicodedata.category(char) in _REFUSED_CATEGORIES
        or char in _DIRECTION_MARKS
        or _is_no_character(char)
    )


def _is_no_character(char: str) -> bool:
    """Tell whether Unicode keeps a code point free for good; XML, and so Excel, cannot carry some of these."""
    code = ord(char)
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF  # noqa: PLR2004 - the standard's own numbers


def _one_line(text: str) -> str:
    if not is_one_line(text):
        raise ValueError("not one plain line")
    return text


def whole(value: Any) -> Any:
    """Return 12.0 as 12: JSON has one kind of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _day(value: Any) -> Any:
    if isinstance(value, str):
        # fromisoformat would take 2023-W01-1 as well
        if not _DAY.fullmatch(value):
            raise ValueError("not a date")
        return date.fromisoformat(value)
    return value


def _sector(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str) and info.context is not None:
        found: str | None = info.context["district"].sector_id(value)
        if found is None:
            raise ValueError("unknown sector")
        return found
    return value


def _cluster(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str) and info.context is not None:
        found: str | None = info.context["district"].cluster_id(value)
        if found is None:
            raise ValueError("unknown cluster")
        return found
    return value


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        raise ValueError("twice the same")
    return values


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


type_line = AfterValidator(_one_line)
# constraints stand before the validators that wrap them: only so does the JSON Schema carry them
Year = Annotated[int, Field(ge=1990, le=2100), BeforeValidator(whole)]
_Yuan = Annotated[float, Field(ge=0, le=MOST_YUAN, allow_inf_nan=False)]
SectorId = Annotated[str, BeforeValidator(_sector)]
ClusterId = Annotated[str, BeforeValidator(_cluster)]
Day = Annotated[date, BeforeValidator(_day)]


class TaxRecord(BaseModel):
    """The tax of one tower in one year: total (全口径税收) and district-retained (区级收入), yuan."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    year: Year
    tax_yuan: _Yuan | None = None
    district_revenue_yuan: _Yuan | None = None


class Building(BaseModel):
    """One office tower, without its footprint; field names are the contract of the layer.

    ``tax_yuan``, ``district_revenue_yuan`` and ``tax_year`` are the newest year's; ``tax_history`` holds all years.
    """

    # Python's own regular expressions, so that a letter is a letter by one rule everywhere
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, regex_engine="python-re")

    id: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.:\-]+$"), AfterValidator(_one_line)]
    name: Annotated[str, Field(min_length=1, max_length=200), type_line]
    name_en: Annotated[str, Field(max_length=200), type_line] | None = None
    address: Annotated[str, Field(max_length=300), type_line] | None = None
    cluster: ClusterId | None = None
    status: Status = "existing"
    completion_year: Annotated[int, Field(ge=1900, le=2100), BeforeValidator(whole)] | None = None
    floors: Annotated[int, Field(ge=1, le=200), BeforeValidator(whole)] | None = None
    height_m: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] | None = None
    floor_area_m2: Annotated[float, Field(gt=0, le=MOST_M2, allow_inf_nan=False)] | None = None
    leasable_area_m2: Annotated[float, Field(ge=0, le=MOST_M2, allow_inf_nan=False)] | None = None
    vacancy_rate: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    sector: SectorId | None = None
    sectors: Annotated[
        tuple[SectorId, ...], Field(max_length=20), BeforeValidator(_listed), AfterValidator(_each_once)
    ] = ()
    tax_yuan: _Yuan | None = None
    district_revenue_yuan: _Yuan | None = None
    tax_year: Year | None = None
    tax_history: Annotated[
        tuple[TaxRecord, ...], Field(max_length=_MOST_YEARS), BeforeValidator(_listed)
    ] = ()
    grade: Annotated[str, Field(max_length=40), type_line] | None = None
    grade_standard: Annotated[str, Field(max_length=80), type_line] | None = None
    grade_date: Day | None = None
    source: Annotated[str, Field(max_length=300), type_line] | None = None
    as_of: Day | None = None

    @model_validator(mode="after")
    def _figures_agree(self) -> Self:
        if (
            self.leasable_area_m2 is not None
            and self.floor_area_m2 is not None
            and self.leasable_area_m2 > self.floor_area_m2
        ):
            raise _disagreement(
                "leasable_area_m2",
                "leasable_over_gross",
                self.leasable_area_m2,
                floor_area_m2=self.floor_area_m2,
            )
        records: tuple[Building | TaxRecord, ...] = (self, *self.tax_history)
        for record in records:
            tax, revenue = record.tax_yuan, record.district_revenue_yuan
            if tax is not None and revenue is not None and revenue > tax:
                raise _disagreement("district_revenue_yuan", "revenue_over_tax", revenue, tax_yuan=tax)
        self._history_agrees()
        return self

    def _history_agrees(self) -> None:
        if not self.tax_history:
            return
        by_year = {record.year: record for record in self.tax_history}
        if len(by_year) != len(self.tax_history):
            raise _disagreement("tax_history", "tax_history", [record.year for record in self.tax_history])
        for record in self.tax_history:
            if record.tax_yuan is None and record.district_revenue_yuan is None:
                raise _disagreement("tax_history", "tax_of_year", record.year, year=record.year)
        newest = by_year[max(by_year)]
        named = (self.tax_year, self.tax_yuan, self.district_revenue_yuan)
        if named != (newest.year, newest.tax_yuan, newest.district_revenue_yuan):
            raise _disagreement("tax_year", "newest_tax", self.tax_year, year=self.tax_year)

    @property
    def tax_records(self) -> tuple[TaxRecord, ...]:
        """Every dated tax record, oldest first; empty where no year is known."""
        if self.tax_history:
            return tuple(sorted(self.tax_history, key=lambda record: record.year))
        if self.tax_year is None:
            return ()
        return (
            TaxRecord(
                year=self.tax_year, tax_yuan=self.tax_yuan, district_revenue_yuan=self.district_revenue_yuan
            ),
        )

    def in_year(self, year: int) -> Self:
        """Return the tower as it was known in ``year``: that year's tax as the newest, later years left out.

        Without a record of the year, nothing is known of its tax.
        """
        history = tuple(record for record in self.tax_records if record.year <= year)
        newest = history[-1] if history and history[-1].year == year else None
        return self.model_copy(
            update={
                "tax_year": None if newest is None else year,
                "tax_yuan": None if newest is None else newest.tax_yuan,
                "district_revenue_yuan": None if newest is None else newest.district_revenue_yuan,
                "tax_history": () if newest is None else history,
            }
        )

    def with_figures_of(self, year: int) -> Self:
        """Return the tower with the tax of ``year`` in place of the newest, every year kept in the history.

        Without a record of the year, nothing is known of its tax; an undated figure stays.
        """
        records = self.tax_records
        if not records or self.tax_year == year:
            return self
        named = next((record for record in records if record.year == year), None)
        return self.model_copy(
            update={
                "tax_year": None if named is None else year,
                "tax_yuan": None if named is None else named.tax_yuan,
                "district_revenue_yuan": None if named is None else named.district_revenue_yuan,
                "tax_history": records,
            }
        )

    def properties(self) -> dict[str, Any]:
        """Return the layer's properties, JSON-ready, in the order of the contract; unknown is None."""
        return self.model_dump(mode="json")


def _disagreement(field: str, code: str, found: object, **values: object) -> PydanticCustomError:
    context = {"field": field, "found": shown(found), "values": values}
    return PydanticCustomError(code, "fields disagree", context)


def building_from_row(row: Mapping[str, Any], district: District) -> Building | list[Fault]:
    """Check one row, whose keys are the contract's property names, against the model.

    Returns the building, or every fault of the row (without file and place, which the caller knows).
    ``tax_history`` alone is enough for the newest year: the three newest-year fields are then read from it, and so
    they are where they repeat an older year of it, as exports name the year in force.
    """
    values = dict(row)
    history = values.get("tax_history")
    if history and (all(values.get(name) is None for name in _OF_NEWEST) or _repeats_a_year(values, history)):
        values |= _newest_of(history)
    try:
        return Building.model_validate(values, context={"district": district})
    except ValidationError as error:
        building_id = row.get("id")
        known = building_id if isinstance(building_id, str) and len(building_id) <= 64 else ""  # noqa: PLR2004
        return [_fault(details, known, district) for details in _first_per_field(error)]


_OF_NEWEST: Final = ("tax_year", "tax_yuan", "district_revenue_yuan")


def _repeats_a_year(values: Mapping[str, Any], history: Any) -> bool:
    named = tuple(values.get(name) for name in _OF_NEWEST)
    return isinstance(history, list) and any(
        isinstance(record, dict)
        and named == (record.get("year"), record.get("tax_yuan"), record.get("district_revenue_yuan"))
        for record in history
    )


def _newest_of(history: Any) -> dict[str, Any]:
    if not isinstance(history, list) or not all(
        isinstance(record, dict) and isinstance(record.get("year"), int | float) for record in history
    ):
        return {}
    newest = max(history, key=lambda record: record["year"])
    return {
        "tax_year": newest["year"],
        "tax_yuan": newest.get("tax_yuan"),
        "district_revenue_yuan": newest.get("district_revenue_yuan"),
    }


def _first_per_field(error: ValidationError) -> list[Any]:
    seen: dict[str, Any] = {}
    for details in error.errors(include_url=False):
        field = str(details["loc"][0]) if details["loc"] else str(details.get("ctx", {}).get("field", ""))
        seen.setdefault(field, details)
    return list(seen.values())


def _fault(details: Any, building_id: str, district: District) -> Fault:
    if not details["loc"]:
        context = details["ctx"]
        expected = Expected.of(details["type"], **context["values"])
        return Fault(expected, context["field"], context["found"], building_id=_printable(building_id))
    field = str(details["loc"][0])
    values = choices_of(field, district)
    missing = details["type"] == "missing"
    found, found_zh = ("nothing", "空") if missing else (shown(details["input"]), "")
    if details["type"] == "extra_forbidden" and len(details["loc"]) == 1:
        expected = Expected.of("record_field", table="building")
        return Fault(expected, _printable(field), found, building_id=_printable(building_id))
    expected = Expected.of(field, **values)
    return Fault(expected, field, found, building_id=_printable(building_id), found_zh=found_zh)


def choices_of(field: str, district: District) -> dict[str, str]:
    """Return what may be chosen for a field, in both languages; empty for a field without choices."""
    if field == "status":
        return chosen_from(STATUSES)
    if field not in {"cluster", "sector", "sectors"}:
        return {}
    known = district.clusters if field == "cluster" else district.sectors
    names = {entry.id: (entry.en, entry.zh) for entry in known}
    return {"choices": choices_text(names, "en"), "choices_zh": choices_text(names, "zh")}


def chosen_from(words: Iterable[str]) -> dict[str, str]:
    """Return the words of a choice that the model itself has, in both languages."""
    names = {word: CHOICE_NAMES.get(word, (word, word)) for word in words}
    return {"choices": choices_text(names, "en"), "choices_zh": choices_text(names, "zh")}


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())
