from dataclasses import replace
from datetime import date

from tests.lending.loan.plain_loan import FEBRUARY, INSTALMENT, LOAN, MARCH, on, paid, paid_out
from tradeline.lending.loan.events import Reversal
from tradeline.lending.loan.fold import fold
from tradeline.lending.loan.statement import transactions

RETURNED = date(2024, 2, 10)
EVENTS = [
    paid_out(),
    paid(FEBRUARY, INSTALMENT),
    on(Reversal, FEBRUARY, RETURNED, of=1),
    paid(MARCH, INSTALMENT),
]


def test_a_reversed_payment_stands_with_what_it_was() -> None:
    _, reversed_payment, payment = transactions(LOAN, EVENTS, MARCH)
    assert (reversed_payment.reversed, reversed_payment.parts.interest) == (True, 1_200)
    assert (payment.reversed, payment.on, payment.parts.interest) == (False, MARCH, 1_200)


def test_the_loan_is_as_if_a_reversed_payment_had_never_been() -> None:
    without = [EVENTS[0], EVENTS[3]]
    state, other = fold(LOAN, EVENTS, MARCH), fold(LOAN, without, MARCH)
    assert state.instalments == other.instalments
    assert state.totals == other.totals


def test_a_reversed_payment_entered_again_is_as_before() -> None:
    again = [*EVENTS[:3], replace(EVENTS[1], entered_on=RETURNED)]
    first = fold(LOAN, EVENTS[:2], MARCH)
    assert fold(LOAN, again, MARCH).instalments == first.instalments


def test_a_statement_without_reversals_is_what_the_fold_made() -> None:
    assert transactions(LOAN, EVENTS[:2], MARCH) == fold(LOAN, EVENTS[:2], MARCH).transactions
