"""The address holds the whole state: it can be sent to someone else, and Back goes back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.browser.conftest import Visiting
    from tests.browser.visiting import Visit

pytestmark = pytest.mark.browser
FILTER = "tax_min=50000000&sector=headquarters,finance&vacancy_max=0.3&q=CBD"
STATE = f"/?{FILTER}&sort=-floor_area_m2&tower=CBD-34&compare=CBD-34,CBD-25"


def state_of(visit: Visit) -> dict[str, Any]:
    """What a visitor sees of the state, apart from the address."""
    page = visit.page
    return {
        "names": visit.names(),
        "map": visit.on_map(),
        "chips": visit.chips(),
        "totals": page.locator("#totals").text_content(),
        "charts": page.locator("svg.chart").evaluate_all("all => all.map(c => c.outerHTML)"),
        "card": page.locator("#card h2").text_content(),
        "compared": page.locator("#compare").text_content(),
        "sort": page.locator("#sort").input_value(),
        "q": page.locator("#q").input_value(),
    }


def test_an_address_opened_by_someone_else_shows_the_same(visiting: Visiting) -> None:
    one = visiting()
    page = one.open("/")
    page.locator('input[name="tax_min"][value="50000000"]').check(force=True)
    for sector in ("finance", "headquarters"):
        page.locator(f'input[name="sector"][value="{sector}"]').check()
    page.locator('select[name="vacancy_max"]').select_option("0.3")
    page.locator("#q").fill("CBD")
    one.painted(FILTER)
    page.locator("#sort").select_option("-floor_area_m2")
    one.painted(f"{FILTER}&sort=-floor_area_m2")
    page.locator("#list li", has_text="CBD-34").locator(".tower").click()
    for name in ("CBD-34", "CBD-25"):
        page.locator("#list li", has_text=name).get_by_role("checkbox").check()
    page.locator("#card h2").wait_for()
    assert one.address() == STATE
    other = visiting()
    other.open(one.address())
    other.page.locator("#card h2").wait_for()
    assert state_of(other) == state_of(one)
    assert other.address() == STATE


def test_back_and_forward_go_through_filters_and_cards(visit: Visit) -> None:
    page = visit.open("/")
    page.locator("#mark").click()
    visit.painted("tax_min=100000000")
    page.locator('input[name="cluster"][value="cbd"]').check()
    visit.painted("tax_min=100000000&cluster=cbd")
    page.locator("#list .tower").first.click()
    page.locator("#card h2").wait_for()
    page.go_back()
    page.locator("#card").wait_for(state="hidden")
    assert visit.address() == "/?tax_min=100000000&cluster=cbd"
    page.go_back()
    visit.painted("tax_min=100000000")
    assert len(visit.names()) == 20
    assert not page.locator('input[name="cluster"][value="cbd"]').is_checked()
    page.go_back()
    visit.painted("")
    assert page.locator("#mark").get_attribute("aria-pressed") == "false"
    page.go_forward()
    visit.painted("tax_min=100000000")
    page.go_forward()
    visit.painted("tax_min=100000000&cluster=cbd")
    page.go_forward()
    page.locator("#card h2").wait_for()
    assert visit.page.locator("#card h2").text_content() == "CBD-34号楼宇"


def test_the_other_language_shows_the_same_state(visit: Visit) -> None:
    page = visit.open(STATE)
    page.locator("#card h2").wait_for()
    places = visit.on_map()
    with page.expect_navigation():
        page.locator("nav .language").click()
    page.locator("#card h2").wait_for()
    assert visit.address() == f"{STATE}&lang=en"
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("#card h2").text_content() == "CBD tower 34"
    assert visit.chips() == ["“CBD”", "tax ≥ ¥50M", "vacancy ≤ 30%", "Headquarters", "Finance"]
    assert visit.on_map() == places
    with page.expect_navigation():
        page.locator("nav .language").click()
    page.locator("#card h2").wait_for()
    assert page.locator("#card h2").text_content() == "CBD-34号楼宇"
    assert visit.address() == f"{STATE}&lang=zh"


@pytest.mark.parametrize("path", ["/analysis", "/print"])
def test_the_other_pages_are_reached_with_the_same_filter(visit: Visit, path: str) -> None:
    page = visit.open("/")
    page.locator("#mark").click()
    visit.painted("tax_min=100000000")
    with page.expect_navigation():
        page.locator(f'nav [data-page="{path}"]').click()
    assert visit.address() == f"{path}?tax_min=100000000"
    assert "税收 ≥ 1 亿元" in (page.locator("main").text_content() or "")


def test_an_unknown_tower_or_tick_in_an_address_is_left_out(visit: Visit) -> None:
    page = visit.open("/?tower=NO-SUCH&compare=NO-SUCH,CBD-34")
    page.locator("#compare-count").wait_for()
    assert page.locator("#card").is_hidden()
    assert re.search("已选 1 座", page.locator("#compare-count").text_content() or "")
