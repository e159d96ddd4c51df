"""The latent state has the law it says, and the true PD is what a plain simulation finds."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tradeline.world.latent_state import (
    base_offset,
    draw_default_months,
    hazard_offset,
    simulate_health,
    true_pd,
)
from tradeline.world.sectors import trait
from tradeline.world.settings import WorldSettings, calendar

MONTHS = calendar(WorldSettings(months=18))


def test_health_has_mean_0_and_variance_1() -> None:
    health = simulate_health(np.zeros(100_000, bool), MONTHS, np.random.default_rng(1)).total
    assert np.allclose(health.mean(axis=0), 0, atol=0.02)
    assert np.allclose(health.var(axis=0), 1, atol=0.02)


def test_a_shock_lowers_health_from_its_month_on() -> None:
    shocked = np.arange(100_000) < 50_000
    mean = simulate_health(shocked, MONTHS, np.random.default_rng(1)).total
    gap = mean[shocked].mean(axis=0) - mean[~shocked].mean(axis=0)
    assert np.allclose(gap[: MONTHS.shock_month], 0, atol=0.03)
    assert gap[MONTHS.shock_month] == pytest.approx(-0.8, abs=0.03)
    assert -0.75 < gap[-1] < -0.4


@pytest.mark.parametrize("offset", [-9.0, -6.5, -3.0])
@pytest.mark.parametrize("deviation", [-1.5, 0.0, 1.2])
def test_the_true_pd_is_what_many_futures_show(offset: float, deviation: float) -> None:
    futures = 200_000
    fates = draw_default_months(
        np.full(futures, offset), np.full(futures, deviation), np.random.default_rng(3)
    )
    pd = float(true_pd(np.array([offset]), np.array([deviation]))[0])
    assert (fates > 0).mean() == pytest.approx(pd, abs=4 * np.sqrt(pd / futures) + 1e-5)


@pytest.mark.parametrize("default_rate", [0.02, 0.05, 0.2])
def test_the_market_defaults_at_the_rate_asked_for(default_rate: float) -> None:
    rng = np.random.default_rng(5)
    firms = 200_000
    calm = np.zeros(firms, bool)
    sector = rng.choice(len(trait("share")), firms, p=trait("share"))
    health = simulate_health(calm, MONTHS, rng)
    offset = hazard_offset(base_offset(default_rate), health.level, sector, calm)
    pd = true_pd(offset, health.deviation[:, -1])
    assert pd.mean() == pytest.approx(default_rate, rel=0.03)


def test_even_the_true_pd_ranks_imperfectly() -> None:
    rng = np.random.default_rng(7)
    calm = np.zeros(100_000, bool)
    health = simulate_health(calm, MONTHS, rng)
    offset = hazard_offset(base_offset(0.05), health.level, np.zeros(100_000, np.int64), calm)
    fates = draw_default_months(offset, health.deviation[:, -1], rng)
    assert 0.80 < roc_auc_score(fates > 0, true_pd(offset, health.deviation[:, -1])) < 0.85


def test_the_worse_state_never_has_the_lower_pd() -> None:
    states = np.linspace(-4, 3, 200)
    assert (np.diff(true_pd(np.full(200, -6.0), states)) < 0).all()
    assert (np.diff(true_pd(np.linspace(-12, 0, 200), np.zeros(200))) > 0).all()
