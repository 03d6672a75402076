"""A layer whose texts are attacks: what a file may hold, if whoever wrote it means harm."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import shapely

from buildingmap.model import (
    Boundary,
    Building,
    Document,
    ServiceOfficer,
    Station,
    Surroundings,
    TaxEntry,
    Tenant,
    Unit,
    building_from_row,
)
from buildingmap.snapshot import Holdings, LayerNote, Snapshot, build_snapshot

if TYPE_CHECKING:
    from buildingmap.model import District

ATTACKS: Final = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "`${alert(1)}`",
    "\\`+alert(1)+\\`",
    "{{7*7}} {% print(7*7) %}",
    "</script><script>alert(1)</script>",
    "javascript:alert(1)",
    "\"'><svg onload=alert(1)>",
    "' onfocus='alert(1)' autofocus='",
    "<!-- <style>*{display:none}</style>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    '=HYPERLINK("http://127.0.0.1:9/?"&A1,"x")',
    "%(yuan)s %s $& $1 \\u003cscript\\u003e",
    "مرحبا بالعالم שלום עולם",
    "🏢👩‍👩‍👧‍👦🇨🇳 𠮷野家 ẞ ﷽",
    "很长的名称" * 40,
    "W" * 200,
    "a" * 99 + " " + "<b>" * 33,
    "constructor",
    "__proto__",
)  # fmt: skip


def _row(number: int, attack: str) -> dict[str, Any]:
    return {
        "id": f"H-{number:02d}",
        "name": attack,
        "name_en": attack,
        "address": attack,
        "source": attack,
        "grade": attack[:40].strip(),
        "grade_standard": attack[:80].strip(),
        "as_of": "2023-12-31",
        "cluster": "cbd",
        "sector": "finance",
        "floor_area_m2": 20_000 + 1_000 * number,
        "leasable_area_m2": 12_000,
        "vacancy_rate": 0.1,
        "tax_history": [
            {"year": 2022, "tax_yuan": 80_000_000 + 1_000_000 * number},
            {"year": 2023, "tax_yuan": 95_000_000 + 1_000_000 * number},
        ],
    }


def _surroundings() -> Surroundings:
    attack = ATTACKS[1]
    return Surroundings(
        boundaries=(
            Boundary("cbd", shapely.box(120.3695, 36.0855, 120.373, 36.0885), attack, attack, None, schematic=True),
        ),
        stations=(
            Station("s1", attack, attack, ("3",), shapely.Point(120.3705, 36.088)),
            Station("s2", ATTACKS[2], ATTACKS[4], ("4",), shapely.Point(120.372, 36.086)),
        ),
    )  # fmt: skip


def hostile_holdings() -> Holdings:
    """One tenant per attack, each in a unit of the first tower; its taxes, documents and officers are no better."""
    tenants, units = [], []
    for number, attack in enumerate(ATTACKS):
        facts = {"id": f"C-{number}", "building_id": "H-00", "source": attack, "as_of": date(2023, 12, 31)}
        address = {"registered_address": attack, "registration_moved_on": date(2023, 12, 31)}
        lease = {"lease_end": date.today() + timedelta(days=number)}  # noqa: DTZ011 - the page's own clock
        tenants.append(Tenant.model_validate({**facts, **address, **lease, "name": attack}))
        place = {
            "floor": number // 4 + 1,
            "position": number % 4 + 1,
            "label": attack[:60].strip(),
            "area_m2": 90.0,
        }
        tenant = {"tenant_id": f"C-{number}"} if number % 3 else {}
        units.append(Unit.model_validate({**facts, **place, **tenant, "id": f"U-{number}"}))
    of = {"id": "X-1", "building_id": "H-00", "source": ATTACKS[0]}
    return Holdings(
        {
            "tenant": tuple(tenants),
            "unit": tuple(units),
            "tax_record": (
                TaxEntry.model_validate({**of, "year": 2023, "tax_type": ATTACKS[1], "tax_yuan": 1e6}),
            ),
            "service_officer": (
                ServiceOfficer.model_validate({**of, "name": ATTACKS[2], "phone": ATTACKS[8]}),
            ),
            "document": (Document.model_validate({**of, "title": ATTACKS[3], "reference": ATTACKS[0]}),),
        }
    )


def hostile_snapshot(district: District) -> Snapshot:
    """One tower per attack, which is its name, address, source and grade; the surroundings are no better."""
    found = [building_from_row(_row(number, attack), district) for number, attack in enumerate(ATTACKS)]
    towers = [tower for tower in found if isinstance(tower, Building)]
    assert len(towers) == len(ATTACKS), found
    shapes = []
    for number in range(len(towers)):
        west, south = 120.370 + 0.0004 * (number % 6), 36.086 + 0.0004 * (number // 6)
        shapes.append(shapely.box(west, south, west + 0.0002, south + 0.0002))
    return build_snapshot(
        towers,
        shapes,
        district=district,
        surroundings=_surroundings(),
        version="hostile",
        note=LayerNote(title=ATTACKS[0], synthetic=True, source=ATTACKS[1], as_of=ATTACKS[2]),
        holdings=hostile_holdings(),
    )
