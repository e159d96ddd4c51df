"""Penalties by the day and after the last due date; each figure is worked out in its test.

0.1 % a day of the principal that is overdue, unless a test says otherwise: of the first instalment
(396.03) 39.603 a day, of the second (399.99) 39.999, of the third (403.98) 40.398, in minor units.
"""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.lending.loan.plain_loan import (
    APRIL,
    FEBRUARY,
    INSTALMENT,
    LOAN,
    MARCH,
    on,
    paid,
    paid_out,
)
from tradeline.lending.loan.contract import (
    ChargeBase,
    ChargeKind,
    Contract,
    OverduePenalty,
    Recalculation,
)
from tradeline.lending.loan.events import Charge, EndOfDay, Event, PercentCharge, Reversal
from tradeline.lending.loan.fold import fold, payoff_quote
from tradeline.lending.loan.state import LoanState, Status

BY_DAY = OverduePenalty(Fraction(1, 1_000), ChargeBase.PRINCIPAL, per_day=True)


def loan(contract: Contract = LOAN, **rule: Any) -> Contract:
    return replace(contract, overdue_penalty=replace(BY_DAY, **rule))


def ended(contract: Contract, day: date, *events: Event) -> LoanState:
    """The loan once that day ended, its other events first."""
    return fold(contract, [paid_out(contract), *events, on(EndOfDay, day)], day)


def penalties(state: LoanState) -> list[int]:
    return [row.owed.penalties for row in state.instalments]


def test_each_overdue_instalment_bears_its_own_days() -> None:
    # 70, 41 and 10 days until 11 April: 2772.21, 1639.959 and 403.98.
    state = ended(loan(), date(2024, 4, 11))
    assert penalties(state) == [2_772, 1_640, 404]
    assert state.totals.open == 122_408 + 4_816


def test_an_instalment_bears_none_on_its_due_date_and_one_day_the_day_after() -> None:
    assert penalties(ended(loan(), FEBRUARY)) == [0, 0, 0]
    assert penalties(ended(loan(), FEBRUARY + timedelta(1))) == [40, 0, 0]


def test_days_are_added_up_before_they_are_rounded() -> None:
    # One day is 39.603, two are 79.206 and not twice 40, five are 198.015.
    days = [FEBRUARY + timedelta(after) for after in range(1, 6)]
    charged = [penalties(ended(loan(), day))[0] for day in days]
    assert charged == [40, 79, 119, 158, 198]
    one_by_one = [on(EndOfDay, day) for day in days]
    assert penalties(ended(loan(), days[-1], *one_by_one)) == [198, 0, 0]


def test_a_part_payment_leaves_the_rest_to_bear() -> None:
    # Ten days are 396.03. 215.96 pay 3.96 of penalties, 12.00 of interest and 200.00 of principal;
    # ten days more of the other 196.03 are 196.03: 592.06 in all.
    tenth, twentieth = date(2024, 2, 11), date(2024, 2, 21)
    state = ended(loan(), twentieth, on(EndOfDay, tenth), paid(tenth, 21_596))
    first = state.instalments[0]
    assert (first.owed.penalties, first.paid.penalties) == (592, 396)
    assert (first.paid.interest, first.paid.principal) == (1_200, 20_000)


def test_interest_may_bear_a_penalty_too() -> None:
    # 408.03 are overdue: 10 days are 408.03.
    both = loan(base=ChargeBase.PRINCIPAL_AND_INTEREST)
    assert penalties(ended(both, date(2024, 2, 11))) == [408, 0, 0]


def test_after_the_last_due_date_a_penalty_goes_on_and_interest_does_not() -> None:
    # 30 days of 40.398 until 1 May are 1211.94, 60 until 31 May 2423.88.
    payments = [paid(FEBRUARY, INSTALMENT), paid(MARCH, INSTALMENT)]
    for day, charged in ((date(2024, 5, 1), 1_212), (date(2024, 5, 31), 2_424)):
        state = ended(loan(), day, *payments)
        assert penalties(state) == [0, 0, charged]
        assert [row.owed.interest for row in state.instalments] == [1_200, 804, 404]
        assert state.delinquency.days == (day - APRIL).days
        assert payoff_quote(loan(), [paid_out(), *payments, on(EndOfDay, day)], day).amount == (
            40_802 + charged
        )


def test_a_loan_that_follows_what_is_paid_bears_the_same() -> None:
    follows = loan(replace(LOAN, recalculation=Recalculation()))
    payments = [paid(FEBRUARY, INSTALMENT), paid(MARCH, INSTALMENT)]
    assert penalties(ended(follows, date(2024, 5, 1), *payments)) == [0, 0, 1_212]


def test_a_penalty_that_is_charged_once_is_charged_on_the_last_instalment_too() -> None:
    # 5 % of 403.98 are 20.199, on the fourth day late.
    once = loan(rate=Fraction(5, 100), per_day=False, after_grace_days=3)
    payments = [paid(FEBRUARY, INSTALMENT), paid(MARCH, INSTALMENT)]
    for day, charged in ((4, 0), (5, 2_020), (25, 2_020)):
        assert penalties(ended(once, date(2024, 4, day), *payments)) == [0, 0, charged]


def test_a_payment_in_time_that_is_taken_back_bears_all_its_days() -> None:
    # 19 days of 39.603 are 752.457.
    back = Reversal(value_date=FEBRUARY, entered_on=date(2024, 2, 20), of=1)
    ends = [on(EndOfDay, FEBRUARY + timedelta(after)) for after in range(1, 19)]
    day = date(2024, 2, 20)
    events = [paid(FEBRUARY, INSTALMENT), *ends]
    assert penalties(ended(loan(), day, *events)) == [0, 0, 0]
    assert penalties(ended(loan(), day, *events, back)) == [752, 0, 0]


def test_a_down_payment_that_is_late_bears_a_penalty() -> None:
    # 300.00 fall due on the first day; ten days are 300.
    by_hand = loan(replace(LOAN, down_payment=Fraction(1, 4), down_payment_kept=False))
    assert penalties(ended(by_hand, date(2024, 1, 11)))[0] == 300


def test_charges_after_the_last_due_date_make_an_instalment_for_each_day() -> None:
    tenth, twentieth = date(2024, 5, 10), date(2024, 5, 20)
    charges = [
        on(Charge, tenth, kind=ChargeKind.PENALTY, amount_minor=700),
        on(Charge, tenth, kind=ChargeKind.FEE, amount_minor=300),
        on(PercentCharge, twentieth, kind=ChargeKind.PENALTY, rate=Fraction(1, 100),
           base=ChargeBase.PRINCIPAL_AND_INTEREST),
    ]  # fmt: skip
    state = fold(LOAN, [paid_out(), *charges], twentieth)
    extra = [(row.due, row.owed.fees, row.owed.penalties) for row in state.instalments[3:]]
    # 1 % of 1,200.00 and of interest of 24.08 is 12.24.
    assert extra == [(tenth, 300, 700), (twentieth, 0, 1_224)]
    next_day = date(2024, 5, 21)
    events = [paid_out(), *charges, paid(next_day, 122_408 + 1_000)]
    state = fold(LOAN, events, next_day)
    assert (state.status, state.totals.open, state.delinquency.days) == (Status.ACTIVE, 1_224, 1)
    assert payoff_quote(LOAN, events, next_day).parts.penalties == 1_224
    state = fold(LOAN, [*events, paid(next_day, 1_224)], next_day)
    assert (state.status, state.totals.open) == (Status.CLOSED, 0)


def test_what_was_charged_bears_no_penalty_itself() -> None:
    instalments = [paid(day, amount) for day, amount in
                   ((FEBRUARY, INSTALMENT), (MARCH, INSTALMENT), (APRIL, 40_802))]  # fmt: skip
    fee = on(Charge, date(2024, 5, 10), kind=ChargeKind.FEE, amount_minor=70_000)
    state = ended(loan(), date(2024, 6, 10), *instalments, fee)
    assert penalties(state) == [0, 0, 0, 0]
    assert state.totals.open == 70_000
    assert state.instalments[-1].due == date(2024, 5, 10)
