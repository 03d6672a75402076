"""Space matching as people use it: wishes, matches, a shortlist on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.coming import coming_snapshot
from tests.browser.serving import Served
from tests.browser.test_accessibility import violations
from tests.browser.test_print import paper, plain, text_of
from tests.browser.visiting import PHONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.conftest import Visiting

pytestmark = pytest.mark.browser
WISHES = "area_min=400&area_max=1200&station_max=1000&sector=finance&rent_max=4"
PICKED = "pick=CBD-02-801~3&pick=CBD-03-801~2F&pick=XDX-01-801~2"


@pytest.fixture(scope="module")
def coming() -> Iterator[Served]:
    """The demo layer with made-up units, served."""
    served = Served(coming_snapshot())
    yield served
    served.stop()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "path", [f"/matching?{WISHES}", "/matching?area_min=90000", f"/matching/print?{WISHES}&{PICKED}"]
)
def test_axe_finds_nothing_in_matching(visiting: Visiting, coming: Served, path: str, lang: str) -> None:
    visit = visiting(coming)
    page = visit.open(f"{path}&lang={lang}")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, of_colours=True) == []


@pytest.mark.parametrize("path", [f"/matching?{WISHES}", f"/matching/print?{PICKED}"])
def test_matching_is_no_wider_than_a_phone(visiting: Visiting, coming: Served, path: str) -> None:
    phone = visiting(coming, viewport=PHONE)
    for lang in ("zh", "en"):
        phone.open(f"{path}&lang={lang}")
        assert phone.fits()


def test_from_wishes_to_a_shortlist_by_keyboard_alone(visiting: Visiting, coming: Served) -> None:
    visit = visiting(coming)
    page = visit.open("/matching?lang=en")
    page.get_by_label("Area from").fill("500")
    page.get_by_label("Metro within").fill("800")
    page.keyboard.press("Enter")
    page.wait_for_url("**area_min=500**")
    boxes = page.locator('.pick-space input[name="pick"]')
    for place in (0, 2):
        boxes.nth(place).focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Shortlist for the visitor").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/matching/print**")
    page.wait_for_selector("html[data-painted]")
    assert page.locator(".spaces > li").count() == 2
    assert "area ≥ 500 m²" in page.locator("main").inner_text()
    page.get_by_role("link", name="Back to the matches").click()
    assert "area_min=500" in visit.address()


def test_the_shortlist_on_paper_has_map_numbers_and_reasons(visiting: Visiting, coming: Served) -> None:
    page = visiting(coming).open(f"/matching/print?{WISHES}&{PICKED}")
    page.wait_for_selector("html[data-painted]")
    assert sorted(page.locator(".spot-number").all_text_contents()) == ["1", "2", "3"]
    assert page.locator(".folium-map canvas").count() == 0  # no tower's band is drawn
    said = "".join(text_of(paper(page)))
    for words in ("办公房源推荐", "CBD-03号楼宇", "相邻2个整层", "合成演示数据", "不构成要约"):
        assert plain(words) in said
    assert "返回匹配结果" not in said
    assert "税" not in said


def test_without_javascript_matches_can_be_found_and_picked(visiting: Visiting, coming: Served) -> None:
    visit = visiting(coming, java_script_enabled=False)
    page = visit.page
    page.goto(f"{coming.origin}/matching?{WISHES}")
    page.locator('.pick-space input[name="pick"]').first.check()
    page.get_by_role("button", name="生成推荐单").click()
    assert page.locator(".spaces > li").count() == 1
