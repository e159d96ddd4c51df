"""Rates of flows on dates: per day, and effective per year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tradeline.lending.rates.solving import Flow, as_decimal, last_step, nearest_step

YEAR = 365
# Digits beyond those asked for, before and after a first attempt that leaves the last one open.
SPARE = 6
# What is so near to a tie, in the last digit asked for, is taken for one.
TIE = Fraction(1, 10**24)


@dataclass(frozen=True, slots=True)
class DatedFlow:
    """Money on a day as the lender sees it: paid out below zero, received above."""

    on: date
    amount_minor: int


def daily_rate(flows: Sequence[DatedFlow], *, digits: int = 12) -> Fraction:
    """The rate per day at which flows balance, compounded daily, rounded to `digits` decimals.

    InputProblem if flows have no single rate from 0 on.
    """
    return Fraction(nearest_step(_by_day(flows), Fraction(1, 10**digits)), 10**digits)


def effective_annual_rate(
    flows: Sequence[DatedFlow], *, digits: int = 6, year: int = YEAR
) -> Decimal:
    """The effective rate of a year of `year` days, as a share of 1, rounded to `digits` decimals.

    (1 + rate per day) ** year - 1, the daily rate taken so exactly that every digit is proven. A
    tie goes to the even digit.
    """
    by_day = _by_day(flows)
    fine = digits + SPARE
    while True:
        below = last_step(by_day, Fraction(1, 10**fine))
        low, high = (
            ((1 + Fraction(number, 10**fine)) ** year - 1) * 10**digits
            for number in (below, below + 1)
        )
        if round(low) == round(high) or high - low < TIE:
            even = min(round(low), round(high), key=lambda number: number % 2)
            return as_decimal(even, digits)
        fine += SPARE


def annualised(rate_per_day: Fraction, year: int, *, digits: int = 6) -> Decimal:
    """What a rate per day comes to in a year of `year` days, compounded, as a share of 1."""
    return as_decimal(round(((1 + rate_per_day) ** year - 1) * 10**digits), digits)


def _by_day(flows: Sequence[DatedFlow]) -> list[Flow]:
    first = min((flow.on for flow in flows), default=date.min)
    return [Flow((flow.on - first).days, flow.amount_minor) for flow in flows]
