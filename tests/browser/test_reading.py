"""The pages that need no script: comparison and analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildingmap import analysis
from buildingmap.filters import Filter, select

if TYPE_CHECKING:
    from buildingmap.snapshot import Snapshot
    from tests.browser.conftest import Visiting
    from tests.browser.visiting import Visit

pytestmark = pytest.mark.browser


@pytest.fixture
def plain(visiting: Visiting) -> Visit:
    """A window without JavaScript."""
    return visiting(java_script_enabled=False)


def row(visit: Visit, label: str) -> list[str]:
    line = visit.page.locator("table tr", has=visit.page.get_by_role("rowheader", name=label, exact=True))
    return [" ".join(text.split()) for text in line.locator("td").all_text_contents()]


def test_towers_stand_side_by_side_without_javascript(plain: Visit) -> None:
    plain.page.goto(f"{plain.origin}/compare?id=CBD-34&id=XDX-18&id=NEW-01")
    heads = plain.page.locator("thead th a:first-child").all_text_contents()
    assert heads == ["CBD-34号楼宇", "XDX-18号楼宇", "NEW-01号楼宇"]
    assert row(plain, "税收分档") == ["10亿及以上", "5000万–1亿", "规划"]
    assert row(plain, "全口径税收") == ["1,238,000,000 元 最高", "99,999,999 元", "—"]
    assert row(plain, "距亿元线差额") == ["已过亿元线", "1 元", "—"]
    assert row(plain, "空置率")[0] == "5.2% 最低"
    assert row(plain, "排名")[1] == "新都心税收第 4 位（共 24 座）"
    assert row(plain, "2019")[2] == "—"
    assert row(plain, "2019")[0].endswith("最高")
    assert "元/㎡" in row(plain, "单位面积税收（按建筑面积）")[0]
    assert "元/㎡" in row(plain, "单位面积税收（按可租赁面积）")[0]


def test_a_tower_is_taken_out_of_the_comparison_until_two_are_left(plain: Visit) -> None:
    page = plain.page
    page.goto(f"{plain.origin}/compare?id=CBD-34&id=CBD-28&id=XDX-18&year=2022&lang=en")
    page.get_by_role("link", name="remove CBD tower 28").click()
    assert page.url == f"{plain.origin}/compare?id=CBD-34&id=XDX-18&year=2022&lang=en"
    assert page.locator(".leave").count() == 0
    assert row(plain, "Tax year") == ["2022", "2022"]
    page.get_by_role("link", name="Back to the map").click()
    assert page.url == f"{plain.origin}/?year=2022&compare=CBD-34,XDX-18&lang=en"


def test_what_cannot_be_compared_is_named_in_one_line(visit: Visit) -> None:
    visit.expect("40[04]")
    for query, status, line in (
        ("", 400, "id: found 0, expected 2 to 6"),
        ("id=CBD-01", 400, "id: found 1, expected 2 to 6"),
        ("&".join(f"id=CBD-0{n}" for n in range(1, 8)), 400, "id: found 7, expected 2 to 6"),
        ("id=CBD-01&id=CBD-01", 400, "id: found 'CBD-01' more than once"),
        ("id=CBD-01&id=NOWHERE", 404, "NOWHERE"),
        ("id=CBD-01&id=CBD-02&tax_min=1", 400, "tax_min: found an unknown parameter"),
    ):
        answer = visit.page.goto(f"{visit.origin}/compare?{query}&lang=en")
        assert answer is not None
        assert answer.status == status
        lines = visit.page.locator("main li").all_text_contents()
        assert len(lines) == 1
        assert line in lines[0]


def test_the_analysis_shows_the_whole_summary_without_javascript(
    plain: Visit, demo_snapshot: Snapshot
) -> None:
    plain.page.goto(f"{plain.origin}/analysis")
    page = plain.page
    found = analysis.summary(select(demo_snapshot, Filter()))
    text = " ".join((page.locator("main").text_content() or "").split())
    assert row(plain, "2023") == ["全口径税收", "20", "20", "—", "—"]
    assert row(plain, "2024") == ["全口径税收", "—", "—", "24", "4 按 2023 年"]
    assert found.next_to_pass is not None
    listed = page.locator("section[aria-labelledby=next] tbody th a").all_text_contents()
    assert listed == [candidate.name for candidate in found.next_to_pass]
    assert "1 元" in text
    assert found.official_clusters is not None
    cbd = found.official_clusters[0]
    assert f"{cbd.tax_per_m2:,.0f} 元/㎡" in text
    assert cbd.boundary is not None
    for outside in cbd.boundary.outside:
        assert page.locator(f'section[aria-labelledby=clusters] a[href="/?tower={outside}"]').count() == 1
    assert found.hot_spots is not None
    hot = page.locator("section[aria-labelledby=hot]")
    lowest = min(spot.q for spot in found.hot_spots.towers)
    assert hot.locator("tbody tr").first.locator("td").last.text_content() == f"{lowest:.3f}"
    assert "多重" in text or "次数一多" in text
    assert found.natural_clusters is not None
    natural = page.locator("section[aria-labelledby=natural] table").first.locator("tbody tr")
    assert natural.count() == len(found.natural_clusters.clusters)
    assert "3 号集聚区：14 座楼宇聚集在没有官方片区的地方" in text


def test_the_analysis_is_of_the_filter_which_its_chips_take_apart(plain: Visit) -> None:
    page = plain.page
    page.goto(f"{plain.origin}/analysis?tax_min=50000000&cluster=cbd&lang=en")
    assert page.locator(".chip").count() == 2
    assert (
        page.locator("#totals + dl dd").first.text_content()
        == "28 existing 28 · under construction 0 · planned 0"
    )
    page.locator(".chip", has_text="CBD").click()
    assert page.url == f"{plain.origin}/analysis?tax_min=50000000&lang=en"
    page.locator(".chip").click()
    assert page.url == f"{plain.origin}/analysis?lang=en"
    page.locator("section[aria-labelledby=next] tbody th a").first.click()
    assert page.url == f"{plain.origin}/?tower=XDX-18&lang=en"


def test_an_analysis_of_nothing_says_so(plain: Visit) -> None:
    plain.page.goto(f"{plain.origin}/analysis?q=没有这座楼")
    text = plain.page.locator("main").text_content() or ""
    assert "没有符合条件的楼宇" in text
    assert "楼宇太少（0 座）" in text
    assert "没有税收已知的楼宇" in text
