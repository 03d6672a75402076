"""The towers to come as people see them: the timeline, its table, the map, paper and phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.coming import coming_snapshot
from tests.browser.serving import Served
from tests.browser.test_accessibility import violations
from tests.browser.test_print import paper, text_of
from tests.browser.visiting import PHONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.conftest import Visiting

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def coming() -> Iterator[Served]:
    """The demo layer with made-up milestones of its towers to come, served."""
    served = Served(coming_snapshot())
    yield served
    served.stop()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_on_the_goals_and_they_fit_a_phone(
    visiting: Visiting, coming: Served, lang: str
) -> None:
    visit = visiting(coming)
    page = visit.open(f"/goals?lang={lang}")
    assert page.locator(".goal-bar").count() == 3
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, of_colours=True) == []
    phone = visiting(coming, viewport=PHONE)
    phone.open(f"/goals?lang={lang}")
    assert phone.fits()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_on_the_pipeline(visiting: Visiting, coming: Served, lang: str) -> None:
    page = visiting(coming).open(f"/pipeline?lang={lang}")
    page.wait_for_selector("html[data-painted]")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, of_colours=True) == []


def test_every_drawn_milestone_is_said_in_the_table_too(visiting: Visiting, coming: Served) -> None:
    page = visiting(coming).open("/pipeline")
    said = page.locator(".timeline g > title").all_text_contents()
    assert len(said) == 13 * 5
    table = page.locator(".milestones").inner_text()
    days = {word for title in said for word in title.split() if word.count("-") == 2 and word[:2] == "20"}
    assert days
    assert {day for day in days if day not in table} == set()


def test_the_names_in_the_timeline_can_be_reached_by_keyboard_and_lead_to_the_tower(
    visiting: Visiting, coming: Served
) -> None:
    visit = visiting(coming)
    page = visit.open("/pipeline")
    link = page.locator(".timeline a").first
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?tower=NEW-*")
    page.locator("#card h2").wait_for()


def test_the_map_shows_each_tower_to_come_once_by_its_number(visiting: Visiting, coming: Served) -> None:
    page = visiting(coming).open("/pipeline?cluster=xinduxin")
    page.wait_for_selector("html[data-painted]")
    rows = page.locator(".milestones tbody tr").count()
    assert rows > 1
    numbers = page.locator(".spot-number").all_text_contents()
    assert sorted(map(int, numbers)) == list(range(1, rows + 1))


def test_filtering_on_the_page_keeps_its_language(visiting: Visiting, coming: Served) -> None:
    visit = visiting(coming)
    page = visit.open("/pipeline?lang=en")
    page.locator(".filter-fold summary").click()
    page.get_by_label("Xinduxin").check()
    page.get_by_role("button", name="Apply").click()
    assert "cluster=xinduxin" in visit.address()
    assert page.locator("h1").inner_text().startswith("Towers to come")
    page.locator(".chip").click()
    assert "cluster" not in visit.address()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pipeline_is_no_wider_than_a_phone(visiting: Visiting, coming: Served, lang: str) -> None:
    phone = visiting(coming, viewport=PHONE)
    phone.open(f"/pipeline?lang={lang}")
    assert phone.fits()


def test_on_paper_there_are_milestones_and_no_buttons(visiting: Visiting, coming: Served) -> None:
    page = visiting(coming).open("/pipeline")
    page.wait_for_selector("html[data-painted]")
    said = "".join(text_of(paper(page)))
    assert "NEW-12号楼宇" in said
    assert "合成演示数据" in said
    assert "施工许可" in said
    assert "Excel" not in said


def test_without_javascript_timeline_and_table_are_there(visiting: Visiting, coming: Served) -> None:
    visit = visiting(coming, java_script_enabled=False)
    visit.page.goto(f"{coming.origin}/pipeline")
    assert visit.page.locator(".timeline .step-mark").count() == 65
    assert visit.page.locator("#print").is_hidden()
