"""The list is the full keyboard path: everything the map can do, without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.visiting import Visit

pytestmark = pytest.mark.browser


def focused(page: Page) -> str:
    """The text, or the label, of whatever has the keyboard."""
    found: str = page.evaluate(
        "() => document.activeElement.getAttribute('aria-label')"
        " || document.activeElement.querySelector('b')?.textContent || document.activeElement.textContent.trim()"
    )
    return found


def tab_to(page: Page, text: str, *, most: int = 80) -> None:
    """Press Tab until ``text`` has the keyboard."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if text in focused(page):
            return
    raise AssertionError(f"{text!r} is not reached by {most} times Tab")


def test_the_first_tab_leads_past_the_head_of_the_page(visit: Visit) -> None:
    page = visit.open("/")
    page.keyboard.press("Tab")
    assert focused(page) == "跳到正文"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_mark_is_set_by_the_keyboard(visit: Visit) -> None:
    page = visit.open("/")
    tab_to(page, "税收亿元楼宇")
    page.keyboard.press("Enter")
    visit.painted("tax_min=100000000")
    assert len(visit.names()) == 20


def test_arrows_walk_the_list_enter_opens_the_card_and_escape_returns_to_the_line(visit: Visit) -> None:
    page = visit.open("/?tax_min=100000000")
    names = visit.names()
    tab_to(page, names[0])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert focused(page) == names[2]
    assert names[2] in (
        page.locator(".leaflet-tooltip:not(.station-name, .boundary-name)").text_content() or ""
    )
    page.keyboard.press("ArrowUp")
    assert focused(page) == names[1]
    page.keyboard.press("Enter")
    page.locator("#card h2").wait_for()
    assert page.locator("#card h2").text_content() == names[1]
    assert page.evaluate("document.activeElement.id") == "card"
    assert page.locator('.tower[aria-current="true"] b').text_content() == names[1]
    page.keyboard.press("Escape")
    page.locator("#card").wait_for(state="hidden")
    assert focused(page) == names[1]
    assert visit.address() == "/?tax_min=100000000"


def test_towers_are_ticked_by_space_and_compared_by_enter(visit: Visit) -> None:
    page = visit.open("/?tax_min=100000000&year=2023")
    names = visit.names()
    assert page.locator("#compare").is_hidden()
    for name in names[:2]:
        tab_to(page, f"将 {name} 加入对比")
        page.keyboard.press("Space")
    assert "已选 2 座" in (page.locator("#compare-count").text_content() or "")
    page.locator("#sort").focus()
    tab_to(page, "对比所选")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert visit.address() == "/compare?id=CBD-34&id=CBD-28&year=2023"
    assert page.locator("thead th a").nth(0).text_content() == names[0]


def test_one_tower_alone_is_not_compared_and_no_seventh_is_taken(visit: Visit) -> None:
    page = visit.open("/")
    boxes = page.locator("#list .pick input")
    boxes.nth(0).check()
    assert page.locator("#compare-link").get_attribute("href") is None
    for at in range(1, 6):
        boxes.nth(at).check()
    assert boxes.nth(6).is_disabled()
    assert boxes.nth(0).is_enabled()
    page.locator("#compare-clear").click()
    assert page.locator("#compare").is_hidden()
    assert boxes.nth(6).is_enabled()
    assert visit.address() == "/"


def test_neighbours_are_reached_from_the_card(visit: Visit) -> None:
    page = visit.open("/?tower=CBD-34")
    page.locator("#card h2").wait_for()
    near = page.locator("#card .neighbours button").first
    name = (near.text_content() or "").split(" · ")[0]
    near.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("name => document.querySelector('#card h2').textContent === name", arg=name)
    assert page.evaluate("document.activeElement.id") == "card"


def test_longer_lists_go_on_with_the_keyboard_where_they_ended(visit: Visit) -> None:
    page = visit.open("/")
    tab_to(page, "显示更多", most=250)
    shown = page.locator("#list li:visible").count()
    page.keyboard.press("Enter")
    page.locator("#list li:visible").nth(shown).wait_for()
    assert page.locator("#list li:visible").count() == 2 * shown
    assert focused(page) == page.locator("#list li .tower b").nth(shown).text_content()
