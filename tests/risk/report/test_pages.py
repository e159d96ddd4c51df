"""Each firm has a place in the report, the first ones a page with its neighbours."""

import re
from dataclasses import replace

from tests.risk.report.sample import APPROVED, NO_DATA, REPORT
from tradeline.risk.report.pages import anchor, pages

FIRMS = tuple(replace(APPROVED, enterprise=f"E{n}") for n in range(4))


def test_pages_lead_to_their_neighbours() -> None:
    shown = pages(replace(REPORT, firms=FIRMS[:3], scenario=None))
    assert [(page.previous, page.anchor, page.next) for page in shown] == [
        ("", "firm-E0", "firm-E1"),
        ("firm-E0", "firm-E1", "firm-E2"),
        ("firm-E1", "firm-E2", ""),
    ]


def test_beyond_the_most_there_is_no_page_and_no_link() -> None:
    shown = pages(replace(REPORT, firms=FIRMS, scenario=None), most=2)
    assert [(page.previous, page.anchor, page.next) for page in shown] == [
        ("", "firm-E0", "firm-E1"),
        ("firm-E0", "firm-E1", ""),
        ("", "", ""),
        ("", "", ""),
    ]


def test_a_page_tells_what_decided_from_what_moved_the_score() -> None:
    page, *_ = pages(replace(REPORT, firms=(APPROVED, NO_DATA), scenario=None))
    assert page.decided == "More would pay, but the budget earns more elsewhere."
    assert [reason.points for reason in page.losses] == [-18]


def test_an_identifier_that_is_no_plain_word_still_has_a_place_of_its_own() -> None:
    assert anchor("E124") == "firm-E124"
    odd = [anchor("a b"), anchor("a/b"), anchor("企业"), anchor("x" * 41), anchor("\ud800")]
    assert len(set(odd)) == 5
    assert all(re.fullmatch("firm-[0-9a-f]{20}", each) for each in odd)
