"""The page and the document: all in one file, safe whatever the data hold, the same each time."""

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest

from tests.creditfile.file.tellings import AS_OF, LATER, TERMS, subject_of, tellings
from tradeline.creditfile.file.charts import month_bars
from tradeline.creditfile.file.declaration import Listing
from tradeline.creditfile.file.document import file_pdf
from tradeline.creditfile.file.page import file_page
from tradeline.creditfile.file.parts import FIGURES, LISTINGS
from tradeline.creditfile.file.quality_words import span_words
from tradeline.creditfile.file.reckoning import Value, reckon
from tradeline.creditfile.file.record import SubjectFile, read_file
from tradeline.creditfile.file.tables import file_json
from tradeline.creditfile.file.words import cell_words, how_words, money, percent, value_words

SLY = '<script>alert("x")</script>\u202e'


def read() -> SubjectFile:
    return read_file(subject_of(tellings(1, 22), AS_OF, LATER), TERMS, 5)


@cache
def whole() -> SubjectFile:
    """A file in which something is known of every contract."""
    return read()


def test_the_page_needs_nothing_from_outside_and_no_script() -> None:
    page = file_page(whole(), "lake")
    assert page.startswith("<!doctype html>")
    assert not re.search(r"https?:|<script|<link(?! rel=\"icon\" href=\"data:,\")|@import", page)


def test_the_same_rows_give_the_same_page_the_same_json_and_the_same_document() -> None:
    first, second = whole(), read()
    assert file_page(first, "lake") == file_page(second, "lake")
    assert file_json(first) == file_json(second)
    assert file_pdf(first) == file_pdf(second)


def test_what_strangers_wrote_cannot_break_the_page_or_the_document() -> None:
    tables = tellings(2, 6)
    for name, column in (("enterprises", "name"), ("sales_invoices", "counterparty"),
                         ("court_cases", "court"), ("orders", "source")):  # fmt: skip
        tables[name] = [row | {column: SLY} for row in tables[name]]
    file = read_file(subject_of(tables, AS_OF, LATER), TERMS, 50)
    page = file_page(replace(file, enterprise=SLY), SLY)
    assert "<script" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;" in page
    assert file_pdf(replace(file, name="ไทย नमस्ते 🙂 \u0000")).startswith(b"%PDF-")


def test_every_figure_and_list_of_which_anything_is_known_stands_on_the_page() -> None:
    page = file_page(whole(), "lake")
    for name in FIGURES:
        assert f'id="figure-{name}"' in page
    for name in LISTINGS:
        assert f'<h3 id="{name}">' in page


def test_a_long_figure_shows_its_newest_rows_and_says_how_to_have_all() -> None:
    file = whole()
    page = file_page(file, "lake")
    (rows,) = (p.rows["bank_entries_12m"] for p in file.parts if "bank_entries_12m" in p.rows)
    assert len(rows) == 5
    assert (
        "tradeline file rows E1 bank_entries_12m --lake lake --as-of 2024-09-30 "
        "--known-at 2024-12-31 --format csv"
    ) in page


def test_a_chart_says_in_words_what_it_shows_and_draws_each_month_that_is_not_zero() -> None:
    found = reckon(
        subject_of({"bank_transactions": tellings(8, 40)["bank_transactions"]}, AS_OF, LATER),
        tuple(FIGURES.values()),
    )
    months = [m for m in found["bank_in_by_month"].months if m.value.unit == "CNY"]
    drawn = str(month_bars(FIGURES["bank_in_by_month"], months))
    assert drawn.count("M") - 1 == sum(month.value.adds != 0 for month in months)
    assert "<title>Received on accounts, month by month</title>" in drawn
    assert f"{months[0].month:%Y-%m} to {months[-1].month:%Y-%m}; the longest bar is CNY" in drawn


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "orders_cancelled_12m",
            "Orders on platforms where status is cancelled, 12 months, over orders on platforms, "
            "12 months.",
        ),
        (
            "loans_outstanding",
            "Added up: outstanding (by currency) of loans as each source last told for each loan "
            "no of each identifier (once where currency, principal, drawn at agree too) where "
            "status is not repaid and status is not written off.",
        ),
        (
            "sales_by_month",
            "Added up by calendar month, the last 36 months: gross (by currency) of invoices to "
            "buyers where status is valid.",
        ),
    ],
)
def test_how_a_figure_is_made_follows_from_its_declaration(name: str, words: str) -> None:
    assert how_words(FIGURES[name]) == words


def test_amounts_are_exact_and_in_the_units_of_their_currency() -> None:
    assert money(-125_000_05, "CNY") == "CNY\u00a0\u2212125,000.05"
    assert money(1_250_000, "JPY") == "JPY\u00a01,250,000"
    assert money(0, "") == "0.00"
    assert percent(9999, 10_000) == "99.9\u00a0%"
    assert percent(1, 0) == "–"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "less than an hour"), (3600, "1 hour"), (47 * 3600, "47 hours"), (98 * 86_400, "98 days")],
)
def test_the_age_of_records_is_written_out(seconds: int, words: str) -> None:
    assert span_words(seconds) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [
        ("1", "1.00, like 1.0 of equal size (CNY)"),
        ("0.289783", "0.29, like 3.5 of equal size (CNY)"),
        ("0.000791", "0.000791, like 1,264.2 of equal size (CNY)"),
    ],
)
def test_a_concentration_says_how_many_alike_it_is_like(share: str, words: str) -> None:
    figure = FIGURES["buyers_concentration_12m"]
    assert value_words(figure, Value("CNY", Decimal(share))) == words


def test_a_cell_is_written_by_the_kind_of_its_field() -> None:
    listing: Listing = LISTINGS["loan_list"]
    cells = (("rate_annual", 0.0435), ("principal_minor", 100_00), ("drawn_at", AS_OF),
             ("status", "written_off"), ("days_past_due", 3.0), ("due_at", None))  # fmt: skip
    shown = [cell_words(listing.rows.contract, column, value, "EUR") for column, value in cells]
    assert shown == ["4.35\u00a0%", "EUR\u00a0100.00", "2024-09-30 23:59", "written off", "3", "–"]
