"""Whatever is asked, by whomever: the server answers, and never by failing."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest
import shapely

from buildingmap.accounts import ROLES, Accounts, ApiTokens
from buildingmap.model import Surroundings
from buildingmap.registry import Change, open_registry
from buildingmap.registry.rows import TABLES, fields_of
from buildingmap.web import create_app
from buildingmap.web.visitors import Access
from tests.examples import examples
from tests.web.fuzzing import LONG, VALUES, VICTIM, Fuzz
from tests.web.offices import as_role, small_office
from tests.web.test_rights import csrf
from tests.web.test_scenarios import keep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from buildingmap.accounts import Role
    from buildingmap.model import District
    from buildingmap.registry import Registry
    from tests.prepared import Prepared

# of each role
CASES = 1000
FIELD_CASES = 4000
OUTLINE = shapely.box(120.376, 36.091, 120.377, 36.092)
# what the small office has none of
MORE: list[tuple[str, str, dict[str, Any]]] = [
    ("site", "DK-01", {"name": "一号地", "floor_area_ratio": 2.0, "geometry": str(shapely.to_wkb(OUTLINE, hex=True))}),
    ("project", "T-3", {"building_id": "T-3", "investment_yuan": 5e8}),
    ("milestone", "M-1", {"building_id": "T-3", "kind": "topping_out", "planned_on": "2030-01-01"}),
    ("goal", "G-1", {"year": 2024, "measure": "towers_past_mark", "value": 3}),
    ("plan", "plan-bad", {"title": "坏的", "document": '{"towers": []}'}),
    ("import_mapping", "mapping-1", {"name": "季报", "document": '{"columns": {}}'}),
]  # fmt: skip


def full_office(path: str | Path, district: District) -> Registry:
    """Three towers with every kind of record, and an account of each role."""
    made = small_office(path, district)
    for name, role in (*((f"{role}-1", role) for role in ROLES), (VICTIM, "analyst")):
        Accounts(made).add(name, role, password="correct horse 楼宇", actor="test")  # noqa: S106
    made.apply([Change(table, row_id, values) for table, row_id, values in MORE], actor="test")
    keep(made, "方案", towers=1)
    return made


@pytest.fixture
def office(tmp_path: Path, district: District, prepared: Prepared) -> Iterator[Registry]:
    place = tmp_path / "office.gpkg"
    prepared.copy("full-office", place, lambda made: full_office(made, district).close())
    with open_registry(place, district=district, surroundings=Surroundings()) as opened:
        yield opened


@pytest.fixture
def admin(office: Registry) -> FlaskClient:
    return as_role(office, "admin")


def test_no_value_of_any_field_makes_the_server_fail(office: Registry, admin: FlaskClient) -> None:
    first = {table: next(iter(office.rows(table))) for table in TABLES}
    tried = [(table, name, value) for table in TABLES for name in fields_of(table) for value in VALUES]
    failed = []
    pick = random.Random(1)  # noqa: S311 - nothing is kept secret by it
    for table, name, value in pick.sample(tried, min(len(tried), examples(FIELD_CASES))):
        row = office.row(table, first[table].row_id)
        body = json.dumps({"values": {name: value}})
        headers = {"If-Match": f'"{row.version}"', "X-CSRF-Token": csrf(admin)}
        answer = admin.patch(f"/api/records/{table}/{row.row_id}", data=body, headers=headers)
        if answer.status_code >= 500:
            failed.append((table, name, value, answer.text))
        elif answer.status_code == 200:
            assert admin.get("/api/buildings").status_code == 200, (table, name, value)
            office.apply([Change(table, row.row_id, row.values)], actor="test")
    assert not failed


@pytest.mark.parametrize("role", ROLES)
def test_no_request_makes_the_server_fail(
    office: Registry, role: Role, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(office, access=Access(Accounts(office), ApiTokens(office), secret=b"s" * 32))
    fuzz, failed = Fuzz(app, office, seed=role), []
    for _ in range(examples(CASES)):
        case = fuzz.case(role)
        answer = fuzz.send(case)
        if answer.status_code >= 500:
            failed.append(f"{answer.status_code} {case}\n{answer.text[:500]}\n{caplog.text[-3000:]}")
        caplog.clear()
    assert not failed, "\n\n".join(failed)


@pytest.mark.parametrize("value", [-1, 0, True, 0.5, "finance", {"x": 1}])
def test_what_is_no_list_of_sectors_is_a_fault_of_that_field(
    office: Registry, admin: FlaskClient, value: object
) -> None:
    headers = {"If-Match": f'"{office.row("building", "T-1").version}"', "X-CSRF-Token": csrf(admin)}
    changed = admin.patch("/api/records/building/T-1", json={"values": {"sectors": value}}, headers=headers)
    added = admin.post(
        "/api/records/building",
        json={"values": {"id": "T-9", "name": "新楼", "sectors": value}},
        headers=headers,
    )
    for answer in (changed, added):
        assert answer.status_code == 422, answer.text
        assert "sectors" in {fault["field"] for fault in answer.get_json()["faults"]}


def test_a_version_larger_than_any_is_one_that_there_is_not(admin: FlaskClient) -> None:
    token = {"X-CSRF-Token": csrf(admin)}
    for address in (f"/api/revisions/{LONG}", f"/history/{LONG}"):
        assert admin.get(address).status_code == 404
        assert admin.post(f"{address}/undo", headers=token).status_code == 404
        assert admin.post(f"{address}/restore", headers=token).status_code == 404
    everything = admin.get("/api/revisions").get_json()
    assert admin.get(f"/api/revisions?before={LONG}").get_json() == everything
    assert admin.get(f"/api/revisions?before=-{LONG}").get_json() == {"revisions": []}
    assert admin.get(f"/history?before={LONG}").status_code == 200


@pytest.mark.parametrize("address", ["/nowhere", "/api/nowhere", "/static/none", "/history/x", "/"])
def test_a_wrong_token_is_told_so_at_every_address(office: Registry, address: str) -> None:
    app = create_app(office, access=Access(Accounts(office), ApiTokens(office), secret=b"s" * 32))
    answer = app.test_client().get(address, headers={"Authorization": "Bearer x"})
    assert answer.status_code == 401


def test_an_error_that_nobody_thought_of_is_told_the_log_and_not_the_visitor(
    office: Registry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: object) -> None:
        raise ValueError("123456789 yuan")

    monkeypatch.setattr(type(office), "row", fail)
    answer = as_role(office, "admin").get("/api/records/building/T-1%0aERROR forged")

    assert (answer.status_code, "123456789" in answer.text) == (500, False)
    (line,) = caplog.records
    assert line.getMessage().startswith("GET '/api/records/building/T-1\\nERROR forged': Traceback")
    assert "ValueError: 123456789 yuan" in line.getMessage()
