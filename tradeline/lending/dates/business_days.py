"""Business days: a due date on a holiday or a day of rest moves to a working day."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from tradeline.kernel.findings import problem


class Shift(StrEnum):
    """Where a due date goes that is no business day."""

    FOLLOWING = "following"
    PRECEDING = "preceding"
    MODIFIED_FOLLOWING = "modified following"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The holidays of a country (ISO 3166) or part of it, and how due dates move."""

    country: str
    shift: Shift = Shift.FOLLOWING
    subdivision: str | None = None


def business_day(day: date, calendar: Calendar) -> date:
    """The day itself if it is a business day, else the one that the calendar's shift gives.

    Modified following stays within the month. InputProblem if the country is not known.
    """
    step = -1 if calendar.shift is Shift.PRECEDING else 1
    moved = _next(day, calendar, step)
    if calendar.shift is Shift.MODIFIED_FOLLOWING and moved.month != day.month:
        return _next(day, calendar, -1)
    return moved


def _next(day: date, calendar: Calendar, step: int) -> date:
    while not _is_open(day, calendar.country, calendar.subdivision):
        day += timedelta(days=step)
    return day


@cache
def _is_open(day: date, country: str, subdivision: str | None) -> bool:
    try:
        import holidays  # the calendars of all countries take a while to load
    except ImportError:
        raise problem(
            "missing-library",
            "calendar",
            "Calendars need a library that is not installed: holidays.",
            'Run `pip install "tradeline[platform]"`, or leave the calendar out.',
        ) from None
    try:
        found = holidays.country_holidays(country, subdiv=subdivision, years=day.year)
    except NotImplementedError:
        place = country if subdivision is None else f"{country}-{subdivision}"
        raise problem(
            "unknown-calendar",
            "calendar",
            f"No holidays of '{place}' are known.",
            "Write an ISO 3166 code such as CN, or leave the calendar out.",
        ) from None
    return bool(found.is_working_day(day))
