"""What challengers of the scorecard share: they grow until held-out rows say that it is enough."""

from importlib import import_module
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradeline.kernel.findings import problem
from tradeline.risk.scoring.estimator import DefaultModel
from tradeline.risk.scoring.held_out import held_out_parts
from tradeline.risk.scoring.logistic import probability

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Levels = tuple[tuple[str, ...] | None, ...]


class LogOdds(Protocol):
    """A model as a value."""

    @property
    def size(self) -> int:
        """How many numbers make it up: what a reader would have to read."""
        ...

    def log_odds(self, X: Floats) -> Floats:
        """Log-odds of default of each row of X."""
        ...


class Challenger(DefaultModel):
    """A `DefaultModel` that puts what it learned into `model_`, and says log-odds itself."""

    model_: LogOdds
    seed: int

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        times: ArrayLike | None = None,
    ) -> Self:
        """Learn from X (rows x features) and y; growth is stopped by held-out rows.

        Held out are whole `groups`, or with `times` the latest rows. Raises FitProblem if `y` has
        one class only, InputProblem where the library that grows it is not installed.
        """
        matrix, bad = self._rows_and_outcomes(X, y)
        held_out = held_out_parts(bad, self.seed, groups, times)
        self.model_ = self._grown(matrix, bad, held_out, self._shift(float(bad.mean())))
        return self

    def _grown(self, X: Floats, bad: Flags, held_out: list[Flags], shift: float) -> LogOdds:
        """The model of all rows, `shift` added to its log-odds; grown as far as others bear out."""
        raise NotImplementedError

    def decision_function(self, X: ArrayLike) -> Floats:
        """Log-odds of default of each row, at the stated base rate."""
        rows = self._rows(X)
        return self.model_.log_odds(rows)

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probabilities of no default and of default (rows x 2)."""
        pds = probability(self.decision_function(X))
        return np.column_stack([1 - pds, pds])


def library(module: str, extra: str, where: str, message: str) -> Any:
    """A library of an extra; InputProblem with what to install where it is absent."""
    try:
        return import_module(module)
    except ImportError as error:
        raise problem(
            f"no-{extra}", where, message,
            f'Install it: pip install "tradeline[{extra}]"; or use the scorecard.',
        ) from error  # fmt: skip
