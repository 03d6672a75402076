"""A tower's card, and the layers of the map."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from buildingmap import analysis

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from buildingmap.snapshot import Snapshot
    from tests.browser.visiting import Visit

pytestmark = pytest.mark.browser


def click_on_map(page: Page, lon: float, lat: float) -> None:
    at = page.evaluate(
        """([lon, lat]) => {
            const { map } = window.foliumMap;
            const { x, y } = map.latLngToContainerPoint([lat, lon]);
            const box = map.getContainer().getBoundingClientRect();
            return [box.left + x, box.top + y];
        }""",
        [lon, lat],
    )
    page.mouse.click(*at)


def facts(page: Page) -> dict[str, str]:
    names = page.locator("#card dt").all_text_contents()
    return dict(zip(names, page.locator("#card dd").all_text_contents(), strict=True))


def test_the_card_says_what_the_analysis_says(visit: Visit, demo_snapshot: Snapshot) -> None:
    row = demo_snapshot.row("XDX-18")
    card, tower = analysis.tower_card(demo_snapshot, row), demo_snapshot.buildings[row]
    page = visit.open("/?tower=XDX-18")
    page.locator("#card h2").wait_for()
    text = page.locator("#card").text_content() or ""
    assert page.locator("#card h2").text_content() == tower.name
    assert "99,999,999 元" in text
    assert page.locator("#card .gap").text_content() == "距亿元线还差 1 元"
    assert page.locator("#card .past").count() == 0
    shown = facts(page)
    assert card.rank_in_cluster is not None
    assert shown["排名"] == f"新都心税收第 {card.rank_in_cluster.rank} 位（共 {card.rank_in_cluster.of} 座）"
    assert card.nearest_station is not None
    assert shown["最近地铁站"] == f"{card.nearest_station.zh} {card.nearest_station.distance_m:.0f} m"
    assert shown["建筑面积"] == f"{tower.floor_area_m2:,.0f} m²"
    assert shown["单位面积税收（按建筑面积）"] == f"{card.tax_per_floor_m2:,.0f} 元/㎡"
    assert shown["单位面积税收（按可租赁面积）"] == f"{card.tax_per_leasable_m2:,.0f} 元/㎡"
    assert page.locator("#card figure svg rect").count() == len(card.taxes) == 5
    described = page.locator("#card figure svg").get_attribute("aria-label") or ""
    assert described.startswith("2019: ")
    assert described.endswith("2023: 9,999.9 万元")
    near = page.locator("#card .neighbours button").all_text_contents()
    assert [entry.split(" · ")[0] for entry in near] == [neighbour.name for neighbour in card.neighbours]


def test_a_tower_past_the_mark_says_so_and_a_planned_one_has_no_tax(visit: Visit) -> None:
    page = visit.open("/?tower=CBD-34")
    page.locator("#card h2").wait_for()
    assert page.locator("#card .past").text_content() == "已过亿元线"
    visit.open("/?tower=NEW-01")
    page.locator("#card h2").wait_for()
    assert "暂无税收数据" in (page.locator("#card").text_content() or "")
    assert "规划" in facts(page)["建设状态"]


def test_figures_that_are_a_hair_low_in_binary_are_not_cut_to_the_next_lower_one(visit: Visit) -> None:
    visit.open("/")
    script = "async yuan => (await import('/static/js/words.js')).money(yuan)"
    assert visit.page.evaluate(script, 113_000_000) == "1.13 亿元"
    assert visit.page.evaluate(script, 100_000_000) == "1 亿元"
    assert visit.page.evaluate(script, 99_999_999) == "9,999.9 万元"
    assert visit.page.evaluate(script, 199_999_999) == "1.99 亿元"
    share = "async share => (await import('/static/js/words.js')).percent(share)"
    assert visit.page.evaluate(share, 0.289) == "28.9%"


def test_a_click_on_the_map_opens_the_card_of_the_tower_under_it(
    visit: Visit, demo_snapshot: Snapshot
) -> None:
    page = visit.open("/?q=XDX-18")
    row = demo_snapshot.row("XDX-18")
    click_on_map(page, float(demo_snapshot.lon[row]), float(demo_snapshot.lat[row]))
    page.locator("#card h2").wait_for()
    assert page.locator("#card h2").text_content() == "XDX-18号楼宇"
    assert visit.address() == "/?q=XDX-18&tower=XDX-18"


def test_a_tower_that_the_filter_hides_is_not_under_a_click(visit: Visit, demo_snapshot: Snapshot) -> None:
    page = visit.open("/?q=CBD-34")
    row = demo_snapshot.row("XDX-18")
    click_on_map(page, float(demo_snapshot.lon[row]), float(demo_snapshot.lat[row]))
    assert page.locator("#card").is_hidden()
    assert visit.address() == "/?q=CBD-34"


def test_close_up_a_click_on_the_footprint_opens_the_card(visit: Visit, demo_snapshot: Snapshot) -> None:
    convex = shapely.area(shapely.convex_hull(demo_snapshot.geometry)) < 1.001 * shapely.area(
        demo_snapshot.geometry
    )
    row = int(np.flatnonzero(convex & (demo_snapshot.status == 0))[0])
    name = demo_snapshot.buildings[row].name
    page = visit.open(f"/?q={demo_snapshot.ids[row]}")
    west, south, east, north = demo_snapshot.bounds[row].tolist()
    page.evaluate(
        "([w, s, e, n]) => void window.foliumMap.map.fitBounds([[s, w], [n, e]], { animate: false })",
        [west, south, east, north],
    )
    corner = shapely.get_coordinates(demo_snapshot.geometry[row])[0]
    middle = (demo_snapshot.lon[row], demo_snapshot.lat[row])
    lon, lat = (float(0.9 * edge + 0.1 * centre) for edge, centre in zip(corner, middle, strict=True))
    page.wait_for_timeout(100)
    click_on_map(page, lon, lat)
    page.locator("#card h2").wait_for()
    assert page.locator("#card h2").text_content() == name


def test_each_layer_of_the_map_is_switched_by_its_box(visit: Visit) -> None:
    page = visit.open("/")
    drawn = {
        "boundaries": "path.boundary",
        "hulls": "path.hull",
        "stations": "path.station",
        "density": "path.density",
        "basemap": "path.base",
    }
    boxes = page.locator("#layers input")
    assert boxes.evaluate_all("all => all.map(box => box.value)") == list(drawn)
    assert boxes.evaluate_all("all => all.filter(box => !box.checked).map(box => box.value)") == ["density"]
    page.locator("path.hull").first.wait_for(state="attached")
    for layer, path in drawn.items():
        box = page.locator(f'#layers input[value="{layer}"]')
        for on in (not box.is_checked(), box.is_checked()):
            box.set_checked(on)
            page.locator(path).first.wait_for(state="attached" if on else "detached")


def test_the_density_follows_the_filter_and_names_its_steps(visit: Visit) -> None:
    page = visit.open("/")
    page.locator('#layers input[value="density"]').check()
    page.locator("path.density").first.wait_for(state="attached")
    steps = page.locator("#density-scale").text_content() or ""
    assert "每平方公里年税收" in steps
    everywhere = page.evaluate("document.querySelector('path.density').getAttribute('d')")
    page.locator('input[name="cluster"][value="xinduxin"]').check()
    page.wait_for_function(
        "before => document.querySelector('path.density')?.getAttribute('d') !== before", arg=everywhere
    )
    visit.painted("cluster=xinduxin")


def test_the_map_names_its_stations_and_clusters_and_has_a_scale(visit: Visit) -> None:
    page = visit.open("/")
    page.locator(".boundary-name").first.wait_for()
    page.locator(".station-name").first.wait_for()
    assert set(page.locator(".boundary-name").all_text_contents()) == {"中央商务区", "新都心"}
    assert "敦化路" in page.locator(".station-name").all_text_contents()
    scale = page.locator(".leaflet-control-scale-line").text_content() or ""
    assert re.fullmatch(r"[1-9]\d* k?m", scale)
