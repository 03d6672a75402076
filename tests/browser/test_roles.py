"""Each role in a browser: it signs in through the form, sees its own pages, and axe-core finds nothing on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from buildingmap.accounts import ROLES, Accounts, ApiTokens, ReadLog
from buildingmap.registry import Change, Registry
from buildingmap.web.visitors import Access
from tests.browser.serving import Serving
from tests.browser.test_accessibility import violations
from tests.web.offices import small_office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from buildingmap.model import District
    from tests.browser.conftest import Visiting
    from tests.browser.visiting import Visit

pytestmark = pytest.mark.browser
PASSWORD: Final = "correct horse 楼宇"  # noqa: S105 - the tests' own
STAFF: Final = (
    "/history",
    "/history/1",
    "/history/building/T-1",
    "/goals",
    "/matching?area_min=100",
    "/matching/print?pick=U-23~2",
    "/scenarios",
)
SEEN: Final = {
    "analyst": {"/analysis", "/goals", "/lists", "/matching", "/plan", "/history", "/account"},
    "editor": {"/analysis", "/goals", "/lists", "/matching", "/plan", "/history", "/import", "/account"},
    "admin": {
        "/analysis",
        "/goals",
        "/lists",
        "/matching",
        "/plan",
        "/history",
        "/import",
        "/accounts",
        "/account",
    },
}
GUARDED: Final = SEEN["admin"] - {"/account"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, district: District) -> Iterator[Serving]:
    """A registry with an account of each role, and a past."""
    with small_office(tmp_path_factory.mktemp("office") / "office.gpkg", district) as office:
        serving = Serving(office, with_accounts(office))
        yield serving
        serving.stop()


def with_accounts(office: Registry) -> Access:
    accounts, tokens = Accounts(office), ApiTokens(office)
    for role in ROLES:
        accounts.add(f"{role}-1", role, password=PASSWORD, actor="test")
    office.apply([Change("building", "T-1", {"name": "改名"})], actor="editor-1", note="更名")
    reads = ReadLog(office)
    reads.note(
        account="analyst-1", address="192.0.2.1", route="/analysis", asked="q=" + "长" * 200, status=200
    )
    return Access(accounts, tokens, reads=reads, secret=b"s" * 32)


def signed_in(visit: Visit, role: str) -> Page:
    """Sign in through the form, in English."""
    page = visit.open("/sign-in?lang=en")
    page.get_by_label("Name").fill(f"{role}-1")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Account", exact=True).wait_for()
    return page


def navigation(page: Page) -> set[str]:
    """The paths that the navigation leads to."""
    found: list[str] = page.locator("header nav a:not(.language)").evaluate_all(
        "links => links.map((link) => new URL(link.href).pathname)"
    )
    return set(found)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("role", "paths"),
    [
        ("analyst", ("/account", *STAFF)),
        ("editor", ("/account", "/history", "/history/1")),
        ("admin", ("/account", "/accounts", "/access-log", "/history", "/history/1")),
    ],
)
def test_axe_finds_nothing_on_the_pages_of_a_role(
    visiting: Visiting, served: Serving, role: str, paths: tuple[str, ...], lang: str
) -> None:
    visit = visiting(served)
    signed_in(visit, role)
    found = []
    for path in paths:
        page = visit.open(f"{path}{'&' if '?' in path else '?'}lang={lang}")
        assert (page.locator("html").get_attribute("lang") or "").startswith(lang)
        found += [f"{path}: {line}" for line in violations(page)]
        page.emulate_media(color_scheme="dark")
        found += [f"{path} dark: {line}" for line in violations(page, of_colours=True)]
        page.emulate_media(color_scheme="light")
        if not visit.fits():
            found.append(f"{path}: wider than the window")
    assert found == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_where_one_signs_in_or_is_told_that_it_failed(
    visiting: Visiting, served: Serving, lang: str
) -> None:
    visit = visiting(served)
    visit.expect("401")
    page = visit.open(f"/sign-in?lang={lang}")
    assert violations(page) == []
    page.locator("[name=name]").fill("nobody")
    page.locator("[name=password]").fill("a wrong password")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, of_colours=True) == []


@pytest.mark.parametrize("role", SEEN)
def test_what_the_navigation_hides_from_a_role_is_refused_too(
    visiting: Visiting, served: Serving, role: str
) -> None:
    visit = visiting(served)
    visit.expect("403")
    page = signed_in(visit, role)
    assert navigation(page) & (GUARDED | {"/account"}) == SEEN[role]
    for path in sorted(GUARDED):
        answer = page.goto(served.origin + path)
        assert answer is not None
        assert answer.status == (200 if path in SEEN[role] else 403), path


def test_the_public_sees_no_guarded_page_and_is_asked_to_sign_in(visiting: Visiting, served: Serving) -> None:
    page = visiting(served).open("/?lang=en")
    assert not navigation(page) & (GUARDED | {"/account"})
    assert "/sign-in" in navigation(page)
    for path in sorted(GUARDED):
        page.goto(served.origin + path)
        assert page.url.startswith(f"{served.origin}/sign-in?next="), path


def test_signing_out_takes_the_pages_away(visiting: Visiting, served: Serving) -> None:
    page = signed_in(visiting(served), "admin")
    page.goto(f"{served.origin}/account")
    page.get_by_role("button", name="Sign out").press("Enter")
    page.get_by_role("link", name="Sign in", exact=True).wait_for()
    page.goto(f"{served.origin}/accounts")
    assert page.url.startswith(f"{served.origin}/sign-in")
