"""The plan's page as the server writes it: filled, answered, refused, and useful without a script."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from flask import render_template

from buildingmap.model import Site, Surroundings
from buildingmap.placement import CRITERIA, default_plan, parse_plan
from buildingmap.registry import Change, create_registry
from buildingmap.snapshot import Holdings, LayerNote
from buildingmap.web import create_app
from buildingmap.web.plan_form import canonical, form_of, form_of_query, plan_of_form
from buildingmap.web.plan_jobs import PlanLimits
from buildingmap.web.plans_api import EXTENSION
from buildingmap.web.queries import read_query
from tests.browser.hostile import ATTACKS
from tests.placement.towns import town
from tests.placement.wrong_plans import WRONG_PLANS
from tests.web.conftest import OneVersion
from tests.web.planning import answered, quick_plan, small_town
from tests.web.test_rights import csrf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from buildingmap.model import District
    from buildingmap.registry import Registry
    from buildingmap.snapshot import Snapshot


@pytest.fixture(scope="module")
def planned(district: District) -> Iterator[Flask]:
    # tests ask faster than a machine under load answers
    made = create_app(OneVersion(small_town(district)), plan_limits=PlanLimits(own=100, all=100))
    yield made
    made.extensions[EXTENSION].close()


@pytest.fixture
def page(planned: Flask) -> FlaskClient:
    return planned.test_client()


def sent(client: FlaskClient, district: District, **fields: Any) -> TestResponse:
    form = form_of(quick_plan(), district) | {name: [value] for name, value in fields.items()}
    return client.post("/plan", data={**form, "csrf_token": csrf(client)})


def test_a_plan_that_is_answered_while_its_page_is_written_is_awaited_by_it(
    page: FlaskClient, planned: Flask, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = begun_and_over(page, district, towers="2")
    plan_id = path.removeprefix("/plan/")
    job = planned.extensions[EXTENSION].of(plan_id, "local")

    def answered_meanwhile(name: str, **context: Any) -> str:
        job.state = "done"
        return render_template(name, **context)

    job.state = "solving"
    monkeypatch.setattr("buildingmap.web.plan_page.render_template", answered_meanwhile)
    progress = page.get(path).text.partition('id="plan-progress"')[2].partition(">")[0]
    assert f'data-job="{plan_id}"' in progress
    assert "hidden" not in progress


def begun_and_over(client: FlaskClient, district: District, **fields: Any) -> str:
    """The address of a solved plan."""
    path: str = sent(client, district, **fields).headers["Location"]
    answered(client, path.removeprefix("/plan/"))
    return path


def solved(client: FlaskClient, district: District, **fields: Any) -> str:
    """The page of a solved plan."""
    begun = sent(client, district, **fields)
    assert begun.status_code == 303, begun.text
    path = begun.headers["Location"]
    answered(client, path.removeprefix("/plan/"))
    return client.get(f"{path}?lang=en").text


def test_the_page_opens_with_the_default_plan_in_its_form(page: FlaskClient) -> None:
    text = page.get("/plan?lang=en").text
    assert re.search(r'name="towers"[^>]*value="15"', text)
    for criterion in CRITERIA:
        assert f'name="weights.{criterion}"' in text


def test_the_form_says_what_the_address_asks_for(page: FlaskClient) -> None:
    text = page.get("/plan?weights.tax=40&towers=7&fixed=DK-03%3Dfinance&lang=en").text
    assert re.search(r'name="towers"[^>]*value="7"', text)
    assert re.search(r'name="weights.tax"[^>]*value="40"', text)
    assert ">DK-03=finance</textarea>" in text


@pytest.mark.parametrize("query", ["colour=red", "towers=1&towers[]=2", "q=%zz", "weights.luck=1"])
def test_an_address_that_is_no_plan_is_refused(page: FlaskClient, query: str) -> None:
    assert page.get(f"/plan?{query}").status_code == 400


def test_a_wrong_value_of_the_address_is_told_at_its_field(page: FlaskClient) -> None:
    text = page.get("/plan?towers=0&lang=en").text
    assert 'href="#f-towers"' in text
    assert re.search(r'name="towers"[^>]*aria-invalid="true"', text)


def test_without_a_script_the_form_leads_to_a_page_that_refreshes_itself_and_then_answers(
    page: FlaskClient, district: District
) -> None:
    begun = sent(page, district, title="no script")
    waiting = page.get(begun.headers["Location"]).text
    assert '<meta http-equiv="refresh"' in waiting or "plan-taken" in waiting
    text = solved(page, district, title="no script")
    assert "no script" in text
    assert "optimal: no plan under these terms scores more" in text
    assert len(re.findall(r'<li id="taken-', text)) == 3
    assert "Synthetic demo data" in text
    assert 'http-equiv="refresh"' not in text


def test_what_is_typed_wrong_stays_in_the_form_and_is_told(page: FlaskClient, district: District) -> None:
    answer = sent(page, district, towers="many", title="kept")
    assert answer.status_code == 422
    assert 'value="kept"' in answer.text
    assert 'href="#f-towers"' in answer.text


def test_a_script_is_told_where_and_what_is_wrong_as_a_problem(page: FlaskClient, district: District) -> None:
    form = {**form_of(quick_plan(), district), "csrf_token": csrf(page)}
    begun = page.post("/plan", data=form, headers={"Accept": "application/json"})
    assert begun.status_code == 200
    assert set(begun.get_json()) == {"id", "address"}
    wrong = page.post("/plan", data={**form, "towers": "0"}, headers={"Accept": "application/json"})
    assert wrong.status_code == 422
    assert wrong.content_type == "application/problem+json"
    assert wrong.get_json(force=True)["errors"][0]["entry"] == "towers"


def test_the_address_of_an_answer_leads_back_to_the_same_plan(page: FlaskClient, district: District) -> None:
    form = form_of(quick_plan(towers=2, year=2026), district)
    begun = page.post(
        "/plan", data={**form, "csrf_token": csrf(page)}, headers={"Accept": "application/json"}
    ).get_json()
    assert begun["address"].startswith("/plan?")
    query = begun["address"].partition("?")[2]
    again = plan_of_form(form_of_query(read_query(query.encode()), district), district)
    assert again == canonical(quick_plan(towers=2, year=2026), district)


def test_a_plan_too_long_for_an_address_has_that_of_its_job(page: FlaskClient, district: District) -> None:
    sites = [f"DK-0{number}" for number in range(10)]
    pairs = "\n".join(f"{one}~{other}" for one in sites for other in sites if one < other)
    form = form_of(quick_plan(), district) | {"apart": [" ".join([pairs] * 8)], "towers": ["1"]}
    begun = page.post(
        "/plan", data={**form, "csrf_token": csrf(page)}, headers={"Accept": "application/json"}
    ).get_json()
    assert begun["address"] == f"/plan/{begun['id']}"
    assert page.get(begun["address"]).status_code == 200


def test_conditions_that_clash_are_named_with_links_to_their_fields(
    page: FlaskClient, district: District
) -> None:
    text = solved(page, district, fixed="DK-01", forbidden="DK-01")
    clash = text.partition('id="plan-clash"')[2].partition("</section>")[0]
    assert 'href="#f-fixed">DK-01 must be taken' in clash
    assert 'href="#f-forbidden">DK-01 must not be taken' in clash


def test_where_there_is_no_plan_the_heading_says_so_and_what_clashes_before_the_map(
    page: FlaskClient, district: District
) -> None:
    text = solved(page, district, fixed="DK-01", forbidden="DK-01", title="")
    heading = text.partition('id="plan-heading-title"')[2].partition('id="plan-where"')[0]
    assert "There is no plan" in heading
    assert "No plan meets all conditions" in heading
    assert "DK-01 must be taken" in heading
    assert "10 places to choose from" in heading
    assert "of 10 places" not in heading


def test_a_site_of_the_plan_is_said_to_be_in_it(page: FlaskClient, district: District) -> None:
    plan_id = sent(page, district).headers["Location"].removeprefix("/plan/")
    site = answered(page, plan_id)["answer"]["chosen"][0]["id"]
    form = {"csrf_token": csrf(page), "ask": "why_not", "site": site, "sector": ""}
    asked = page.post(f"/plan/{plan_id}/ask", data=form).headers["Location"]
    answered(page, asked.removeprefix("/plan/"))
    told = page.get(f"{asked}?lang=en").text.partition('class="why-not-answer"')[2].partition("</div>")[0]
    assert "It is in the plan." in told
    assert "scores as much" not in told


def test_how_points_are_computed_is_said_with_the_plan_s_own_figures(
    page: FlaskClient, district: District
) -> None:
    text = unescape(
        solved(page, district, **{"reference.station_reach_m": "450", "reference.stock_m2": "98765"})
    )
    told = text.partition('id="plan-criteria"')[2].partition("</section>")[0]
    for figure in (
        "e^(−d ÷ 450 m)",
        "98,765 m²",
        "800 m",
        "100,000 m²",
        "60,000 m²",
        "0.1 × nearness",
        "4.2 m",
    ):
        assert figure in told
    for said in ("agglomeration where", "median tax per m²", "where 5 or more have both figures", "100 × Σ"):
        assert said in told


def test_the_source_of_the_linkages_stands_beside_the_score(page: FlaskClient, district: District) -> None:
    text = solved(page, district, **{"linkage.source": "a <guess>"})
    heading = text.partition('id="plan-heading-title"')[2].partition('id="plan-where"')[0]
    assert "Source of who gains from whom: a &lt;guess&gt;" in heading


def test_why_not_is_answered_in_words_without_a_script(page: FlaskClient, district: District) -> None:
    begun = sent(page, district)
    plan_id = begun.headers["Location"].removeprefix("/plan/")
    best = answered(page, plan_id)["answer"]
    form = {"csrf_token": csrf(page), "ask": "why_not", "site": best["runners_up"][0]["site"], "sector": ""}
    asked = page.post(f"/plan/{plan_id}/ask", data=form)
    assert asked.status_code == 303
    found = answered(page, asked.headers["Location"].removeprefix("/plan/"))["answer"]
    text = page.get(f"{asked.headers['Location']}?lang=en").text
    assert f"gives up {found['gives_up']:,.2f} points" in text
    assert "plan-taken" in text, "the plan itself stands beside it"


@pytest.mark.parametrize(
    ("fields", "entry"),
    [({"ask": "why_not", "site": "nowhere"}, "fixed"), ({"ask": "alternatives", "count": "many"}, "count")],
)
def test_a_further_question_that_cannot_be_asked_is_refused(
    page: FlaskClient, district: District, fields: dict[str, str], entry: str
) -> None:
    plan_id = sent(page, district).headers["Location"].removeprefix("/plan/")
    headers = {"Accept": "application/json"}
    answer = page.post(f"/plan/{plan_id}/ask", data={**fields, "csrf_token": csrf(page)}, headers=headers)
    assert answer.status_code == 422
    assert answer.get_json(force=True)["errors"][0]["entry"] == entry


@pytest.mark.parametrize("form", ["toml", "json"])
def test_a_plan_handed_out_and_in_again_is_the_same(page: FlaskClient, district: District, form: str) -> None:
    fields = {
        "comparisons.access.tax": "3",
        "towers": "",
        "floor_area_max_m2": "250000",
        "apart": "DK-01~DK-02",
    }
    begun = sent(page, district, **fields)
    path = begun.headers["Location"]
    file = page.get(f"{path}/plan.{form}")
    assert file.headers["Content-Disposition"] == f'attachment; filename="plan.{form}"'
    read = parse_plan(file.data, "plan", is_json=form == "json")
    assert read == canonical(read, district)
    again = page.post(
        "/plan/file", data={"csrf_token": csrf(page), "file": (BytesIO(file.data), f"plan.{form}")}
    )
    assert again.status_code == 303
    assert page.get(f"{again.headers['Location']}/plan.{form}").data == file.data


def test_a_pasted_plan_fills_the_form(page: FlaskClient) -> None:
    text = 'title = "pasted"\ntowers = 2\n'
    begun = page.post("/plan/file", data={"csrf_token": csrf(page), "text": text})
    shown = page.get(begun.headers["Location"]).text
    assert 'value="pasted"' in shown
    assert re.search(r'name="towers"[^>]*value="2"', shown)


@pytest.mark.parametrize(
    ("text", "told"), [("towers = ", "TOML"), ("{", "JSON"), ("towers = 0", "1"), ("", "")]
)
def test_a_file_that_is_no_plan_says_why(page: FlaskClient, text: str, told: str) -> None:
    answer = page.post("/plan/file?lang=en", data={"csrf_token": csrf(page), "text": text})
    if text:
        assert answer.status_code == 422
        assert told in answer.text.partition('id="form-faults"')[2].partition("</div>")[0]
    else:
        assert answer.status_code == 303, "an empty plan is the default plan"


def faults_of(answer: TestResponse) -> str:
    """What the page says is wrong, as a person reads it."""
    told = answer.text.partition('id="form-faults"')[2].partition(">")[2].partition("</div>")[0]
    return unescape(re.sub(r"<code>.*?</code>|<[^>]+>", " ", told))


def test_a_pasted_plan_that_cannot_be_used_stays_in_its_box_and_the_form_as_it_was(
    page: FlaskClient, district: District
) -> None:
    text = '\n# <b>mine</b>\ntowers = 7\nfixed = "DK-01"'
    form = form_of(quick_plan(), district) | {"towers": ["4"], "title": ["half <typed>"]}
    answer = page.post("/plan/file?lang=en", data={**form, "csrf_token": csrf(page), "text": text})
    assert answer.status_code == 422
    box = re.search(r'<textarea id="plan-text"[^>]*>\n(.*?)</textarea>', answer.text, re.DOTALL)
    assert box is not None, "the first line's end is the browser's"
    assert "<b>" not in box[1]
    assert unescape(box[1]) == text
    assert re.search(r'name="towers"[^>]*value="4"', answer.text)
    assert 'value="half &lt;typed&gt;"' in answer.text
    assert "found DK-01, expected a list of sites" in faults_of(answer)
    assert 'aria-invalid="true"' not in answer.text, "what is wrong is in the file, not in the form"


@pytest.mark.parametrize("wrong", WRONG_PLANS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_whatever_is_wrong_with_a_plan_file_is_told_in_the_page_s_language(
    page: FlaskClient, wrong: str, lang: str
) -> None:
    text = WRONG_PLANS[wrong]
    answer = page.post(f"/plan/file?lang={lang}", data={"csrf_token": csrf(page), "text": text})
    assert answer.status_code == 422
    told = faults_of(answer)
    if lang == "en":
        assert not re.search(r"[\u4e00-\u9fff]", told)
    else:
        assert re.search(r"应为", told)
        assert not re.search(r"[a-z]{3,} [a-z]{2,}", re.sub(r"\[?\{.*?\}\]?", "", told)), (
            "no English sentence"
        )
    assert "Input" not in told


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_program_is_told_in_one_language(page: FlaskClient, lang: str) -> None:
    answer = page.post(
        f"/api/plans?lang={lang}", json={"plan": {"towers": 0}}, headers={"X-CSRF-Token": csrf(page)}
    )
    problem = answer.get_json(force=True)
    expected = {"zh": "不小于 1 的数", "en": "a number of at least 1"}[lang]
    assert problem["errors"] == [{"entry": "towers", "found": "0", "expected": expected}]
    assert expected in problem["detail"]


def test_the_map_gets_each_place_with_its_outline_and_criteria(page: FlaskClient, district: District) -> None:
    path = begun_and_over(page, district)
    answer = page.get(f"{path}/map")
    found = answer.get_json(force=True)
    assert len(found["places"]) == 10
    assert found["criteria"] == list(CRITERIA)
    assert len(found["values"]) == len(CRITERIA)
    assert all(0 <= value <= 1000 for table in found["values"] for row in table for value in row)
    assert all(place["shape"] for place in found["places"])
    assert len(found["towers"]) == 30
    heavier = begun_and_over(page, district, **{"weights.tax": "77"})
    assert page.get(f"{heavier}/map").headers["ETag"] == answer.headers["ETag"], (
        "weights change nothing of it"
    )
    nearer = begun_and_over(page, district, **{"reference.reach_m": "100"})
    assert page.get(f"{nearer}/map").headers["ETag"] != answer.headers["ETag"]


def test_a_layer_without_sites_says_so_and_offers_the_towers_to_come(
    district: District,
) -> None:
    towers = town(3, district, Surroundings(), sites=0, coming=4)
    app = create_app(OneVersion(towers))
    client = app.test_client()
    text = solved(client, district)
    assert "no candidate sites" in text
    link = re.search(r'href="(/plan\?candidates=coming[^"]*)"', text)
    assert link is not None
    assert client.get(link[1].replace("&amp;", "&")).status_code == 200
    coming = solved(client, district, candidates="coming", towers="", spacing_m="0")
    assert len(re.findall(r'<li id="taken-', coming)) == 4
    app.extensions[EXTENSION].close()


def test_names_of_sites_and_titles_are_only_ever_text(district: District) -> None:
    towers = town(5, district, Surroundings(), sites=len(ATTACKS))
    sites = tuple(
        Site.model_validate({**site.model_dump(), "name": " ".join(attack.split())[:200]})
        for site, attack in zip(towers.holdings.all(Site), ATTACKS, strict=True)
    )
    from dataclasses import replace  # noqa: PLC0415

    app = create_app(
        OneVersion(replace(towers, holdings=Holdings({"site": sites}, towers.holdings.site_shapes)))
    )
    client = app.test_client()
    text = solved(client, district, title="<script>alert(2)</script>", towers="12")
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "<svg onload" not in text
    app.extensions[EXTENSION].close()


def test_an_editor_saves_a_plan_as_a_scenario_and_finds_it_there(
    tmp_path: Path, district: District, surroundings: Surroundings
) -> None:
    path = tmp_path / "office.gpkg"
    with create_registry(
        path, district=district, surroundings=surroundings, note=LayerNote(title="登记库", synthetic=True)
    ) as made:
        add_sites(made, small_town(district))
        app = create_app(made)
        client = app.test_client()
        begun = sent(client, district, towers="2", title="kept")
        plan_id = begun.headers["Location"].removeprefix("/plan/")
        best = answered(client, plan_id)["answer"]
        saved = client.post(f"/plan/{plan_id}/save", data={"csrf_token": csrf(client), "title": " my  plan "})
        assert saved.status_code == 303, saved.text
        page = client.get(saved.headers["Location"])
        assert page.status_code == 200
        assert "my plan" in page.text
        assert all(chosen["id"] in page.text for chosen in best["chosen"])
        app.extensions[EXTENSION].close()


def add_sites(registry: Registry, towers: Snapshot) -> None:
    """Put the parcels of a town into a registry."""
    changes = [
        Change(
            "site",
            site.id,
            {**site.model_dump(), "geometry": shapely.to_wkb(towers.holdings.site_shapes[site.id], hex=True)},
            0,
        )
        for site in towers.holdings.all(Site)
    ]
    registry.apply(changes, actor="test", action="import")


def test_the_default_plan_s_form_is_a_plan_that_can_be_sent(page: FlaskClient, district: District) -> None:
    begun = page.post("/plan", data={**form_of(default_plan(), district), "csrf_token": csrf(page)})
    assert begun.status_code == 303
