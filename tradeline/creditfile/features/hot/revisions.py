"""Loops over stamped rows: which version outranks which.

Stamps are those of `needs.stamp_sql`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.hot.compiling import Whole, compiled
from tradeline.creditfile.features.hot.needs import ENTRY_SHIFT, STRENGTH_SHIFT, STRENGTHS
from tradeline.creditfile.features.hot.sorting import place_of, room_of_table, table_size

Array = NDArray[Any]
Versions = tuple[Array, Array, Array, Array, Array]
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
    stamps: Array,
    identities: Array,
    first: int,
    last: int,
    keys: Array,
    heads: Array,
    nexts: Array,
) -> tuple[int, int]:
    """Chain the rows of one firm that revise, by key; the size of the table, how many revise."""
    own, revisions = table_size(last - first), 0
    heads[:own] = -1
    for row in range(first, last):
        if stamps[row] & 1:
            place = place_of(identities[row], keys, heads, own)
            nexts[row - first] = heads[place]
            keys[place], heads[place] = identities[row], row
            revisions += 1
    return own, revisions


@compiled
def meet(new: Versions, old: Versions, row: Whole, other: Whole) -> None:
    """Let one of two versions of a key be superseded by the other."""
    ours, theirs = new[3][other], old[3][row]
    if outranks(ours, new[1][other], theirs, old[1][row]):
        old[2][row] = min(old[2][row], new[1][other])
    elif outranks(theirs, old[1][row], ours, new[1][other]):
        new[2][other] = min(new[2][other], old[1][row])


def supersede(new: Versions, old: Versions, places: Array) -> Array:
    """Let versions of one key supersede each other where a new row revises; old rows that changed.

    A side: offsets, recorded, superseded, stamps, identities. `places` says where a firm of the new
    side stands on the old one, -1 if nowhere. Both sides may be the same.
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
    offsets, old_offsets = new[0], old[0]
    for firm in range(offsets.size - 1):
        if places[firm] < 0:
            continue
        first, last = offsets[firm], offsets[firm + 1]
        own, revisions = chained(new[3], new[4], first, last, keys, heads, nexts)
        if revisions == 0:
            continue
        for row in range(old_offsets[places[firm]], old_offsets[places[firm] + 1]):
            before = old[2][row]
            other = heads[place_of(old[4][row], keys, heads, own)]
            while other >= 0:
                meet(new, old, row, other)
                other = nexts[other - first]
            if old[2][row] != before:
                changed[count[0]] = row
                count[0] += 1
