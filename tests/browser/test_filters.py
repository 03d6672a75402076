"""The filter on the map page: one state for map, list, totals, charts, chips and address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from buildingmap.filters import parse_filter, select
from buildingmap.web.queries import read_query

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from buildingmap.snapshot import Snapshot
    from tests.browser.visiting import Visit

pytestmark = pytest.mark.browser


def chosen(snapshot: Snapshot, query: str) -> tuple[list[str], list[list[int]]]:
    """Names in order, and places, of the towers that a filter chooses; asked of the columns themselves."""
    rows = select(snapshot, parse_filter(read_query(query.encode()), snapshot.district)).rows.tolist()
    degrees = np.column_stack((snapshot.lon[rows], snapshot.lat[rows]))
    places: list[list[int]] = sorted(np.rint(degrees * 1e6).astype(int).tolist())
    return [snapshot.buildings[row].name for row in rows], places


def shows(visit: Visit, snapshot: Snapshot, query: str) -> None:
    """Assert that every part of the page is of exactly the towers of ``query``."""
    visit.painted(query)
    names, places = chosen(snapshot, query)
    assert visit.on_map() == places
    assert visit.names() == names
    assert visit.total("towers") == str(len(names))
    matched = visit.page.locator("#matched").text_content()
    assert matched == f"{len(names)} / 共 {len(snapshot)} 座"
    assert matched == visit.page.locator("#announce").text_content()


def test_the_mark_in_one_click_shows_exactly_the_towers_of_100_million_yuan_and_more(
    visit: Visit, demo_snapshot: Snapshot
) -> None:
    page = visit.open("/")
    shows(visit, demo_snapshot, "")
    page.locator("#mark").click()
    shows(visit, demo_snapshot, "tax_min=100000000")
    past = [b for b in demo_snapshot.buildings if b.tax_yuan is not None and b.tax_yuan >= 100_000_000]
    assert len(visit.names()) == len(past) == 20
    assert set(visit.names()) == {building.name for building in past}
    assert visit.total("past_mark") == "20"
    assert visit.address() == "/?tax_min=100000000"
    assert visit.chips() == ["税收 ≥ 1 亿元"]
    assert page.locator("#mark").get_attribute("aria-pressed") == "true"
    bars = page.locator("#chart-bands svg").get_attribute("aria-label") or ""
    assert "以下" not in bars
    assert bars.startswith("中央商务区: 1亿–10亿 12, 10亿及以上 2")
    assert "20 座楼宇" in (page.locator("#chart-scatter svg").get_attribute("aria-label") or "")
    page.locator("#mark").click()
    shows(visit, demo_snapshot, "")
    assert visit.address() == "/"


def test_100_000_000_yuan_is_past_the_mark_and_99_999_999_is_not(
    visit: Visit, demo_snapshot: Snapshot
) -> None:
    by_tax = {building.tax_yuan: building.name for building in demo_snapshot.buildings}
    page = visit.open("/?tax_min=100000000")
    assert by_tax[100_000_000] in visit.names()
    assert by_tax[99_999_999] not in visit.names()
    visit.open("/?tax_max=99999999")
    assert by_tax[100_000_000] not in visit.names()
    assert by_tax[99_999_999] in visit.names()
    line = page.locator("#list li:visible", has_text=by_tax[99_999_999])
    assert line.locator(".tax").text_content() == "9,999.9 万元"
    assert visit.chips() == ["税收 ≤ 99,999,999 元"]


def test_each_stop_of_the_tax_cuts_at_the_lower_bound_of_its_band(
    visit: Visit, demo_snapshot: Snapshot
) -> None:
    page = visit.open("/")
    for band in demo_snapshot.district.bands[1:]:
        page.locator(f'input[name="tax_min"][value="{int(band.min_yuan)}"]').check(force=True)
        shows(visit, demo_snapshot, f"tax_min={int(band.min_yuan)}")
    page.locator('input[name="tax_min"][value=""]').check(force=True)
    shows(visit, demo_snapshot, "")


def test_ticking_boxes_keeps_any_of_what_is_ticked(visit: Visit, demo_snapshot: Snapshot) -> None:
    page = visit.open("/")
    for query in (
        "band=50m_100m,ge_1b",
        "cluster=cbd,other",
        "status=under_construction,planned",
        "sector=headquarters,finance",
    ):
        name, values = query.split("=")
        for value in values.split(","):
            page.locator(f'input[name="{name}"][value="{value}"]').check()
        shows(visit, demo_snapshot, query)
        assert visit.address() == f"/?{query}"
        assert len(visit.chips()) == values.count(",") + 1
        page.locator("#chips .clear").click()
        visit.painted("")


def test_vacancy_and_floor_area_have_a_lower_and_an_upper_bound(
    visit: Visit, demo_snapshot: Snapshot
) -> None:
    page = visit.open("/")
    page.locator('select[name="vacancy_min"]').select_option("0.1")
    page.locator('select[name="vacancy_max"]').select_option("0.25")
    shows(visit, demo_snapshot, "vacancy_min=0.1&vacancy_max=0.25")
    page.locator('input[name="floor_area_min"]').fill("30000")
    page.locator('input[name="floor_area_max"]').fill("60000")
    page.locator('input[name="floor_area_max"]').press("Enter")
    shows(visit, demo_snapshot, "vacancy_min=0.1&vacancy_max=0.25&floor_area_min=30000&floor_area_max=60000")
    assert visit.chips() == [
        "空置率 ≥ 10%",
        "空置率 ≤ 25%",
        "建筑面积 ≥ 30,000 平方米",
        "建筑面积 ≤ 60,000 平方米",
    ]


def test_words_are_looked_for_while_they_are_typed(visit: Visit, demo_snapshot: Snapshot) -> None:
    page = visit.open("/")
    page.locator("#q").press_sequentially(
        "xdx-1", delay=140
    )  # slower than the page waits for the next letter
    shows(visit, demo_snapshot, "q=xdx-1")
    assert all(name.startswith("XDX-1") for name in visit.names())
    page.locator("#q").fill("没有这座楼")
    page.wait_for_selector("#none:visible")
    assert visit.names() == []
    assert visit.on_map() == []


def test_only_what_the_map_shows_is_kept_when_asked(visit: Visit, demo_snapshot: Snapshot) -> None:
    page = visit.open("/")
    page.get_by_role("button", name="新都心", exact=True).click()
    page.locator("#extent").click()
    page.wait_for_function("() => location.search.includes('bbox=')")
    query = visit.address().removeprefix("/?")
    shows(visit, demo_snapshot, query)
    assert 24 <= len(visit.names()) < len(demo_snapshot)
    assert visit.chips() == ["所选地图范围内"]


def test_another_year_puts_towers_into_the_bands_of_that_year(visit: Visit, demo_snapshot: Snapshot) -> None:
    page = visit.open("/")
    page.locator("#year").select_option("2019")
    shows(visit, demo_snapshot, "year=2019")
    assert visit.total("past_mark") == "12"
    assert visit.total("tax_year") == "2019"
    page.locator("#mark").click()
    shows(visit, demo_snapshot, "tax_min=100000000&year=2019")
    assert len(visit.names()) == 12
    symbols = set(
        page.locator("#list li:visible .symbol path").evaluate_all("all => all.map(p => p.className.baseVal)")
    )
    assert symbols <= {"high-1", "high-2"}


def test_the_list_is_sorted_as_asked(visit: Visit, demo_snapshot: Snapshot) -> None:
    page = visit.open("/?cluster=cbd")
    for sort in ("tax_yuan", "-floor_area_m2", "-vacancy_rate", "name"):
        page.locator("#sort").select_option(sort)
        shows(visit, demo_snapshot, f"cluster=cbd&sort={sort}")


def test_a_chip_takes_its_own_filter_away_and_clear_all_takes_all(
    visit: Visit, demo_snapshot: Snapshot
) -> None:
    page = visit.open("/?tax_min=50000000&sector=finance,trade&vacancy_max=0.3")
    assert visit.chips() == ["税收 ≥ 5,000 万元", "空置率 ≤ 30%", "现代金融", "商贸"]
    page.locator("#chips .chip", has_text="商贸").click()
    shows(visit, demo_snapshot, "tax_min=50000000&sector=finance&vacancy_max=0.3")
    page.locator("#chips .chip", has_text="空置率").click()
    shows(visit, demo_snapshot, "tax_min=50000000&sector=finance")
    page.locator("#chips .clear").click()
    shows(visit, demo_snapshot, "")
    assert visit.address() == "/"
    assert "未设筛选条件" in (page.locator("#chips").text_content() or "")


def test_a_value_that_cannot_be_read_is_refused_in_words_and_the_last_view_stays(
    visit: Visit, demo_snapshot: Snapshot
) -> None:
    page = visit.open("/?cluster=cbd")
    visit.expect(r"floor_area_min")
    visit.expect(r"status of 400")
    field = page.locator('[name="floor_area_min"]')
    field.fill("二万")
    field.press("Tab")
    problem = page.locator("#problem")
    problem.wait_for(state="visible")
    assert "建筑面积（平方米）：应为 0 至" in (problem.text_content() or "")
    shows(visit, demo_snapshot, "cluster=cbd")
    field.fill("20000")
    field.press("Tab")
    shows(visit, demo_snapshot, "cluster=cbd&floor_area_min=20000")
    assert problem.is_hidden()


def test_letters_typed_while_the_page_is_loading_are_searched_for(
    visit: Visit, demo_snapshot: Snapshot
) -> None:
    page = visit.page
    held: list[Route] = []
    typed = False

    def hold(route: Route) -> None:
        if typed:
            route.continue_()
        else:
            held.append(route)

    page.route("**/map/towers*", hold)
    page.goto(f"{visit.origin}/", wait_until="domcontentloaded")
    page.locator("#q").fill("CBD-03")
    typed = True
    for route in held:
        route.continue_()
    shows(visit, demo_snapshot, "q=CBD-03")
    assert page.locator("#q").input_value() == "CBD-03"
    assert visit.address() == "/?q=CBD-03"
