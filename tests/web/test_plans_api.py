"""Plans over HTTP: asked by a program, watched, stopped, refused in words; nobody's but their owner's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from buildingmap.accounts import ROLES, Accounts, ApiTokens
from buildingmap.placement import answer, default_plan, plan_of, plan_schema, planning
from buildingmap.registry import create_registry
from buildingmap.snapshot import LayerNote
from buildingmap.web import create_app
from buildingmap.web.plan_jobs import PlanLimits
from buildingmap.web.plans_api import EXTENSION
from buildingmap.web.visitors import Access
from tests.web.conftest import OneVersion
from tests.web.planning import answered, large_town, long_plan, quick_plan, small_town, until
from tests.web.test_openapi import resolved
from tests.web.test_rights import PASSWORD, csrf, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from buildingmap.model import District
    from buildingmap.placement import PlanFile

LIMITS = PlanLimits(seconds=260)


def served(snapshot: Any, limits: PlanLimits = LIMITS) -> Iterator[Flask]:
    made = create_app(OneVersion(snapshot), plan_limits=limits)
    yield made
    made.extensions[EXTENSION].close()


@pytest.fixture(scope="module")
def town_app(district: District) -> Iterator[Flask]:
    yield from served(small_town(district))


@pytest.fixture(scope="module")
def large_app(district: District) -> Iterator[Flask]:
    yield from served(large_town(district))


@pytest.fixture
def town(town_app: Flask) -> FlaskClient:
    return town_app.test_client()


def asked(client: FlaskClient, plan: PlanFile | None = None, **entries: Any) -> TestResponse:
    document: dict[str, Any] = dict(entries)
    if plan is not None:
        document["plan"] = plan.model_dump()
    return client.post("/api/plans", json=document, headers={"X-CSRF-Token": csrf(client)})


def test_a_plan_is_accepted_solved_and_then_known(town: FlaskClient, district: District) -> None:
    first = asked(town, quick_plan(title="api"))
    assert first.status_code == 202
    assert first.headers["Location"] == f"/api/plans/{first.get_json()['id']}"
    assert first.headers["Cache-Control"] == "no-store"
    done = answered(town, first.get_json()["id"])
    again = asked(town, quick_plan(title="api"))

    assert again.status_code == 200
    assert again.get_json()["answer"] == done["answer"]
    here = answer(planning(small_town(district), quick_plan(title="api")))
    assert [chosen["id"] for chosen in done["answer"]["chosen"]] == [chosen.id for chosen in here.chosen]
    assert done["answer"]["status"] == "optimal"


@pytest.mark.parametrize(
    "entries",
    [
        {"ask": "why_not", "site": "DK-01"},
        {"ask": "why_not", "site": "DK-01", "sector": "other"},
        {"ask": "alternatives", "count": 3, "differ": 2},
        {"ask": "ranking"},
    ],
)
def test_every_question_is_answered_in_its_own_shape(town: FlaskClient, entries: dict[str, Any]) -> None:
    document = town.get("/api/openapi.json").get_json(force=True)
    begun = asked(town, quick_plan(), **entries)
    done = answered(town, begun.get_json()["id"])
    assert done["state"] == "done", done
    assert done["ask"] == entries["ask"]
    assert list(resolved(document, "PlanJob").iter_errors(done)) == []
    kind = {"why_not": "WhyNot", "alternatives": "Alternatives", "ranking": "Ranking"}[entries["ask"]]
    assert resolved(document, kind).is_valid(done["answer"])


def test_the_answers_of_a_plan_fit_the_schema_while_under_way_and_after(large_app: Flask) -> None:
    client = large_app.test_client()
    document = client.get("/api/openapi.json").get_json(force=True)
    begun = asked(client, long_plan())
    job = f"/api/plans/{begun.get_json()['id']}"
    until(lambda: client.get(job).get_json()["bound"] is not None)
    under_way = client.get(job).get_json()
    assert under_way["state"] == "solving"
    assert under_way["bound"] >= under_way["score"]
    assert under_way["answer"] is None
    assert client.delete(job, headers={"X-CSRF-Token": csrf(client)}).status_code == 204
    stopped = client.get(job).get_json()
    assert stopped["state"] == "cancelled"
    for found in (begun.get_json(), under_way, stopped):
        assert list(resolved(document, "PlanJob").iter_errors(found)) == []


def test_without_a_plan_it_is_the_default_one(town: FlaskClient) -> None:
    begun = asked(town)
    assert begun.status_code in {200, 202}
    done = answered(town, begun.get_json()["id"])
    # there are ten sites in this town, and the default plan wants fifteen
    assert done["answer"]["status"] == "infeasible"
    assert done["answer"]["towers"] == 15


def test_the_schema_is_that_of_a_plan_file(town: FlaskClient) -> None:
    found = town.get("/api/plans/schema")
    assert found.content_type == "application/schema+json"
    assert found.get_json(force=True) == plan_schema()
    Draft202012Validator(found.get_json(force=True)).validate(default_plan().model_dump(mode="json"))


@pytest.mark.parametrize(
    ("document", "entry"),
    [
        ({"plan": {"towers": 0}}, "towers"),
        ({"plan": {"weights": {"tax": "much"}}}, "weights.tax"),
        ({"plan": {"nothing": 1}}, "nothing"),
        ({"plan": {"fixed": [{"site": "nowhere"}]}}, "fixed"),
        ({"plan": {"sectors": {"gold": {"max": 1}}}}, "sectors"),
        ({"ask": "luck"}, "ask"),
        ({"ask": "why_not"}, "site"),
        ({"ask": "why_not", "site": 7}, "site"),
        ({"ask": "why_not", "site": "DK-01", "sector": "gold"}, "fixed"),
        ({"ask": "alternatives", "count": 1000}, "count"),
        ({"ask": "alternatives", "count": True}, "count"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named_with_what_was_found_and_expected(
    town: FlaskClient, document: dict[str, Any], entry: str
) -> None:
    answer_ = town.post("/api/plans", json=document, headers={"X-CSRF-Token": csrf(town)})
    assert answer_.status_code == 422, answer_.text
    assert answer_.content_type == "application/problem+json"
    problem = answer_.get_json(force=True)
    assert problem["type"] == "/api/docs#problem-plan"
    assert problem["errors"][0]["entry"] == entry
    assert problem["errors"][0]["expected"]
    assert {"entry", "found", "expected"} == set(problem["errors"][0])


def test_the_text_for_a_person_names_what_the_entry_names_for_a_program(town: FlaskClient) -> None:
    wrong = {
        "plan": {"sectors": {"finance": {"min": 9, "max": 3}}, "strategy": {"fit": {"cbd": {"finance": 2}}}}
    }
    for lang, told in (
        ("zh", "中央商务区对现代金融的契合度：实为 2"),
        ("en", "Fit of Finance in CBD: found 2"),
    ):
        answer_ = town.post(f"/api/plans?lang={lang}", json=wrong, headers={"X-CSRF-Token": csrf(town)})
        problem = answer_.get_json(force=True)
        assert told in problem["detail"]
        assert not re.search(r"strategy\.|min 9", problem["detail"])
        assert [each["entry"] for each in problem["errors"]] == [
            "sectors.finance",
            "strategy.fit.cbd.finance",
        ]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"plan"', b"\xff"])
def test_a_body_that_is_no_object_is_400(town: FlaskClient, body: bytes) -> None:
    answer_ = town.post("/api/plans", data=body, headers={"X-CSRF-Token": csrf(town)})
    assert answer_.status_code == 400
    assert "the body" in answer_.get_json(force=True)["detail"]


def test_a_body_over_its_limit_is_413(town: FlaskClient) -> None:
    body = b'{"plan": {"title": "' + b"x" * 70_000 + b'"}}'
    answer_ = town.post("/api/plans", data=body, headers={"X-CSRF-Token": csrf(town)})
    assert answer_.status_code == 413


def test_more_than_the_server_gives_is_refused_with_its_limit(district: District) -> None:
    for app in served(small_town(district), PlanLimits(seconds=5)):
        client = app.test_client()
        refused = asked(client, quick_plan(seconds=6))
        assert refused.status_code == 422
        assert "实为 6，本服务器应至多为 5" in refused.get_json(force=True)["detail"]


def test_too_many_at_once_are_told_to_come_back(district: District) -> None:
    for app in served(large_town(district), PlanLimits(own=1)):
        client = app.test_client()
        asked(client, long_plan())
        refused = asked(client, long_plan(towers=29))
        assert refused.status_code == 429
        assert refused.get_json(force=True)["type"] == "/api/docs#problem-plans-busy"
        assert int(refused.headers["Retry-After"]) > 0


def test_the_map_is_answered_while_a_long_plan_is_solved(large_app: Flask) -> None:
    """By the order of events: hundreds of answers come between the plan's beginning and its end."""
    client = large_app.test_client()
    begun = asked(client, long_plan(towers=28))
    job = f"/api/plans/{begun.get_json()['id']}"
    until(lambda: client.get(job).get_json()["score"] is not None)
    for number in range(200):
        assert client.get(f"/map/view?tax_min={number}").status_code == 200
    assert client.get(job).get_json()["state"] == "solving"
    client.delete(job, headers={"X-CSRF-Token": csrf(client)})


@pytest.fixture
def office_app(tmp_path: Path, district: District, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """A registry with an account for every role."""
    surroundings = request.getfixturevalue("surroundings")
    with create_registry(
        tmp_path / "office.gpkg",
        district=district,
        surroundings=surroundings,
        note=LayerNote(title="登记库", synthetic=True),
    ) as made:
        accounts = Accounts(made)
        for role in (*ROLES, "analyst"):
            name = f"{role}-{1 + sum(each.name.startswith(role) for each in accounts.all())}"
            accounts.add(name, role, password=PASSWORD, actor="test")
        app = create_app(made, access=Access(accounts, ApiTokens(made), secret=b"s" * 32))
        yield app
        app.extensions[EXTENSION].close()


def test_a_plan_is_its_owner_s_and_no_one_s_who_may_not_see_taxes(office_app: Flask) -> None:
    lin, wang = signed_in(office_app, "analyst-1"), signed_in(office_app, "analyst-2")
    mine = asked(lin, plan_of({"candidates": "coming", "towers": None}, "plan")).get_json()["id"]
    job = f"/api/plans/{mine}"
    assert lin.get(job).status_code == 200
    for path in (
        job,
        f"/plan/{mine}",
        f"/plan/{mine}/result",
        f"/plan/{mine}/map",
        f"/plan/{mine}/plan.json",
    ):
        assert wang.get(path).status_code == 404, path
    assert wang.delete(job, headers={"X-CSRF-Token": csrf(wang)}).status_code == 404
    nobody, public = office_app.test_client(), signed_in(office_app, "public-1")
    for path in (job, f"/plan/{mine}/map", f"/plan/{mine}/result", "/plan", "/api/plans/schema"):
        assert public.get(path).status_code == 403, path
        assert nobody.get(path).status_code in {303, 401}, path
    assert asked(public, quick_plan()).status_code == 403


def test_a_foreign_page_starts_and_stops_no_plan(office_app: Flask) -> None:
    client = signed_in(office_app, "analyst-1")
    for headers in ({}, {"Origin": "https://evil.example"}):
        assert client.post("/api/plans", json={}, headers=headers).status_code == 403
        assert client.post("/plan", data={}, headers=headers).status_code == 403
    mine = asked(client, plan_of({"candidates": "coming", "towers": None}, "plan")).get_json()["id"]
    assert client.delete(f"/api/plans/{mine}").status_code == 403
