"""From buckets and outcomes to a calibrated linear model on weight of evidence.

All that is learned (bins, selection, weights) is learned on the rows given, so that a fold can
call it on its own rows; the penalty and the calibration slope come from inner folds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradeline.risk.scoring.binning import (
    BinLimits,
    Binning,
    Buckets,
    bin_buckets,
    bins_of_levels,
    tally,
)
from tradeline.risk.scoring.categories import bin_levels
from tradeline.risk.scoring.folds import stratified_folds
from tradeline.risk.scoring.logistic import (
    fit_logistic,
    intercept_for_rate,
    log_loss_sum,
    log_odds_of,
)

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]

# Precision of the belief that the calibration slope is 1: what a few firms say weighs little.
SLOPE_PRECISION = 4.0


@dataclass(frozen=True, slots=True)
class FitOptions:
    """What a fit is told: a direction per feature, and how much may be learned."""

    directions: tuple[int, ...]
    limits: BinLimits
    penalties: tuple[float, ...]
    information_value_min: float
    correlation_max: float
    inner_folds: int


@dataclass(frozen=True, slots=True)
class Part:
    """One selected feature: its column and bins."""

    column: int
    binning: Binning


@dataclass(frozen=True, slots=True)
class Fit:
    """A calibrated model: log-odds `intercept + sum(weight * woe)` at the sample's default rate."""

    parts: tuple[Part, ...]
    intercept: float
    weights: tuple[float, ...]
    penalty: float
    slope: float


def fit_model(
    buckets: Sequence[Buckets],
    bad: Flags,
    options: FitOptions,
    generator: np.random.Generator,
    groups: ArrayLike | None = None,
) -> Fit:
    """Bins, selects, weighs and calibrates."""
    rows = np.arange(len(bad))
    penalty, slope = _tune(buckets, bad, options, generator, groups)
    parts, Z = _select(buckets, bad, rows, options)
    model = fit_logistic(Z, bad, equal_weight(Z), penalty)
    weights = slope * model.weights
    intercept = intercept_for_rate(Z @ weights, float(bad.mean()))
    return Fit(parts, intercept, tuple(weights.tolist()), penalty, slope)


def equal_weight(Z: Floats) -> float:
    """The weight that equally correlated pieces of evidence deserve: 1 / (1 + (k - 1) r).

    With k columns of mean absolute correlation r: 1 if they are independent, 1 / k if the same.
    """
    columns = Z.shape[1]
    if columns < 2:
        return 1.0
    correlation = np.abs(np.corrcoef(Z, rowvar=False))
    mean = (correlation.sum() - columns) / (columns * (columns - 1))
    return float(1 / (1 + (columns - 1) * mean))


def _tune(
    buckets: Sequence[Buckets],
    bad: Flags,
    options: FitOptions,
    generator: np.random.Generator,
    groups: ArrayLike | None,
) -> tuple[float, float]:
    """The penalty of least out-of-fold log loss, and the slope that calibrates it."""
    penalties = sorted(options.penalties, reverse=True)
    folds = min(options.inner_folds, int(bad.sum()), int((~bad).sum()))
    if folds < 2:
        return penalties[0], 1.0
    fold = stratified_folds(bad, folds, generator, groups)
    log_odds = np.empty((len(penalties), len(bad)))
    for number in range(folds):
        inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        log_odds[:, outside] = _path(buckets, bad, inside, outside, penalties, options)
    losses = [log_loss_sum(row, bad) for row in log_odds]
    best = int(np.argmin(losses))
    return penalties[best], calibration_slope(log_odds[best], bad)


def calibration_slope(log_odds: Floats, bad: Flags) -> float:
    """Platt's slope of outcomes on out-of-fold log-odds, pulled towards 1 where firms are few."""
    return float(fit_logistic(log_odds[:, None], bad, 1.0, SLOPE_PRECISION).weights[0])


def _path(
    buckets: Sequence[Buckets],
    bad: Flags,
    inside: Rows,
    outside: Rows,
    penalties: Sequence[float],
    options: FitOptions,
) -> Floats:
    """Log-odds outside the fold's rows for each penalty, each fit starting from the last."""
    if bad[inside].all() or not bad[inside].any():
        return np.full((len(penalties), len(outside)), log_odds_of(bad.mean()))
    parts, Z = _select(buckets, bad, inside, options)
    unseen = evidence(buckets, parts, outside)
    prior, model, found = equal_weight(Z), None, []
    for penalty in penalties:
        model = fit_logistic(Z, bad[inside], prior, penalty, model)
        found.append(model.log_odds(unseen))
    return np.array(found)


def _select(
    buckets: Sequence[Buckets], bad: Flags, rows: Rows, options: FitOptions
) -> tuple[tuple[Part, ...], Floats]:
    """Informative features that do not repeat a more informative one, and their evidence."""
    parts = [
        Part(column, _bins(feature, bad, rows, options.directions[column], options.limits))
        for column, feature in enumerate(buckets)
    ]
    informative = [part for part in parts if _informs(part.binning, bad[rows], options)]
    ranked = sorted(informative, key=lambda part: -part.binning.information_value)
    Z = evidence(buckets, ranked, rows)
    kept = _uncorrelated(Z, options.correlation_max)
    return tuple(ranked[place] for place in kept), Z[:, kept]


def _bins(feature: Buckets, bad: Flags, rows: Rows, direction: int, limits: BinLimits) -> Binning:
    within = replace(feature, codes=feature.codes[rows])
    seen = tally(within, bad[rows], np.ones(len(rows)))
    if feature.levels:
        return bin_levels(within, seen, limits)
    return bin_buckets(within, seen, direction, limits)


def _informs(binning: Binning, bad: Flags, options: FitOptions) -> bool:
    """Whether a feature says more than chance would.

    Without any link the information value of k bins is (k - 1) (1 / goods + 1 / bads) in the mean.
    """
    used = sum(count > 0 for count in binning.counts)
    chance = (used - 1) * float(1 / bad.sum() + 1 / (~bad).sum())
    return binning.information_value > max(options.information_value_min, chance)


def _uncorrelated(Z: Floats, correlation_max: float) -> list[int]:
    if Z.shape[1] < 2:
        return list(range(Z.shape[1]))
    correlation = np.abs(np.corrcoef(Z, rowvar=False))
    kept: list[int] = []
    for column in range(Z.shape[1]):
        if not kept or correlation[column, kept].max() <= correlation_max:
            kept.append(column)
    return kept


def evidence(buckets: Sequence[Buckets], parts: Sequence[Part], rows: Rows) -> Floats:
    """Weight of evidence of each row and part (rows x parts)."""
    Z = np.empty((len(rows), len(parts)), order="F")
    for place, part in enumerate(parts):
        feature = buckets[part.column]
        Z[:, place] = _evidence_of_buckets(feature, part.binning)[feature.codes[rows]]
    return Z


def _evidence_of_buckets(feature: Buckets, binning: Binning) -> Floats:
    """Weight of evidence of each bucket, missing values last; an unknown level's is the worst."""
    woe = np.asarray(binning.woe)
    if feature.levels:
        places = np.append(bins_of_levels(binning), binning.missing)
        of_levels: Floats = np.append(woe, woe.max())[places]
        return of_levels
    bin_of_bucket = np.searchsorted(np.asarray(binning.edges), feature.edges, side="left")
    return np.concatenate([woe[bin_of_bucket], woe[-2:]])
