"""The kernel's pass over applications: for each the rows that it sees, and its measures of them.

Within it arrays are handed on one by one: a tuple of them takes longer to open than most measures.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.hot.compiling import Whole, compiled
from tradeline.creditfile.features.hot.loops import (
    concentration,
    days_of,
    distinct,
    first_from,
    largest_number,
    largest_of,
    latest_number,
    latest_of,
    mean_age,
    months_of,
    only_first,
    pick,
    same_day_pairs,
    standing,
    total_of,
    trend,
    volatility,
)
from tradeline.creditfile.features.hot.moments import month_of
from tradeline.creditfile.features.hot.needs import DAY_US, EMPTY, NEVER
from tradeline.creditfile.features.hot.program import Op

Array = NDArray[Any]

COUNT, SUM, SUM_OF_SIZES = int(Op.COUNT), int(Op.SUM), int(Op.SUM_OF_SIZES)
LARGEST, LATEST = int(Op.LARGEST), int(Op.LATEST)
LARGEST_NUMBER, LATEST_NUMBER = int(Op.LARGEST_NUMBER), int(Op.LATEST_NUMBER)
DISTINCT, OBSERVED_MONTHS = int(Op.DISTINCT), int(Op.OBSERVED_MONTHS)
ACTIVE_MONTHS, ACTIVE_DAYS = int(Op.ACTIVE_MONTHS), int(Op.ACTIVE_DAYS)
LONGEST_GAP, MEAN_AGE = int(Op.LONGEST_GAP), int(Op.MEAN_AGE)
DAYS_SINCE_LAST, DAYS_SINCE = int(Op.DAYS_SINCE_LAST), int(Op.DAYS_SINCE)
STANDING = int(Op.STANDING)
VOLATILITY, TREND = int(Op.VOLATILITY), int(Op.TREND)
HERFINDAHL, LARGEST_SHARE = int(Op.HERFINDAHL), int(Op.LARGEST_SHARE)
GAINED, LOST, SAME_DAY_PAIRS = int(Op.GAINED), int(Op.LOST), int(Op.SAME_DAY_PAIRS)


@compiled
def of_values(
    op: int,
    line: int,
    amounts: Array,
    numbers: Array,
    occurred: Array,
    picked: Array,
    start: int,
    stop: int,
) -> float:
    """A measure of single values."""
    if op in (SUM, SUM_OF_SIZES):
        return total_of(amounts, line, op == SUM_OF_SIZES, picked, start, stop)
    if op == LARGEST:
        return largest_of(amounts, line, picked, start, stop)
    if op == LATEST:
        return latest_of(amounts, line, occurred, picked, start, stop)
    if op == LARGEST_NUMBER:
        return largest_number(numbers, line, picked, start, stop)
    if op == LATEST_NUMBER:
        return latest_number(numbers, line, occurred, picked, start, stop)
    return float(stop - start)


@compiled
def of_days(
    op: int,
    line: int,
    amounts: Array,
    day: Array,
    picked: Array,
    start: int,
    stop: int,
    today: int,
) -> float:
    """A measure of the days on which something happened."""
    if op == MEAN_AGE:
        return mean_age(amounts, line, day, picked, start, stop, today)
    if op == DAYS_SINCE:
        return today - largest_of(amounts, line, picked, start, stop)
    if op in (ACTIVE_DAYS, LONGEST_GAP):
        days, gap = days_of(day, picked, start, stop)
        if op == ACTIVE_DAYS:
            return float(days)
        return float(gap) if gap >= 0 else np.nan
    if start == stop:
        return np.nan
    row = picked[stop - 1] if op == DAYS_SINCE_LAST else picked[start]
    return float(today - np.int64(day[row]))


@compiled
def observed_months(first_day: Whole, after: Array, t: int, offset: int, length: int) -> Whole:
    """Months of a window since the first day that is seen."""
    since = month_of(first_day, after[t, 0], after[t, 1], after[t, 2]) + 1 - offset
    if length >= 0:
        since = min(since, length)
    return max(since, 0)


@compiled
def of_months(
    op: int,
    line: int,
    offset: int,
    observed: int,
    amounts: Array,
    day: Array,
    picked: Array,
    start: int,
    stop: int,
    after: Array,
    t: int,
    ages: Array,
    sums: Array,
    xs: Array,
    ys: Array,
    seasons: Array,
) -> float:
    """A measure of months, given how many the window has since the first row."""
    if op == OBSERVED_MONTHS:
        return float(observed)
    active = months_of(amounts, line, day, picked, start, stop, after, t, ages, sums)
    if op == ACTIVE_MONTHS:
        return float(active)
    if op == TREND:
        return trend(ages, sums, active, offset, xs, ys, seasons)
    return volatility(sums, active, observed)


@compiled
def of_partners(
    op: int,
    line: int,
    grain: int,
    amounts: Array,
    codes: Array,
    occurred: Array,
    picked: Array,
    start: int,
    stop: int,
    first: int,
    last: int,
    sums: Array,
    marks: Array,
    touched: Array,
) -> float:
    """A measure of partners of a window, and of the window before from first to last."""
    if op == DISTINCT:
        return float(distinct(codes, grain, picked, start, stop, marks, touched))
    if op == GAINED:
        return float(only_first(codes, grain, picked, start, stop, first, last, marks, touched))
    if op == LOST:
        return float(only_first(codes, grain, picked, first, last, start, stop, marks, touched))
    if op == SAME_DAY_PAIRS:
        return float(same_day_pairs(amounts, line, codes, grain, picked, start, stop, sums, marks))
    if op == STANDING:
        return standing(
            amounts, line, codes, grain, occurred, picked, start, stop, sums, marks, touched
        )
    squared, largest = concentration(
        amounts, line, codes, grain, picked, start, stop, sums, marks, touched
    )
    return squared if op == HERFINDAHL else largest


@compiled
def first_shown(recorded: Array, superseded: Array, row: int, end: int, as_of: int) -> int:
    """The first row from `row` on that is seen at a moment; `end` if none is."""
    while row < end and not (recorded[row] <= as_of < superseded[row]):
        row += 1
    return row


@compiled
def last_shown(recorded: Array, superseded: Array, first: int, end: int, as_of: int) -> int:
    """The last row before `end` that is seen at a moment; `first - 1` if none is."""
    row = end - 1
    while row >= first and not (recorded[row] <= as_of < superseded[row]):
        row -= 1
    return row


@compiled
def show(
    occurred: Array,
    recorded: Array,
    superseded: Array,
    first: int,
    end: int,
    as_of: int,
    edges: Array,
    t: int,
    los: Array,
    his: Array,
    shown: Array,
) -> int:
    """Fill the bounds of each window and mark the rows that are seen; the first row marked."""
    base = end
    for w in range(edges.shape[1]):
        los[w], his[w] = first, end
        if edges[t, w, 0] != EMPTY:
            los[w] = first_from(occurred, first, end, edges[t, w, 0])
        if edges[t, w, 1] != NEVER:
            his[w] = first_from(occurred, los[w], end, edges[t, w, 1])
        base = min(base, los[w])
    for row in range(base, end):
        shown[row - base] = recorded[row] <= as_of and superseded[row] > as_of
    return base


@compiled
def pick_all(
    choices: Array,
    first: int,
    los: Array,
    his: Array,
    base: int,
    shown: Array,
    bits: Array,
    picked: Array,
    begins: Array,
    ends: Array,
) -> None:
    """Pick rows for all choices of one bit, from the first on, and say which part is whose."""
    bit, last = choices[first, 1], first
    low, high = los[choices[first, 0]], his[choices[first, 0]]
    while last < choices.shape[0] and choices[last, 1] == bit:
        low, high = min(low, los[choices[last, 0]]), max(high, his[choices[last, 0]])
        last += 1
    count = pick(low, high, base, shown, bits, bit, picked)
    for choice in range(first, last):
        begins[choice] = first_from(picked, 0, count, los[choices[choice, 0]])
        ends[choice] = first_from(picked, begins[choice], count, his[choices[choice, 0]])


def room_for(rows: int, codes: int, months: int, choices: int, windows: int) -> tuple[Array, ...]:
    """What `measure_rows` fills on the way, for the most rows, codes and months of a firm."""
    return (
        np.empty(rows, np.uint8),
        np.empty(rows + 1, np.int64),
        np.empty(codes, np.int64),
        np.zeros(codes, np.int64),
        np.zeros(codes, np.int32),
        *(np.empty(choices, np.int64) for _ in range(2)),
        *(np.empty(windows, np.int64) for _ in range(2)),
        *(np.empty(months, np.int64) for _ in range(4)),
        np.empty((3, 12), np.int64),
    )


@compiled
def measure_rows(
    span: tuple[int, int],
    wanted: tuple[Array, Array, Array],
    moments: tuple[Array, Array, Array],
    plan: tuple[Array, Array, Array],
    clocks: tuple[Array, Array, Array, Array, Array],
    columns: tuple[Array, Array, Array, Array],
    room: tuple[Array, ...],
    out: Array,
) -> None:
    """Fill the lines of `out` that the steps name, for applications of whose firm a row is seen.

    `span`: the first application and the one after the last. `wanted`: firm (-1: unknown) and
    moment of each application, and a mark for those of whom any row is seen. `moments`: as-of in
    microseconds, year, month and day of the day after, edges of windows. `plan`: choices, firsts,
    steps. `clocks`: offsets, occurred, recorded, superseded, day. `columns`: amounts, numbers,
    codes, bits. `room` is what `room_for` gives.
    """
    firms, times, known = wanted
    as_of, after, edges = moments
    choices, firsts, steps = plan
    offsets, occurred, recorded, superseded, day = clocks
    amounts, numbers, codes, bits = columns
    shown, picked, touched, sums, marks, begins, ends, los, his = room[:9]
    ages, monthly, xs, ys, seasons = room[9:]
    for a in range(span[0], span[1]):
        firm, t = firms[a], times[a]
        if firm < 0:
            continue
        first = offsets[firm]
        end = first_from(occurred, first, offsets[firm + 1], as_of[t] + 1)
        if last_shown(recorded, superseded, first, end, as_of[t]) < first:
            continue
        known[a] = 1
        base = show(occurred, recorded, superseded, first, end, as_of[t], edges, t, los, his, shown)
        today = as_of[t] // DAY_US
        for c in range(choices.shape[0]):
            if c == 0 or choices[c, 1] != choices[c - 1, 1]:
                pick_all(choices, c, los, his, base, shown, bits, picked, begins, ends)
            start, stop = begins[c], ends[c]
            for m in range(firsts[c], firsts[c + 1]):
                op, line, grain = steps[m, 0], steps[m, 1], steps[m, 2]
                if op <= LATEST_NUMBER:
                    value = of_values(op, line, amounts, numbers, occurred, picked, start, stop)
                elif op <= MEAN_AGE:
                    value = of_days(op, line, amounts, day, picked, start, stop, today)
                elif op <= TREND:
                    seen = first_shown(recorded, superseded, first, end, as_of[t])
                    seen_day, offset = np.int64(day[seen]), steps[m, 4]
                    observed = observed_months(seen_day, after, t, offset, steps[m, 5])
                    value = of_months(
                        op,
                        line,
                        offset,
                        observed,
                        amounts,
                        day,
                        picked,
                        start,
                        stop,
                        after,
                        t,
                        ages,
                        monthly,
                        xs,
                        ys,
                        seasons,
                    )
                else:
                    other = max(steps[m, 3], 0)
                    value = of_partners(
                        op,
                        line,
                        grain,
                        amounts,
                        codes,
                        occurred,
                        picked,
                        start,
                        stop,
                        begins[other],
                        ends[other],
                        sums,
                        marks,
                        touched,
                    )
                out[steps[m, 6], a] = value
