"""A small registry in a real file: three towers with tenants, units, floors and taxes, all made up."""

from __future__ import annotations

import html
import re
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import shapely

from buildingmap.model import Building, Surroundings, building_from_row
from buildingmap.registry import Change, Registry, create_registry, open_registry
from buildingmap.registry.content import building_values
from buildingmap.snapshot import LayerNote
from buildingmap.web import create_app
from buildingmap.web.visitors import Access

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from buildingmap.accounts import Role
    from buildingmap.model import District
    from tests.prepared import Prepared

TODAY: Final = date.today()  # noqa: DTZ011 - the page's own clock


def as_role(registry: Registry, role: Role) -> FlaskClient:
    """A browser of somebody with a role at a registry."""
    return create_app(registry, access=Access(secret=b"s" * 32, open_role=role)).test_client()


def words(page: str) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def day(days: int) -> str:
    """The day so many days from now."""
    return (TODAY + timedelta(days=days)).isoformat()


def rows() -> dict[str, list[dict[str, Any]]]:
    """Records by table; T-1 is full of them, T-2 has nothing but a tax, T-3 is planned."""
    tower = {"building_id": "T-1"}
    return {
        "tax_record": [
            {**tower, "id": "T-1:2022", "year": 2022, "tax_yuan": 80e6, "taxpayer_count": 9, "source": "税务分局"},
            {**tower, "id": "T-1:2023", "year": 2023, "tax_yuan": 123456789, "district_revenue_yuan": 4e7},
            *(
                {**tower, "id": f"T-1:2023:Q{quarter}", "year": 2023, "quarter": quarter, "tax_yuan": 3e7}
                for quarter in (1, 2)
            ),
            {**tower, "id": "T-1:2024:Q1", "year": 2024, "quarter": 1, "tax_yuan": 2.2e7},
            {"id": "T-2:2023", "building_id": "T-2", "year": 2023, "tax_yuan": 95e6},
        ],
        "tenant": [
            {**tower, "id": "C-1", "name": "甲 <b>公司</b>", "sector": "finance", "floors": "3", "area_m2": 400.0,
             "lease_end": day(30), "locally_registered": True, "locally_taxed": True},
            {**tower, "id": "C-2", "name": "乙公司", "sector": "digital", "floors": "2-3", "area_m2": 500.0,
             "lease_end": day(-5), "locally_registered": False},
            {**tower, "id": "C-3", "name": "丙公司", "moved_out_on": day(-100)},
            {**tower, "id": "C-4", "name": "丁公司", "area_m2": 70.0},
        ],
        "floor": [
            {**tower, "id": f"T-1:{number}", "number": number, "leasable_area_m2": 600.0} for number in (1, 2, 3, 4)
        ],
        "unit": [
            {**tower, "id": "U-31", "floor": 3, "label": "301", "position": 1, "area_m2": 400.0, "tenant_id": "C-1"},
            {**tower, "id": "U-32", "floor": 3, "label": "302", "position": 2, "area_m2": 200.0, "tenant_id": "C-2"},
            {**tower, "id": "U-21", "floor": 2, "label": "201", "position": 1, "area_m2": 300.0, "tenant_id": "C-2"},
            {**tower, "id": "U-22", "floor": 2, "label": "202", "position": 2, "area_m2": 150.0, "tenant_id": "C-3"},
            {**tower, "id": "U-23", "floor": 2, "label": "203", "position": 3, "area_m2": 150.0,
             "asking_rent_yuan_m2_day": 3.5},
            {**tower, "id": "U-11", "floor": 1, "label": "101", "position": 1, "area_m2": 250.0},
        ],
        "service_officer": [{**tower, "id": "O-1", "name": "楼长一", "duty": "head", "phone": "内线 7788"}],
        "document": [{**tower, "id": "D-1", "title": "楼宇台账", "reference": "档案 7"}],
    }  # fmt: skip


@contextmanager
def small_office_of(prepared: Prepared, folder: Path, district: District) -> Iterator[Registry]:
    """Open a small office in ``folder``, of a registry that was made once."""
    place = folder / "office.gpkg"
    prepared.copy("small-office", place, lambda made: small_office(made, district).close())
    with open_registry(place, district=district, surroundings=Surroundings()) as opened:
        yield opened


def small_office(path: str | Path, district: District) -> Registry:
    """Make the registry at ``path``."""
    made = create_registry(
        path,
        district=district,
        surroundings=Surroundings(),
        note=LayerNote(title="登记库", synthetic=True),
    )
    towers: list[dict[str, Any]] = [
        {"id": "T-1", "name": "一号楼", "name_en": "Tower one", "floors": 4, "leasable_area_m2": 2400.0,
         "floor_area_m2": 3000.0, "vacancy_rate": 0.25, "sector": "finance", "cluster": "cbd",
         "source": "楼宇办季报", "as_of": "2024-03-31"},
        {"id": "T-2", "name": "二号楼"},
        {"id": "T-3", "name": "三号楼", "status": "planned"},
    ]  # fmt: skip
    changes = []
    for number, row in enumerate(towers):
        building = building_from_row(row, district)
        assert isinstance(building, Building)
        west = 120.374 + 0.001 * number
        shape = shapely.box(west, 36.089, west + 0.0004, 36.0894)
        changes.append(Change("building", building.id, building_values(building, shape), 0))
    for table, entries in rows().items():
        changes += [Change(table, entry["id"], entry, 0) for entry in entries]
    made.apply(changes, actor="import", action="import")
    return made
