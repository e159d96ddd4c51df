"""Due dates: a first one, then every so many days, weeks or months."""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum


class Frequency(StrEnum):
    """The unit in which due dates follow each other."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


def plus_months(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a month that is too short for it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def later(day: date, frequency: Frequency, units: int) -> date:
    """The day so many days, weeks or months later."""
    if frequency is Frequency.MONTHS:
        return plus_months(day, units)
    return day + timedelta(days=units * (7 if frequency is Frequency.WEEKS else 1))


def due_date(
    start: date, frequency: Frequency, every: int, number: int, first: date | None = None
) -> date:
    """The due date of instalment `number` (from 1), counted from the start or a stated first one.

    Each is counted from the same day, so that the 31st comes back after a short month.
    """
    if first is None:
        return later(start, frequency, every * number)
    return later(first, frequency, every * (number - 1))
