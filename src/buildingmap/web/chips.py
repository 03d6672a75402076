"""The active filters as short texts, each with the filter that is left without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildingmap.amounts import bound_money
from buildingmap.filters import Filter, query_string
from buildingmap.web.languages import language, text
from buildingmap.web.list_names import list_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildingmap.model import District


@dataclass(frozen=True, slots=True)
class Chip:
    """One active criterion: its ``text``, and the ``query`` of the filter without it."""

    text: str
    query: str


def status_label(status: str) -> str:
    """Return the name of a status in the reader's language."""
    return {
        "existing": text("existing"),
        "under_construction": text("under construction"),
        "planned": text("planned"),
    }[status]


def chips(flt: Filter, district: District) -> tuple[Chip, ...]:
    """Return one chip per active criterion, or per value of it, in the order of the form."""
    return tuple(_chips(flt, district))


def _chips(flt: Filter, district: District) -> Iterator[Chip]:
    for name, words in _bounds(flt):
        yield Chip(words, query_string(flt.without(name)))
    lang = language()
    labels = {
        "band": {band.id: band.label(lang) for band in district.bands},
        "sector": {sector.id: sector.label(lang) for sector in district.sectors},
        "tag": {sector.id: text("tag: %(name)s", name=sector.label(lang)) for sector in district.sectors},
        "cluster": {cluster.id: cluster.label(lang) for cluster in district.clusters},
        "status": {status: status_label(status) for status in flt.status},
        "list": {key: list_name(key) for key in flt.list},
    }
    for name, names in labels.items():
        for value in getattr(flt, name):
            yield Chip(names[value], query_string(flt.without(name, value)))


def _bounds(flt: Filter) -> Iterator[tuple[str, str]]:
    lang = language()
    if flt.q:
        yield "q", f"“{flt.q}”"
    if flt.tax_min is not None:
        yield "tax_min", text("tax ≥ %(money)s", money=bound_money(flt.tax_min, lang))
    if flt.tax_max is not None:
        yield "tax_max", text("tax ≤ %(money)s", money=bound_money(flt.tax_max, lang))
    for name, sign in (("vacancy_min", "≥"), ("vacancy_max", "≤")):
        share = getattr(flt, name)
        if share is not None:
            yield name, text("vacancy %(sign)s %(share)s%%", sign=sign, share=f"{share * 100:.10g}")
    for name, sign in (("floor_area_min", "≥"), ("floor_area_max", "≤")):
        area = getattr(flt, name)
        if area is not None:
            yield name, text("floor area %(sign)s %(area)s m²", sign=sign, area=f"{area:,.10g}")
    if flt.bbox is not None:
        yield "bbox", text("within the chosen map extent")
    if flt.year is not None:
        yield "year", text("tax of %(year)s", year=flt.year)
