"""Recalibrated PDs are right in the mean and in their spread, and nobody changes places."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression

from tradeline.kernel.findings import InputProblem
from tradeline.risk.report.data import Interval
from tradeline.risk.scoring.card import Scale, pd_of_score
from tradeline.risk.validation.calibration import calibration_bins
from tradeline.risk.validation.recalibration import (
    Recalibration,
    fit_shift,
    fit_shift_and_slope,
)

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def wrong(rows: int, shift: float, slope: float, seed: int = 1) -> tuple[Flags, Floats]:
    """Outcomes, and PDs that this shift and this slope would make right."""
    generator = np.random.default_rng(seed)
    log_odds = generator.normal(-2, 1.2, rows)
    return generator.random(rows) < expit(shift + slope * log_odds), expit(log_odds)


def moving(shift: float, slope: float) -> Recalibration:
    return Recalibration(Interval(shift, shift, shift), Interval(slope, slope, slope))


close = st.floats(0, 1) | st.sampled_from([1e-300, 5e-324, 0.5, np.nextafter(0.5, 1), 1 - 2**-53])


@given(st.lists(close, min_size=1, max_size=30), st.floats(-20, 20), st.floats(0.01, 20))
def test_ranks_and_ties_are_kept_to_the_bit(
    values: list[float], shift: float, slope: float
) -> None:
    pds = np.array(values)
    found = moving(shift, slope).pds(pds)
    assert (rankdata(found) == rankdata(pds)).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_a_pd_that_is_not_known_stays_so() -> None:
    found = moving(0.5, 1.0).pds(np.array([0.1, np.nan, 0.1, np.nan]))
    assert np.isnan(found).tolist() == [False, True, False, True]
    assert found[0] == found[2] > 0.1


@given(st.floats(-3, 3), st.floats(0.2, 5), st.integers(200, 900))
def test_a_card_keeps_its_scores_and_its_scale_gives_the_new_pds(
    shift: float, slope: float, score: int
) -> None:
    old = Scale()
    new = moving(shift, slope).scale(old)
    expected = expit(shift + slope * logit(pd_of_score(old, score)))
    assert pd_of_score(new, score) == pytest.approx(expected, rel=1e-6)


def test_a_shift_brings_the_mean_to_the_rate() -> None:
    bad, pds = wrong(5000, 0.8, 1.0)
    found = fit_shift(bad, pds)
    assert found.pds(pds).mean() == pytest.approx(bad.mean())
    assert found.shift.low < 0.8 < found.shift.high
    assert found.slope == Interval(1.0, 1.0, 1.0)


def test_shift_and_slope_are_those_of_a_logistic_regression() -> None:
    bad, pds = wrong(4000, -0.5, 0.6)
    found = fit_shift_and_slope(bad, pds)
    plain = LogisticRegression(C=np.inf, tol=1e-8).fit(logit(pds)[:, None], bad)
    assert found.slope.estimate == pytest.approx(plain.coef_[0, 0], abs=1e-3)
    assert found.shift.estimate == pytest.approx(plain.intercept_[0], abs=1e-3)
    bins = calibration_bins(bad, found.pds(pds), 0.99)
    assert all(item.observed.low <= item.predicted <= item.observed.high for item in bins)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    held = np.zeros(2)
    for seed in range(300):
        found = fit_shift_and_slope(*wrong(600, 0.3, 0.8, seed))
        held += [found.shift.low < 0.3 < found.shift.high, found.slope.low < 0.8 < found.slope.high]
    assert ((held / 300 > 0.85) & (held / 300 < 0.95)).all()


def test_pds_that_are_right_give_no_reason_to_change() -> None:
    found = fit_shift_and_slope(*wrong(3000, 0.0, 1.0))
    assert found.shift.low < 0 < found.shift.high
    assert found.slope.low < 1 < found.slope.high


def test_equal_pds_can_only_be_shifted() -> None:
    bad = np.arange(50) < 10
    assert fit_shift_and_slope(bad, np.full(50, 0.1)) == fit_shift(bad, np.full(50, 0.1))


def test_reversed_ranks_and_one_class_are_refused() -> None:
    bad, pds = wrong(2000, 0.0, -1.0)
    with pytest.raises(InputProblem) as refusal:
        fit_shift_and_slope(bad, pds)
    assert "Firms with higher PDs defaulted less often: the slope is -" in str(refusal.value)
    assert "recalibration never changes ranks." in str(refusal.value)
    with pytest.raises(InputProblem, match="Recalibration needs firms that defaulted and firms"):
        fit_shift(np.zeros(5, dtype=bool), np.full(5, 0.1))
