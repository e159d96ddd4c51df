"""Loops that bring rows into order: by enterprise and moment, partners numbered densely."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.hot.compiling import Whole, compiled
from tradeline.creditfile.features.hot.needs import EMPTY

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


@compiled
def sorted_order(firms: Array, occurred: Array, offsets: Array) -> tuple[Array, bool]:
    """The order of rows by firm and moment, and whether they stand in it already; fills offsets."""
    rows = firms.size
    for row in range(rows):
        offsets[firms[row] + 1] += 1
    for firm in range(offsets.size - 1):
        offsets[firm + 1] += offsets[firm]
    nexts = offsets[:-1].copy()
    order = np.empty(rows, np.int64)
    for row in range(rows):
        order[nexts[firms[row]]] = row
        nexts[firms[row]] += 1
    for firm in range(offsets.size - 1):
        first, last = offsets[firm], offsets[firm + 1]
        for place in range(first + 1, last):
            if occurred[order[place]] < occurred[order[place - 1]]:
                own = order[first:last].copy()
                order[first:last] = own[np.argsort(occurred[own], kind="mergesort")]
                break
    in_place = True
    for row in range(rows):
        if order[row] != row:
            in_place = False
            break
    return order, in_place


@compiled
def dense_codes(keys: Array, offsets: Array, codes: Array) -> int:
    """Number the keys of each firm from 0 in order of appearance, -1 where empty.

    Gives the most keys that one firm has.
    """
    longest = 0
    for firm in range(offsets.size - 1):
        longest = max(longest, offsets[firm + 1] - offsets[firm])
    size = table_size(longest)
    table_keys, table_codes = np.empty(size, np.int64), np.full(size, -1, np.int32)
    most = 0
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
        most = max(most, found)
    return most


@compiled
def heaviest(amounts: Array, offsets: Array) -> float:
    """The largest sum of sizes that one firm's amounts have."""
    most = 0.0
    for firm in range(offsets.size - 1):
        total = 0.0
        for row in range(offsets[firm], offsets[firm + 1]):
            if amounts[row] != EMPTY:
                total += abs(float(amounts[row]))
        most = max(most, total)
    return most


@compiled
def first_seen(occurred: Array, recorded: Array, superseded: Array) -> Whole:
    """The first moment at which any row is seen; the last moment of all if none ever is."""
    first = np.int64(2**63 - 1)
    for row in range(occurred.size):
        seen = max(occurred[row], recorded[row])
        if seen < superseded[row] and seen < first:
            first = seen
    return first
