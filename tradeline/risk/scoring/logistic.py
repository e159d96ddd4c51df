"""Logistic regression with weights that are never negative, pulled towards a prior weight."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import brentq, nnls
from scipy.special import expit

from tradeline.risk.scoring.thinning import thin

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

STEPS_MAX = 25
# Rows of one block: what is made of them stays near the processor.
BLOCK_ROWS = 8192
TOLERANCE = 1e-8
# A Newton step squares the error: of many rows, one that gained this little left less than 1e-8.
COARSE_TOLERANCE = 1e-6
MANY_ROWS = 10_000
SHIFT_TOLERANCE = 1e-9


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
    the intercept is free and unpenalised. `penalty` must be positive. Without a `start`, very many
    rows start from the fit of some of them.
    """
    if Z.shape[1] == 0:
        return Logistic(log_odds_of(bad.mean()), np.zeros(0))
    task = _Task(Z, bad, prior, penalty)
    fitted = start or _start(task)
    enough = len(bad) * (TOLERANCE if len(bad) <= MANY_ROWS else COARSE_TOLERANCE)
    log_odds = fitted.log_odds(Z)
    loss = task.loss(fitted, log_odds)
    for _ in range(STEPS_MAX):
        following, log_odds, value = _descend(task, fitted, log_odds, loss)
        if loss - value <= enough:
            return following
        fitted, loss = following, value
    return fitted


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    Z: Floats
    bad: Flags
    prior: float
    penalty: float

    def loss(self, fitted: Logistic, log_odds: Floats) -> float:
        ridge = self.penalty / 2 * float(np.sum((fitted.weights - self.prior) ** 2))
        return log_loss_sum(log_odds, self.bad) + ridge


def _start(task: _Task) -> Logistic:
    some = thin(len(task.bad))
    bad = task.bad[some]
    if len(bad) < len(task.bad) and bad.any() and not bad.all():
        return fit_logistic(np.asfortranarray(task.Z[some]), bad, task.prior, task.penalty)
    return Logistic(log_odds_of(task.bad.mean()), np.full(task.Z.shape[1], task.prior))


def _newton_target(task: _Task, log_odds: Floats) -> Logistic:
    """The optimum of the quadratic model of the loss at the given log-odds."""
    total, level, centre, pull, curvature = _moments(task, log_odds)
    centre, level = centre / total, level / total
    curvature -= total * np.outer(centre, centre)
    pull -= total * centre * level
    columns = len(centre)
    factor = cholesky(curvature + task.penalty * np.eye(columns), lower=True)
    aim = solve_triangular(factor, pull + task.penalty * task.prior, lower=True)
    weights = nnls(factor.T, aim)[0]
    return Logistic(float(level - centre @ weights), weights)


def _moments(task: _Task, log_odds: Floats) -> list[Any]:
    """Sums over rows, weighted by the spread: of 1, response, Z, Z response and Z Z."""
    blocks = range(0, len(log_odds), BLOCK_ROWS)
    parts = [_block_moments(task, log_odds, slice(at, at + BLOCK_ROWS)) for at in blocks]
    return [sum(rest, first) for first, *rest in zip(*parts, strict=True)]


def _block_moments(task: _Task, log_odds: Floats, rows: slice) -> tuple[Any, ...]:
    Z, value = task.Z[rows], log_odds[rows]
    rate = expit(value)
    spread = np.maximum(rate * (1 - rate), 1e-9)
    working = value + (task.bad[rows] - rate) / spread
    root = np.sqrt(spread)
    weighted = Z * root[:, None]
    pull, centre = weighted.T @ (root * working), weighted.T @ root
    return spread.sum(), spread @ working, centre, pull, weighted.T @ weighted


def _descend(
    task: _Task, fitted: Logistic, log_odds: Floats, loss: float
) -> tuple[Logistic, Floats, float]:
    """The Newton step, halved until it does not raise the loss; its log-odds and loss."""
    target = _newton_target(task, log_odds)
    step = 1.0
    while step > 1e-6:
        trial = Logistic(
            fitted.intercept + step * (target.intercept - fitted.intercept),
            fitted.weights + step * (target.weights - fitted.weights),
        )
        tried = trial.log_odds(task.Z)
        value = task.loss(trial, tried)
        if value <= loss:
            return trial, tried, value
        step /= 2
    return fitted, log_odds, loss


def log_losses(log_odds: Floats, bad: Flags) -> Floats:
    """Negative log-likelihood of each outcome."""
    return np.logaddexp(0, np.where(bad, -log_odds, log_odds))


def log_loss_sum(log_odds: Floats, bad: Flags) -> float:
    """Negative log-likelihood of the outcomes."""
    return float(log_losses(log_odds, bad).sum())


def probability(log_odds: Floats) -> Floats:
    """Probability of log-odds, without overflow at either end."""
    return np.exp(-np.logaddexp(0, -log_odds))


def log_odds_of(rate: float) -> float:
    """Natural logarithm of the odds of a rate strictly between 0 and 1."""
    return float(np.log(rate / (1 - rate)))


def intercept_for_rate(log_odds: Floats, rate: float) -> float:
    """The shift that makes the mean probability of `log_odds + shift` equal to `rate`."""
    some = log_odds[thin(len(log_odds))]
    if len(some) < len(log_odds):
        return _polished(log_odds, rate, intercept_for_rate(some, rate))
    reach = float(np.abs(log_odds).max()) + abs(log_odds_of(rate)) + 1
    return float(brentq(lambda shift: expit(log_odds + shift).mean() - rate, -reach, reach))


def _polished(log_odds: Floats, rate: float, shift: float) -> float:
    """The shift for all rows from that of some, by Newton's method."""
    for _ in range(STEPS_MAX):
        chance = expit(log_odds + shift)
        step = (chance.mean() - rate) / (chance * (1 - chance)).mean()
        shift -= float(step)
        if abs(step) < SHIFT_TOLERANCE:
            break
    return shift
