"""Saved scenarios as people meet them: saved, ticked by keyboard, laid side by side, made again, printed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from buildingmap.placement import answer, plan_of, planning
from buildingmap.placement.scenarios import scenario_document, scenario_of
from buildingmap.registry import open_registry
from tests.browser.serving import Serving
from tests.browser.test_accessibility import violations
from tests.browser.test_print import paper, plain, text_of
from tests.browser.visiting import PHONE
from tests.placement.scenarios import prepare_parcels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from buildingmap.model import District, Surroundings
    from buildingmap.registry import Registry
    from tests.browser.conftest import Visiting
    from tests.browser.visiting import Visit
    from tests.prepared import Prepared

    Opening = Callable[..., Visit]

pytestmark = pytest.mark.browser
PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory,
    district: District,
    surroundings: Surroundings,
    prepared: Prepared,
) -> Iterator[Registry]:
    location = str(tmp_path_factory.mktemp("scenarios") / "office.gpkg")
    prepare_parcels(prepared, location, district, surroundings)
    with open_registry(location, district=district, surroundings=surroundings) as opened:
        yield opened


@pytest.fixture(scope="module")
def served(office: Registry) -> Iterator[Serving]:
    serving = Serving(office)
    yield serving
    serving.stop()


@pytest.fixture
def opening(visiting: Visiting, served: Serving) -> Opening:
    """Opens a window on the office; building a version of its registry may take its time."""

    def opened(**options: Any) -> Visit:
        visit = visiting(served, **options)
        visit.page.set_default_timeout(PATIENCE_MS)
        return visit

    return opened


def saved(page: Page, office: Registry, title: str, **entries: Any) -> str:
    """Save a scenario in the registry as the page's own scripts do, and return its id."""
    laid_out = planning(office.snapshot(), plan_of({"sectors": {}, "clusters": {}, **entries}, "test"))
    made = scenario_of(laid_out, answer(laid_out), registry_version=office.version, made_by="lin")
    values = {"title": title, "document": scenario_document(made), "registry_version": made.registry_version}
    found: dict[str, Any] = page.evaluate(
        """async (values) => {
            const { csrf } = await (await fetch("/api/session")).json();
            const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
            const body = JSON.stringify({ values });
            return (await fetch("/api/records/plan", { method: "POST", headers, body })).json();
        }""",
        json.loads(json.dumps(values)),
    )
    return str(found["id"])


@pytest.fixture
def pair(opening: Opening, office: Registry) -> list[str]:
    """The ids of two scenarios, saved by the first test that asks."""
    rows = {row.values["title"]: row.row_id for row in office.rows("plan")}
    if not rows:
        page = opening().open("/scenarios")
        assert page.locator(".none").count() == 1
        rows["均衡"] = saved(page, office, "均衡", towers=4)
        rows["近地铁 <b>粗</b>"] = saved(page, office, "近地铁 <b>粗</b>", towers=3, weights={"access": 1})
    return list(rows.values())


def test_two_scenarios_are_ticked_and_compared_by_keyboard_alone(opening: Opening, pair: list[str]) -> None:
    visit = opening()
    page = visit.open("/scenarios?lang=en")
    boxes = page.locator('input[name="id"]')
    assert boxes.count() == len(pair) == 2
    boxes.first.focus()
    page.keyboard.press("Space")
    for _ in range(2):  # the title's own link comes between
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/scenarios/compare?*")
    assert page.locator(".plan-map").count() == 2
    assert page.locator("b", has_text="粗").count() == 0, "a title is text"
    numbers = {tuple(sorted(map(int, each.locator("g > text").all_text_contents())))
               for each in page.locator(".plan-map").all()}  # fmt: skip
    rows = page.locator("section[aria-labelledby='sites'] tbody tr").count()
    assert set().union(*numbers) == set(range(1, rows + 1))
    assert "The scores cannot be compared" in page.locator("#differences ~ ul").inner_text()


def test_making_it_again_says_that_the_answer_is_the_same(opening: Opening, pair: list[str]) -> None:
    page = opening().open(f"/scenarios/{pair[0]}?lang=en")
    page.get_by_role("button", name="Make it again").click()
    said = page.locator("[data-said]")
    expect(said).to_contain_text("The same answer", timeout=PATIENCE_MS)
    expect(page.locator("[data-start]")).to_be_focused()


def test_a_scenario_is_renamed_and_removed_on_its_page(
    opening: Opening, office: Registry, pair: list[str]
) -> None:
    assert pair
    visit = opening()
    page = visit.open("/scenarios?lang=en")
    third = saved(page, office, "第三", towers=1)
    visit.open(f"/scenarios/{third}?lang=en")
    page.get_by_role("textbox", name="Title").fill("第四")
    page.get_by_role("button", name="Rename").click()
    expect(page.locator("h1")).to_have_text("第四")
    page.get_by_text("Remove this scenario").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    page.wait_for_url("**/scenarios")
    assert page.locator(".scenario-list tbody tr").count() == 2


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_and_a_phone_is_wide_enough(opening: Opening, pair: list[str], lang: str) -> None:
    both = "&".join(f"id={each}" for each in pair)
    wide, phone = opening(), opening(viewport=PHONE)
    for address in ("/scenarios?", f"/scenarios/{pair[0]}?", f"/scenarios/compare?{both}&"):
        page = wide.open(f"{address}lang={lang}")
        page.emulate_media(color_scheme="light")
        assert violations(page) == [], address
        page.emulate_media(color_scheme="dark")
        assert violations(page, of_colours=True) == [], address
        phone.open(f"{address}lang={lang}")
        assert phone.fits(), address


def test_on_a_phone_the_name_of_a_row_stays_in_sight_while_its_figures_are_scrolled_to(
    opening: Opening, pair: list[str]
) -> None:
    page = opening(viewport=PHONE).open(f"/scenarios/{pair[0]}")
    region = page.locator("section[aria-labelledby='towers'] .scroll.wide")
    region.wait_for()
    region.evaluate("(node) => { node.scrollLeft = 200; }")
    name = region.locator("tbody th").first
    at, frame = name.bounding_box(), region.bounding_box()
    assert at is not None
    assert frame is not None
    assert at["x"] >= frame["x"] - 1
    assert "可左右滑动" in region.evaluate("(node) => getComputedStyle(node, '::before').content")


def test_on_paper_there_are_map_tables_and_notice_on_a4(opening: Opening, pair: list[str]) -> None:
    both = "&".join(f"id={each}" for each in pair)
    for address in (f"/scenarios/{pair[0]}", f"/scenarios/compare?{both}"):
        reader = paper(opening().open(address))
        box = reader.pages[0].mediabox
        assert (round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) == (210, 297)
        said = "".join(text_of(reader))
        assert plain("合成演示数据，非真实统计") in said
        assert plain("新楼宇选址") in said
        assert "DK-" in said
        assert "Excel" not in said
        assert plain("重新求解") not in said


def test_without_scripts_scenarios_can_be_read_and_compared(opening: Opening, pair: list[str]) -> None:
    page = opening(java_script_enabled=False).open(f"/scenarios/{pair[0]}")
    assert page.locator(".plan-map path.sector").count() >= 3
    assert page.locator("#rerun").is_hidden()
