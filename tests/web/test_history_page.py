"""The history shows what happened to towers and to accounts, in one order, to those who may see it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from buildingmap.accounts import Accounts
from buildingmap.registry import Change
from tests.web.test_rights import doors, guarded, office, signed_in

__all__ = ["doors", "guarded", "office"]

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from buildingmap.registry import Registry


def rows_of(page: str) -> list[str]:
    """What each row of the table says."""
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in table.split("</tr>") if "<td" in row]


def rename(office: Registry, number: int) -> None:
    office.apply([Change("building", "CBD-03", {"name": f"楼{number}"})], actor="editor-1")


@pytest.mark.parametrize("role", ["analyst", "editor", "admin"])
def test_who_got_which_role_stands_among_the_changes_of_towers(
    guarded: Flask, office: Registry, role: str
) -> None:
    rename(office, 1)
    Accounts(office).set_role("public-1", "analyst", actor="admin-1")
    rename(office, 2)
    said = rows_of(signed_in(guarded, f"{role}-1").get("/history?lang=en").text)
    assert [row.split(" ", 1)[0] for row in said[:3]] == ["3", said[1].split(" ", 1)[0], "2"]
    assert "admin-1 role changed public-1: public → analyst" in said[1]


def every_row(client: FlaskClient) -> list[str]:
    said: list[str] = []
    address = "/history?lang=en"
    while address:
        page = client.get(address).text
        said += rows_of(page)
        onward = re.search(r'href="(/history\?[^"]*)">Older<', page)
        address = onward[1].replace("&amp;", "&") + "&lang=en" if onward else ""
    return said


def test_page_by_page_every_change_and_every_event_is_shown_once(guarded: Flask, office: Registry) -> None:
    accounts = Accounts(office)
    for number in range(70):
        rename(office, number)
        accounts.set_role("public-1", "analyst" if number % 2 else "public", actor="admin-1")
    accounts.set_role("public-1", "editor", actor="admin-1")
    for _ in range(60):
        accounts.set_password("public-1", "another long password", actor="admin-1")

    said = every_row(signed_in(guarded, "analyst-1"))
    assert len(said) == 71 + 4 + 70 + 1 + 60
    moments = [re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row) for row in said]
    told = [found[0] for found in moments if found]
    assert told == sorted(told, reverse=True)


@pytest.mark.parametrize("number", ["9" * 23, "-" + "9" * 23, "x", ""])
def test_a_number_that_no_version_has_shows_a_page(guarded: Flask, number: str) -> None:
    page = signed_in(guarded, "analyst-1").get(f"/history?before={number}&events_before={number}")
    assert page.status_code == 200
