"""Whether firms look like those that the model learned from: PSI of scores, CSI of features.

An index of stability compares shares by bin: the sum of (q - p) ln(q / p). Its customary limits of
0.10 and 0.25 know nothing of how many firms stand behind it: of few firms chance alone gives more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BINS = 10
# How often chance alone is called a shift.
ALARM_RATE = 0.05
# With fewer firms expected in a bin, chance does not follow the law that the limit comes from.
EXPECTED_MIN = 5
# The customary words for a shift, after Siddiqi (2006), Credit Risk Scorecards.
SLIGHT_BELOW = 0.10
LARGE_FROM = 0.25


@dataclass(frozen=True, slots=True)
class Shift:
    """Stability index of two samples, and what chance alone gives.

    Without any shift the index times the harmonic size of the samples follows chi-square with
    (bins - 1) degrees of freedom (Yurdakul 2018), so `by_chance`, its mean, is
    (bins - 1) (1/n + 1/m), and `highest_by_chance` what it exceeds at the stated rate of false
    alarms, 5 % unless said otherwise.
    """

    index: float
    by_chance: float
    highest_by_chance: float

    @property
    def is_shift(self) -> bool:
        """Whether the index is more than chance would give."""
        return self.index > self.highest_by_chance

    @property
    def verdict(self) -> str:
        """What may be said of it: a size only where there is more than chance."""
        if not self.is_shift:
            return "no more than chance"
        beyond = self.index - self.by_chance
        if beyond < SLIGHT_BELOW:
            return "a slight shift"
        return "a shift" if beyond < LARGE_FROM else "a large shift"


def shift_of(reference: Floats, other: Floats, *, alarm_rate: float = ALARM_RATE) -> Shift | None:
    """The shift of numbers from one sample to another, on bins of equal share of the reference.

    A missing value (NaN) has a bin of its own. With fewer than 50 firms false alarms are rarer than
    stated, and so are true ones. None where either sample is empty.
    """
    known = reference[~np.isnan(reference)]
    if not len(reference) or not len(other):
        return None
    bins = min(BINS, max(2, len(known) // 10))
    edges = np.unique(np.quantile(known, np.arange(1, bins) / bins)) if len(known) else known
    one, two = (_places(edges, sample) for sample in (reference, other))
    gaps = any(np.isnan(sample).any() for sample in (reference, other))
    return _shift(one, two, len(edges) + 1 + gaps, alarm_rate)


def shift_of_categories(
    reference: Sequence[Any] | NDArray[Any],
    other: Sequence[Any] | NDArray[Any],
    *,
    alarm_rate: float = ALARM_RATE,
) -> Shift | None:
    """The same for categories, or for bins that a scorecard has made: equal values are one bin.

    Rare ones count as one bin, so that fewer than 5 firms are expected in none. None where either
    sample is empty.
    """
    if not len(reference) or not len(other):
        return None
    both = np.concatenate([np.asarray(reference), np.asarray(other)])
    place = np.unique(both, return_inverse=True)[1]
    counts = np.bincount(place)
    expected = counts * min(len(reference), len(other)) / len(both)
    # Rare ones share place 0.
    place = np.where(expected < EXPECTED_MIN, 0, 1 + np.arange(len(counts)))[place]
    place = np.unique(place, return_inverse=True)[1]
    bins = int(place.max()) + 1
    return _shift(place[: len(reference)], place[len(reference) :], bins, alarm_rate)


def shifts_by_group(
    reference: Floats, other: Floats, groups: Sequence[str], *, alarm_rate: float = ALARM_RATE
) -> Mapping[str, Shift]:
    """The shift from the reference to each group of the other sample: a month, or a segment.

    Groups come in the order of their names. `alarm_rate` holds for all of them together
    (Bonferroni): where nothing shifts, that is how often any of them is called a shift at most.
    """
    member = np.asarray(groups)
    names = np.unique(member).tolist()
    each = alarm_rate / max(len(names), 1)
    found = {name: shift_of(reference, other[member == name], alarm_rate=each) for name in names}
    return {name: shift for name, shift in found.items() if shift}


def _places(edges: Floats, sample: Floats) -> Ints:
    """The bin of each value; NaN comes after the last."""
    places = np.searchsorted(edges, sample, side="left")
    return np.where(np.isnan(sample), len(edges) + 1, places)


def _shift(reference: Ints, other: Ints, bins: int, alarm_rate: float) -> Shift:
    """The shift from one sample's bins to the other's, by number."""
    counts = np.stack([np.bincount(sample, minlength=bins) for sample in (reference, other)])
    # Half a firm in each bin keeps an empty one finite.
    p, q = (counts + 0.5) / (counts.sum(axis=1, keepdims=True) + 0.5 * bins)
    chance = 1 / len(reference) + 1 / len(other)
    highest = float(chdtri(bins - 1, alarm_rate)) if bins > 1 else 0.0
    index = float(((q - p) * np.log(q / p)).sum())
    return Shift(index, (bins - 1) * chance, highest * chance)
