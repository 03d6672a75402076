"""The print view on paper: A4 landscape, whatever the screen looks like."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Final

import pytest
from pypdf import PdfReader

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from buildingmap.snapshot import Snapshot
    from tests.browser.conftest import Visiting
    from tests.browser.visiting import Visit

pytestmark = pytest.mark.browser
_POINTS_PER_MM: Final = 72 / 25.4
_RADICALS: Final = str.maketrans("⻘⻓⻔⻢⻚⻋⻛⻅⻉⻄⻰⻬‒", "青长门马页车风见贝西龙齐–")


def paper(page: Page) -> PdfReader:
    return PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))


def plain(text: str) -> str:
    """The letters of a text: a font may set them apart, or say a radical where it draws a letter, or another dash."""
    return "".join(unicodedata.normalize("NFKC", text).translate(_RADICALS).split())


def text_of(reader: PdfReader) -> list[str]:
    return [plain(sheet.extract_text()) for sheet in reader.pages]


def test_the_sheets_are_a4_landscape_and_hold_title_date_legend_and_every_tower(
    visit: Visit, demo_snapshot: Snapshot
) -> None:
    page = visit.open("/print")
    reader = paper(page)
    sizes = {
        (round(float(s.mediabox.width) / _POINTS_PER_MM), round(float(s.mediabox.height) / _POINTS_PER_MM))
        for s in reader.pages
    }
    assert sizes == {(297, 210)}
    first, *others = text_of(reader)
    said = [
        "青岛市市北区·楼宇经济地图",
        "合成演示数据，非真实统计",
        f"打印日期{datetime.now().astimezone().date().isoformat()}",
        "全口径税收2023",
        "数据截至2023-12-31",
        *(band.zh for band in demo_snapshot.district.bands),
        "税收不详",
        "在建",
        "规划",
        "片区边界",
    ]
    assert [text for text in said if plain(text) not in first] == []
    assert any(unit in first for unit in ("500m", "1km"))
    table = "".join(others)
    assert all(building.name in table for building in demo_snapshot.buildings)
    assert len(others) >= 3
    assert all("主导产业" in sheet and "空置率" in sheet for sheet in others)
    assert not any(word in "".join([first, *others]) for word in ("English", "接口", "跳到正文"))


def test_only_the_filtered_towers_are_printed_and_the_filter_is_said_in_words(visit: Visit) -> None:
    page = visit.open("/print?tax_min=100000000&cluster=cbd&lang=en")
    assert len(visit.on_map()) == page.locator(".rows tbody tr").count() == 14
    first, *others = text_of(paper(page))
    assert "tax≥¥100M;CBD" in first
    assert "Totaltax2023" in first
    assert "CBDtower34" in "".join(others)
    assert "Xinduxin" not in "".join(others)


def test_the_map_on_paper_reaches_to_every_matching_tower_and_the_bounds_of_its_cluster(
    visit: Visit, demo_snapshot: Snapshot
) -> None:
    page = visit.open("/print?cluster=xinduxin")
    west, south, east, north = page.evaluate(
        "() => { const b = window.foliumMap.map.getBounds();"
        " return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]; }"
    )
    for lon, lat in visit.on_map():
        assert west < lon / 1e6 < east
        assert south < lat / 1e6 < north
    boundary = next(b for b in demo_snapshot.surroundings.boundaries if b.cluster == "xinduxin")
    low_lon, low_lat, high_lon, high_lat = boundary.shape.bounds
    assert west < low_lon < high_lon < east
    assert south < low_lat < high_lat < north
    cbd = next(b for b in demo_snapshot.surroundings.boundaries if b.cluster == "cbd")
    assert south > cbd.shape.bounds[1]


def test_paper_is_light_in_a_dark_window_too(visiting: Visiting) -> None:
    colours = []
    for scheme in ("light", "dark"):
        page = visiting(color_scheme=scheme).open("/print?q=CBD-34")
        page.locator(".leaflet-container canvas").wait_for()
        colours.append(
            page.evaluate(
                "() => [getComputedStyle(document.documentElement).backgroundColor,"
                " getComputedStyle(document.querySelector('.sheet')).color,"
                " document.querySelector('.leaflet-container canvas').toDataURL()]"
            )
        )
    assert colours[0] == colours[1]


def test_the_button_opens_the_print_dialog_and_is_not_on_paper(visit: Visit) -> None:
    page = visit.open("/print")
    page.evaluate("() => { window.printed = 0; window.print = () => { window.printed += 1; }; }")
    page.locator("#print").click()
    assert page.evaluate("window.printed") == 1
    page.emulate_media(media="print")
    assert page.locator("#print").is_hidden()
    assert page.locator("nav").is_hidden()
    assert page.locator(".leaflet-control-zoom").is_hidden()
    assert page.locator(".leaflet-control-scale").is_visible()


def test_without_javascript_the_table_is_there_and_no_dead_button(visiting: Visiting) -> None:
    visit = visiting(java_script_enabled=False)
    visit.page.goto(f"{visit.origin}/print?cluster=xinduxin")
    assert visit.page.locator(".rows tbody tr").count() == 30
    assert visit.page.locator("#print").is_hidden()
    assert "地图需要 JavaScript" in (visit.page.locator(".map-frame").text_content() or "")
