"""Where many values stand among sorted edges: the answer of a binary search, mostly without one."""

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.scoring.thinning import ENOUGH_ROWS

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]

CELLS = 2**18
DOUBTFUL = -1
# What is made of so many values stays near the processor.
BLOCK_ROWS = 2**15
# Narrower stretches would overflow where they are divided by.
SPAN_MIN = 1e-300


def places(edges: Floats, values: Floats) -> Codes:
    """How many of the sorted `edges` are below each value; no value may be NaN.

    Many values are put into the cells of an even grid first. Rounding keeps their order, so what is
    in another cell than every edge needs no comparison; only the rest is searched.
    """
    with np.errstate(over="ignore"):
        span = edges[-1] - edges[0] if len(edges) else 0.0
    if len(values) <= ENOUGH_ROWS or not SPAN_MIN < span < np.inf:
        return np.searchsorted(edges, values, side="left").astype(np.int32)
    scale = CELLS / span
    cell_of_edge = _cells(edges, edges[0], scale)
    below = np.searchsorted(cell_of_edge, np.arange(CELLS + 3)).astype(np.int32)
    below[cell_of_edge] = DOUBTFUL
    found = np.empty(len(values), dtype=np.int32)
    for start in range(0, len(values), BLOCK_ROWS):
        some, place = values[start : start + BLOCK_ROWS], found[start : start + BLOCK_ROWS]
        below.take(_cells(some, edges[0], scale), out=place, mode="clip")
        doubtful = np.flatnonzero(place == DOUBTFUL)
        place[doubtful] = np.searchsorted(edges, some[doubtful], side="left")
    return found


def _cells(values: Floats, origin: float, scale: float) -> Codes:
    """The cell of each value, from 0 (below all edges) to CELLS + 2 (above them)."""
    with np.errstate(over="ignore"):
        distance = values - origin
        distance *= scale
    distance += 1
    return np.clip(distance, 0, CELLS + 2, out=distance).astype(np.int32)
