"""Rows of the same enterprises from several blocks, brought together as one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.hot.rows import Block, Rows, completed
from tradeline.creditfile.features.hot.sorting import sorted_order

Array = NDArray[Any]


def gathered(blocks: Sequence[Block], places: Sequence[Array], enterprises: Sequence[str]) -> Block:
    """The rows of enterprises from blocks; `places` says where each stands in each, -1 nowhere."""
    names = blocks[0].rows.keys()
    rows = {name: _joined([block.rows[name] for block in blocks], places) for name in names}
    return Block(tuple(enterprises), rows)


def _joined(sides: Sequence[Rows], places: Sequence[Array]) -> Rows:
    taken = [_rows_of(side.offsets, place) for side, place in zip(sides, places, strict=True)]
    firms = np.concatenate([numbers for _, numbers in taken])

    def line(name: str) -> Array:
        parts = [
            getattr(side, name)[..., rows] for side, (rows, _) in zip(sides, taken, strict=True)
        ]
        return np.ascontiguousarray(np.concatenate(parts, axis=-1))

    offsets = np.zeros(places[0].size + 1, np.int64)
    order, in_place = sorted_order(firms, line("occurred"), offsets)

    def ordered(name: str) -> Array:
        values = line(name)
        return values if in_place else np.ascontiguousarray(values[..., order])

    return completed(
        sides[0].need,
        offsets,
        (ordered("occurred"), ordered("recorded"), ordered("superseded")),
        ordered("amounts"),
        ordered("numbers"),
        ordered("keys"),
        ordered("bits"),
        ordered("stamps"),
    )


def _rows_of(offsets: Array, places: Array) -> tuple[Array, Array]:
    """The rows of the enterprises at `places`, and the number of the enterprise of each."""
    here = np.flatnonzero(places >= 0)
    firsts = offsets[places[here]]
    counts = offsets[places[here] + 1] - firsts
    numbers = np.repeat(here, counts)
    starts = np.repeat(firsts - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
    return starts + np.arange(numbers.size), numbers.astype(np.int64)
