"""A financed invoice is what happened to it: entered late or taken back, it comes out the same."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.lending.bookings.chart import Account
from tradeline.lending.bookings.of_financings import financing_bookings
from tradeline.lending.loan.events import (
    CreditBalanceRefund,
    EndOfDay,
    Event,
    Reversal,
    WriteOff,
)
from tradeline.lending.receivables.documents import Document
from tradeline.lending.receivables.events import (
    Advance,
    BuyerPayment,
    Dilution,
    PaymentToSeller,
    ReservePayout,
    SellerPayment,
    Withdrawal,
)
from tradeline.lending.receivables.financing import Financed
from tradeline.lending.receivables.fold import (
    ReceivableAgreement,
    check_receivable,
    fold_receivable,
)
from tradeline.lending.receivables.terms import ReceivableTerms

BEGIN = date(2026, 1, 1)
INVOICE = Document("invoice", "S", "B", "INV-1", BEGIN, 10_000_000, "CNY")
TERMS = ReceivableTerms(Fraction(4, 5), Fraction(1, 100), Fraction(12, 100), 360, True, 60)
AGREED = ReceivableAgreement(INVOICE, BEGIN + timedelta(days=45), TERMS, BEGIN)


def happened(kind: type[Event], number: int, amount: int | None = None, **values: Any) -> Event:
    on = BEGIN + timedelta(days=number)
    values = values if amount is None else {**values, "amount_minor": amount}
    return kind(value_date=on, entered_on=on, **values)


ADVANCED = happened(Advance, 0, 8_000_000)


def after(*events: Event, on: int) -> Financed:
    return fold_receivable(AGREED, events, BEGIN + timedelta(days=on))


def balances(found: Financed) -> dict[Account, int]:
    sums = Counter[Account]()
    for booking in financing_bookings(found.entries, found.earned):
        for posting in booking.postings:
            sums[posting.account] += posting.amount_minor
    return {account: amount for account, amount in sums.items() if amount}


def test_fee_and_interest_are_income_as_they_come_to_be_owed() -> None:
    assert balances(after(ADVANCED, on=0)) == {
        Account.LOANS_RECEIVABLE: 8_000_000,
        Account.CLEARING: -8_000_000,
        Account.INCOME_RECEIVABLE: 100_000,
        Account.FEE_INCOME: -100_000,
    }
    ended = balances(after(ADVANCED, happened(EndOfDay, 30), on=30))
    assert ended[Account.INTEREST_INCOME] == -80_000
    assert ended[Account.INCOME_RECEIVABLE] == 180_000


def test_what_is_left_is_the_sellers_until_it_is_paid_out() -> None:
    paid = happened(BuyerPayment, 45, 10_000_100)
    found = after(ADVANCED, paid, on=45)
    assert (found.payable_minor, found.overpaid_minor) == (1_780_000, 100)
    assert balances(found)[Account.RESERVES] == -1_780_000
    last = (happened(ReservePayout, 46, 1_780_000), happened(CreditBalanceRefund, 46, 100))
    done = after(ADVANCED, paid, *last, on=46)
    assert (done.payable_minor, done.overpaid_minor) == (0, 0)
    assert balances(done) == {
        Account.CLEARING: 220_000, Account.FEE_INCOME: -100_000, Account.INTEREST_INCOME: -120_000
    }  # fmt: skip


def test_what_is_lost_leaves_the_receivables_and_may_come_back() -> None:
    lost = (ADVANCED, happened(WriteOff, 150))
    assert balances(after(*lost, on=150)) == {
        Account.CLEARING: -8_000_000,
        Account.CREDIT_LOSS: 8_000_000,
        Account.FEE_INCOME: -100_000,
        Account.FEES_CHARGED_OFF: 100_000,
        Account.INTEREST_INCOME: -400_000,
        Account.INTEREST_CHARGED_OFF: 400_000,
    }
    back = balances(after(*lost, happened(SellerPayment, 200, 9_000_000), on=200))
    assert back[Account.RECOVERIES] == -8_500_000
    assert back[Account.RESERVES] == -500_000


def test_what_was_taken_back_or_entered_late_leaves_no_trace() -> None:
    misdirected = happened(PaymentToSeller, 20, 1_000)
    paid = happened(SellerPayment, 30, 2_000_000)
    taken_back = happened(Reversal, 31, of=1)
    expected = after(ADVANCED, paid, on=40)
    assert after(ADVANCED, misdirected, paid, taken_back, on=40) == expected
    late = replace(ADVANCED, entered_on=BEGIN + timedelta(days=35))
    assert after(paid, late, on=40) == expected


def test_an_unused_financing_is_withdrawn() -> None:
    assert after(happened(Withdrawal, 3), on=3).status == "withdrawn"
    for events in (
        (ADVANCED, happened(Withdrawal, 3)),
        (happened(Withdrawal, 3), happened(Dilution, 4, 5)),
        (happened(Withdrawal, 3), happened(Withdrawal, 4)),
    ):
        with pytest.raises(InputProblem, match="Withdraw what was never used"):
            after(*events, on=5)


def test_what_cannot_be_is_refused() -> None:
    for event, message in (
        (happened(ReservePayout, 1, 5), "The reserve_payout of 5 is more than the 0 released."),
        (happened(CreditBalanceRefund, 1, 5), "is more than the 0 paid too much."),
        (happened(Advance, -1, 5), "receivable: event 2 counts from 2025-12-31, before the"),
        (happened(Reversal, 1, of=7), "receivable: event 2 takes back an event that was not"),
    ):
        with pytest.raises(InputProblem) as refused:
            after(ADVANCED, event, on=5)
        assert message in str(refused.value)


def test_an_agreement_on_no_invoice_is_none() -> None:
    for changes in ({"kind": "order"}, {"amount_minor": 0}, {"currency": "XXY"}):
        with pytest.raises(InputProblem, match="error: receivable"):
            check_receivable(replace(AGREED, document=replace(INVOICE, **changes)))
