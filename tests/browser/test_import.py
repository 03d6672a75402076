"""The import as people use it: a file dropped, its guess corrected, the preview read, written whole, taken back."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from buildingmap import resources
from buildingmap.layers import read_layer
from buildingmap.registry import Registry, create_registry
from buildingmap.snapshot import LayerNote
from tests.browser.serving import Serving
from tests.browser.test_accessibility import violations
from tests.browser.visiting import PHONE
from tests.intake.ledgers import MONTHLY, MONTHLY_MERGES, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from buildingmap.model import District, Surroundings
    from tests.browser.conftest import Visiting

pytestmark = pytest.mark.browser
_DROP = """
([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name));
  const place = document.querySelector("form.drop");
  for (const kind of ["dragenter", "dragover", "drop"]) {
    place.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
  }
}
"""


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory, district: District, surroundings: Surroundings
) -> Iterator[Registry]:
    path = resources.data_folder() / "buildings.geojson"
    with create_registry(
        tmp_path_factory.mktemp("office") / "office.gpkg",
        district=district,
        surroundings=surroundings,
        note=LayerNote(title="登记库", synthetic=True),
        layer=read_layer(path, district=district, surroundings=surroundings),
    ) as made:
        yield made


@pytest.fixture(scope="module")
def served(office: Registry) -> Iterator[Serving]:
    serving = Serving(office)
    yield serving
    serving.stop()


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """The monthly table with one cell that nobody can read."""
    rows = [list(row) for row in MONTHLY]
    rows[4][2] = "待定"
    return written(tmp_path / "税收月报.xlsx", rows, merges=MONTHLY_MERGES)


def dropped(page: Page, path: Path) -> None:
    page.evaluate(_DROP, [path.name, base64.b64encode(path.read_bytes()).decode()])
    page.wait_for_selector("#outcome")


def test_a_dropped_table_is_guessed_previewed_written_and_taken_back(
    visiting: Visiting, served: Serving, office: Registry, ledger: Path
) -> None:
    page = visiting(served).open("/import")
    dropped(page, ledger)
    before = office.version
    rate = office.row("building", "CBD-01").values["vacancy_rate"]

    assert page.get_by_label("“全口径税收”读作").input_value() == "tax_yuan"
    assert page.get_by_label("“全口径税收”的单位").input_value() == "万元"
    assert "待定" in page.locator("section[aria-labelledby=faults] tbody").inner_text()
    assert page.get_by_role("button", name="全部写入").count() == 0

    page.get_by_label("略去无法读取的单元格，并逐一列出").check()
    page.get_by_label("“区级收入”读作").select_option("")
    page.get_by_role("button", name="重新预览").click()
    page.get_by_role("button", name="全部写入").click()
    page.get_by_text(f"已写入，成为第 {before + 1} 版。").wait_for()

    assert office.row("building", "CBD-01").values["vacancy_rate"] == 0.12
    tax = office.row("tax_record", "CBD-02:2024").values
    assert (tax["tax_yuan"], tax["district_revenue_yuan"]) == (20_005_000, None)

    page.get_by_role("button", name="撤销这次导入").click()
    page.wait_for_url(f"**/history/{before + 2}")
    assert office.row("building", "CBD-01").values["vacancy_rate"] == rate


def test_it_works_by_keyboard(visiting: Visiting, served: Serving, office: Registry, ledger: Path) -> None:
    page = visiting(served).open("/import?lang=en")
    page.set_input_files("#file", ledger)
    page.wait_for_selector("#outcome")
    before = office.version
    page.get_by_label("Leave out cells that cannot be read").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Preview again").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Write all of it").focus()
    page.keyboard.press("Enter")
    page.get_by_text(f"Written as version {before + 1}.").wait_for()
    office.undo(before + 1, actor="test")


def test_a_file_that_cannot_be_read_says_why(visiting: Visiting, served: Serving, tmp_path: Path) -> None:
    path = tmp_path / "旧表.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    page = visiting(served).open("/import")
    page.evaluate(_DROP, [path.name, base64.b64encode(path.read_bytes()).decode()])
    alert = page.get_by_role("alert").filter(has_text=".xlsx")
    alert.wait_for()
    assert "旧版 Excel" in alert.inner_text()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_and_it_fits_a_phone(
    visiting: Visiting, served: Serving, ledger: Path, lang: str
) -> None:
    visit = visiting(served, viewport=PHONE)
    page = visit.open(f"/import?lang={lang}")
    assert violations(page) == []
    assert visit.fits()
    dropped(page, ledger)
    assert violations(page) == []
    assert visit.fits()
    page.emulate_media(color_scheme="dark")
    assert violations(page, of_colours=True) == []
