"""The lists of an office as people use them: read, followed to the map, kept as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildingmap.filters import OFFICE_LISTS
from tests.browser.serving import Serving
from tests.browser.test_accessibility import violations
from tests.browser.visiting import PHONE
from tests.web.offices import small_office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildingmap.model import District
    from tests.browser.conftest import Visiting

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, district: District) -> Iterator[Serving]:
    with small_office(tmp_path_factory.mktemp("lists") / "office.gpkg", district) as office:
        serving = Serving(office)
        yield serving
        serving.stop()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "path", ["/lists", "/lists/next_past", "/lists/vacancies", "/lists/outside_boundary"]
)
def test_axe_finds_nothing_on_the_lists(visiting: Visiting, served: Serving, path: str, lang: str) -> None:
    page = visiting(served).open(f"{path}?lang={lang}")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, of_colours=True) == []


def test_no_list_is_wider_than_a_phone(visiting: Visiting, served: Serving) -> None:
    phone = visiting(served, viewport=PHONE)
    wide = []
    for path in ("/lists", *(f"/lists/{key}" for key in OFFICE_LISTS)):
        phone.open(f"{path}?lang=en")
        if not phone.fits():
            wide.append(path)
    assert wide == []


def test_a_list_leads_to_its_towers_on_the_map_by_keyboard(visiting: Visiting, served: Serving) -> None:
    visit = visiting(served)
    page = visit.open("/lists?lang=en")
    page.get_by_role("link", name="Vacant space", exact=True).press("Enter")
    page.get_by_role("heading", name="Vacant space").wait_for()
    page.get_by_role("link", name="Show these on the map").press("Enter")
    visit.painted("list=vacancies")
    assert visit.names() == ["Tower one"]
    assert visit.chips() == ["Vacant space"]
    page.locator("#chips .chip").click()
    visit.painted("")
    assert len(visit.names()) == 3


def test_on_the_map_lists_are_ticked_like_any_other_criterion(visiting: Visiting, served: Serving) -> None:
    visit = visiting(served)
    page = visit.open("/?lang=en")
    page.get_by_label("Next past the mark").check()
    visit.painted("list=next_past")
    assert visit.names() == ["二号楼"]
    page.get_by_label("Vacant space").check()
    visit.painted("list=next_past,vacancies")
    assert len(visit.names()) == 2
    page.reload()
    visit.painted()
    assert page.get_by_label("Vacant space").is_checked()


def test_a_list_is_kept_as_a_file(visiting: Visiting, served: Serving) -> None:
    page = visiting(served).open("/lists/leases_30?lang=en")
    with page.expect_download() as kept:
        page.get_by_role("link", name="Excel").click()
    assert kept.value.suggested_filename.endswith(".xlsx")
