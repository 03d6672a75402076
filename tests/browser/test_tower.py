"""A tower's file as people use it: the plan by keyboard, a row changed, two editors on one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildingmap.registry import Change, Registry
from tests.browser.serving import Serving
from tests.browser.test_accessibility import violations
from tests.browser.test_keyboard import tab_to
from tests.browser.visiting import PHONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Visiting

pytestmark = pytest.mark.browser
FILE = "/buildings/T-1?lang=en"


@pytest.fixture
def office(own_office: Registry) -> Registry:
    return own_office


@pytest.fixture
def served(office: Registry) -> Iterator[Serving]:
    serving = Serving(office)
    yield serving
    serving.stop()


def form_of(page: Page, button: str) -> Locator:
    """Open a form by the keyboard."""
    page.get_by_role("button", name=button, exact=True).focus()
    page.keyboard.press("Enter")
    form = page.locator("dialog[open]")
    form.wait_for()
    return form


def saved(page: Page) -> None:
    page.get_by_text("Saved.", exact=True).wait_for()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("colour", ["expiry", "sector"])
def test_axe_finds_nothing_on_a_tower_s_file(
    visiting: Visiting, served: Serving, lang: str, colour: str
) -> None:
    page = visiting(served).open(f"/buildings/T-1?lang={lang}&colour={colour}")
    assert page.locator(".stack a").count() == 6
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, of_colours=True) == []


def test_axe_finds_nothing_in_an_open_form(visiting: Visiting, served: Serving) -> None:
    page = visiting(served).open(FILE)
    form_of(page, "Edit 一号楼")
    assert violations(page) == []


@pytest.mark.parametrize("tower", ["T-1", "T-2", "T-3"])
def test_a_tower_s_file_is_no_wider_than_a_phone(visiting: Visiting, served: Serving, tower: str) -> None:
    phone = visiting(served, viewport=PHONE)
    for lang in ("zh", "en"):
        phone.open(f"/buildings/{tower}?lang={lang}")
        assert phone.fits()


def test_a_version_with_its_seal_is_no_wider_than_a_phone(visiting: Visiting, served: Serving) -> None:
    phone = visiting(served, viewport=PHONE)
    phone.open("/history/1?lang=en")
    assert phone.fits()


def test_the_plan_is_one_stop_of_tab_and_the_arrows_walk_it(visiting: Visiting, served: Serving) -> None:
    page = visiting(served).open(FILE)
    page.locator("#plan").scroll_into_view_if_needed()
    tab_to(page, "3F · 301")
    walked = []
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowDown", "End", "Home"):
        page.keyboard.press(key)
        label = page.evaluate("document.activeElement.getAttribute('aria-label')")
        walked.append(" ".join(label.split(" · ")[:2]))
    assert walked == ["3F 302", "2F 203", "1F 101", "1F 101", "1F 101", "3F 301"]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.stack')") is None


def test_a_box_leads_to_its_line_of_the_table(visiting: Visiting, served: Serving) -> None:
    page = visiting(served).open(FILE)
    page.locator(".stack a").nth(2).focus()
    page.keyboard.press("Enter")
    line = page.locator(":focus")
    assert line.evaluate("line => line.id") == "part-2"
    assert "乙公司" in line.inner_text()


def test_without_javascript_plan_and_tables_are_there_and_no_button_that_would_do_nothing(
    visiting: Visiting, served: Serving
) -> None:
    visit = visiting(served, java_script_enabled=False)
    visit.page.goto(f"{served.origin}{FILE}")
    assert visit.page.locator(".stack a").count() == 6
    assert visit.page.locator(".edit-row:visible").count() == 0


def test_a_fact_is_changed_by_keyboard_and_the_focus_comes_back(
    visiting: Visiting, served: Serving, office: Registry
) -> None:
    page = visiting(served).open(FILE)
    form = form_of(page, "Edit 一号楼")
    form.get_by_label("Vacancy rate").fill("12.5")
    page.keyboard.press("Enter")
    saved(page)
    assert page.locator(":focus").get_attribute("data-row") == "T-1"
    row = office.row("building", "T-1")
    assert row.values["vacancy_rate"] == 0.125
    assert row.values["leasable_area_m2"] == 2400.0


def test_a_fault_is_said_at_its_field_and_nothing_is_lost(
    visiting: Visiting, served: Serving, office: Registry
) -> None:
    visit = visiting(served)
    visit.expect("422")
    page = visit.open(FILE)
    form = form_of(page, "Edit 乙公司")
    form.get_by_label("Unified social credit code").fill("91000000DEM0000010")
    form.get_by_label("Leased area").fill("510")
    page.keyboard.press("Enter")
    wrong = form.locator('[aria-invalid="true"]')
    wrong.wait_for()
    assert wrong.get_attribute("name") == "uscc"
    assert "check digit" in form.locator("#tenant-uscc-fault").inner_text()
    assert page.locator(":focus").get_attribute("name") == "uscc"
    assert form.get_by_label("Leased area").input_value() == "510"
    assert office.row("tenant", "C-2").values["area_m2"] == 500.0


def test_a_number_that_is_none_is_not_even_sent(visiting: Visiting, served: Serving) -> None:
    page = visiting(served).open(FILE)
    form = form_of(page, "Edit 一号楼")
    form.get_by_label("Floors").fill("four")
    page.keyboard.press("Enter")
    assert form.locator("#building-floors-fault").inner_text() == "a number is expected"


def test_what_was_typed_is_not_thrown_away_at_the_first_escape(visiting: Visiting, served: Serving) -> None:
    page = visiting(served).open(FILE)
    form = form_of(page, "Edit 一号楼")
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")
    form = form_of(page, "Edit 一号楼")
    form.get_by_label("Address").fill("新路 9 号")
    page.keyboard.press("Escape")
    form.get_by_text("Not saved yet").wait_for()
    assert form.get_by_label("Address").input_value() == "新路 9 号"
    form.get_by_role("button", name="Cancel").press("Enter")
    page.locator("dialog[open]").wait_for(state="detached")
    assert page.locator(":focus").get_attribute("data-row") == "T-1"


def test_a_tenant_is_added_and_deleted(visiting: Visiting, served: Serving, office: Registry) -> None:
    page = visiting(served).open(FILE)
    form = form_of(page, "Add a tenant")
    form.get_by_label("Name").fill("新公司")
    form.get_by_label("Registered here").select_option("true")
    form.get_by_label("Lease until").fill("2031-05-31")
    page.keyboard.press("Enter")
    saved(page)
    added = next(row for row in office.rows("tenant") if row.values["name"] == "新公司")
    assert added.values["building_id"] == "T-1"
    assert added.values["locally_registered"] is True
    assert added.values["lease_end"] == "2031-05-31"

    form = form_of(page, "Edit 新公司")
    form.get_by_role("button", name="Delete").press("Enter")
    form.get_by_role("button", name="Delete for good?").press("Enter")
    saved(page)
    assert all(row.row_id != added.row_id for row in office.rows("tenant"))


def test_a_second_tax_record_of_one_quarter_is_refused(visiting: Visiting, served: Serving) -> None:
    visit = visiting(served)
    visit.expect("422")
    page = visit.open(FILE)
    form = form_of(page, "Add a tax record")
    form.get_by_label("Year", exact=False).first.fill("2023")
    form.get_by_label("Quarter").fill("1")
    form.get_by_label("Total tax, yuan").fill("30,000,000")
    page.keyboard.press("Enter")
    form.get_by_text("T-1:2023:Q1").first.wait_for()


@pytest.fixture
def collided(visiting: Visiting, served: Serving, office: Registry) -> Locator:
    """The form of an editor who typed a name and an area while wang changed the name and the floors."""
    visit = visiting(served)
    visit.expect("412")
    page = visit.open(FILE)
    form = form_of(page, "Edit 乙公司")
    form.get_by_label("Name").fill("我的名字")
    form.get_by_label("Leased area").fill("555")
    office.apply([Change("tenant", "C-2", {"name": "他的名字", "floors": "4"})], actor="wang")
    page.keyboard.press("Enter")
    form.get_by_role("heading", name="wang changed this").wait_for()
    return form


def test_who_was_too_late_is_told_who_changed_what_and_keeps_what_was_typed(collided: Locator) -> None:
    assert "wang changed this" in collided.page.locator(":focus").inner_text()
    rows = [line.inner_text().split() for line in collided.locator(".conflict tbody tr").all()]
    assert rows == [["Name", "他的名字", "我的名字"], ["Floor", "4", "—"]]
    assert collided.get_by_label("Name").input_value() == "我的名字"
    assert collided.get_by_label("Leased area").input_value() == "555"
    assert violations(collided.page) == []


def test_writing_mine_over_it_leaves_their_other_fields(collided: Locator, office: Registry) -> None:
    collided.get_by_role("button", name="Write mine over it").press("Enter")
    saved(collided.page)
    values = office.row("tenant", "C-2").values
    assert (values["name"], values["area_m2"], values["floors"]) == ("我的名字", 555.0, "4")


def test_taking_theirs_fills_the_form_and_one_can_go_on(collided: Locator, office: Registry) -> None:
    collided.get_by_role("button", name="Take theirs").press("Enter")
    assert collided.get_by_label("Name").input_value() == "他的名字"
    assert collided.get_by_label("Leased area").input_value() == "500"
    collided.get_by_label("Leased area").fill("501")
    collided.page.keyboard.press("Enter")
    saved(collided.page)
    values = office.row("tenant", "C-2").values
    assert (values["name"], values["area_m2"], values["floors"]) == ("他的名字", 501.0, "4")


def test_a_row_that_was_deleted_meanwhile_is_said_to_be_gone(
    visiting: Visiting, served: Serving, office: Registry
) -> None:
    visit = visiting(served)
    visit.expect("412")
    page = visit.open(FILE)
    form = form_of(page, "Edit 丁公司")
    form.get_by_label("Name").fill("丁丁公司")
    office.apply([Change("tenant", "C-4", None)], actor="wang", action="delete")
    page.keyboard.press("Enter")
    form.get_by_text("has been deleted meanwhile").wait_for()
    assert form.get_by_label("Name").input_value() == "丁丁公司"


def test_the_card_on_the_map_leads_to_the_file(visiting: Visiting, served: Serving) -> None:
    page = visiting(served).open("/?tower=T-1&lang=en")
    page.get_by_role("link", name="Open this tower's file").press("Enter")
    page.wait_for_url("**/buildings/T-1")
    page.get_by_role("link", name="Show on the map").press("Enter")
    page.locator("#card h2").wait_for()
