from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from buildingmap.filters import PARAMETERS
from buildingmap.web.operations import OPERATIONS
from buildingmap.web.problems import PROBLEMS

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


@pytest.fixture
def document(client: FlaskClient) -> Any:
    response = client.get("/api/openapi.json")
    assert response.status_code == 200
    assert response.content_type.startswith("application/vnd.oai.openapi+json")
    return response.get_json(force=True)


def resolved(document: Any, name: str) -> Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return Draft202012Validator(schema)


def test_the_document_is_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_of_the_api_is_described(app: Flask, document: Any) -> None:
    routes = {
        (re.sub(r"<(?:[^<>:]+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(("/api/", "/download/"))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}

    for_people = {(path, "get") for path in ("/api/", "/api/docs", "/api/openapi.json")}
    assert routes - for_people == described


def test_every_parameter_of_the_filter_is_described_with_its_choices(document: Any) -> None:
    described = {
        parameter["name"]: parameter["schema"]
        for parameter in document["paths"]["/api/buildings"]["get"]["parameters"]
    }

    assert set(described) == {parameter.name for parameter in PARAMETERS}
    assert described["cluster"]["items"]["enum"] == ["cbd", "xinduxin", "other"]
    assert described["limit"] == {"type": "integer", "minimum": 1, "maximum": 10_000}
    assert "-tax_yuan" in described["sort"]["enum"]


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/api/buildings", "FeatureCollection"),
        ("/api/buildings?year=2022&limit=3&offset=3", "FeatureCollection"),
        ("/api/buildings?year=1999", "FeatureCollection"),
        ("/api/buildings/T-020", "Tower"),
        ("/api/buildings/B-2", "Tower"),
        ("/api/summary", "Summary"),
        ("/api/summary?q=nothing-like-this", "Summary"),
        ("/api/district", "District"),
        ("/api/buildings?x=1", "Problem"),
        ("/api/nothing", "Problem"),
    ],
)
def test_an_answer_is_what_its_schema_says(
    client: FlaskClient, document: Any, path: str, schema: str
) -> None:
    faults = list(resolved(document, schema).iter_errors(client.get(path).get_json(force=True)))

    assert faults == []


@pytest.mark.parametrize(
    "schema", ["FeatureCollection", "Tower", "Properties", "Summary", "District", "Problem"]
)
def test_a_schema_refuses_members_that_it_does_not_describe(document: Any, schema: str) -> None:
    assert document["components"]["schemas"][schema]["additionalProperties"] is False
    assert not resolved(document, schema).is_valid({"surprise": 1})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_for_people_names_everything(client: FlaskClient, lang: str) -> None:
    page = client.get(f"/api/docs?lang={lang}")

    assert page.status_code == 200
    for operation in OPERATIONS:
        assert operation.path in page.text
        assert (operation.en if lang == "en" else operation.zh).replace("'", "&#39;") in page.text
    for parameter in PARAMETERS:
        assert f"<code>{parameter.name}</code>" in page.text
    for problem in PROBLEMS:
        assert f'id="{problem.anchor}"' in page.text
    assert "//" not in page.text.replace("http://www.w3.org/2000/svg", "")


def test_every_example_of_the_page_can_be_followed(client: FlaskClient) -> None:
    page = client.get("/api/docs").text
    addresses = {part.split('"')[0].replace("&amp;", "&") for part in page.split('<a href="')[1:]}
    examples = {address for address in addresses if address.startswith(("/api/", "/download/"))}

    assert len(examples) >= len(OPERATIONS)
    for example in examples:
        assert client.get(example).status_code == 200, example


@pytest.mark.parametrize("path", ["/api", "/api/"])
def test_the_root_leads_to_the_page(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Location"] == "/api/docs"
