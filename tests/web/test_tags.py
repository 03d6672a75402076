"""What was read can be sent back, whatever the encoding it came in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.offices import as_role, small_office_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from buildingmap.model import District
    from tests.prepared import Prepared

ROW = "/api/records/building/T-1"
ENCODINGS = ("identity", "gzip", "br", "zstd")


@pytest.fixture
def editor(tmp_path: Path, district: District, prepared: Prepared) -> Iterator[FlaskClient]:
    with small_office_of(prepared, tmp_path, district) as office:
        yield as_role(office, "editor")


def headers(editor: FlaskClient, tag: str, encoding: str = "identity") -> dict[str, str]:
    token = editor.get("/api/session").get_json()["csrf"]
    return {"X-CSRF-Token": token, "If-Match": tag, "Accept-Encoding": encoding}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_tag_of_a_row_is_taken_back_in_whatever_encoding_the_row_came(
    editor: FlaskClient, encoding: str
) -> None:
    read = editor.get(ROW, headers={"Accept-Encoding": encoding})
    assert read.headers.get("Content-Encoding", "identity") == encoding
    change = {"values": {"floors": 5}}

    changed = editor.patch(ROW, json=change, headers=headers(editor, read.headers["ETag"], encoding))
    assert changed.status_code == 200, changed.text
    late = editor.patch(ROW, json=change, headers=headers(editor, read.headers["ETag"]))
    assert late.status_code == 412, "the old tag is of a version that is no more"
    again = editor.patch(
        ROW, json={"values": {"floors": 6}}, headers=headers(editor, changed.headers["ETag"])
    )
    assert again.status_code == 200, "the answer to a change has the tag for the next"


@pytest.mark.parametrize("tag", ['W/"2"', '"2-gzip"', '"2:br", "2"', "2"])
def test_what_a_server_in_front_makes_of_a_tag_is_still_the_row_s(editor: FlaskClient, tag: str) -> None:
    assert editor.get(ROW).headers["ETag"] == '"2"'
    answer = editor.patch(ROW, json={"values": {"floors": 5}}, headers=headers(editor, tag))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "tag", ["*", '"x"', '"1", "2"', '"1:rot13"', "²", '"-1"', f'"{"9" * 5000}"', '""', ","]
)
def test_what_is_no_version_of_a_row_is_refused_and_nothing_written(editor: FlaskClient, tag: str) -> None:
    answer = editor.patch(ROW, json={"values": {"floors": 5}}, headers=headers(editor, tag))
    assert answer.status_code == 400, answer.text
    assert editor.get(ROW).get_json()["values"]["floors"] == 4


@pytest.mark.parametrize("address", [ROW, "/api/buildings", "/static/css/app.css"])
@pytest.mark.parametrize("asked", ENCODINGS)
def test_who_has_an_answer_in_one_encoding_has_it_in_every(
    editor: FlaskClient, address: str, asked: str
) -> None:
    for encoding in ENCODINGS:
        tag = editor.get(address, headers={"Accept-Encoding": encoding}).headers["ETag"]
        again = editor.get(
            address, headers={"Accept-Encoding": asked, "If-None-Match": f'"other", "", {tag}'}
        )
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        assert "Content-Encoding" not in again.headers
    stale = editor.get(address, headers={"Accept-Encoding": asked, "If-None-Match": '"other:gzip", W/"none"'})
    assert stale.status_code == 200
