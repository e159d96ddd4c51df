"""A credit file in a browser: by keyboard, on a phone, on paper, nothing from a network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.chromium import chromium, quiet_page
from tests.creditfile.file.tellings import AS_OF, LATER, TERMS, subject_of, tellings, told
from tests.creditfile.file.test_disputes import dispute
from tradeline.creditfile.file.opening import open_figure
from tradeline.creditfile.file.page import file_page
from tradeline.creditfile.file.parts import FIGURES
from tradeline.creditfile.file.record import read_file
from tradeline.lake.contracts import BY_NAME

DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}

SIDEWAYS = """[...document.querySelectorAll('.wide')].filter(
  each => each.scrollWidth > each.clientWidth).map(each => each.getAttribute('aria-label'))"""
"""The tables that have to be moved sideways to be read."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file in which something is known of every contract, and one record is disputed."""
    tables = tellings(4, 8)
    first = open_figure(subject_of(tables, AS_OF, LATER), FIGURES["bank_in_12m"])[0]
    tables["disputes"] = told(BY_NAME["disputes"], [dispute(first.record)])
    path: Path = tmp_path_factory.mktemp("file") / "file.html"
    file = read_file(subject_of(tables, AS_OF, LATER), TERMS, 5)
    path.write_text(file_page(file, "lake"), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with quiet_page(browser) as opened:
        opened.goto(address)
        yield opened


def test_a_figure_opens_to_its_rows_by_keyboard(page: Page) -> None:
    figure = page.locator("#figure-bank_in_12m")
    rows = figure.get_by_role("region")
    expect(rows).to_be_hidden()
    figure.locator("> summary").focus()
    page.keyboard.press("Enter")
    expect(rows).to_be_visible()
    expect(figure.get_by_text("Without it this would be")).to_be_visible()


def test_the_keyboard_reaches_the_file_first_by_a_skip_link(page: Page) -> None:
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the file")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_part_is_reached_by_its_link(page: Page) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Cash").click()
    expect(page.get_by_role("heading", name="Cash", exact=True)).to_be_in_viewport()


def test_on_paper_the_ways_about_are_left_out_and_every_figure_is_there(page: Page) -> None:
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation")).to_be_hidden()
    assert page.locator("details.figure > summary:visible").count() == len(FIGURES)


@pytest.mark.parametrize(("viewport", "dark"), [(DESK, False), (PHONE, True)])
def test_no_rule_of_accessibility_is_broken(
    browser: Browser, address: str, viewport: ViewportSize, dark: bool
) -> None:
    with quiet_page(browser, viewport, dark=dark) as page:
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        violations = Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in violations] == []
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]


def test_on_a_phone_no_table_has_to_be_moved_sideways(browser: Browser, address: str) -> None:
    with quiet_page(browser, {"width": 380, "height": 800}) as page:
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert page.evaluate(SIDEWAYS) == []
        expect(page.locator("#figure-bank_in_12m td[data-label=record]").first).to_be_visible()
