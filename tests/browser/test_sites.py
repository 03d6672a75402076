"""Candidate parcels as people work with them: found, drawn by mouse, touch and keyboard, changed, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import shapely

from buildingmap.model import Site
from buildingmap.registry import Change, Registry
from tests.browser.hostile import ATTACKS
from tests.browser.serving import Serving
from tests.browser.test_accessibility import violations
from tests.browser.visiting import PHONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Visiting

pytestmark = pytest.mark.browser
PAGE = "/sites?lang=en"
# in degrees, south-west to north-east; T-1 stands at 120.374, 36.089 and is 0.0004 wide
FREE = shapely.box(120.370, 36.0885, 120.371, 36.0893)
AROUND = [(120.3738, 36.0888), (120.3746, 36.0888), (120.3746, 36.0896), (120.3738, 36.0896)]


def hexed(shape: shapely.Geometry) -> str:
    return str(shapely.to_wkb(shape, hex=True, byte_order=1))


@pytest.fixture
def office(own_office: Registry) -> Registry:
    rows: list[dict[str, Any]] = [
        {
            "id": "DK-1",
            "name": "一号地块",
            "area_m2": 8000.0,
            "floor_area_ratio": 3.0,
            "geometry": hexed(FREE),
        },
        {"id": "DK-2", "name": ATTACKS[0], "rule": "fixed", "geometry": hexed(shapely.Polygon(AROUND))},
        {"id": "DK-3", "name": "无图地块"},
    ]
    own_office.apply([Change("site", str(row["id"]), row, 0) for row in rows], actor="import")
    return own_office


@pytest.fixture
def served(office: Registry) -> Iterator[Serving]:
    serving = Serving(office)
    yield serving
    serving.stop()


def opened(page: Page) -> Page:
    page.wait_for_selector('html[data-painted="sites"][data-edits="sites"]')
    return page


def at(page: Page, lon: float, lat: float) -> tuple[float, float]:
    """Where a place stands in the window."""
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    script = "([lat, lon]) => { const { x, y } = foliumMap.map.latLngToContainerPoint([lat, lon]); return [x, y]; }"
    x, y = page.evaluate(script, [lat, lon])
    return box["x"] + x, box["y"] + y


def settled(page: Page) -> None:
    """Wait until the page has scrolled to where it was going."""
    page.wait_for_timeout(150)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done(true)))")


def form_of(page: Page, button: Locator) -> Locator:
    button.press("Enter")
    form = page.locator("dialog[open]")
    form.wait_for()
    return form


def edit(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=f"Edit {name}", exact=True)


def saved(page: Page) -> None:
    page.get_by_text("Saved.", exact=True).wait_for()
    opened(page)


def corners(form: Locator) -> list[list[float]]:
    text = form.get_by_label("Corners", exact=True).input_value()
    return [[float(part) for part in line.split()] for line in text.split("\n") if line]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_on_the_page_of_parcels(visiting: Visiting, served: Serving, lang: str) -> None:
    page = opened(visiting(served).open(f"/sites?lang={lang}&site=DK-1"))
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, of_colours=True) == []


def test_axe_finds_nothing_while_a_parcel_is_drawn_and_in_its_form(
    visiting: Visiting, served: Serving
) -> None:
    page = opened(visiting(served).open(PAGE))
    page.locator('button.draw-site[data-row="DK-1"]').press("Enter")
    page.locator(".corner").first.wait_for()
    assert violations(page) == []
    form = form_of(page, page.get_by_role("button", name="Finish"))
    form.get_by_text("corners,").wait_for()
    assert violations(page) == []


def test_parcels_fit_a_phone_and_no_name_is_markup(visiting: Visiting, served: Serving) -> None:
    for lang in ("zh", "en"):
        phone = visiting(served, viewport=PHONE)
        page = opened(phone.open(f"/sites?lang={lang}"))
        assert phone.fits()
        assert page.locator("tr[data-site]").count() == 3
        assert ATTACKS[0].strip() in page.locator("tr[data-site]").nth(1).inner_text()


def test_no_name_of_a_parcel_is_ever_run(visiting: Visiting, served: Serving, office: Registry) -> None:
    rows = [
        {"id": f"X-{number}", "name": attack[:200].strip(), "geometry": hexed(FREE)}
        for number, attack in enumerate(ATTACKS)
    ]
    office.apply([Change("site", str(row["id"]), row, 0) for row in rows], actor="import")
    page = opened(visiting(served).open(PAGE))
    for row in rows[:: len(rows) // 6 or 1]:
        page.locator(f'tr[data-site="{row["id"]}"] a.pick-site').press("Enter")
        page.wait_for_function(
            "(name) => document.getElementById('site-said').innerText.replace(/\\s+/g, ' ').startsWith(name)",
            arg=" ".join(str(row["name"])[:20].split()),
        )
        form = form_of(page, page.locator(f'button.edit-row[data-row="{row["id"]}"]'))
        form.get_by_role("button", name="Look at the outline").press("Enter")
        form.get_by_text("as well").first.wait_for()
        form.get_by_role("button", name="Cancel").press("Enter")
        # a dialog that closes gives the focus back a moment later
        form.wait_for(state="hidden")
    # the window's own check: no dialog, no console error, no request elsewhere


def test_a_row_shows_its_parcel_and_a_parcel_its_row(visiting: Visiting, served: Serving) -> None:
    page = opened(visiting(served).open(PAGE))
    page.get_by_role("link", name="一号地块").first.press("Enter")
    assert page.locator("path.parcel.chosen").count() == 1
    assert page.locator("#site-said").inner_text() == "一号地块: nothing in doubt"
    assert page.url.endswith("/sites?site=DK-1&lang=en")
    page.evaluate("foliumMap.map.setView([36.0892, 120.3742], 17, {animate: false})")
    page.locator("path.parcel.rule-fixed").click(force=True, position={"x": 5, "y": 5})
    assert page.locator('tr[aria-current="true"]').get_attribute("data-site") == "DK-2"
    assert "the tower T-1 Tower one stands on" in page.locator("#site-said").inner_text()


def test_without_javascript_the_table_is_there_and_no_button_that_would_do_nothing(
    visiting: Visiting, served: Serving
) -> None:
    visit = visiting(served, java_script_enabled=False)
    visit.page.goto(f"{served.origin}{PAGE}")
    assert visit.page.locator("tr[data-site]").count() == 3
    assert visit.page.locator("button.draw-site:visible, button.edit-row:visible").count() == 0


def draw_around(page: Page, *, touch: bool = False) -> Locator:
    """Draw a parcel around T-1 and leave its form open."""
    page.get_by_role("button", name="Draw a parcel").press("Enter")
    page.evaluate("foliumMap.map.setView([36.0892, 120.3742], 17, {animate: false})")
    settled(page)
    for lon, lat in AROUND:
        x, y = at(page, lon, lat)
        if touch:
            page.touchscreen.tap(x, y)
        else:
            page.mouse.click(x, y)
        page.wait_for_timeout(50)
    page.get_by_text("corners: 4", exact=True).wait_for()
    return form_of(page, page.get_by_role("button", name="Finish"))


@pytest.mark.parametrize("touch", [False, True])
def test_a_parcel_is_drawn_corner_by_corner(
    visiting: Visiting,
    served: Serving,
    office: Registry,
    touch: bool,  # noqa: FBT001 - one test, two hands
) -> None:
    page = opened(visiting(served, has_touch=touch).open(PAGE))
    form = draw_around(page, touch=touch)
    form.get_by_text("stands on").wait_for()
    assert "T-1 Tower one" in form.locator("[data-outline]").inner_text()
    assert corners(form) == [pytest.approx(corner, abs=2e-5) for corner in AROUND]
    form.get_by_label("Number of the parcel").fill("DK-9")
    form.get_by_label("Name (needed)").fill("新地块")
    form.get_by_label("Floor-area ratio").fill("3.5")
    form.get_by_role("button", name="Save").press("Enter")
    saved(page)
    row = office.row("site", "DK-9")
    assert (row.values["name"], row.values["floor_area_ratio"], row.values["rule"]) == ("新地块", 3.5, "open")
    drawn = shapely.from_wkb(row.values["geometry"])
    assert shapely.hausdorff_distance(drawn, shapely.Polygon(AROUND)) < 3e-5
    assert page.locator('tr[data-site="DK-9"]').get_by_text("stands on").count() == 1


def test_a_corner_is_undone_and_escape_draws_nothing(
    visiting: Visiting, served: Serving, office: Registry
) -> None:
    page = opened(visiting(served).open(PAGE))
    before = office.version
    page.get_by_role("button", name="Draw a parcel").press("Enter")
    settled(page)
    for lon, lat in AROUND[:2]:
        page.mouse.click(*at(page, lon - 0.0015, lat + 0.0002))
    page.get_by_text("corners: 2", exact=True).wait_for()
    page.get_by_role("button", name="Finish").press("Enter")
    page.get_by_text("A parcel has at least three corners.").wait_for()
    page.get_by_role("button", name="Undo a corner").press("Enter")
    page.get_by_text("corners: 1", exact=True).wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("Nothing was drawn.").wait_for()
    assert page.locator(".corner").count() == 0
    assert page.locator(":focus").inner_text() == "Draw a parcel"
    assert office.version == before


def test_a_parcel_is_made_by_keyboard_alone_in_another_datum(
    visiting: Visiting, served: Serving, office: Registry
) -> None:
    visit = visiting(served)
    visit.expect("422")
    page = opened(visit.open(PAGE))
    form = form_of(page, page.get_by_role("button", name="Add a parcel"))
    assert page.locator(":focus").get_attribute("name") == "id"
    page.keyboard.type("DK-8")
    page.keyboard.press("Tab")
    page.keyboard.type("键盘地块")
    area = form.get_by_label("Corners", exact=True)
    area.focus()
    page.keyboard.type("40537800, 3995000\n")
    page.keyboard.type("537900 oops\n")
    form.get_by_role("button", name="Save").press("Enter")
    assert form.locator("#site-geometry-fault").inner_text() == "line 2: two numbers are expected"
    area.fill("121300 220000\n121400 220000\n121400 220100\n121300 220100")
    form.get_by_role("button", name="Look at the outline").press("Enter")
    form.locator("#site-geometry-fault:not(:empty)").wait_for()
    assert "found 121300" in form.locator("#site-geometry-fault").inner_text()
    told = form.locator("[data-problem]").inner_text()
    assert told == "Please look at the marked fields.", "nothing was to be saved yet"
    area.fill("120.3649 36.0950\n120.3659 36.0950\n120.3659 36.0958\n120.3649 36.0958")
    form.get_by_label("Datum of these corners").select_option("gcj02")
    form.get_by_text("4 corners,").wait_for()
    form.get_by_role("button", name="Save").press("Enter")
    saved(page)
    (west, south, _, _) = shapely.from_wkb(office.row("site", "DK-8").values["geometry"]).bounds
    assert 0.004 < 120.3649 - west < 0.007, "half a kilometre of GCJ-02 is taken off"
    assert -0.001 < 36.0950 - south < 0.003


def test_corners_are_moved_added_and_removed_by_keyboard(
    visiting: Visiting, served: Serving, office: Registry
) -> None:
    page = opened(visiting(served).open(PAGE))
    page.locator('button.draw-site[data-row="DK-1"]').press("Enter")
    first = page.get_by_label("Corner 1", exact=True)
    first.focus()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    assert page.locator(":focus").get_attribute("aria-label") == "Corner 1"
    page.get_by_label("Add a corner after corner 2", exact=True).press("Enter")
    assert page.locator(".corner:not(.between)").count() == 5
    page.get_by_label("Corner 5", exact=True).press("Delete")
    assert page.locator(".corner:not(.between)").count() == 4
    form = form_of(page, page.get_by_role("button", name="Finish"))
    form.get_by_role("button", name="Save").press("Enter")
    saved(page)
    after = shapely.from_wkb(office.row("site", "DK-1").values["geometry"])
    assert shapely.get_num_coordinates(after) == 5
    assert not shapely.equals(after, FREE)
    assert office.revision(office.version).action == "edit"
    assert [set(change.fields) for change in office.changes_of(office.version)] == [{"geometry"}]


def test_a_corner_is_dragged(visiting: Visiting, served: Serving, office: Registry) -> None:
    page = opened(visiting(served).open(PAGE))
    page.locator('button.draw-site[data-row="DK-1"]').press("Enter")
    settled(page)
    box = page.get_by_label("Corner 1", exact=True).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 25, steps=6)
    page.mouse.up()
    form = form_of(page, page.get_by_role("button", name="Finish"))
    form.get_by_role("button", name="Save").press("Enter")
    saved(page)
    after = shapely.from_wkb(office.row("site", "DK-1").values["geometry"])
    assert shapely.hausdorff_distance(after, FREE) > 1e-5


def test_a_rule_is_changed_and_the_history_tells(
    visiting: Visiting, served: Serving, office: Registry
) -> None:
    page = opened(visiting(served).open(PAGE))
    form = form_of(page, edit(page, "一号地块"))
    assert form.get_by_label("Number of the parcel").get_attribute("readonly") is not None
    form.get_by_label("Rule (needed)").select_option("forbidden")
    form.get_by_role("button", name="Save").press("Enter")
    saved(page)
    assert office.row("site", "DK-1").values["rule"] == "forbidden"
    assert page.locator(":focus").get_attribute("data-row") == "DK-1"
    assert page.locator("path.parcel.rule-forbidden").count() == 1


def test_two_editors_on_one_parcel_the_second_is_told_and_loses_nothing(
    visiting: Visiting, served: Serving, office: Registry
) -> None:
    visit = visiting(served)
    visit.expect("412")
    page = opened(visit.open(PAGE))
    form = form_of(page, edit(page, "一号地块"))
    form.get_by_label("Name (needed)").fill("我的地块")
    moved = shapely.box(120.370, 36.0885, 120.3712, 36.0893)
    office.apply([Change("site", "DK-1", {"rule": "fixed", "geometry": hexed(moved)})], actor="wang")
    form.get_by_role("button", name="Save").press("Enter")
    form.get_by_role("heading", name="wang changed this").wait_for()
    told = [line.inner_text().split("\t") for line in form.locator(".conflict tbody tr").all()]
    assert told == [["Rule", "fixed: must be taken", "—"], ["Corners", "corners: 4", "—"]]
    assert violations(page) == []
    form.get_by_role("button", name="Write mine over it").press("Enter")
    saved(page)
    values = office.row("site", "DK-1").values
    assert (values["name"], values["rule"], values["geometry"]) == ("我的地块", "fixed", hexed(moved))


def test_a_number_that_is_taken_changes_no_parcel(
    visiting: Visiting, served: Serving, office: Registry
) -> None:
    visit = visiting(served)
    visit.expect("412")
    page = opened(visit.open(PAGE))
    form = form_of(page, page.get_by_role("button", name="Add a parcel"))
    form.get_by_label("Number of the parcel").fill("DK-1")
    form.get_by_label("Name (needed)").fill("x")
    form.get_by_role("button", name="Save").press("Enter")
    form.get_by_text("another parcel has this number").wait_for()
    assert office.row("site", "DK-1").values["name"] == "一号地块"


def test_a_parcel_is_removed_and_one_undo_brings_it_back(
    visiting: Visiting, served: Serving, office: Registry
) -> None:
    page = opened(visiting(served).open(PAGE))
    form = form_of(page, edit(page, "一号地块"))
    form.get_by_role("button", name="Delete").press("Enter")
    form.get_by_role("button", name="Delete for good?").press("Enter")
    saved(page)
    assert page.locator("tr[data-site]").count() == 2
    page.goto(f"{served.origin}/history/{office.version}?lang=en")
    page.locator(f'form[action="/history/{office.version}/undo"] button').press("Enter")
    page.wait_for_url("**/history/*")
    page.goto(f"{served.origin}{PAGE}")
    opened(page)
    assert page.locator("tr[data-site]").count() == 3
    (back,) = (one for one in office.snapshot().holdings.all(Site) if one.id == "DK-1")
    assert back.area_m2 == 8000
