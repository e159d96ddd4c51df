"""A financed order is what happened to it: entered late or taken back, it comes out the same."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.lending.bookings.chart import Account
from tradeline.lending.bookings.of_financings import financing_bookings
from tradeline.lending.loan.events import EndOfDay, Event, Reversal, WriteOff
from tradeline.lending.orders.events import (
    Conversion,
    Delivery,
    MilestoneReached,
    OrderCancelled,
    OrderDraw,
    OrderPayment,
    SellerPayout,
)
from tradeline.lending.orders.financing import FinancedOrder, Milestone, OrderTerms
from tradeline.lending.orders.fold import OrderAgreement, check_order, fold_order
from tradeline.lending.receivables.documents import Document
from tradeline.lending.receivables.events import Withdrawal

BEGIN = date(2026, 1, 1)
STEPS = (Milestone("material", Fraction(3, 10)), Milestone("made", Fraction(7, 10)))
ORDER = Document("order", "S", "B", "PO-7", BEGIN, 20_000_000, "CNY")
TERMS = OrderTerms(
    20_000_000, Fraction(3, 5), STEPS, Fraction(12, 100), 360, 30, BEGIN + timedelta(days=180)
)
AGREED = OrderAgreement(ORDER, TERMS, BEGIN)


def happened(kind: type[Event], number: int, amount: int | None = None, **values: Any) -> Event:
    on = BEGIN + timedelta(days=number)
    values = values if amount is None else {**values, "amount_minor": amount}
    return kind(value_date=on, entered_on=on, **values)


DRAWN = (happened(MilestoneReached, 0, name="material"), happened(OrderDraw, 0, 3_600_000))


def after(*events: Event, on: int) -> FinancedOrder:
    return fold_order(AGREED, events, BEGIN + timedelta(days=on))


def balances(found: FinancedOrder) -> dict[Account, int]:
    sums = Counter[Account]()
    for booking in financing_bookings(found.entries, found.earned):
        for posting in booking.postings:
            sums[posting.account] += posting.amount_minor
    return {account: amount for account, amount in sums.items() if amount}


def test_an_order_earns_day_by_day_and_what_is_left_is_the_sellers() -> None:
    ended = after(*DRAWN, happened(EndOfDay, 30), on=30)
    assert balances(ended)[Account.INTEREST_INCOME] == -36_000
    paid = (*DRAWN, happened(Delivery, 20), happened(OrderPayment, 30, 4_000_000))
    found = after(*paid, on=30)
    assert (found.status, found.payable_minor) == ("repaid", 364_000)
    done = after(*paid, happened(SellerPayout, 31, 364_000), on=31)
    assert done.payable_minor == 0
    assert balances(done) == {Account.CLEARING: 36_000, Account.INTEREST_INCOME: -36_000}


def test_an_invoice_takes_the_order_over() -> None:
    found = after(*DRAWN, happened(Conversion, 30, 3_636_000), on=30)
    assert (found.status, found.principal_minor, found.interest_minor) == ("converted", 0, 0)


def test_an_order_that_is_lost_may_come_back() -> None:
    lost = (*DRAWN, happened(OrderCancelled, 10), happened(WriteOff, 30))
    found = after(*lost, on=40)
    assert (found.status, found.lost_minor, found.interest_minor) == ("written off", 3_636_000, 0)
    assert balances(found)[Account.CREDIT_LOSS] == 3_600_000
    back = after(*lost, happened(OrderPayment, 60, 3_700_000), on=60)
    assert (back.lost_minor, back.payable_minor) == (0, 64_000)
    assert balances(back)[Account.RECOVERIES] == -3_636_000


def test_what_was_taken_back_or_entered_late_leaves_no_trace() -> None:
    paid, wrong = happened(OrderPayment, 20, 1_000_000), happened(OrderPayment, 10, 7)
    expected = after(*DRAWN, paid, on=40)
    assert after(*DRAWN, wrong, paid, happened(Reversal, 21, of=2), on=40) == expected
    late = [replace(event, entered_on=BEGIN + timedelta(days=30)) for event in DRAWN]
    assert after(paid, *late, on=40) == expected


def test_an_unused_financing_is_withdrawn() -> None:
    signed = (DRAWN[0], happened(Withdrawal, 3))
    assert (after(*signed, on=3).status, after(*signed, on=3).available_minor) == ("withdrawn", 0)
    with pytest.raises(InputProblem, match="Withdraw what was never used"):
        after(*DRAWN, happened(Withdrawal, 3), on=3)


def test_what_cannot_be_is_refused() -> None:
    for event, message in (
        (happened(SellerPayout, 1, 5), "A payout of 5 is more than the 0 for the seller. Pay out"),
        (happened(OrderDraw, -1, 5), "order: event 3 counts from 2025-12-31, before the financing"),
    ):
        with pytest.raises(InputProblem) as refused:
            after(*DRAWN, event, on=5)
        assert message in str(refused.value)
    with pytest.raises(InputProblem, match=r"Nothing is owed\. Write off what is owed, once\."):
        after(happened(WriteOff, 1), on=1)


def test_an_agreement_on_another_document_is_none() -> None:
    for changes in ({"kind": "invoice"}, {"amount_minor": 5}, {"currency": "XXY"}):
        with pytest.raises(InputProblem, match="error: order"):
            check_order(replace(AGREED, document=replace(ORDER, **changes)))
