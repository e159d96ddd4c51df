from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest

from tradeline.lending.dates.day_counts import DayCount, Period, usual_part, year_part
from tradeline.lending.dates.due_dates import Frequency

JANUARY = Period(date(2024, 1, 1), date(2024, 2, 1), 1)


def part(count: DayCount, period: Period, frequency: Frequency = Frequency.MONTHS) -> Fraction:
    return year_part(count, period, frequency, period.begin, period.due)


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (DayCount.THIRTY_360, Fraction(1, 12)),
        (DayCount.EQUAL_PERIODS, Fraction(1, 12)),
        (DayCount.ACTUAL_360, Fraction(31, 360)),
        (DayCount.ACTUAL_364, Fraction(31, 364)),
        (DayCount.ACTUAL_365, Fraction(31, 365)),
        (DayCount.ACTUAL_ACTUAL, Fraction(31, 366)),
    ],
)
def test_a_month_is_a_twelfth_or_its_days(count: DayCount, expected: Fraction) -> None:
    assert part(count, JANUARY) == expected


def test_each_day_of_actual_actual_counts_over_its_own_year() -> None:
    over_new_year = Period(date(2023, 12, 12), date(2024, 1, 12), 1)
    assert part(DayCount.ACTUAL_ACTUAL, over_new_year) == Fraction(19, 365) + Fraction(12, 366)


def test_actual_actual_gives_the_factors_of_the_peer() -> None:
    """Apache Fineract, ProgressiveEMICalculatorTest: 9.4822 %, 12 December 2023 on."""
    period = Period(date(2023, 12, 12), date(2024, 1, 12), 1)
    factor = part(DayCount.ACTUAL_ACTUAL, period) * Fraction(948_220, 10_000_000)
    assert abs(factor - Fraction("0.008044857759")) < Fraction(1, 10**12)


@pytest.mark.parametrize(
    ("count", "frequency", "expected"),
    [
        (DayCount.EQUAL_PERIODS, Frequency.WEEKS, Fraction(2, 52)),
        (DayCount.EQUAL_PERIODS, Frequency.DAYS, Fraction(14, 365)),
        (DayCount.THIRTY_360, Frequency.WEEKS, Fraction(14, 360)),
        (DayCount.THIRTY_360, Frequency.DAYS, Fraction(14, 360)),
    ],
)
def test_the_two_counts_by_periods_differ_in_weeks_and_days(
    count: DayCount, frequency: Frequency, expected: Fraction
) -> None:
    fortnight = Period(date(2024, 3, 1), date(2024, 3, 15), 14)
    assert part(count, fortnight, frequency) == expected


@pytest.mark.parametrize("count", DayCount)
def test_parts_of_a_period_add_up_to_the_whole(count: DayCount) -> None:
    period = Period(date(2023, 12, 20), date(2024, 3, 5))
    cuts = [period.begin, date(2023, 12, 31), date(2024, 1, 1), date(2024, 2, 29), period.due]
    parts = [
        year_part(count, period, Frequency.MONTHS, begin, end) for begin, end in pairwise(cuts)
    ]
    assert sum(parts) == part(count, period)


def test_an_odd_period_is_whole_months_and_days_of_the_last() -> None:
    odd = Period(date(2024, 1, 10), date(2024, 2, 25))
    assert part(DayCount.EQUAL_PERIODS, odd) == (1 + Fraction(15, 29)) / 12


def test_a_period_without_days_bears_nothing() -> None:
    empty = Period(date(2024, 1, 10), date(2024, 1, 10))
    assert part(DayCount.THIRTY_360, empty) == 0


@pytest.mark.parametrize(
    ("count", "frequency", "every", "expected"),
    [
        (DayCount.THIRTY_360, Frequency.MONTHS, 3, Fraction(1, 4)),
        (DayCount.ACTUAL_365, Frequency.MONTHS, 1, Fraction(30, 365)),
        (DayCount.ACTUAL_360, Frequency.WEEKS, 2, Fraction(14, 360)),
        (DayCount.ACTUAL_ACTUAL, Frequency.DAYS, 10, Fraction(10, 365)),
        (DayCount.EQUAL_PERIODS, Frequency.WEEKS, 1, Fraction(1, 52)),
    ],
)
def test_a_usual_period_has_its_part_of_a_year(
    count: DayCount, frequency: Frequency, every: int, expected: Fraction
) -> None:
    assert usual_part(count, frequency, every) == expected
