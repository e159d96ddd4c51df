"""Logistic regression with weights that are never negative, pulled towards a prior weight."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import brentq, nnls

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

STEPS_MAX = 25
TOLERANCE = 1e-8


@dataclass(frozen=True, slots=True)
class Logistic:
    """Log-odds of default: `intercept + Z @ weights`."""

    intercept: float
    weights: Floats

    def log_odds(self, Z: Floats) -> Floats:
        """Log-odds of default of each row of Z (rows x weights)."""
        value: Floats = self.intercept + Z @ self.weights
        return value


def fit_logistic(
    Z: Floats, bad: Flags, prior: float, penalty: float, start: Logistic | None = None
) -> Logistic:
    """Maximum of likelihood less `penalty / 2 * sum((weights - prior)**2)`, weights >= 0.

    Newton steps whose quadratic model is solved exactly under the bound (Lawson and Hanson 1974);
    the intercept is free and unpenalised. `penalty` must be positive.
    """
    fitted = start or Logistic(log_odds_of(bad.mean()), np.full(Z.shape[1], prior))
    if Z.shape[1] == 0:
        return Logistic(log_odds_of(bad.mean()), np.zeros(0))
    loss = _loss(fitted, Z, bad, prior, penalty)
    for _ in range(STEPS_MAX):
        target = _newton_target(fitted, Z, bad, prior, penalty)
        following, value = _descend(fitted, target, loss, Z, bad, prior, penalty)
        if loss - value <= TOLERANCE * len(bad):
            return following
        fitted, loss = following, value
    return fitted


def _newton_target(
    fitted: Logistic, Z: Floats, bad: Flags, prior: float, penalty: float
) -> Logistic:
    rate = probability(fitted.log_odds(Z))
    spread = np.maximum(rate * (1 - rate), 1e-9)
    working = fitted.log_odds(Z) + (bad - rate) / spread
    total = spread.sum()
    centre, level = spread @ Z / total, spread @ working / total
    weighted = Z * spread[:, None]
    curvature = weighted.T @ Z - total * np.outer(centre, centre)
    pull = weighted.T @ working - total * centre * level
    factor = cholesky(curvature + penalty * np.eye(Z.shape[1]), lower=True)
    aim = solve_triangular(factor, pull + penalty * prior, lower=True)
    weights = nnls(factor.T, aim)[0]
    return Logistic(float(level - centre @ weights), weights)


def _descend(
    fitted: Logistic,
    target: Logistic,
    loss: float,
    Z: Floats,
    bad: Flags,
    prior: float,
    penalty: float,
) -> tuple[Logistic, float]:
    """The Newton step, halved until it does not raise the loss."""
    step = 1.0
    while step > 1e-6:
        trial = Logistic(
            fitted.intercept + step * (target.intercept - fitted.intercept),
            fitted.weights + step * (target.weights - fitted.weights),
        )
        value = _loss(trial, Z, bad, prior, penalty)
        if value <= loss:
            return trial, value
        step /= 2
    return fitted, loss


def _loss(fitted: Logistic, Z: Floats, bad: Flags, prior: float, penalty: float) -> float:
    ridge = penalty / 2 * float(np.sum((fitted.weights - prior) ** 2))
    return log_loss_sum(fitted.log_odds(Z), bad) + ridge


def log_loss_sum(log_odds: Floats, bad: Flags) -> float:
    """Negative log-likelihood of the outcomes."""
    return float(np.logaddexp(0, np.where(bad, -log_odds, log_odds)).sum())


def probability(log_odds: Floats) -> Floats:
    """Probability of log-odds, without overflow at either end."""
    return np.exp(-np.logaddexp(0, -log_odds))


def log_odds_of(rate: float) -> float:
    """Natural logarithm of the odds of a rate strictly between 0 and 1."""
    return float(np.log(rate / (1 - rate)))


def intercept_for_rate(log_odds: Floats, rate: float) -> float:
    """The shift that makes the mean probability of `log_odds + shift` equal to `rate`."""
    reach = float(np.abs(log_odds).max()) + abs(log_odds_of(rate)) + 1
    return float(brentq(lambda shift: probability(log_odds + shift).mean() - rate, -reach, reach))
