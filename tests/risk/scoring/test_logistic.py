"""The weights are the optimum that slower, plainer ways find."""

import numpy as np
import pytest
from scipy.optimize import minimize

from tradeline.risk.scoring.logistic import (
    fit_logistic,
    intercept_for_rate,
    log_loss_sum,
    log_odds_of,
    probability,
)


def sample(seed: int, rows: int = 400) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    Z = generator.normal(size=(rows, 5))
    truth = np.array([0.8, 0.5, -0.6, 0.0, 0.3])
    return Z, generator.random(rows) < probability(Z @ truth - 1)


@pytest.mark.parametrize("penalty", [0.1, 5.0, 200.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_fit_is_the_bounded_optimum(seed: int, penalty: float) -> None:
    Z, bad = sample(seed)

    def loss(parameters: np.ndarray) -> float:
        pull = penalty / 2 * np.sum((parameters[1:] - 0.4) ** 2)
        return log_loss_sum(parameters[0] + Z @ parameters[1:], bad) + float(pull)

    oracle = minimize(loss, np.zeros(6), method="L-BFGS-B", bounds=[(None, None)] + [(0, None)] * 5)
    fitted = fit_logistic(Z, bad, 0.4, penalty)
    assert loss(np.array([fitted.intercept, *fitted.weights])) <= oracle.fun + 1e-5
    assert fitted.weights == pytest.approx(oracle.x[1:], abs=0.01)
    assert fitted.weights.min() >= 0


def test_a_heavy_penalty_gives_equal_weights() -> None:
    Z, bad = sample(4)
    assert fit_logistic(Z, bad, 0.25, 1e9).weights == pytest.approx(np.full(5, 0.25), abs=1e-5)


def test_perfectly_separated_outcomes_stay_finite() -> None:
    Z = np.linspace(-3, 3, 40)[:, None]
    fitted = fit_logistic(Z, Z[:, 0] > 0, 1.0, 0.01)
    assert np.isfinite(fitted.weights).all()


def test_the_shift_meets_the_rate() -> None:
    log_odds = np.array([-3.0, 0.5, 2.0])
    shift = intercept_for_rate(log_odds, 0.05)
    assert probability(log_odds + shift).mean() == pytest.approx(0.05)
    assert probability(np.array([log_odds_of(0.3)]))[0] == pytest.approx(0.3)


def test_very_many_rows_reach_the_same_optimum() -> None:
    Z, bad = sample(5, rows=230_000)
    fitted = fit_logistic(np.asfortranarray(Z), bad, 0.4, 10.0)
    excess = bad - probability(fitted.log_odds(Z))
    slope = Z.T @ excess - 10.0 * (fitted.weights - 0.4)
    free = fitted.weights > 0
    # A step of Newton's from here would move each weight by less than a millionth.
    assert np.abs(slope[free]).max() < 0.01
    assert (slope[~free] <= 0).all()
    assert abs(excess.sum()) < 0.01


def test_the_shift_of_very_many_rows_meets_the_rate_whatever_their_order() -> None:
    log_odds = np.sort(np.random.default_rng(6).normal(size=120_000)) - 4
    for ordered in (log_odds, log_odds[::-1]):
        shift = intercept_for_rate(ordered, 0.3)
        assert probability(ordered + shift).mean() == pytest.approx(0.3, abs=1e-12)
