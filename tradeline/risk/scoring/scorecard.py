"""The scorecard as an estimator under scikit-learn's contract."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import ThreadpoolController

from tradeline.kernel.findings import Finding, Severity
from tradeline.risk.scoring.binning import (
    SPLIT_GAIN_MIN,
    BinLimits,
    Buckets,
    bucketise,
    by_column,
)
from tradeline.risk.scoring.card import (
    Card,
    CardKind,
    Scale,
    make_card,
    pds_of_scores,
    points_of_rows,
    scores_of_points,
)
from tradeline.risk.scoring.categories import bucketise_levels
from tradeline.risk.scoring.estimator import DefaultModel, FitProblem
from tradeline.risk.scoring.fitting import Fit, fit_model
from tradeline.risk.scoring.informative import FitOptions
from tradeline.risk.scoring.overrides import (
    Override,
    check_card,
    check_overrides,
    forced_directions,
    split_edges,
)
from tradeline.risk.scoring.pairing import with_pairs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Scorecard(DefaultModel):
    """Logistic scorecard on monotone bins, in the columns and classes of a `DefaultModel`.

    Weights are pulled towards equal weights by the penalty (one of `penalties`) of least
    out-of-fold log loss. The order of the levels of a category is learned from the rows given.
    `split_gain` is what a further bin must add to the log-likelihood; `overrides` are what an
    analyst decides over the data. With `rounds` the bins also follow what each feature says given
    the others, as far as inner folds bear that out; numbers without a direction may then bend. At
    most so many `pairs` of columns are further factors, if inner folds bear them out.

    After `fit`: `card_`, `findings_`, `penalty_`, `slope_`, `classes_`.
    """

    def __init__(
        self,
        *,
        directions: Sequence[int] | None = None,
        names: Sequence[str] | None = None,
        levels: Sequence[tuple[str, ...] | None] | None = None,
        max_bins: int = 6,
        min_bin_share: float = 0.05,
        min_bin_count: int = 5,
        split_gain: float = SPLIT_GAIN_MIN,
        penalties: Sequence[float] = (1.0, 10.0, 100.0, 1000.0),
        information_value_min: float = 0.02,
        correlation_max: float = 0.8,
        base_rate: float | None = None,
        base_points: float = 600.0,
        base_odds: float = 20.0,
        pdo: float = 50.0,
        overrides: Sequence[Override] = (),
        inner_folds: int = 5,
        rounds: int = 0,
        pairs: int = 0,
        seed: int = 0,
    ) -> None:
        self.directions = directions
        self.names = names
        self.levels = levels
        self.max_bins = max_bins
        self.min_bin_share = min_bin_share
        self.min_bin_count = min_bin_count
        self.split_gain = split_gain
        self.penalties = penalties
        self.information_value_min = information_value_min
        self.correlation_max = correlation_max
        self.base_rate = base_rate
        self.base_points = base_points
        self.base_odds = base_odds
        self.pdo = pdo
        self.overrides = overrides
        self.inner_folds = inner_folds
        self.rounds = rounds
        self.pairs = pairs
        self.seed = seed

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Learn from X (rows x features) and y; rows of one of `groups` share inner folds.

        Raises FitProblem, an InputProblem, if `y` has one class only or an override cannot apply.
        """
        matrix, bad = self._rows_and_outcomes(X, y)
        self._check_overrides(matrix)
        options = self._options()
        with _one_thread().limit(limits=1, user_api="blas"):
            buckets = self._buckets(matrix)
            found = fit_model(buckets, bad, options, np.random.default_rng(self.seed), groups)
            if self.pairs:
                draws = np.random.default_rng([self.seed, 1])
                found = with_pairs(
                    found, buckets, bad, self._names(), options, self.pairs, draws, groups
                )
        self.penalty_, self.slope_ = found.tuned.penalty, found.slope
        self.card_ = self._card(found, float(bad.mean()))
        factors = {factor.name: (factor.binning, factor.points) for factor in self.card_.factors}
        _refuse(check_card(self.overrides, factors))
        self.findings_ = self._findings([_varies(feature) for feature in buckets])
        return self

    def score_points(self, X: ArrayLike) -> Ints:
        """Points of each row and factor of `card_` (rows x factors)."""
        matrix = self._rows(X)
        return points_of_rows(self.card_, matrix, self._names())

    def scores(self, X: ArrayLike) -> Ints:
        """Integer score of each row; higher is better."""
        check_is_fitted(self)
        return scores_of_points(self.card_, self.score_points(X))

    def decision_function(self, X: ArrayLike) -> Floats:
        """Log-odds of default of each row, at the stated base rate."""
        scores = self.scores(X)
        scale = self.card_.scale
        return (scale.offset - scores.astype(np.float64)) / scale.factor

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probabilities of no default and of default (rows x 2)."""
        scores = self.scores(X)
        pds = pds_of_scores(self.card_.scale, scores)
        return np.column_stack([1 - pds, pds])

    def _buckets(self, matrix: Floats) -> list[Buckets]:
        return [
            bucketise_levels(column, tuple(levels), name)
            if levels
            else bucketise(column, split_edges(own))
            for column, levels, name, own in zip(
                by_column(matrix), self._levels(), self._names(), self._overrides(), strict=True
            )
        ]

    def _overrides(self) -> tuple[tuple[Override, ...], ...]:
        """The overrides of each column."""
        return tuple(
            tuple(override for override in self.overrides if override.feature == name)
            for name in self._names()
        )

    def _check_overrides(self, matrix: Floats) -> None:
        if self.overrides:
            columns = zip(self._names(), self._levels(), matrix.T, strict=True)
            features = {name: levels or _reach(column) for name, levels, column in columns}
            _refuse(check_overrides(self.overrides, features))

    def _options(self) -> FitOptions:
        forced = forced_directions(self._names(), self.overrides)
        return FitOptions(
            tuple(one or other for one, other in zip(forced, self._directions(), strict=True)),
            BinLimits(self.max_bins, self.min_bin_share, self.min_bin_count, self.split_gain),
            tuple(self.penalties),
            self.information_value_min,
            self.correlation_max,
            self.inner_folds,
            self._overrides(),
            self.rounds,
        )

    def _card(self, found: Fit, sample_rate: float) -> Card:
        base_rate = sample_rate if self.base_rate is None else self.base_rate
        names = self._names()
        return make_card(
            CardKind.FITTED,
            Scale(self.base_points, self.base_odds, self.pdo),
            found.intercept + self._shift(sample_rate),
            [
                (names[part.column], part.binning, weight)
                for part, weight in zip(found.parts, found.weights, strict=True)
            ]
            + [(name, pair, 1.0) for name, pair in found.pairs],
            base_rate,
            sample_rate,
            self.overrides,
        )

    def _findings(self, varies: Sequence[bool]) -> tuple[Finding, ...]:
        found = [
            Finding(
                "zero-variance",
                Severity.NOTE,
                name,
                "The feature never varies, so it was left out.",
                "Check its source if it should vary.",
            )
            for name, moves in zip(self._names(), varies, strict=True)
            if not moves
        ]
        if not self.card_.factors:
            found.append(
                Finding(
                    "no-informative-feature",
                    Severity.WARNING,
                    "features",
                    "No feature says more about default than chance would; "
                    "every firm has the base rate.",
                    "Give more firms with known outcomes, or use an expert scorecard.",
                )
            )
        return tuple(found)


def _reach(column: Floats) -> tuple[float, float]:
    known = column[~np.isnan(column)]
    return (float(known.min()), float(known.max())) if known.size else (np.nan, np.nan)


def _refuse(findings: Sequence[Finding]) -> None:
    if findings:
        raise FitProblem(findings)


def _varies(feature: Buckets) -> bool:
    if feature.levels:
        return int((np.bincount(feature.codes, minlength=2)[: feature.missing] > 0).sum()) > 1
    return len(feature.edges) > 0


@lru_cache(maxsize=1)
def _one_thread() -> ThreadpoolController:
    """BLAS sums depend on the number of threads; one thread gives the same bytes everywhere."""
    return ThreadpoolController()
