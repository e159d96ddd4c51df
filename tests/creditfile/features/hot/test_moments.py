"""The calendar of the loops is that of the standard library."""

from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.creditfile.features.oracle import months_before as months_before_by_calendar
from tradeline.creditfile.features.events import Window
from tradeline.creditfile.features.hot.compiling import compiled
from tradeline.creditfile.features.hot.moments import (
    date_of,
    day_of,
    edges_of,
    month_of,
    months_before,
)
from tradeline.creditfile.features.hot.needs import DAY_US, EMPTY, NEVER
from tradeline.creditfile.features.hot.program import lines_of

Array = NDArray[Any]
EPOCH = date(1970, 1, 1)
compiles = settings(deadline=None)
dates = st.dates(date(1901, 1, 1), date(2199, 12, 31))


def since_1970(day: date) -> int:
    return (day - EPOCH).days


@compiled
def ask(day: int, months: int, after: Array, found: Array) -> None:
    """All that the calendar says of a day: its date, the day again, months before, its age."""
    found[0], found[1], found[2] = date_of(day)
    found[3] = day_of(found[0], found[1], found[2])
    found[4] = months_before(day, months)
    found[5] = month_of(day, after[0], after[1], after[2])


def asked(day: date, months: int = 0, after: date = EPOCH) -> list[int]:
    found = np.zeros(6, np.int64)
    ask(since_1970(day), months, np.array([after.year, after.month, after.day]), found)
    return found.tolist()


@compiles
@given(day=dates)
@example(day=date(2000, 2, 29))
@example(day=date(1969, 12, 31))
def test_days_are_dates_and_back(day: date) -> None:
    assert asked(day)[:4] == [day.year, day.month, day.day, since_1970(day)]


@compiles
@given(day=dates, months=st.integers(0, 400))
@example(day=date(2020, 3, 31), months=1)
@example(day=date(2020, 2, 29), months=12)
def test_months_before_keep_the_day_or_end_with_the_month(day: date, months: int) -> None:
    expected = months_before_by_calendar(day, months)
    assert asked(day, months)[4] == since_1970(expected)


@compiles
@given(day=dates, back=st.integers(0, 1200))
def test_a_month_begins_where_months_before_says(day: date, back: int) -> None:
    row = day - timedelta(days=back + 1)
    age = asked(row, after=day)[5]
    assert months_before_by_calendar(day, age + 1) <= row < months_before_by_calendar(day, age)


def test_edges_of_windows_are_inside_at_the_start_and_outside_at_the_end() -> None:
    windows = (Window(), Window(days=30), Window(1, 1))
    as_of = since_1970(date(2020, 3, 30)) * DAY_US + 7
    after, edges = edges_of(lines_of(windows), np.array([as_of]))
    assert after.tolist() == [[2020, 3, 31]]
    days: list[tuple[date | int, date | int]] = [
        (EMPTY, NEVER),
        (date(2020, 3, 1), NEVER),
        (date(2020, 1, 31), date(2020, 2, 29)),
    ]
    expected = [
        [edge if isinstance(edge, int) else since_1970(edge) * DAY_US for edge in pair]
        for pair in days
    ]
    assert edges[0].tolist() == expected
