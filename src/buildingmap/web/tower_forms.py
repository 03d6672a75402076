"""The forms that change the rows of a tower's file: their fields, as the registry's tables have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from buildingmap.model import STATUSES
from buildingmap.web.chips import status_label
from buildingmap.web.languages import language, text
from buildingmap.web.tower_words import duty_name, fact_names
from buildingmap.web.words import table_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.model import District

FieldKind = Literal["text", "number", "percent", "day", "choice", "flag", "list", "corners"]
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FormField:
    """One field: ``kind`` says how it is written and read; ``choices`` are values with their names."""

    name: str
    label: str
    kind: FieldKind = "text"
    choices: Choices = ()
    hint: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class RowForm:
    """The form of one table; ``fixed`` are the values that every new row has, ``add`` what its button says."""

    table: str
    title: str
    add: str
    fixed: dict[str, str]
    fields: tuple[FormField, ...]


def row_forms(building_id: str, district: District) -> tuple[RowForm, ...]:
    """Return the forms of a tower's own row, its tenants, taxes, floors, units, officers and documents."""
    lang = language()
    sectors: Choices = tuple((sector.id, sector.label(lang)) for sector in district.sectors)
    clusters: Choices = tuple((cluster.id, cluster.label(lang)) for cluster in district.clusters)
    of_tower = {"building_id": building_id}
    source = (
        FormField("source", text("Source")),
        FormField("as_of", text("As of"), "day"),
    )
    return (
        RowForm("building", table_name("building"), "", {}, (*_tower(sectors, clusters), *source)),
        RowForm(
            "tenant",
            table_name("tenant"),
            text("Add a tenant"),
            of_tower,
            (*_tenant(sectors), *source),
        ),
        RowForm(
            "tax_record", table_name("tax_record"), text("Add a tax record"), of_tower, (*_tax(), *source)
        ),
        RowForm("floor", table_name("floor"), text("Add a floor"), of_tower, (*_floor(), *source)),
        RowForm("unit", table_name("unit"), text("Add a unit"), of_tower, (*_unit(), *source)),
        RowForm(
            "service_officer",
            table_name("service_officer"),
            text("Add a service officer"),
            of_tower,
            (*_officer(), *source),
        ),
        RowForm(
            "document", table_name("document"), text("Add a document"), of_tower, (*_document(), *source)
        ),
    )


def _tower(sectors: Choices, clusters: Choices) -> Sequence[FormField]:
    names = fact_names()
    statuses: Choices = tuple((status, status_label(status)) for status in STATUSES)
    chosen: dict[str, tuple[FieldKind, Choices]] = {
        "cluster": ("choice", clusters),
        "status": ("choice", statuses),
        "sector": ("choice", sectors),
        "sectors": ("list", sectors),
        "grade_date": ("day", ()),
        "vacancy_rate": ("percent", ()),
        **dict.fromkeys(
            ("completion_year", "floors", "height_m", "floor_area_m2", "leasable_area_m2"), ("number", ())
        ),
    }
    units = {"floor_area_m2": "m²", "leasable_area_m2": "m²", "vacancy_rate": "%"}
    return [
        FormField(
            name,
            f"{label}, {units[name]}" if name in units else label,
            *chosen.get(name, ("text", ())),
            required=name in {"name", "status"},
        )
        for name, label in names.items()
    ]


def _tenant(sectors: Choices) -> Sequence[FormField]:
    return (
        FormField("name", text("Name"), required=True),
        FormField("uscc", text("Unified social credit code")),
        FormField("sector", text("Sector"), "choice", sectors),
        FormField("floors", text("Floor"), hint=text("such as 3-5,8 or B1")),
        FormField("area_m2", text("Leased area, m²"), "number"),
        FormField("lease_start", text("Lease from"), "day"),
        FormField("lease_end", text("Lease until"), "day"),
        FormField("locally_registered", text("Registered here"), "flag"),
        FormField("locally_taxed", text("Taxed here"), "flag"),
        FormField("registered_address", text("Registered address")),
        FormField("registration_moved_on", text("Registration moved away on"), "day"),
        FormField("moved_out_on", text("Moved out on"), "day"),
    )


def _tax() -> Sequence[FormField]:
    return (
        FormField("year", text("Year"), "number", required=True),
        FormField("quarter", text("Quarter"), "number", hint=text("1 to 4; empty for the whole year")),
        FormField("tax_type", text("Kind of tax"), hint=text("empty for all taxes together")),
        FormField("tax_yuan", text("Total tax, yuan"), "number"),
        FormField("district_revenue_yuan", text("District revenue, yuan"), "number"),
        FormField(
            "taxpayer_count",
            text("Taxpayers"),
            "number",
            hint=text("a band is public only where there are three or more"),
        ),
    )


def _floor() -> Sequence[FormField]:
    return (
        FormField(
            "number", text("Floor"), "number", hint=text("-1 is the first below ground"), required=True
        ),
        FormField("leasable_area_m2", text("Leasable area, m²"), "number"),
        FormField("use", text("Use")),
    )


def _document() -> Sequence[FormField]:
    return (
        FormField("title", text("Title"), required=True),
        FormField("kind", text("Kind of document")),
        FormField("reference", text("Where it lies")),
        FormField("issued_on", text("Issued on"), "day"),
    )


def _unit() -> Sequence[FormField]:
    return (
        FormField("floor", text("Floor"), "number", hint=text("-1 is the first below ground"), required=True),
        FormField("label", text("Lettable unit"), required=True),
        FormField("area_m2", text("Area, m²"), "number", required=True),
        FormField(
            "position",
            text("Place along the floor"),
            "number",
            hint=text("neighbours by number share a wall"),
        ),
        FormField("tenant_id", text("Id of the tenant"), hint=text("empty where it is vacant")),
        FormField("available_from", text("Available from"), "day"),
        FormField("asking_rent_yuan_m2_day", text("Asking rent, yuan per m² a day"), "number"),
    )


def _officer() -> Sequence[FormField]:
    duties: Choices = tuple((duty, duty_name(duty)) for duty in ("head", "service"))
    return (
        FormField("name", text("Name"), required=True),
        FormField("duty", text("Duty"), "choice", duties, required=True),
        FormField("phone", text("Telephone")),
        FormField("since", text("Since"), "day"),
    )


def row_words() -> dict[str, str]:
    """Return what the forms' script says."""
    return {
        "lang": language(),
        "discard": text("Not saved yet. Once more, and what you typed is discarded."),
        "loading": text("Reading the row…"),
        "saving": text("Saving…"),
        "saved": text("Saved."),
        "unreachable": text("The server cannot be reached."),
        "refused": text("Not saved:"),
        "marked": text("Not saved: see the marked fields."),
        "looked": text("Please look at the marked fields."),
        "not_possible": text("This cannot be so:"),
        "fault": text("found %(found)s, expected %(expected)s"),
        "number": text("a number is expected"),
        "needed": text("this is needed"),
        "really": text("Delete for good?"),
        "gone": text("Not saved: this row has been deleted meanwhile. What you typed is kept here."),
        "conflict": text("Not saved: %(who)s changed this at %(when)s, while you were editing."),
        "same_fields": text("You both changed: %(fields)s."),
        "other_fields": text("You changed other fields; theirs stay either way."),
        "unknown": text("unknown"),
    }
