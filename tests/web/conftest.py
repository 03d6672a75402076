from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest
import shapely

from buildingmap import resources
from buildingmap.model import Building as Tower
from buildingmap.model import District, Surroundings, TaxRecord
from buildingmap.snapshot import LayerNote, Snapshot, build_snapshot
from buildingmap.web import create_app

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.routing import Rule


class OneVersion:
    """A registry of towers that were never in a file."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.in_force = snapshot

    def snapshot(self) -> Snapshot:
        return self.in_force


def address_of(rule: Rule, default: str = "x", **values: str) -> str:
    """An address that a rule takes: of its variables a number is 1, one of some length as long, others as given."""

    def value(variable: re.Match[str]) -> str:
        if variable[1] == "int":
            return "1"
        length = re.search(r"length=(\d+)", variable[1] or "")
        return "x" * int(length[1]) if length else values.get(variable[2], default)

    return re.sub(r"<(?:([^<>:]+):)?(\w+)>", value, rule.rule)


def default_district() -> District:
    with (resources.data_folder() / "district.toml").open("rb") as file:
        return District.model_validate(tomllib.load(file))


@pytest.fixture(scope="session")
def district() -> District:
    return default_district()


def tower(number: int, **facts: object) -> Tower:
    values: dict[str, object] = {
        "id": f"T-{number:03d}",
        "name": f"示例楼{number}",
        "name_en": f"Tower {number}",
        "cluster": ("cbd", "xinduxin", "other")[number % 3],
        "sector": ("finance", "digital", "trade", "shipping")[number % 4],
        "sectors": ("finance", "digital") if number % 4 == 0 else (),
        "floors": 10 + number,
        "floor_area_m2": 20_000.0 + 1_000 * number,
        "leasable_area_m2": 15_000.0 + 500 * number,
        "vacancy_rate": (number % 10) / 20,
        "tax_yuan": 5_000_000.0 * number,
        "district_revenue_yuan": 2_000_000.0 * number,
        "tax_year": 2023,
        "tax_history": (
            TaxRecord(year=2022, tax_yuan=4_000_000.0 * number, district_revenue_yuan=None),
            TaxRecord(year=2023, tax_yuan=5_000_000.0 * number, district_revenue_yuan=2_000_000.0 * number),
        ),
    } | facts
    return Tower.model_validate(values)


def bare_tower(number: int, **facts: object) -> Tower:
    """A tower of which only what the schema demands is known."""
    return Tower.model_validate({"id": f"B-{number}", "name": f"素楼{number}"} | facts)


def square(number: int) -> shapely.Polygon:
    west, south = 120.370 + 0.0006 * (number % 8), 36.086 + 0.0006 * (number // 8)
    return shapely.box(west, south, west + 0.0003, south + 0.0003)


def snapshot_with(district: District, *extra: Tower, version: str = "v1") -> Snapshot:
    towers = [tower(number) for number in range(40)] + [
        bare_tower(1),
        bare_tower(2, status="planned", name="规划 <b>${alert(1)}</b> \\` 楼", completion_year=2026),
        *extra,
    ]
    return build_snapshot(
        towers,
        [square(number) for number in range(len(towers))],
        district=district,
        surroundings=Surroundings(),
        version=version,
        note=LayerNote(title="演示数据", synthetic=True, source="test", as_of="2024-01-31"),
    )


@pytest.fixture(scope="session")
def towers(district: District) -> Snapshot:
    """Forty towers from 0 to 195 million yuan, number 20 exactly at the mark, and two with nothing known."""
    return snapshot_with(district)


@pytest.fixture
def registry(towers: Snapshot) -> OneVersion:
    return OneVersion(towers)


@pytest.fixture
def app(registry: OneVersion) -> Flask:
    return create_app(registry)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
