"""What holds of every loan, whatever its terms and whatever was paid."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from tests.lending.loan.made_loans import contracts, paid_out, repayment, repayments
from tradeline.lending.loan.amounts import NOTHING
from tradeline.lending.loan.contract import Arrears, Contract, Waterfall
from tradeline.lending.loan.events import Event, Payoff, Reversal
from tradeline.lending.loan.fold import fold, payoff_quote, preview
from tradeline.lending.loan.state import LoanState, Status, TransactionKind

LATER = timedelta(days=700)


def loan(data: DataObject, contract: Contract) -> list[Event]:
    return [paid_out(contract), *data.draw(repayments(contract))]


def rows(state: LoanState) -> list[object]:
    return [(row.due, row.owed, row.paid, row.balance_after) for row in state.instalments]


@settings(deadline=None)
@given(contracts())
def test_a_schedule_pays_back_what_was_paid_out(contract: Contract) -> None:
    state = preview(contract)
    assert sum(row.owed.principal for row in state.instalments) == contract.principal_minor
    assert state.instalments[-1].balance_after == 0
    assert all(row.owed.principal >= 0 and row.owed.interest >= 0 for row in state.instalments)
    balances = [contract.principal_minor, *(row.balance_after for row in state.instalments)]
    assert balances == sorted(balances, reverse=True)
    assert len(state.instalments) <= (contract.instalments or 0)


@settings(deadline=None)
@given(contracts(), st.data())
def test_what_is_paid_is_what_payments_went_to(contract: Contract, data: DataObject) -> None:
    events = loan(data, contract)
    state = fold(contract, events, contract.start + LATER)
    money = [made for made in state.transactions if made.kind is TransactionKind.REPAYMENT]
    went = sum((made.parts for made in money), NOTHING)
    assert sum((row.paid for row in state.instalments), NOTHING) == went
    for made in money:
        assert made.amount == made.parts.total + made.overpayment
    assert state.overpaid == sum(made.overpayment for made in money)
    for row in state.instalments:
        for owed, paid in zip(
            (row.owed.principal, row.owed.interest), (row.paid.principal, row.paid.interest),
            strict=True,
        ):  # fmt: skip
            assert 0 <= paid <= owed
        assert row.paid_in_advance + row.paid_late <= row.paid.total


@settings(deadline=None)
@given(contracts(), st.data())
def test_principal_is_open_or_paid(contract: Contract, data: DataObject) -> None:
    state = fold(contract, loan(data, contract), contract.start + LATER)
    paid = sum(row.paid.principal for row in state.instalments)
    assert state.principal_open + paid == contract.principal_minor
    assert state.instalments[-1].balance_after == 0


@settings(deadline=None)
@given(contracts(), st.data(), st.integers(0, 600))
def test_a_payoff_leaves_nothing(contract: Contract, data: DataObject, days: int) -> None:
    events, day = loan(data, contract), contract.start + timedelta(days=days)
    before = fold(contract, events, day)
    if before.status is not Status.ACTIVE:
        return
    quote = payoff_quote(contract, events, day)
    state = fold(contract, [*events, Payoff(value_date=day, entered_on=day)], day)
    assert state.status is Status.CLOSED
    assert state.totals.open == 0
    paid = sum((row.paid for row in before.instalments), NOTHING)
    assert paid.principal + quote.parts.principal == contract.principal_minor
    owed = sum((row.owed for row in state.instalments), NOTHING)
    assert paid.total + quote.amount == owed.total == state.totals.paid


@settings(deadline=None)
@given(contracts(), st.data(), st.integers(0, 600))
def test_one_day_more_never_lowers_the_interest(
    contract: Contract, data: DataObject, days: int
) -> None:
    events = [paid_out(contract)]
    day = contract.start + timedelta(days=days)
    one = payoff_quote(contract, events, day)
    other = payoff_quote(contract, events, day + timedelta(days=1))
    assert one.parts.interest <= other.parts.interest


@settings(deadline=None)
@given(contracts(), st.data(), st.integers(1, 300), st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_payment_in_two_parts_on_a_day_is_one(
    contract: Contract, data: DataObject, days: int, one: int, other: int
) -> None:
    day, until = contract.start + timedelta(days=days), contract.start + LATER
    whole = fold(contract, [paid_out(contract), repayment(day, one + other)], until)
    parts = fold(contract, [paid_out(contract), repayment(day, one), repayment(day, other)], until)
    assert parts.totals.paid + parts.overpaid == whole.totals.paid + whole.overpaid == one + other
    assert parts.status == whole.status


@settings(deadline=None)
@given(contracts(), st.data())
def test_what_is_entered_late_is_as_if_it_had_been_in_time(
    contract: Contract, data: DataObject
) -> None:
    events = loan(data, contract)
    late = contract.start + LATER
    tail = [repayment(event.value_date, event.amount_minor, late) for event in events[:0:-1]]  # type: ignore[attr-defined]
    one = fold(contract, events, late)
    other = fold(contract, [events[0], *sorted(tail, key=lambda event: event.value_date)], late)
    assert rows(one) == rows(other)
    if len({event.value_date for event in events}) == len(events):
        backwards = fold(contract, [events[0], *tail], late)
        assert rows(one) == rows(backwards)


@settings(deadline=None)
@given(contracts(), st.data())
def test_what_is_reversed_and_entered_again_is_as_before(
    contract: Contract, data: DataObject
) -> None:
    events, late = loan(data, contract), contract.start + LATER
    if len(events) == 1:
        return
    place = data.draw(st.integers(1, len(events) - 1))
    back = Reversal(value_date=late, entered_on=late, of=place)
    one = fold(contract, events, late)
    without = fold(contract, [*events[:place], *events[place + 1 :]], late)
    assert rows(fold(contract, [*events, back], late)) == rows(without)
    if [event.value_date for event in events].count(events[place].value_date) == 1:
        assert rows(fold(contract, [*events, back, events[place]], late)) == rows(one)


@settings(deadline=None)
@given(contracts(), st.data())
def test_the_same_events_give_the_same_state(contract: Contract, data: DataObject) -> None:
    events, late = loan(data, contract), contract.start + LATER
    assert fold(contract, events, late) == fold(contract, events, late)


@settings(deadline=None)
@given(contracts(recalculated=True), st.lists(st.tuples(st.integers(1, 700), st.integers(1, 100))))
def test_where_overdue_principal_bears_none_it_changes_no_interest_when_it_is_paid(
    terms: Contract, late: list[tuple[int, int]]
) -> None:
    """Some percent of what is overdue is paid on some days."""
    assert terms.recalculation is not None
    bears_none = replace(terms.recalculation, arrears=Arrears.NONE)
    contract = replace(terms, recalculation=bears_none, waterfall=Waterfall())
    events: list[Event] = [paid_out(contract)]
    for days, percent in sorted(late):
        day = contract.start + timedelta(days=days)
        found = fold(contract, events, day)
        overdue = sum(row.open.total for row in found.instalments if row.due < day)
        if overdue:
            events.append(repayment(day, -(-overdue * percent // 100)))
    owed = [row.owed for row in fold(contract, events, contract.start + LATER).instalments]
    assert owed == [row.owed for row in preview(contract).instalments]
