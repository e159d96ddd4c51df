"""The end of day by arrays says what the fold says of each loan, day after day."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.lending.end_of_day.made import (
    START,
    Loan,
    every_end_of_day,
    fold_of,
    loan,
    news,
    odd_terms,
)
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.end_of_day.accrual import earned
from tradeline.lending.end_of_day.arrears import arrears, open_of
from tradeline.lending.end_of_day.day import Day, end_day
from tradeline.lending.end_of_day.portfolio import STATUSES, Portfolio, empty, terms_of
from tradeline.lending.end_of_day.standing import ACCOUNTS, standing
from tradeline.lending.loan.contract import Amortisation, Contract, Grace, Recalculation
from tradeline.lending.loan.events import Disbursement, Event, RateChange, Reage, Repayment
from tradeline.lending.loan.fold import fold, preview
from tradeline.lending.loan.state import Status

DAYS = 105


def begun(loans: list[Loan], first: date = START) -> Portfolio:
    return empty(terms_of([each.contract for each in loans]), first.toordinal() - 1)


def ended(before: Portfolio, loans: list[Loan], day: date) -> Day:
    return end_day(before, day.toordinal(), news(loans, day), fold_of(loans, day))


@pytest.mark.parametrize("seed", range(2))
def test_arrays_say_what_the_fold_says_loan_by_loan(seed: int) -> None:
    generator = np.random.default_rng([seed, 1])
    loans = [loan(generator, DAYS) for _ in range(10)]
    portfolio = begun(loans)
    by_arrays = 0
    for after in range(DAYS):
        day = START + timedelta(days=after)
        done = ended(portfolio, loans, day)
        portfolio = done.after
        assert done.findings == ()
        by_arrays += int((~done.folded).sum())
        if after % 9 == seed:
            compare(portfolio, loans, day)
    assert by_arrays > 0.7 * DAYS * len(loans)


def test_terms_that_few_contracts_have_are_as_the_fold_says_too() -> None:
    generator = np.random.default_rng(41)
    loans = [loan(generator, 60, terms=odd_terms) for _ in range(16)]
    portfolio = begun(loans)
    for after in range(60):
        day = START + timedelta(days=after)
        done = ended(portfolio, loans, day)
        portfolio = done.after
        assert done.findings == ()
        if after % 15 == 14:
            compare(portfolio, loans, day)


def happened(kind: type[Event], on: date, entered: date | None = None, **values: Any) -> Event:
    return kind(value_date=on, entered_on=entered or on, **values)


def test_a_new_rate_within_the_next_instalment_is_earned_from_its_day() -> None:
    """What falls due is paid to the cent, so that nothing but the new rate has a loan folded."""
    contract = Contract(
        "CNY", 2_808_574, Fraction(19, 200), date(2025, 11, 23), Frequency.MONTHS, 1, 7,
        amortisation=Amortisation.PRINCIPAL, day_count=DayCount.ACTUAL_ACTUAL,
        grace=Grace(principal_periods=1), recalculation=Recalculation(),
    )  # fmt: skip
    due = preview(contract).instalments[0]
    events = (
        happened(Disbursement, contract.start, amount_minor=2_808_574),
        happened(RateChange, date(2025, 12, 30), contract.start, annual_rate=Fraction(1, 10)),
        happened(Repayment, due.due, amount_minor=due.owed.total),
    )
    each_day(Loan(contract, events), 60)


def test_what_was_paid_ahead_before_re_ageing_is_earned_on_its_due_date() -> None:
    contract = Contract(
        "CNY", 3_707_580, Fraction(1, 4), date(2025, 11, 18), Frequency.MONTHS, 1, 8
    )
    day = date(2025, 12, 21)
    events = (
        happened(Disbursement, contract.start, amount_minor=3_707_580),
        happened(Repayment, date(2025, 12, 18), day, amount_minor=862_527),
        happened(Reage, day, first_due=date(2026, 1, 10), frequency=Frequency.MONTHS, every=1,
                 instalments=3),
    )  # fmt: skip
    each_day(Loan(contract, events), 75)


def each_day(one: Loan, days: int) -> None:
    portfolio = begun([one])
    for after in range(days):
        day = START + timedelta(days=after)
        portfolio = ended(portfolio, [one], day).after
        compare(portfolio, [one], day)


def test_the_days_about_a_leap_day_are_as_the_fold_says() -> None:
    generator = np.random.default_rng([2028, 2])
    loans = [loan(generator, 90, first=date(2028, 1, 10)) for _ in range(16)]
    first = date(2028, 2, 26)
    portfolio = begun(loans, first)
    for after in range(6):
        day = first + timedelta(days=after)
        portfolio = ended(portfolio, loans, day).after
        compare(portfolio, loans, day)
    assert day == date(2028, 3, 2)


def compare(portfolio: Portfolio, loans: list[Loan], day: date) -> None:
    late, income = arrears(portfolio, day.toordinal()), earned(portfolio, day.toordinal())
    owed = portfolio.by_loan(open_of(portfolio.lines))
    principal = portfolio.by_loan(portfolio.lines.principal)
    for place, each in enumerate(loans):
        if each.contract.start > day:
            continue
        state = fold(each.contract, every_end_of_day(each, day), day)
        told = (
            STATUSES[portfolio.loans.status[place]], owed[place], principal[place],
            late.days[place], late.amount[place], portfolio.loans.overpaid[place],
        )  # fmt: skip
        right = (
            state.status, sum(row.open.total for row in state.instalments), state.principal_open,
            state.delinquency.days, state.delinquency.overdue.total, state.overpaid,
        )  # fmt: skip
        assert told == right, (place, day, each)
        anew = standing(each.contract, each.known(day), day)
        booked = portfolio.booked[place].tolist()
        assert booked == list(anew.booked), (place, day, each)
        assert income[place] == -booked[ACCOUNTS.index("interest income")]
        assert sum(booked) == 0
        assert portfolio.interest_received[place] == anew.interest_received
        reached = portfolio.loans
        assert (reached.reached_30[place], reached.reached_60[place]) == anew.reached[:2]
        found = anew.forbearance
        assert (reached.forborne[place], reached.late_since_as_agreed[place]) == (
            found.at_risk, found.late_since,
        )  # fmt: skip
        if state.status is Status.CLOSED:
            assert income[place] == state.totals.owed.interest
