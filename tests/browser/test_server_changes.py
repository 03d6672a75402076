"""A page that stays open while the server's layer changes, or the server goes away."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from tests.browser.serving import Served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildingmap.snapshot import Snapshot
    from tests.browser.conftest import Visiting

pytestmark = pytest.mark.browser


@pytest.fixture
def own(demo_snapshot: Snapshot) -> Iterator[Served]:
    """A server of the test's own."""
    served = Served(demo_snapshot)
    yield served
    served.stop()


def test_a_page_of_an_older_version_is_loaded_again_with_what_was_asked(
    visiting: Visiting, own: Served, demo_snapshot: Snapshot
) -> None:
    visit = visiting(own)
    page = visit.open("/?cluster=cbd")
    page.evaluate("window.before = true")
    own.registry.in_force = dataclasses.replace(demo_snapshot, version="newer")
    page.locator("#mark").click()
    page.wait_for_function("() => window.before === undefined")
    visit.painted("tax_min=100000000&cluster=cbd")
    assert len(visit.names()) == 14
    assert visit.address() == "/?tax_min=100000000&cluster=cbd"


def test_a_server_that_is_away_is_said_aloud_and_the_page_stays(visiting: Visiting, own: Served) -> None:
    visit = visiting(own)
    visit.expect("ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE")
    page = visit.open("/")
    own.stop()
    page.locator("#mark").click()
    page.wait_for_function("() => document.getElementById('announce').textContent === '无法连接服务器。'")
    assert len(visit.names()) == 123
    page.locator("#list .tower").first.click()
    page.wait_for_timeout(200)
    assert page.locator("#card").is_hidden()


def test_what_the_server_refuses_is_said_with_the_name_of_the_parameter(visiting: Visiting) -> None:
    visit = visiting()
    visit.expect("400")
    page = visit.open("/")
    page.locator('input[name="floor_area_min"]').fill("60000")
    page.locator('input[name="floor_area_max"]').fill("30000")
    page.locator('input[name="floor_area_max"]').press("Enter")
    page.locator("#problem").wait_for(state="visible")
    assert "建筑面积（平方米）：应为不大于 floor_area_max=30000" in (
        page.locator("#problem").text_content() or ""
    )
