"""Parts of a year: how much of a year's interest a stretch of days bears."""

from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from tradeline.lending.dates.due_dates import Frequency, plus_months

MONTHS_OF_YEAR = 12
WEEKS_OF_YEAR = 52
DAYS_OF_YEAR = 365


class DayCount(StrEnum):
    """How days become a part of a year.

    The first two take a whole month as a twelfth and a part of a period by its actual days; they
    differ in periods of weeks or days, which 30/360 counts over 360 and the other as a 52nd or a
    365th of a year. The last counts each day, known by its end, over the length of its own calendar
    year: from 12 December to 12 January are 19 days of the old year and 12 of the new.
    """

    THIRTY_360 = "30/360"
    EQUAL_PERIODS = "equal periods"
    ACTUAL_360 = "actual/360"
    ACTUAL_364 = "actual/364"
    ACTUAL_365 = "actual/365"
    ACTUAL_ACTUAL = "actual/actual"


YEAR_LENGTHS = {DayCount.ACTUAL_360: 360, DayCount.ACTUAL_364: 364, DayCount.ACTUAL_365: 365}


@dataclass(frozen=True, slots=True)
class Period:
    """From one due date to the next: interest runs from `begin` (the first day) until `due`.

    `units` says how many days, weeks or months make a usual one; None where it is an odd one.
    """

    begin: date
    due: date
    units: int | None = None

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.due - self.begin).days


def year_part(
    count: DayCount, period: Period, frequency: Frequency, begin: date, end: date
) -> Fraction:
    """What part of a year lies from `begin` until `end`, both within the period.

    The part of a period takes the period's own share, so that parts add up to the whole.
    """
    days = (end - begin).days
    if count in YEAR_LENGTHS:
        return Fraction(days, YEAR_LENGTHS[count])
    if count is DayCount.ACTUAL_ACTUAL:
        return _by_calendar_year(begin, end)
    if not period.days:
        return Fraction(0)
    return _whole_period(count, period, frequency) * Fraction(days, period.days)


def usual_part(count: DayCount, frequency: Frequency, every: int) -> Fraction:
    """What part of a year a usual period is: a month of 30 days where days are counted."""
    if frequency is Frequency.MONTHS:
        by_days = count in YEAR_LENGTHS or count is DayCount.ACTUAL_ACTUAL
        days = Fraction(30 * every, YEAR_LENGTHS.get(count, DAYS_OF_YEAR))
        return days if by_days else Fraction(every, MONTHS_OF_YEAR)
    length = every * (7 if frequency is Frequency.WEEKS else 1)
    if count is DayCount.EQUAL_PERIODS:
        return _equal(length, frequency)
    return Fraction(length, 360 if count is DayCount.THIRTY_360 else YEAR_LENGTHS.get(count, 365))


def _whole_period(count: DayCount, period: Period, frequency: Frequency) -> Fraction:
    if frequency is Frequency.MONTHS:
        return _months(period) / MONTHS_OF_YEAR
    if count is DayCount.EQUAL_PERIODS:
        return _equal(period.days, frequency)
    return Fraction(period.days, 360)


def _equal(days: int, frequency: Frequency) -> Fraction:
    if frequency is Frequency.WEEKS:
        return Fraction(days, 7 * WEEKS_OF_YEAR)
    return Fraction(days, DAYS_OF_YEAR)


def _months(period: Period) -> Fraction:
    """Whole months and the days of a last one over its own length."""
    if period.units is not None:
        return Fraction(period.units)
    begin, due = period.begin, period.due
    whole = (due.year - begin.year) * 12 + due.month - begin.month
    if plus_months(begin, whole) > due:
        whole -= 1
    last = plus_months(begin, whole)
    length = (plus_months(begin, whole + 1) - last).days
    return whole + Fraction((due - last).days, length)


def _by_calendar_year(begin: date, end: date) -> Fraction:
    part, day = Fraction(0), begin
    while day < end:
        year = (day + timedelta(days=1)).year
        until = min(date(year, 12, 31), end)
        part += Fraction((until - day).days, 366 if isleap(year) else 365)
        day = until
    return part
