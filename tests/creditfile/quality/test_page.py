"""The page and the tables: everything in one file, nothing from a network, bars that add up."""

import re
from dataclasses import replace

import pytest

from tests.creditfile.quality.test_features import FIRST, QUALITIES
from tradeline.creditfile.quality.page import (
    BAR,
    calendar,
    lag_bars,
    quality_page,
    reconciliation_bars,
)
from tradeline.creditfile.quality.record import Quality
from tradeline.creditfile.quality.text import details, overview, rows_text, share, span


def test_the_page_needs_nothing_from_outside() -> None:
    page = quality_page(QUALITIES)
    assert page.startswith("<!doctype html>")
    assert not re.search(r"https?:|<script|<link(?! rel=\"icon\" href=\"data:,\")|@import", page)


def test_the_same_records_give_the_same_page() -> None:
    assert quality_page(QUALITIES) == quality_page(qualities_again())


def qualities_again() -> tuple[Quality, ...]:
    return tuple(replace(quality) for quality in QUALITIES)


def test_what_a_firm_or_source_is_called_cannot_break_the_page() -> None:
    sly = '<script>alert("x")</script>'
    items = tuple(replace(item, source=sly) for item in FIRST.timeliness)
    page = quality_page([replace(FIRST, enterprise=sly, timeliness=items)])
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_parts_of_a_bar_fill_it() -> None:
    drawn = str(reconciliation_bars(FIRST.reconciliations))
    widths = [float(width) for width in re.findall(r'width="([\d.]+)" height', drawn)]
    assert sum(widths) == pytest.approx(BAR * len(FIRST.reconciliations), abs=1)
    titles = [int(number) for number in re.findall(r"<title>[a-z ]+: (\d+)</title>", drawn)]
    facts = sum(item.judged + item.open.facts for item in FIRST.reconciliations)
    assert sum(titles) == facts


def test_a_calendar_has_a_cell_for_each_month() -> None:
    drawn = str(calendar(FIRST.rhythms))
    for state, marks in (
        ("missing", [m for rhythm in FIRST.rhythms for m in rhythm.missing]),
        ("told", [rows > 0 for rhythm in FIRST.rhythms for rows in rhythm.rows_by_month]),
    ):
        assert drawn.count(f'class="{state}"') == sum(marks)
    assert str(calendar([])) == ""


def test_a_lag_longer_than_twice_the_promise_is_cut() -> None:
    slow = replace(FIRST.timeliness[0], lag_median_s=10**9, lag_p95_s=10**9)
    assert f'width="{BAR:.1f}"' in str(lag_bars([slow]))
    one_clock = replace(slow, lag_median_s=None, lag_p95_s=None, late_rows=None)
    assert "one clock: no lag is known" in str(lag_bars([one_clock]))


def test_a_firm_of_which_nothing_is_known_says_so() -> None:
    nothing = QUALITIES[-1]
    assert details(nothing) == (
        "E4 as of 2024-09-30, known at 2024-09-30 (end of day, UTC)\n\n"
        "Nothing is known of the firm."
    )
    assert "Nothing is known of the firm." in quality_page([nothing])
    assert overview([nothing]).splitlines()[1].split() == ["E4", *["-"] * 8]


def test_the_details_have_every_section_of_which_something_is_known() -> None:
    titles = [part.splitlines()[0] for part in details(FIRST).split("\n\n")[1:]]
    assert titles == [
        "TIMELINESS", "MONTHS", "OPTIONAL FIELDS", "RECONCILIATION (facts)", "CONSISTENCY",
        "CONFLICTS (the first of each dataset)", "ACCURACY",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, "-"), (float("nan"), "-"), (1.0, "100.0 %"), (0.99999, "99.9 %"), (0.0, "0.0 %")],
)
def test_only_a_whole_is_written_100(value: float | None, written: str) -> None:
    assert share(value) == written


@pytest.mark.parametrize(
    ("seconds", "written"), [(None, "-"), (7200, "2 h"), (172_800, "2 d"), (172_799, "47 h")]
)
def test_times_are_written_in_days_or_hours(seconds: int | None, written: str) -> None:
    assert span(seconds) == written


def test_no_rows_are_said_in_words() -> None:
    assert rows_text(()) == (
        "No row stands behind this number: it is 0, or nothing is known of it."
    )
