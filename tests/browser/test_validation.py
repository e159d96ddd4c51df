"""A validation pack in a browser: on a desk and on a phone, nothing from a network."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser.chromium import chromium, quiet_page
from tests.risk.modelling.loans import asked, loans, write_csv
from tradeline.risk.modelling.pack import Question, validate
from tradeline.risk.modelling.page import pack_page
from tradeline.risk.modelling.tables import read_table
from tradeline.risk.modelling.train import train

DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A pack with every part of it."""
    folder: Path = tmp_path_factory.mktemp("pack")
    model = train(asked(write_csv(folder / "loans.csv", loans()), "default")).model
    later = read_table(write_csv(folder / "later.csv", loans(seed=2)))
    question = Question("default", "day", segments=("trade",), groups=("trade",))
    page = folder / "pack.html"
    pack = validate(model, later, question, date(2025, 1, 1), model)
    page.write_text(pack_page(pack), encoding="utf-8")
    return page.as_uri()


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


def test_the_contents_lead_to_every_part(browser: Browser, address: str) -> None:
    with quiet_page(browser, DESK) as page:
        page.goto(address)
        links = page.get_by_role("navigation").get_by_role("link")
        assert links.count() == 8
        for place in range(links.count()):
            links.nth(place).click()
            target = (links.nth(place).get_attribute("href") or "")[1:]
            expect(page.locator(f"#{target}-h")).to_be_in_viewport()
