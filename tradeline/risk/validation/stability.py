"""Whether the firms to decide on look like those that the model learned from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

Floats = NDArray[np.float64]

BINS = 10


@dataclass(frozen=True, slots=True)
class Shift:
    """Population stability index of two samples, and what chance alone gives in the mean.

    Without any shift the index times the harmonic size of the samples follows chi-square with
    (bins - 1) degrees of freedom (Yurdakul 2018), so `by_chance` is (bins - 1) (1/n + 1/m), and
    `highest_by_chance` its 95 % point.
    """

    index: float
    by_chance: float
    highest_by_chance: float

    @property
    def is_shift(self) -> bool:
        """Whether the index is more than chance would give."""
        return self.index > self.highest_by_chance


def shift_of(reference: Floats, other: Floats) -> Shift | None:
    """The shift of scores from one sample to another, on bins of equal share of the reference.

    None where either is empty.
    """
    if not len(reference) or not len(other):
        return None
    bins = min(BINS, max(2, len(reference) // 10))
    edges = np.unique(np.quantile(reference, np.arange(1, bins) / bins))
    shares = [_shares(edges, sample) for sample in (reference, other)]
    index = float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())
    chance = 1 / len(reference) + 1 / len(other)
    degrees = len(edges)
    return Shift(index, degrees * chance, float(chdtri(degrees, 0.05)) * chance)


def _shares(edges: Floats, sample: Floats) -> Floats:
    counts = np.bincount(np.searchsorted(edges, sample, side="left"), minlength=len(edges) + 1)
    # Half a firm in each bin keeps an empty one finite.
    return np.asarray((counts + 0.5) / (len(sample) + 0.5 * len(counts)), dtype=np.float64)
