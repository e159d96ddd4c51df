"""The few ends of days that are added to a fold come to what all of them would."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.lending.lines import made_lines
from tests.lending.servicing.random_lives import PENALTIES, loans_of_any_terms
from tests.lending.servicing.test_random_lives import ENOUGH, LIVES
from tradeline.kernel.findings import InputProblem
from tradeline.lending.lines.agreement import LineAgreement, SeparateDraws
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import ChargeOff, Disbursement, EndOfDay, Event, WriteOff
from tradeline.lending.loan.taken_back import standing_events
from tradeline.lending.servicing.declared import kind_of
from tradeline.lending.servicing.differences import right
from tradeline.lending.servicing.kinds import Agreed

DAY = timedelta(days=1)
UNTIL = st.integers(1, 200).map(lambda days: date(2026, 1, 5) + days * DAY)
MANY = settings(ENOUGH, max_examples=max(LIVES // 10, 1))


def each_day(contract: Agreed, events: Sequence[Event], until: date) -> list[Event]:
    """An end of every day, of a loan from the day after it was paid out until it is lost."""
    standing = [event for _, event in standing_events(events)]
    lost = [event.value_date - DAY for event in standing if isinstance(event, ChargeOff | WriteOff)]
    begin, end = contract.start, min([until, *lost])
    if isinstance(contract, Contract):
        out = [event.value_date for event in standing if isinstance(event, Disbursement)]
        begin = min(out, default=end)
    days = [begin + number * DAY for number in range(1, (end - begin).days + 1)]
    return [EndOfDay(value_date=day, entered_on=day) for day in days]


def come_to_the_same(contract: Agreed, life: Sequence[Event], until: date) -> None:
    """What is refused is left out of the life, and ends of days that somebody entered."""
    kind, events = kind_of(contract), tuple[Event, ...]()
    for event in life:
        more = (*events, event)
        try:
            kind.fold(contract, (*more, *kind.ends(contract, more, until)), until)
        except InputProblem:
            continue
        events = events if isinstance(event, EndOfDay) else more
    found, wanted = (
        kind.fold(contract, (*events, *ends), until)
        for ends in (kind.ends(contract, events, until), each_day(contract, events, until))
    )
    assert right(kind.bookings(found), "CNY") == right(kind.bookings(wanted), "CNY")
    assert kind.standing(found) == kind.standing(wanted)


@st.composite
def lines(draw: DrawFn) -> tuple[LineAgreement, tuple[Event, ...]]:
    """A line and its life, draws that are loans penalised when they are late or not."""
    line, life = draw(made_lines.lines())
    if isinstance(line.repayment, SeparateDraws):
        terms = replace(line.repayment.terms, overdue_penalty=draw(st.none() | PENALTIES))
        line = replace(line, repayment=replace(line.repayment, terms=terms))
    return line, life


@given(loans_of_any_terms(), UNTIL)
@settings(ENOUGH, max_examples=4)
def test_of_a_loan_of_any_terms(loan: tuple[Contract, list[Event]], until: date) -> None:
    come_to_the_same(*loan, until)


@pytest.mark.long
@given(loans_of_any_terms(), UNTIL)
@MANY
def test_of_many_loans_of_any_terms(loan: tuple[Contract, list[Event]], until: date) -> None:
    come_to_the_same(*loan, until)


@given(lines(), UNTIL)
@settings(ENOUGH, max_examples=2)
def test_of_a_line_of_draws(line: tuple[LineAgreement, tuple[Event, ...]], until: date) -> None:
    come_to_the_same(*line, until)


@pytest.mark.long
@given(lines(), UNTIL)
@MANY
def test_of_many_lines_of_draws(line: tuple[LineAgreement, tuple[Event, ...]], until: date) -> None:
    come_to_the_same(*line, until)
