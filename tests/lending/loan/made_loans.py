"""Random contracts and events, each a loan that could be."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TypeVar

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan.contract import (
    USUAL_ORDER,
    Amortisation,
    Arrears,
    Contract,
    CustomInstalment,
    Direction,
    Family,
    Future,
    Grace,
    InterestMethod,
    PayoffInterest,
    Prepayment,
    Recalculation,
    Rest,
    Step,
    Timing,
    Waterfall,
)
from tradeline.lending.loan.custom import lent
from tradeline.lending.loan.events import Disbursement, Event, Repayment
from tradeline.lending.loan.fold import preview
from tradeline.lending.loan.rounding import Rounding

Word = TypeVar("Word")
START = date(2024, 1, 15)
WATERFALLS = (
    Waterfall(),
    Waterfall(tuple(Step(frozenset([timing]), USUAL_ORDER) for timing in Timing)),
    Waterfall(direction=Direction.COMPONENT_BY_COMPONENT),
    Waterfall(future=Future.LAST),
    Waterfall(future=Future.SPREAD),
)


@st.composite
def contracts(draw: DrawFn, *, recalculated: bool | None = None) -> Contract:
    """Any terms that hold together."""
    family = draw(st.sampled_from(Family))
    number = draw(st.integers(1, 18))
    frequency = draw(st.sampled_from(Frequency))
    recalculates = draw(st.booleans()) if recalculated is None else recalculated
    may_be_flat = family is Family.CUMULATIVE and not recalculates
    interest = draw(st.sampled_from(InterestMethod)) if may_be_flat else InterestMethod.DECLINING
    principal = draw(st.integers(1_000, 50_000_000))
    steps = [1, 1, 10, 100] if principal > 100_000 else [1]
    return Contract(
        currency="CNY",
        principal_minor=principal,
        annual_rate=Fraction(draw(st.integers(0, 4_000)), 10_000),
        start=START + timedelta(days=draw(st.integers(0, 400))),
        frequency=frequency,
        every=draw(st.integers(1, 3))
        if frequency is Frequency.MONTHS
        else draw(st.integers(1, 20)),
        instalments=number,
        family=family,
        interest=interest,
        amortisation=draw(st.sampled_from(Amortisation)),
        day_count=draw(st.sampled_from(DayCount)),
        instalment_rounding=Rounding(step_minor=draw(st.sampled_from(steps))),
        slices_rounded=draw(st.booleans()),
        grace=Grace(draw(st.integers(0, number - 1)), draw(st.integers(0, number - 1))),
        waterfall=draw(st.sampled_from(WATERFALLS)),
        recalculation=draw(recalculations()) if recalculates else None,
        payoff_interest=draw(st.sampled_from(PayoffInterest)),
    )


@st.composite
def agreed_one_by_one(draw: DrawFn, terms: Contract) -> Contract:
    """The terms with principal or whole amounts agreed one by one, on dates of their own."""
    grace = Grace(arrears_days=terms.grace.arrears_days)
    plain = replace(terms, amortisation=Amortisation.PRINCIPAL, grace=grace)
    number, principal = plain.instalments or 1, lent(plain)
    gaps = draw(st.lists(st.integers(1, 90), min_size=number, max_size=number))
    cuts = draw(st.lists(st.integers(0, principal), min_size=number - 1, max_size=number - 1))
    ends = [*sorted(cuts), principal]
    amounts = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
    days = [plain.start + timedelta(days=sum(gaps[: at + 1])) for at in range(number)]
    agreed = replace(plain, custom=tuple(map(CustomInstalment, days, amounts)))
    if draw(st.booleans()):
        return agreed
    rows = {row.due: row.owed for row in preview(agreed).instalments if row.begin < row.due}
    totals = [rows[day].principal + rows[day].interest if day in rows else 0 for day in days]
    whole = (*map(CustomInstalment, days[:-1], totals[:-1]), CustomInstalment(days[-1]))
    return replace(agreed, amortisation=Amortisation.INSTALMENTS, custom=whole)


def drawn_contract(generator: np.random.Generator) -> Contract:
    """Any terms without recalculation, drawn by a generator: thousands in a moment."""

    def one_of(words: Iterable[Word]) -> Word:
        choices = list(words)
        return choices[int(generator.integers(len(choices)))]

    def up_to(least: int, greatest: int) -> int:
        return int(generator.integers(least, greatest + 1))

    family, number = one_of(Family), up_to(1, 36)
    frequency, principal = one_of(Frequency), up_to(1_000, 50_000_000)
    cumulative = family is Family.CUMULATIVE
    return Contract(
        currency="CNY",
        principal_minor=principal,
        annual_rate=Fraction(up_to(0, 4_000), 10_000),
        start=START + timedelta(days=up_to(0, 2_000)),
        frequency=frequency,
        every=up_to(1, 3) if frequency is Frequency.MONTHS else up_to(1, 20),
        instalments=number,
        family=family,
        interest=one_of(InterestMethod) if cumulative else InterestMethod.DECLINING,
        amortisation=one_of(Amortisation),
        day_count=one_of(DayCount),
        instalment_rounding=Rounding(
            step_minor=one_of([1, 1, 10, 100] if principal > 10**5 else [1])
        ),
        grace=Grace(up_to(0, number - 1) // up_to(1, 9), up_to(0, number - 1) // up_to(1, 9)),
    )


def recalculations() -> SearchStrategy[Recalculation]:
    """Any way in which interest follows payments."""
    return st.builds(
        Recalculation, st.sampled_from(Rest), st.sampled_from(Prepayment),
        st.just(Arrears.EVERY_PERIOD),
    )  # fmt: skip


def paid_out(contract: Contract) -> Disbursement:
    """All of the principal, on the first day."""
    day = contract.start
    return Disbursement(value_date=day, entered_on=day, amount_minor=contract.principal_minor)


def repayment(day: date, amount: int, entered_on: date | None = None) -> Repayment:
    """A payment entered on its day, unless it is said otherwise."""
    return Repayment(value_date=day, entered_on=entered_on or day, amount_minor=amount)


@st.composite
def repayments(draw: DrawFn, contract: Contract, most: int = 6) -> list[Event]:
    """A few payments, none of which pays more than a third of the loan."""
    days = sorted(draw(st.lists(st.integers(0, 500), max_size=most)))
    largest = max(contract.principal_minor // 3, 1)
    return [
        repayment(contract.start + timedelta(days=day), draw(st.integers(1, largest)))
        for day in days
    ]
