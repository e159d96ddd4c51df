"""The few ends of days that are added to a fold come to what all of them would."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.lending.servicing.lives import LINE
from tests.lending.servicing.random_lives import OF_A_LINE, PENALTIES, lives, loans_of_any_terms
from tests.lending.servicing.test_random_lives import ENOUGH, LIVES
from tradeline.kernel.findings import InputProblem
from tradeline.lending.lines.agreement import LineAgreement, SeparateDraws
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import ChargeOff, EndOfDay, Event, WriteOff
from tradeline.lending.loan.taken_back import standing_events
from tradeline.lending.servicing.declared import kind_of
from tradeline.lending.servicing.differences import right
from tradeline.lending.servicing.kinds import Agreed

UNTIL = st.integers(1, 200).map(lambda days: date(2026, 1, 5) + timedelta(days=days))
MANY = settings(ENOUGH, max_examples=max(LIVES // 10, 1))


def each_day(start: date, events: Sequence[Event], until: date) -> list[Event]:
    """An end of every day, until the agreement is lost."""
    lost = [event.value_date for _, event in standing_events(events)
            if isinstance(event, ChargeOff | WriteOff)]  # fmt: skip
    days = range(1, (min([until, *(day - timedelta(days=1) for day in lost)]) - start).days + 1)
    return [EndOfDay(value_date=day, entered_on=day)
            for day in (start + timedelta(days=number) for number in days)]  # fmt: skip


def come_to_the_same(contract: Agreed, life: Sequence[Event], until: date) -> None:
    """What the fold refuses is left out of the life, and ends of days that somebody entered."""
    kind, start = kind_of(contract), contract.start
    events: list[Event] = []
    for event in life:
        more = [*events, event]
        try:
            wanted = kind.fold(contract, (*more, *each_day(start, more, until)), until)
        except InputProblem:
            continue
        if not isinstance(event, EndOfDay):
            events = more
            found = kind.fold(contract, (*more, *kind.ends(contract, tuple(more), until)), until)
            assert right(kind.bookings(found), "CNY") == right(kind.bookings(wanted), "CNY")
            assert kind.standing(found) == kind.standing(wanted)


@st.composite
def lines(draw: DrawFn) -> LineAgreement:
    """A line whose draws are loans, penalised when they are late or not."""
    line = LINE.contract
    assert isinstance(line, LineAgreement)
    assert isinstance(line.repayment, SeparateDraws)
    terms = replace(line.repayment.terms, overdue_penalty=draw(st.none() | PENALTIES))
    return replace(line, repayment=replace(line.repayment, terms=terms))


@given(loans_of_any_terms(), UNTIL)
@settings(ENOUGH, max_examples=5)
def test_of_a_loan_of_any_terms(loan: tuple[Contract, list[Event]], until: date) -> None:
    come_to_the_same(*loan, until)


@pytest.mark.long
@given(loans_of_any_terms(), UNTIL)
@MANY
def test_of_many_loans_of_any_terms(loan: tuple[Contract, list[Event]], until: date) -> None:
    come_to_the_same(*loan, until)


@given(lines(), lives(OF_A_LINE, 400_000), UNTIL)
@settings(ENOUGH, max_examples=2)
def test_of_a_line_of_draws(line: LineAgreement, life: list[Event], until: date) -> None:
    come_to_the_same(line, life, until)


@pytest.mark.long
@given(lines(), lives(OF_A_LINE, 400_000), UNTIL)
@MANY
def test_of_many_lines_of_draws(line: LineAgreement, life: list[Event], until: date) -> None:
    come_to_the_same(line, life, until)
