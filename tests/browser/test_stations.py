"""Service stations on their page: asked by keyboard, drawn on the map, read without it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from buildingmap.registry import read_holdings
from buildingmap.resources import data_folder
from tests.browser.serving import Served
from tests.browser.test_accessibility import violations
from tests.browser.visiting import PHONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildingmap.snapshot import Snapshot
    from tests.browser.conftest import Visiting

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def offices(demo_snapshot: Snapshot) -> Iterator[Served]:
    """The demo with its tenants, served."""
    holdings = read_holdings(data_folder() / "holdings.json", demo_snapshot.district)
    served = Served(replace(demo_snapshot, holdings=holdings))
    yield served
    served.stop()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("query", ["stations=6", "where=sites&stations=60"])
def test_axe_finds_nothing_on_the_page_of_stations(
    visiting: Visiting, offices: Served, query: str, lang: str
) -> None:
    page = visiting(offices).open(f"/service-stations?{query}&lang={lang}")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, of_colours=True) == []


def test_stations_fit_on_a_phone(visiting: Visiting, offices: Served) -> None:
    phone = visiting(offices, viewport=PHONE)
    for lang in ("zh", "en"):
        phone.open(f"/service-stations?lang={lang}")
        assert phone.fits()


def test_stations_are_asked_for_by_keyboard_and_numbered_on_map_and_in_the_table(
    visiting: Visiting, offices: Served
) -> None:
    visit = visiting(offices)
    page = visit.open("/service-stations?lang=en")
    page.get_by_label("Stations", exact=True).fill("4")
    page.get_by_label("What is best").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Place stations").press("Enter")
    page.wait_for_url("**stations=4**")
    page.wait_for_selector("html[data-painted]")
    assert "measure=covering" in visit.address()
    assert sorted(page.locator(".spot-number").all_text_contents()) == ["1", "2", "3", "4"]
    assert page.locator(".served tbody tr").count() == 4
    # a line to every tower but those in which a station stands, where it has no length
    assert page.locator("path.serves").count() == 99
    assert "within 500 m — proved" in (page.locator('p[role="status"]').text_content() or "")


def test_without_javascript_stations_are_placed_all_the_same(visiting: Visiting, offices: Served) -> None:
    page = visiting(offices, java_script_enabled=False).page
    page.goto(f"{offices.origin}/service-stations")
    page.get_by_role("button", name="选址").click()
    assert page.locator(".served tbody tr").count() == 6
