"""What is said of a space to let: each reason one sentence with the number behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildingmap.amounts import area, metres
from buildingmap.web.languages import language, text
from buildingmap.web.state import snapshot
from buildingmap.web.words import money, named, number, percent

if TYPE_CHECKING:
    from datetime import date

    from buildingmap.analysis import Condition, SpaceFound
    from buildingmap.filters import Wishes

_RENT_DECIMALS: Final = 2


def floors_text(floors: tuple[int, ...]) -> str:
    """Write floors as people say them: 12F, 12–14F, B1."""

    def one(floor: int) -> str:
        return f"B{-floor}" if floor < 0 else f"{floor}F"

    return one(floors[0]) if len(floors) == 1 else f"{one(floors[0])}–{one(floors[-1])}"


def station_name(station_id: str | None) -> str:
    """Return a station's name in the reader's language."""
    stations = snapshot().surroundings.stations
    station = next((station for station in stations if station.id == station_id), None)
    if station is None:
        return text("unknown")
    return station.en if language() == "en" else station.zh


def part_names() -> dict[str, str]:
    """Return what the parts of a score are called."""
    return {
        "area": text("area"),
        "station": text("metro"),
        "rent": text("rent"),
        "sector": text("sector"),
        "available": text("free when asked"),
        "pieces": text("in one piece"),
    }


def reasons(space: SpaceFound, wishes: Wishes, today: date) -> list[str]:
    """Return why a space is offered, a sentence each."""
    found = [_area(space, wishes), _rent(space, wishes), _station(space, wishes)]
    if wishes.sector:
        found.append(_sector(space))
    found.append(_available(space, wishes, today))
    return [sentence for sentence in found if sentence]


def _area(space: SpaceFound, wishes: Wishes) -> str:
    values = {"area": area(space.area_m2), "units": space.units, "floors": len(space.floors)}
    message = {
        "unit": text("%(area)s in one unit"),
        "neighbours": text("%(area)s in %(units)s neighbouring units of one floor"),
        "floor": text("%(area)s, the whole floor"),
        "floors": text("%(area)s on %(floors)s whole adjacent floors"),
    }[space.kind]
    asked = _asked_area(wishes)
    said = message % values
    return (
        text("%(said)s; asked: %(asked)s.", said=said, asked=asked) if asked else text("%(said)s.", said=said)
    )


def _asked_area(wishes: Wishes) -> str:
    low, high = wishes.area_min, wishes.area_max
    if low is not None and high is not None:
        return f"{number(low)}–{area(high)}"
    if low is not None:
        return f"≥ {area(low)}"
    return "" if high is None else f"≤ {area(high)}"


def _rent(space: SpaceFound, wishes: Wishes) -> str:
    if space.rent_yuan_m2_day is None:
        return text("The asking rent is not on record: to ask.")
    said = text(
        "Asking rent %(rent)s yuan per m² a day, %(year)s a year",
        rent=number(space.rent_yuan_m2_day, _RENT_DECIMALS),
        year=money(space.rent_year_yuan),
    )
    limits = []
    if wishes.rent_max is not None:
        limits.append(text("%(rent)s yuan per m² a day", rent=number(wishes.rent_max, _RENT_DECIMALS)))
    if wishes.budget_max is not None:
        limits.append(text("%(money)s a year", money=money(wishes.budget_max)))
    if not limits:
        return text("%(said)s.", said=said)
    return text("%(said)s; at most %(asked)s was asked.", said=said, asked=" / ".join(limits))


def _station(space: SpaceFound, wishes: Wishes) -> str:
    if space.station_m is None:
        return ""
    said = text(
        "%(distance)s from %(station)s station",
        distance=metres(space.station_m),
        station=station_name(space.station),
    )
    if wishes.station_max is None:
        return text("%(said)s.", said=said)
    return text("%(said)s; at most %(asked)s was asked.", said=said, asked=metres(wishes.station_max))


def _sector(space: SpaceFound) -> str:
    if space.leading:
        return text("The tower is led by the sector looked for.")
    if space.tagged:
        return text("The sector looked for is among the tower's own.")
    if space.cluster_share is None:
        return ""
    return text(
        "%(share)s of the existing towers of %(cluster)s are led by the sector looked for.",
        share=percent(space.cluster_share),
        cluster=named(space.cluster, "cluster"),
    )


def _available(space: SpaceFound, wishes: Wishes, today: date) -> str:
    day = space.available_on
    if day is None:
        return text("The day it comes free is not on record: to ask.")
    if day <= today:
        return text("Free now.")
    if wishes.available_by is None or day > wishes.available_by:
        return text("Free from %(date)s.", date=day)
    days = (wishes.available_by - day).days
    return text("Free from %(date)s, %(days)s days before it is needed.", date=day, days=days)


def miss(space: SpaceFound, wishes: Wishes) -> str:
    """Return why a space only just does not meet the wishes."""
    condition, short = space.missed[0], space.short
    if condition == "cluster":
        return text("It stands in another cluster: %(cluster)s.", cluster=named(space.cluster, "cluster"))
    if short is None:
        return _unknown(condition)
    if condition == "area":
        large = wishes.area_max is not None and space.area_m2 > wishes.area_max
        message = text("%(area)s too large.") if large else text("%(area)s too small.")
        return message % {"area": area(short)}
    return {
        "rent": text("%(rent)s yuan per m² a day above the limit.", rent=number(short, _RENT_DECIMALS)),
        "budget": text("%(money)s a year above the budget.", money=money(short)),
        "station": text("%(distance)s too far from the next station.", distance=metres(short)),
        "available": text(
            "Free %(days)s days too late, on %(date)s.", days=number(short), date=space.available_on
        ),
    }[condition]


def _unknown(condition: Condition) -> str:
    if condition == "station":
        return text("No station is on record.")
    if condition == "available":
        return text("The day it comes free is not on record.")
    return text("Its asking rent is not on record, so that the rent cannot be held against the limit.")
