"""Random lives of agreements: what may happen, entered late, taken back, in any order."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.lending.loan.made_loans import agreed_one_by_one, contracts
from tests.lending.servicing.lives import ADVANCE, LINE, LOAN, ORDER, RECEIVABLE
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.lines.events import DrawRequest, DrawReturn, DrawSettlement, LimitChange
from tradeline.lending.loan.contract import ChargeBase, ChargeKind, Contract, OverduePenalty
from tradeline.lending.loan.events import (
    KNOWN_AHEAD,
    Charge,
    Chargeback,
    ChargeOff,
    CreditBalanceRefund,
    DelinquencyPause,
    Disbursement,
    DisbursementCharge,
    EndOfDay,
    Event,
    InstalmentCharge,
    InterestPause,
    Payoff,
    PercentCharge,
    RateChange,
    Reage,
    Reamortisation,
    Refund,
    Repayment,
    Reschedule,
    Reversal,
    WriteOff,
)
from tradeline.lending.loan.fold import preview
from tradeline.lending.orders.fold import OF_ORDERS
from tradeline.lending.receivables.events import Withdrawal
from tradeline.lending.receivables.fold import OF_RECEIVABLES
from tradeline.lending.revenue_share.fold import OF_ADVANCES

Kinds = Sequence[type[Event]]
BEGIN = date(2026, 1, 5)
OF_A_LOAN = (Disbursement, Repayment, Repayment, Payoff, EndOfDay, Reversal, CreditBalanceRefund,
             ChargeOff, WriteOff)  # fmt: skip
# No payment that states itself what it goes to.
OF_ANY_LOAN = (Repayment, Repayment, Payoff, EndOfDay, Reversal, CreditBalanceRefund, ChargeOff,
               WriteOff, Disbursement, Refund, Chargeback, Charge, PercentCharge, InstalmentCharge,
               DisbursementCharge, RateChange, Reschedule, Reage, Reamortisation, InterestPause,
               DelinquencyPause)  # fmt: skip
OF_A_LINE = (DrawRequest, DrawRequest, DrawSettlement, DrawSettlement, DrawReturn, Repayment,
             Repayment, EndOfDay, LimitChange, Reversal)  # fmt: skip


def _without(kinds: Kinds) -> Kinds:
    return [kind for kind in kinds if kind is not Withdrawal]


RANDOM = (
    (LOAN, OF_A_LOAN, 1_200_000),
    (LINE, OF_A_LINE, 400_000),
    (ADVANCE, OF_ADVANCES, 900_000),
    (RECEIVABLE, _without(OF_RECEIVABLES), 5_000_000),
    (ORDER, _without(OF_ORDERS), 5_000_000),
)
DAYS = st.integers(0, 200).map(lambda days: BEGIN + timedelta(days=days))
RATES = st.builds(Fraction, st.integers(0, 4_000), st.just(10_000))
Values = Mapping[str, st.SearchStrategy[Any]]
VALUES: Values = {
    "of": st.integers(0, 6),
    "draw": st.sampled_from("AB"),
    "name": st.sampled_from(["material", "made"]),
    "limit_minor": st.integers(0, 2_000_000),
    "kind": st.sampled_from(ChargeKind),
    "base": st.sampled_from(ChargeBase),
    "rate": RATES.map(lambda rate: rate / 8),
    "annual_rate": RATES,
    "until": DAYS,
    "first_due": DAYS,
    "frequency": st.sampled_from(Frequency),
    "every": st.integers(1, 3),
    "instalments": st.integers(1, 12),
    "principal_grace_periods": st.integers(0, 2),
}
PENALTIES = st.builds(
    OverduePenalty, RATES.map(lambda rate: rate / 100), st.sampled_from(ChargeBase),
    st.booleans(), st.integers(0, 3),
)  # fmt: skip


def lives(kinds: Kinds, most: int, values: Values = VALUES) -> st.SearchStrategy[list[Event]]:
    """The life of one agreement: events by the day of their entry, many valued before it."""
    return st.lists(
        st.sampled_from(kinds).flatmap(lambda kind: _events(kind, most, values)), max_size=9
    ).map(lambda events: sorted(events, key=lambda event: event.entered_on))


@st.composite
def loans_of_any_terms(draw: DrawFn) -> tuple[Contract, list[Event]]:
    """A loan that is paid out on its first day, at least in part, and what then happens to it."""
    contract = replace(
        draw(contracts()),
        start=BEGIN - timedelta(days=draw(st.integers(0, 40))),
        down_payment=draw(st.sampled_from([Fraction(0), Fraction(0), Fraction(1, 5)])),
        overdue_penalty=draw(st.none() | PENALTIES),
    )
    if draw(st.integers(0, 3)) == 0:
        contract = draw(agreed_one_by_one(contract))
    begin, principal = contract.start, contract.principal_minor
    out = Disbursement(value_date=begin, entered_on=begin,
                       amount_minor=principal // draw(st.integers(1, 2)))  # fmt: skip
    due = st.sampled_from([row.due for row in preview(contract).instalments])
    then = draw(lives(OF_ANY_LOAN, principal, {**VALUES, "from_due": due}))
    return contract, [out, *then]


def _events(kind: type[Event], most: int, values: Values) -> st.SearchStrategy[Event]:
    own = [field.name for field in fields(kind)]
    facts = {name: values[name] for name in own if name in values}
    if "amount_minor" in own:
        facts["amount_minor"] = st.integers(1, most) | st.just(most) | st.just(900_000)
    earliest = -40 if kind in KNOWN_AHEAD else 0
    return st.tuples(st.integers(0, 150), st.integers(earliest, 20) | st.just(0)).flatmap(
        lambda days: st.builds(
            kind,
            entered_on=st.just(BEGIN + timedelta(days=days[0])),
            value_date=st.just(BEGIN + timedelta(days=max(days[0] - days[1], 0))),
            **facts,
        )
    )
