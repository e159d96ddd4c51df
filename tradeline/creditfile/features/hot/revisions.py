"""Loops over stamped rows: which version outranks which, and whose features may have changed.

Stamps are those of `needs.stamp_sql`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.hot.compiling import Whole, compiled
from tradeline.creditfile.features.hot.loops import first_from
from tradeline.creditfile.features.hot.needs import ENTRY_SHIFT, STRENGTH_SHIFT, STRENGTHS
from tradeline.creditfile.features.hot.sorting import place_of, room_of_table, table_size

Array = NDArray[Any]
Versions = tuple[Array, Array, Array, Array]
ZERO = np.zeros(1, np.int64)


@compiled
def outranks(stamp: Whole, recorded: Whole, other: Whole, other_recorded: Whole) -> Any:
    """Whether a version counts before another: by assurance, then recording, then landing."""
    strength = (stamp >> STRENGTH_SHIFT) & STRENGTHS
    other_strength = (other >> STRENGTH_SHIFT) & STRENGTHS
    if strength != other_strength:
        return strength > other_strength
    if recorded != other_recorded:
        return recorded > other_recorded
    return (stamp >> ENTRY_SHIFT) > (other >> ENTRY_SHIFT)


@compiled
def chained(
    stamps: Array, first: int, last: int, keys: Array, heads: Array, nexts: Array
) -> tuple[int, int]:
    """Chain the rows of one firm that revise, by key; the size of the table, how many revise."""
    own, revisions = table_size(last - first), 0
    heads[:own] = -1
    for row in range(first, last):
        if stamps[0, row] & 1:
            place = place_of(stamps[1, row], keys, heads, own)
            nexts[row - first] = heads[place]
            keys[place], heads[place] = stamps[1, row], row
            revisions += 1
    return own, revisions


@compiled
def meet(new: Versions, old: Versions, row: Whole, other: Whole) -> None:
    """Let one of two versions of a key be superseded by the other."""
    ours, theirs = new[3][0, other], old[3][0, row]
    if outranks(ours, new[1][other], theirs, old[1][row]):
        old[2][row] = min(old[2][row], new[1][other])
    elif outranks(theirs, old[1][row], ours, new[1][other]):
        new[2][other] = min(new[2][other], old[1][row])


def supersede(new: Versions, old: Versions, places: Array) -> Array:
    """Let versions of one key supersede each other where a new row revises; old rows that changed.

    A side: offsets, recorded, superseded, stamps. `places` says where a firm of the new side
    stands on the old one, -1 if nowhere. Both sides may be the same.
    """
    longest = int(np.diff(new[0]).max(initial=0))
    size = room_of_table(longest)
    there = places[places >= 0]
    room = (np.empty(size, np.int64), np.empty(size, np.int64), np.empty(longest, np.int64))
    changed, count = np.empty(int((old[0][there + 1] - old[0][there]).sum()), np.int64), ZERO.copy()
    rank(new, old, places, room, changed, count)
    return changed[: count[0]]


@compiled
def rank(
    new: Versions,
    old: Versions,
    places: Array,
    room: tuple[Array, Array, Array],
    changed: Array,
    count: Array,
) -> None:
    """Do what `supersede` does."""
    keys, heads, nexts = room
    offsets, stamps, old_offsets = new[0], new[3], old[0]
    for firm in range(offsets.size - 1):
        if places[firm] < 0:
            continue
        first, last = offsets[firm], offsets[firm + 1]
        own, revisions = chained(stamps, first, last, keys, heads, nexts)
        if revisions == 0:
            continue
        for row in range(old_offsets[places[firm]], old_offsets[places[firm] + 1]):
            before = old[2][row]
            other = heads[place_of(old[3][1, row], keys, heads, own)]
            while other >= 0:
                meet(new, old, row, other)
                other = nexts[other - first]
            if old[2][row] != before:
                changed[count[0]] = row
                count[0] += 1


@compiled
def mark_changed(
    clocks: tuple[Array, Array, Array, Array],
    stamps: Array,
    members: Array,
    since: tuple[int, int],
    until: int,
    before: Array,
    after: Array,
    changed: Array,
) -> None:
    """Mark firms whose rows make some feature of `until` other than it was at `since`.

    `clocks`: offsets, occurred, recorded, superseded. `members` numbers the firms of the rows in
    `changed`. `since`: the moment and the last entry by then. `before` and `after` are the edges
    of all windows then and now.
    """
    offsets, occurred, recorded, superseded = clocks
    moment, entry = since
    for firm in range(offsets.size - 1):
        member = members[firm]
        if changed[member]:
            continue
        first, last = offsets[firm], offsets[firm + 1]
        for row in range(first, last):
            seen = max(occurred[row], recorded[row])
            if (
                moment < seen <= until
                or moment < superseded[row] <= until
                or (stamps[0, row] >> ENTRY_SHIFT) > entry
            ):
                changed[member] = 1
                break
        if changed[member]:
            continue
        end = first_from(occurred, first, last, until + 1)
        for w in range(before.size):
            if first_from(occurred, first, end, before[w]) != first_from(
                occurred, first, end, after[w]
            ):
                changed[member] = 1
                break
