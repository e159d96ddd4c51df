"""Loops that bring rows into order: by enterprise and moment, partners numbered densely."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.hot.compiling import Whole, compiled
from tradeline.creditfile.features.hot.needs import EMPTY, NEVER

Array = NDArray[Any]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
SHIFT = np.uint64(32)


@compiled
def place_of(key: int, keys: Array, codes: Array, size: int) -> Whole:
    """Where a key stands, or may be put, in a table of a power of two; free places hold -1."""
    place = np.int64((np.uint64(key) * GOLDEN) >> SHIFT) & (size - 1)
    while codes[place] >= 0 and keys[place] != key:
        place = (place + 1) & (size - 1)
    return place


@compiled
def table_size(entries: int) -> int:
    """A power of two that leaves a table of so many entries half empty."""
    size = 2
    while size < 2 * entries:
        size *= 2
    return size


def room_of_table(entries: int) -> int:
    """What `table_size` gives, to make the table with."""
    return 2 ** max(1, (2 * entries - 1).bit_length())


def sorted_order(firms: Array, occurred: Array, offsets: Array) -> tuple[Array, bool]:
    """The order of rows by firm and moment, and whether they stand in it already; fills offsets."""
    order, spare = np.empty(firms.size, np.int64), np.empty(firms.size, np.int64)
    in_place = np.ones(1, np.int64)
    sort_rows(firms, occurred, offsets, offsets[:-1].copy(), order, spare, in_place)
    return order, bool(in_place[0])


@compiled
def sort_rows(
    firms: Array,
    occurred: Array,
    offsets: Array,
    nexts: Array,
    order: Array,
    spare: Array,
    in_place: Array,
) -> None:
    """Fill what `sorted_order` gives; `offsets` begin with zeros, `nexts` and `spare` are room."""
    rows = firms.size
    for row in range(rows):
        offsets[firms[row] + 1] += 1
    for firm in range(offsets.size - 1):
        offsets[firm + 1] += offsets[firm]
        nexts[firm] = offsets[firm]
    for row in range(rows):
        order[nexts[firms[row]]] = row
        nexts[firms[row]] += 1
    for firm in range(offsets.size - 1):
        first, last = offsets[firm], offsets[firm + 1]
        for place in range(first + 1, last):
            if occurred[order[place]] < occurred[order[place - 1]]:
                sort_part(order, occurred, first, last, spare)
                break
    for row in range(rows):
        if order[row] != row:
            in_place[0] = 0
            break


@compiled
def sort_part(order: Array, keys: Array, first: int, last: int, spare: Array) -> None:
    """Sort a part of an order by keys, equal ones left as they stand: runs are merged in pairs."""
    width = 1
    while width < last - first:
        start = first
        while start + width < last:
            middle, stop = start + width, min(start + 2 * width, last)
            merge(order, keys, start, middle, stop, spare)
            start = stop
        width *= 2


@compiled
def merge(order: Array, keys: Array, start: int, middle: int, stop: int, spare: Array) -> None:
    """Merge two sorted runs of an order that stand side by side."""
    if keys[order[middle - 1]] <= keys[order[middle]]:
        return
    for place in range(start, middle):
        spare[place] = order[place]
    left, right = start, middle
    for place in range(start, stop):
        if left == middle:
            break
        if right < stop and keys[order[right]] < keys[spare[left]]:
            order[place] = order[right]
            right += 1
        else:
            order[place] = spare[left]
            left += 1


def dense_codes(keys: Array, offsets: Array, codes: Array) -> int:
    """Number the keys of each firm from 0 in order of appearance, -1 where empty.

    Gives the most keys that one firm has.
    """
    size = room_of_table(int(np.diff(offsets).max(initial=0)))
    table = np.empty(size, np.int64), np.full(size, -1, np.int32)
    most = np.zeros(1, np.int64)
    number_keys(keys, offsets, codes, table, most)
    return int(most[0])


@compiled
def number_keys(
    keys: Array, offsets: Array, codes: Array, table: tuple[Array, Array], most: Array
) -> None:
    """Fill what `dense_codes` gives; `table` has room for the keys of any firm."""
    table_keys, table_codes = table
    for firm in range(offsets.size - 1):
        first, last = offsets[firm], offsets[firm + 1]
        own, found = table_size(last - first), 0
        table_codes[:own] = -1
        for row in range(first, last):
            if keys[row] == EMPTY:
                codes[row] = -1
                continue
            place = place_of(keys[row], table_keys, table_codes, own)
            if table_codes[place] < 0:
                table_keys[place], table_codes[place] = keys[row], found
                found += 1
            codes[row] = table_codes[place]
        most[0] = max(most[0], found)


def heaviest(amounts: Array, offsets: Array) -> float:
    """The largest sum of sizes that one firm's amounts have."""
    most = np.zeros(1)
    weigh(amounts, offsets, most)
    return float(most[0])


@compiled
def weigh(amounts: Array, offsets: Array, most: Array) -> None:
    """Fill what `heaviest` gives."""
    for firm in range(offsets.size - 1):
        total = 0.0
        for row in range(offsets[firm], offsets[firm + 1]):
            if amounts[row] != EMPTY:
                total += abs(float(amounts[row]))
        most[0] = max(most[0], total)


def first_seen(occurred: Array, recorded: Array, superseded: Array) -> int:
    """The first moment at which any row is seen; the last moment of all if none ever is."""
    first = np.full(1, NEVER)
    find_first(occurred, recorded, superseded, first)
    return int(first[0])


@compiled
def find_first(occurred: Array, recorded: Array, superseded: Array, first: Array) -> None:
    """Fill what `first_seen` gives."""
    for row in range(occurred.size):
        seen = max(occurred[row], recorded[row])
        if seen < superseded[row] and seen < first[0]:
            first[0] = seen
