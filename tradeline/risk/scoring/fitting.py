"""From buckets and outcomes to a calibrated linear model on weight of evidence.

All that is learned (bins, selection, weights) is learned on the rows given, so that a fold can
call it on its own rows. The penalty, the calibration slope, and how much the curves of features
given the others count beside weight of evidence, come from inner folds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradeline.risk.scoring.binning import (
    Binning,
    Buckets,
    Tally,
)
from tradeline.risk.scoring.curves import bins_of_curve, learn_curves, sums_by
from tradeline.risk.scoring.folds import stratified_folds
from tradeline.risk.scoring.informative import (
    FitOptions,
    Part,
    equal_weight,
    evidence,
    evidence_of_buckets,
    log_odds_by,
    rows_of,
    select,
)
from tradeline.risk.scoring.logistic import (
    fit_logistic,
    intercept_for_rate,
    log_loss_sum,
    log_losses,
    log_odds_of,
    probability,
)
from tradeline.risk.scoring.lookup import Codes
from tradeline.risk.scoring.overrides import OF_EVERY_KIND

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]

# So many rows, with so many defaults among them, say enough about a penalty.
TUNING_ROWS = 25_000
TUNING_DEFAULTS = 1000
# Of very many rows so many say enough about curves, with so many defaults among them.
CURVE_ROWS = 50_000
CURVE_DEFAULTS = 2000
# So many folds judge curves where there are enough rows for tuning: each takes its time.
CURVE_FOLDS = 2
# Standard errors by which a gain out of fold is more than chance (95 %, one-sided).
SURE = 1.645
# Precision of the belief that the calibration slope is 1: what a few firms say weighs little.
SLOPE_PRECISION = 4.0


@dataclass(frozen=True, slots=True)
class Tuned:
    """The penalty, and the factors of weight of evidence and of the curves (0: there are none)."""

    penalty: float
    plain: float
    curves: float = 0.0


@dataclass(frozen=True, slots=True)
class Fit:
    """A calibrated model: log-odds `intercept + sum(weight * woe)` at the sample's default rate.

    Where curves count, the `woe` of a part is what it adds, and its weight 1. `pairs` are names
    and bins of two columns each, whose `woe` is what they add to the sum.
    """

    parts: tuple[Part, ...]
    intercept: float
    weights: tuple[float, ...]
    tuned: Tuned
    pairs: tuple[tuple[str, Binning], ...] = ()

    @property
    def slope(self) -> float:
        """The calibration slope, of the curves too."""
        return self.tuned.plain + self.tuned.curves


def fit_model(
    buckets: Sequence[Buckets],
    bad: Flags,
    options: FitOptions,
    generator: np.random.Generator,
    groups: ArrayLike | None = None,
) -> Fit:
    """Bins, selects, weighs and calibrates."""
    return fit_tuned(buckets, bad, options, _tune(buckets, bad, options, generator, groups))


def fit_tuned(buckets: Sequence[Buckets], bad: Flags, options: FitOptions, tuned: Tuned) -> Fit:
    """`fit_model` with what inner folds would say."""
    seen = [_tallies(feature, bad.astype(np.int32), 1)[0] for feature in buckets]
    parts, others, Z = select(buckets, seen, options)
    model = fit_logistic(Z, bad, equal_weight(Z), tuned.penalty)
    weights = tuned.plain * model.weights
    if tuned.curves:
        whole, none = (*parts, *others), np.zeros(len(others))
        parts, weights = _with_curves(
            buckets, bad, seen, whole, np.append(weights, none), tuned.curves, options
        )
    intercept = intercept_for_rate(log_odds_by(buckets, parts, weights), float(bad.mean()))
    return Fit(parts, intercept, tuple(weights.tolist()), tuned)


def _with_curves(
    buckets: Sequence[Buckets],
    bad: Flags,
    seen: Sequence[Tally],
    parts: Sequence[Part],
    weights: Floats,
    factor: float,
    options: FitOptions,
) -> tuple[tuple[Part, ...], Floats]:
    """Parts that add what weight of evidence and curves say together, and their weights."""
    rows = some_rows(bad, CURVE_ROWS, CURVE_DEFAULTS)
    some, some_bad = rows_of(buckets, rows), bad[rows]
    curves = _curves(some, some_bad, parts, options)[1]
    whole = {}
    for part, weight in zip(parts, weights.tolist(), strict=True):
        plain = evidence_of_buckets(buckets[part.column], part.binning)
        whole[part.column] = weight * plain + factor * curves[part.column]
    log_odds = sum(whole[column][some[column].codes] for column in whole)
    chance = probability(log_odds + intercept_for_rate(log_odds, float(some_bad.mean())))
    found, scales = [], []
    for part, weight in zip(parts, weights.tolist(), strict=True):
        column = part.column
        if _is_set(options, column):
            shape = evidence_of_buckets(buckets[column], part.binning)
            found.append(part)
            scales.append(weight + factor * _factor_of(curves[column], shape))
            continue
        spread = sums_by(some[column], chance * (1 - chance))
        binning = bins_of_curve(
            buckets[column], seen[column], whole[column], spread,
            options.directions[column], options.limits,
        )  # fmt: skip
        found.append(Part(column, binning))
        scales.append(1.0)
    return tuple(found), np.array(scales)


def _factor_of(curve: Floats, shape: Floats) -> float:
    """By what a curve is the shape, up to a level."""
    spread = shape - shape.mean()
    size = float(spread @ spread)
    return float(curve @ spread) / size if size else 0.0


def _curves(
    buckets: Sequence[Buckets],
    bad: Flags,
    parts: Sequence[Part],
    options: FitOptions,
) -> tuple[float, dict[int, Floats]]:
    """The level, and the curves of features, the most informative first."""
    set_bins = {
        part.column: evidence_of_buckets(buckets[part.column], part.binning)
        for part in parts
        if _is_set(options, part.column)
    }
    used = [part.column for part in parts]
    return learn_curves(
        buckets, bad, used, options.directions, options.limits, options.rounds, set_bins
    )


def _is_set(options: FitOptions, column: int) -> bool:
    """Whether an analyst decides over the bins of a feature, so that only its weight is learned."""
    return any(o.action not in OF_EVERY_KIND for o in options.overrides[column])


def _tune(
    buckets: Sequence[Buckets],
    bad: Flags,
    options: FitOptions,
    generator: np.random.Generator,
    groups: ArrayLike | None,
) -> Tuned:
    """The penalty of least out-of-fold log loss, and the factors that calibrate what is learned.

    Of very many rows every k-th default and every k-th other serves. The penalty is the precision
    of a belief about the weights, whatever the number of rows; what the slope lacks of 1 falls with
    it (Copas 1983).
    """
    rows = some_rows(bad, TUNING_ROWS, TUNING_DEFAULTS)
    if isinstance(rows, slice):
        return _tune_on(buckets, bad, options, generator, groups)
    groups = None if groups is None else np.asarray(groups)[rows]
    tuned = _tune_on(rows_of(buckets, rows), bad[rows], options, generator, groups)
    slope = tuned.plain + tuned.curves
    rescaled = (1 - (1 - slope) * len(rows) / len(bad)) / slope
    return Tuned(tuned.penalty, rescaled * tuned.plain, rescaled * tuned.curves)


def some_rows(bad: Flags, rows: int, defaults: int) -> Rows | slice:
    """Every k-th default and every k-th other, so many rows and defaults at least; else all."""
    step = max(1, min(len(bad) // rows, int(bad.sum()) // defaults))
    if step == 1:
        return slice(None)
    return np.sort(np.concatenate([np.flatnonzero(part)[::step] for part in (bad, ~bad)]))


def _tune_on(
    buckets: Sequence[Buckets],
    bad: Flags,
    options: FitOptions,
    generator: np.random.Generator,
    groups: ArrayLike | None,
) -> Tuned:
    penalties = sorted(options.penalties, reverse=True)
    folds = min(options.inner_folds, int(bad.sum()), int((~bad).sum()))
    if folds < 2:
        return Tuned(penalties[0], 1.0)
    fold = stratified_folds(bad, folds, generator, groups)
    cell = (2 * fold + bad).astype(np.int32)
    tallies = [_tallies(feature, cell, folds) for feature in buckets]
    log_odds = np.full((len(penalties), len(bad)), log_odds_of(bad.mean()))
    by_curves = np.full(len(bad), np.nan)
    judging = folds if len(bad) < TUNING_ROWS else CURVE_FOLDS
    for number in range(folds):
        outside = fold == number
        inside_bad = bad[~outside]
        if inside_bad.any() and not inside_bad.all():
            log_odds[:, outside], by_curves[outside] = _path(
                rows_of(buckets, ~outside),
                rows_of(buckets, outside),
                [_all_but(seen, number) for seen in tallies],
                inside_bad,
                penalties,
                options if number < judging else replace(options, rounds=0),
            )
    losses = [log_loss_sum(row, bad) for row in log_odds]
    best = int(np.argmin(losses))
    return Tuned(penalties[best], *_factors(log_odds[best], by_curves, bad))


def _factors(plain: Floats, curves: Floats, bad: Flags) -> tuple[float, float]:
    """How much weight of evidence and curves count, from log-odds out of fold; both calibrated.

    Curves count only if with them the outcomes are likelier by more than chance (95 %, one-sided,
    paired by row).
    """
    judged = ~np.isnan(curves)
    if not judged.any():
        return calibration_slope(plain, bad), 0.0
    alone = fit_logistic(plain[:, None], bad, 1.0, SLOPE_PRECISION)
    plain, curves, bad = plain[judged], curves[judged], bad[judged]
    both = np.column_stack([plain, curves])
    stacked = fit_logistic(both, bad, 0.5, SLOPE_PRECISION)
    gain = log_losses(alone.log_odds(plain[:, None]), bad) - log_losses(stacked.log_odds(both), bad)
    if not gain.sum() > SURE * np.sqrt(len(gain)) * gain.std():
        return float(alone.weights[0]), 0.0
    return float(stacked.weights[0]), float(stacked.weights[1])


def _tallies(feature: Buckets, cell: Codes, folds: int) -> list[Tally]:
    """What each fold has in each bucket, by one count; a row's cell is twice its fold, 1 if bad."""
    size = feature.missing + 1
    found = np.bincount(size * cell + feature.codes, minlength=2 * folds * size)
    found = found.reshape(folds, 2, size)
    return [Tally(part.sum(axis=0), *part.astype(np.float64)) for part in found]


def _all_but(seen: Sequence[Tally], number: int) -> Tally:
    kept = [tally for place, tally in enumerate(seen) if place != number]
    return Tally(
        np.sum([tally.counts for tally in kept], axis=0),
        np.sum([tally.goods for tally in kept], axis=0),
        np.sum([tally.bads for tally in kept], axis=0),
    )


def calibration_slope(log_odds: Floats, bad: Flags) -> float:
    """Platt's slope of outcomes on out-of-fold log-odds, pulled towards 1 where firms are few."""
    return float(fit_logistic(log_odds[:, None], bad, 1.0, SLOPE_PRECISION).weights[0])


def _path(
    inside: Sequence[Buckets],
    outside: Sequence[Buckets],
    seen: Sequence[Tally],
    bad: Flags,
    penalties: Sequence[float],
    options: FitOptions,
) -> tuple[Floats, Floats]:
    """Log-odds of the rows outside: for each penalty, each fit starting from the last; by curves.

    `seen` and `bad` are of the rows inside.
    """
    parts, others, Z = select(inside, seen, options)
    unseen = evidence(outside, parts)
    prior, model, found = equal_weight(Z), None, []
    for penalty in penalties:
        model = fit_logistic(Z, bad, prior, penalty, model)
        found.append(model.log_odds(unseen))
    by_curves = np.full(len(unseen), np.nan)
    if options.rounds:
        level, curves = _curves(inside, bad, (*parts, *others), options)
        by_curves = np.full(len(unseen), level)
        for column, curve in curves.items():
            by_curves += curve[outside[column].codes]
    return np.array(found), by_curves
