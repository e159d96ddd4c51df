"""Loops over moments, before and after the rows: edges of windows, expressions over measures.

The calendar is computed from days as by H. Hinnant, "chrono-compatible low-level date algorithms"
(2013).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.hot.compiling import Whole, compiled
from tradeline.creditfile.features.hot.needs import DAY_US, EMPTY, NEVER
from tradeline.creditfile.features.hot.prepared import DIFFERENCE, GROWTH

Array = NDArray[Any]

DEEPEST = 64
"""How many values an expression may hold at once."""


@compiled
def date_of(day: int) -> tuple[int, int, int]:
    """Year, month and day of the month of a day since 1970."""
    z = day + 719_468
    era = z // 146_097
    doe = z - era * 146_097
    yoe = (doe - doe // 1460 + doe // 36_524 - doe // 146_096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    month = mp + 3 if mp < 10 else mp - 9
    return yoe + era * 400 + (1 if month <= 2 else 0), month, doy - (153 * mp + 2) // 5 + 1


@compiled
def day_of(year: int, month: int, of_month: int) -> int:
    """The day since 1970 of a date."""
    y = year - (1 if month <= 2 else 0)
    era = y // 400
    yoe = y - era * 400
    doy = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + of_month - 1
    return era * 146_097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719_468


@compiled
def days_in(year: int, month: int) -> int:
    """How many days a month has."""
    if month == 2:
        return 29 if (year % 4 == 0 and year % 100 != 0) or year % 400 == 0 else 28
    return 30 if month in (4, 6, 9, 11) else 31


@compiled
def months_before(day: int, months: int) -> int:
    """The same day of the month so many months before, or that month's last day."""
    year, month, of_month = date_of(day)
    position = year * 12 + month - 1 - months
    year, month = position // 12, position % 12 + 1
    return day_of(year, month, min(of_month, days_in(year, month)))


@compiled
def month_of(day: Whole, year_after: int, month_after: int, day_after: int) -> int:
    """How many whole months before the day after as-of a day lies."""
    year, month, of_month = date_of(day)
    age = (year_after - year) * 12 + month_after - month
    return age - 1 if of_month >= min(day_after, days_in(year, month)) else age


def edges_of(windows: Array, as_of: Array) -> tuple[Array, Array]:
    """Year, month and day of the day after each moment; first and last microsecond of windows.

    Moments by windows by 2: the first is inside, the last is not.
    """
    after = np.empty((as_of.size, 3), np.int64)
    edges = np.empty((as_of.size, windows.shape[0], 2), np.int64)
    fill_edges(windows, as_of, after, edges)
    return after, edges


@compiled
def fill_edges(windows: Array, as_of: Array, after: Array, edges: Array) -> None:
    """Fill what `edges_of` gives."""
    for t in range(as_of.size):
        next_day = as_of[t] // DAY_US + 1
        after[t, 0], after[t, 1], after[t, 2] = date_of(next_day)
        for w in range(windows.shape[0]):
            in_months, begin, end = windows[w, 0], windows[w, 1], windows[w, 2]
            edges[t, w, 0], edges[t, w, 1] = EMPTY, NEVER
            if begin >= 0:
                first = months_before(next_day, begin) if in_months else next_day - begin
                edges[t, w, 0] = first * DAY_US
            if end > 0:
                last = months_before(next_day, end) if in_months else next_day - end
                edges[t, w, 1] = last * DAY_US


@compiled
def settle(
    values: Array,
    known: Array,
    contracts: Array,
    absent_is_zero: Array,
    scales: Array,
    begun: Array,
    as_of: Array,
    times: Array,
) -> None:
    """Put right the values of measures: scaled, and 0 or missing where a firm has no row.

    `contracts` says which line of `known` and `begun` is whose; -1 leaves a measure missing.
    """
    for m in range(values.shape[0]):
        contract = contracts[m]
        if contract < 0:
            values[m, :] = np.nan
            continue
        for a in range(values.shape[1]):
            if known[contract, a]:
                if scales[m] != 1:
                    values[m, a] /= scales[m]
            elif absent_is_zero[m] and begun[contract] <= as_of[times[a]]:
                values[m, a] = 0.0
            else:
                values[m, a] = np.nan


@compiled
def express(
    values: Array, firsts: Array, steps: Array, places: Array, stack: Array, out: Array
) -> None:
    """Features by their steps in postfix order; the rules are those of `plan`.

    The values of application `a` go to line `places[a]`; `stack` has room for `DEEPEST`.
    """
    for a in range(values.shape[1]):
        for feature in range(firsts.size - 1):
            depth = 0
            for step in range(firsts[feature], firsts[feature + 1]):
                if steps[step] >= 0:
                    stack[depth] = values[steps[step], a]
                    depth += 1
                    continue
                depth -= 1
                left, right = stack[depth - 1], stack[depth]
                if steps[step] == DIFFERENCE:
                    stack[depth - 1] = left - right
                    continue
                quotient = np.nan
                if right > 0:
                    quotient = left / right
                stack[depth - 1] = quotient - 1.0 if steps[step] == GROWTH else quotient
            out[places[a], feature] = stack[0]
