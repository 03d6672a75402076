"""Text out of a layer is only ever text, on every surface of every page."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import openpyxl
import pytest

from tests.browser.hostile import ATTACKS
from tests.browser.visiting import PHONE

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Visiting
    from tests.browser.serving import Served
    from tests.browser.visiting import Visit

pytestmark = pytest.mark.browser
COUNT = len(ATTACKS)


@pytest.fixture
def victim(visiting: Visiting, hostile: Served) -> Visit:
    """A window on the hostile layer; that no dialog opens and nothing is fetched is asserted at its end."""
    return visiting(hostile)


def nothing_ran(page: Page) -> None:
    """Assert that no attack became an element, an attribute or a script."""
    assert page.locator("main img").count() == 0
    assert page.locator("script:not([src])").count() == 0
    assert page.locator("main style").count() == 0
    assert page.evaluate(
        "() => [...document.querySelectorAll('*')].every((node) =>"
        " [...node.attributes].every(({ name, value }) => !name.startsWith('on') && !/^\\\\s*javascript:/i.test(value)"
        " || name === 'value' || name.startsWith('aria-')))"
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_in_the_list_are_as_they_were_written(victim: Visit, lang: str) -> None:
    page = victim.open(f"/?sort=id&lang={lang}")
    assert victim.names() == list(ATTACKS)
    labels = page.locator("#list input").evaluate_all("all => all.map(box => box.getAttribute('aria-label'))")
    assert all(attack in label for attack, label in zip(ATTACKS, labels, strict=True))
    assert "alert(1)" in (page.locator("footer").text_content() or "")
    nothing_ran(page)


def test_the_tip_on_the_map_shows_a_name_as_text(victim: Visit) -> None:
    page = victim.open("/?sort=id")
    tip = page.locator(".leaflet-tooltip:not(.station-name, .boundary-name) b")
    for at, attack in enumerate(ATTACKS):
        page.locator("#list .tower").nth(at).focus()
        assert tip.text_content() == attack
    nothing_ran(page)


def test_the_card_shows_every_text_of_a_tower_as_text(victim: Visit) -> None:
    page = victim.open("/?sort=id")
    for at, attack in enumerate(ATTACKS):
        page.locator("#list .tower").nth(at).click()
        page.wait_for_function("text => document.querySelector('#card h2')?.textContent === text", arg=attack)
        card = page.locator("#card")
        assert attack in (card.locator(".facts").first.text_content() or "")  # its address
        assert (card.locator(".source").text_content() or "").startswith(attack)
        assert card.locator(".neighbours button").count() == 5
    nothing_ran(page)


def test_stations_and_the_note_of_a_layer_are_text_too(victim: Visit) -> None:
    page = victim.open("/")
    page.locator(".station-name").first.wait_for()
    assert page.locator(".station-name").all_text_contents() == [ATTACKS[1], ATTACKS[2]]
    assert ATTACKS[0] in (page.locator("footer").text_content() or "")
    nothing_ran(page)


def test_what_is_searched_for_comes_back_as_text_in_chip_field_and_address(victim: Visit) -> None:
    page = victim.open("/")
    for attack in (*ATTACKS[:12], "' onmouseover=alert(1) x='"):
        page.locator("#q").fill(attack)
        page.wait_for_function(
            "text => document.querySelector('#chips .chip')?.textContent.startsWith(`“${text}”`)", arg=attack
        )
    for attack in (ATTACKS[1], ATTACKS[4], ATTACKS[8]):
        page.locator("#q").fill(attack)
        page.wait_for_function("text => new URLSearchParams(location.search).get('q') === text", arg=attack)
        page.reload()
        victim.painted()
        assert page.locator("#q").input_value() == attack
        assert victim.chips() == [f"“{attack}”"]
        for path in ("/analysis", "/print"):
            page.locator(f'nav [data-page="{path}"]').click()
            page.wait_for_url(f"**{path}?**")
            assert f"“{attack}”" in (page.locator("main").text_content() or "")
            nothing_ran(page)
            page.go_back()


def test_sheets_and_tables_hold_names_as_text(victim: Visit) -> None:
    for path, names in (("/print?sort=id", ATTACKS), ("/analysis", ATTACKS[:4])):
        for lang in ("zh", "en"):
            page = victim.open(f"{path}{'&' if '?' in path else '?'}lang={lang}")
            text = page.locator("main").text_content() or ""
            assert [attack for attack in names if attack not in text] == []
            nothing_ran(page)


def test_towers_side_by_side_have_their_texts_as_text(victim: Visit) -> None:
    for first in range(0, COUNT - 5, 5):
        ids = "&".join(f"id=H-{number:02d}" for number in range(first, first + 6))
        page = victim.open(f"/compare?{ids}")
        heads = page.locator("thead th a:first-child").all_text_contents()
        assert heads == list(ATTACKS[first : first + 6])
        assert victim.fits()
        nothing_ran(page)


def test_a_tower_s_file_and_the_lists_hold_every_text_as_text(victim: Visit) -> None:
    for colour in ("expiry", "vacancy", "sector"):
        page = victim.open(f"/buildings/H-00?colour={colour}")
        names = page.locator(".tenants th[scope=row]").all_text_contents()
        assert [attack for attack in ATTACKS if not any(name.startswith(attack) for name in names)] == []
        boxes = page.locator(".stack a").evaluate_all(
            "boxes => boxes.map((box) => box.getAttribute('aria-label'))"
        )
        assert len(boxes) == COUNT
        assert [a for n, a in enumerate(ATTACKS) if n % 3 and not any(a in said for said in boxes)] == []
        nothing_ran(page)
    for key in ("leases_90", "registration_moved"):
        text = victim.open(f"/lists/{key}").locator("main").text_content() or ""
        assert [attack for attack in ATTACKS if attack not in text] == []
        nothing_ran(victim.page)


def test_an_address_that_attacks_is_answered_with_text(victim: Visit) -> None:
    victim.expect("40[04]")
    for path in (
        "/?tax_min=%3Cscript%3Ealert(1)%3C/script%3E",
        "/analysis?%3Cimg%20src=x%20onerror=alert(1)%3E=1",
        "/compare?id=%3Csvg%20onload=alert(1)%3E&id=H-01",
        "/%3Cscript%3Ealert(1)%3C/script%3E",
        "/print?lang=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&q=%22%3E%3Csvg/onload=alert(1)%3E",
    ):
        victim.page.goto(victim.origin + path)
        victim.page.wait_for_load_state()
        nothing_ran(victim.page)


def test_downloads_hold_the_names_and_no_formula(victim: Visit) -> None:
    page = victim.open("/?sort=id")
    bodies = {}
    for form in ("geojson", "csv", "xlsx"):
        with page.expect_download() as started:
            page.locator(f'[data-download="{form}"]').click()
        bodies[form] = started.value.path().read_bytes()
    features = json.loads(bodies["geojson"])["features"]
    assert [feature["properties"]["name"] for feature in features] == list(ATTACKS)
    lines = list(csv.reader(io.StringIO(bodies["csv"].decode("utf-8-sig"))))
    cells = {cell for line in lines for cell in line}
    assert [attack for attack in ATTACKS if attack not in cells and f"'{attack}" not in cells] == []
    assert not any(cell.startswith(("=", "+", "@")) for cell in cells)
    book = openpyxl.load_workbook(io.BytesIO(bodies["xlsx"]))
    types = {cell.data_type for sheet in book for line in sheet for cell in line}
    assert "f" not in types
    texts = {cell.value for sheet in book for line in sheet for cell in line}
    assert [attack for attack in ATTACKS if attack not in texts and f"'{attack}" not in texts] == []


def test_names_without_end_do_not_push_a_phone_s_page_wide(visiting: Visiting, hostile: Served) -> None:
    phone = visiting(hostile, viewport=PHONE)
    for path in (
        "/",
        "/?tower=H-17",
        "/compare?id=H-16&id=H-17",
        "/analysis",
        "/print",
        "/buildings/H-00",
        "/buildings/H-17",
        "/lists/leases_90",
    ):
        phone.open(path)
        assert phone.fits(), path
