"""A loan adds up however it goes; where one figure of it is altered, that is told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.lending.loan.made_loans import contracts
from tests.lending.loan.plain_loan import FEBRUARY, INSTALMENT, LOAN, MARCH, on, paid, paid_out
from tradeline.kernel.findings import InputProblem
from tradeline.lending.loan.adding_up import not_adding_up
from tradeline.lending.loan.amounts import Amounts
from tradeline.lending.loan.contract import ChargeKind, Contract
from tradeline.lending.loan.events import (
    Charge,
    Chargeback,
    ChargeOff,
    CreditBalanceRefund,
    Event,
    Refund,
    Repayment,
    WriteOff,
)
from tradeline.lending.loan.fold import fold
from tradeline.lending.loan.state import LoanState

WITH_AMOUNT = (Repayment, Repayment, Refund, Chargeback, CreditBalanceRefund)


@st.composite
def lives(draw: DrawFn, contract: Contract) -> list[Event]:
    """Money that comes, goes back and is given up, in any order."""
    amounts = st.integers(1, 2 * contract.principal_minor)
    days = sorted(draw(st.lists(st.integers(0, 600), min_size=1, max_size=6)))
    events: list[Event] = [paid_out(contract)]
    for number in days:
        day = contract.start + timedelta(days=number)
        kind = draw(st.sampled_from((*WITH_AMOUNT, Charge, ChargeOff, WriteOff)))
        facts = {"amount_minor": draw(amounts)} if kind not in {ChargeOff, WriteOff} else {}
        if kind is Charge:
            facts["kind"] = draw(st.sampled_from(ChargeKind))
        events.append(on(kind, day, **facts))
    return events


@settings(deadline=None)
@given(st.data())
def test_every_life_of_a_loan_adds_up(data: st.DataObject) -> None:
    contract = data.draw(contracts())
    events = data.draw(lives(contract))
    day = contract.start + timedelta(days=data.draw(st.integers(0, 700)))
    try:
        state = fold(contract, events, day)
    except InputProblem:
        return  # events that make no sense
    assert tuple(not_adding_up(state)) == ()


STATE = fold(LOAN, [paid_out(), paid(FEBRUARY, INSTALMENT), paid(FEBRUARY, 100)], MARCH)


def altered(number: int, **figures: object) -> LoanState:
    """The loan with other figures of one instalment."""
    rows = list(STATE.instalments)
    rows[number - 1] = replace(rows[number - 1], **figures)  # type: ignore[arg-type]
    return replace(STATE, instalments=tuple(rows))


TOTALS = "Its totals are not the sums of its instalments."


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (STATE, []),
        (altered(3, owed=Amounts(40_399, 404)),
         ["Its instalments come to 120001 of principal, 120000 was lent.", TOTALS]),
        (altered(3, owed=Amounts(40_398, 405)), [TOTALS]),
        (altered(1, paid=Amounts(39_603, 1_201)),
         ["Of instalment 1 1201 of interest is paid, 1200 is due.",
          "Its instalments have 1301 of interest paid, 1300 was received.", TOTALS]),
        (altered(1, paid_late=40_804),
         ["Of instalment 1 more was paid early and late than was paid."]),
        (replace(STATE, totals=replace(STATE.totals, paid=0)), [TOTALS]),
        (replace(STATE, transactions=STATE.transactions[:-1]),
         ["Its instalments have 1300 of interest paid, 1200 was received."]),
        (replace(STATE, transactions=STATE.transactions[1:]),
         ["Its instalments come to 120000 of principal, 0 was lent."]),
    ],
)  # fmt: skip
def test_a_figure_that_is_altered_is_told(state: LoanState, said: list[str]) -> None:
    assert list(not_adding_up(state)) == said
