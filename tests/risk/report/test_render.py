"""The report is one page that stands alone, whatever the data hold."""

import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.risk.report.sample import APPROVED, NO_DATA, REPORT
from tradeline.kernel.findings import Severity
from tradeline.risk.report.data import Report
from tradeline.risk.report.pages import PAGES_MAX
from tradeline.risk.report.render import gain_minor, groups, render_report, years

VOID = {"meta", "link", "input", "br"}


class Page(HTMLParser):
    """Parses a page strictly: each tag that opens closes in order; collects what tests ask."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names))
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.words.append(data)

    @property
    def text(self) -> str:
        """The words a reader sees, blanks made one."""
        return " ".join(" ".join(self.words).split())

    def values(self, attribute: str) -> list[str]:
        """Every value of an attribute, in order."""
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]


def page(report: Report = REPORT) -> Page:
    return Page(render_report(report))


def test_the_page_is_well_formed_and_its_links_lead_somewhere() -> None:
    parsed = page()
    ids = parsed.values("id")
    assert not [each for each, count in Counter(ids).items() if count > 1]
    links = {link.removeprefix("#") for link in parsed.values("href") if link != "data:,"}
    assert links <= set(ids)
    assert set(" ".join(parsed.values("aria-labelledby")).split()) <= set(ids)
    assert set(parsed.values("for")) <= set(ids)


def test_the_page_needs_no_network() -> None:
    html = render_report(REPORT)
    assert not re.search(r"https?://|//[a-z]|@import|url\(", html)
    parsed = Page(html)
    assert parsed.values("src") == []
    assert all(link.startswith(("#", "data:")) for link in parsed.values("href"))
    assert (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src "
        in (html)
    )


def test_the_summary_says_it_in_plain_words() -> None:
    text = page().text
    assert (
        "Of 3 firms, 1 is approved, 1 declined and 1 referred to a credit officer. The budget of "
        "CNY 100,000,000 limits expected drawings. The offers come to CNY 300,000; not every firm "
        "will take its offer, so CNY 213,000 is expected to be drawn, for an expected profit of "
        "CNY 6,123. One more CNY of budget would add about CNY 0.043 to it."
    ) in text
    assert "Offered CNY 300,000 Expected drawings CNY 213,000 Expected profit CNY 6,123" in text


def test_warnings_stand_before_all_figures() -> None:
    html = render_report(REPORT)
    assert "rest on 13\u00a0defaults among 60\u00a0firms" in html
    assert "calibrated to a stated portfolio default rate of 5.0\u00a0%" in html
    assert html.index("Few defaults") < html.index('id="firms"') < html.index('id="validation"')


def test_a_firm_has_a_page_with_all_that_decided() -> None:
    text = page(replace(REPORT, firms=(APPROVED,))).text
    for words in (
        "Approved CNY 300,000 at 8.45 % a year for 365 days. "
        "Decided by budget. More would pay, but the budget earns more elsewhere.",
        "PD within 365 days 2.1 % PD range, 90 % 1.2 % to 4.3 %",
        "It does not cover this firm’s fate",
        "What took most points from the score; 50 points double the odds that it repays",
        "Points Dependence on one buyer The largest buyer takes 71 % of sales. −18",
        "Bring that buyer below 40 %. Takes 6 months; verified by tax invoices.",
        "2019 CNY 7,800,000 CNY 720,000",
        "B00113 CNY 850,000 71.0 %",
        "Longest gap 12 days Tax burden –",
        "A 20 %, B 50 %, C 30 %; 71 % likely to take the offer",
        "What would change it The firm may apply again. Bring that buyer",
        "Declined . PD 14.0 %. Its PD no longer pays.",
        "The firm may see the records behind this page and contest them: it writes to the lender, "
        "naming itself as E124 , the date 2020-02-28 and the figure that looks wrong.",
    ):
        assert words in text, words


def test_hostile_names_are_shown_and_do_nothing() -> None:
    names = ("<script>alert(1)</script>", "\"' onload=x", "\u202egnp\u2066", "N" * 10_000, "\x00")
    firms = tuple(
        replace(APPROVED, enterprise=each, name=each, industry=each, buyers=()) for each in names
    )
    html = render_report(replace(REPORT, title=names[0], firms=firms, scenario=None))
    parsed = Page(html)
    assert [tag for tag, _ in parsed.tags].count("script") == 1
    assert "onload" not in {name for _, attributes in parsed.tags for name in attributes}
    assert names[0] in parsed.text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00]", html)
    assert "N" * 81 not in html
    assert "(no name)" in parsed.text


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=[]), max_size=60))
def test_no_text_breaks_the_page(text: str) -> None:
    firm = replace(
        APPROVED,
        enterprise=text,
        name=text,
        grade=text,
        binding_constraint=text,
        reasons=(replace(APPROVED.reasons[0], factor=text, text=text),),
        buyers=(replace(APPROVED.buyers[0], name=text),),
    )
    report = replace(REPORT, firms=(firm,), scenario=None, currency=text)
    usual = [tag for tag, _ in page(replace(REPORT, firms=(APPROVED,), scenario=None)).tags]
    parsed = page(report)
    assert sorted(set(usual)) == sorted({tag for tag, _ in parsed.tags})
    render_report(report).encode()


def test_a_folder_without_firms_gives_a_page() -> None:
    text = page(replace(REPORT, firms=(), scenario=None)).text
    assert "There is no firm to decide on." in text
    assert "There is no firm to show." in text


def test_no_approval_is_said() -> None:
    text = page(replace(REPORT, firms=(NO_DATA,), scenario=None)).text
    assert "No firm is approved, so nothing is offered of the budget of CNY 100,000,000." in text
    assert "There is no PD: too little is known of this firm to score it." in text


def test_without_outcomes_there_is_no_roc_and_the_scorecard_is_marked() -> None:
    text = page(replace(REPORT, validation=None, scored_by="expert")).text
    assert "there is no ROC, no calibration and no figure of the model" in text
    assert "An expert scorecard, not a model" in text


def test_every_part_may_be_empty() -> None:
    text = page(
        replace(REPORT, suspicious=(), sources=(), findings=(), model_card=(), manifest=())
    ).text
    for words in ("No feature looks like", "No file was read.", "Nothing was found wrong"):
        assert words in text
    assert "No model card was given. Manifest No manifest was given." in text


def test_a_scenario_that_moves_nobody_says_so() -> None:
    assert REPORT.scenario is not None
    still = replace(REPORT, scenario=replace(REPORT.scenario, moves=()))
    assert "No decision moves under this scenario." in page(still).text


def test_a_scenario_shows_the_portfolio_before_and_after() -> None:
    text = page().text
    assert "Approved 1 0 Declined 1 2 Referred 1 1 Offered CNY 300,000 CNY 0" in text


def test_rows_that_do_not_add_up_are_an_error() -> None:
    source = replace(REPORT.sources[0], rows_refused=9)
    text = page(replace(REPORT, sources=(source,))).text
    assert "In sales.csv, accepted and refused rows are not all that were read." in text
    assert "1,000 990 9 no" in text


def test_the_list_can_be_searched_filtered_and_sorted_by_keyboard() -> None:
    parsed = page()
    headers = [attributes for tag, attributes in parsed.tags if "aria-sort" in attributes]
    assert len(headers) == 10
    buttons = [attributes for tag, attributes in parsed.tags if tag == "button"]
    assert all(attributes["type"] == "button" for attributes in buttons)
    assert len(buttons) == len(headers)
    assert parsed.values("for") == ["search"]
    assert parsed.values("data-outcome") == ["approve", "decline", "refer"]


def test_a_screen_reader_finds_its_way() -> None:
    parsed = page()
    tags = [tag for tag, _ in parsed.tags]
    assert tags.count("main") == tags.count("h1") == tags.count("header") == 1
    assert tags.count("caption") == tags.count("table")
    assert tags.count("svg") == tags.count("desc") == parsed.values("role").count("img")


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render_report(REPORT) == render_report(REPORT)
    script = (
        "from tests.risk.report.sample import REPORT\n"
        "from tradeline.risk.report.render import render_report\n"
        "from tradeline.kernel.hashing import hash_bytes\n"
        "print(hash_bytes(render_report(REPORT).encode()))"
    )
    root = Path(__file__).parents[3]
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_two_thousand_firms_stay_small_and_quick() -> None:
    firms = tuple(replace(APPROVED, enterprise=f"E{n}") for n in range(2000))
    start = process_time()
    html = render_report(replace(REPORT, firms=firms, scenario=None))
    assert process_time() - start < 5
    assert len(html.encode()) / 2000 < 10_000


def test_a_great_report_has_pages_for_the_first_firms_and_says_so() -> None:
    firms = tuple(replace(APPROVED, enterprise=f"E{n}") for n in range(PAGES_MAX + 2))
    parsed = page(replace(REPORT, firms=firms, scenario=None))
    assert parsed.values("class").count("firm") == PAGES_MAX
    assert len(parsed.values("data-outcome")) == PAGES_MAX + 2
    assert "The first 1,000 firms of this list have a page here. The reasons of all" in parsed.text
    last = parsed.text.split(f"Halden Textiles E{PAGES_MAX - 1}")
    assert len(last) > 1
    assert f"#firm-E{PAGES_MAX}" not in parsed.values("href")


def test_a_report_that_has_a_page_for_each_firm_says_nothing_of_it() -> None:
    assert "have a page here" not in page().text


@pytest.mark.parametrize("name", ["portfolio", "scenario", "firms", "firm-E124"])
def test_every_pd_stands_near_its_horizon_its_definition_and_its_rate(name: str) -> None:
    html = render_report(REPORT)
    start = re.search(f'<section [^>]*id="{name}"', html)
    assert start
    section = html[start.start() : html.index("</section>", start.start())]
    assert (
        "PD: the chance of default within 365\u00a0days, at a stated portfolio default rate of "
        "5.0\u00a0%. Default as the bank recorded it."
    ) in section


def test_a_grade_shows_its_likely_default_rate_with_its_interval() -> None:
    assert "A 2 2.1 % 0.42 % to 6.1 % 1 0 1 CNY 300,000" in page().text


def test_the_plan_stands_beside_simple_rules() -> None:
    text = page().text
    assert "Profit above the best simple rule CNY 123" in text
    assert "this plan CNY 6,123 – one rate for a grade CNY 6,000 CNY 123 (2.1 %)" in text
    assert "has an expected profit that is greater by more than 0.0100 %." in text
    assert gain_minor(replace(REPORT.portfolio, simple_plans=())) is None


def test_without_a_gap_the_plan_is_the_best() -> None:
    best = replace(REPORT, portfolio=replace(REPORT.portfolio, gap=0.0, simple_plans=()))
    text = page(best).text
    assert "It is proven that no plan within the same limits has a greater expected profit." in text
    assert "simple rule" not in text


def test_suspicious_features_show_the_figure_with_and_without_them() -> None:
    assert (
        "AUC without them: 0.810 (0.680 to 0.920). With them: 0.840 (0.700 to 0.950)."
        in page().text
    )


def test_findings_come_worst_first_and_their_code_is_set_apart() -> None:
    note = replace(REPORT.findings[0], severity=Severity.NOTE, message="Map `recorded_at` <b>.")
    error = replace(REPORT.findings[0], severity=Severity.ERROR, message="Broken.")
    html = render_report(replace(REPORT, findings=(note, REPORT.findings[0], error)))
    assert html.index("Broken.") < html.index("10 rows stand twice.") < html.index("Map ")
    assert "Map <code>recorded_at</code> &lt;b&gt;." in html


def test_a_firm_stands_in_a_report_once() -> None:
    with pytest.raises(AssertionError, match="each firm stands in the report once"):
        replace(REPORT, firms=(APPROVED, APPROVED), scenario=None)


def test_groups_count_every_firm_and_sum_every_offer() -> None:
    graded = groups(REPORT.firms, [firm.grade for firm in REPORT.firms])
    assert [(each.name, each.firms, each.offered_minor) for each in graded] == [
        ("A", 2, 30_000_000),
        ("", 1, 0),
    ]


def test_years_sum_their_months() -> None:
    assert [
        (each.year, each.sales_minor, each.purchases_minor) for each in years(APPROVED.months)
    ] == [(2019, 780_000_000, 72_000_000)]
