"""What every model of default shares as an estimator under scikit-learn's contract."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.risk.scoring.logistic import log_odds_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class FitProblem(InputProblem, ValueError):
    """An InputProblem that is also the ValueError for which scikit-learn's contract asks."""


class DefaultModel(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Columns and classes of a model of default; the second class in order is the default.

    `directions`, `names` and `levels` go by column (None: free directions; x0, x1, ...; numbers
    only). A direction is +1 where higher values mean higher risk, -1 where lower values do, 0 where
    either may hold. `levels` names the levels of each column that is a category (None for a
    number): its values are places in that tuple. Missing values are NaN. `base_rate` is the stated
    portfolio default rate to which PDs are calibrated by the prior correction of King and Zeng
    (2001); None keeps the sample's.
    """

    directions: Sequence[int] | None
    names: Sequence[str] | None
    levels: Sequence[tuple[str, ...] | None] | None
    base_rate: float | None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags

    def decision_function(self, X: ArrayLike) -> Floats:
        """Log-odds of default of each row, at the stated base rate."""
        raise NotImplementedError

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The likelier class of each row."""
        likelier = self.decision_function(X) > 0
        predicted: NDArray[Any] = self.classes_[likelier.astype(int)]
        return predicted

    def _rows_and_outcomes(self, X: ArrayLike, y: ArrayLike) -> tuple[Floats, Flags]:
        """The matrix and the defaults to learn from; FitProblem where nothing can be learned."""
        matrix, target = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        check_classification_targets(target)
        self.classes_, coded = np.unique(target, return_inverse=True)
        self._check_classes(target)
        self._check_columns()
        return matrix, coded.astype(bool)

    def _rows(self, X: ArrayLike) -> Floats:
        check_is_fitted(self)
        matrix: Floats = validate_data(
            self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False
        )
        return matrix

    def _names(self) -> tuple[str, ...]:
        if self.names is None:
            return tuple(f"x{column}" for column in range(self.n_features_in_))
        return tuple(self.names)

    def _directions(self) -> tuple[int, ...]:
        return tuple(self.directions or (0,) * self.n_features_in_)

    def _levels(self) -> tuple[tuple[str, ...] | None, ...]:
        return tuple(self.levels or (None,) * self.n_features_in_)

    def _shift(self, sample_rate: float) -> float:
        """What the stated base rate adds to log-odds that were learned at the sample's rate."""
        base_rate = sample_rate if self.base_rate is None else self.base_rate
        return log_odds_of(base_rate) - log_odds_of(sample_rate)

    def _check_columns(self) -> None:
        for one, many, given in (
            ("direction", "directions", self._directions()),
            ("name", "names", self._names()),
            ("list of levels", "lists of levels", self._levels()),
        ):
            if len(given) != self.n_features_in_:
                raise fit_problem(
                    f"{one.split()[-1]}-count",
                    f"{len(given)} {many} stand against {self.n_features_in_} features.",
                    f"Give one {one} for each feature.",
                )
        for name, direction, levels in zip(
            self._names(), self._directions(), self._levels(), strict=True
        ):
            if levels and direction:
                raise fit_problem(
                    "direction-of-category",
                    f"{name} is a category, and a direction of {direction:+d} is stated for it.",
                    "State 0: its levels are put in order by their outcomes.",
                )
            if levels and len(set(levels)) < len(levels):
                raise fit_problem(
                    "repeated-level", f"{name} names a level twice.", "Name each level once."
                )

    def _check_classes(self, y: NDArray[Any]) -> None:
        if len(self.classes_) == 1:
            raise fit_problem(
                "one-class",
                "Only one class of outcome is present, so no default risk can be learned.",
                "Give firms that defaulted and firms that did not, or use an expert scorecard.",
            )
        if len(self.classes_) > 2:
            raise fit_problem(
                "many-classes",
                f"Only binary classification is supported. The type of the target is "
                f"{type_of_target(y)}.",
                "Give outcomes of two values: default or not.",
            )


def fit_problem(code: str, message: str, remedy: str) -> FitProblem:
    """A FitProblem of a single error in the outcomes or columns."""
    return FitProblem([Finding(code, Severity.ERROR, "outcomes", message, remedy)])
