"""An advance is what happened to it: entered late, taken back or lost, it comes out the same."""

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.lending.bookings.chart import TYPES, Account
from tradeline.lending.bookings.of_advances import ACCOUNTS, advance_bookings
from tradeline.lending.loan.events import (
    CreditBalanceRefund,
    Disbursement,
    Event,
    Repayment,
    Reversal,
    WriteOff,
)
from tradeline.lending.revenue_share.fold import AdvanceAgreement, AdvanceState, fold_advance
from tradeline.lending.revenue_share.terms import Milestones, Terms

BEGIN = date(2026, 1, 1)
TERMS = Terms("CNY", 900_000, 100_000, Fraction(1, 10), "gross", BEGIN, Milestones(6, 60, 100), 360)
AGREED = AdvanceAgreement(TERMS, 5_000)
LAST = 400


def day(number: int) -> date:
    return BEGIN + timedelta(days=number)


def paid_out(number: int = 0) -> Disbursement:
    return Disbursement(value_date=day(number), entered_on=day(number), amount_minor=900_000)


def came(number: int, amount: int) -> Repayment:
    return Repayment(value_date=day(number), entered_on=day(number), amount_minor=amount)


def lost(number: int) -> WriteOff:
    return WriteOff(value_date=day(number), entered_on=day(number))


def folded(*events: Event, on: int = LAST) -> AdvanceState:
    return fold_advance(AGREED, events, day(on))


def balances(state: AdvanceState) -> dict[Account, int]:
    sums = Counter[Account]()
    for booking in advance_bookings(state.transactions):
        for posting in booking.postings:
            sums[posting.account] += posting.amount_minor
    return dict(sums)


def test_an_advance_is_agreed_then_active_then_closed() -> None:
    assert folded().status == "agreed"
    assert folded(paid_out(), on=0).status == "active"
    done = folded(paid_out(), came(1, 5_000), came(60, 995_000))
    assert (done.status, done.owed_minor, done.unearned_minor) == ("closed", 0, 0)
    assert balances(done)[Account.FEE_INCOME] == -100_000


def test_milestones_count_from_the_day_on_which_it_was_paid_out() -> None:
    assert folded(paid_out(), came(30, 80_000), on=60).lacking_minor == 86_600
    assert folded(paid_out(5), came(30, 80_000), on=60).lacking_minor == 0


def test_what_is_lost_leaves_the_unearned_fee_out_and_may_come_back() -> None:
    state = folded(paid_out(), came(10, 300_000), lost(100), on=100)
    assert (state.status, state.owed_minor, state.lacking_minor) == ("written off", 0, 0)
    found = balances(state)
    earned = -found[Account.FEE_INCOME]
    assert found[Account.CREDIT_LOSS] == 900_000 + earned - 300_000
    assert found[Account.DEFERRED_FEES] == found[Account.LOANS_RECEIVABLE] == 0
    back = folded(paid_out(), came(10, 300_000), lost(100), came(200, 900_000))
    assert balances(back)[Account.RECOVERIES] == -found[Account.CREDIT_LOSS]
    assert back.overpaid_minor == 900_000 - found[Account.CREDIT_LOSS]


PAYMENTS = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 400_000)), max_size=8)


@settings(max_examples=15, deadline=None)
@given(PAYMENTS, st.none() | st.integers(0, 300), st.randoms())
def test_the_order_of_entry_leaves_no_trace_and_no_cent_is_lost(
    payments: list[tuple[int, int]], lost_on: int | None, random: object
) -> None:
    by_day = dict(payments)
    owed = 1_000_000 - sum(amount for on, amount in by_day.items() if on <= (lost_on or 0))
    events: list[Event] = [came(*payment) for payment in by_day.items()]
    if lost_on is not None and lost_on not in by_day and owed > 0:
        events.append(lost(lost_on))
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    state = folded(paid_out(), *events)
    assert folded(paid_out(), *shuffled) == state
    wrong = came(7, 11)
    assert folded(paid_out(), wrong, *events, Reversal(
        value_date=day(LAST), entered_on=day(LAST), of=1)) == state  # fmt: skip
    found = balances(state)
    assert sum(found.values()) == 0
    assert found[Account.LOANS_RECEIVABLE] == state.owed_minor
    assert -found.get(Account.DEFERRED_FEES, 0) == state.unearned_minor
    assert -found.get(Account.OVERPAYMENTS, 0) == state.overpaid_minor
    assert found[Account.CLEARING] == sum(by_day.values()) - 900_000


def test_the_accounts_of_an_advance_are_those_of_the_chart() -> None:
    assert {account: kind for (_, kind), account in ACCOUNTS.items()} == {
        account: str(TYPES[account]) for account in ACCOUNTS.values()
    }


REFUSED: list[tuple[list[Event], str]] = [
    ([came(1, 5)], "advance: Nothing was paid out yet. Enter the disbursement first."),
    ([paid_out(), paid_out(1)], "advance: It is paid out once only. Leave it out."),
    ([paid_out(), lost(5), lost(6)], "advance, 2026-01-07: Nothing is owed that could be lost."),
    ([paid_out(5), came(1, 5)], "receipt of 2026-01-02: 5 cannot come for an advance paid out on"),
    (
        [paid_out(), CreditBalanceRefund(value_date=day(1), entered_on=day(1), amount_minor=1)],
        "advance, 2026-01-02: 1 is given back, 0 came beyond what was owed.",
    ),
]


@pytest.mark.parametrize(("events", "message"), REFUSED)
def test_what_cannot_be_is_refused(events: list[Event], message: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        folded(*events)
    assert message in str(refusal.value)
