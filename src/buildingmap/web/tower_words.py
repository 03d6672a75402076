"""What a tower's file says: the names of its facts and classes, and its sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from buildingmap.amounts import UNKNOWN, area
from buildingmap.web.languages import text
from buildingmap.web.matching_words import floors_text
from buildingmap.web.words import money, named, number, percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.analysis import Estimate, FreeBlock, PlanPart, RunRate, Split
    from buildingmap.map import StackColour
    from buildingmap.model import Building

_MOST_UNITS_NAMED: Final = 6
_WRITERS: Final[dict[str, Callable[[Any], str]]] = {
    "cluster": lambda value: named(value, "cluster"),
    "sector": lambda value: named(value, "sector"),
    "status": lambda value: named(value, "status"),
    "floor_area_m2": area,
    "leasable_area_m2": area,
    "vacancy_rate": percent,
    "floors": number,
}


def fact_names() -> dict[str, str]:
    """Return the facts of a tower in the order they are told, each with its name."""
    return {
        "name": text("Name"),
        "name_en": text("English name"),
        "address": text("Address"),
        "cluster": text("Cluster"),
        "status": text("Status"),
        "completion_year": text("Completion year"),
        "floors": text("Floors"),
        "height_m": text("Height, m"),
        "floor_area_m2": text("Gross floor area"),
        "leasable_area_m2": text("Leasable area"),
        "vacancy_rate": text("Vacancy rate"),
        "sector": text("Leading sector"),
        "sectors": text("Sector tags"),
        "grade": text("Grade"),
        "grade_standard": text("Grade standard"),
        "grade_date": text("Graded on"),
    }


def fact_value(building: Building, name: str) -> str:
    """Write one fact of a tower."""
    value: Any = getattr(building, name)
    if value is None or value == ():
        return UNKNOWN
    if name == "sectors":
        return " · ".join(named(entry, "sector") for entry in value)
    write = _WRITERS.get(name)
    if write is not None:
        return write(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def lease_names() -> dict[str, str]:
    """Return the classes of leases by the days that are left."""
    return {
        "ended": text("lease has run out"),
        "d90": text("within 90 days"),
        "y1": text("within a year"),
        "y3": text("within three years"),
        "later": text("later"),
        "unknown": text("end of lease unknown"),
    }


def key_name(css: str, sector: str | None) -> str:
    """Return what a colour of the stacking plan means."""
    if sector is not None:
        return named(sector, "sector")
    names = {
        "vacant": text("vacant"),
        "let": text("let"),
        "untold": text("not on record"),
        "sector-others": text("other sectors"),
        "sector-unknown": text("sector unknown"),
    }
    return names.get(css) or lease_names()[css.removeprefix("lease-")]


def colour_names() -> dict[StackColour, str]:
    """Return the ways to colour the stacking plan."""
    return {
        "expiry": text("End of lease"),
        "vacancy": text("Let and vacant"),
        "sector": text("Sector"),
    }


def floor_name(floor: int) -> str:
    """Write a floor as people say it: 12F, B1."""
    return floors_text((floor,))


def box_words(part: PlanPart, colour: StackColour) -> str:
    """Return what stands in a box of the plan, the most important first."""
    label = "" if part.unit is None else part.unit.label
    if part.kind == "vacant":
        return " ".join(filter(None, (label, text("vacant"))))
    name = "" if part.tenant is None else part.tenant.name
    if colour == "sector":
        sector = None if part.tenant is None else part.tenant.sector
        return " ".join(filter(None, (named(sector, "sector"), name)))
    if colour == "expiry":
        end = None if part.tenant is None else part.tenant.lease_end
        return " ".join(filter(None, ("?" if end is None else f"{end:%Y-%m}", name)))
    return " ".join(filter(None, (label, name)))


def part_words(part: PlanPart, floor: int, block: FreeBlock | None) -> str:
    """Return a box of the plan in words, for who hears it and for who points at it."""
    found = [floor_name(floor)]
    if part.unit is not None:
        found.append(part.unit.label)
    found.append(part_area(part))
    if block is not None:
        found += [text("vacant"), block_words(block)]
    else:
        found.append(text("tenant unknown") if part.tenant is None else part.tenant.name)
        found.append(lease_words(part))
        if part.tenant is not None:
            found.append(named(part.tenant.sector, "sector"))
    return " · ".join(filter(None, found))


def part_area(part: PlanPart) -> str:
    """Write the area of a part, an estimated one as such."""
    if part.area_m2 is None:
        return text("area unknown")
    return text("about %(area)s", area=area(part.area_m2)) if part.estimated else area(part.area_m2)


def lease_words(part: PlanPart) -> str:
    """Return when a part's lease ends, in words."""
    end = None if part.tenant is None else part.tenant.lease_end
    return days_words(part.days_left) if end is None else f"{end} ({days_words(part.days_left)})"


def days_words(days: int | None) -> str:
    """Write the days that a lease has left."""
    if days is None:
        return text("end of lease unknown")
    if days < 0:
        return text("ran out %(days)s days ago", days=f"{-days:,}")
    return text("%(days)s days left", days=f"{days:,}")


def block_words(block: FreeBlock) -> str:
    """Return what a piece of contiguous vacant space is."""
    values = {"area": area(block.area_m2), "floors": floors_text(block.floors), "units": len(block.units)}
    if block.whole_floors:
        said = text("%(area)s contiguous: all of %(floors)s", **values)
    elif len(block.units) > 1:
        said = text("%(area)s contiguous in %(units)s units of %(floors)s", **values)
    else:
        said = text("%(area)s in one unit of %(floors)s", **values)
    if block.available_from is not None:
        said = text("%(said)s, available from %(date)s", said=said, date=block.available_from)
    return said


def some_units(labels: tuple[str, ...]) -> str:
    """Write the labels of units, of many the first few and how many there are."""
    if len(labels) <= _MOST_UNITS_NAMED:
        return ", ".join(labels)
    return text(
        "%(first)s and %(count)s more",
        first=", ".join(labels[: _MOST_UNITS_NAMED - 1]),
        count=len(labels) - _MOST_UNITS_NAMED + 1,
    )


def rent_words(block: FreeBlock) -> str:
    """Write the asking rents of a piece, yuan per m² and day."""
    if block.rent_low is None or block.rent_high is None:
        return UNKNOWN
    low, high = number(block.rent_low, 2), number(block.rent_high, 2)
    return low if low == high else f"{low}–{high}"


def share_words(split: Split) -> str:
    """Write a rate: exact where everyone's status is known, else from the least to the most it can be."""
    if split.least is None or split.most is None:
        return UNKNOWN
    least, most = percent(split.least), percent(split.most)
    return (
        least
        if least == most and not split.unknown
        else text("%(least)s to %(most)s", least=least, most=most)
    )


def estimate_words(estimate: Estimate, forecast: RunRate) -> str:
    """Return how an estimate was come by."""
    values = {
        "known": money(forecast.known_yuan),
        "share": percent(estimate.share),
        "year": estimate.base_year,
        "count": len(forecast.quarters),
    }
    if estimate.basis == "same_quarters":
        return text("%(known)s ÷ %(share)s, the share that the same quarters had of %(year)s", **values)
    if estimate.basis == "even_quarters":
        return text("%(known)s × 4 ÷ %(count)s, as if each quarter brought the same", **values)
    return text("all four quarters added up; the year's own total is not on record yet")


def outlook_words(forecast: RunRate, mark_yuan: float) -> str:
    """Hold a forecast against the mark, in a sentence."""
    mark = money(mark_yuan)
    return {
        "reached": text("The known quarters alone are past the mark of %(mark)s.", mark=mark),
        "past": text("Every way of reckoning comes to the mark of %(mark)s or more.", mark=mark),
        "either": text("The ways disagree on whether it comes to the mark of %(mark)s.", mark=mark),
        "below": text("No way of reckoning comes to the mark of %(mark)s.", mark=mark),
    }[forecast.outlook(mark_yuan)]


def spread_words(forecast: RunRate) -> str:
    """Say how far a forecast can be trusted."""
    if forecast.estimates[0].basis == "all_quarters":
        return ""
    if len(forecast.estimates) == 1:
        return text(
            "There is only one way to reckon it here, so nothing can be said of how far off it may be."
        )
    return text("The spread is that between the ways of reckoning, not a probability.")


def duty_name(duty: str) -> str:
    """Return what a service officer's duty is called."""
    return text("Head of the tower") if duty == "head" else text("Service officer")


def yes_or_no(value: bool | None) -> str:  # noqa: FBT001 - it is the value that is written
    """Write a flag; None is unknown."""
    return {True: text("yes"), False: text("no"), None: text("unknown")}[value]
