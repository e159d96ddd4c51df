"""Which features serve a fit, and their weight of evidence.

Those that say more than chance would, and do not repeat one that says more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.scoring.binning import (
    BinLimits,
    Binning,
    Buckets,
    Tally,
    bin_buckets,
    bins_of_levels,
)
from tradeline.risk.scoring.categories import bin_levels
from tradeline.risk.scoring.logistic import BLOCK_ROWS
from tradeline.risk.scoring.overrides import Action, Override, overridden
from tradeline.risk.scoring.thinning import thin

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FitOptions:
    """What a fit is told: direction and overrides per feature, and how much may be learned.

    `rounds` are those of the curves of features given the others; 0 for weight of evidence alone.
    """

    directions: tuple[int, ...]
    limits: BinLimits
    penalties: tuple[float, ...]
    information_value_min: float
    correlation_max: float
    inner_folds: int
    overrides: tuple[tuple[Override, ...], ...]
    rounds: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One selected feature: its column and bins."""

    column: int
    binning: Binning


def select(
    buckets: Sequence[Buckets], seen: Sequence[Tally], options: FitOptions
) -> tuple[tuple[Part, ...], tuple[Part, ...], Floats]:
    """Informative features that do not repeat a more informative one, and their evidence.

    Between them stand those that say nothing alone, but may given the others.
    """
    parts = [
        Part(column, _bins(feature, tally, column, options))
        for column, (feature, tally) in enumerate(zip(buckets, seen, strict=True))
        if not any(o.action is Action.FORBID for o in options.overrides[column])
    ]
    informative = [part for part in parts if _informs(part.binning, options)]
    ranked = sorted(informative, key=lambda part: -part.binning.information_value)
    some = rows_of(buckets, thin(len(buckets[0].codes)))
    kept = [
        ranked[place] for place in _uncorrelated(evidence(some, ranked), options.correlation_max)
    ]
    others = [
        part
        for part in parts
        if seen[part.column].counts[:-1].any() and not _informs(part.binning, options)
    ]
    return tuple(kept), tuple(others), evidence(buckets, kept)


def _bins(feature: Buckets, seen: Tally, column: int, options: FitOptions) -> Binning:
    direction, limits = options.directions[column], options.limits
    if feature.levels:
        found = bin_levels(feature, seen, limits)
    else:
        found = bin_buckets(feature, seen, direction, limits)
    return overridden(feature, seen, found, direction, limits, options.overrides[column])


def _informs(binning: Binning, options: FitOptions) -> bool:
    """Whether a feature says more than chance would.

    Without any link the information value of k bins is (k - 1) (1 / goods + 1 / bads) in the mean.
    """
    used = sum(count > 0 for count in binning.counts)
    chance = (used - 1) * (1 / sum(binning.bads) + 1 / sum(binning.goods))
    return binning.information_value > max(options.information_value_min, chance)


def _uncorrelated(Z: Floats, correlation_max: float) -> list[int]:
    if Z.shape[1] < 2:
        return list(range(Z.shape[1]))
    correlation = _correlation(Z)
    kept: list[int] = []
    for column in range(Z.shape[1]):
        if not kept or correlation[column, kept].max() <= correlation_max:
            kept.append(column)
    return kept


def rows_of(buckets: Sequence[Buckets], rows: Rows | Flags | slice) -> list[Buckets]:
    """The buckets with some of their rows."""
    return [replace(feature, codes=feature.codes[rows]) for feature in buckets]


def equal_weight(Z: Floats) -> float:
    """The weight that equally correlated pieces of evidence deserve: 1 / (1 + (k - 1) r).

    With k columns of mean absolute correlation r: 1 if they are independent, 1 / k if the same.
    """
    columns = Z.shape[1]
    if columns < 2:
        return 1.0
    correlation = _correlation(Z)
    mean = (correlation.sum() - columns) / (columns * (columns - 1))
    return float(1 / (1 + (columns - 1) * mean))


def _correlation(Z: Floats) -> Floats:
    """Absolute correlations between columns; of very many rows, some say enough."""
    correlation: Floats = np.abs(np.corrcoef(Z[thin(len(Z))], rowvar=False))
    return correlation


def evidence(buckets: Sequence[Buckets], parts: Sequence[Part]) -> Floats:
    """Weight of evidence of each row and part (rows x parts)."""
    Z = np.empty((len(buckets[0].codes), len(parts)), order="F")
    for place, part in enumerate(parts):
        codes = buckets[part.column].codes
        of_bucket = evidence_of_buckets(buckets[part.column], part.binning)
        for block in _blocks(len(codes)):
            of_bucket.take(codes[block], out=Z[block, place], mode="clip")
    return Z


def log_odds_by(buckets: Sequence[Buckets], parts: Sequence[Part], weights: Floats) -> Floats:
    """What the parts say of each row together, by their weights."""
    found = np.zeros(len(buckets[0].codes))
    said = [
        (weight * evidence_of_buckets(buckets[part.column], part.binning), buckets[part.column])
        for part, weight in zip(parts, weights.tolist(), strict=True)
    ]
    for block in _blocks(len(found)):
        for of_bucket, feature in said:
            found[block] += of_bucket.take(feature.codes[block], mode="clip")
    return found


def _blocks(rows: int) -> list[slice]:
    """Stretches of rows so short that what is made of them stays near the processor."""
    return [slice(start, start + BLOCK_ROWS) for start in range(0, rows, BLOCK_ROWS)]


def evidence_of_buckets(feature: Buckets, binning: Binning) -> Floats:
    """Weight of evidence of each bucket, missing values last; an unknown level's is the worst."""
    woe = np.asarray(binning.woe)
    if feature.levels:
        places = np.append(bins_of_levels(binning), binning.missing)
        of_levels: Floats = np.append(woe, woe.max())[places]
        return of_levels
    bin_of_bucket = np.searchsorted(np.asarray(binning.edges), feature.edges, side="left")
    return np.concatenate([woe[bin_of_bucket], woe[-2:]])
