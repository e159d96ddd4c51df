"""Calibration figures equal slower, plainer ones, and restated PDs keep what they must."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression

from tradeline.risk.validation.calibration import (
    SLOPE_PRECISION,
    calibration_bins,
    calibration_by_grade,
    default_rate,
    restate,
    slope_per_draw,
)
from tradeline.risk.validation.resampling import draw_counts

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

rates = st.floats(0.001, 0.999)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), rates, rates)
def test_restating_there_and_back_changes_nothing(pds: list[float], one: float, two: float) -> None:
    given_pds = np.sort(pds)
    there = restate(given_pds, one, two)
    assert restate(there, two, one) == pytest.approx(given_pds)
    assert (np.diff(there) >= -1e-15).all()
    assert restate(np.array([0.0, one, 1.0]), one, two) == pytest.approx(np.array([0.0, two, 1.0]))


def test_restated_pds_are_right_where_bads_are_chosen_more_often() -> None:
    # Three kinds of firms: share of the portfolio, and PD; then bads are five times as likely seen.
    share, pd = np.array([0.6, 0.3, 0.1]), np.array([0.01, 0.05, 0.3])
    bads, goods = 5 * share * pd, share * (1 - pd)
    rate, sample_rate = (share * pd).sum(), bads.sum() / (bads + goods).sum()
    assert restate(pd, rate, sample_rate) == pytest.approx(bads / (bads + goods))


def slope(bad: Flags, log_odds: Floats) -> float:
    return float(slope_per_draw(bad, log_odds, np.ones((1, len(bad)), dtype=np.int32))[0])


def outcomes(rows: int, true_slope: float, seed: int = 1) -> tuple[Flags, Floats]:
    generator = np.random.default_rng(seed)
    log_odds = generator.normal(-1.0, 1.5, rows)
    return generator.random(rows) < expit(true_slope * log_odds + 0.3), log_odds


def test_every_slope_is_that_of_a_plain_optimum() -> None:
    bad, log_odds = outcomes(60, 1.0)
    counts = draw_counts(bad, np.random.default_rng(2), resamples=15)
    for times, found in zip(counts, slope_per_draw(bad, log_odds, counts), strict=True):
        x, y = np.repeat(log_odds, times), np.repeat(bad, times)

        def loss(at: Floats, x: Floats = x, y: Flags = y) -> float:
            linear = at[0] + at[1] * x
            pull = SLOPE_PRECISION / 2 * (at[1] - 1) ** 2
            return float(np.logaddexp(0, np.where(y, -linear, linear)).sum() + pull)

        oracle = minimize(loss, np.array([0.0, 1.0]), method="Nelder-Mead", tol=1e-10)
        assert found == pytest.approx(oracle.x[1], abs=1e-4)


@pytest.mark.parametrize("true_slope", [-0.5, 0.0, 0.7, 1.0, 1.6])
def test_the_slope_is_that_of_logistic_regression_and_near_the_truth(true_slope: float) -> None:
    bad, log_odds = outcomes(4000, true_slope)
    plain = LogisticRegression(C=np.inf, tol=1e-8).fit(log_odds[:, None], bad)
    assert slope(bad, log_odds) == pytest.approx(float(plain.coef_[0, 0]), abs=1e-4)
    assert slope(bad, log_odds) == pytest.approx(true_slope, abs=0.1)


@pytest.mark.parametrize("stretch", [0.1, 10.0, 1000.0])
def test_the_slope_is_found_however_far_pds_lie_apart(stretch: float) -> None:
    bad, log_odds = outcomes(4000, 1.0)
    precise = slope(bad, log_odds) / stretch
    assert slope(bad, log_odds * stretch) == pytest.approx(precise, rel=0.01)


def test_without_overlap_the_slope_stays_finite() -> None:
    log_odds = np.linspace(-3, 3, 40)
    assert 5 < slope(log_odds > 1, log_odds) < 50
    assert -50 < slope(log_odds < 1, log_odds) < -5


@given(st.integers(0, 200), st.integers(1, 200), st.floats(0.5, 0.99))
def test_rates_have_the_exact_interval(defaults: int, firms: int, level: float) -> None:
    defaults = min(defaults, firms)
    interval = default_rate(defaults, firms, level)
    oracle = binomtest(defaults, firms).proportion_ci(level, method="exact")
    assert interval.estimate == defaults / firms
    assert (interval.low, interval.high) == pytest.approx((oracle.low, oracle.high), abs=1e-9)
    assert interval.low <= interval.estimate <= interval.high


@given(st.lists(st.integers(0, 30), min_size=1, max_size=300))
def test_bins_cover_all_firms_and_keep_equal_pds_together(values: list[int]) -> None:
    pds = np.array(values) / 100
    bad = np.arange(len(pds)) % 3 == 0
    bins = calibration_bins(bad, pds)
    assert sum(item.firms for item in bins) == len(pds)
    assert sum(item.defaults for item in bins) == bad.sum()
    assert 1 <= len(bins) <= 10
    assert all(item.firms >= 10 for item in bins) or len(bins) == 1
    ends = np.cumsum([item.firms for item in bins])
    ordered = np.sort(pds)
    assert all(ordered[end - 1] < ordered[end] for end in ends[:-1])
    parts = np.split(ordered, ends[:-1])
    assert [item.predicted for item in bins] == pytest.approx([part.mean() for part in parts])


@pytest.mark.parametrize(
    ("firms", "counts"), [(60, [10] * 6), (5, [5]), (25, [13, 12]), (1000, [100] * 10)]
)
def test_without_ties_bins_have_equal_counts(firms: int, counts: list[int]) -> None:
    pds = np.random.default_rng(3).permutation(np.linspace(0.01, 0.5, firms))
    assert [item.firms for item in calibration_bins(pds > 0.2, pds)] == counts


def test_grades_have_their_own_rates() -> None:
    bad = np.array([False, False, True, True, False])
    pds = np.array([0.1, 0.2, 0.4, 0.6, 0.3])
    by_grade = calibration_by_grade(bad, pds, ["A", "A", "C", "C", "A"], 0.9)
    assert list(by_grade) == ["A", "C"]
    assert by_grade["A"].predicted == pytest.approx(0.2)
    assert (by_grade["A"].firms, by_grade["A"].defaults) == (3, 0)
    assert by_grade["C"].observed == default_rate(2, 2, 0.9)
