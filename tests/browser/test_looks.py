"""How the pages lie in the window: on a phone, in the dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.visiting import PHONE

if TYPE_CHECKING:
    from tests.browser.conftest import Visiting

pytestmark = pytest.mark.browser
PATHS = ["/", "/?tower=CBD-34&compare=CBD-34,CBD-28", "/analysis", "/print", "/api/docs"]
PATHS += ["/compare?" + "&".join(f"id=CBD-{number}" for number in range(20, 26))]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_is_wider_than_a_phone(visiting: Visiting, lang: str) -> None:
    phone = visiting(viewport=PHONE)
    wide = []
    for path in PATHS:
        phone.open(f"{path}{'&' if '?' in path else '?'}lang={lang}")
        if not phone.fits():
            wide.append(path)
    assert wide == []


def test_on_a_phone_the_filters_are_folded_and_the_map_is_in_sight(visiting: Visiting) -> None:
    phone = visiting(viewport=PHONE, has_touch=True)
    page = phone.open("/")
    assert page.locator("#q").is_hidden()
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    assert box["width"] > 360
    assert box["height"] > 400
    assert box["y"] < 500
    page.locator("#filters summary").tap()
    page.locator("#mark").tap()
    phone.painted("tax_min=100000000")
    assert len(phone.on_map()) == 20


def test_on_a_wide_window_the_map_page_needs_no_scrolling(visiting: Visiting) -> None:
    visit = visiting()
    page = visit.open("/")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    assert box["height"] > 500


def test_the_dark_scheme_recolours_page_and_map(visiting: Visiting) -> None:
    page = visiting().open("/?q=CBD-34")
    look = (
        "[getComputedStyle(document.body).color, getComputedStyle(document.querySelector('.folium-map'))"
        ".backgroundColor, document.querySelector('.leaflet-container canvas').toDataURL()]"
    )
    page.emulate_media(color_scheme="light")
    page.wait_for_timeout(100)
    light = page.evaluate(f"() => {look}")
    page.emulate_media(color_scheme="dark")
    # the map is drawn anew in a frame to come
    page.wait_for_function(f"(light) => {look}.every((part, place) => part !== light[place])", arg=light)
