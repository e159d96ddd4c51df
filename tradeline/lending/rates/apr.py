"""The annual percentage rate by the actuarial method, odd periods included."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from tradeline.kernel.findings import problem
from tradeline.lending.dates.due_dates import plus_months
from tradeline.lending.rates.solving import Flow, as_decimal, nearest_step

Unit = Literal["day", "week", "month"]

DAYS_OF_MONTH = 30
DAYS_OF_WEEK = 7


def annual_percentage_rate(
    flows: Sequence[Flow], unit_periods_per_year: Fraction | int, *, digits: int = 2
) -> Decimal:
    """The nominal annual rate in percent, rounded to `digits` decimals of a percent.

    It is the rate of one unit-period times the number of unit-periods in a year (12 CFR 1026,
    Appendix J, (b)(1) and (b)(8)). Every digit is exact. InputProblem if flows have no single rate.
    """
    if unit_periods_per_year <= 0:
        raise problem(
            "no-unit-period",
            "unit-periods per year",
            f"A year cannot have {unit_periods_per_year} unit-periods.",
            "State how many unit-periods make a year, such as 12.",
        )
    step = Fraction(1, 100 * 10**digits) / unit_periods_per_year
    return as_decimal(nearest_step(flows, step), digits)


def level_payments(
    advanced_minor: int,
    payment_minor: int,
    number: int,
    *,
    first: int = 1,
    fraction: Fraction = Fraction(0),
) -> tuple[Flow, ...]:
    """One advance and equal payments, a unit-period apart.

    The first payment comes `first` unit-periods and a `fraction` of one after the advance.
    """
    payments = (Flow(first + place, payment_minor, fraction) for place in range(number))
    return (Flow(0, -advanced_minor), *payments)


def unit_periods(begin: date, due: date, unit: Unit, *, every: int = 1) -> tuple[int, Fraction]:
    """How many whole unit-periods of `every` units lie between two days, and what fraction more.

    Whole ones are counted back from the later day; the days before them count as parts of a month
    of 30 days or a week of 7 (12 CFR 1026, Appendix J, (b)(5)).
    """
    if due < begin or every < 1:
        raise problem(
            "bad-interval",
            f"{begin} to {due}",
            "The later day comes first, or a unit-period has no length.",
            "Give the day of the advance, then the day of the payment.",
        )
    if unit == "month":
        months = _whole_months(begin, due)
        odd_days = (plus_months(due, -months) - begin).days
        days, length = months * DAYS_OF_MONTH + odd_days, every * DAYS_OF_MONTH
    else:
        days, length = (due - begin).days, every * (DAYS_OF_WEEK if unit == "week" else 1)
    whole, rest = divmod(days, length)
    return whole, Fraction(rest, length)


def _whole_months(begin: date, due: date) -> int:
    months = (due.year - begin.year) * 12 + due.month - begin.month
    return months if plus_months(due, -months) >= begin else months - 1
