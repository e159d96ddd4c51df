"""What challengers of the scorecard share: a fitted model that gives log-odds of default itself."""

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradeline.risk.scoring.estimator import DefaultModel
from tradeline.risk.scoring.logistic import probability

Floats = NDArray[np.float64]


class LogOdds(Protocol):
    """A model as a value."""

    def log_odds(self, X: Floats) -> Floats:
        """Log-odds of default of each row of X."""
        ...


class Challenger(DefaultModel):
    """A `DefaultModel` that puts what it learned into `model_`."""

    model_: LogOdds

    def decision_function(self, X: ArrayLike) -> Floats:
        """Log-odds of default of each row, at the stated base rate."""
        rows = self._rows(X)
        return self.model_.log_odds(rows)

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probabilities of no default and of default (rows x 2)."""
        pds = probability(self.decision_function(X))
        return np.column_stack([1 - pds, pds])
