"""The scorecard as an estimator under scikit-learn's contract."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import ThreadpoolController

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.risk.scoring.binning import SPLIT_GAIN_MIN, BinLimits, Buckets, bucketise
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
from tradeline.risk.scoring.fitting import Fit, FitOptions, fit_model
from tradeline.risk.scoring.logistic import log_odds_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class FitProblem(InputProblem, ValueError):
    """An InputProblem that is also the ValueError for which scikit-learn's contract asks."""


class Scorecard(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Logistic scorecard on monotone bins; the second class in order is the default.

    `directions` and `names` go by column (None: free directions, x0, x1, ...). Weights are pulled
    towards equal weights by the penalty (one of `penalties`) of least out-of-fold log loss.
    `base_rate` is the stated portfolio default rate to which PDs are calibrated by the prior
    correction of King and Zeng (2001); None keeps the sample's. Missing values are NaN.
    `levels` names the levels of each column that is a category (None for a number): its values are
    places in that tuple, and its order by risk is learned from the rows given.
    `split_gain` is what a further bin must add to the log-likelihood.

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
        inner_folds: int = 5,
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
        self.inner_folds = inner_folds
        self.seed = seed

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Learn from X (rows x features) and y; rows of one of `groups` share inner folds.

        Raises FitProblem, an InputProblem, if `y` has one class only.
        """
        matrix, target = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        check_classification_targets(target)
        self.classes_, coded = np.unique(target, return_inverse=True)
        self._check_classes(target)
        bad = coded.astype(bool)
        options = self._options()
        with _one_thread().limit(limits=1, user_api="blas"):
            buckets = self._buckets(matrix)
            found = fit_model(buckets, bad, options, np.random.default_rng(self.seed), groups)
        self.penalty_, self.slope_ = found.penalty, found.slope
        self.card_ = self._card(found, float(bad.mean()))
        self.findings_ = self._findings([_varies(feature) for feature in buckets])
        return self

    def score_points(self, X: ArrayLike) -> Ints:
        """Points of each row and factor of `card_` (rows x factors)."""
        check_is_fitted(self)
        matrix: Floats = validate_data(
            self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False
        )
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

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The likelier class of each row."""
        likelier = self.decision_function(X) > 0
        predicted: NDArray[Any] = self.classes_[likelier.astype(int)]
        return predicted

    def _names(self) -> tuple[str, ...]:
        if self.names is None:
            return tuple(f"x{column}" for column in range(self.n_features_in_))
        return tuple(self.names)

    def _levels(self) -> tuple[tuple[str, ...] | None, ...]:
        return tuple(self.levels or (None,) * self.n_features_in_)

    def _buckets(self, matrix: Floats) -> list[Buckets]:
        return [
            bucketise_levels(column, tuple(levels), name) if levels else bucketise(column)
            for column, levels, name in zip(matrix.T, self._levels(), self._names(), strict=True)
        ]

    def _options(self) -> FitOptions:
        directions = tuple(self.directions or (0,) * self.n_features_in_)
        self._check_columns(directions)
        return FitOptions(
            directions,
            BinLimits(self.max_bins, self.min_bin_share, self.min_bin_count, self.split_gain),
            tuple(self.penalties),
            self.information_value_min,
            self.correlation_max,
            self.inner_folds,
        )

    def _check_columns(self, directions: tuple[int, ...]) -> None:
        for one, many, given in (
            ("direction", "directions", directions),
            ("name", "names", self._names()),
            ("list of levels", "lists of levels", self._levels()),
        ):
            if len(given) != self.n_features_in_:
                raise _fit_problem(
                    f"{one.split()[-1]}-count",
                    f"{len(given)} {many} stand against {self.n_features_in_} features.",
                    f"Give one {one} for each feature.",
                )
        for name, direction, levels in zip(self._names(), directions, self._levels(), strict=True):
            if levels and direction:
                raise _fit_problem(
                    "direction-of-category",
                    f"{name} is a category, and a direction of {direction:+d} is stated for it.",
                    "State 0: its levels are put in order by their outcomes.",
                )
            if levels and len(set(levels)) < len(levels):
                raise _fit_problem(
                    "repeated-level",
                    f"{name} names a level twice.",
                    "Name each level once.",
                )

    def _check_classes(self, y: NDArray[Any]) -> None:
        if len(self.classes_) == 1:
            raise _fit_problem(
                "one-class",
                "Only one class of outcome is present, so no default risk can be learned.",
                "Give firms that defaulted and firms that did not, or use an expert scorecard.",
            )
        if len(self.classes_) > 2:
            raise _fit_problem(
                "many-classes",
                f"Only binary classification is supported. The type of the target is "
                f"{type_of_target(y)}.",
                "Give outcomes of two values: default or not.",
            )

    def _card(self, found: Fit, sample_rate: float) -> Card:
        base_rate = sample_rate if self.base_rate is None else self.base_rate
        names = self._names()
        return make_card(
            CardKind.FITTED,
            Scale(self.base_points, self.base_odds, self.pdo),
            found.intercept + log_odds_of(base_rate) - log_odds_of(sample_rate),
            [
                (names[part.column], part.binning, weight)
                for part, weight in zip(found.parts, found.weights, strict=True)
            ],
            base_rate,
            sample_rate,
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


def _varies(feature: Buckets) -> bool:
    if feature.levels:
        return int((np.bincount(feature.codes, minlength=2)[: feature.missing] > 0).sum()) > 1
    return len(feature.edges) > 0


def _fit_problem(code: str, message: str, remedy: str) -> FitProblem:
    return FitProblem([Finding(code, Severity.ERROR, "outcomes", message, remedy)])


@lru_cache(maxsize=1)
def _one_thread() -> ThreadpoolController:
    """BLAS sums depend on the number of threads; one thread gives the same bytes everywhere."""
    return ThreadpoolController()
