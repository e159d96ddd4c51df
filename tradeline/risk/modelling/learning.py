"""Fitting and judging: out-of-sample PDs with their figures, and the model of all rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from tradeline.kernel.findings import Finding
from tradeline.risk.modelling.estimators import scorecard_of
from tradeline.risk.modelling.model import Input, Measured, Reference, reference_of
from tradeline.risk.modelling.splits import Split
from tradeline.risk.scoring.card import Card
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
    """PDs of rows by models that did not see them, their outcomes, and the figures."""

    rows: Ints
    pds: Floats
    bad: Flags
    figures: tuple[Measured, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """The model of all rows: a card or a challenger's text, and the inputs that it uses."""

    card: Card | None
    challenger: str
    used: tuple[str, ...]
    reference: Reference
    findings: tuple[Finding, ...]


def judge(inputs: Sequence[Input], data: Rows, split: Split, seed: int) -> Judged:
    """PDs of the judged rows, at the default rate of the rows that each model learned from."""
    pds = np.full(len(data.bad), np.nan)
    for number in np.unique(split.fold[split.judged]):
        learned, judged = split.learned_by(int(number)), split.fold == number
        fitted = fit(inputs, data, learned, None, seed)
        pds[judged] = fitted.predict_proba(data.X[judged])[:, 1]
    rows = np.flatnonzero(split.judged)
    bad = data.bad[rows]
    return Judged(rows, pds[rows], bad, measured(bad, pds[rows], seed))


def fit(
    inputs: Sequence[Input],
    data: Rows,
    rows: Flags,
    base_rate: float | None,
    seed: int,
) -> BaseEstimator:
    """The estimator fitted on some of the rows."""
    bad = data.bad[rows]
    estimator = scorecard_of(inputs, seed, base_rate)
    groups = None if data.groups is None else data.groups[rows]
    return estimator.fit(data.X[rows], bad, groups=groups)


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


def learn(inputs: Sequence[Input], data: Rows, base_rate: float | None, seed: int) -> Made:
    """The model of all rows, at the stated default rate or that of the rows."""
    every = np.ones(len(data.bad), dtype=bool)
    fitted = fit(inputs, data, every, base_rate, seed)
    reference = reference_of(fitted.scores(data.X))
    return Made(fitted.card_, "", fitted.card_.names, reference, fitted.findings_)
