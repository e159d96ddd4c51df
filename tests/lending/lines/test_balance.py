"""A line that is one balance, held to a walk over every day."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.lending.lines.made_lines import (
    BY_BALANCE,
    FEW,
    asked,
    day,
    entered,
    limited,
    lines,
    paid,
    settled,
)
from tests.lending.lines.oracle import Walk
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import plus_months
from tradeline.lending.lines.agreement import LineAgreement, MinimumPayment
from tradeline.lending.lines.events import DrawEvent, DrawReturn
from tradeline.lending.lines.fold import fold_line
from tradeline.lending.loan.amounts import Amounts
from tradeline.lending.loan.events import Charge, Event

UNTIL = day(430)
NOT_WALKED = (DrawReturn, DrawEvent, Charge)
BILL_DAYS = {plus_months(BY_BALANCE.start, number) for number in range(1, 20)}
MINIMUM = st.builds(
    MinimumPayment,
    st.integers(1, 60).map(lambda percent: Fraction(percent, 100)),
    st.integers(0, 20_000),
    st.integers(0, 25),
    st.just(DayCount.ACTUAL_365),
)


@FEW
@given(lines(), MINIMUM)
def test_bills_and_balance_are_those_of_a_walk_over_every_day(
    line: tuple[LineAgreement, tuple[Event, ...]], minimum: MinimumPayment
) -> None:
    agreement = replace(line[0], repayment=minimum)
    events = [event for event in line[1] if not isinstance(event, NOT_WALKED)]
    state = fold_line(agreement, events, UNTIL)
    slow = Walk(agreement, minimum, events).until(UNTIL, BILL_DAYS)
    assert state.now.drawn_minor == slow.principal
    assert state.overpaid_minor == slow.overpaid
    assert sorted((row.due, row.owed.fees, row.owed.interest, row.owed.principal)
                  for row in state.bills) == sorted((bill.due, *bill.asked)
                                                    for bill in slow.bills)  # fmt: skip


def test_a_bill_asks_for_its_interest_and_a_share_of_the_balance() -> None:
    """6,000.00 for 25 days at 12 %; 4,000.00 undrawn for as long, 10,000.00 for 6 days, at 1 %."""
    state = fold_line(BY_BALANCE, [asked("A", 5, 600_000), settled("A", 6)], day(31))
    (bill,) = state.bills
    fee = (1_000_000 * 6 + 400_000 * 25) * 0.01 / 360
    assert bill.owed == Amounts(60_000, round(600_000 * 0.12 * 25 / 365), round(fee))
    assert bill.due == date(2026, 2, 25)


def test_a_low_balance_pays_the_least_amount() -> None:
    agreement = replace(BY_BALANCE, commitment_fee=None)
    state = fold_line(agreement, [asked("A", 0, 20_000), settled("A", 0)], day(31))
    assert state.bills[0].owed.total == 5_000


def test_the_first_bill_after_the_expiry_asks_for_all() -> None:
    agreement = replace(BY_BALANCE, expiry=day(40), commitment_fee=None)
    state = fold_line(agreement, [asked("A", 0, 500_000), settled("A", 0)], day(70))
    assert [bill.owed.principal for bill in state.bills] == [50_000, 450_000]


def test_an_unpaid_bill_makes_the_line_late() -> None:
    state = fold_line(BY_BALANCE, [asked("A", 0, 500_000), settled("A", 0)], day(61))
    assert state.delinquency.since == day(51)
    assert state.delinquency.days == 10
    assert state.delinquency.overdue == state.bills[0].owed


def test_all_that_is_paid_at_once_leaves_no_interest_for_the_next_bill() -> None:
    """8,000.00 for 10 days at 12 % cost 26.30; 1.00 more is too much."""
    events = entered(BY_BALANCE, [asked("A", 0, 800_000), settled("A", 0), paid(10, 802_730)])
    state = fold_line(replace(BY_BALANCE, commitment_fee=None), events, day(60))
    assert state.now.drawn_minor == 0
    assert state.overpaid_minor == 100
    assert [bill.owed for bill in state.bills] == [Amounts(interest=2_630)]


def test_no_commitment_fee_is_owed_on_more_than_the_limit() -> None:
    events = [asked("A", 0, 800_000), settled("A", 0), limited(1, 700_000)]
    state = fold_line(BY_BALANCE, events, day(31))
    assert state.bills[0].owed.fees == round(200_000 * 0.01 / 360)
