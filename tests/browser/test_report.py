"""The report in a browser: by mouse, by keyboard, on paper, and with nothing from the network."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.chromium import chromium, quiet_page
from tests.risk.report.sample import APPROVED, NO_DATA, REFERRED, REPORT
from tradeline.risk.report.data import Interval, Outcome
from tradeline.risk.report.render import render_report

DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
SECTIONS = (
    "summary", "portfolio", "scenario", "firms", "validation", "suspicious", "data", "card",
    "manifest",
)  # fmt: skip
APPROVED_FIRMS = tuple(
    replace(
        APPROVED,
        enterprise=f"E{n}",
        name=f"{name} Works",
        pd=Interval(pd, pd / 2, 2 * pd),
        amount_minor=n * 10_000_000,
    )
    for n, name, pd in ((9, "Cedar", 0.02), (10, "Alder", 0.004), (11, "Birch", 0.09))
)
FIRMS = (*APPROVED_FIRMS, replace(APPROVED, enterprise="E124"), REFERRED, NO_DATA)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render_report(replace(REPORT, firms=FIRMS)), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with quiet_page(browser) as opened:
        opened.goto(address)
        yield opened


def names(page: Page) -> list[str]:
    """The firms that the list shows, in their order."""
    return page.locator("#firm-table tbody tr:visible a").all_inner_texts()


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_the_search_filters_by_name_identifier_and_industry(page: Page) -> None:
    search = page.get_by_label("Search by name, identifier or industry")
    search.fill("ALDER")
    assert names(page) == ["Alder Works"]
    expect(page.get_by_role("status")).to_have_text("1 of 6 firms shown")
    search.fill("e125")
    assert names(page) == ["Quiet Trading"]
    search.fill("textiles")
    assert len(names(page)) == 5
    search.fill("nobody")
    assert names(page) == []
    expect(page.get_by_role("status")).to_have_text("0 of 6 firms shown")


@pytest.mark.parametrize(("outcome", "count"), [("approve", 4), ("decline", 1), ("refer", 1)])
def test_the_outcome_filters_by_keyboard(page: Page, outcome: Outcome, count: int) -> None:
    chosen = page.locator(f"input[value={outcome}]")
    chosen.focus()
    page.keyboard.press("Space")
    expect(chosen).to_be_checked()
    assert len(names(page)) == count


def test_a_column_is_sorted_by_keyboard_and_says_so(page: Page) -> None:
    pd = page.get_by_role("columnheader", name="PD", exact=True)
    pd.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert names(page)[:2] == ["Alder Works", "Cedar Works"]
    assert names(page)[-2:] == ["Birch Works", "Quiet Trading"]
    expect(pd).to_have_attribute("aria-sort", "ascending")
    page.keyboard.press("Space")
    assert (names(page)[0], names(page)[-1]) == ("Birch Works", "Quiet Trading")
    expect(pd).to_have_attribute("aria-sort", "descending")
    page.get_by_role("button", name="Firm", exact=True).press("Enter")
    assert names(page)[0] == "Alder Works"
    expect(pd).to_have_attribute("aria-sort", "none")


def test_a_firm_opens_alone_and_the_way_back_leads_to_its_row(page: Page) -> None:
    link = page.locator("#firm-table").get_by_role("link", name="Birch Works")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Birch Works")).to_be_visible()
    expect(page.locator("#summary")).to_be_hidden()
    expect(page).to_have_title("Birch Works – Applicants of spring")
    assert page.locator("section.firm:visible").count() == 1
    page.keyboard.press("Tab")
    assert focused(page) == "All firms"
    page.keyboard.press("Enter")
    expect(page.locator("#firm-table")).to_be_visible()
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    expect(page).to_have_title("Applicants of spring")


def test_firms_lead_to_their_neighbours_and_the_history_leads_back(page: Page) -> None:
    page.locator("#firm-table").get_by_role("link", name="Cedar Works").click()
    page.get_by_role("link", name="Next firm").locator("visible=true").click()
    expect(page.get_by_role("heading", name="Alder Works")).to_be_visible()
    page.get_by_role("link", name="Previous firm").locator("visible=true").click()
    expect(page.get_by_role("heading", name="Cedar Works")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Alder Works")).to_be_visible()


def test_the_keyboard_reaches_the_report_first_by_a_skip_link(page: Page) -> None:
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the report")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_tabbing_goes_through_the_page_from_top_to_bottom_and_shows_where_it_is(
    page: Page,
) -> None:
    places = []
    for _ in range(60):
        page.keyboard.press("Tab")
        place = page.evaluate(
            """() => {
              const at = document.activeElement, box = at.getBoundingClientRect();
              if (at === document.body) return null;
              const style = getComputedStyle(at);
              return [at.closest("section")?.id ?? "", style.outlineStyle, box.width > 0];
            }"""
        )
        if place is None:
            break
        places.append(place)
    assert len(places) > 30
    assert {outline for _, outline, _ in places} == {"solid"}
    assert all(visible for _, _, visible in places)
    order = [SECTIONS.index(section) for section, _, _ in places if section]
    assert order == sorted(order)


def test_on_paper_every_section_every_firm_and_every_row_is_there(page: Page) -> None:
    page.get_by_label("Search by name, identifier or industry").fill("alder")
    page.emulate_media(media="print")
    for section in SECTIONS:
        expect(page.locator(f"#{section}")).to_be_visible()
    assert page.locator("section.firm:visible").count() == len(FIRMS)
    assert len(names(page)) == len(FIRMS)
    expect(page.locator("#controls")).to_be_hidden()
    expect(page.get_by_text("Firms grouped by PD")).to_be_visible()
    assert page.locator("nav:visible").count() == 0


def test_from_a_firm_s_page_that_firm_alone_is_printed(page: Page, address: str) -> None:
    page.goto(f"{address}#firm-E10")
    page.emulate_media(media="print")
    assert page.locator("section.firm:visible").count() == 1
    expect(page.locator("#summary")).to_be_hidden()
    expect(page.get_by_role("heading", name="Alder Works")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("viewport", [DESK, PHONE])
@pytest.mark.parametrize("place", ["", "#firm-E10"])
def test_no_rule_of_accessibility_is_broken(
    browser: Browser, address: str, place: str, viewport: ViewportSize, dark: bool
) -> None:
    with quiet_page(browser, viewport, dark=dark) as page:
        page.goto(address + place)
        violations = Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in violations] == []


@pytest.mark.parametrize("place", ["", "#firm-E10"])
def test_a_phone_shows_the_whole_width(browser: Browser, address: str, place: str) -> None:
    with quiet_page(browser, PHONE) as page:
        page.goto(address + place)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_without_scripts_the_list_and_the_firms_can_still_be_read(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#controls")).to_be_hidden()
    page.locator("#firm-table").get_by_role("link", name="Birch Works").click()
    expect(page.get_by_role("heading", name="Birch Works")).to_be_visible()
    expect(page.locator("#summary")).to_be_hidden()
    context.close()
