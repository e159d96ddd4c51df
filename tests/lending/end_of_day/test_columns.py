"""Rows of texts make the contracts and events that they state, or say what is wrong."""

from dataclasses import fields, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.lending.end_of_day.made import loan, odd_terms
from tests.lending.end_of_day.written import landed
from tests.lending.loan.contract_terms import terms_of_a_contract, with_term
from tradeline.kernel.findings import InputProblem
from tradeline.lending.dates.business_days import Calendar, Shift
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.end_of_day.columns import (
    EVENT_COLUMNS,
    KINDS,
    LOAN_COLUMNS,
    contract_of,
    events_of,
    field_of,
)
from tradeline.lending.loan import events as happened
from tradeline.lending.loan.amounts import Component
from tradeline.lending.loan.contract import (
    Amortisation,
    Arrears,
    ChargeBase,
    Contract,
    CustomInstalment,
    Direction,
    Family,
    Future,
    InstalmentBasis,
    InterestMethod,
    OverduePenalty,
    PayoffInterest,
    Prepayment,
    Recalculation,
    Rest,
    Step,
    Timing,
)
from tradeline.lending.loan.events import EndOfDay, Event, Repayment, Reversal
from tradeline.lending.loan.rounding import RoundingMode


def test_what_was_written_is_read_back() -> None:
    generator = np.random.default_rng(3)
    usual = [loan(generator, 100) for _ in range(60)]
    for each in [*usual, *(loan(generator, 100, terms=odd_terms) for _ in range(60))]:
        [row] = landed([each])
        contract = contract_of(row.texts, "loan")
        assert contract == each.contract
        events = events_of(row.events, "CNY", "loan")
        assert [type(event) for event in events] == [type(event) for event in each.events]
        assert [event.value_date for event in events] == [event.value_date for event in each.events]


LEAST = {"loan": "7", "product": "term loan", "lender": "north", "currency": "CNY",
         "principal": "1000", "annual_rate_percent": "12", "start": "2026-01-31"}  # fmt: skip
PLAIN = Contract("CNY", 100_000, Fraction(12, 100), date(2026, 1, 31), Frequency.MONTHS, 1, None)
COMPONENTS = (Component.FEES, Component.PENALTIES, Component.PRINCIPAL, Component.INTEREST)
IN_STEPS = (
    Step(frozenset([Timing.PAST_DUE, Timing.DUE]), COMPONENTS),
    Step(frozenset([Timing.IN_ADVANCE]), COMPONENTS[::-1]),
)
TWO_STEPS = ("due, past due: fees, penalties, principal, interest; "
             "in advance: interest, principal, penalties, fees")  # fmt: skip
PENALTY = {"penalty_percent": "5"}
OF_PENALTY = OverduePenalty(Fraction(5, 100), ChargeBase.PRINCIPAL_AND_INTEREST)
# Each term of a contract, the columns that carry it, and what they then say.
CARRIED: dict[str, tuple[dict[str, str], object]] = {
    "currency": ({"currency": "EUR"}, "EUR"),
    "principal_minor": ({"principal": "2000.01"}, 200_001),
    "annual_rate": ({"annual_rate_percent": "7.25"}, Fraction(725, 10_000)),
    "start": ({"start": "2026-02-28"}, date(2026, 2, 28)),
    "frequency": ({"frequency": "weeks"}, Frequency.WEEKS),
    "every": ({"every": "2"}, 2),
    "instalments": ({"instalments": "9"}, 9),
    "first_due": ({"first_due": "2026-03-10"}, date(2026, 3, 10)),
    "family": ({"family": "progressive"}, Family.PROGRESSIVE),
    "interest": ({"interest": "flat"}, InterestMethod.FLAT),
    "amortisation": ({"amortisation": "equal principal"}, Amortisation.PRINCIPAL),
    "day_count": ({"day_count": "actual/360"}, DayCount.ACTUAL_360),
    "instalment_basis": ({"instalment_basis": "equal periods"}, InstalmentBasis.EQUAL_PERIODS),
    "instalment_rounding.mode": ({"instalment_rounding": "up"}, RoundingMode.UP),
    "instalment_rounding.step_minor": ({"instalment_step": "100"}, 100),
    "interest_rounding.mode": ({"rounding": "down", "instalment_rounding": "half even"},
                               RoundingMode.DOWN),
    "interest_rounding.step_minor": ({"interest_step": "10"}, 10),
    "slices_rounded": ({"slices_rounded": "yes"}, True),
    "instalment_moves": ({"instalment_moves": "no"}, False),
    "fixed_instalment_minor": ({"fixed_instalment": "88.85"}, 8_885),
    "instalment_on_approved": ({"instalment_on_approved": "yes"}, True),
    "balloon_minor": ({"balloon": "400"}, 40_000),
    "grace.principal_periods": ({"principal_grace_periods": "2"}, 2),
    "grace.interest_deferred_periods": ({"interest_grace_periods": "3"}, 3),
    "grace.arrears_days": ({"arrears_grace_days": "5"}, 5),
    "down_payment": ({"down_payment_percent": "25"}, Fraction(1, 4)),
    "down_payment_kept": ({"down_payment_kept": "no"}, False),
    "waterfall.steps": ({"allocation": TWO_STEPS}, IN_STEPS),
    "waterfall.direction": ({"allocation_direction": "component by component"},
                            Direction.COMPONENT_BY_COMPONENT),
    "waterfall.future": ({"future_payments": "last instalment"}, Future.LAST),
    "waterfall.future_refunds": ({"future_refunds": "all remaining instalments"}, Future.SPREAD),
    "waterfall.charges_by_their_date": ({"charges_by_their_date": "yes"}, True),
    "recalculation.rest": ({"rest": "due date"}, Rest.DUE_DATE),
    "recalculation.prepayment": ({"prepayment": "shorter term"}, Prepayment.SHORTER_TERM),
    "recalculation.arrears": ({"arrears": "none"}, Arrears.NONE),
    "payoff_interest": ({"payoff_interest": "period end"}, PayoffInterest.PERIOD_END),
    "overdue_penalty.rate": ({"penalty_percent": "0.05"}, Fraction(5, 10_000)),
    "overdue_penalty.base": (PENALTY | {"penalty_base": "principal"}, ChargeBase.PRINCIPAL),
    "overdue_penalty.per_day": (PENALTY | {"penalty_each_day": "yes"}, True),
    "overdue_penalty.after_grace_days": (PENALTY | {"penalty_after_grace_days": "3"}, 3),
    "calendar.country": ({"calendar": "DE"}, "DE"),
    "calendar.shift": ({"calendar": "CN", "shift": "preceding"}, Shift.PRECEDING),
    "calendar.subdivision": ({"calendar": "CN-BY"}, "BY"),
    "custom": ({"custom_instalments": "2026-02-28: 300.00; 2026-09-30", "instalments": "2"},
               (CustomInstalment(date(2026, 2, 28), 30_000), CustomInstalment(date(2026, 9, 30)))),
}  # fmt: skip
# What stands there where a term that may be absent is stated.
STATED = replace(
    PLAIN, recalculation=Recalculation(), overdue_penalty=OF_PENALTY, calendar=Calendar("CN")
)


def test_every_term_of_a_contract_has_columns_and_every_column_is_of_use() -> None:
    assert list(CARRIED) == list(terms_of_a_contract(STATED))
    said = {"accrual", "provisions", "lgd_percent", "effective_rate_percent"}
    used = {column for texts, _ in CARRIED.values() for column in texts} | {"custom_principal"}
    assert used | said == {column.name for column in LOAN_COLUMNS} | {"currency"}


@pytest.mark.parametrize("name", CARRIED)
def test_a_term_is_what_its_columns_say(name: str) -> None:
    texts, value = CARRIED[name]
    assert contract_of(LEAST, "loan 7") == PLAIN
    expected = with_term(PLAIN, name, value, STATED)
    if name == "custom":
        expected = replace(expected, instalments=2)
    assert contract_of(LEAST | texts, "loan 7") == expected != PLAIN


def test_principal_may_be_agreed_one_by_one() -> None:
    texts = LEAST | {"custom_principal": "2026-02-28: 300.00; 2026-09-30:700"}
    agreed = (
        CustomInstalment(date(2026, 2, 28), 30_000),
        CustomInstalment(date(2026, 9, 30), 70_000),
    )
    assert contract_of(texts, "loan 7") == replace(
        PLAIN, instalments=2, amortisation=Amortisation.PRINCIPAL, custom=agreed
    )


FILLED_OTHERWISE = {"value_date", "entered_on", "reference", "of"}


def test_every_event_of_a_loan_but_the_end_of_day_can_be_stated_with_all_its_fields() -> None:
    known = {kind.record: kind for kind in KINDS.values()}
    classes: set[Any] = {
        each for each in vars(happened).values()
        if isinstance(each, type) and issubclass(each, Event)
    }  # fmt: skip
    assert classes - known.keys() == {Event, EndOfDay}
    assert {name for kind in KINDS.values() for name in (*kind.needs, *kind.may)} == {
        column.name for column in EVENT_COLUMNS
    }
    for record, kind in known.items():
        filled = {field_of(kind, name) for name in (*kind.needs, *kind.may)}
        assert filled | FILLED_OTHERWISE >= {field.name for field in fields(record)}


def test_the_part_of_an_event_that_is_reversed_can_be_stated() -> None:
    on = {"value_date": "2026-01-31", "reference": "out"}
    out = on | {"event": "disbursement", "amount": "1000"}
    back = on | {"event": "reversal", "reference": "", "reverses": "out", "part": "1"}
    found = events_of([out, back], "CNY", "loan 7")[1]
    assert isinstance(found, Reversal)
    assert (found.of, found.part) == (0, 1)


def test_a_payment_of_a_day_to_come_counts_from_that_day() -> None:
    row = {"event": "repayment", "value_date": "2026-03-05", "entered_on": "2026-02-20",
           "amount": "88.85"}  # fmt: skip
    [found] = events_of([row], "CNY", "loan 7")
    day = date(2026, 2, 20)
    assert found == Repayment(
        value_date=day + timedelta(days=13), entered_on=day, amount_minor=8_885
    )


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({}, "error: loan 7, currency: '' is no currency. See docs/guides/end-of-day.md."),
        ({"currency": "CNY", "principal": "12,5"},
         "error: loan 7, principal: '12,5' is no decimal number. See docs/guides/end-of-day.md."),
        ({"currency": "JPY", "principal": "12.5"},
         "error: loan 7, principal: '12.5' has more than 0 decimals. "
         "See docs/guides/end-of-day.md."),
        ({"currency": "CNY"},
         "error: loan 7, start: It is not stated. See docs/guides/end-of-day.md."),
        ({"currency": "CNY", "day_count": "30/365"},
         "error: loan 7, day_count: The value '30/365' is not known; write one of "
         "30/360, equal periods, actual/360, actual/364, actual/365, actual/actual. "
         "See docs/guides/end-of-day.md."),
        (LEAST | {"shift": "following"},
         "error: loan 7, shift: It says nothing without `calendar`. "
         "See docs/guides/end-of-day.md."),
        (LEAST | {"penalty_each_day": "yes"},
         "error: loan 7, penalty_each_day: It says nothing without `penalty_percent`. "
         "See docs/guides/end-of-day.md."),
        (LEAST | {"allocation": "due: principal, interest, fees, penalties"},
         "error: loan 7, allocation: It is not lines of timings, a colon and components; each "
         "component of what is past due, due and in advance once. See docs/guides/end-of-day.md."),
        (LEAST | {"custom_principal": "28 February: 300"},
         "error: loan 7, custom_principal: '28 February' is no date. "
         "See docs/guides/end-of-day.md."),
        (LEAST | {"custom_principal": "2026-02-28: much; 2026-09-30"},
         "error: loan 7, custom_principal: 'much' is no decimal number. "
         "See docs/guides/end-of-day.md."),
        (LEAST | {"custom_principal": "2026-02-28", "amortisation": "equal instalments"},
         "error: loan 7, custom_principal: Its amounts are said to be something else, too. "
         "See docs/guides/end-of-day.md."),
        (LEAST | {"custom_principal": "2026-02-28", "custom_instalments": "2026-02-28"},
         "error: loan 7, custom_principal: Its amounts are said to be something else, too. "
         "See docs/guides/end-of-day.md."),
        (LEAST | {"instalment_moves": "maybe"},
         "error: loan 7, instalment_moves: The value 'maybe' is not known; write one of yes, no. "
         "See docs/guides/end-of-day.md."),
    ],
)  # fmt: skip
def test_a_loan_that_states_nonsense_is_refused(texts: dict[str, str], message: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        contract_of(texts, "loan 7")
    assert message in str(refusal.value).splitlines()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"event": "gift", "value_date": "2026-01-01"},
         "error: loan 7, event 1: The value 'gift' is not known; write one of "
         "disbursement, repayment, payoff, refund, credit balance refund, chargeback, instalment "
         "payment, charge, percent charge, instalment charge, disbursement charge, rate change, "
         "reschedule, re-age, re-amortisation, interest pause, delinquency pause, charge-off, "
         "write-off, reversal. See docs/guides/end-of-day.md."),
        ({"event": "repayment", "value_date": "2026-01-01"},
         "error: loan 7, event 1: 'repayment' needs `amount`. See docs/guides/end-of-day.md."),
        ({"event": "payoff", "value_date": "2026-01-01", "amount": "5"},
         "error: loan 7, event 1: 'payoff' has no `amount`. See docs/guides/end-of-day.md."),
        ({"event": "reversal", "value_date": "2026-01-01", "reverses": "p1"},
         "error: loan 7, event 1: No event has the reference 'p1'. "
         "See docs/guides/end-of-day.md."),
    ],
)  # fmt: skip
def test_an_event_that_states_nonsense_is_refused(row: dict[str, str], message: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        events_of([row], "CNY", "loan 7")
    assert message in str(refusal.value).splitlines()
