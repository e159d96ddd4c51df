"""Fitting and judging: out-of-sample PDs with their figures, and the model of all rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding
from tradeline.risk.modelling.edits import forbidden_by
from tradeline.risk.modelling.estimators import Recipe, estimator_of
from tradeline.risk.modelling.model import Input, Measured, ModelKind, Reference, reference_of
from tradeline.risk.modelling.splits import Split
from tradeline.risk.scoring.boosted import Boosted, write_boosted
from tradeline.risk.scoring.card import Card, scores_of_pds
from tradeline.risk.scoring.challenger import Challenger
from tradeline.risk.scoring.estimator import DefaultModel
from tradeline.risk.scoring.glass_box import GlassBox, write_glass_box
from tradeline.risk.scoring.scorecard import Scorecard
from tradeline.risk.validation.figures import figures
from tradeline.risk.validation.resampling import RESAMPLES, draw_counts

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

# Draws times rows that are held at once; of many rows few draws are enough.
CELLS_MOST, DRAWS_LEAST = 20_000_000, 60


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What a model learns from: rows x inputs, who defaulted, which rows belong together, when."""

    X: Floats
    bad: Flags
    groups: Ints | None
    time: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """PDs of rows by models that did not see them, their outcomes, and the figures.

    `size` is of how many numbers the largest of these models is made.
    """

    rows: Ints
    pds: Floats
    bad: Flags
    figures: tuple[Measured, ...]
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """The model of all rows: a card or a challenger's text, and the inputs that it uses."""

    card: Card | None
    challenger: str
    used: tuple[str, ...]
    reference: Reference
    findings: tuple[Finding, ...]


def judge(
    recipe: Recipe,
    inputs: Sequence[Input],
    data: Rows,
    split: Split,
    folds: Sequence[int] | None = None,
) -> Judged:
    """PDs of the judged rows, at the default rate of the rows that each model learned from.

    `folds` are those that are judged, None for all.
    """
    inputs, data = readable(recipe, inputs, data)
    pds, size = np.full(len(data.bad), np.nan), 0
    for number in np.unique(split.fold[split.judged]) if folds is None else folds:
        learned, judged = split.learned_by(int(number)), split.fold == number
        fitted = fit(recipe, inputs, data, learned, None)
        pds[judged] = fitted.predict_proba(data.X[judged])[:, 1]
        size = max(size, _size_of(fitted))
    rows = np.flatnonzero(~np.isnan(pds))
    bad = data.bad[rows]
    return Judged(rows, pds[rows], bad, measured(bad, pds[rows], recipe.seed), size)


def _size_of(fitted: DefaultModel) -> int:
    if isinstance(fitted, Scorecard):
        return fitted.card_.size
    assert isinstance(fitted, Challenger), "what is no scorecard challenges one"
    return fitted.model_.size


def readable(recipe: Recipe, inputs: Sequence[Input], data: Rows) -> tuple[tuple[Input, ...], Rows]:
    """What a model may read: a challenger has no column at all that an analyst forbids."""
    forbidden = forbidden_by(recipe.edits)
    kept = [part.name not in forbidden for part in inputs]
    if recipe.kind is ModelKind.SCORECARD or all(kept):
        return tuple(inputs), data
    return tuple(compress(inputs, kept)), replace(data, X=data.X[:, np.flatnonzero(kept)])


def fit(
    recipe: Recipe, inputs: Sequence[Input], data: Rows, rows: Flags, base_rate: float | None
) -> DefaultModel:
    """The estimator fitted on some of the rows."""
    estimator = estimator_of(recipe, inputs, base_rate)
    groups = None if data.groups is None else data.groups[rows]
    estimator.fit(data.X[rows], data.bad[rows], groups=groups)
    return estimator


def measured(bad: Flags, pds: Floats, seed: int) -> tuple[Measured, ...]:
    """The figures of PDs with their intervals."""
    generator = np.random.default_rng([seed, 1])
    counts = draw_counts(bad, generator, resamples=draws_for(len(bad)))
    return tuple(
        Measured(name, found.estimate, found.low, found.high)
        for name, found in figures(bad, pds, counts).items()
    )


def draws_for(rows: int) -> int:
    """How many draws an interval of figures on so many rows rests on."""
    return int(min(RESAMPLES, max(DRAWS_LEAST, CELLS_MOST // (4 * rows))))


def learn(recipe: Recipe, inputs: Sequence[Input], data: Rows, base_rate: float | None) -> Made:
    """The model of all rows, at the stated default rate or that of the rows."""
    inputs, data = readable(recipe, inputs, data)
    every = np.ones(len(data.bad), dtype=bool)
    fitted = fit(recipe, inputs, data, every, base_rate)
    if isinstance(fitted, Scorecard):
        scores = reference_of(fitted.scores(data.X))
        return Made(fitted.card_, "", fitted.card_.columns, scores, fitted.findings_)
    pds = fitted.predict_proba(data.X)[:, 1]
    return Made(
        None,
        _text_of(fitted),
        tuple(part.name for part in inputs),
        reference_of(scores_of_pds(recipe.scale, pds)),
        (),
    )


def _text_of(fitted: DefaultModel) -> str:
    if isinstance(fitted, Boosted):
        return write_boosted(fitted.model_)
    assert isinstance(fitted, GlassBox), "there are three kinds of model"
    return write_glass_box(fitted.model_)
