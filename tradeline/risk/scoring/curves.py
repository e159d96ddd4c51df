"""What each feature says given the others: a curve over its buckets, learned round by round.

Weight of evidence looks at a feature alone; where several share what they say, no weight takes it
apart again. Here features are gone through in rounds. Each time, what the others leave unexplained
is cut into a few steps, monotone and each worth its split, and a share of them is added to the
feature's curve. That is boosting of an additive model (Friedman 2001, *Greedy Function
Approximation*; Lou, Caruana and Gehrke 2012, *Intelligible Models*), on buckets that are made once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.special import expit

from tradeline.risk.scoring.binning import (
    BinLimits,
    Binning,
    Buckets,
    Ints,
    Tally,
    best_segments,
    binning_of,
    segments,
)
from tradeline.risk.scoring.categories import gain_by_chance, grouped
from tradeline.risk.scoring.logistic import log_odds_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# What of a step is added at once: less learns slower and generalises better.
SHARE = 0.3
# Information (spread of outcomes, summed) at log-odds 0 that steadies each step.
STEADY = 5.0
# A curve is cut into bins again where that costs less than this in log-likelihood.
RECUT_GAIN = 0.1
NO_SPREAD = 1e-6


def learn_curves(
    buckets: Sequence[Buckets],
    bad: Flags,
    used: Sequence[int],
    directions: Sequence[int],
    limits: BinLimits,
    rounds: int,
    fixed: Mapping[int, Floats],
) -> tuple[float, dict[int, Floats]]:
    """The level, and by column used the log-odds that each bucket adds, missing values last.

    In a declared direction a curve only rises or falls; otherwise each step does, and the curve may
    bend. A column of `fixed` has its curve up to a factor.
    """
    curves = {column: np.zeros(buckets[column].missing + 1) for column in used}
    # Sums and look-ups take places of this type; anything else they would convert each time.
    codes = {column: buckets[column].codes.astype(np.intp) for column in used}
    counts = {column: np.bincount(codes[column], minlength=len(curves[column])) for column in used}
    level, defaults = log_odds_of(bad.mean()), bad.astype(np.float64)
    log_odds = np.full(len(bad), level)
    for _ in range(rounds):
        for column in used:
            feature, curve, places = buckets[column], curves[column], codes[column]
            chance = expit(log_odds)
            pull = _sums(places, defaults - chance, len(curve))
            spread = _sums(places, chance * (1 - chance), len(curve))
            aim = pull + spread * curve
            if column in fixed:
                found = _scaled(fixed[column], aim, spread)
            else:
                found = _steps(feature, aim, spread, counts[column], directions[column], limits)
            step = SHARE * (found - curve)
            step -= np.average(curve + step, weights=spread)
            log_odds += step.take(places, mode="clip")
            curves[column] = curve + step
        chance = expit(log_odds)
        more = float(np.sum(defaults - chance) / np.sum(chance * (1 - chance)))
        level, log_odds = level + more, log_odds + more
    return level, curves


def sums_by(feature: Buckets, weights: Floats) -> Floats:
    """The sum of weights in each bucket, missing values last."""
    return _sums(feature.codes, weights, feature.missing + 1)


def _sums(places: NDArray[np.integer[Any]], weights: Floats, size: int) -> Floats:
    found: Floats = np.bincount(places, weights, size).astype(np.float64, copy=False)
    return found


def _scaled(shape: Floats, aim: Floats, spread: Floats) -> Floats:
    """The shape by the factor, never negative, that fits best."""
    factor = float(aim @ shape) / (float(spread @ shape**2) + STEADY)
    return max(factor, 0.0) * shape


def _steps(
    feature: Buckets, aim: Floats, spread: Floats, counts: Ints, direction: int, limits: BinLimits
) -> Floats:
    """The few steps that fit best; `aim` is the spread of each bucket times its best log-odds."""
    found = np.zeros(len(aim))
    found[-1] = aim[-1] / (spread[-1] + STEADY)
    seen = np.flatnonzero(counts[:-1])
    if not len(seen):
        return found
    level = aim[:-1].sum() / spread[:-1].sum()
    centred = aim[:-1] - level * spread[:-1]
    if feature.levels:
        ordered = seen[np.argsort(centred[seen] / (spread[seen] + STEADY), kind="stable")]
        first = gain_by_chance(len(ordered), limits)
        firsts, values = _cut(centred[ordered], spread[ordered], counts[ordered], limits, first)
        found[:-1] = values.max() + level  # of a level that nobody has
        found[ordered] = _spread_over(values, firsts, len(ordered)) + level
        return found
    starts = np.append(0, seen[1:])
    sums = [np.add.reduceat(part, starts) for part in (centred, spread, counts[:-1])]
    pools, sign = _monotone_pools(sums[0], sums[1], direction)
    pooled = [np.add.reduceat(part, pools) for part in sums]
    firsts, values = _cut(pooled[0], pooled[1], pooled[2], limits, limits.split_gain)
    # What steadies them may turn two steps of nearly equal height.
    weights = np.add.reduceat(pooled[1], firsts) + STEADY
    values = isotonic_regression(values, weights=weights, increasing=sign > 0).x
    found[:-1] = _spread_over(values, starts[pools[firsts]], len(centred)) + level
    return found


def _spread_over(values: Floats, firsts: Ints, places: int) -> Floats:
    """The value of each of so many places, given the first place of each value."""
    return np.repeat(values, np.diff(firsts, append=places))


def _monotone_pools(aim: Floats, spread: Floats, direction: int) -> tuple[Ints, int]:
    """The first place of each pool of violators, in the direction or the one that fits better."""
    tried = []
    for sign in (direction,) if direction else (1, -1):
        fitted = isotonic_regression(aim / spread, weights=spread, increasing=sign > 0)
        tried.append((float(aim @ fitted.x), sign, fitted.blocks[:-1]))
    _, sign, pools = max(tried, key=lambda one: one[0])
    return np.asarray(pools, dtype=np.int64), sign


def _cut(
    aim: Floats, spread: Floats, counts: Ints, limits: BinLimits, first_gain: float
) -> tuple[Ints, Floats]:
    """The first place of each segment, and its steadied log-odds."""
    inside = np.maximum(segments(spread), 0) + STEADY
    value = segments(aim) ** 2 / (2 * inside)
    barred = segments(counts) < max(limits.min_bin_count, 1)
    firsts = best_segments(value, barred, limits.max_bins, limits.split_gain, first_gain)[1]
    values: Floats = np.add.reduceat(aim, firsts) / (np.add.reduceat(spread, firsts) + STEADY)
    return firsts, values


def bins_of_curve(
    feature: Buckets,
    seen: Tally,
    curve: Floats,
    spread: Floats,
    direction: int,
    limits: BinLimits,
) -> Binning:
    """The few bins that lose least of a curve; their `woe` is its mean in each.

    `spread` is that of outcomes by bucket, `direction` the declared one, or 0. A missing value that
    nobody had takes the riskiest bin's.
    """
    counts = seen.counts[:-1]
    known = np.flatnonzero(counts)
    if feature.levels:
        ordered = known[np.argsort(curve[known], kind="stable")]
        firsts, values = recut(curve[ordered], counts[ordered], spread[ordered], limits)
        group = np.full(len(counts), -1, dtype=np.int64)
        places = np.searchsorted(firsts, np.arange(len(ordered)), side="right") - 1
        group[ordered] = places
        found = grouped(feature, seen, group, values)
    else:
        starts = np.append(0, known[1:])
        firsts, values = recut(curve[known], counts[known], spread[known], limits)
        places = starts[firsts]
        bins = Tally(
            *(
                np.add.reduceat(part, np.append(places, feature.missing))
                for part in (seen.counts, seen.goods, seen.bads)
            )
        )
        edges = tuple(feature.edges[places[1:] - 1].tolist())
        trend = direction or (1 if values[-1] >= values[0] else -1)
        found = binning_of(bins, values, trend, edges=edges)
    return _with_missing(found, float(curve[-1]))


def recut(curve: Floats, counts: Ints, spread: Floats, limits: BinLimits) -> tuple[Ints, Floats]:
    """The few bins that lose least of a curve: the first place of each, and its mean.

    Where the curve is level no bin begins.
    """
    runs = np.concatenate([[0], np.flatnonzero(np.diff(curve)) + 1])
    spread = np.add.reduceat(np.maximum(spread, NO_SPREAD), runs)  # some that nobody drawn has
    counts = np.add.reduceat(counts, runs)
    aim = spread * curve[runs]
    inside = segments(spread)
    value = segments(aim) ** 2 / (2 * np.where(inside > 0, inside, np.inf))
    barred = segments(counts) < max(limits.min_bin_count, 1)
    firsts = best_segments(value, barred, limits.max_bins, RECUT_GAIN, RECUT_GAIN)[1]
    values: Floats = np.add.reduceat(aim, firsts) / np.add.reduceat(spread, firsts)
    return runs[firsts], values


def _with_missing(found: Binning, woe: float) -> Binning:
    """The bins, missing values at their own log-odds where anybody had one."""
    if not found.counts[-1]:
        return found
    return replace(found, woe=(*found.woe[:-1], woe))
