from __future__ import annotations

import gzip
import threading
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest
from backports import zstd

from buildingmap.web.caching import AnswerCache
from buildingmap.web.static_files import asset
from tests.web.conftest import OneVersion, snapshot_with, tower

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from buildingmap.model import District

UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress}


def test_who_has_the_answer_gets_304_and_nothing_is_computed(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app.test_client()
    first = client.get("/api/buildings?tax_min=1e8")
    monkeypatch.setattr("buildingmap.web.api.feature_collection", None)

    again = client.get("/api/buildings?tax_min=100000000", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == "no-cache"
    assert "Content-Type" not in again.headers


@pytest.mark.parametrize(
    "path", ["/api/buildings", "/api/buildings/T-001", "/api/district", "/api/openapi.json"]
)
def test_every_answer_has_a_weak_tag_of_its_own(client: FlaskClient, path: str) -> None:
    tag = client.get(path).headers["ETag"]

    assert tag.startswith('W/"v1-')
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(path, headers={"If-None-Match": '"other", W/"another"'}).status_code == 200
    assert client.get(path, headers={"If-None-Match": f'"other", {tag}'}).status_code == 304
    assert client.head(path, headers={"If-None-Match": tag}).status_code == 304


def test_tags_differ_where_answers_do(client: FlaskClient) -> None:
    paths = [
        "/api/buildings",
        "/api/buildings?limit=1",
        "/api/buildings?year=2022",
        "/api/buildings/T-001",
        "/api/buildings/T-002",
        "/api/buildings/T-001?year=2022",
    ]

    assert len({client.get(path).headers["ETag"] for path in paths}) == len(paths)


def test_a_new_version_is_answered_anew(app: Flask, registry: OneVersion, district: District) -> None:
    client = app.test_client()
    old = client.get("/api/buildings?limit=1")
    registry.in_force = snapshot_with(district, tower(99), version="v2")

    new = client.get("/api/buildings?limit=1", headers={"If-None-Match": old.headers["ETag"]})

    assert new.status_code == 200
    assert new.get_json(force=True)["numberMatched"] == old.get_json(force=True)["numberMatched"] + 1
    assert new.headers["ETag"] != old.headers["ETag"]


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
@pytest.mark.parametrize("path", ["/api/buildings", "/api/openapi.json", "/api/district"])
def test_answers_are_compressed_as_the_reader_can_read(client: FlaskClient, path: str, encoding: str) -> None:
    plain = client.get(path)
    for _ in range(2):  # made, then taken from what is kept
        packed = client.get(path, headers={"Accept-Encoding": encoding})
        assert packed.headers["Content-Encoding"] == encoding
        assert UNPACK[encoding](packed.data) == plain.data
        assert len(packed.data) < len(plain.data)
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert packed.headers["ETag"] == plain.headers["ETag"]
    assert "Content-Encoding" not in plain.headers
    tag = plain.headers["ETag"]
    headers = {"If-None-Match": tag, "Accept-Encoding": encoding}
    assert client.get(path, headers=headers).status_code == 304


def test_a_compressed_answer_is_made_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client, headers = app.test_client(), {"Accept-Encoding": "br"}
    first = client.get("/api/buildings", headers=headers).data
    monkeypatch.setattr(brotli, "compress", None)

    assert client.get("/api/buildings", headers=headers).data == first


def test_a_static_file_is_kept_for_ever_under_its_contents_address(app: Flask) -> None:
    with app.test_request_context():
        address = asset("css/app.css")
    client = app.test_client()
    plain, packed = client.get(address), client.get(address, headers={"Accept-Encoding": "gzip"})

    assert "?v=" in address
    assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert gzip.decompress(packed.data) == plain.data
    assert plain.content_type == "text/css; charset=utf-8"
    assert client.get("/static/css/app.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/css/app.css?v=old").headers["Cache-Control"] == "no-cache"
    for answered, headers in ((plain, {}), (packed, {"Accept-Encoding": "gzip"})):
        again = client.get(address, headers=headers | {"If-None-Match": answered.headers["ETag"]})
        assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/static/none.js",
        "/static/css",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static//etc/passwd",
        f"/static/{'a' * 300}.css",
        f"/static/{'é' * 200}.css",
    ],
)
def test_nothing_but_the_static_files_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code in {308, 404}
    assert client.get(path, follow_redirects=True).status_code == 404


def test_part_of_a_static_file_is_never_taken_for_the_whole(client: FlaskClient) -> None:
    headers = {"Range": "bytes=0-9", "Accept-Encoding": "gzip"}
    response = client.get("/static/css/app.css", headers=headers)

    assert response.status_code == 200
    assert gzip.decompress(response.data) == client.get("/static/css/app.css").data


def test_no_more_is_kept_than_the_bound() -> None:
    cache = AnswerCache(most_bytes=1000)
    for number in range(100):
        cache.get_or_make((number,), lambda: b"x" * 100)

    assert len(cache) == 10
    assert cache.bytes_held == 1000
    assert cache.get((99,)) is not None
    assert cache.get((0,)) is None


def test_what_was_used_of_late_stays() -> None:
    cache = AnswerCache(most_bytes=1000)
    for number in range(30):
        cache.get_or_make((number,), lambda: b"x" * 100)
        cache.get((0,))

    assert cache.get((0,)) is not None


def test_an_answer_too_large_to_keep_is_still_given() -> None:
    cache = AnswerCache(most_bytes=1000)

    assert cache.get_or_make(("large",), lambda: b"x" * 900) == b"x" * 900
    assert len(cache) == 0


def test_threads_that_want_the_same_answer_have_it_made_once() -> None:
    cache, made, go = AnswerCache(), [], threading.Event()

    def make() -> bytes:
        made.append(1)
        go.wait(5)
        return b"answer"

    got: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: got.append(cache.get_or_make(("same",), make))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(5)

    assert got == [b"answer"] * 8
    assert len(made) == 1


def test_a_failure_reaches_the_one_who_asked_and_is_not_kept() -> None:
    cache = AnswerCache()

    def fail() -> bytes:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.get_or_make(("key",), fail)
    assert cache.get_or_make(("key",), lambda: b"yes") == b"yes"
