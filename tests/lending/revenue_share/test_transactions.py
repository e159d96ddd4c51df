"""Transactions and journal lines as the peer publishes them, and what they always add up to.

Figures of apache/fineract: WorkingCapitalDiscountFeeAmortization and ...Recalculation scenarios,
and WorkingCapitalAmortizationScheduleMatrixPt1 (a535ee68), UC3.
"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lending.revenue_share.test_projection import plan
from tradeline.kernel.findings import InputProblem
from tradeline.lending.revenue_share.projection import projected
from tradeline.lending.revenue_share.transactions import (
    Line,
    Receipt,
    Transaction,
    lines,
    transactions,
)

FIRST, SECOND, FIFTH = date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 5)
BEGIN = [
    Transaction("disbursement", FIRST, 900_000, 900_000, 0, 900_000),
    Transaction("discount_fee", FIRST, 100_000, 100_000, 0, 1_000_000),
]


def test_a_payment_on_time_earns_its_day() -> None:
    found = transactions(plan(9_000, 1_000), FIRST, [Receipt(SECOND, 5_000)])
    assert list(found) == [
        *BEGIN,
        Transaction("repayment", SECOND, 5_000, 5_000, 0, 995_000),
        Transaction("discount_fee_amortization", SECOND, 961, 0, 0, 995_000),
    ]
    assert [lines(each) for each in found] == [
        (Line("loans receivable", "asset", 900_000), Line("clearing", "liability", -900_000)),
        (Line("loans receivable", "asset", 100_000), Line("deferred fee", "liability", -100_000)),
        (Line("clearing", "liability", 5_000), Line("loans receivable", "asset", -5_000)),
        (Line("deferred fee", "liability", 961), Line("fee income", "income", -961)),
    ]


def test_three_payments_at_once_earn_three_days() -> None:
    *_, last = transactions(plan(9_000, 1_000), FIRST, [Receipt(FIFTH, 15_000)])
    assert last == Transaction("discount_fee_amortization", FIFTH, 2_870, 0, 0, 985_000)


def test_what_pays_the_rest_earns_the_rest() -> None:
    receipts = [Receipt(FIFTH, 995_000), Receipt(SECOND, 5_000)]
    found = transactions(plan(9_000, 1_000), FIRST, receipts)
    assert [(each.kind, each.on, each.amount_minor) for each in found[2:]] == [
        ("repayment", SECOND, 5_000),
        ("discount_fee_amortization", SECOND, 961),
        ("repayment", FIFTH, 995_000),
        ("discount_fee_amortization", FIFTH, 99_039),
    ]


def test_what_comes_beyond_is_overpayment() -> None:
    found = transactions(plan(9_000, 1_000), FIRST, [Receipt(SECOND, 1_000_005)])
    assert found[2] == Transaction("repayment", SECOND, 1_000_005, 1_000_000, 5, 0)
    assert lines(found[2])[-1] == Line("overpayment", "liability", -5)


@pytest.mark.parametrize("receipt", [Receipt(SECOND, -1), Receipt(date(2025, 12, 31), 1)])
def test_a_receipt_that_cannot_be_is_refused_by_books_and_projection(receipt: Receipt) -> None:
    for made in (
        lambda: transactions(plan(450, 50), FIRST, [receipt]),
        lambda: projected(plan(450, 50), FIRST, receipts={receipt.on: receipt.amount_minor}),
    ):
        with pytest.raises(InputProblem) as refusal:
            made()
        assert str(refusal.value) == (
            f"error: receipt of {receipt.on}: {receipt.amount_minor} cannot come for an advance "
            "paid out on 2026-01-01. Leave out what was taken back, and date receipts from that "
            "day on."
        )


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 10**5)), max_size=12),
    st.integers(0, 2_000),
)
def test_the_books_balance_and_agree_with_what_came(came: list[tuple[int, int]], fee: int) -> None:
    receipts = [Receipt(FIRST + timedelta(days=day), amount) for day, amount in came]
    found = transactions(plan(2_000, fee), FIRST, receipts)
    balances: dict[str, int] = {}
    for transaction in found:
        assert sum(line.amount_minor for line in lines(transaction)) == 0
        for line in lines(transaction):
            balances[line.account] = balances.get(line.account, 0) + line.amount_minor
    received, owed = sum(amount for _, amount in came), (2_000 + fee) * 100
    assert balances["loans receivable"] == max(owed - received, 0) == found[-1].balance_minor
    assert balances.get("overpayment", 0) == -max(received - owed, 0)
    assert balances.get("deferred fee", 0) + balances.get("fee income", 0) == -fee * 100
    assert balances.get("deferred fee", 0) <= 0
    if received >= owed:
        assert balances.get("deferred fee", 0) == 0
