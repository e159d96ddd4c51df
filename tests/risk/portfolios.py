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


TRADES = ("bakery", "carpets", "dyes", "engines", "fans", "glass", "hats", "ink")
TRADE_RISK = np.array([0.9, -0.8, 0.0, 0.5, -0.4, 1.4, -1.2, 0.1])
LEVELS = (None, None, None, TRADES)


def make_traders(seed: int, rows: int, *, level: float = -1.5) -> Portfolio:
    """Three numbers and, last, a trade (its place in TRADES, some missing) that says more."""
    generator = np.random.default_rng(seed)
    plain = make_portfolio(seed, rows, 3)
    trade = generator.integers(0, len(TRADES), rows)
    log_odds = level + 0.5 * (plain.log_odds - plain.log_odds.mean()) + TRADE_RISK[trade]
    bad = generator.random(rows) < 1 / (1 + np.exp(-log_odds))
    seen = np.where(generator.random(rows) < 0.05, np.nan, trade)
    return Portfolio(np.column_stack([plain.X, seen]), bad, log_odds)
