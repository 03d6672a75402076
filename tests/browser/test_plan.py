"""The plan's page as planners use it: solved on arrival, changed by a weight, asked why not, stopped, printed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from buildingmap import resources
from buildingmap.model import Site, Surroundings
from buildingmap.registry import read_holdings
from buildingmap.snapshot import Holdings
from tests.browser.hostile import ATTACKS
from tests.browser.serving import Served
from tests.browser.test_accessibility import violations
from tests.browser.test_print import paper, plain, text_of
from tests.browser.visiting import PHONE
from tests.placement.towns import town
from tests.web.planning import large_town

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import FilePayload, Page

    from buildingmap.model import District
    from buildingmap.snapshot import Snapshot
    from tests.browser.conftest import Visiting
    from tests.browser.visiting import Visit

pytestmark = pytest.mark.browser
# solving is waited for as long as a machine under load may need
PATIENCE_MS = 120_000
# five towers of whose ten million choices the best is proved at once
FEW = "towers=5&leading=finance,digital,trade&sectors.shipping.min=&sectors.life_science.min="


@pytest.fixture(scope="module")
def office(demo_snapshot: Snapshot) -> Iterator[Served]:
    """The demo layer with its candidate sites, served."""
    holdings = read_holdings(resources.data_folder() / "holdings.json", demo_snapshot.district)
    served = Served(replace(demo_snapshot, holdings=holdings))
    yield served
    served.stop()


@pytest.fixture(scope="module")
def busy(district: District) -> Iterator[Served]:
    """A town whose plans take long."""
    served = Served(large_town(district))
    yield served
    served.stop()


def settled(page: Page, state: str = "done") -> None:
    page.wait_for_selector(f'html[data-plan="{state}"]', timeout=PATIENCE_MS)


def opened(visit: Visit, query: str = FEW) -> Page:
    page = visit.open(f"/plan?{query}")
    settled(page)
    return page


def changed(page: Page, field: str, value: str) -> None:
    """Change a field and wait until the new answer stands."""
    before = page.locator("#plan-drawn").get_attribute("data-job")
    page.locator(f'[name="{field}"]').fill(value)
    page.wait_for_function(
        "(before) => document.documentElement.dataset.plan === 'done'"
        " && document.getElementById('plan-drawn')?.dataset.job !== before",
        arg=before,
        timeout=PATIENCE_MS,
    )


def taken(page: Page) -> list[str]:
    return [
        re.sub("^taken-", "", found or "")
        for found in page.locator(".taken > li").evaluate_all("(items) => items.map((item) => item.id)")
    ]


def points_of(page: Page) -> float:
    return float(page.locator(".plan-score b").first.inner_text().replace(",", ""))


def test_a_weight_that_moves_changes_the_plan_its_address_and_what_is_said(
    visiting: Visiting, office: Served
) -> None:
    visit = visiting(office)
    page = opened(visit, f"{FEW}&lang=en")
    before, score = taken(page), points_of(page)
    assert len(before) == 5
    assert "optimal" in page.locator(".proof").inner_text()

    page.locator('.slide[data-of="weights.access"]').focus()
    changed(page, "weights.access", "400")

    assert page.locator('.slide[data-of="weights.access"]').input_value() == "400"
    assert page.locator('[data-share="weights.access"]').inner_text() == "82.4%"
    assert points_of(page) != score
    assert taken(page) != before
    assert "weights.access=400" in visit.address()
    assert "New plan: 5 towers" in page.locator("#plan-said").inner_text()
    again = opened(visiting(office), visit.address().partition("?")[2])
    assert taken(again) == taken(page)


def test_the_map_shows_what_the_list_says_and_each_criterion(visiting: Visiting, office: Served) -> None:
    page = opened(visiting(office))
    page.wait_for_selector("html[data-painted=plan]")
    assert page.locator("path.parcel").count() == page.locator(".places tbody tr").count()
    assert page.locator("path.parcel.taken").count() == 5
    assert sorted(page.locator(".plan-mark text").all_text_contents()) == ["1", "2", "3", "4", "5"]
    symbols = page.locator(".taken .symbol path").evaluate_all(
        "(all) => all.map((one) => one.getAttribute('class'))"
    )
    marks = page.locator(".plan-mark").evaluate_all(
        "(all) => all.map((one) => [one.textContent, one.querySelector('path').getAttribute('class')])"
    )
    assert {number: css.split()[-1] for number, css in marks} == {
        str(place): css for place, css in enumerate(symbols, 1)
    }
    page.select_option("#layer", "tax")
    page.wait_for_selector("html[data-painted=tax]")
    assert page.locator("path.parcel[class*=shade-]").count() == page.locator("path.parcel").count()
    assert page.locator("#key-shades").is_visible()
    best = page.locator("path.parcel.shade-5").count()
    page.select_option("#layer-sector", "talent")
    assert page.locator("path.parcel.shade-5").count() < best


def test_why_not_is_asked_from_a_runner_up_and_answered_in_words(visiting: Visiting, office: Served) -> None:
    page = opened(visiting(office), f"{FEW}&lang=en")
    site = page.locator("section[aria-labelledby=plan-runners] tbody th").first.inner_text()
    page.locator(f'section[aria-labelledby=plan-runners] [data-why-not="{site}"]').click()
    said = page.locator("#answer-why_not")
    said.locator("h3").wait_for(timeout=PATIENCE_MS)
    assert site in said.inner_text()
    assert re.search(r"gives up [\d.]+ points|scores as much", said.inner_text())
    assert f"Comes in: {site}" in said.inner_text()


def test_a_click_on_a_parcel_fixes_it_and_the_plan_follows(visiting: Visiting, office: Served) -> None:
    page = opened(visiting(office), f"{FEW}&lang=en")
    page.locator(".places").evaluate("(table) => { table.closest('details').open = true; }")
    left_out = page.locator(".places tbody tr").nth(8).locator("small").inner_text()
    page.locator(f'.places [data-show="{left_out}"]').click()
    card = page.locator(".parcel-card")
    assert left_out in card.inner_text()
    before = page.locator("#plan-drawn").get_attribute("data-job")
    card.get_by_role("button", name="Fix").click()
    page.wait_for_function(
        "(before) => document.getElementById('plan-drawn').dataset.job !== before",
        arg=before,
        timeout=PATIENCE_MS,
    )
    settled(page)
    assert left_out in taken(page)
    assert page.locator("#f-fixed").input_value() == left_out


def test_conditions_that_clash_are_named_and_lead_to_their_fields(visiting: Visiting, office: Served) -> None:
    page = opened(visiting(office), f"{FEW}&fixed=DK-07&forbidden=DK-07&lang=en")
    clash = page.locator("[aria-labelledby=plan-clash]")
    assert "DK-07 must be taken" in clash.inner_text()
    where = clash.bounding_box()
    assert where is not None
    assert where["y"] + where["height"] < 720, "in the first screen, above the map"
    clash.get_by_role("link", name="DK-07 must not be taken").click()
    assert page.evaluate("document.activeElement.id") == "f-forbidden"
    assert page.locator("path.parcel.taken").count() == 0


def test_what_is_typed_wrong_is_told_at_its_field_and_the_last_plan_stays(
    visiting: Visiting, office: Served
) -> None:
    visit = visiting(office)
    visit.expect("422")
    page = opened(visit, f"{FEW}&lang=en")
    before = taken(page)
    page.locator('[name="towers"]').fill("0")
    settled(page, "refused")
    assert page.locator("#f-towers").get_attribute("aria-invalid") == "true"
    page.locator("#form-faults a").click()
    assert page.evaluate("document.activeElement.id") == "f-towers"
    assert taken(page) == before
    changed(page, "towers", "4")
    assert page.locator("#form-faults").is_hidden()
    assert len(taken(page)) == 4


LONG = (
    "towers=30&spacing_m=0&weights.access=1&weights.agglomeration=40&weights.linkage=60&weights.vacancy=40"
    "&weights.capacity=0&weights.strategy=0&weights.tax=1&reference.neighbour_share=1&reference.reach_m=3000"
    + "".join(
        f"&sectors.{sector}.max=" for sector in ("headquarters", "finance", "digital", "trade", "technology")
    )
    + "&sectors.shipping.min=&sectors.shipping.max=&sectors.talent.max=&sectors.life_science.min="
    + "&sectors.life_science.max=&clusters.cbd.max=&clusters.xinduxin.max=&seconds=250"
)


def test_a_long_plan_shows_its_progress_and_is_stopped_while_the_map_answers(
    visiting: Visiting, busy: Served
) -> None:
    visit = visiting(busy)
    page = visit.open(f"/plan?{LONG}&lang=en")
    page.wait_for_function(
        "() => /points so far/.test(document.getElementById('plan-told').textContent)", timeout=PATIENCE_MS
    )
    other = visiting(busy)
    other.open("/")
    assert other.names()
    assert page.locator("#plan-progress").is_visible(), "the plan is still being solved"
    page.get_by_role("button", name="Stop").click()
    settled(page, "stopped")
    assert page.locator("#plan-progress").is_hidden()
    assert "Stopped" in page.locator("#plan-problem").inner_text()
    changed_to = page.locator('[name="towers"]')
    changed_to.fill("1")
    settled(page)
    assert len(taken(page)) == 1


def test_it_works_by_keyboard_alone(visiting: Visiting, office: Served) -> None:
    visit = visiting(office)
    page = opened(visit, f"{FEW}&lang=en")
    slide = page.locator('.slide[data-of="weights.capacity"]')
    slide.focus()
    before = page.locator("#plan-drawn").get_attribute("data-job")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "(before) => document.documentElement.dataset.plan === 'done'"
        " && document.getElementById('plan-drawn').dataset.job !== before",
        arg=before,
        timeout=PATIENCE_MS,
    )
    assert page.locator('[name="weights.capacity"]').input_value() == "13"
    assert page.evaluate("document.activeElement.dataset.of") == "weights.capacity", "focus stays"
    fold = page.locator("#plan-places").locator("xpath=ancestor::summary")
    fold.focus()
    page.keyboard.press("Enter")
    button = page.locator(".places tbody tr").last.locator("[data-why-not]")
    button.focus()
    page.keyboard.press("Enter")
    page.locator("#answer-why_not h3").wait_for(timeout=PATIENCE_MS)
    assert page.locator("#answer-why_not").get_attribute("role") == "status"


def test_weights_follow_from_comparisons_in_pairs(visiting: Visiting, office: Served) -> None:
    page = opened(visiting(office), f"{FEW}&comparisons.access.tax=3&lang=en")
    assert "consistency ratio" in page.locator("#plan-heading").inner_text()
    assert page.locator('[name="weights.access"]').input_value() == "75"
    assert page.locator('[name="weights.access"]').get_attribute("readonly") is not None


def test_the_other_questions_are_answered_under_their_forms(visiting: Visiting, office: Served) -> None:
    page = opened(visiting(office), f"{FEW}&lang=en")
    for ask in ("ranking", "alternatives"):
        page.locator(f"section[aria-labelledby=plan-{ask}] form button").click()
        page.locator(f"#answer-{ask} table").wait_for(timeout=PATIENCE_MS)
    assert page.locator("#answer-alternatives tbody tr").count() == 5
    page.locator('[name="weightings"]').fill("20")
    page.locator("section[aria-labelledby=plan-steadiness] form button").click()
    page.locator("#answer-steadiness table").first.wait_for(timeout=PATIENCE_MS)
    page.select_option("#layer", "frequency")
    page.wait_for_selector("html[data-painted=frequency]")
    assert any("%" in said for said in page.locator(".rank-mark").all_text_contents())


def test_a_plan_file_handed_in_fills_the_form(visiting: Visiting, office: Served) -> None:
    page = opened(visiting(office), f"{FEW}&lang=en")
    file: FilePayload = {
        "name": "mine.toml",
        "mimeType": "application/toml",
        "buffer": b'title = "mine"\ntowers = 3\n',
    }
    page.locator("#plan-upload").set_input_files(file)
    page.get_by_role("button", name="Take it into the form and solve").click()
    page.wait_for_url("**/plan/*")
    page.locator(".taken > li").first.wait_for(timeout=PATIENCE_MS)
    assert page.locator('[name="towers"]').input_value() == "3"
    assert page.locator("#plan-heading-title").inner_text() == "mine"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("query", [FEW, f"{FEW}&fixed=DK-07&forbidden=DK-07", "towers=0"])
def test_axe_finds_nothing(visiting: Visiting, office: Served, query: str, lang: str) -> None:
    visit = visiting(office)
    page = visit.open(f"/plan?{query}&lang={lang}")
    if query != "towers=0":
        settled(page)
    for fold in page.locator("details").all():
        fold.evaluate("(node) => { node.open = true; }")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, of_colours=True) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_is_no_wider_than_a_phone_and_the_answer_is_not_pushed_off(
    visiting: Visiting, office: Served, lang: str
) -> None:
    phone = visiting(office, viewport=PHONE)
    page = opened(phone, f"{FEW}&lang={lang}")
    assert phone.fits()
    assert page.locator("#plan-fold").get_attribute("open") is None
    for fold in page.locator("details").all():
        fold.evaluate("(node) => { node.open = true; }")
    assert phone.fits()
    assert violations(page) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_the_plan_would_do_is_read_on_a_phone_without_scrolling(
    visiting: Visiting, office: Served, lang: str
) -> None:
    page = opened(visiting(office, viewport=PHONE), f"{FEW}&lang={lang}")
    for region in page.locator("#plan-body section:has(.outcome) .scroll").all():
        assert region.evaluate("(node) => node.scrollWidth <= node.clientWidth")
        assert "wide" not in (region.get_attribute("class") or "")
    for name in page.locator(".areas tbody th").all():
        # of one line, or of two where it is of several words
        lines = name.evaluate(
            "(node) => (node.clientHeight - 8) / parseFloat(getComputedStyle(node).lineHeight)"
        )
        assert lines < (1.5 if lang == "zh" else 2.5), name.inner_text()


def test_a_table_that_is_wider_than_a_phone_says_so_and_is_scrolled_by_keyboard(
    visiting: Visiting, office: Served
) -> None:
    page = opened(visiting(office, viewport=PHONE))
    page.locator("#plan-body details").first.evaluate("(node) => { node.open = true; }")
    region = page.locator("#plan-body .scroll.wide").first
    region.wait_for()
    assert "可左右滑动" in region.evaluate("(node) => getComputedStyle(node, '::before').content")
    region.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.activeElement.scrollLeft > 0")


def test_paper_holds_the_plan_its_map_and_its_reasons(visiting: Visiting, office: Served) -> None:
    page = opened(visiting(office))
    said = "".join(text_of(paper(page)))
    first = page.locator(".why").first.inner_text()
    for words in ("合成演示数据", "最优", "新楼宇", "备选地块", "实施效果", "条件", first):
        assert plain(words) in said, words
    assert plain("求解后") not in said
    assert plain("下载方案文件") not in said


def test_without_a_script_a_plan_is_sent_waited_for_and_read(visiting: Visiting, office: Served) -> None:
    visit = visiting(office, java_script_enabled=False)
    page = visit.page
    page.goto(f"{office.origin}/plan?{FEW}&lang=en")
    page.locator("#solve").click()
    page.locator(".taken > li").first.wait_for(timeout=PATIENCE_MS)
    assert page.locator(".taken > li").count() == 5
    assert page.locator(".needs-script:visible").count() == 0


def test_attacks_in_names_of_sites_are_only_text(visiting: Visiting, district: District) -> None:
    towers = town(5, district, Surroundings(), sites=len(ATTACKS))
    sites = tuple(
        Site.model_validate({**site.model_dump(), "name": " ".join(attack.split())[:200]})
        for site, attack in zip(towers.holdings.all(Site), ATTACKS, strict=True)
    )
    hostile = Served(replace(towers, holdings=Holdings({"site": sites}, towers.holdings.site_shapes)))
    try:
        page = opened(
            visiting(hostile),
            f"{FEW}&towers=12&title=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E".replace("towers=5&", ""),
        )
        assert "<img src=x" in page.locator("#plan-heading-title").inner_text()
        page.locator(".places").evaluate("(table) => { table.closest('details').open = true; }")
        for button in page.locator(".places [data-show]").all()[:6]:
            button.click()
            page.locator(".parcel-card").last.wait_for()  # the card before it fades out
    finally:
        hostile.stop()
