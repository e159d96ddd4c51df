from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from tests.lending.loan.plain_loan import (
    FEBRUARY,
    INSTALMENT,
    LOAN,
    MARCH,
    START,
    on,
    owed,
    paid,
    paid_out,
)
from tradeline.kernel.findings import InputProblem
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan.adding_up import not_adding_up
from tradeline.lending.loan.contract import (
    Amortisation,
    Arrears,
    Contract,
    Family,
    Future,
    Grace,
    Prepayment,
    Recalculation,
    Rest,
    Waterfall,
)
from tradeline.lending.loan.events import (
    Disbursement,
    Event,
    InterestPause,
    Payoff,
    RateChange,
    Reage,
    Reamortisation,
    Refund,
    Reschedule,
    WriteOff,
)
from tradeline.lending.loan.fold import fold
from tradeline.lending.loan.state import TransactionKind

# Apache Fineract, LoanInterestPauses.feature: 100 at 7 % in six months from 1 January 2024.
SIX_MONTHS = replace(
    LOAN,
    principal_minor=10_000,
    annual_rate=Fraction(7, 100),
    instalments=6,
    family=Family.PROGRESSIVE,
    day_count=DayCount.THIRTY_360,
    recalculation=Recalculation(arrears=Arrears.NONE),
)


@pytest.mark.parametrize(
    ("begin", "until", "interest", "last"),
    [
        (date(2024, 2, 4), date(2024, 2, 10), [58, 39, 39, 29, 20, 10], 1_690),
        (date(2024, 2, 9), date(2024, 3, 10), [58, 13, 28, 29, 19, 10], 1_652),
    ],
)
def test_no_interest_runs_while_it_is_paused(
    begin: date, until: date, interest: list[int], last: int
) -> None:
    pause = on(InterestPause, begin, START, until=until)
    state = fold(SIX_MONTHS, [paid_out(SIX_MONTHS), pause], START)
    assert [row.owed.interest for row in state.instalments] == interest
    assert state.instalments[-1].owed.total == last
    assert {row.owed.total for row in state.instalments[:-1]} == {1_701}


def test_a_rate_changed_in_a_period_bears_interest_by_its_days() -> None:
    change = on(RateChange, date(2024, 2, 15), START, annual_rate=Fraction(4, 100))
    state = fold(SIX_MONTHS, [paid_out(SIX_MONTHS), change], START)
    exact = Fraction(8_357, 12) * (Fraction(7, 100) * 14 + Fraction(4, 100) * 15) / 29
    assert state.instalments[1].owed.interest == round(exact) == 38
    assert state.instalments[-1].balance_after == 0


def test_a_new_rate_solves_the_instalments_yet_to_come() -> None:
    change = on(Reschedule, START, from_due=MARCH, annual_rate=Fraction(24, 100))
    state = fold(LOAN, [paid_out(), change], START)
    assert owed(state) == [(39_603, 1_200), (39_800, 1_608), (40_597, 812)]


def test_periods_without_principal_make_the_loan_longer() -> None:
    change = on(Reschedule, START, from_due=MARCH, principal_grace_periods=1)
    state = fold(LOAN, [paid_out(), change], START)
    assert owed(state) == [(39_603, 1_200), (0, 804), (39_998, 804), (40_399, 404)]
    assert state.instalments[-1].due == date(2024, 5, 1)


@pytest.mark.parametrize("day", [date(2024, 3, 2), date(2023, 12, 1)])
def test_terms_change_from_an_instalment_that_is_there(day: date) -> None:
    change = on(Reschedule, START, from_due=day, annual_rate=Fraction(0))
    with pytest.raises(InputProblem) as refused:
        fold(LOAN, [paid_out(), change], START)
    found = refused.value.findings[0]
    assert found.message == f"No open instalment falls due on {day}."
    assert found.remedy == "Name the due date of an instalment."


def reage(day: date, number: int) -> Reage:
    first = date(2024, 5, 1)
    return on(
        Reage, day, first_due=first, frequency=Frequency.MONTHS, every=1, instalments=number
    )  # fmt: skip


def test_re_aging_makes_new_instalments_of_all_unpaid_principal() -> None:
    day = date(2024, 4, 15)
    state = fold(LOAN, [paid_out(), paid(FEBRUARY, INSTALMENT), reage(day, 2)], day)
    assert [row.owed.principal for row in state.instalments] == [39_603, 0, 0, 39_998, 40_399]
    assert [row.due for row in state.instalments[-2:]] == [date(2024, 5, 1), date(2024, 6, 1)]
    made = state.transactions[-1]
    assert (made.kind, made.amount, made.balance) == (TransactionKind.REAGE, 80_397, 80_397)


def test_interest_owed_before_a_re_aging_stays_owed() -> None:
    day = date(2024, 4, 15)
    state = fold(LOAN, [paid_out(), reage(day, 2)], day)
    assert [row.owed.interest for row in state.instalments[:3]] == [1_200, 804, 404]
    assert state.delinquency.overdue.interest == 2_408


def test_re_amortising_spreads_what_is_overdue() -> None:
    day = date(2024, 2, 15)
    state = fold(LOAN, [paid_out(), on(Reamortisation, day)], day)
    assert owed(state) == [(0, 1_200), (59_701, 1_200), (60_299, 603)]
    assert state.transactions[-1].amount == 39_603


def test_nothing_is_re_amortised_after_the_last_due_date() -> None:
    with pytest.raises(InputProblem) as refused:
        fold(LOAN, [paid_out(), on(Reamortisation, date(2024, 4, 2))], date(2024, 4, 2))
    found = refused.value.findings[0]
    assert found.message == "No instalment is to come that overdue principal could go to."
    assert found.remedy == "Re-age the loan instead."


PROGRESSIVE = replace(LOAN, family=Family.PROGRESSIVE)
KEPT = Recalculation(Rest.DAY, Prepayment.KEEP, Arrears.EVERY_PERIOD)
BY_PRINCIPAL = replace(PROGRESSIVE, amortisation=Amortisation.PRINCIPAL)
LAST_FIRST = replace(LOAN, waterfall=Waterfall(future_refunds=Future.LAST))
TRANCHE = on(Disbursement, date(2024, 1, 20), amount_minor=30_000)


@pytest.mark.parametrize(
    ("contract", "events", "principal"),
    [
        (BY_PRINCIPAL, [on(Reschedule, date(2024, 2, 20), START, from_due=date(2024, 4, 1),
                           annual_rate=Fraction(6, 100)), TRANCHE], [50_000, 50_000, 50_000]),
        (BY_PRINCIPAL, [on(RateChange, date(2024, 2, 20), START, annual_rate=Fraction(6, 100)),
                        TRANCHE], [50_000, 50_000, 50_000]),
        (PROGRESSIVE, [paid(date(2024, 1, 9), INSTALMENT), reage(date(2024, 1, 10), 2),
                       on(Disbursement, date(2024, 2, 9), amount_minor=30_000)],
         [39_603, 53_865, 56_532]),
        (LAST_FIRST, [on(Refund, date(2024, 1, 9), amount_minor=70_000),
                on(Reamortisation, date(2024, 2, 15))], [59_701, 60_299]),
        (PROGRESSIVE, [on(WriteOff, date(2024, 1, 20)), on(Payoff, FEBRUARY)], []),
    ],
    ids=["tranche before new terms", "tranche before a new rate", "tranche after re-aging",
         "refunded and re-amortised", "paid off when written off"],
)  # fmt: skip
def test_instalments_add_up_whatever_came_before(
    contract: Contract, events: list[Event], principal: list[int]
) -> None:
    state = fold(contract, [paid_out(contract), *events], MARCH)
    assert list(not_adding_up(state)) == []
    assert [row.owed.principal for row in state.instalments if row.owed.principal] == principal


def test_no_money_is_paid_out_within_instalments_that_are_settled() -> None:
    events = [paid_out(), paid(date(2024, 1, 9), INSTALMENT), reage(date(2024, 1, 10), 2), TRANCHE]
    with pytest.raises(InputProblem) as refused:
        fold(PROGRESSIVE, events, MARCH)
    found = refused.value.findings[0]
    assert found.message == (
        "The instalments until 2024-02-01 are settled, and money is paid out on 2024-01-20."
    )
    assert found.remedy == "Pay out later, or on a new contract."


def test_nothing_is_owed_that_is_paid_whatever_the_new_rate_would_have_asked() -> None:
    free = replace(
        PROGRESSIVE,
        annual_rate=Fraction(0),
        every=4,
        instalments=9,
        grace=Grace(principal_periods=1, interest_deferred_periods=3),
        recalculation=KEPT,
    )
    change = on(RateChange, date(2024, 7, 1), date(2024, 5, 10), annual_rate=Fraction(2, 100))
    events = [paid_out(free), change, paid(date(2024, 5, 5), 120_000), paid(date(2024, 5, 20), 67)]
    state = fold(free, events, date(2024, 5, 20))
    assert (list(not_adding_up(state)), state.overpaid) == ([], 67)
