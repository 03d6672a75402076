"""How pages name things and write figures; the same units and cuts as the map page's own script."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Final

from buildingmap.web.chips import status_label
from buildingmap.web.languages import language, text
from buildingmap.web.state import snapshot

if TYPE_CHECKING:
    from flask import Flask

UNKNOWN: Final = "—"
_TEN_THOUSAND: Final = 10**4
_MILLION: Final = 10**6
_HUNDRED_MILLION: Final = 10**8
_THOUSAND_MILLION: Final = 10**9
_KILOMETRE: Final = 1000
_HUNDREDTH: Final = Decimal("0.01")


def _cut(value: float, unit: int | Decimal, decimals: int) -> str:
    """Write ``value`` in ``unit``, cut towards zero: 99,999,999 yuan must not read as 1亿元."""
    exact = Decimal(str(value)) / unit
    shown = f"{exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_DOWN):,f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def money(yuan: float | None) -> str:
    """Write yuan in 亿元, 万元 or 元; in English in ¥, millions (M) or thousand millions (B)."""
    if yuan is None:
        return UNKNOWN
    if language() == "en":
        if yuan >= _THOUSAND_MILLION:
            return f"¥{_cut(yuan, _THOUSAND_MILLION, 2)}B"
        return f"¥{_cut(yuan, _MILLION, 1)}M" if yuan >= _MILLION else f"¥{_cut(yuan, 1, 0)}"
    if yuan >= _HUNDRED_MILLION:
        return f"{_cut(yuan, _HUNDRED_MILLION, 2)} 亿元"
    return f"{_cut(yuan, _TEN_THOUSAND, 1)} 万元" if yuan >= _TEN_THOUSAND else f"{_cut(yuan, 1, 0)} 元"


def exact_money(yuan: float | None) -> str:
    """Write yuan to the yuan."""
    return UNKNOWN if yuan is None else f"{_cut(yuan, 1, 2)} {text('yuan')}"


def per_m2(yuan: float | None) -> str:
    """Write a tax per area."""
    return UNKNOWN if yuan is None else text("¥%(yuan)s/m²", yuan=number(yuan))


def percent(share: float | None) -> str:
    """Write a share of 0 to 1 in percent, cut to one decimal."""
    return UNKNOWN if share is None else f"{_cut(share, _HUNDREDTH, 1)}%"


def area(m2: float | None) -> str:
    """Write an area in m²."""
    return UNKNOWN if m2 is None else f"{m2:,.0f} m²"


def km2(value: float | None) -> str:
    """Write an area in km²."""
    return UNKNOWN if value is None else f"{value:,.2f} km²"


def metres(value: float | None) -> str:
    """Write a distance in m, from 1,000 m on in km."""
    if value is None:
        return UNKNOWN
    return f"{_cut(value, _KILOMETRE, 1)} km" if value >= _KILOMETRE else f"{value:,.0f} m"


def number(value: float | None, decimals: int = 0) -> str:
    """Write a plain number."""
    return UNKNOWN if value is None else f"{value:,.{decimals}f}"


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
    names = {
        "building": text("Tower"),
        "tax_record": text("Tax record"),
        "tenant": text("Tenant"),
        "floor": text("Floor"),
        "unit": text("Lettable unit"),
        "service_officer": text("Service officer"),
        "document": text("Document"),
        "project": text("Project"),
        "milestone": text("Milestone"),
        "goal": text("Goal"),
        "site": text("Site"),
        "plan": text("Plan"),
        "import_mapping": text("Import mapping"),
        "registry": text("The registry itself"),
    }
    return names.get(table, table)


def action_name(action: str) -> str:
    """Return the reader's name of an action in the audit trail; one that is not known stays as it is."""
    names = {
        "create": text("registry made"),
        "edit": text("edited"),
        "add": text("added"),
        "delete": text("deleted"),
        "import": text("imported"),
        "undo": text("undone"),
        "restore": text("restored"),
        "put back": text("backup put back"),
        "outside": text("changed by another program"),
        "outside put back": text("written by another program and put back"),
        "repaired": text("repaired"),
        "schema": text("schema brought up to date"),
        "account added": text("account added"),
        "account disabled": text("account closed"),
        "account enabled": text("account opened"),
        "role changed": text("role changed"),
        "password changed": text("password changed"),
        "token added": text("token made"),
        "password kept anew": text("password kept in a safer form"),
        "password reset": text("password reset"),
        "accounts moved": text("accounts moved to their own store"),
        "provider known": text("signed in through the provider for the first time"),
        "token revoked": text("token revoked"),
    }
    return names.get(action, action)


def init_words(app: Flask) -> None:
    """Give templates the filters and names of this module."""
    for function in (money, exact_money, per_m2, percent, area, km2, metres, number, named):
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.globals["tower_name"] = tower_name
    for namer in (role_name, table_name, action_name):
        app.jinja_env.globals[namer.__name__] = namer
