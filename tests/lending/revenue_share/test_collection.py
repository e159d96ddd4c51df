"""The share of sales, milestones and the end of the term bring in the total, and never more."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.lending.revenue_share.collection import (
    Collection,
    Payment,
    Position,
    Sale,
    collections,
    lacking,
    position,
)
from tradeline.lending.revenue_share.terms import Milestones, SalesBase, Terms, fee_by_factor

BEGIN = date(2025, 1, 1)
# The example of Shopify's help page: 5,000 for 650, a tenth of sales, six milestones of 60 days.
LOAN = Terms(
    "USD", 500_000, 65_000, Fraction(1, 10), "gross", BEGIN,
    milestones=Milestones(6, 60, unit_minor=100), term_days=360,
)  # fmt: skip


def day(number: int) -> date:
    return BEGIN + timedelta(days=number)


def amounts(found: tuple[Collection, ...]) -> list[tuple[int, str, int]]:
    return [((each.on - BEGIN).days, each.reason, each.amount_minor) for each in found]


def test_a_milestone_that_lacks_141_asks_for_141() -> None:
    found = collections(LOAN, [Sale(day(30), 800_000)], day(60))
    assert amounts(found) == [(30, "share of sales", 80_000), (60, "milestone", 14_100)]
    assert found[-1].owed_minor == 565_000 - 94_100


def test_minima_are_whole_units_and_the_last_is_the_whole() -> None:
    minima = [LOAN.minimum_by(day(60 * number)) for number in range(7)]
    assert minima == [0, 94_100, 188_300, 282_500, 376_600, 470_800, 565_000]
    assert LOAN.minimum_by(day(59)) == 0
    assert LOAN.minimum_by(day(119)) == 94_100


def test_without_sales_all_comes_by_milestones() -> None:
    found = collections(LOAN, [], day(400))
    assert [reason for _, reason, _ in amounts(found)] == ["milestone"] * 5 + ["end of term"]
    assert sum(each.amount_minor for each in found) == 565_000
    assert found[-1].owed_minor == 0


def test_what_came_early_counts_for_the_next_milestone() -> None:
    found = collections(LOAN, [], day(120), payments=[Payment(day(10), 200_000)])
    assert found == ()


def test_a_lump_sum_ends_the_share_when_it_pays_the_rest() -> None:
    sales = [Sale(day(1), 1_000_000), Sale(day(5), 1_000_000)]
    found = collections(LOAN, sales, day(300), payments=[Payment(day(3), 465_000)])
    assert amounts(found) == [(1, "share of sales", 100_000)]


def test_a_debit_that_came_back_is_asked_for_at_the_next_milestone() -> None:
    found = collections(LOAN, [], day(120), payments=[Payment(day(62), -94_100)])
    assert amounts(found) == [(60, "milestone", 94_100), (120, "milestone", 188_300)]
    assert lacking(LOAN, 0, day(62)) == 94_100
    assert lacking(LOAN, 94_100, day(62)) == 0


SALES = [Sale(day(1), 100_000), Sale(day(2), 30_000, refund=True), Sale(day(3), 50_000)]


@pytest.mark.parametrize(
    ("base", "expected"),
    [("gross", [(1, 10_000), (3, 5_000)]), ("net of refunds", [(1, 10_000), (3, 2_000)])],
)
def test_a_later_refund_lowers_what_later_sales_bring_if_sales_are_net(
    base: SalesBase, expected: list[tuple[int, int]]
) -> None:
    found = collections(replace(LOAN, base=base), SALES, day(10))
    assert [(number, amount) for number, _, amount in amounts(found)] == expected


def test_a_factor_makes_a_fee() -> None:
    assert fee_by_factor(500_000, Fraction("1.13")) == 65_000
    assert fee_by_factor(1_000_000, Fraction("1.1")) == 100_000


sales_of_days = st.lists(
    st.builds(Sale, st.integers(1, 500).map(day), st.integers(0, 3_000_000), st.booleans()),
    max_size=40,
)


@given(
    sales_of_days,
    st.sampled_from(["gross", "net of refunds"]),
    st.fractions(min_value=Fraction(1, 100), max_value=1, max_denominator=100),
    st.lists(st.builds(Payment, st.integers(1, 500).map(day), st.integers(0, 300_000)), max_size=4),
)
def test_all_is_collected_by_the_end_and_never_too_much(
    sales: list[Sale], base: SalesBase, share: Fraction, lumps: list[Payment]
) -> None:
    terms = replace(LOAN, base=base, share=share)
    found = collections(terms, sales, day(500), payments=lumps)
    assert all(each.amount_minor > 0 for each in found)
    owed = terms.total_minor
    for number in range(1, 501):
        on = day(number)
        owed = max(owed - sum(lump.amount_minor for lump in lumps if lump.on == on), 0)
        for each in (each for each in found if each.on == on):
            owed -= each.amount_minor
            assert each.owed_minor == owed >= 0
        if number % 60 == 0:
            assert terms.total_minor - owed >= terms.minimum_by(on)
    assert owed == 0
    taken = sum(each.amount_minor for each in found if each.reason == "share of sales")
    sold = sum(sale.amount_minor for sale in sales if not sale.refund)
    assert taken <= round(share * sold)


@given(sales_of_days, st.integers(1, 500))
def test_a_later_day_changes_nothing_before_it(sales: list[Sale], cut: int) -> None:
    whole = collections(LOAN, sales, day(500))
    assert collections(LOAN, sales, day(cut)) == tuple(
        each for each in whole if each.on <= day(cut)
    )


def test_terms_that_make_no_contract_are_refused_with_every_reason() -> None:
    terms = replace(
        LOAN, advance_minor=0, fee_minor=-1, share=Fraction(2), milestones=Milestones(0, 60),
        term_days=0,
    )  # fmt: skip
    with pytest.raises(InputProblem) as refusal:
        collections(terms, [], day(1))
    assert str(refusal.value).splitlines() == [
        "error: revenue share: The advance must be above zero. State what is paid out.",
        "error: revenue share: The fee must not be below zero. State a fee of zero or more.",
        "error: revenue share: The share of sales must be above zero and at most 100 %. State a "
        "share such as 10 %.",
        "error: revenue share: Milestones need a number, days and a unit of at least one. State "
        "them, such as 6 milestones of 60 days, or leave milestones out.",
        "error: revenue share: The term must have at least one day. State its days, or leave the "
        "end of the term out.",
    ]


def test_a_negative_sale_is_refused() -> None:
    with pytest.raises(InputProblem) as refusal:
        collections(LOAN, [Sale(day(1), -1)], day(1))
    assert str(refusal.value) == (
        "error: sales of 2025-01-02: An order or refund has an amount below zero. Give refunds as "
        "refunds, with positive amounts."
    )


def test_a_lump_sum_that_was_too_large_and_comes_back_leaves_what_was_owed_before() -> None:
    terms = replace(LOAN, milestones=None, term_days=None)
    found = position(
        terms, [], day(9), payments=[Payment(day(2), 600_000), Payment(day(4), -600_000)]
    )
    assert found == Position(terms.total_minor)
    over = position(terms, [], day(3), payments=[Payment(day(2), 600_000)])
    assert over.owed_minor == terms.total_minor - 600_000 < 0
