from collections import Counter
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from tests.lending.loan.made_loans import contracts, paid_out, repayments
from tests.lending.loan.plain_loan import FEBRUARY, INSTALMENT, LOAN, START, on, paid
from tests.lending.loan.plain_loan import paid_out as paid_out_plainly
from tradeline.lending.bookings.chart import TYPES, Account, AccountType
from tradeline.lending.bookings.entries import Posting, journals, postings
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import (
    Chargeback,
    ChargeOff,
    CreditBalanceRefund,
    DisbursementCharge,
    EndOfDay,
    Event,
    Reamortisation,
    Refund,
    Reversal,
    WriteOff,
)
from tradeline.lending.loan.fold import fold
from tradeline.lending.loan.state import Status
from tradeline.lending.loan.statement import transactions

APRIL = date(2024, 4, 15)


def booked(*events: Event, day: date = APRIL) -> list[dict[str, int]]:
    """The postings of each transaction, by account."""
    made = transactions(LOAN, [paid_out_plainly(), *events], day)
    return [
        {str(posting.account): posting.amount_minor for posting in journal.postings}
        for journal in journals(made)
    ]


def test_paying_out_makes_a_receivable() -> None:
    assert booked() == [{"loans receivable": 120_000, "clearing": -120_000}]


def test_a_payment_takes_back_principal_and_income() -> None:
    assert booked(paid(FEBRUARY, INSTALMENT))[1] == {
        "clearing": INSTALMENT,
        "loans receivable": -39_603,
        "interest and fees receivable": -1_200,
    }


def test_the_end_of_day_earns_the_interest_of_a_period() -> None:
    assert booked(on(EndOfDay, date(2024, 2, 2)))[1] == {
        "interest and fees receivable": 1_200,
        "interest income": -1_200,
    }


def test_what_is_paid_too_much_is_owed_to_the_borrower_until_given_back() -> None:
    refund = on(CreditBalanceRefund, date(2024, 2, 3), amount_minor=100)
    found = booked(paid(FEBRUARY, 122_508), refund)
    assert found[1]["overpayments"] == -100
    assert found[-1] == {"overpayments": 100, "clearing": -100}


def test_a_charge_off_is_a_loss_and_takes_income_back() -> None:
    assert booked(on(ChargeOff, APRIL))[1] == {
        "loans receivable": -120_000,
        "interest and fees receivable": -2_408,
        "credit loss": 120_000,
        "interest charged off": 2_408,
    }


def test_what_was_charged_off_is_not_written_off_once_more() -> None:
    assert booked(on(ChargeOff, APRIL), on(WriteOff, APRIL)) == booked(on(ChargeOff, APRIL))
    assert booked(on(WriteOff, APRIL))[1]["loans receivable"] == -120_000


def test_money_after_a_charge_off_is_recovered() -> None:
    assert booked(on(ChargeOff, APRIL), paid(APRIL, 1_000))[2] == {
        "clearing": 1_000,
        "recoveries": -1_000,
    }


@pytest.mark.parametrize("before", [(), (on(ChargeOff, APRIL),)], ids=["alone", "charged off"])
def test_money_after_a_write_off_is_recovered_and_the_rest_the_borrowers(
    before: tuple[Event, ...],
) -> None:
    events = (*before, on(WriteOff, APRIL), paid(APRIL, 100_000), paid(APRIL, 30_000))
    assert booked(*events)[2:] == [
        {"clearing": 100_000, "recoveries": -100_000},
        {"clearing": 30_000, "recoveries": -22_408, "overpayments": -7_592},
    ]


def test_what_is_owed_anew_after_a_charge_off_is_lost_too() -> None:
    back = on(Chargeback, APRIL, amount_minor=INSTALMENT)
    found = booked(paid(FEBRUARY, INSTALMENT), on(ChargeOff, APRIL), back)
    assert found[-1] == {"credit loss": INSTALMENT, "clearing": -INSTALMENT}
    # Of 122,508 that pay 122,408 the 100 too much are the borrower's, the other 50 are not.
    refund = on(CreditBalanceRefund, APRIL, amount_minor=150)
    found = booked(on(ChargeOff, APRIL), paid(APRIL, 122_508), refund)
    assert found[-1] == {"overpayments": 100, "credit loss": 50, "clearing": -150}


def test_before_a_charge_off_it_is_a_receivable() -> None:
    back = on(Chargeback, FEBRUARY, amount_minor=1_000)
    assert booked(paid(FEBRUARY, INSTALMENT), back)[-1] == {
        "loans receivable": 1_000, "clearing": -1_000
    }  # fmt: skip


def test_a_loan_that_is_paid_after_a_charge_off_and_a_chargeback_leaves_no_receivable() -> None:
    events = [
        paid(FEBRUARY, INSTALMENT), on(ChargeOff, APRIL),
        on(Chargeback, APRIL, amount_minor=INSTALMENT), paid(APRIL, 122_408),
    ]  # fmt: skip
    assert fold(LOAN, [paid_out_plainly(), *events], APRIL).status is Status.CLOSED
    sums = Counter[str]()
    for each in booked(*events):
        sums.update(each)
    # What was lent and lost, 1,200.00, less what came in before, came in again as a recovery.
    assert {name: sums[name] for name in ("loans receivable", "clearing", "recoveries")} == {
        "loans receivable": 0, "clearing": 2_408, "recoveries": -122_408,
    }  # fmt: skip
    assert sums["credit loss"] == 120_000 - 39_603 + INSTALMENT


def test_a_refund_of_a_merchant_takes_the_loss_back() -> None:
    refund = on(Refund, APRIL, amount_minor=2_408)
    assert booked(on(ChargeOff, APRIL), refund)[2]["interest charged off"] < 0


def test_a_fee_kept_back_is_earned_with_the_disbursement() -> None:
    fee = on(DisbursementCharge, START, rate=Fraction(1, 100))
    made = fold(LOAN, [fee, paid_out_plainly()], START).transactions
    earned = [posting for journal in journals(made) for posting in journal.postings
              if posting.account is Account.FEE_INCOME]  # fmt: skip
    assert earned == [Posting(Account.FEE_INCOME, -1_200)]


def test_a_reversed_payment_keeps_its_postings_beside_their_opposites() -> None:
    found = transactions(
        LOAN,
        [paid_out_plainly(), paid(FEBRUARY, INSTALMENT), on(Reversal, FEBRUARY, of=1)],
        APRIL,
    )
    first, *_ = postings(found[1])
    assert Posting(first.account, -first.amount_minor) in postings(found[1])
    assert sum(posting.amount_minor for posting in postings(found[1])) == 0


def test_new_terms_move_nothing_in_the_books() -> None:
    assert len(booked(on(Reamortisation, date(2024, 2, 15)))) == 1


@pytest.mark.parametrize("account", Account)
def test_every_account_has_its_side(account: Account) -> None:
    assert TYPES[account] in AccountType


@settings(deadline=None)
@given(contracts(), st.data())
def test_every_journal_balances_and_the_receivable_is_the_open_principal(
    contract: Contract, data: DataObject
) -> None:
    events = [paid_out(contract), *data.draw(repayments(contract))]
    day = max(event.value_date for event in events)
    state = fold(contract, events, day)
    receivable = 0
    for journal in journals(state.transactions):
        assert sum(posting.amount_minor for posting in journal.postings) == 0
        receivable += sum(posting.amount_minor for posting in journal.postings
                          if posting.account is Account.LOANS_RECEIVABLE)  # fmt: skip
    assert receivable == state.principal_open
