"""Predictions for firms that the model did not see, and the range that resampling gives."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone

from tradeline.risk.scoring.folds import stratified_folds
from tradeline.risk.scoring.scorecard import Scorecard

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

FOLDS = 5
RESAMPLES = 200
RANGE = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class PdRange:
    """The middle 90 % of each firm's PD over resamples of the labelled firms.

    `draws` (resamples x firms) holds them all. The range covers how much the model depends on the
    firms that it happened to see, not the firm's own fate, nor a change of the market.
    """

    low: Floats
    high: Floats
    draws: Floats


def out_of_fold_pds(
    scorecard: Scorecard,
    X: ArrayLike,
    bad: ArrayLike,
    generator: np.random.Generator,
    *,
    folds: int = FOLDS,
    groups: ArrayLike | None = None,
) -> Floats:
    """PD of each row by a scorecard fitted on the other folds, all of its steps inside them."""
    fold = deal_folds(bad, generator, folds=folds, groups=groups)
    return pds_on_folds(scorecard, X, bad, fold, groups)


def deal_folds(
    bad: ArrayLike,
    generator: np.random.Generator,
    *,
    folds: int = FOLDS,
    groups: ArrayLike | None = None,
) -> Ints:
    """The fold of each row, stratified; no more folds than either class has firms, at least 2."""
    flags = np.asarray(bad, dtype=bool)
    folds = max(2, min(folds, int(flags.sum()), int((~flags).sum())))
    return stratified_folds(flags, folds, generator, groups)


def pds_on_folds(
    estimator: BaseEstimator,
    X: ArrayLike,
    bad: ArrayLike,
    fold: Ints,
    groups: ArrayLike | None = None,
) -> Floats:
    """PD of each row by a classifier fitted on the rows of other folds; `fold` goes by row.

    `groups`, where given, is handed on to `fit`.
    """
    matrix, flags = np.asarray(X, dtype=np.float64), np.asarray(bad, dtype=bool)
    pds = np.empty(len(flags))
    for number in np.unique(fold):
        inside, outside = fold != number, fold == number
        given = {} if groups is None else {"groups": np.asarray(groups)[inside]}
        fitted = clone(estimator).fit(matrix[inside], flags[inside], **given)
        pds[outside] = fitted.predict_proba(matrix[outside])[:, 1]
    return pds


def bootstrap_pds(
    scorecard: Scorecard,
    X: ArrayLike,
    bad: ArrayLike,
    target: ArrayLike,
    generator: np.random.Generator,
    *,
    resamples: int = RESAMPLES,
    progress: Callable[[str], None] = lambda _: None,
) -> PdRange:
    """Range of the PD of each row of `target` when the whole fit is done on resampled firms.

    Goods and bads are drawn apart, with replacement, so that each resample has both classes.
    """
    matrix, flags = np.asarray(X, dtype=np.float64), np.asarray(bad, dtype=bool)
    wanted = np.asarray(target, dtype=np.float64)
    pds = np.empty((resamples, len(wanted)))
    for number in range(resamples):
        if number % (resamples // 4 or 1) == 0:
            progress(f"refitting the model on other draws of firms: {number} of {resamples}")
        rows = draw_firms(flags, generator)
        fitted = clone(scorecard).fit(matrix[rows], flags[rows], groups=rows)
        pds[number] = fitted.predict_proba(wanted)[:, 1]
    low, high = np.quantile(pds, RANGE, axis=0)
    return PdRange(low, high, pds)


def draw_firms(bad: Flags, generator: np.random.Generator) -> NDArray[np.int64]:
    """Rows drawn with replacement, as many bads and goods as there are."""
    drawn = [generator.choice(rows, len(rows)) for rows in map(np.flatnonzero, (bad, ~bad))]
    return np.sort(np.concatenate(drawn))
