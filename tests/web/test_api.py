from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from buildingmap import analysis
from buildingmap.filters import Filter, query_string

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from buildingmap.filters import Selection
    from buildingmap.snapshot import Snapshot


def asked(client: FlaskClient, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200, response.text
    assert response.content_type == "application/geo+json"
    return response.get_json(force=True)


def test_all_towers_come_as_one_feature_collection(client: FlaskClient) -> None:
    document = asked(client, "/api/buildings")

    assert document["type"] == "FeatureCollection"
    assert document["numberMatched"] == document["numberReturned"] == len(document["features"]) == 42
    assert document["synthetic"] is True
    assert document["filter"] == ""
    assert (document["title"], document["source"], document["as_of"]) == ("演示数据", "test", "2024-01-31")
    assert [link["rel"] for link in document["links"]] == ["self"]


def test_a_feature_keeps_the_contracts_names(client: FlaskClient) -> None:
    feature = asked(client, "/api/buildings?q=T-020")["features"][0]

    assert feature["type"] == "Feature"
    assert feature["geometry"]["type"] == "Polygon"
    assert feature["id"] == feature["properties"]["id"] == "T-020"
    assert feature["properties"]["tax_yuan"] == 100_000_000
    assert feature["properties"]["band"] == "100m_1b"


def test_a_tower_exactly_at_the_mark_is_past_it(client: FlaskClient) -> None:
    past = asked(client, "/api/buildings?tax_min=100000000")
    below = asked(client, "/api/buildings?tax_max=99999999")

    assert past["numberMatched"] == 20
    assert "T-020" in {feature["id"] for feature in past["features"]}
    assert "T-020" not in {feature["id"] for feature in below["features"]}


@pytest.mark.parametrize(
    ("query", "matched"),
    [
        ("sector=finance", 10),
        ("sector=finance,digital", 20),
        ("sector=finance&sector=digital", 20),
        ("cluster=CBD", 14),
        ("status=planned", 1),
        ("year=2022&tax_min=100000000", 15),
        ("year=1999&tax_min=0", 0),
        ("bbox=120.370,36.086,120.3702,36.0862", 1),
        ("q=%E7%A4%BA%E4%BE%8B", 40),
        ("q=%24%7Balert", 1),
        ("tax_min=", 42),
    ],
)
def test_every_filter_chooses_what_it_says(client: FlaskClient, query: str, matched: int) -> None:
    assert asked(client, f"/api/buildings?{query}")["numberMatched"] == matched


def test_the_figures_are_those_of_the_year_asked_for(client: FlaskClient) -> None:
    feature = asked(client, "/api/buildings?q=T-020&year=2022")["features"][0]

    assert feature["properties"]["tax_yuan"] == 80_000_000
    assert feature["properties"]["tax_year"] == 2022
    assert feature["properties"]["past_mark"] is False


def test_the_pages_of_a_long_answer_link_to_each_other(client: FlaskClient) -> None:
    seen: list[str] = []
    address = "/api/buildings?cluster=cbd&sort=id&limit=5"
    while address:
        document = asked(client, address)
        assert document["numberMatched"] == 14
        seen += [feature["id"] for feature in document["features"]]
        links = {link["rel"]: link["href"] for link in document["links"]}
        assert ("prev" in links) is (len(seen) > 5)
        address = links.get("next", "")

    assert len(seen) == len(set(seen)) == 14
    assert seen == sorted(seen)


def test_the_link_back_from_beyond_the_end_leads_to_towers(client: FlaskClient) -> None:
    document = asked(client, "/api/buildings?offset=5000&limit=10")

    assert document["numberReturned"] == 0
    back = {link["rel"]: link["href"] for link in document["links"]}["prev"]
    assert asked(client, back)["numberReturned"] == 10


def test_an_answer_names_its_filter_so_that_it_can_be_asked_again(client: FlaskClient) -> None:
    flt = Filter(tax_min=1e8, sector=("finance",), q="示例", bbox=(120.3, 36.0, 120.5, 36.2))
    document = asked(client, "/api/buildings?" + query_string(flt))

    assert document["filter"] == query_string(flt)
    assert asked(client, "/api/buildings?" + document["filter"]) == document


def test_head_answers_with_the_headers_alone(client: FlaskClient) -> None:
    response = client.head("/api/buildings")

    assert response.status_code == 200
    assert response.data == b""
    assert int(response.headers["Content-Length"]) > 1000


def test_options_names_the_methods(client: FlaskClient) -> None:
    response = client.options("/api/buildings")

    assert response.status_code == 200
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_hostile_name_is_only_text(client: FlaskClient) -> None:
    response = client.get("/api/buildings?q=" + quote("${alert"))

    assert (
        response.get_json(force=True)["features"][0]["properties"]["name"] == "规划 <b>${alert(1)}</b> \\` 楼"
    )
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_years_without_figures_fill_no_memory(client: FlaskClient, towers: Snapshot) -> None:
    for year in range(1990, 2101):
        asked(client, f"/api/buildings?year={year}&limit=1")

    assert len(towers._features) <= len(towers.years) + 2  # noqa: SLF001 - what is kept is the point
    assert asked(client, "/api/buildings?year=1999&limit=1")["features"][0]["properties"]["tax_yuan"] is None


def test_a_tower_comes_with_its_card(client: FlaskClient) -> None:
    document = asked(client, "/api/buildings/T-018")

    assert document["type"] == "Feature"
    assert document["properties"] == asked(client, "/api/buildings?q=T-018")["features"][0]["properties"]
    assert document["card"]["gap_yuan"] == 10_000_000
    assert document["card"]["rank_in_cluster"] == {"rank": 8, "of": 14}
    assert document["synthetic"] is True
    assert {link["rel"] for link in document["links"]} == {"self", "collection"}


def test_a_towers_card_is_of_the_year_asked_for(client: FlaskClient) -> None:
    document = asked(client, "/api/buildings/T-018?year=2022&lang=en")

    assert document["card"]["tax_yuan"] == document["properties"]["tax_yuan"] == 72_000_000


def test_a_tower_of_which_little_is_known_has_a_card_too(client: FlaskClient) -> None:
    card = asked(client, "/api/buildings/B-1")["card"]

    assert card["tax_yuan"] is card["gap_yuan"] is card["band"] is card["rank_in_cluster"] is None


def test_the_summary_is_of_the_filters_towers_whatever_their_page(client: FlaskClient) -> None:
    whole = client.get("/api/summary?cluster=cbd")
    paged = client.get("/api/summary?cluster=cbd&sort=id&limit=1&offset=3")

    assert whole.content_type == "application/json"
    assert whole.get_json()["totals"]["towers"] == 14
    assert whole.get_json()["filter"] == "cluster=cbd"
    assert paged.data == whole.data
    assert paged.headers["ETag"] == whole.headers["ETag"]


def test_a_summary_is_computed_once_for_many_readers(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[str] = []

    def counted(selection: Selection) -> dict[str, str]:
        computed.append(selection.filter.cluster[0])
        time.sleep(0.2)
        return {}

    monkeypatch.setattr(analysis, "summary", counted)
    readers = [
        threading.Thread(target=lambda: app.test_client().get("/api/summary?cluster=cbd")) for _ in range(6)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    assert computed == ["cbd"]


def test_the_districts_words_come_in_both_languages(client: FlaskClient) -> None:
    document = client.get("/api/district").get_json()

    assert {"id": "cbd", "zh": "中央商务区", "en": "CBD"} in document["clusters"]
    assert document["mark_yuan"] == 100_000_000
    assert document["years"] == [2022, 2023]


@pytest.mark.parametrize(
    "path", ["/api/buildings/T-001?tax_min=1", "/api/district?year=2023", "/api/openapi.json?a"]
)
def test_parameters_that_mean_nothing_here_are_refused(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 400
