"""Lines for tests: two agreements that read well, and random ones with a life that could be."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tradeline.kernel.findings import InputProblem
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.lines.accepting import accepted
from tradeline.lending.lines.agreement import (
    CommitmentFee,
    LineAgreement,
    MinimumPayment,
    RepaymentOrder,
    SeparateDraws,
)
from tradeline.lending.lines.events import (
    Cancellation,
    DrawEvent,
    DrawRequest,
    DrawReturn,
    DrawSettlement,
    Freeze,
    LimitChange,
    Release,
)
from tradeline.lending.loan.contract import (
    Amortisation,
    ChargeKind,
    Contract,
    Family,
    Prepayment,
    Recalculation,
)
from tradeline.lending.loan.events import Charge, Event, RateChange, Repayment, WriteOff

# A line folds its loans many times; half of the usual examples keep the suite quick.
FEW = settings(max_examples=max(settings().max_examples // 2, 1), deadline=None)
START = date(2026, 1, 5)
TWELVE = Fraction(12, 100)
TERMS = Contract(
    currency="CNY",
    principal_minor=1,
    annual_rate=TWELVE,
    start=START,
    frequency=Frequency.MONTHS,
    every=1,
    instalments=6,
    family=Family.PROGRESSIVE,
    day_count=DayCount.ACTUAL_365,
    recalculation=Recalculation(),
)
# 10,000.00 for a year at 12 %: each draw in six instalments, or a tenth of the balance each month.
BY_DRAW = LineAgreement(
    "CNY", 1_000_000, TWELVE, START, date(2026, 12, 31), SeparateDraws(TERMS),
    CommitmentFee(Fraction(1, 100)),
)  # fmt: skip
BY_BALANCE = replace(BY_DRAW, repayment=MinimumPayment(Fraction(1, 10), 5_000, days_to_pay=20))


def day(number: int) -> date:
    """So many days after the start."""
    return START + timedelta(days=number)


def asked(name: str, number: int, amount: int) -> DrawRequest:
    """A draw asked for on a day counted from the start."""
    return DrawRequest(
        value_date=day(number), entered_on=day(number), draw=name, amount_minor=amount
    )


def settled(name: str, number: int) -> DrawSettlement:
    """Its settlement."""
    return DrawSettlement(value_date=day(number), entered_on=day(number), draw=name)


def returned(name: str, number: int) -> DrawReturn:
    """Its return."""
    return DrawReturn(value_date=day(number), entered_on=day(number), draw=name)


def paid(number: int, amount: int) -> Repayment:
    """A payment."""
    return Repayment(value_date=day(number), entered_on=day(number), amount_minor=amount)


def limited(number: int, limit: int) -> LimitChange:
    """Another limit."""
    return LimitChange(value_date=day(number), entered_on=day(number), limit_minor=limit)


def entered(agreement: LineAgreement, events: Sequence[Event]) -> tuple[Event, ...]:
    """Events entered one by one, without draws that are refused, and what happens to those."""
    found: tuple[Event, ...] = ()
    refused = set[str]()
    for event in events:
        if isinstance(event, DrawRequest):
            try:
                found = accepted(agreement, found, event)
            except InputProblem:
                refused.add(event.draw)
        elif getattr(event, "draw", None) not in refused:
            found = (*found, event)
    return found


@st.composite
def agreements(draw: DrawFn) -> LineAgreement:
    """Any terms that hold together."""
    count = draw(st.sampled_from(DayCount))
    terms = replace(
        TERMS,
        instalments=draw(st.integers(1, 6)),
        every=draw(st.integers(1, 2)),
        day_count=count,
        amortisation=draw(st.sampled_from(Amortisation)),
        recalculation=Recalculation(prepayment=draw(st.sampled_from(Prepayment))),
    )
    minimum = MinimumPayment(
        Fraction(draw(st.integers(1, 100)), 100), draw(st.integers(0, 9_000)),
        draw(st.integers(0, 25)), count,
    )  # fmt: skip
    order = draw(st.sampled_from(RepaymentOrder))
    return replace(
        BY_DRAW,
        annual_rate=Fraction(draw(st.integers(0, 3_600)), 10_000),
        expiry=day(draw(st.integers(60, 400))),
        repayment=minimum if draw(st.booleans()) else SeparateDraws(terms, order),
        commitment_fee=draw(st.sampled_from([None, BY_DRAW.commitment_fee])),
    )


DAYS = st.integers(0, 240)
AMOUNTS = st.integers(1, 700_000)


def _lives(name: str) -> st.SearchStrategy[list[Event]]:
    """A draw that is asked for, and perhaps settled, returned, charged or written off."""
    return st.tuples(DAYS, AMOUNTS, st.integers(0, 5), st.integers(0, 9)).map(
        lambda made: _life(name, *made)
    )


def _life(name: str, begin: int, amount: int, wait: int, fate: int) -> list[Event]:
    life: list[Event] = [asked(name, begin, amount)]
    if fate > 1:
        life.append(settled(name, begin + wait))
    if fate in (1, 2):
        life.append(returned(name, begin + wait + 3))
    if fate in (2, 8, 9):
        on = day(begin + wait + 2 + amount % 90 * (fate > 2))
        fee = Charge(
            value_date=on, entered_on=on, kind=ChargeKind.FEE, amount_minor=amount % 900 + 1
        )
        loss = WriteOff(value_date=on, entered_on=on)
        event = loss if fate == 9 else fee
        life.append(DrawEvent(value_date=on, entered_on=on, draw=name, event=event))
    return life


def others() -> st.SearchStrategy[list[Event]]:
    """One event that is no draw."""
    kinds = st.sampled_from(["paid", "paid", "paid", "limit", "rate", "freeze", "fee", "cancel"])
    return st.tuples(kinds, DAYS, AMOUNTS).map(lambda made: _other(*made))


def _other(kind: str, number: int, amount: int) -> list[Event]:
    on = day(number)
    match kind:
        case "paid":
            return [paid(number, amount)]
        case "limit":
            return [limited(number, 2 * amount)]
        case "rate":
            rate = Fraction(amount % 30, 100)
            return [RateChange(value_date=on, entered_on=on, annual_rate=rate)]
        case "freeze":
            until = on + timedelta(days=amount % 20)
            return [Freeze(value_date=on, entered_on=on), Release(value_date=until, entered_on=on)]
        case "fee":
            fee = ChargeKind.PENALTY if amount % 2 else ChargeKind.FEE
            return [Charge(value_date=on, entered_on=on, kind=fee, amount_minor=amount % 5_000 + 1)]
    return [Cancellation(value_date=on + timedelta(days=100), entered_on=on)]


@st.composite
def lines(draw: DrawFn) -> tuple[LineAgreement, tuple[Event, ...]]:
    """An agreement and its events, entered in the order of their days."""
    agreement = draw(agreements())
    lives = [draw(_lives(name)) for name in "ABC"[: draw(st.integers(1, 3))]]
    rest = draw(st.lists(others(), max_size=5))
    is_billed = isinstance(agreement.repayment, MinimumPayment)
    events = [
        event
        for life in [*lives, *rest]
        for event in life
        if not (is_billed and isinstance(event, DrawEvent))
    ]
    return agreement, entered(agreement, sorted(events, key=lambda event: event.value_date))
