"""A plan as the fields of a form, and back: every entry of a plan file has a field of its own name.

``weights.tax`` is the entry's place in the file and the field's name alike, so a fault finds its field.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from buildingmap.placement import CRITERIA, default_plan, plan_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from buildingmap.model import District
    from buildingmap.placement import PlanFile

    Form = dict[str, list[str]]

REFERENCES: Final = (
    "station_reach_m", "reach_m", "stock_m2", "vacant_m2", "capacity_m2", "neighbour_share", "storey_height_m",
    "site_coverage", "floor_area_ratio", "least_comparables",
)  # fmt: skip
_NUMBERS: Final = ("towers", "floor_area_min_m2", "floor_area_max_m2", "year", "spacing_m", "gap", "seconds")
_TEXTS: Final = ("title", "candidates", "occupied")
_LISTS: Final = ("fixed", "forbidden", "apart")
_BETWEEN: Final = re.compile(r"[\s,;，、；]+")
_READABLE: Final = ",-:.=~ "
_PAIR: Final = "~"
NAME: Final = "form"


def field_names(district: District) -> tuple[str, ...]:
    """Return the name of every field, in the order of the form."""
    sectors, clusters = [s.id for s in district.sectors], [c.id for c in district.clusters]
    return (
        *_TEXTS,
        *_NUMBERS,
        "leading",
        *(f"weights.{criterion}" for criterion in CRITERIA),
        *(f"comparisons.{one}.{other}" for one in CRITERIA for other in CRITERIA if one != other),
        *(f"sectors.{sector}.{end}" for sector in sectors for end in ("min", "max")),
        *(f"clusters.{cluster}.{end}" for cluster in clusters for end in ("min", "max")),
        *_LISTS,
        *(f"reference.{name}" for name in REFERENCES),
        "strategy.source",
        "strategy.unnamed",
        *(f"strategy.fit.{cluster}.{sector}" for cluster in clusters for sector in sectors),
        "linkage.source",
        *(f"linkage.gains.{one}.{other}" for one in sectors for other in sectors if one != other),
    )


def form_of(plan: PlanFile, district: District) -> Form:
    """Return the value of every field for a plan; a field without a value is an empty list."""
    given = plan.model_dump()
    form: Form = {name: _written(_at(given, name)) for name in field_names(district)}
    for name, values in form.items():
        if name.endswith(".min") and values == ["0"]:
            form[name] = []  # at least none is no condition
    form["leading"] = _in_order(plan.leading_sectors(district), district)
    for name in ("fixed", "forbidden"):
        wishes = [w["site"] if w["sector"] is None else f"{w['site']}={w['sector']}" for w in given[name]]
        form[name] = _text(wishes)
    form["apart"] = _text(_PAIR.join(pair) for pair in plan.apart)
    return form


def plan_of_form(form: Mapping[str, Sequence[str]], district: District) -> PlanFile:
    """Return the plan that a form's fields state. Raises PlanError naming the fields."""
    given: dict[str, Any] = {}
    compared = any(
        value.strip() for name, values in form.items() if name.startswith("comparisons.") for value in values
    )
    for name in field_names(district):
        if compared and name.startswith("weights."):
            continue  # they follow from the comparisons
        values = [value for value in form.get(name, ()) if value.strip()]
        if name == "leading":
            given["leading"] = _leading(values, district)
        elif name in _LISTS:
            given[name] = _listed(name, " ".join(values))
        elif values or name == "title":
            _put(given, name, _read(name, values[0] if values else ""))
    return plan_of(given, NAME, complete=True)


def canonical(plan: PlanFile, district: District) -> PlanFile:
    """Return the same plan without what makes no difference: empty quotas and tables, the order of sectors."""
    given = plan.model_dump()
    if plan.comparisons is not None:
        del given["weights"]
    given["leading"] = _leading(plan.leading or plan.leading_sectors(district), district)
    for table in ("sectors", "clusters"):
        given[table] = {key: q for key, q in given[table].items() if q["min"] or q["max"] is not None}
    for table, entry in (("strategy", "fit"), ("linkage", "gains")):
        given[table][entry] = {key: row for key, row in given[table][entry].items() if row}
    return plan_of(given, NAME, complete=True)


def query_of(plan: PlanFile, district: District) -> str:
    """Return the query of the page's address for a plan: the fields that are not the default plan's."""
    usual, form = form_of(default_plan(district), district), form_of(plan, district)
    if plan.comparisons is not None:
        form = {name: values for name, values in form.items() if not name.startswith("weights.")}
    pairs = [
        (name, ",".join(values) if name == "leading" else " ".join(" ".join(values).split("\n")))
        for name, values in form.items()
        if values != usual[name]
    ]
    return "&".join(f"{name}={quote(value, safe=_READABLE).replace(' ', '+')}" for name, value in pairs)


def form_of_query(words: Mapping[str, Sequence[str]], district: District) -> Form:
    """Return the form that a query asks for: the default plan's fields, where the query says nothing else."""
    form = form_of(default_plan(district), district)
    for name, values in words.items():
        form[name] = _BETWEEN.split(",".join(values)) if name == "leading" else list(values)
    return form


def _at(given: Any, name: str) -> Any:
    found = given
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _put(given: dict[str, Any], name: str, value: Any) -> None:
    *tables, last = name.split(".")
    for part in tables:
        given = given.setdefault(part, {})
    given[last] = value


def _written(value: Any) -> list[str]:
    """Write a value so that it is read back the same: the shortest form of a number."""
    if value is None:
        return []
    if isinstance(value, float):
        return [str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)]  # noqa: PLR2004
    return [str(value)]


def _text(entries: Iterable[str]) -> list[str]:
    text = "\n".join(entries)
    return [text] if text else []


def _read(name: str, value: str) -> str:
    if name in _TEXTS or name.endswith(".source"):
        return value
    # a number as people type it; what is none stays as it is, and is told
    return re.sub(r"[\s,，_]", "", value)


def _leading(sectors: Sequence[str], district: District) -> list[str] | None:
    """Return sectors in the district's order, unknown ones last; None where they are the usual ones."""
    ordered = _in_order(sectors, district)
    return None if ordered == [sector.id for sector in district.sectors if sector.id != "other"] else ordered


def _in_order(sectors: Sequence[str], district: District) -> list[str]:
    order = [sector.id for sector in district.sectors]
    return [sector for sector in order if sector in sectors] + [s for s in sectors if s not in order]


def _listed(name: str, text: str) -> list[Any]:
    entries = [entry for entry in _BETWEEN.split(text) if entry]
    if name == "apart":
        return [entry.split(_PAIR) for entry in entries]
    parts = (entry.partition("=") for entry in entries)
    return [{"site": site, "sector": sector or None} for site, _, sector in parts]
