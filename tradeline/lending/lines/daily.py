"""What a balance that changes from day to day earns at a yearly rate, exactly."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

from tradeline.lending.dates.day_counts import DayCount, Period, year_part
from tradeline.lending.dates.due_dates import Frequency

Value = TypeVar("Value", int, Fraction)
Course = list[tuple[date, Value]]
"""Values by the day from which each holds, in order."""


def earned(
    balances: Course[int],
    rates: Course[Fraction],
    between: tuple[date, date],
    period: Period,
    count: DayCount,
    frequency: Frequency,
) -> Fraction:
    """What is earned from the first day until the second, both within a period."""
    begin, end = between
    days = {day for day, _ in [*balances, *rates] if begin < day < end}
    cuts = [begin, *sorted(days), end]
    return sum(
        (
            standing(balances, since, 0)
            * standing(rates, since, Fraction(0))
            * year_part(count, period, frequency, since, until)
            for since, until in pairwise(cuts)
        ),
        Fraction(0),
    )


def standing(values: Sequence[tuple[date, Value]], day: date, before: Value) -> Value:
    """The value that holds on a day; `before` where none does yet."""
    return next((value for since, value in reversed(values) if since <= day), before)
