"""What an office list says: how it was computed, its columns, its cells in words and in a file."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from buildingmap.amounts import UNKNOWN, area, metres
from buildingmap.layers.writers import Column
from buildingmap.web.languages import text
from buildingmap.web.matching_words import floors_text
from buildingmap.web.tower_words import some_units, yes_or_no
from buildingmap.web.words import money, named, number, percent

if TYPE_CHECKING:
    from collections.abc import Callable

_RENT_DECIMALS: Final = 2
_WIDE: Final = frozenset({"address", "reasons", "tenant", "units"})


def how(key: str) -> str:
    """Return how a list is computed, in a sentence or two."""
    leases = text(
        "Companies that are resident today whose lease ends within the days named, today included; the soonest first."
    )
    return {
        "next_past": text(
            "Existing towers whose tax of the newest complete year is below the mark and that miss at most half of it, "
            "or whose known quarters may come to it this year; smallest gap first. The year by trend repeats the last "
            "change in yuan every year."
        ),
        "about_to_fall": text(
            "Existing towers past the mark that stand less than 10 % of it above, or that fall below it if the last "
            "change comes again, or whose known quarters may not come to it this year; smallest margin first."
        ),
        "vacancies": text(
            "Units of existing towers without a tenant, or whose tenant has moved out, joined with their neighbours "
            "on the floor and, where whole floors are vacant, with the floors above; largest first."
        ),
        "leases_30": leases,
        "leases_60": leases,
        "leases_90": leases,
        "leases_ended": text(
            "Companies on record as resident whose lease has run out: renewed without being recorded, or gone."
        ),
        "registration_moved": text(
            "Companies whose registration has left the district by today, whether they are still in the tower or not; "
            "the latest first."
        ),
        "duplicate_addresses": text(
            "Towers with one address, and resident companies with one registered address; white space, case and width "
            "of letters do not count. Two records of one company share nothing."
        ),
        "over_leased": text(
            "Towers whose residents' leased areas come to more than the leasable area, and floors whose units come to "
            "more than the floor's, by more than 1 m²; most first."
        ),
        "stale": text(
            "Towers whose facts, newest tax, newest tenant or newest unit date from more than 365 days ago, or have no "
            "date; the oldest facts first. A year's tax dates from its last day, a quarter's from its own."
        ),
        "outside_boundary": text(
            "Towers whose point lies outside the boundary of the cluster they are recorded in; farthest first. "
            "A schematic boundary is not surveyed."
        ),
    }[key]


def column_name(column: str) -> str:
    """Return the header of a column."""
    return {
        "tax_year": text("Tax year"),
        "tax_yuan": text("Total tax"),
        "gap_yuan": text("Missing to the mark"),
        "gap_share": text("Missing, share of the mark"),
        "growth_share": text("Change on the year before"),
        "expected_year": text("Year under way"),
        "expected_low_yuan": text("Expected, at least"),
        "expected_high_yuan": text("Expected, at most"),
        "trend_year": text("Past the mark by trend in"),
        "margin_yuan": text("Above the mark by"),
        "reasons": text("Why it is listed"),
        "area_m2": text("Area"),
        "floors": text("Floor"),
        "units": text("Units"),
        "available_on": text("Available from"),
        "rent_low": text("Asking rent from, yuan per m² a day"),
        "rent_high": text("Asking rent to, yuan per m² a day"),
        "lease_end_on": text("End of lease"),
        "days_left": text("Days left"),
        "tenant": text("Company"),
        "sector": text("Sector"),
        "tenant_floors": text("Floor"),
        "tenant_id": text("Id of the tenant"),
        "registration_moved_on": text("Registration moved away on"),
        "is_resident": text("Still in the tower"),
        "locally_taxed": text("Taxed here"),
        "sharers": text("Who shares it"),
        "address": text("Address"),
        "sharing": text("How many share it"),
        "extent": text("Of what"),
        "floor": text("Floor"),
        "leasable_m2": text("Leasable area"),
        "leased_m2": text("Leased area"),
        "over_m2": text("Too much"),
        "over_share": text("Too much, share"),
        "facts_as_of": text("Facts as of"),
        "tax_as_of": text("Newest tax as of"),
        "tenants_as_of": text("Newest tenant as of"),
        "units_as_of": text("Newest unit as of"),
        "declared": text("Recorded in"),
        "outside_m": text("Outside by"),
        "inside": text("Lies in"),
        "schematic": text("Schematic boundary"),
    }[column]


def _reasons() -> dict[str, str]:
    return {
        "near": text("misses at most half of the mark"),
        "forecast_past": text("its quarters come to the mark by every way of reckoning"),
        "forecast_either": text("its quarters come to the mark by some ways of reckoning"),
        "forecast_below": text("its quarters do not come to the mark by any way of reckoning"),
        "thin": text("less than 10 % above the mark"),
        "falling": text("below the mark if the last change comes again"),
        "facts_old": text("facts older than a year"),
        "facts_undated": text("facts without a date"),
        "tax_old": text("tax older than a year"),
        "tax_undated": text("no tax on record"),
        "tenants_old": text("tenants older than a year"),
        "tenants_undated": text("tenants without a date"),
        "units_old": text("units older than a year"),
        "units_undated": text("units without a date"),
    }


def _choices() -> dict[str, dict[str, str]]:
    return {
        "sharers": {"towers": text("Towers"), "companies": text("Companies")},
        "extent": {"tower": text("the whole tower"), "floor": text("one floor")},
    }


def said(column: str, value: Any) -> str:
    """Write a cell for the page."""
    if value is None:
        return in_file(column, value) or UNKNOWN
    kept = some_units(value) if column == "units" else in_file(column, value)
    if isinstance(kept, str):
        return kept
    return _write(column)(kept)


def _write(column: str) -> Callable[[Any], str]:
    endings: tuple[tuple[str, Callable[[Any], str]], ...] = (
        ("_yuan", money),
        ("_m2", area),
        ("_share", percent_signed),
        ("outside_m", metres),
    )
    found = next((write for ending, write in endings if column.endswith(ending)), None)
    if found is not None:
        return found
    if column in {"rent_low", "rent_high"}:
        return lambda value: number(value, _RENT_DECIMALS)
    return lambda value: str(value) if isinstance(value, date) or column.endswith("year") else number(value)


def percent_signed(share: float) -> str:
    """Write a share in percent, a negative one with its sign."""
    return f"−{percent(-share)}" if share < 0 else percent(share)


def in_file(column: str, value: Any) -> Any:
    """Return a cell as a file holds it: numbers and days as they are, everything else in words."""
    if value is None:
        # what is vacant and has no day is there to be taken
        return text("now") if column == "available_on" else None
    write = _IN_WORDS.get(column)
    if write is not None:
        return write(value)
    return yes_or_no(value) if isinstance(value, bool) else value


_IN_WORDS: Final[dict[str, Callable[[Any], str]]] = {
    "reasons": lambda value: "; ".join(_reasons()[reason] for reason in value),
    "sharers": lambda value: _choices()["sharers"][value],
    "extent": lambda value: _choices()["extent"][value],
    "units": ", ".join,
    "floors": floors_text,
    "floor": lambda value: floors_text((value,)),
    "sector": lambda value: named(value, "sector"),
    "declared": lambda value: named(value, "cluster"),
    "inside": lambda value: named(value, "cluster"),
}


def is_number(column: str) -> bool:
    """Tell whether a column stands to the right."""
    return column.endswith(("_yuan", "_m2", "_m", "_share", "rent_low", "rent_high", "days_left", "sharing"))


def file_columns(columns: tuple[str, ...]) -> list[Column]:
    """Return the columns of a list's file, the tower first."""
    found = [Column(text("Id"), 12), Column(text("Tower"), 24), Column(text("Cluster"), 14)]
    for column in columns:
        kind = {"_yuan": "tax_yuan", "m2": "floor_area_m2", "hare": "vacancy_rate"}
        form = next((form for ending, form in kind.items() if column.endswith(ending)), "")
        unit = text("yuan") if column.endswith("_yuan") else "m²" if column.endswith("_m2") else ""
        width = 34 if column in _WIDE else 15
        found.append(Column(f"{column_name(column)} ({unit})" if unit else column_name(column), width, form))
    return found
