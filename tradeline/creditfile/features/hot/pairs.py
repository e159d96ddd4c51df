"""Loops over two datasets of one firm: what stands on both sides, and what follows on what."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.hot.compiling import Whole, compiled
from tradeline.creditfile.features.hot.loops import first_from, holds
from tradeline.creditfile.features.hot.needs import EMPTY
from tradeline.creditfile.features.hot.one_pass import last_shown
from tradeline.creditfile.features.hot.sorting import place_of, room_of_table, table_size

Array = NDArray[Any]
Side = tuple[Array, Array, Array, Array, Array, Array, Array]

NO_DAY = 2**31 - 1


@compiled
def seen_until(side: Side, firm: int, as_of: int) -> tuple[int, int, bool]:
    """Where the rows of a firm begin and end by as-of, and whether any is seen."""
    offsets, occurred, recorded, superseded = side[0], side[1], side[2], side[3]
    first = offsets[firm]
    end = first_from(occurred, first, offsets[firm + 1], as_of + 1)
    return first, end, last_shown(recorded, superseded, first, end, as_of) >= first


@compiled
def is_event(side: Side, bit: int, row: int, as_of: int) -> bool:
    """Whether a row is seen and has the bit."""
    return side[2][row] <= as_of < side[3][row] and holds(side[6], bit, row)


@compiled
def fill_table(keys: Array, codes: Array, first: int, last: int, table: tuple[Array, Array]) -> int:
    """Put the keys of one firm with their codes into a table; its size."""
    size = table_size(last - first)
    table[1][:size] = -1
    for row in range(first, last):
        if codes[row] >= 0:
            place = place_of(keys[row], table[0], table[1], size)
            table[0][place], table[1][place] = keys[row], codes[row]
    return size


@compiled
def add_up(
    side: Side,
    codes: Array,
    amounts: Array,
    span: tuple[int, int],
    bit: int,
    as_of: int,
    days: Array,
    sums: Array,
) -> None:
    """The first day of each code among the events of a span, and the sum of its amounts."""
    for row in range(span[0], span[1]):
        code = codes[row]
        if code >= 0 and is_event(side, bit, row, as_of):
            days[code] = min(days[code], np.int64(side[4][row]))
            if amounts[row] != EMPTY:
                sums[code] += amounts[row]


@compiled
def matched(
    side: Side,
    span: tuple[int, int],
    event: tuple[int, int, int],
    table: tuple[Array, Array],
    size: int,
    days: Array,
    sums: Array,
    both: Array,
) -> Whole:
    """What the events of the other side find: sums of codes, or how many follow soon enough.

    `event`: the bit, as-of, and the days within which it must follow; -1 asks for sums.
    """
    bit, as_of, within = event
    total: Whole = np.int64(0)
    for row in range(span[0], span[1]):
        if side[5][row] == EMPTY or not is_event(side, bit, row, as_of):
            continue
        code = table[1][place_of(side[5][row], table[0], table[1], size)]
        if code < 0 or both[code] or days[code] == NO_DAY:
            continue
        if within < 0:
            both[code] = 1
            total += max(sums[code], 0)
        elif 0 <= np.int64(side[4][row]) - days[code] <= within:
            both[code] = 1
            total += 1
    return total


def room_for_pairs(rows: int, codes: int) -> tuple[tuple[Array, Array], Array, Array, Array]:
    """What `measure_pairs` fills on the way, for the most rows and codes of the own side."""
    size = room_of_table(rows)
    return (
        (np.empty(size, np.int64), np.empty(size, np.int32)),
        np.zeros(codes, np.int64),
        np.full(codes, NO_DAY, np.int64),
        np.zeros(codes, np.uint8),
    )


@compiled
def measure_pairs(
    span: tuple[int, int],
    wanted: tuple[Array, Array],
    moments: tuple[Array, Array, Array],
    own: Side,
    other: Side,
    how: tuple[int, int, int],
    amounts: Array,
    codes: Array,
    room: tuple[tuple[Array, Array], Array, Array, Array],
    out: Array,
) -> None:
    """Fill `out` for applications of whose firm a row of the own dataset is seen.

    `span`: the first application and the one after the last. `wanted`: firm and moment of each
    application. `moments`: as-of in microseconds, edges of the own window, edges
    of the other. A side: offsets, occurred, recorded, superseded, day, keys, bits. `how`: bits of
    both sides, and the days within which an event must follow; -1 asks for amounts with those who
    stand on both sides. `room` is what `room_for_pairs` gives.
    """
    firms, times = wanted
    as_of, edges, other_edges = moments
    bit, other_bit, within = how
    table, sums, days, both = room
    filled, size = -1, 0
    for a in range(span[0], span[1]):
        firm, t = firms[a], times[a]
        if firm < 0:
            continue
        first, end, seen = seen_until(own, firm, as_of[t])
        if not seen:
            continue
        start, stop, other_seen = seen_until(other, firm, as_of[t])
        if within < 0 and not other_seen:
            continue
        if filled != firm:
            size = fill_table(own[5], codes, first, own[0][firm + 1], table)
            filled = firm
        low = first_from(own[1], first, end, edges[t, 0])
        high = first_from(own[1], low, end, edges[t, 1])
        add_up(own, codes, amounts, (low, high), bit, as_of[t], days, sums)
        start = first_from(other[1], start, stop, other_edges[t, 0])
        stop = first_from(other[1], start, stop, other_edges[t, 1])
        event = (other_bit, as_of[t], within)
        total = matched(other, (start, stop), event, table, size, days, sums, both)
        out[a] = float(total)
        for row in range(low, high):
            if codes[row] >= 0:
                sums[codes[row]], days[codes[row]], both[codes[row]] = 0, NO_DAY, 0
