"""Random lives of agreements: what may happen, entered late, taken back, in any order."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.lending.servicing.lives import ADVANCE, LINE, LOAN, ORDER, RECEIVABLE
from tradeline.lending.lines.events import DrawRequest, DrawReturn, DrawSettlement, LimitChange
from tradeline.lending.loan.events import (
    ChargeOff,
    CreditBalanceRefund,
    Disbursement,
    EndOfDay,
    Event,
    Payoff,
    Repayment,
    Reversal,
    WriteOff,
)
from tradeline.lending.orders.fold import OF_ORDERS
from tradeline.lending.receivables.events import Withdrawal
from tradeline.lending.receivables.fold import OF_RECEIVABLES
from tradeline.lending.revenue_share.fold import OF_ADVANCES

Kinds = Sequence[type[Event]]
BEGIN = date(2026, 1, 5)
OF_A_LOAN = (Disbursement, Repayment, Repayment, Payoff, EndOfDay, Reversal, CreditBalanceRefund,
             ChargeOff, WriteOff)  # fmt: skip
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
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "of": st.integers(0, 6),
    "draw": st.sampled_from("AB"),
    "name": st.sampled_from(["material", "made"]),
    "limit_minor": st.integers(0, 2_000_000),
}


def lives(kinds: Kinds, most: int) -> st.SearchStrategy[list[Event]]:
    """The life of one agreement: events by the day of their entry, many valued before it."""
    return st.lists(
        st.sampled_from(kinds).flatmap(lambda kind: _events(kind, most)), max_size=9
    ).map(lambda events: sorted(events, key=lambda event: event.entered_on))


def _events(kind: type[Event], most: int) -> st.SearchStrategy[Event]:
    own = [field.name for field in fields(kind)]
    values = {name: VALUES[name] for name in own if name in VALUES}
    if "amount_minor" in own:
        values["amount_minor"] = st.integers(1, most) | st.just(most) | st.just(900_000)
    return st.tuples(st.integers(0, 150), st.integers(0, 20) | st.just(0)).flatmap(
        lambda days: st.builds(
            kind,
            entered_on=st.just(BEGIN + timedelta(days=days[0])),
            value_date=st.just(BEGIN + timedelta(days=max(days[0] - days[1], 0))),
            **values,
        )
    )
