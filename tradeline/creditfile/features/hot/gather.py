"""Rows of the same enterprises from several blocks, brought together as one."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.hot.compiling import compiled
from tradeline.creditfile.features.hot.loops import first_from
from tradeline.creditfile.features.hot.needs import EMPTY
from tradeline.creditfile.features.hot.rows import NONE, Block, Rows, completed, whole_superseded

Array = NDArray[Any]
Side = tuple[Array, Array, Array]


def gathered(
    blocks: Sequence[Block], places: Sequence[Array], since: int = EMPTY, stamped: bool = False
) -> Block:
    """The rows of enterprises from blocks; `places` says where each stands in each, -1 nowhere.

    Only rows that occurred at `since` or later; with `stamped` they keep their stamps.
    """
    (first, at), *others = zip(blocks, places, strict=True)
    rows = {}
    for name in first.rows:
        own = (first.rows[name], at)
        sides = [(block.rows[name], place) for block, place in others]
        # The first block is the largest: it is joined last, so that it is read once.
        rest = reduce(lambda a, b: _joined(a, b, since, stamped), sides or [_nowhere(own)])
        rows[name] = _joined(own, rest, since, stamped)[0]
    return Block(rows)


def _nowhere(side: tuple[Rows, Array]) -> tuple[Rows, Array]:
    return side[0], np.full(side[1].size, -1)


def _joined(
    left: tuple[Rows, Array], right: tuple[Rows, Array], since: int, stamped: bool
) -> tuple[Rows, Array]:
    """The rows of two sides by enterprise and moment, and where each enterprise stands in them."""
    (own, at), (other, beside) = left, right
    offsets = np.zeros(at.size + 1, np.int64)
    sides = ((own.offsets, own.occurred, at), (other.offsets, other.occurred, beside))
    count_rows(*sides, since, offsets)
    np.cumsum(offsets, out=offsets)
    order = np.empty(offsets[-1], np.int64)
    merge_rows(*sides, since, offsets, order)

    def line(a: Array, b: Array) -> Array:
        if a.ndim == 1:
            flat: Array = line(a[None], b[None])[0]
            return flat
        kind = np.dtype(f"i{a.dtype.itemsize}")
        made = np.empty((len(a), order.size if a.shape[-1] or b.shape[-1] else 0), kind)
        if made.size:
            own_side, beside = (np.ascontiguousarray(side).view(kind) for side in (a, b))
            take(order, own_side, beside, made)
        return made.view(a.dtype)

    superseded = own.superseded.size or other.superseded.size
    rows = completed(
        own.need,
        offsets,
        (
            line(own.occurred, other.occurred),
            line(own.recorded, other.recorded),
            line(whole_superseded(own), whole_superseded(other)) if superseded else NONE,
        ),
        line(own.amounts, other.amounts),
        line(own.numbers, other.numbers),
        line(own.keys, other.keys),
        line(own.bits, other.bits),
        (line(own.stamps, other.stamps), line(own.identities, other.identities))
        if stamped
        else (NONE, NONE),
    )
    return rows, np.arange(at.size)


@compiled
def count_rows(own: Side, other: Side, since: int, offsets: Array) -> None:
    """Count the rows of each enterprise on both sides, from the moment on, into `offsets[1:]`."""
    for firm in range(offsets.size - 1):
        for side in (own, other):
            place = side[2][firm]
            if place >= 0:
                last = side[0][place + 1]
                offsets[firm + 1] += last - first_from(side[1], side[0][place], last, since)


@compiled
def merge_rows(own: Side, other: Side, since: int, offsets: Array, order: Array) -> None:
    """Fill the order of both sides' rows; a row of the other side is told as -1 less its place.

    At one moment the own side's come first.
    """
    for firm in range(offsets.size - 1):
        left, left_end, right, right_end = 0, 0, 0, 0
        if own[2][firm] >= 0:
            left_end = own[0][own[2][firm] + 1]
            left = first_from(own[1], own[0][own[2][firm]], left_end, since)
        if other[2][firm] >= 0:
            right_end = other[0][other[2][firm] + 1]
            right = first_from(other[1], other[0][other[2][firm]], right_end, since)
        for place in range(offsets[firm], offsets[firm + 1]):
            if right == right_end or (left < left_end and own[1][left] <= other[1][right]):
                order[place] = left
                left += 1
            else:
                order[place] = -1 - right
                right += 1


@compiled
def take(order: Array, own: Array, other: Array, made: Array) -> None:
    """Bring lines of both sides into an order of `merge_rows`."""
    for line in range(made.shape[0]):
        for place in range(order.size):
            row = order[place]
            made[line, place] = own[line, row] if row >= 0 else other[line, -1 - row]
