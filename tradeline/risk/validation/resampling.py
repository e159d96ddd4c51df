"""Intervals of figures from firms drawn anew: the stratified bootstrap.

A figure is a function of counts (draws x firms), which say how often each firm stands in a draw.
Draw 0 is the sample itself, so that estimate and resamples go through the same code. Draws that
are shared give paired figures, whose difference has an interval too.
"""

from collections.abc import Callable
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from tradeline.risk.report.data import Interval
from tradeline.risk.scoring.cross_fit import draw_firms

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int32]

RESAMPLES = 1000
LEVEL = 0.9
# Counts that are worked on at once: they stay in the processor's cache.
CELLS = 250_000


def draw_counts(
    bad: Flags, generator: np.random.Generator, *, resamples: int = RESAMPLES
) -> Counts:
    """How often each firm stands in the sample (draw 0) and in each resample (draws x firms).

    Each draw has as many bads and as many goods as the sample.
    """
    counts = np.ones((1 + resamples, len(bad)), dtype=np.int32)
    for draw in range(1, 1 + resamples):
        counts[draw] = np.bincount(draw_firms(bad, generator), minlength=len(bad))
    return counts


def by_blocks(figure: Callable[[Counts], Floats], counts: Counts) -> Floats:
    """The figure of each draw, found for a few draws at a time to bound memory."""
    blocks = ceil(counts.size / CELLS)
    return np.concatenate([figure(block) for block in np.array_split(counts, blocks) if len(block)])


def interval_of(figures: Floats, level: float = LEVEL) -> Interval:
    """Bias-corrected percentile interval (Efron 1981) of a figure per draw, the estimate first.

    Where nearly all resamples lie to one side of the estimate, the nearer end is moved to it. Where
    no resample differs, as with bads and goods that do not overlap, the interval has no width and
    claims too much.
    """
    estimate, resampled = float(figures[0]), figures[1:]
    below = (np.mean(resampled < estimate) + np.mean(resampled <= estimate)) / 2
    bias = ndtri(np.clip(below, 1 / (2 * len(resampled)), 1 - 1 / (2 * len(resampled))))
    shares = ndtr(2 * bias + ndtri([(1 - level) / 2, (1 + level) / 2]))
    low, high = np.quantile(resampled, shares).tolist()
    return Interval(estimate, min(low, estimate), max(high, estimate))
