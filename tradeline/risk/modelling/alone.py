"""How much a single column tells of the outcome, out of fold, whatever the shape of the link."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tradeline.risk.modelling.columns import Column
from tradeline.risk.scoring.folds import stratified_folds
from tradeline.risk.validation.discrimination import auc

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

ROWS_MOST = 20_000
LEAVES = 24
LEAF_SHARE = 0.005
LEAF_ROWS = 5
FOLDS = 2
PRIOR_ROWS = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Rows to look at: their places in the table, outcomes and folds."""

    rows: Ints
    bad: Flags
    fold: Ints


def sample_of(bad: Flags, rows: Ints, generator: np.random.Generator) -> Sample:
    """All rows with an outcome, or so many drawn that looking is quick; defaults first."""
    flags = bad[rows]
    if len(rows) > ROWS_MOST:
        bads, goods = np.flatnonzero(flags), np.flatnonzero(~flags)
        kept = min(len(bads), ROWS_MOST // 2)
        drawn = [
            generator.choice(bads, kept, replace=False),
            generator.choice(goods, min(len(goods), ROWS_MOST - kept), replace=False),
        ]
        rows = rows[np.sort(np.concatenate(drawn))]
        flags = bad[rows]
    return Sample(rows, flags, stratified_folds(flags, FOLDS, generator))


def risk_alone(column: Column, sample: Sample) -> Floats:
    """Out-of-fold default rate of each row of the sample, by this column only."""
    values = _places(column.values.numbers[sample.rows])
    risk = np.empty(len(values))
    for number in range(FOLDS):
        inside, outside = sample.fold != number, sample.fold == number
        seen, unseen = values[inside], values[outside]
        if column.form.is_category:
            rates = _rates(seen, sample.bad[inside])
            seen, unseen = (_rated(part, rates, sample.bad[inside]) for part in (seen, unseen))
        tree = DecisionTreeClassifier(
            max_leaf_nodes=LEAVES, min_samples_leaf=_leaf_rows(len(seen)), random_state=0
        ).fit(seen[:, None], sample.bad[inside])
        risk[outside] = tree.predict_proba(unseen[:, None])[:, -1]
    return risk


def auc_alone(column: Column, sample: Sample) -> float:
    """AUC of `risk_alone`, the chance 0.5 where folds disagree."""
    return max(0.5, auc(sample.bad, risk_alone(column, sample)))


def told_by(columns: Sequence[Column], other: Column, sample: Sample) -> float:
    """How well columns tell another one, out of fold: 1 if it is a function of them, 0 if not.

    The share of its variance, for levels the share of rows told beyond always naming the frequent.
    """
    known = ~np.isnan(other.values.numbers[sample.rows])
    X = np.column_stack([_places(column.values.numbers[sample.rows]) for column in columns])
    y = other.values.numbers[sample.rows][known]
    X, fold = X[known], sample.fold[known]
    if len(y) < FOLDS * LEAF_ROWS or np.ptp(y) == 0 or len(np.unique(fold)) < FOLDS:
        return 0.0
    few = other.form.is_category or len(np.unique(y)) <= 2
    kind = DecisionTreeClassifier if few else DecisionTreeRegressor
    told = np.empty(len(y))
    for number in range(FOLDS):
        inside, outside = fold != number, fold == number
        tree = kind(max_leaf_nodes=4 * LEAVES, min_samples_leaf=LEAF_ROWS, random_state=0)
        told[outside] = tree.fit(X[inside], y[inside]).predict(X[outside])
    if few:
        base = np.unique(y, return_counts=True)[1].max() / len(y)
        return float((np.mean(told == y) - base) / (1 - base))
    return float(1 - np.mean((told - y) ** 2) / y.var())


def _places(values: Floats) -> Floats:
    """Each value's place in their order, a missing one last: trees keep single precision only."""
    return np.unique(values, return_inverse=True)[1].astype(np.float64)


def _leaf_rows(rows: int) -> int:
    return max(LEAF_ROWS, round(LEAF_SHARE * rows))


def _rates(values: Floats, bad: Flags) -> dict[float, float]:
    """The default rate of each level, pulled towards that of all rows."""
    levels, place = np.unique(values, return_inverse=True)
    rows, bads = np.bincount(place), np.bincount(place, bad)
    rates = (bads + PRIOR_ROWS * bad.mean()) / (rows + PRIOR_ROWS)
    return dict(zip(levels.tolist(), rates.tolist(), strict=True))


def _rated(values: Floats, rates: dict[float, float], bad: Flags) -> Floats:
    levels, place = np.unique(values, return_inverse=True)
    mean = float(bad.mean())
    rated: Floats = np.array([rates.get(level, mean) for level in levels.tolist()])[place]
    return rated
