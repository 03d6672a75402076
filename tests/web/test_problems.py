from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from buildingmap.web.queries import LONGEST_QUERY

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


def problem(client: FlaskClient, address: str, status: int = 400) -> Any:
    response = client.get(address)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    document = response.get_json(force=True)
    assert document["status"] == status
    assert {"type", "title", "detail", "instance"} <= set(document)
    return document


@pytest.mark.parametrize(
    ("query", "parameter", "found", "expected"),
    [
        ("tax_min=much", "tax_min", "'much'", "a number from 0 to 1,000,000,000,000,000"),
        ("tax_min=-1", "tax_min", "'-1'", "a number from 0 to 1,000,000,000,000,000"),
        ("tax_min=nan", "tax_min", "'nan'", "a number from 0 to 1,000,000,000,000,000"),
        ("vacancy_max=20", "vacancy_max", "'20'", "a number from 0 to 1"),
        ("sector=gold", "sector", "'gold'", "any of headquarters, finance"),
        ("bbox=1,2,3", "bbox", "'1,2,3'", "west,south,east,north"),
        ("year=last", "year", "'last'", "a whole number from 1990 to 2100"),
        ("limit=0", "limit", "'0'", "a whole number from 1 to 10000"),
        ("sort=luck", "sort", "'luck'", "one of tax_yuan"),
        ("color=red", "color", "an unknown parameter", "one of tax_min"),
        ("year=2022&year=2023", "year", "'2022,2023'", "one value"),
        ("tax_min=2&tax_max=1", "tax_min", "2", "no more than tax_max=1"),
        ("q=%zz", "query", "'q=%zz'", "two hexadecimal digits"),
        ("q=%", "query", "'q=%'", "two hexadecimal digits"),
        ("q=%ff", "query", "'q=%ff'", "percent-encoded UTF-8"),
        ("q=a%00b", "query", "'a\\x00b'", "text without NUL"),
        ("a" * (LONGEST_QUERY + 1), "query", "4001 bytes", "at most 4000 bytes"),
        ("&".join(["q="] * 300), "query", "'q=&q=", "at most 200 parameters"),
    ],
)
def test_a_wrong_parameter_is_named_with_what_was_found_and_expected(
    client: FlaskClient, query: str, parameter: str, found: str, expected: str
) -> None:
    document = problem(client, f"/api/buildings?{query}")

    assert document["title"] == "A parameter is wrong"
    assert document["instance"] == "/api/buildings"
    (fault,) = document["errors"]
    assert fault["parameter"] == parameter
    assert fault["found"].startswith(found)
    assert fault["expected"].startswith(expected)


def test_every_wrong_parameter_is_named_at_once(client: FlaskClient) -> None:
    document = problem(client, "/api/buildings?tax_min=x&sector=y&nonsense=z")

    assert {fault["parameter"] for fault in document["errors"]} == {"tax_min", "sector", "nonsense"}


def test_a_tower_that_is_not_there_is_404(client: FlaskClient) -> None:
    document = problem(client, "/api/buildings/T-999", status=404)

    assert document["detail"] == "no tower has the id 'T-999'"


@pytest.mark.parametrize("path", ["/api/nothing", "/api/buildings/a/b", "/download/a.exe"])
def test_an_unknown_address_of_the_api_is_404(client: FlaskClient, path: str) -> None:
    assert problem(client, path, status=404)["type"] == "about:blank"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
def test_a_method_that_changes_things_is_405_and_the_allowed_are_named(
    client: FlaskClient, method: str
) -> None:
    response = client.open("/api/buildings", method=method)

    assert response.status_code == 405
    assert response.content_type == "application/problem+json"
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_failure_of_ours_is_500_without_its_inside(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr(app.extensions["buildingmap"].registry, "snapshot", fail)
    document = problem(app.test_client(), "/api/buildings", status=500)

    assert document["title"] == "Internal Server Error"
    assert "inside" not in str(document)


@pytest.mark.parametrize(("lang", "words"), [("zh", "没有这个页面"), ("en", "There is no such page")])
def test_a_person_gets_a_small_page_instead(client: FlaskClient, lang: str, words: str) -> None:
    response = client.get(f"/nowhere?lang={lang}")

    assert response.status_code == 404
    assert response.content_type == "text/html; charset=utf-8"
    assert words in response.text


def test_a_wrong_parameter_on_a_page_is_shown_as_text(client: FlaskClient) -> None:
    response = client.get("/?lang=en&tax_min=%3Cscript%3E")

    assert response.status_code == 400
    assert "tax_min: found &#39;&lt;script&gt;&#39;, expected a number" in response.text
    assert "<script" not in response.text
