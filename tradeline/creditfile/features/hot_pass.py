"""The kernel's pass over applications: for each the rows that it sees, and its measures of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.compiling import Whole, compiled
from tradeline.creditfile.features.hot_loops import (
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
    total_of,
    trend,
    volatility,
)
from tradeline.creditfile.features.hot_moments import month_of
from tradeline.creditfile.features.needs import DAY_US
from tradeline.creditfile.features.program import Op

Array = NDArray[Any]

COUNT, SUM, SUM_OF_SIZES = int(Op.COUNT), int(Op.SUM), int(Op.SUM_OF_SIZES)
LARGEST, LATEST = int(Op.LARGEST), int(Op.LATEST)
LARGEST_NUMBER, LATEST_NUMBER = int(Op.LARGEST_NUMBER), int(Op.LATEST_NUMBER)
DISTINCT, OBSERVED_MONTHS = int(Op.DISTINCT), int(Op.OBSERVED_MONTHS)
ACTIVE_MONTHS, ACTIVE_DAYS = int(Op.ACTIVE_MONTHS), int(Op.ACTIVE_DAYS)
LONGEST_GAP, MEAN_AGE = int(Op.LONGEST_GAP), int(Op.MEAN_AGE)
DAYS_SINCE_LAST, DAYS_SINCE_FIRST = int(Op.DAYS_SINCE_LAST), int(Op.DAYS_SINCE_FIRST)
VOLATILITY, TREND = int(Op.VOLATILITY), int(Op.TREND)
HERFINDAHL, LARGEST_SHARE = int(Op.HERFINDAHL), int(Op.LARGEST_SHARE)
GAINED, LOST, SAME_DAY_PAIRS = int(Op.GAINED), int(Op.LOST), int(Op.SAME_DAY_PAIRS)


@compiled
def of_values(
    op: int, line: int, columns: tuple[Array, Array], occurred: Array, picked: Array, count: int
) -> float:
    """A measure of single values."""
    amounts, numbers = columns
    if op == COUNT:
        return float(count)
    if op in (SUM, SUM_OF_SIZES):
        return total_of(amounts[line], op == SUM_OF_SIZES, picked, count)
    if op == LARGEST:
        return largest_of(amounts[line], picked, count)
    if op == LATEST:
        return latest_of(amounts[line], occurred, picked, count)
    if op == LARGEST_NUMBER:
        return largest_number(numbers[line], picked, count)
    return latest_number(numbers[line], occurred, picked, count)


@compiled
def of_days(
    op: int, line: int, amounts: Array, day: Array, picked: Array, count: int, today: int
) -> float:
    """A measure of the days on which something happened."""
    if op == MEAN_AGE:
        return mean_age(amounts[line], day, picked, count, today)
    if op in (ACTIVE_DAYS, LONGEST_GAP):
        days, gap = days_of(day, picked, count)
        if op == ACTIVE_DAYS:
            return float(days)
        return float(gap) if gap >= 0 else np.nan
    if count == 0:
        return np.nan
    row = picked[count - 1] if op == DAYS_SINCE_LAST else picked[0]
    return float(today - np.int64(day[row]))


@compiled
def observed_months(first_day: Whole, after: Array, offset: int, length: int) -> Whole:
    """Months of a window since the first day that is seen."""
    since = month_of(first_day, after[0], after[1], after[2]) + 1 - offset
    if length >= 0:
        since = min(since, length)
    return max(since, 0)


@compiled
def of_months(
    step: Array,
    amounts: Array,
    day: Array,
    rows: tuple[Array, int, int],
    after: Array,
    monthly: tuple[Array, Array],
) -> float:
    """A measure of months; `rows` are those picked, how many, and the first that is seen."""
    op, line, offset, length = step[0], step[1], step[4], step[5]
    picked, count, first = rows
    ages, sums = monthly
    observed: Whole = np.int64(0)
    if op in (OBSERVED_MONTHS, VOLATILITY):
        observed = observed_months(np.int64(day[first]), after, offset, length)
    if op == OBSERVED_MONTHS:
        return float(observed)
    values = amounts[max(line, 0)] if amounts.shape[0] else sums
    active = months_of(values, op != ACTIVE_MONTHS, day, picked, count, after, ages, sums)
    if op == ACTIVE_MONTHS:
        return float(active)
    if op == TREND:
        return trend(ages, sums, active, offset)
    return volatility(sums, active, observed)


@compiled
def of_partners(
    op: int,
    values: Array,
    codes: Array,
    rows: tuple[Array, int, Array, int],
    scratch: tuple[Array, Array, Array],
) -> float:
    """A measure of partners; `rows` are those picked and those of the window before."""
    picked, count, before, others = rows
    sums, marks, touched = scratch
    if op == DISTINCT:
        return float(distinct(codes, picked, count, marks, touched))
    if op == GAINED:
        return float(only_first(codes, picked, count, before, others, marks, touched))
    if op == LOST:
        return float(only_first(codes, before, others, picked, count, marks, touched))
    if op == SAME_DAY_PAIRS:
        return float(same_day_pairs(values, codes, picked, count, sums, marks))
    squared, largest = concentration(values, codes, picked, count, sums, marks, touched)
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
    clocks: tuple[Array, Array, Array, Array, Array],
    span: tuple[int, int],
    as_of: int,
    edges: Array,
    bounds: tuple[Array, Array],
    shown: Array,
) -> int:
    """Fill the bounds of each window and mark the rows that are seen; the first row marked."""
    _, occurred, recorded, superseded, _ = clocks
    first, end = span
    los, his = bounds
    base = end
    for w in range(edges.shape[0]):
        los[w] = first_from(occurred, first, end, edges[w, 0])
        his[w] = first_from(occurred, los[w], end, edges[w, 1])
        base = min(base, los[w])
    for row in range(base, end):
        shown[row - base] = recorded[row] <= as_of and superseded[row] > as_of
    return base


@compiled
def value_of(
    step: Array,
    span: tuple[int, int],
    as_of: int,
    after: Array,
    clocks: tuple[Array, Array, Array, Array, Array],
    columns: tuple[Array, Array, Array, Array],
    rows: tuple[Array, int, Array, int],
    scratch: tuple[Array, Array, Array],
    monthly: tuple[Array, Array],
) -> float:
    """The value of one step for one application."""
    _, occurred, recorded, superseded, day = clocks
    amounts, numbers, codes, _ = columns
    op, line = step[0], step[1]
    picked, count, _, _ = rows
    if op <= LATEST_NUMBER:
        return of_values(op, line, (amounts, numbers), occurred, picked, count)
    if op <= MEAN_AGE:
        return of_days(op, line, amounts, day, picked, count, as_of // DAY_US)
    if op <= TREND:
        seen = first_shown(recorded, superseded, span[0], span[1], as_of)
        return of_months(step, amounts, day, (picked, count, seen), after, monthly)
    values = amounts[line] if line >= 0 else occurred
    return of_partners(op, values, codes[step[2]], rows, scratch)


@compiled
def measure_rows(
    span: tuple[int, int],
    wanted: tuple[Array, Array, Array],
    moments: tuple[Array, Array, Array],
    plan: tuple[Array, Array, Array],
    clocks: tuple[Array, Array, Array, Array, Array],
    columns: tuple[Array, Array, Array, Array],
    sizes: tuple[int, int, int],
    out: Array,
) -> None:
    """Fill the lines of `out` that the steps name, for applications of whose firm a row is seen.

    `span`: the first application and the one after the last. `wanted`: firm (-1: unknown) and
    moment of each application, and a mark for those of whom any row is seen. `moments`: as-of in
    microseconds, year, month and day of the day after, edges of windows. `plan`: choices, firsts,
    steps. `clocks`: offsets, occurred, recorded, superseded, day. `columns`: amounts, numbers,
    codes, bits. `sizes`: the most rows, codes and months.
    """
    firms, times, known = wanted
    as_of, after, edges = moments
    choices, firsts, steps = plan
    offsets, occurred, recorded, superseded, _ = clocks
    bits = columns[3]
    shown, picked = np.empty(sizes[0], np.uint8), np.empty(sizes[0], np.int64)
    before, touched = np.empty(sizes[0], np.int64), np.empty(sizes[1], np.int64)
    scratch = (np.zeros(sizes[1], np.int64), np.zeros(sizes[1], np.int32), touched)
    monthly = (np.empty(sizes[2], np.int64), np.empty(sizes[2], np.int64))
    windows = edges.shape[1]
    los, his = np.empty(windows, np.int64), np.empty(windows, np.int64)
    for a in range(span[0], span[1]):
        firm, t = firms[a], times[a]
        if firm < 0:
            continue
        first = offsets[firm]
        end = first_from(occurred, first, offsets[firm + 1], as_of[t] + 1)
        if last_shown(recorded, superseded, first, end, as_of[t]) < first:
            continue
        known[a] = 1
        base = show(clocks, (first, end), as_of[t], edges[t], (los, his), shown)
        for c in range(choices.shape[0]):
            if firsts[c] == firsts[c + 1]:
                continue
            w, bit = choices[c, 0], choices[c, 1]
            count = pick(los[w], his[w], base, shown, bits, bit, picked)
            for m in range(firsts[c], firsts[c + 1]):
                others = 0
                if steps[m, 0] in (GAINED, LOST):
                    w, bit = choices[steps[m, 3], 0], choices[steps[m, 3], 1]
                    others = pick(los[w], his[w], base, shown, bits, bit, before)
                rows = (picked, count, before, others)
                span_seen = (first, end)
                out[steps[m, 6], a] = value_of(
                    steps[m], span_seen, as_of[t], after[t], clocks, columns, rows, scratch, monthly
                )
