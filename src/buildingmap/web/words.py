"""How pages name things and write figures; the same rule as the map page's own script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildingmap import amounts
from buildingmap.amounts import UNKNOWN, area, km2, metres, plain
from buildingmap.model import names
from buildingmap.web.chips import status_label
from buildingmap.web.languages import language, text
from buildingmap.web.state import snapshot

if TYPE_CHECKING:
    from flask import Flask


def money(yuan: float | None) -> str:
    """Write yuan in the reader's units, see ``amounts.money``."""
    return amounts.money(yuan, language())


def exact_money(yuan: float | None) -> str:
    """Write yuan to the fen."""
    return amounts.exact_money(yuan, language())


def per_m2(yuan: float | None) -> str:
    """Write a tax per area."""
    return amounts.per_m2(yuan, language())


def percent(share: float | None) -> str:
    """Write a share of 0 to 1 in percent."""
    return amounts.share(share)


def number(value: float | None, decimals: int = 0) -> str:
    """Write a plain number."""
    return UNKNOWN if value is None else plain(value, decimals)


def named(value: str | None, kind: str) -> str:
    """Return the reader's name of a ``band``, ``sector``, ``cluster`` or ``status`` by its id; None is unknown."""
    if value is None:
        return text("unknown")
    if kind == "status":
        return status_label(value)
    district = snapshot().district
    groups = {"band": district.bands, "sector": district.sectors, "cluster": district.clusters}
    return next((entry.label(language()) for entry in groups[kind] if entry.id == value), value)


def tower_name(building_id: str) -> str:
    """Return a tower's name in the reader's language; Chinese where it has no English one."""
    towers = snapshot()
    building = towers.buildings[towers.row(building_id)]
    return (language() == "en" and building.name_en) or building.name


def role_name(role: str) -> str:
    """Return the reader's name of a role."""
    names = {
        "public": text("public"),
        "analyst": text("analyst"),
        "editor": text("editor"),
        "admin": text("administrator"),
    }
    return names[role]


def table_name(table: str) -> str:
    """Return the reader's name of a table of the registry."""
    return names.table_name(table, language())


def field_name(field: str, table: str = "") -> str:
    """Return the reader's name of a field of a table."""
    return names.field_name(field, language(), table=table)


def cell_text(value: object, field: str) -> str:
    """Write a cell of the registry: ids of clusters, sectors and statuses by their names, numbers as figures."""
    return names.value_text(value, language(), field=field, district=snapshot().district)


def action_name(action: str) -> str:
    """Return the reader's name of an action in the audit trail; one that is not known stays as it is."""
    return names.action_name(action, language())


def init_words(app: Flask) -> None:
    """Give templates the filters and names of this module."""
    for function in (money, exact_money, per_m2, percent, area, km2, metres, number, named):
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.globals["tower_name"] = tower_name
    for namer in (role_name, table_name, field_name, cell_text, action_name):
        app.jinja_env.globals[namer.__name__] = namer
