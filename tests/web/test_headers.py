from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildingmap.errors import DistrictError
from buildingmap.model.district import BasemapTiles
from buildingmap.web import create_app
from buildingmap.web.app import ANY_HOST
from buildingmap.web.headers import content_security_policy, tile_origin

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from buildingmap.model import District
    from tests.web.conftest import OneVersion

EVERYWHERE = [
    "/api/buildings",
    "/api/buildings/T-001",
    "/api/nothing",
    "/api/buildings?x=1",
    "/nowhere",
    "/api",
]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_carries_the_guarding_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"]


def test_the_policy_lets_a_page_load_from_this_server_alone(client: FlaskClient) -> None:
    policy = dict(
        directive.split(" ", 1)
        for directive in client.get("/api").headers["Content-Security-Policy"].split("; ")
    )

    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "font-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "object-src": "'none'",
    }


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://tiles.example.cn/{z}/{x}/{y}.png", "https://tiles.example.cn"),
        ("https://{s}.tiles.example.cn:8443/{z}/{x}/{y}.png", "https://*.tiles.example.cn:8443"),
        ("/tiles/{z}/{x}/{y}.png", ""),
    ],
)
def test_a_tile_server_of_the_districts_own_may_send_images(
    district: District, url: str, origin: str
) -> None:
    configured = district.model_copy(update={"basemap_tiles": BasemapTiles(url=url, attribution="x")})

    images = next(
        part for part in content_security_policy(configured).split("; ") if part.startswith("img-src")
    )
    assert images == f"img-src 'self' data: {origin}".strip()


@pytest.mark.parametrize(
    "url", ["https://a.cn; script-src *", "https://user@a.cn/", "//a.cn/x", "https:///x"]
)
def test_a_tile_address_cannot_loosen_the_policy(url: str) -> None:
    with pytest.raises(DistrictError, match=r"basemap_tiles\.url"):
        tile_origin(url)


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000"])
def test_loopback_names_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/api/buildings", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1"]
)
def test_a_foreign_name_that_leads_here_is_refused(client: FlaskClient, host: str) -> None:
    response = client.get("/api/buildings", headers={"Host": host})

    assert response.status_code == 400
    assert b"features" not in response.data


def test_other_names_are_answered_when_they_are_trusted(registry: OneVersion) -> None:
    named = create_app(registry, trusted_hosts=["map.example.cn"]).test_client()
    anyone = create_app(registry, trusted_hosts=ANY_HOST).test_client()

    assert named.get("/api/buildings", headers={"Host": "map.example.cn"}).status_code == 200
    assert named.get("/api/buildings", headers={"Host": "localhost"}).status_code == 400
    assert anyone.get("/api/buildings", headers={"Host": "10.0.0.1:8000"}).status_code == 200


def test_a_body_that_nobody_asked_for_is_not_read(app: Flask) -> None:
    response = app.test_client().post("/api/buildings", data=b"x" * 1_000_000)

    assert response.status_code in {405, 413}
