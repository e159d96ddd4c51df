"""Simulated portfolios whose true log-odds are known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Portfolio:
    """Features (rows x columns), outcomes, and the true log-odds of default."""

    X: NDArray[np.float64]
    bad: NDArray[np.bool_]
    log_odds: NDArray[np.float64]


def make_portfolio(
    seed: int, rows: int, columns: int, *, level: float = -1.5, spread: float = 1.0
) -> Portfolio:
    """Correlated, skewed features with gaps; the first half raise default risk."""
    generator = np.random.default_rng(seed)
    shared = generator.normal(size=(rows, 1))
    latent = 0.6 * shared + 0.8 * generator.normal(size=(rows, columns))
    weights = generator.exponential(size=columns) * (np.arange(columns) < columns / 2)
    signal = latent @ weights
    log_odds = level + spread * signal / signal.std()
    bad = generator.random(rows) < 1 / (1 + np.exp(-log_odds))
    X = np.exp(latent * generator.uniform(0.2, 1.5, columns))
    X[generator.random(X.shape) < 0.03] = np.nan
    return Portfolio(X, bad, log_odds)
