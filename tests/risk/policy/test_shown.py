"""A policy is shown so that a reader who writes no programs can hold it against what was meant."""

import re

import pytest

from tests.risk.policy.policies import EXAMPLE
from tests.risk.policy.test_reading import TEXT, spoiled
from tradeline.risk.policy.cells import Interval, Kind, parse_cell
from tradeline.risk.policy.declaration import Input, Output
from tradeline.risk.policy.reading import policy_of, read_policy, read_policy_file
from tradeline.risk.policy.shown import (
    cell_words,
    interval_words,
    policy_page,
    policy_text,
    show,
    value_words,
)

SHARE = Input("pd", Kind.NUMBER, "share")
MONEY = Input("cap_minor", Kind.INTEGER, "minor")
DAYS = Input("days", Kind.INTEGER, "days")
SECTOR = Input("sector", Kind.CATEGORY, levels=("a", "b"))


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("any", SHARE, "–"),
        ("known", SHARE, "known"),
        ("missing or stale", DAYS, "missing or stale"),
        ("[0.02, 0.05)", SHARE, "from 2 % to below 5 %"),
        ("(0.4, 0.5]", SHARE, "above 40 % to 50 %"),
        ("< 0.125", SHARE, "below 12.5 %"),
        (">= 10", DAYS, "at least 10 days"),
        ("> 10", DAYS, "above 10 days"),
        ("<= 10", DAYS, "at most 10 days"),
        ("not [1, 2]", DAYS, "not from 1 days to 2 days"),
        ("= 150000050", MONEY, "1,500,000.50 CNY"),
        ("< -5", MONEY, "below -0.05 CNY"),
        ("not in a, b", SECTOR, "not a or b"),
        ("missing or = a", SECTOR, "missing or a"),
    ],
)
def test_a_cell_is_told_in_words(text: str, column: Input, words: str) -> None:
    assert cell_words(parse_cell(text, column.kind), column, "CNY") == words


def test_values_have_their_units() -> None:
    assert value_words(0.065, Output("r", Kind.NUMBER, "share per year"), "CNY") == "6.5 % a year"
    assert value_words(True, Output("x", Kind.BOOLEAN), "CNY") == "yes"
    assert value_words(5, Output("x", Kind.INTEGER, "minor"), "JPY") == "5 JPY"
    assert interval_words(Interval(1.5, None), Output("x", Kind.NUMBER, "1"), "") == "at least 1.5"


HITS = [
    ("UNIQUE", None, "Exactly one row holds. A row holds in every case."),
    ("ANY", "refer", "Where several rows hold, they say the same. Where no row holds, a person "
                     "decides."),
    ("FIRST", "refuse", "The first row that holds counts. Where no row holds, nothing is decided."),
    ("PRIORITY", "decline", "Of the rows that hold, the row counts whose outcome comes first in "
     "refuse, decline, refer, approve. Where no row holds, the application is declined."),
    ("OUTPUT ORDER", "pass", "Of the rows that hold, the rows count in the order whose outcome "
     "comes first in refuse, decline, refer, approve. Where no row holds, the next table is "
     "asked."),
    ("COLLECT", None, "All rows that hold count: the highest as cap_minor. A row holds in every "
     "case."),
    ("RULE ORDER", None, "All rows that hold count. A row holds in every case."),
]  # fmt: skip


@pytest.mark.parametrize(("hit", "otherwise", "rule"), HITS)
def test_a_hit_policy_is_told_in_words(hit: str, otherwise: str | None, rule: str) -> None:
    whole = spoiled("tables 0 hit", hit)
    if otherwise:
        whole["tables"][0]["otherwise"] = otherwise
    if hit == "COLLECT":
        whole["tables"][0]["collect"] = {"cap_minor": "max"}
    assert show(policy_of(whole, "p")).tables[0].rule == rule


def test_the_text_tells_every_row_and_why() -> None:
    text = policy_text(show(read_policy(TEXT)))
    assert text.splitlines()[0] == "p 1, valid from 2026-01-01"
    assert text.splitlines()[-6:] == [
        "  R1  pd below 10 %",
        "      then approve, cap_minor 5 CNY",
        "      low",
        "  R2  pd at least 10 %",
        "      then decline, cap_minor 0 CNY, RISK",
        "      high",
    ]
    example = policy_text(show(read_policy_file(EXAMPLE)))
    assert "It goes live once 2 different persons have said so." in example
    assert (
        "A random 2 % of those whose score is from 560 points to below 580 points may be approved "
        "to learn from, until that has cost 200,000 CNY."
    ) in example


def test_the_page_tells_every_row_and_stands_alone() -> None:
    policy = read_policy_file(EXAMPLE)
    page = policy_page(show(policy))
    for table in policy.declaration.tables:
        assert f'<h2 id="{table.name}">' in page
        for row in table.rows:
            assert f'<th scope="row">{row.id}</th>' in page
    assert not re.findall(r'(?:src|href)="(?!#|data:)', page)
    assert page == policy_page(show(read_policy_file(EXAMPLE)))


def test_texts_of_strangers_do_not_disturb_the_page() -> None:
    whole = spoiled("tables 0 rows 0 why", "<script>alert(1)</script>\u202e")
    page = policy_page(show(policy_of(whole, "p")))
    assert "<script>" not in page
    assert "\u202e" not in page
