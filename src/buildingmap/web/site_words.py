"""How the page of candidate parcels names things, and the form that changes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildingmap.web.languages import language, text
from buildingmap.web.tower_forms import FormField, RowForm
from buildingmap.web.words import table_name

if TYPE_CHECKING:
    from buildingmap.model import District
    from buildingmap.placement import Parcel


def rule_name(rule: str) -> str:
    """Return the reader's name of a parcel's rule."""
    names = {
        "open": text("free to choose"),
        "fixed": text("fixed: must be taken"),
        "forbidden": text("forbidden"),
    }
    return names[rule]


def basis_words(parcel: Parcel) -> str:
    """Return what the floor area that can be built is computed from."""
    area = text("area stated") if parcel.site.area_m2 is not None else text("area of the shape")
    bases = {
        "ratio": text("%(area)s × floor-area ratio", area=area),
        "height": text("%(area)s × coverage × storeys below the height limit", area=area),
        "assumed_ratio": text("%(area)s × the plan's own ratio, as none is stated", area=area),
        "registry": "",
        "unknown": text("neither an area nor a shape is known"),
    }
    return bases[parcel.area_basis]


def site_form(district: District) -> RowForm:
    """Return the form of one parcel."""
    clusters = tuple((cluster.id, cluster.label(language())) for cluster in district.clusters)
    rules = tuple((rule, rule_name(rule)) for rule in ("open", "fixed", "forbidden"))
    return RowForm(
        "site",
        table_name("site"),
        text("Add a parcel"),
        {},
        (
            FormField("id", text("Number of the parcel"), hint=text("empty: one is made")),
            FormField("name", text("Name"), required=True),
            FormField("cluster", text("Cluster"), "choice", clusters),
            FormField("rule", text("Rule"), "choice", rules, required=True),
            FormField("area_m2", text("Area stated, m²"), "number"),
            FormField("floor_area_ratio", text("Floor-area ratio"), "number"),
            FormField("height_limit_m", text("Height limit, m"), "number"),
            FormField("earliest_year", text("Can be had from (year)"), "number"),
            FormField("source", text("Source")),
            FormField("as_of", text("As of"), "day"),
            FormField(
                "geometry",
                text("Corners"),
                "corners",
                hint=text("One corner a line: longitude, then latitude. An empty line begins a hole."),
            ),
        ),
    )


def page_words() -> dict[str, str]:
    """Return what the page's scripts say."""
    return {
        "start": text("Click the corners one after the other; click the first one again, or Finish, to end."),
        "moving": text(
            "Drag a corner, or focus it and use the arrow keys; Delete removes it. A small point adds one."
        ),
        "corners": text("corners: %(count)s"),
        "corner": text("Corner %(number)s"),
        "between": text("Add a corner after corner %(number)s"),
        "too_few": text("A parcel has at least three corners."),
        "cancelled": text("Nothing was drawn."),
        "outline": text("%(count)s corners, %(area)s m²"),
        "clean": text("Nothing is known that speaks against it."),
        "line": text("line %(number)s: two numbers are expected"),
        "chosen": text("%(name)s: %(findings)s"),
        "no_findings": text("nothing in doubt"),
        "taken": text("another parcel has this number"),
        "standing": text("standing tower"),
        "coming": text("tower to come"),
    }
