"""Loops over the rows of one firm that a measure looks at, one for each kind of measure.

Sums are whole numbers, of which the caller has made sure that they fit, so that neither the order
of rows nor the number of threads changes a value. `picked` holds the rows, from `start` to before
`stop`; `line` and `grain` say which line of the values and codes is meant. Parts of arrays are not
handed on, as making them would take longer than most of what is done with them.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.fragments import LOG_SCALE, SEASON_DENOMINATOR
from tradeline.creditfile.features.hot.compiling import Whole, compiled
from tradeline.creditfile.features.hot.moments import month_of
from tradeline.creditfile.features.hot.needs import EMPTY
from tradeline.creditfile.features.measures import (
    MONTHS_FOR_SEASONS,
    MONTHS_FOR_TREND,
    MONTHS_FOR_VOLATILITY,
)

Array = NDArray[Any]

LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)
TWO_TO_64 = 2.0**64


@compiled
def first_from(moments: Array, first: int, last: int, moment: int) -> int:
    """The first place from `first` on whose moment is not before `moment`."""
    while first < last:
        middle = (first + last) >> 1
        if moments[middle] < moment:
            first = middle + 1
        else:
            last = middle
    return first


@compiled
def holds(bits: Array, bit: int, row: int) -> bool:
    """Whether a row has a bit; all have -1."""
    return bit < 0 or ((np.int64(bits[bit >> 5, row]) >> (bit & 31)) & 1) == 1


@compiled
def pick(
    first: int, last: int, base: int, shown: Array, bits: Array, bit: int, picked: Array
) -> int:
    """The rows from first to last that are shown and have the bit; how many.

    Without a branch on the row, which processors would guess wrongly.
    """
    count = 0
    if bit < 0:
        for row in range(first, last):
            picked[count] = row
            count += shown[row - base]
        return count
    word, place = bit >> 5, bit & 31
    for row in range(first, last):
        picked[count] = row
        count += shown[row - base] & ((np.int64(bits[word, row]) >> place) & 1)
    return count


@compiled
def total_of(values: Array, line: int, sizes: bool, picked: Array, start: int, stop: int) -> float:
    """The sum of values, or of their sizes; empty ones left out."""
    total = np.int64(0)
    for n in range(start, stop):
        value = values[line, picked[n]]
        if value != EMPTY:
            total += abs(value) if sizes else value
    return float(total)


@compiled
def largest_of(values: Array, line: int, picked: Array, start: int, stop: int) -> float:
    """The largest value that is not empty, in whole numbers."""
    found = np.int64(EMPTY)
    for n in range(start, stop):
        found = max(found, values[line, picked[n]])
    return np.nan if found == EMPTY else float(found)


@compiled
def latest_of(
    values: Array, line: int, occurred: Array, picked: Array, start: int, stop: int
) -> float:
    """The value of the last moment that has one; the largest of that moment."""
    found, moment = np.int64(EMPTY), np.int64(EMPTY)
    for n in range(stop - 1, start - 1, -1):
        row = picked[n]
        if values[line, row] == EMPTY:
            continue
        if found != EMPTY and occurred[row] < moment:
            break
        found, moment = max(found, values[line, row]), occurred[row]
    return np.nan if found == EMPTY else float(found)


@compiled
def largest_number(values: Array, line: int, picked: Array, start: int, stop: int) -> float:
    """The largest number that is not empty."""
    found = np.nan
    for n in range(start, stop):
        value = values[line, picked[n]]
        if not np.isnan(value) and not found >= value:
            found = value
    return found


@compiled
def latest_number(
    values: Array, line: int, occurred: Array, picked: Array, start: int, stop: int
) -> float:
    """The number of the last moment that has one; the largest of that moment."""
    found, moment = np.nan, np.int64(EMPTY)
    for n in range(stop - 1, start - 1, -1):
        row = picked[n]
        if np.isnan(values[line, row]):
            continue
        if not np.isnan(found) and occurred[row] < moment:
            break
        if not found >= values[line, row]:
            found = values[line, row]
        moment = occurred[row]
    return found


@compiled
def days_of(day: Array, picked: Array, start: int, stop: int) -> tuple[int, int]:
    """How many different days, and the most days between two successive ones (-1 if none)."""
    days, gap = 0, -1
    for n in range(start, stop):
        if n == start or day[picked[n]] != day[picked[n - 1]]:
            days += 1
            if n > start:
                gap = max(gap, np.int64(day[picked[n]]) - day[picked[n - 1]])
    return days, gap


@compiled
def mean_age(
    values: Array, line: int, day: Array, picked: Array, start: int, stop: int, today: int
) -> float:
    """Days before today, weighted; the weighted sum is kept in two words of 32 bits and more."""
    total, high, low = np.int64(0), np.int64(0), np.int64(0)
    for n in range(start, stop):
        value = values[line, picked[n]]
        if value == EMPTY:
            continue
        age = today - np.int64(day[picked[n]])
        total += value
        high += (value >> 32) * age
        low += (value & 0xFFFFFFFF) * age
        high += low >> 32
        low &= 0xFFFFFFFF
    if total <= 0:
        return np.nan
    return (float(high) * 4_294_967_296.0 + float(low)) / float(total)


@compiled
def months_of(
    values: Array,
    line: int,
    day: Array,
    picked: Array,
    start: int,
    stop: int,
    after: Array,
    t: int,
    ages: Array,
    sums: Array,
) -> int:
    """Sums by month (of no line: none), the earliest first; how many months have events."""
    months, last = 0, np.int64(EMPTY)
    for n in range(start, stop):
        row = picked[n]
        if day[row] != last:
            last = np.int64(day[row])
            age = month_of(last, after[t, 0], after[t, 1], after[t, 2])
            if months == 0 or ages[months - 1] != age:
                ages[months], sums[months] = age, 0
                months += 1
        if line >= 0 and values[line, row] != EMPTY:
            sums[months - 1] += values[line, row]
    return months


@compiled
def volatility(sums: Array, active: int, months: Whole) -> float:
    """Coefficient of variation; deviations are taken from a whole number near the mean."""
    total = np.int64(0)
    for n in range(active):
        total += sums[n]
    if months < MONTHS_FOR_VOLATILITY or total <= 0:
        return np.nan
    pivot = total // months
    squares = float(months - active) * float(pivot) * float(pivot)
    for n in range(active):
        squares += float(sums[n] - pivot) * float(sums[n] - pivot)
    rest = float(total - months * pivot)
    return math.sqrt(months * squares - rest * rest) / float(total)


@compiled
def trend(
    ages: Array, sums: Array, months: int, offset: int, xs: Array, ys: Array, seasons: Array
) -> float:
    """Slope of log sums on time, seasons removed where there are enough months.

    `xs`, `ys` and `seasons` (3 by 12) are filled on the way.
    """
    n, sx, sy = 0, np.int64(0), np.int64(0)
    for m in range(months):
        if sums[m] > 0:
            ys[n] = np.int64(np.rint(np.log(float(sums[m])) * LOG_SCALE))
            xs[n] = offset - ages[m]
            sx += xs[n]
            sy += ys[n]
            n += 1
    if n < MONTHS_FOR_TREND:
        return np.nan
    over, under = np.int64(0), np.int64(0)
    if n < MONTHS_FOR_SEASONS:
        for k in range(n):
            over += xs[k] * (n * ys[k] - sy)
            under += xs[k] * (n * xs[k] - sx)
        return float(over) / float(under) / LOG_SCALE
    seasons[:, :] = 0
    for k in range(n):
        season = xs[k] % 12
        seasons[0, season] += 1
        seasons[1, season] += xs[k]
        seasons[2, season] += ys[k]
    for k in range(n):
        season = xs[k] % 12
        weight = SEASON_DENOMINATOR // seasons[0, season]
        over += weight * xs[k] * (seasons[0, season] * ys[k] - seasons[2, season])
        under += weight * xs[k] * (seasons[0, season] * xs[k] - seasons[1, season])
    return float(over) / float(under) / LOG_SCALE


@compiled
def concentration(
    values: Array,
    line: int,
    codes: Array,
    grain: int,
    picked: Array,
    start: int,
    stop: int,
    sums: Array,
    marks: Array,
    touched: Array,
) -> tuple[float, float]:
    """Herfindahl index and largest share of partners with a positive total.

    The squares are added up in 128 bits.
    """
    found = 0
    for n in range(start, stop):
        code = codes[grain, picked[n]]
        if code < 0:
            continue
        if marks[code] == 0:
            marks[code] = 1
            touched[found] = code
            found += 1
        if values[line, picked[n]] != EMPTY:
            sums[code] += values[line, picked[n]]
    total, most = np.int64(0), np.int64(0)
    high, low = np.uint64(0), np.uint64(0)
    for n in range(found):
        own = sums[touched[n]]
        sums[touched[n]], marks[touched[n]] = 0, 0
        if own <= 0:
            continue
        total += own
        most = max(most, own)
        a, b = np.uint64(own) >> HALF, np.uint64(own) & LOW
        for part in (b * b, (a * b) << np.uint64(33)):
            low += part
            if low < part:
                high += np.uint64(1)
        high += a * a + ((a * b) >> np.uint64(31))
    if total == 0:
        return np.nan, np.nan
    squares = float(high) * TWO_TO_64 + float(low)
    return squares / (float(total) * float(total)), float(most) / float(total)


@compiled
def standing(
    values: Array,
    line: int,
    codes: Array,
    grain: int,
    occurred: Array,
    picked: Array,
    start: int,
    stop: int,
    sums: Array,
    marks: Array,
    touched: Array,
) -> float:
    """The sum over codes of each one's value at the last moment that has one; the largest then.

    The last row of a code is found first; `marks` keeps its place among those picked.
    """
    found, total = 0, np.int64(0)
    for n in range(stop - 1, start - 1, -1):
        row = picked[n]
        code, value = codes[grain, row], values[line, row]
        if code < 0 or value == EMPTY:
            continue
        if marks[code] == 0:
            marks[code], sums[code] = n + 1, value
            touched[found] = code
            found += 1
        elif occurred[row] == occurred[picked[marks[code] - 1]]:
            sums[code] = max(sums[code], value)
    for n in range(found):
        total += sums[touched[n]]
        sums[touched[n]], marks[touched[n]] = 0, 0
    return float(total)


@compiled
def distinct(
    codes: Array, grain: int, picked: Array, start: int, stop: int, marks: Array, touched: Array
) -> int:
    """How many different codes."""
    found = 0
    for n in range(start, stop):
        code = codes[grain, picked[n]]
        if code >= 0 and marks[code] == 0:
            marks[code] = 1
            touched[found] = code
            found += 1
    for n in range(found):
        marks[touched[n]] = 0
    return found


@compiled
def only_first(
    codes: Array,
    grain: int,
    picked: Array,
    start: int,
    stop: int,
    other_start: int,
    other_stop: int,
    marks: Array,
    touched: Array,
) -> int:
    """How many different codes of the first rows are not among the second."""
    for n in range(other_start, other_stop):
        if codes[grain, picked[n]] >= 0:
            marks[codes[grain, picked[n]]] = 1
    found = 0
    for n in range(start, stop):
        code = codes[grain, picked[n]]
        if code >= 0 and marks[code] == 0:
            marks[code] = 1
            touched[found] = code
            found += 1
    for n in range(found):
        marks[touched[n]] = 0
    for n in range(other_start, other_stop):
        if codes[grain, picked[n]] >= 0:
            marks[codes[grain, picked[n]]] = 0
    return found


@compiled
def same_day_pairs(
    values: Array,
    line: int,
    codes: Array,
    grain: int,
    picked: Array,
    start: int,
    stop: int,
    sums: Array,
    marks: Array,
) -> Whole:
    """Pairs of a positive and a negative value of one code."""
    for n in range(start, stop):
        code = codes[grain, picked[n]]
        if code >= 0:
            sums[code] += 1 if values[line, picked[n]] > 0 else 0
            marks[code] += 1 if values[line, picked[n]] < 0 else 0
    found = np.int64(0)
    for n in range(start, stop):
        code = codes[grain, picked[n]]
        if code >= 0:
            found += min(sums[code], np.int64(marks[code]))
            sums[code], marks[code] = 0, 0
    return found
